"""A notebook of the course, as its questions."""

from __future__ import annotations

from dataclasses import dataclass

from oxboys_mlm.assessment.question import Question


@dataclass(frozen=True)
class Notebook:
    """What a notebook asks.

    Attributes
    ----------
    name
        Its file's name without ending, which is nbgrader's id of it.
    assignment
        The assignment it belongs to.
    questions
        Questions that a check marks, in order.
    free_text
        Keys of the answers in words, which a person marks.
    """

    name: str
    assignment: str
    questions: tuple[Question, ...]
    free_text: tuple[str, ...]
