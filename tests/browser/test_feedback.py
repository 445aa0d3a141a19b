"""Everybody can use a feedback page: on a phone, in the dark, with the keyboard alone, read aloud."""

from __future__ import annotations

import copy
from itertools import cycle
from pathlib import Path
from typing import Literal

import pytest
from browser.axe import violations
from classroom import ASSIGNMENTS, NOTEBOOKS, make_course
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from playwright.sync_api import Page, expect

from oxboys_mlm.assessment.evidence import Missing, Record
from oxboys_mlm.assessment.verdict import Judgement, Verdict
from oxboys_mlm.grading.course import Course, Exercise
from oxboys_mlm.grading.feedback.pages import make_pages
from oxboys_mlm.grading.judging import CheckMark
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.free_texts import FreeText, free_texts
from oxboys_mlm.grading.records import by_hand, gradebook, notebooks
from oxboys_mlm.grading.submissions.timestamps import Handed

pytestmark = [pytest.mark.browser]

#: How checks can end.
JUDGEMENTS = [
    Judgement.right("Yes, that is it."),
    Judgement("partly", 0.5, "Look at `cov_re`."),
    Judgement("wrong", 0.0, f"Look at {'a long line of words, ' * 9}again.\nAnd at `x`."),
    Judgement.missing("There is no answer yet."),
]

FORMULA = r"""$$y_{ij} = \gamma_{00} + \gamma_{10} x_{ij} + u_{0j} + u_{1j} x_{ij} + e_{ij}, \qquad
\begin{pmatrix}u_{0j}\\u_{1j}\end{pmatrix} \sim N\left(\begin{pmatrix}0\\0\end{pmatrix},
\begin{pmatrix}\tau_{00} & \tau_{01}\\ \tau_{01} & \tau_{11}\end{pmatrix}\right)$$"""
TABLE = f"|{'a wide column|' * 9}\n|{'---|' * 9}\n|{'1.234|' * 9}"
ANSWER = f"""# My answer

If {FORMULA.replace("$$", "$").replace(chr(10), " ")}, then AWordWithoutBlanks{"AndSoOn" * 20}.

### With a table

{TABLE}

![](attachment:sketch.png) [Link](https://example.org/{"a/" * 60})

```python
{"a_long_line_of_code = " * 9}1
```
"""
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
COMMENT = f"#### Read this\n\n{FORMULA}\n\n{TABLE}\n\n{'Much is said here. ' * 20}"

