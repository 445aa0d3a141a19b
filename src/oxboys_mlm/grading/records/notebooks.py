"""Graded notebooks, with the judge's verdicts in their check cells: ``autograded/``."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from oxboys_mlm.grading import files
from oxboys_mlm.grading.judging import CheckMark
from oxboys_mlm.grading.records import outputs
from oxboys_mlm.grading.submissions import timestamps
from oxboys_mlm.grading.submissions.timestamps import Handed

#: Metadata of a check cell that holds the feedback as plain text.
FEEDBACK = "oxboys_feedback"


def read_notebooks(folder: Path) -> dict[str, NotebookNode]:
    """Read the graded notebooks of an earlier run, by name; one that cannot be read is left out."""
    found = {}
    for path in folder.glob("*.ipynb"):
        with contextlib.suppress(OSError, ValueError, nbformat.ValidationError):
            found[path.stem] = nbformat.read(path, as_version=4)
    return found


def write_notebooks(folder: Path, notebooks: Sequence[tuple[str, NotebookNode]], handed: Handed) -> None:
    """Write graded notebooks to the folder where nbgrader's formgrader and feedback look for them."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, notebook in notebooks:
        files.write_whole(folder / f"{name}.ipynb", nbformat.v4.writes(notebook) + "\n")
    timestamps.write(folder, handed.when)


def write(notebook: NotebookNode, marks: Sequence[CheckMark]) -> NotebookNode:
    """Replace the outputs of all check cells by the judge's own.

    nbgrader reads the points from the plain text; outputs of the kernel in these cells are dropped. Outputs of
    other cells are made valid.
    """
    outputs.make_valid(notebook)
    by_cell = {mark.check.grade_id: mark for mark in marks}
    for cell in notebook.cells:
        mark = by_cell.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if mark is not None:
            cell.metadata.nbgrader["points"] = mark.check.points
            cell.metadata[FEEDBACK] = mark.verdict.feedback
            cell.execution_count = None
            cell.outputs = [
                new_output(
                    "execute_result",
                    data={"text/plain": f"{mark.score:g}", "text/html": mark.verdict._repr_html_()},
                    execution_count=None,
                )
            ]
    return notebook
