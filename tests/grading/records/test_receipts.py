"""What is recorded already is left alone, and whatever disturbed it is put right."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from classroom import RIGHT, filled, gradebook_scores, hand_in, make_tiny_course, tiny_release, tiny_solution
from nbgrader.api import Gradebook

from oxboys_mlm.grading import grader
from oxboys_mlm.grading.course import Course

RECEIPT = Path(".oxboys", "receipts", "tiny", f"{hashlib.sha256(b'ada').hexdigest()}.json")
PAGE = Path("autograded") / "ada" / "tiny" / "t.ipynb"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of one, once."""
    course = make_tiny_course(tmp_path_factory.mktemp("graded") / "course")
    hand_in(course, "ada", "tiny", "t", filled(tiny_release(), RIGHT))
    grader.grade(Course(course).assignment("tiny"), None, lambda submission: None)
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """Return a copy of the graded course, with the times of its files."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def _again(course: Path) -> None:
    grader.remark(Course(course).assignment("tiny"), lambda submission: None)


def _book(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def test_unchanged(course: Path) -> None:
    """Nothing is written, and a mark given by hand is not asked for again."""
    with _book(course) as book:
        grade = book.find_grade("needs_multilevel_why", "t", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        check = book.find_grade("needs_multilevel-check", "t", "tiny", "ada")
        check.manual_score, check.needs_manual_grade = 0.5, False
        book.db.commit()
    before = (course / PAGE).stat().st_mtime_ns

    _again(course)

    assert (course / PAGE).stat().st_mtime_ns == before
    with _book(course) as book:
        for name, points in (("needs_multilevel_why", 1.5), ("needs_multilevel-check", 0.5)):
            grade = book.find_grade(name, "t", "tiny", "ada")
            assert (grade.manual_score, grade.needs_manual_grade) == (points, False)


def _sql(statement: str) -> Callable[[Path], None]:
    def change(course: Path) -> None:
        with sqlite3.connect(course / "gradebook.db") as book:
            assert book.execute(statement).rowcount > 0
        book.close()

    return change


def _points(course: Path) -> None:
    nbformat.write(tiny_solution((4, 3)), course / "solutions" / "tiny" / "t.ipynb")


DISTURBED = {
    "graded notebook deleted": lambda course: (course / PAGE).unlink(),
    "graded notebook changed": lambda course: (course / PAGE).write_text("{}"),
    "file added": lambda course: (course / PAGE).with_name("extra.html").write_text("x"),
    "gradebook deleted": lambda course: (course / "gradebook.db").unlink(),
    "mark changed": _sql("update grade set auto_score = 0.25 where auto_score = 1"),
    "mark taken away": _sql("update grade set auto_score = null where auto_score = 1"),
    "comment changed": _sql("update comment set auto_comment = 'x'"),
    "points changed": _points,
    "receipt damaged": lambda course: (course / RECEIPT).write_text("{"),
}


@pytest.mark.parametrize("disturb", DISTURBED.values(), ids=DISTURBED)
def test_disturbed(course: Path, disturb: Callable[[Path], None]) -> None:
    """Marks and graded notebooks are as they should be again, and the class is settled after that."""
    disturb(course)

    _again(course)

    most = (4, 3) if disturb is _points else (1, 1)
    assert gradebook_scores(course, "tiny") == {
        ("ada", "needs_multilevel"): most[0],
        ("ada", "intercept_variance_row"): most[1],
    }
    assert [path.name for path in (course / PAGE).parent.iterdir()] == ["t.ipynb"]
    assert "✔ Right" in (course / PAGE).read_text("utf-8")
    with _book(course) as book:
        assert book.find_comment("needs_multilevel_why", "t", "tiny", "ada").auto_comment is None
    before = (course / PAGE).stat().st_mtime_ns
    _again(course)
    assert (course / PAGE).stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("points", "again"),
    [((4, 1), {"needs_multilevel-check"}), ((1, 1), set())],
    ids=["points changed", "nothing changed"],
)
def test_marks_by_hand_after_a_change(course: Path, points: tuple[float, float], again: set[str]) -> None:
    """After a changed rubric, a mark given by hand is asked for again only where its own question has changed."""
    with _book(course) as book:
        for grade in book.find_submission_notebook("t", "tiny", "ada").grades:
            grade.manual_score, grade.needs_manual_grade = 0.5, False
        book.db.commit()
    nbformat.write(tiny_solution(points), course / "solutions" / "tiny" / "t.ipynb")
    (course / RECEIPT).unlink()

    _again(course)

    with _book(course) as book:
        grades = book.find_submission_notebook("t", "tiny", "ada").grades
        assert {grade.name for grade in grades if grade.needs_manual_grade} == again
        assert {grade.manual_score for grade in grades} == {0.5}


def test_nothing_stays_of_who_is_gone(course: Path) -> None:
    """When a student's folder is gone, the next run over the class forgets what was kept of the student."""
    hand_in(course, "bela", "tiny", "t", filled(tiny_release(), RIGHT))
    shutil.rmtree(course / "submitted" / "ada")
    kept = sorted(path.name for path in (course / ".oxboys").rglob("*.json"))

    grader.grade(Course(course).assignment("tiny"), None, lambda submission: None)

    now = sorted(path.name for path in (course / ".oxboys").rglob("*.json"))
    assert not (course / RECEIPT).exists()
    assert len(now) == len(kept)
    assert len(set(kept) & set(now)) == len(kept) - 2
