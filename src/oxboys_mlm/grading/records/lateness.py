"""What handing in late costs: nbgrader's own settings say it, and it is taken off in one way everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties

from oxboys_mlm.grading.course import Course


class LatePenalties:
    """The penalties of a course: ``c.LateSubmissionPlugin`` in nbgrader_config.py.

    Parameters
    ----------
    course
        The course.
    """

    def __init__(self, course: Course) -> None:
        self._nbgrader: Any = AssignLatePenalties(parent=course.parent)
        self._nbgrader.init_plugin()

    def of(self, student: str, submission: SubmittedAssignment, notebook: SubmittedNotebook) -> float | None:
        """Return the points that a notebook loses; None if it was not late, or lateness costs nothing."""
        late = submission.total_seconds_late
        if late <= 0:
            return None
        penalty = self._nbgrader.plugin_inst.late_submission_penalty(student, notebook.score, late)
        if penalty is None:
            return None
        checked: float | None = self._nbgrader._check_late_penalty(notebook, penalty)
        return checked


def is_late(when: datetime | None, due: datetime | None, extension: timedelta | None) -> bool:
    """Return whether a submission came after its deadline.

    >>> is_late(datetime(2030, 1, 2), datetime(2030, 1, 1), None)
    True
    >>> is_late(datetime(2030, 1, 2), datetime(2030, 1, 1), timedelta(days=1))
    False
    """
    return when is not None and due is not None and when > due + (extension or timedelta())


def after_penalty(points: float, penalty: float) -> float:
    """Return the points that are left; never fewer than none.

    >>> after_penalty(3, 0.5), after_penalty(3, 4)
    (2.5, 0.0)
    """
    return max(0.0, points - penalty)
