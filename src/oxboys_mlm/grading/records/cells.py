"""Read single cells of graded notebooks, by nbgrader's id; a class has thousands, and most of a file is pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from oxboys_mlm.grading.records.notebooks import FEEDBACK

if TYPE_CHECKING:
    from oxboys_mlm.grading.course import Assignment


class _Settings(msgspec.Struct):
    grade_id: str = ""
    grade: bool = False
    solution: bool = False


class _Metadata(msgspec.Struct, rename={"feedback": FEEDBACK}):
    nbgrader: _Settings = msgspec.field(default_factory=_Settings)
    feedback: str = ""


class NotebookCell(msgspec.Struct):
    """A cell of a graded notebook.

    Attributes
    ----------
    cell_type
        "code", "markdown" or "raw".
    metadata
        What nbgrader and the grader say of it.
    attachments
        Pictures that belong to it.
    """

    cell_type: str
    metadata: _Metadata
    source_: list[str] | str = msgspec.field(name="source")
    attachments: dict[str, Any] | None = None

    @property
    def source(self) -> str:
        """What stands in it."""
        return self.source_ if isinstance(self.source_, str) else "".join(self.source_)

    @property
    def name(self) -> str:
        """Its id; empty if it is a student's own."""
        return self.metadata.nbgrader.grade_id


class _Notebook(msgspec.Struct):
    cells: list[NotebookCell]


_DECODER = msgspec.json.Decoder(_Notebook)


def read_cells(path: Path) -> dict[str, NotebookCell]:
    """Read the cells of a graded notebook, by nbgrader's id; none if it cannot be read."""
    try:
        return {cell.name: cell for cell in _DECODER.decode(path.read_bytes()).cells if cell.name}
    except (OSError, msgspec.MsgspecError):
        return {}


def cells_of(assignment: Assignment, student: str, notebook: str) -> dict[str, NotebookCell]:
    """Read the cells of a student's graded notebook; see `read_cells`."""
    return read_cells(graded_notebook(assignment, student, notebook))


def graded_notebook(assignment: Assignment, student: str, notebook: str) -> Path:
    """Return where a student's graded notebook lies, if there is one."""
    return assignment.course.path("autograded", student, assignment.name) / f"{notebook}.ipynb"
