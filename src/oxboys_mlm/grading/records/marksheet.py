"""Read the gradebook: marks, comments and lateness of every student's notebook.

This is the only reader. Receipts, the report, feedback pages and exports all take what they need from `Marksheet`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
from nbgrader import api
from nbgrader.api import Gradebook

from oxboys_mlm.grading.records.lateness import after_penalty, time_late


class Mark(msgspec.Struct, frozen=True):
    """Where one graded cell stands.

    Attributes
    ----------
    max_score
        Points it can give.
    check
        Points a check gave; None where a person marks.
    by_hand
        Points a person gave; they count in place of the check's.
    extra
        Points a person gave on top.
    waits
        Whether a person has to look at it.
    """

    max_score: float
    check: float | None = None
    by_hand: float | None = None
    extra: float = 0.0
    waits: bool = False

    @property
    def score(self) -> float:
        """Points it gives now."""
        return (self.by_hand if self.by_hand is not None else self.check or 0.0) + self.extra


class Marksheet(msgspec.Struct, frozen=True):
    """Marks and comments of one student's notebook.

    Attributes
    ----------
    student
        nbgrader's id of the student.
    name
        First and last name, as far as they are known.
    marks
        Marks, by nbgrader's id of the graded cell.
    comments
        What lecturers wrote, by nbgrader's id of the answer's cell.
    penalty
        Points that handing in late costs.
    automatic_comments
        What the grader wrote, by nbgrader's id of the answer's cell.
    handed_in
        When the submission was handed in, in UTC; None if that is not known.
    late_by
        How long that was after the deadline; zero if it was not.
    notebook
        nbgrader's id of the notebook.
    """

    student: str
    name: str = ""
    marks: dict[str, Mark] = {}
    comments: dict[str, str] = {}
    penalty: float = 0.0
    automatic_comments: dict[str, str | None] = {}
    handed_in: datetime | None = None
    late_by: timedelta = timedelta()
    notebook: str = ""

    @property
    def score(self) -> float:
        """All points, after a late submission's penalty."""
        return total([self])

    @property
    def max_score(self) -> float:
        """All points there are."""
        return sum(mark.max_score for mark in self.marks.values())

    @property
    def waiting(self) -> list[Mark]:
        """Marks that a person still has to give, or to look at again."""
        return [mark for mark in self.marks.values() if mark.waits]


def total(sheets: Collection[Marksheet]) -> float:
    """Return all points of a student's notebooks, after a late submission's penalty."""
    points = sum(mark.score for sheet in sheets for mark in sheet.marks.values())
    return after_penalty(points, sum(sheet.penalty for sheet in sheets))


def of_assignment(query: Any, assignment: str) -> Any:
    """Return what a query of submitted notebooks finds of one assignment, with their submissions and notebooks."""
    return (
        query.join(api.SubmittedAssignment, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
        .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
        .filter(api.Assignment.name == assignment)
    )


def read_marksheets(
    gradebook: Gradebook, assignment: str, student: str | None = None, notebook: str | None = None
) -> dict[tuple[str, str], Marksheet]:
    """Read the marksheets of an assignment, by student and notebook.

    Parameters
    ----------
    gradebook
        nbgrader's gradebook.
    assignment
        The assignment.
    student, notebook
        Read only those of one student, or of one notebook.
    """
    # One query each: what nbgrader's objects offer would be one per answer.
    chosen = of_assignment(gradebook.db.query(api.SubmittedNotebook), assignment).join(
        api.Student, api.SubmittedAssignment.student_id == api.Student.id
    )
    if student is not None:
        chosen = chosen.filter(api.Student.id == student)
    if notebook is not None:
        chosen = chosen.filter(api.Notebook.name == notebook)
    sheets = {
        (who, name): Marksheet(
            who,
            " ".join(filter(None, (first, last))),
            {},
            {},
            penalty or 0.0,
            {},
            when,
            time_late(when, due, extension),
            name,
        )
        for who, name, first, last, penalty, when, due, extension in chosen.with_entities(
            api.Student.id,
            api.Notebook.name,
            api.Student.first_name,
            api.Student.last_name,
            api.SubmittedNotebook.late_submission_penalty,
            api.SubmittedAssignment.timestamp,
            api.Assignment.duedate,
            api.SubmittedAssignment.extension,
        )
    }
    marks = (
        chosen.join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
        .order_by(api.BaseCell.name)
        .with_entities(
            api.Student.id,
            api.Notebook.name,
            api.BaseCell.name,
            api.Grade.max_score,
            api.Grade.auto_score,
            api.Grade.manual_score,
            api.Grade.extra_credit,
            api.Grade.needs_manual_grade,
        )
    )
    for who, name, cell, points, check, by_hand, extra, waits in marks:
        sheets[who, name].marks[cell] = Mark(points, check, by_hand, extra or 0.0, waits)
    comments = (
        chosen.join(api.Comment, api.Comment.notebook_id == api.SubmittedNotebook.id)
        .join(api.BaseCell, api.Comment.cell_id == api.BaseCell.id)
        .order_by(api.BaseCell.name)
        .with_entities(api.Student.id, api.Notebook.name, api.BaseCell.name, api.Comment.manual_comment)
        .add_columns(api.Comment.auto_comment)
    )
    for who, name, cell, text, automatic in comments:
        sheets[who, name].automatic_comments[cell] = automatic
        if text and text.strip():
            sheets[who, name].comments[cell] = text
    return sheets
