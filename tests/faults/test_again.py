"""What is graded a second time: marks follow what was handed in last, and what a person gave stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from classroom import (
    RIGHT,
    WRONG,
    filled,
    gradebook_scores,
    hand_in,
    make_tiny_course,
    run,
    tiny_release,
    tiny_solution,
)
from nbformat import NotebookNode, write
from nbgrader.api import Gradebook

FIRST = ("oxboys", "grade", "tiny", "--jobs", "1")
WHY = {"needs_multilevel_why": "The lines lie far apart."}


def _half(notebook: NotebookNode, name: str) -> NotebookNode:
    """Cut the tiny notebook in two, one question in each."""
    notebook.cells = notebook.cells[:4] if name == "t" else notebook.cells[:2] + notebook.cells[4:]
    return notebook


def _hand_in(course: Path, student: str, name: str, answers: dict[str, str]) -> Path:
    return hand_in(course, student, "tiny", name, filled(_half(tiny_release(), name), answers))


def _marks(course: Path, *grader: str) -> dict[tuple[str, str], float | None]:
    done = run(*grader, cwd=course)
    assert done.returncode == 0, done.stderr
    return gradebook_scores(course, "tiny")


@pytest.mark.parametrize("grader", [FIRST, ("nbgrader", "autograde", "tiny", "--force")], ids=["oxboys", "nbgrader"])
def test_again(tmp_path: Path, grader: tuple[str, ...]) -> None:
    """A mark follows the newest answer, that of a notebook not handed in again goes, a person's mark stays."""
    course = make_tiny_course(tmp_path)
    for name in ("t", "u"):
        write(_half(tiny_solution(), name), course / "solutions" / "tiny" / f"{name}.ipynb")
    for student in ("ada", "bela"):
        _hand_in(course, student, "t", RIGHT)
    lost = _hand_in(course, "ada", "u", RIGHT | WHY)
    first = _marks(course, *FIRST)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.find_grade("needs_multilevel_why", "u", "tiny", "ada").manual_score = 1.5
        book.find_comment("needs_multilevel_why", "u", "tiny", "ada").manual_comment = "Well seen."
        book.db.commit()

    again = _marks(course, *grader)
    _hand_in(course, "bela", "t", WRONG)
    lost.unlink()
    changed = _marks(course, *grader)

    key, other = "needs_multilevel", "intercept_variance_row"
    assert first == {("ada", key): 1, ("ada", other): 1, ("bela", key): 1, ("bela", other): 0}
    assert again == first
    assert changed == {("ada", key): 1, ("ada", other): 0, ("bela", key): 0, ("bela", other): 0}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        assert book.find_grade("needs_multilevel_why", "u", "tiny", "ada").manual_score == 1.5
        assert book.find_comment("needs_multilevel_why", "u", "tiny", "ada").manual_comment == "Well seen."


def test_a_folder_left_empty(tmp_path: Path) -> None:
    """A student who took everything back keeps no mark, and the class is graded on."""
    course = make_tiny_course(tmp_path)
    paths = [hand_in(course, student, "tiny", "t", filled(tiny_release(), RIGHT)) for student in ("ada", "bela")]
    _marks(course, *FIRST)
    paths[0].unlink()

    marks = _marks(course, *FIRST)

    assert (marks["ada", "needs_multilevel"], marks["bela", "needs_multilevel"]) == (0, 1)
