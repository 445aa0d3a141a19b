"""Receipts of what was recorded, so that an unchanged submission is not recorded again: ``.oxboys/receipts``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from oxboys_mlm.grading.files import keep_only, write_whole
from oxboys_mlm.grading.records.marksheet import Marksheet


class _Receipt(msgspec.Struct, frozen=True):
    """What was recorded, and what it left behind.

    Attributes
    ----------
    content
        Digest of all that was recorded.
    rows
        Digest of the gradebook's rows afterwards.
    files
        Size and time of change of the files written, by name.
    """

    content: str
    rows: str
    files: dict[str, tuple[int, int]]


def digests(sheets: Mapping[tuple[str, str], Marksheet]) -> dict[str, str]:
    """Return a digest of what checks gave each student; marks and comments by hand do not count.

    Late submissions are left out: the course's settings may change their penalty, so they are always recorded again.

    Parameters
    ----------
    sheets
        The marksheets of an assignment, by student and notebook.
    """
    found: dict[str, list[object]] = {}
    late = {student for (student, _), sheet in sheets.items() if sheet.late_by}
    for (student, notebook), sheet in sorted(sheets.items()):
        checks = {cell: mark.check for cell, mark in sheet.marks.items()}
        row = [notebook, str(sheet.handed_in), sheet.penalty, checks, sheet.automatic_comments]
        found.setdefault(student, []).append(row)
    return {
        student: hashlib.sha256(msgspec.json.encode(rows, order="sorted")).hexdigest()
        for student, rows in found.items()
        if student not in late
    }


class Receipts:
    """Receipts of an assignment, one per student.

    A receipt counts only while the gradebook and the files are as it says.

    Parameters
    ----------
    root
        The course folder.
    assignment
        Name of the assignment.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self.folder = root / ".oxboys" / "receipts" / assignment

    def holds(self, student: str, content: str, rows: str | None, written: Path) -> bool:
        """Return whether exactly this was recorded, and nothing has changed it since.

        Parameters
        ----------
        student
            Whose submission.
        content
            Digest of all that is to be recorded.
        rows
            Digest of what the gradebook has; None if it has nothing that could stay.
        written
            The folder with the files that are written.
        """
        try:
            receipt = msgspec.json.decode(self._path(student).read_bytes(), type=_Receipt)
            return receipt == _Receipt(content, rows or "", _files(written)) and rows is not None
        except (OSError, msgspec.MsgspecError):
            return False

    def exists(self, student: str) -> bool:
        """Return whether something was recorded."""
        return self._path(student).exists()

    def forget(self, student: str) -> None:
        """Forget what was recorded."""
        self._path(student).unlink(missing_ok=True)

    def keep_only(self, students: Iterable[str]) -> None:
        """Forget what was recorded of all but these."""
        keep_only(self.folder, map(self._path, students))

    def write(self, student: str, content: str, rows: str | None, written: Path) -> None:
        """Note what has been recorded."""
        receipt = _Receipt(content, rows or "", _files(written))
        write_whole(self._path(student), msgspec.json.encode(receipt).decode())

    def _path(self, student: str) -> Path:
        # Not the student's name, which may be longer than a file's can be.
        return self.folder / f"{hashlib.sha256(student.encode()).hexdigest()}.json"


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (stat.st_size, stat.st_mtime_ns) for path in folder.iterdir() for stat in [path.lstat()]}
