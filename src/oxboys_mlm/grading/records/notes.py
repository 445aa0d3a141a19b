"""What the grader said of submitted files beside their marks: ``.oxboys/notes``."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from oxboys_mlm.grading.files import write_whole


class Notes:
    """What the grader said of submitted files beside their marks, kept for the report: ``.oxboys/notes``.

    Parameters
    ----------
    root
        The course folder.
    assignment
        Name of the assignment.

    Attributes
    ----------
    by_student
        The notes.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self._path = root / ".oxboys" / "notes" / f"{assignment}.json"
        self.by_student: dict[str, list[str]] = {}
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self.by_student = msgspec.json.decode(self._path.read_bytes(), type=dict[str, list[str]])

    def write(self) -> None:
        """Write them."""
        kept = {student: notes for student, notes in self.by_student.items() if notes}
        write_whole(self._path, msgspec.json.encode(kept).decode())
