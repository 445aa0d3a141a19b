"""Marks are recorded as nbgrader records them, a submission at a time, wholly or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from classroom import make_tiny_course
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook

from oxboys_mlm.assessment.evidence import Missing, Record
from oxboys_mlm.assessment.verdict import Judgement, Verdict
from oxboys_mlm.grading.course import Assignment, Course
from oxboys_mlm.grading.judging import CheckMark
from oxboys_mlm.grading.records import gradebook, notebooks
from oxboys_mlm.grading.records.lateness import LatePenalties
from oxboys_mlm.grading.submissions.timestamps import Handed

KEYS = ("needs_multilevel", "intercept_variance_row")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Make a course whose assignment "tiny" is registered."""
    course = Course(make_tiny_course(tmp_path / "course", points=(1, 3)))
    course.assignment("tiny").register()
    return course


@pytest.fixture
def book(course: Course) -> Iterator[Gradebook]:
    """Open the course's gradebook."""
    with course.gradebook() as book:
        yield book


def _record(
    course: Course,
    book: Gradebook,
    student: str,
    shares: tuple[float, float],
    *,
    text: str = "",
    timestamp: datetime | None = None,
) -> SubmittedNotebook:
    """Record a submission with these shares of the points."""
    (exercise,) = _assignment(course).exercises
    marks = [
        CheckMark(check, "scored", Verdict(Record(check.key, Missing()), Judgement("partly", share, "…"), check.points))
        for check, share in zip(exercise.checks, shares, strict=True)
    ]
    notebook = notebooks.write(exercise.release, marks)
    if text:
        notebook.cells[-1].source = text
    gradebook.record(course, book, "tiny", student, Handed(timestamp), [(exercise.name, notebook)])
    return book.find_submission_notebook("t", "tiny", student)


def _assignment(course: Course) -> Assignment:
    return course.assignment("tiny")


def _grades(book: Gradebook, student: str) -> dict[str, float | None]:
    book.db.expire_all()
    notebook = book.find_submission_notebook("t", "tiny", student)
    return {grade.name: grade.auto_score for grade in notebook.grades}


def test_marks(course: Course, book: Gradebook) -> None:
    """Checks give their marks; a free text has none and waits for a person."""
    notebook = _record(course, book, "ada", (1, 0.5), text="Because of the lines.")

    assert _grades(book, "ada") == {
        "needs_multilevel-check": 1.0,
        "intercept_variance_row-check": 1.5,
        "needs_multilevel_why": None,
    }
    assert notebook.score == 2.5
    assert notebook.max_score == 6
    assert {grade.name for grade in notebook.grades if grade.needs_manual_grade} == {"needs_multilevel_why"}


def test_untouched_text(course: Course, book: Gradebook) -> None:
    """A free text that was never touched is commented "No response."; one that was written is not."""
    for student, text in {"ada": "", "bela": "Because of the lines."}.items():
        notebook = _record(course, book, student, (1, 1), text=text)
        comments = {comment.name: comment.auto_comment for comment in notebook.comments}
        assert comments["needs_multilevel_why"] == (None if text else "No response.")


def test_again(course: Course, book: Gradebook) -> None:
    """Grading again replaces the marks of checks."""
    _record(course, book, "ada", (1, 1))
    _record(course, book, "ada", (0, 0.5))

    assert _grades(book, "ada")["needs_multilevel-check"] == 0
    assert _grades(book, "ada")["intercept_variance_row-check"] == 1.5
    assert len(book.assignment_submissions("tiny")) == 1


def test_what_a_person_gave_stays(course: Course, book: Gradebook) -> None:
    """Marks, extra credit and comments given by hand survive grading again, and ask to be looked at."""
    notebook = _record(course, book, "ada", (0, 0))
    for grade in notebook.grades:
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 0.75, 0.5, False
    for comment in notebook.comments:
        comment.manual_comment = "Well seen."
    book.db.commit()

    notebook = _record(course, book, "ada", (1, 1))

    assert {grade.manual_score for grade in notebook.grades} == {0.75}
    assert {grade.extra_credit for grade in notebook.grades} == {0.5}
    assert {comment.comment for comment in notebook.comments} == {"Well seen."}
    assert all(grade.needs_manual_grade for grade in notebook.grades)
    assert _grades(book, "ada")["needs_multilevel-check"] == 1.0


@pytest.mark.parametrize("known", [True, False], ids=["graded before", "new"])
def test_failure_in_the_middle(course: Course, book: Gradebook, monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    """If recording fails half way, everything is as it was before: no half submission, no new student."""
    if known:
        _record(course, book, "ada", (1, 1))

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(LatePenalties, "of", fail)
        with pytest.raises(RuntimeError, match="disk"):
            _record(course, book, "ada", (0, 0))

    with course.gradebook() as other:
        if known:
            assert _grades(other, "ada")["needs_multilevel-check"] == 1.0
        else:
            with pytest.raises(MissingEntry):
                other.find_student("ada")
            assert other.assignment_submissions("tiny") == []
    _record(course, book, "ada", (0, 1))
    assert _grades(book, "ada")["intercept_variance_row-check"] == 3.0


def test_seen_by_others_only_when_done(course: Course, book: Gradebook) -> None:
    """Inside the transaction nbgrader's own commits commit nothing."""
    with gradebook.transaction(book):
        book.add_student("ada")
        with course.gradebook() as other:
            assert other.students == []
    with course.gradebook() as other:
        assert [student.id for student in other.students] == ["ada"]


@pytest.mark.parametrize(
    ("method", "late", "penalty"),
    [("none", timedelta(hours=5), None), ("zero", timedelta(hours=5), 2.5), ("zero", timedelta(hours=-5), None)],
)
def test_late_penalty(tmp_path: Path, method: str, late: timedelta, penalty: float | None) -> None:
    """A late submission loses what nbgrader's own settings take from it."""
    root = make_tiny_course(tmp_path / "late", points=(1, 3))
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f'\nc.LateSubmissionPlugin.penalty_method = "{method}"\n')
    course, due = Course(root), datetime(2030, 1, 1)
    course.assignment("tiny").register()
    with course.gradebook() as book:
        book.update_or_create_assignment("tiny", duedate=due)
        notebook = _record(course, book, "ada", (1, 0.5), timestamp=due + late)

        assert notebook.late_submission_penalty == penalty
        assert book.find_submission("tiny", "ada").total_seconds_late == max(0, late.total_seconds())
