"""Model answers for feedback pages, from the solution notebook."""

from __future__ import annotations

import re

import msgspec

from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.grading.course import Assignment, Exercise
from oxboys_mlm.grading.marking.rubric import model_answer

_MARKERS = re.compile(r"^### (?:BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)
#: A line in the solution of a choice that says why an option is not the answer.
_WHY_NOT = re.compile(r"^# (?P<option>[a-z]+): (?P<why>.+)\n?", re.MULTILINE)


class ModelAnswer(msgspec.Struct, frozen=True):
    """The solution of a question.

    Attributes
    ----------
    code
        Its code.
    text
        Its words, in Markdown.
    """

    code: str = ""
    text: str = ""


def model_answers(assignment: Assignment) -> dict[str, dict[str, ModelAnswer]]:
    """Return the model answers of an assignment, by notebook and key."""
    return {exercise.name: _of(exercise) for exercise in assignment.exercises}


def _of(exercise: Exercise) -> dict[str, ModelAnswer]:
    solutions = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in exercise.solution.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    choices = {check.key for check in exercise.checks if isinstance(check.question, ChoiceQuestion)}
    found = {}
    for key, cell in solutions.items():
        if cell.cell_type == "markdown":
            found[key] = ModelAnswer(text=model_answer(cell.source))
        else:
            code = _MARKERS.sub("", cell.source).strip()
            found[key] = _choice(code) if key in choices else ModelAnswer(code)
    return found


def _choice(code: str) -> ModelAnswer:
    """Separate the key of a choice from the reasons why the other options are not the answer."""
    others = why_not(code)
    text = "\n".join(f"- **{option}** is not the answer: {why}" for option, why in others.items())
    return ModelAnswer(_WHY_NOT.sub("", code).strip(), text)


def why_not(code: str) -> dict[str, str]:
    r"""Return why the other options of a choice are not the answer.

    >>> why_not('letter = "b"\n# a: That is the other share.')
    {'a': 'That is the other share.'}
    """
    return {found["option"]: found["why"] for found in _WHY_NOT.finditer(code)}
