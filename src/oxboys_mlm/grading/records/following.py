"""Bring all marks by hand up to date: the first ones, and those of a second person."""

from __future__ import annotations

from collections.abc import Sequence

from nbgrader.api import Gradebook

from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.marking.free_texts import FreeText
from oxboys_mlm.grading.records import by_hand, second


def follow(assignment: Assignment, gradebook: Gradebook, texts: Sequence[FreeText]) -> by_hand.Followed:
    """Let marks by hand follow answers, questions and rubrics; return what became of the first ones, which count."""
    followed = by_hand.follow(assignment, gradebook, texts)
    second.follow(assignment, gradebook, texts)
    return followed
