"""The free texts of an assignment: which cells a person marks, with what is asked there and the rubric."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from oxboys_mlm.grading.course import Assignment, Exercise
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.marking.rubric import Rubric, read_rubric


@dataclass(frozen=True)
class FreeText:
    """A question that is answered in one's own words.

    Attributes
    ----------
    notebook
        nbgrader's id of the notebook.
    key
        nbgrader's id of the cell.
    points
        What it gives at most.
    question
        What is asked, in Markdown.
    untouched
        What stands in the cell until a student writes there.
    rubric
        How it is marked.
    """

    notebook: str
    key: str
    points: float
    question: str
    untouched: str
    rubric: Rubric

    @property
    def title(self) -> str:
        """Heading of what is asked."""
        found = re.search(r"^#{1,6}\s+(.+?)\s*$", self.question, re.MULTILINE)
        return found[1] if found else self.key

    def is_empty(self, answer: str) -> bool:
        """Return whether nothing was written in place of what stood there."""
        return not answer.strip() or answer.split() == self.untouched.split()


def free_texts(assignment: Assignment) -> list[FreeText]:
    """List the free texts of an assignment, in order.

    Raises
    ------
    GradingError
        If a rubric cannot be read: in which notebook and cell, and what is wrong.
    """
    return [text for exercise in assignment.exercises for text in _of(assignment, exercise)]


def _of(assignment: Assignment, exercise: Exercise) -> list[FreeText]:
    solutions = {_name(cell): cell.source for cell in exercise.solution.cells}
    found, question = [], ""
    for cell in exercise.release.cells:
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade") and settings.get("solution"):
            name, points = _name(cell), float(settings["points"])
            try:
                rubric = read_rubric(solutions[name], points)
            except GradingError as error:
                path = assignment.course.path("source", ".", assignment.name) / f"{exercise.name}.ipynb"
                raise GradingError(f"{path}, cell {name}: its rubric cannot be read: {error}") from None
            found.append(FreeText(exercise.name, name, points, question, cell.source, rubric))
        question = cell.source if cell.cell_type == "markdown" else ""
    return found


def _name(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
