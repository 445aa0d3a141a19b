"""What a person ticked at the marking desk, for feedback pages: the rubric's statements, met and not met."""

from __future__ import annotations

import msgspec
from nbgrader.api import Gradebook

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.marking import rule
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.records.by_hand import read_kept, read_standings


class Judged(msgspec.Struct, frozen=True):
    """A statement of a rubric, and whether an answer makes it.

    Attributes
    ----------
    text
        What an answer has to say.
    points
        What that gives.
    met
        Whether it does.
    """

    text: str
    points: float
    met: bool


#: Statements by the key of the question.
Statements = dict[str, tuple[Judged, ...]]


def read_statements(course: Course, gradebook: Gradebook, assignment: str) -> dict[tuple[str, str], Statements]:
    """Read what was ticked, by student and notebook.

    Where an answer waits to be looked at again, or somebody has given other points in formgrader, or the rubric has
    changed since and no marks have followed yet, ticks do not say how the points came about, and are left out.

    Parameters
    ----------
    course, gradebook, assignment
        What was marked.
    """
    if not read_kept(gradebook):
        return {}
    found: dict[tuple[str, str], Statements] = {}
    for text in free_texts(course.assignment(assignment)):
        now = rule.seen(text, "").rubric
        for standing in read_standings(gradebook, assignment, text).values():
            if standing.kept is None or standing.conflict or standing.entry.waits:
                continue
            mark = standing.kept.mark
            if (
                mark.seen.rubric != now
                or rule.points(text.rubric, text.points, mark.ticks, mark.difference) != mark.score
            ):
                continue
            judged = tuple(Judged(each.text, each.points, each.name in mark.ticks) for each in text.rubric.statements)
            if judged:
                found.setdefault((standing.student, text.notebook), {})[text.key] = judged
    return found
