"""Turn a solution notebook into a page of the course.

The page shows what students see and, behind a fold, the executed solution of every task that a check marks on the spot.
What is marked after handing in stays with the lecturers: the answers to choices, and the model answers and rubrics of
free texts, leave the notebook here, before anything is executed or stored.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from oxboys_mlm import questions
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.grading import launching
from oxboys_mlm.questions import Notebook

#: The folder of the project, whose pyproject.toml may have the repository's address.
PROJECT = Path(__file__).resolve().parents[2]

#: What the figures show, for those who do not see them, by the cell that draws them.
FIGURES = {
    "worked-histogram": "Histogram of all 234 heights: one hill with its top near 150 cm.",
    "pooled_plot": "Scatterplot of height against age, with one rising line through a wide cloud of points.",
    "subject_plot": "Scatterplot of height against age with 26 rising lines, one per boy: far apart, nearly parallel, "
    "each close to its own points.",
    "between-within": "The boys side by side, sorted by mean height: their means differ by some 35 cm, the nine "
    "heights of one boy by 8 to 19 cm.",
    "parallel-lines": "26 parallel rising lines, one per boy, at different heights; a thick line in their middle is "
    "the average boy.",
    "leftover-growth": "Residuals of the random-intercept model against age, a line per boy. The lines of the fastest "
    "growers climb, those of the slowest fall.",
    "slopes-against-intercepts": "Scatterplot of 26 boys: own slope against own intercept. Taller boys tend to have "
    "steeper slopes.",
    "shared-intercept": "Three boys in two panels. With intercepts of their own, each line runs through its boy's "
    "points; with one shared intercept, the lines cross at age 0 and miss the points of the tall and the short boy.",
    "pooling": "Boy 10 in four panels, with one, two, four and eight visits known. The average line lies far above his "
    "points. His own line is too steep with two visits; the model's line stays near his points in all panels.",
    "forecast-errors": "Error of forecasts against the number of visits known. The average line: 9 cm throughout. The "
    "own line: from 5.6 cm with two visits to 1.1 cm with eight. The model: 2.7 cm with one visit, then falling to the "
    "same 1.1 cm.",
    "straight-growth": "Mean residual at nine visits, for made-up heights that grow along straight lines: the dots lie "
    "above and below zero in no order, and every bar crosses the zero line.",
    "two-models": "Mean residuals at nine visits, for parallel lines and for the fan. The dots of both models are the "
    "same: above zero at visits 1, 2, 8 and 9, below zero from 3 to 7. The bars of the parallel lines are wider.",
    "with-a-curve": "Mean residuals at nine visits, for the fan of straight lines and the fan with a bend. With the "
    "bend the dots lie near zero, some above it, some below, and are no longer high at both ends.",
    "moved-zero": "The lines of 26 boys in two panels. From the first visit to the last they open like a fan; dots "
    "mark where they cross zero at the first visit, in mid-study and at the last visit. Drawn on to birth, they cross "
    "before the study begins, and spread most at birth.",
    "spread-by-visit": "Standard deviation of height against age. The nine measured values rise, close to the curve "
    "of the fan. The line of parallel lines is flat, above the first values and below the last.",
    "variance-at-the-edge": "Histogram of the variance of slopes, less noise, in 1000 simulated studies without any: "
    "one hill over zero, about half of it on either side. A dashed line for our own study stands just right of zero.",
    "intervals": "Height against age with three bands. The one around the average line is narrow, the one for boys is "
    "wide and opens to the right, and the one for boy 2 is narrowest, close around his own points.",
    "coverage": "A hundred simulated studies side by side, each with its interval for the average slope. Most "
    "intervals cross the line of the true slope; a few, in orange, miss it.",
}

#: Words that the glossary explains, as they are printed where they come up first: by notebook, the words and the entry.
TERMS = {
    "2-null-model": {
        "$\\tau_{00}$ the variance **between** boys": "$\\tau_{00}$ the variance {term}`between <τ>` boys",
        "variance\n**within** boys": "variance\n{term}`within <σ²>` boys",
        "**fixed effect**": "{term}`fixed effect`",
        "**random effect**": "{term}`random effect`",
        "**likelihood**": "{term}`likelihood`",
        "**log-likelihood**": "{term}`log-likelihood`",
        "**optimiser**": "{term}`optimiser`",
        "**REML**": "{term}`REML`",
    },
    "5-slope-only": {
        "**likelihood ratio**": "{term}`likelihood ratio`",
        "**singular**": "{term}`singular <singular fit>`",
    },
    "6-borrowing-strength": {"**shrinks**": "{term}`shrinks <shrinkage>`"},
    "8-which-model": {"**ML**": "{term}`ML`"},
    "9-is-the-line-straight": {"**residual**": "{term}`residual`"},
}

#: A link from one notebook to another, whose pages stand side by side.
_LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./\w+/)?([\w-]+)\.ipynb\)")

_CHOICE = "No solution here: choices are marked after you hand in, so this site does not tell which one is right."
_FREE_TEXT = "No solution here: answers in your own words are read and marked by a person."


def read(text: str) -> NotebookNode:
    """Read a solution notebook as a page; myst-nb calls this."""
    source = nbformat.reads(text, as_version=4)
    notebook = _notebook_of(source)
    title, *others = source.cells
    # Drawn as curves, figures are sharp on every screen.
    cells = [new_code_cell("%config InlineBackend.figure_formats = ['svg']", metadata={"tags": ["remove-cell"]})]
    cells += [_bare(title), _how_to_work(notebook)]
    for cell in others:
        cells += _shown(cell)
    _add_links(notebook.name, cells)
    source.cells = cells
    return source


def _shown(cell: NotebookNode) -> list[NotebookNode]:
    """Return what the page shows in place of a cell."""
    settings = cell.metadata.nbgrader
    name = settings.grade_id
    if name in ("hand-in", "progress"):  # about a student's own work
        return []
    if cell.cell_type == "markdown":
        return [_remark(_FREE_TEXT)] if settings.solution else [_bare(cell)]
    if settings.solution:
        if isinstance(questions.find(name), ChoiceQuestion):
            return [_remark(_CHOICE)]
        return [new_markdown_cell('<details class="solution"><summary>Solution</summary>'), _bare(cell)]
    if settings.grade:
        if isinstance(questions.find(name.removesuffix("-check")), ChoiceQuestion):
            return []
        return [_bare(cell), new_markdown_cell("</details>")]
    return [_bare(cell)]


def _bare(cell: NotebookNode) -> NotebookNode:
    """Leave out what only nbgrader needs."""
    name = cell.metadata.nbgrader.grade_id
    cell.source = cell.source.removeprefix("### BEGIN SOLUTION\n").removesuffix("\n### END SOLUTION")
    cell.metadata = NotebookNode()
    if name in FIGURES:
        cell.metadata.mystnb = {"image": {"alt": FIGURES[name]}}
    return cell


def _add_links(name: str, cells: list[NotebookNode]) -> None:
    """Lead to the pages of other notebooks, and to the glossary where its words come up first."""
    texts = [cell for cell in cells if cell.cell_type == "markdown"]
    for cell in texts:
        cell.source = _LINK.sub(r"{doc}`\1 </course/\2>`", cell.source)
    for words, linked in TERMS.get(name, {}).items():
        first = next(cell for cell in texts if words in cell.source)
        first.source = first.source.replace(words, linked, 1)


def _notebook_of(source: NotebookNode) -> Notebook:
    first = next(cell for cell in source.cells if cell.metadata.nbgrader.solution)
    return questions.notebook_of(first.metadata.nbgrader.grade_id)


def _how_to_work(notebook: Notebook) -> NotebookNode:
    path = f"notebooks/{notebook.assignment}/{notebook.name}.ipynb"
    address = launching.repository(PROJECT)
    links = launching.links(address, path) if address else {}
    elsewhere = " or ".join(f"[{place}]({link})" for place, link in links.items())
    return new_markdown_cell(
        f"To do the exercise, open [the notebook](path:../../{path}) in [JupyterLab](../index.rst#start)"
        f"{elsewhere and f', or without an installation on {elsewhere}'}. "
        "This page is for reading; unfold a solution when you have tried."
    )


def _remark(text: str) -> NotebookNode:
    return new_markdown_cell(f'<p class="no-solution">{text}</p>')
