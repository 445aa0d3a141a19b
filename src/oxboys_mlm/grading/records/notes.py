"""What the grader noted on submitted files, apart from marks: ``.oxboys/notes``."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.judging import Submission


class Notes:
    """Notes on submitted files, kept for the report.

    Parameters
    ----------
    root
        The course folder.
    assignment
        Name of the assignment.

    Attributes
    ----------
    by_student
        The notes, by student.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self._path = root / ".oxboys" / "notes" / f"{assignment}.json"
        self.by_student: dict[str, list[str]] = {}
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self.by_student = msgspec.json.decode(self._path.read_bytes(), type=dict[str, list[str]])

    def add(self, submission: Submission) -> None:
        """Add the notes on a submission, in place of earlier ones."""
        remarks = [f"{graded.exercise.name}: {remark}" for graded in submission.notebooks for remark in graded.remarks]
        self.by_student[submission.student] = [*remarks, *filter(None, [submission.handed.note])]

    def write(self) -> None:
        """Write the file."""
        kept = {student: notes for student, notes in self.by_student.items() if notes}
        write_whole(self._path, msgspec.json.encode(kept).decode())
