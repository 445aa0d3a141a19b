"""Turn a solution notebook into a page of the course.

The page shows what students see and, behind a fold, the executed solution of every task that a check marks on the spot.
What is marked after handing in stays with the lecturers: the answers to choices, and the model answers and rubrics of
free texts, leave the notebook here, before anything is executed or stored.
"""

from __future__ import annotations

import re
from itertools import pairwise
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

#: How a notebook describes the figure above, for those who do not see it.
_IN_WORDS = re.compile(r"<details><summary>The figure in words</summary>(.*)</details><br>\n\n")

#: The same for figures that are answers, which notebooks do not describe.
ANSWERS = {
    "pooled_plot": "Scatterplot of height against age, with one rising line through a wide cloud of points.",
    "subject_plot": "Scatterplot of height against age with 26 rising lines, one per boy: far apart, nearly parallel, "
    "each close to its own points.",
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
    _describe_figures(others)
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
    cell.source = cell.source.removeprefix("### BEGIN SOLUTION\n").removesuffix("\n### END SOLUTION")
    cell.metadata = NotebookNode({name: cell.metadata[name] for name in cell.metadata if name == "mystnb"})
    return cell


def _describe_figures(cells: list[NotebookNode]) -> None:
    """Take what notebooks say below a figure, since JupyterLab has no text for pictures, as its text on the page."""
    for above, cell in pairwise(cells):
        described = _IN_WORDS.match(cell.source)
        words = described[1] if described else ANSWERS.get(above.metadata.nbgrader.grade_id)
        if words:
            above.metadata.mystnb = {"image": {"alt": words}}
        if described:
            cell.source = cell.source[described.end() :]


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
