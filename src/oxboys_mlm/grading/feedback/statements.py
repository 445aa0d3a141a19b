"""Ticks of the marking desk for feedback pages: the rubric's statements, met and not met."""

from __future__ import annotations

import msgspec
from nbgrader.api import Gradebook

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.records.by_hand import read_kept, read_standings


class Judged(msgspec.Struct, frozen=True):
    """A statement of a rubric, and whether an answer meets it.

    Attributes
    ----------
    text
        What an answer has to say.
    points
        Points for it.
    met
        Whether the answer says it.
    """

    text: str
    points: float
    met: bool


class Ticked(msgspec.Struct, frozen=True):
    """How the points for a free text came about.

    Attributes
    ----------
    statements
        The rubric's statements.
    difference
        Points that were given on top of what they give; negative if points were taken off.
    reason
        Why.
    """

    statements: tuple[Judged, ...]
    difference: float = 0.0
    reason: str = ""


#: What was ticked, by the key of the question.
Statements = dict[str, Ticked]


def read_statements(course: Course, gradebook: Gradebook, assignment: str) -> dict[tuple[str, str], Statements]:
    """Read what was ticked, by student and notebook.

    Ticks that do not explain the current points are left out: if the answer waits to be marked again, if somebody has
    given other points in formgrader, or if the rubric has changed and the marks have not followed yet.

    Parameters
    ----------
    course, gradebook, assignment
        What was marked.
    """
    if not read_kept(gradebook):
        return {}
    found: dict[tuple[str, str], Statements] = {}
    for text in free_texts(course.assignment(assignment)):
        now = by_ticks.seen(text, "").rubric
        for standing in read_standings(gradebook, assignment, text).values():
            if standing.kept is None or standing.conflict or standing.entry.waits:
                continue
            mark = standing.kept.mark
            if (
                mark.seen.rubric != now
                or by_ticks.points(text.rubric, text.points, mark.ticks, mark.difference) != mark.score
            ):
                continue
            judged = tuple(Judged(each.text, each.points, each.name in mark.ticks) for each in text.rubric.statements)
            if judged:
                # What the question's maximum cuts off is no difference to a student.
                difference = round(mark.score - by_ticks.ticked(text.rubric, mark.ticks), 4)
                ticked = Ticked(judged, difference, mark.reason if difference else "")
                found.setdefault((standing.student, text.notebook), {})[text.key] = ticked
    return found
