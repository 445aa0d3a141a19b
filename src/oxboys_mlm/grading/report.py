"""What a graded class looks like on paper: ``reports/<assignment>/scores.csv``."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.marking import Mark

COLUMNS = ("student", "notebook", "question", "score", "max_score", "outcome", "findings", "feedback")

Row = dict[str, str]


def rows(student: str, notebook: str, marks: Iterable[Mark]) -> list[Row]:
    """Write marks as rows of the table."""
    return [
        {
            "student": student,
            "notebook": notebook,
            "question": mark.check.key,
            "score": f"{mark.score:g}",
            "max_score": f"{mark.check.points:g}",
            "outcome": mark.outcome,
            "findings": ";".join(mark.verdict.findings),
            "feedback": mark.verdict.feedback,
        }
        for mark in marks
    ]


def read_scores(path: Path) -> list[Row]:
    """Read the table of an earlier run; empty if there is none.

    Raises
    ------
    GradingError
        If it is not as it was written, because another program has saved it its own way.
    """
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            table = list(reader) if list(reader.fieldnames or COLUMNS) == list(COLUMNS) else [{}]
    except (UnicodeDecodeError, csv.Error):
        table = [{}]
    if any(set(row) != set(COLUMNS) or None in row.values() for row in table):
        raise GradingError(
            f"{path} is not as it was written (did a spreadsheet save it?); grade the whole class again, without "
            "--student: unchanged submissions are not run again, and the table is written anew"
        )
    return [row | {"student": _PROTECTED.sub("", row["student"])} for row in table]


def write_scores(path: Path, table: Sequence[Row]) -> None:
    """Write the table, whole or not at all, and so that no spreadsheet finds a formula in it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in table:
        # Other people's scripts look students up by this name.
        student = row["student"] if _HARMLESS.fullmatch(row["student"]) else text_cell(row["student"])
        writer.writerow({column: text_cell(row[column]) for column in COLUMNS} | {"student": student})
    write_whole(path, text.getvalue())


# What makes a spreadsheet take a cell for a formula: these at its start, also in full width, and also at the
# start of what a spreadsheet that separates by other signs takes for a cell. An apostrophe before them prevents it.
_FORMULA = re.compile(r"(^|[;,|]\s*(?:\"\s*)?)(?=[=+\-@＝＋－＠])")
_PROTECTED = re.compile(r"^'(?=[=+\-@＝＋－＠])")
#: Names such as "-dash", which a spreadsheet at most does not know.
_HARMLESS = re.compile(r"-[^\W\d][\w.-]*")


def text_cell(text: str | None) -> str:
    """Give a text so that no spreadsheet takes it, or a part of it, for a formula, whatever it separates cells by.

    White space and control characters become single blanks; an apostrophe goes before what would
    start a formula.

    Parameters
    ----------
    text
        The text; None for none.

    Examples
    --------
    >>> text_cell("Grün, Zoë"), text_cell("=1+1"), text_cell("a; =1+1"), text_cell(None)
    ('Grün, Zoë', "'=1+1", "a; '=1+1", '')
    """
    plain = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter for letter in text or "")
    return _FORMULA.sub(r"\1'", " ".join(plain.split()))


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


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever finds half of it, with the rights that the umask leaves."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".new-{secrets.token_hex(8)}")
    try:
        with new.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
