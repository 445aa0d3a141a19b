"""Model answers stand on a page when they are asked for, where a question is marked, and nowhere else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cache

import pytest
from classroom import NOTEBOOKS, ROOT, make_course, read, release, settings
from nbformat import NotebookNode
from nbgrader import utils

from oxboys_mlm import questions
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.feedback.model_answers import ModelAnswer, model_answers, why_not
from oxboys_mlm.grading.feedback.pages import Maker, _Task
from oxboys_mlm.grading.records.marksheet import Mark, Marksheet

CHOICES = [
    (assignment, name, cell)
    for assignment, name in NOTEBOOKS
    for cell in read(ROOT / "solutions" / assignment / f"{name}.ipynb").cells
    if cell.cell_type == "code"
    and settings(cell).get("solution")
    and isinstance(questions.find(settings(cell)["grade_id"]), ChoiceQuestion)
]


@pytest.mark.parametrize(("assignment", "name", "cell"), CHOICES, ids=lambda part: getattr(part, "id", str(part)))
def test_every_option_has_its_reason(assignment: str, name: str, cell: NotebookNode) -> None:
    """A choice's solution says of every option but its own why it is not the answer."""
    source, key = cell.source, settings(cell)["grade_id"]
    answer = re.search(rf'^{key} = "(\w+)"$', source, re.MULTILINE)
    assert answer
    question = questions.find(key)
    assert isinstance(question, ChoiceQuestion)
    assert list(why_not(source)) == [option for option in question.options if option != answer[1]]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Make a course folder with the assignment "core", nothing of which is graded."""
    return Course(make_course(tmp_path_factory.mktemp("answers") / "course", "core"))


@pytest.fixture(scope="module")
def answers(course: Course) -> dict[str, dict[str, ModelAnswer]]:
    """Read the model answers."""
    return model_answers(course.assignment("core"))


NAMES = [name for assignment, name in NOTEBOOKS if assignment == "core"]


def _page(course: Course, name: str, solutions: dict[str, ModelAnswer] | None, *, open_texts: bool = False) -> str:
    """Make the page of a notebook that was handed in as it was handed out."""
    cells = [cell for cell in release("core", name).cells if utils.is_grade(cell)]
    marks = {
        settings(cell)["grade_id"]: Mark(1.0, None if utils.is_solution(cell) else 0.0, None, 0.0, True)
        if open_texts and utils.is_solution(cell)
        else Mark(1.0, 0.0, 0.0)
        for cell in cells
    }
    path = course.path("autograded", "ada", "core") / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((course.path("release", ".", "core") / f"{name}.ipynb").read_bytes())
    return Maker(course.root).page(_Task("ada", path, Marksheet("ada", marks=marks), solutions))


def _runs(text: str, length: int = 5) -> set[tuple[str, ...]]:
    """Return all runs of words of a text, without its markup."""
    words = re.findall(r"\w+", html.unescape(re.sub(r"<[^>]+>", "", text)))
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


@cache
def _handed_out() -> set[tuple[str, ...]]:
    return {run for name in NAMES for cell in release("core", name).cells for run in _runs(cell.source)}


def _secrets(parts: Iterable[str]) -> set[tuple[str, ...]]:
    """Return what only solutions say."""
    return {run for part in parts for run in _runs(part)} - _handed_out()


def _solution_cells(name: str) -> dict[str, str]:
    cells = read(ROOT / "solutions" / "core" / f"{name}.ipynb").cells
    return {settings(cell)["grade_id"]: cell.source for cell in cells if settings(cell).get("solution")}


@pytest.mark.parametrize("name", NAMES)
def test_no_word_without_the_option(course: Course, name: str) -> None:
    """A page that was made without the option holds not a word of any solution, and no place for one."""
    page = _page(course, name, None)
    every = _secrets(source for other in NAMES for source in _solution_cells(other).values())
    assert len(every) > 1000
    assert _runs(page) & every == set()
    assert "<summary>Solution" not in page
    assert page.count("<details") == page.count("<summary>The figure in words</summary>")


@pytest.mark.parametrize("name", NAMES)
def test_own_questions_alone(course: Course, answers: dict[str, dict[str, ModelAnswer]], name: str) -> None:
    """With it, a page holds the model answers of its own questions, folded, and of no others; no rubric."""
    page = _page(course, name, answers[name])
    own = _secrets(answer.code for answer in answers[name].values())
    others = _secrets(source for other in NAMES if other != name for source in _solution_cells(other).values())
    rubrics = _secrets(
        part for source in _solution_cells(name).values() for part in re.findall(r"```toml.*?```", source, re.S)
    )
    found = _runs(page)
    assert own <= found
    assert found & (others - _secrets(_solution_cells(name).values())) == set()
    assert rubrics
    assert found & (rubrics - own - _secrets(answer.text for answer in answers[name].values())) == set()
    assert page.count('<details class="solution">') == page.count("<summary>Solution</summary>") == len(answers[name])


@pytest.mark.parametrize("name", NAMES)
def test_not_before_it_is_marked(course: Course, answers: dict[str, dict[str, ModelAnswer]], name: str) -> None:
    """A free text that still waits for its mark has no model answer on the page yet."""
    page = _page(course, name, answers[name], open_texts=True)
    shown = _secrets(part for answer in answers[name].values() if answer.code for part in (answer.code, answer.text))
    texts = _secrets(answer.text for answer in answers[name].values() if not answer.code) - shown
    assert texts
    assert _runs(page) & texts == set()


def test_choice() -> None:
    """A choice shows its key, and of every other option why it is not the answer."""
    found = model_answers(Course(ROOT).assignment("voluntary"))["5-slope-only"]["why_singular"]
    assert found.code == 'why_singular = "c"'
    assert [line[:6] for line in found.text.splitlines()] == ["- **a*", "- **b*", "- **d*"]


def test_free_text_without_rubric() -> None:
    """A free text shows the model answer and nothing of how it is marked."""
    found = model_answers(Course(ROOT).assignment("voluntary"))["5-slope-only"]["slope_only_difference"]
    assert found.text
    assert not found.code
    assert "statement" not in found.text
    assert "Model answer" not in found.text