OUTPUTS = [
    new_output("stream", name="stdout", text="A long line. " * 30),
    new_output("stream", name="stderr", text="A warning. " * 30),
    new_output("display_data", {"text/html": f"<table><tr><th></th>{'<th>wide</th>' * 30}</tr></table>"}),
    new_output("display_data", {"text/markdown": f"## Shown\n\n{FORMULA}"}),
    new_output("display_data", {"image/png": PICTURE, "text/plain": "<Figure>"}),
    new_output("execute_result", {"text/plain": "coef   " * 40}, execution_count=1),
    new_output(
        "error",
        ename="KeyError",
        evalue="height",
        traceback=[
            "\x1b[31mKeyError\x1b[39m",
            f"\x1b[32m----> 1\x1b[39m {'data[0]' * 30}\x1b[38;5;28mreturn\x1b[39m \x1b[33m'x'\x1b[39m",
            "\x1b[1mKeyError\x1b[0m: 'height'",
        ],
    ),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Path:
    """Make a page of each notebook, with all that a page can show; nothing is run for it."""
    root = make_course(tmp_path_factory.mktemp("pages") / "course")
    with (root / "nbgrader_config.py").open("a") as file:
        file.write('c.LatePolicy.penalty_method = "daily"\n')
    course = Course(root)
    for name in ASSIGNMENTS:
        assignment = course.assignment(name)
        assignment.register()
        with course.gradebook() as book:
            by_hand.prepare(book)
            made = [(exercise.name, _graded(exercise)) for exercise in assignment.exercises]
            gradebook.record(course, book, name, "ada", Handed(None), made, {})
            notebooks.write_notebooks(course.path("autograded", "ada", name), made, Handed(None))
            for text, difference in zip(free_texts(assignment), cycle((0.5, -0.5, 0.0))):
                standings = by_hand.read_standings(book, name, text).values()
                changes = [_marked(text, standing, difference) for standing in standings]
                by_hand.save(course, book, name, text, changes, "marker")
        make_pages(course, name, None, lambda pages: None, progress=lambda done, total: None, jobs=1, solutions=True)
    return root


def _graded(exercise: Exercise) -> NotebookNode:
    marks = [
        CheckMark(check, "scored", Verdict(Record(check.key, Missing()), judgement, check.points))
        for check, judgement in zip(exercise.checks, cycle(JUDGEMENTS))
    ]
    notebook = notebooks.write(copy.deepcopy(exercise.release), marks)
    own = new_code_cell("shown = " + "1 + " * 60 + "1", outputs=copy.deepcopy(OUTPUTS))
    notebook.cells.insert(2, own)
    notebook.cells.insert(3, new_markdown_cell("##### A note of my own"))
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and settings.get("solution"):
            cell.source = ANSWER
            cell["attachments"] = {"sketch.png": {"image/png": PICTURE}}
    return notebook


def _marked(text: FreeText, standing: by_hand.Standing, difference: float) -> by_hand.Change:
    ticks = tuple(each.name for each in text.rubric.statements[:1])
    score = by_ticks.points(text.rubric, text.points, ticks, difference)
    seen = by_ticks.seen(text, ANSWER, {"sketch.png": {"image/png": PICTURE}})
    mark = by_ticks.HandMark(ticks, difference, "The second reason is missing.", seen, score)
    return by_hand.Change(standing.grade, standing.stamp, mark, by_ticks.Entry(score, False), COMMENT)


@pytest.fixture(params=NOTEBOOKS, ids=[name for _, name in NOTEBOOKS])
def feedback(request: pytest.FixtureRequest, root: Path) -> str:
    """Return the address of a notebook's page."""
    assignment, name = request.param
    return (root / "feedback" / "ada" / assignment / f"{name}.html").as_uri()


@pytest.fixture
def one(root: Path) -> str:
    """Return the address of one page."""
    return (root / "feedback" / "ada" / "core" / "2-null-model.html").as_uri()


def _open(page: Page, address: str) -> None:
    """Open a page with all its folds."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")


#: What is scrolled sideways, and cannot be reached by the keyboard.
_UNREACHABLE = """[...document.querySelectorAll("*")].filter((box) =>
  box.scrollWidth > box.clientWidth + 1 && box.clientWidth && box.tabIndex < 0
  && getComputedStyle(box).overflowX !== "visible").map((box) => box.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(page: Page, feedback: str, scheme: Literal["light", "dark"]) -> None:
    """Axe finds nothing on a phone; the page does not scroll sideways, and the keyboard reaches all that does."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    _open(page, feedback)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(_UNREACHABLE) == []


def test_dark(page: Page, one: str) -> None:
    """A page is dark where the system is, though no style of Jupyter's is there."""
    brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    page.emulate_media(color_scheme="dark")
    page.goto(one)
    assert max(page.evaluate(brightness)) < 60
    page.emulate_media(color_scheme="light")
    assert min(page.evaluate(brightness)) > 200


def test_by_keyboard(page: Page, one: str) -> None:
    """Tab leads past the table of points; the arrow keys scroll a box; the return key opens a solution."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(one)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the notebook")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    box = page.get_by_role("main").locator(".scroll").first
    expect(box).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")

    fold = page.locator("details.solution").first
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.evaluate("fold => fold.open")


def test_read_aloud(page: Page, one: str) -> None:
    """A screen reader is told marks in words, statements with their reason, and tables by name; and no signs."""
    page.goto(one)
    table = page.get_by_role("table", name="Points for each question")
    expect(table.get_by_role("rowheader")).to_have_count(6)
    told = page.locator("body").aria_snapshot()
    for words in (
        "banner",
        "main",
        'link "Skip to the notebook"',
        "met, ",
        "not met, 0 of ",
        "0.5 points taken off by the lecturer. Reason: The second reason is missing.",
        'img "Picture that this cell drew"',
        'img "Picture without a description"',
        "Formula",
    ):
        assert words in told
    # A verdict's headline says the word after its sign.
    for headline in ("✔ Right", "◐ Partly right", "✘ Not yet", "○ No answer yet"):
        told = told.replace(headline, "")
    assert not set("✎○✔◐✘") & set(told)
