"""The table of scores: ``reports/<assignment>/scores.csv``, one row per student and question."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.judging import CheckMark, Submission
from oxboys_mlm.grading.results import Outcome
from oxboys_mlm.grading.tables import read_table, text_cell

# Points are rounded to four decimals, so nothing smaller is a difference.
_TINY = 1e-6


class Score(msgspec.Struct, frozen=True):
    """A row of the table. The names of its fields are the names of the columns.

    Attributes
    ----------
    student, notebook, question
        Whose answer to which question.
    score, max_score
        Points that the check gave, and could have given.
    outcome
        How the answer stands.
    findings
        Names of recognised mistakes.
    feedback
        What the student is told.
    """

    student: str
    notebook: str
    question: str
    score: float
    max_score: float
    outcome: Outcome
    findings: tuple[str, ...] = ()
    feedback: str = ""

    @property
    def share(self) -> float | None:
        """Share of the points; None where there are no points to earn."""
        return self.score / self.max_score if self.max_score > 0 else None

    @property
    def right(self) -> bool:
        """Whether it earned full points."""
        return self.outcome == "scored" and self.score >= self.max_score - _TINY

    @property
    def partly(self) -> bool:
        """Whether it earned some of the points."""
        return self.outcome == "scored" and not self.right and self.score > _TINY

    @property
    def tried(self) -> bool:
        """Whether there was an answer to judge."""
        return self.outcome not in ("missing", "unreadable")


COLUMNS = Score.__struct_fields__


def scores_of(student: str, notebook: str, marks: Iterable[CheckMark]) -> list[Score]:
    """Return the rows of a student's notebook."""
    return [
        Score(
            student,
            notebook,
            mark.check.key,
            mark.score,
            mark.check.points,
            mark.outcome,
            mark.verdict.findings,
            mark.verdict.feedback,
        )
        for mark in marks
    ]


class ScoreTable:
    """The table of scores while a class is graded.

    Parameters
    ----------
    assignment
        What is graded.
    keep_others
        Whether to keep the rows of students who are not graded now.
    """

    def __init__(self, assignment: Assignment, *, keep_others: bool) -> None:
        self.path = assignment.course.root / "reports" / assignment.name / "scores.csv"
        self._scores: dict[str, list[Score]] = {}
        asked = {(exercise.name, check.key) for exercise in assignment.exercises for check in exercise.checks}
        for score in read_scores(self.path) if keep_others else ():
            if (score.notebook, score.question) in asked:
                self._scores.setdefault(score.student, []).append(score)

    def add(self, submission: Submission) -> None:
        """Add the rows of a submission, in place of any earlier ones."""
        self._scores[submission.student] = [
            score
            for graded in submission.notebooks
            for score in scores_of(submission.student, graded.exercise.name, graded.marks)
        ]

    @property
    def scores(self) -> list[Score]:
        """All rows, by student."""
        return [score for student in sorted(self._scores) for score in self._scores[student]]

    def write(self) -> Path:
        """Write the table and return its path."""
        write_scores(self.path, self.scores)
        return self.path


# An apostrophe that `text_cell` put before a name.
_PROTECTED = re.compile(r"^'(?=[=+\-@＝＋－＠])")

#: Names such as "-dash": a spreadsheet may show an error for one, but runs nothing.
_HARMLESS = re.compile(r"-[^\W\d][\w.-]*")


def read_scores(path: Path) -> list[Score]:
    """Read the table of an earlier run; empty if there is none.

    Raises
    ------
    GradingError
        If another program has changed the table so that it cannot be read.
    """
    if not path.is_file():
        return []
    try:
        return [_read(row) for row in read_table(path, COLUMNS).values()]
    except (GradingError, KeyError, ValueError) as error:
        raise GradingError(
            f"{path} is not as it was written (did a spreadsheet save it?); grade the whole class again, without "
            "--student: unchanged submissions are not run again, and the table is rewritten"
        ) from error


def _read(row: Mapping[str, str]) -> Score:
    findings = tuple(name for name in row["findings"].split(";") if name)
    student = _PROTECTED.sub("", row["student"])
    score = msgspec.convert({**row, "findings": findings, "student": student}, Score, strict=False)
    if not math.isfinite(score.score) or not math.isfinite(score.max_score):
        raise ValueError(row)
    return score


def write_scores(path: Path, scores: Sequence[Score]) -> None:
    """Write the whole table, or nothing; no cell of it is a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for score in scores:
        cells = {
            **msgspec.structs.asdict(score),
            "score": f"{score.score:g}",
            "max_score": f"{score.max_score:g}",
            "findings": ";".join(score.findings),
        }
        # Other people's scripts find students by this name.
        student = score.student if _HARMLESS.fullmatch(score.student) else text_cell(score.student)
        writer.writerow({column: text_cell(cell) for column, cell in cells.items()} | {"student": student})
    write_whole(path, text.getvalue())
