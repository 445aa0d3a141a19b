"""Choose whose submissions are graded: some students', or everybody's."""

from __future__ import annotations

from collections.abc import Sequence

from oxboys_mlm.grading import names
from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.names import Student


def everybody(assignment: Assignment) -> list[Student]:
    """Return all students who handed in."""

    def known() -> list[str]:
        with assignment.course.gradebook() as book:
            return [student.id for student in book.students]

    return names.identify(assignment.students(), known)


def choose(assignment: Assignment, asked: Sequence[str] | None) -> list[Student]:
    """Return the students to grade.

    Parameters
    ----------
    assignment
        The assignment.
    asked
        Ids of the students; None for everybody who handed in.

    Raises
    ------
    GradingError
        If one of them has not handed in, or nobody has.
    """
    found = everybody(assignment)
    chosen = select([student.name for student in found], asked, f"has not handed in {assignment.name!r}")
    if not found:
        where = assignment.course.path("submitted", "<student>", assignment.name)
        raise GradingError(f"nobody has handed in {assignment.name!r}: there is no folder {where}")
    return [student for student in found if student.name in chosen]


def select(found: Sequence[str], asked: Sequence[str] | None, otherwise: str) -> list[str]:
    """Return the names that are asked for.

    Parameters
    ----------
    found
        All names.
    asked
        Some of them, in any form in which letters with accents are stored; None for all.
    otherwise
        What to say of a name that is not among them.

    Raises
    ------
    GradingError
        If a name is not among them.

    Examples
    --------
    >>> select(["ada", "bela"], ["bela"], "is unknown"), select(["ada"], None, "is unknown")
    (['bela'], ['ada'])
    """
    for name in asked or ():
        if not any(names.same(name, other) for other in found):
            raise GradingError(f"{name!r} {otherwise}")
    return [name for name in found if asked is None or any(names.same(name, other) for other in asked)]
