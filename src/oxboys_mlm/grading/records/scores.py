"""The table of scores: ``reports/<assignment>/scores.csv``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.judging import Mark, Submission
from oxboys_mlm.grading.records import scores
from oxboys_mlm.grading.tables import text_cell


class ScoreTable:
    """The table of scores while a class is graded.

    Parameters
    ----------
    assignment
        What is graded.
    keep_others
        Whether rows of students who are not graded now stay as they are.
    """

    def __init__(self, assignment: Assignment, *, keep_others: bool) -> None:
        self.path = assignment.course.root / "reports" / assignment.name / "scores.csv"
        self._rows: dict[str, list[scores.Row]] = {}
        asked = {(exercise.name, check.key) for exercise in assignment.exercises for check in exercise.checks}
        for row in scores.read_scores(self.path) if keep_others else ():
            if (row["notebook"], row["question"]) not in asked:
                continue
            self._rows.setdefault(row["student"], []).append(row)

    def add(self, submission: Submission) -> None:
        """Add a submission's rows, in place of any earlier ones."""
        self._rows[submission.student] = [
            row
            for graded in submission.notebooks
            for row in scores.rows(submission.student, graded.exercise.name, graded.marks)
        ]

    @property
    def rows(self) -> list[scores.Row]:
        """All rows, by student."""
        return [row for student in sorted(self._rows) for row in self._rows[student]]

    def write(self) -> Path:
        """Write the table and give its path."""
        scores.write_scores(self.path, self.rows)
        return self.path


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


_PROTECTED = re.compile(r"^'(?=[=+\-@＝＋－＠])")


#: Names such as "-dash", which a spreadsheet at most does not know.
_HARMLESS = re.compile(r"-[^\W\d][\w.-]*")
