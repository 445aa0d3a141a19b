"""Texts fit into a feedback page: headings follow each other, and what is too wide has a box."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from oxboys_mlm.grading.feedback.fitting import Headings, fit, fit_notebook
from oxboys_mlm.grading.feedback.safe_outputs import LaidOut, clean, markdown2html

BOX = '<div class="scroll" role="group" aria-label="Table" tabindex="0">'


def _levels(*own: int, above: int = 1) -> list[int]:
    headings = Headings(above)
    return [headings.level(each) for each in own]


def test_headings_skip_no_level() -> None:
    """A heading is one level below the one it stands under, however deep its author made it."""
    assert _levels(1, 2, 2, 3, 1) == [2, 3, 3, 4, 2]
    assert _levels(4, 4, 6, 4) == [2, 2, 3, 2]
    assert _levels(3, 2, 1) == [2, 2, 2]
    assert _levels(1, 2, 3, 4, above=4) == [5, 6, 6, 6]


def test_headings_of_a_notebook() -> None:
    """The course's headings go on from cell to cell; a student's stand below them, and change nothing after them."""
    sources = [("task", "# T"), ("task", "## A"), ("", "# mine\n\n### own"), ("answer", "##### mine"), ("task", "## B")]
    cells = []
    for kind, source in sources:
        text = LaidOut(source)
        text.html = markdown2html(source)
        settings = {"grade_id": "x", "solution": kind == "answer"} if kind else {}
        cell = new_markdown_cell(text, metadata={"nbgrader": settings})
        cell.source = text
        cells.append(cell)
    shown = new_output("display_data", {"text/html": "<h1>shown</h1>"})
    cells.append(new_code_cell(outputs=[shown]))
    fit_notebook(new_notebook(cells=cells))
    assert [cell.source.html[:3] for cell in cells[:-1]] == ["<h2", "<h3", "<h4", "<h4", "<h3"]
    assert "<h5" in cells[2].source.html
    assert shown.data["text/html"] == "<h4>shown</h4>"


def test_headings_of_a_comment() -> None:
    """A comment's headings are words in bold, for a comment stands in a table too."""
    assert fit('<h2 id="in-text-a">A</h2>') == '<p id="in-text-a"><strong>A</strong></p>'


@pytest.mark.parametrize(
    ("formula", "boxes"),
    [("$x$", 0), (f"${'x+' * 20}x$", 1), ("$$x$$", 1), (f"a $x$ b ${'x+' * 20}x$ c $x$", 1)],
    ids=["in a line", "long, in a line", "of its own", "between short ones"],
)
def test_formulas(formula: str, boxes: int) -> None:
    """A formula that may be too wide has a box that the keyboard can reach, and no other has."""
    fitted = fit(markdown2html(formula))

    assert fitted.count('aria-label="Formula" tabindex="0"><math') == boxes
    assert fitted.count("</math></span>") == boxes


def test_tables() -> None:
    """Each table has its box, and an empty corner heads nothing."""
    table = "<table><tr><th></th><th>a</th></tr><tr><td><table></table></td></tr></table>"
    fitted = fit(clean(table))

    assert fitted.count(f"{BOX}<table>") == fitted.count("</table></div>") == 2
    assert "<td></td><th>a</th>" in fitted


@pytest.mark.parametrize("name", ["table", "/table", "math", 'math display="block"', "h1", "/h1", "img", "th></th"])
def test_tags_within_attributes(name: str) -> None:
    """What looks like a tag within an attribute's value is none, and stays as it is."""
    cleaned = clean(f"<p title='<{name}>' style='color:red'>x</p><a href='https://x.org/<{name}>'>x</a>")

    assert fit(cleaned).replace("<td></td>", "<th></th>") == cleaned


@pytest.mark.parametrize("picture", ['<img src="attachment:a">', '<img src="attachment:a" alt="">'])
def test_pictures_without_words(picture: str) -> None:
    """A picture of which nobody said what it shows is called just that."""
    cleaned = clean(picture, {"a": ("image/png", "iVBORw0KGgo=")})

    assert fit(cleaned).count(' alt="Picture without a description">') == 1
    assert fit(cleaned).count("alt=") == 1
