"""What handing in late costs: by nbgrader's own settings, and by one formula everywhere."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader import api
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import false, or_
from traitlets import Enum, Float, TraitError, Unicode, validate

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.records.extensions import FILE, Extensions, read_extensions

_DAY = timedelta(days=1)


class LatePolicy(LateSubmissionPlugin):  # type: ignore[misc]
    """What a late notebook loses; set as ``c.AssignLatePenalties.plugin_class`` in nbgrader_config.py."""

    penalty_method = Enum(
        ("none", "zero", "daily"),
        default_value="none",
        help="'none': nothing; 'zero': all points; 'daily': a share of its points for every day that has started.",
    ).tag(config=True)

    daily_share = Float(0.1, min=0, max=1, help="Share of the points that each started day costs.").tag(config=True)

    floor = Float(0.0, min=0, max=1, help="Share of the points that stays, however late it is.").tag(config=True)

    grace_minutes = Float(
        0.0, min=0, help="How much later than the deadline costs nothing; days are counted from then on."
    ).tag(config=True)

    time_zone = Unicode(
        "UTC",
        help="Where the course is, such as Europe/Berlin. The day on which clocks go back has 25 hours there and "
        "counts as one.",
    ).tag(config=True)

    @validate("time_zone")
    def _check_time_zone(self, proposal: Any) -> Any:
        try:
            ZoneInfo(proposal.value)
        except (OSError, ValueError, LookupError):
            raise TraitError(f"time_zone: {proposal.value!r} is no time zone such as Europe/Berlin") from None
        return proposal.value

    def seconds_late(self, due: datetime, handed: datetime) -> float:
        """Return how late it is, by local time where that is better for the student.

        Parameters
        ----------
        due, handed
            In UTC, without a zone.
        """
        late = handed - due
        zone = ZoneInfo(self.time_zone)
        wall = [when.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for when in (due, handed)]
        # In the hour that comes twice, what is late may seem early.
        return max(min(late, wall[1] - wall[0]), min(late, timedelta(seconds=1))).total_seconds()

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Return the points that a late notebook loses.

        Parameters
        ----------
        student_id
            Whose it is; all are treated alike.
        score
            What it earned.
        total_seconds_late
            How late it is.
        """
        late = total_seconds_late - 60 * self.grace_minutes
        if self.penalty_method == "none" or late <= 0:
            return None
        share = 1.0
        if self.penalty_method == "daily":
            share = min(1 - self.floor, self.daily_share * math.ceil(late / _DAY.total_seconds()))
        return float(min(score, round(score * share, 6)))


class LatePenalties:
    """The deadlines and penalties of a course: ``extensions.csv``, and nbgrader's settings in nbgrader_config.py.

    Parameters
    ----------
    course
        The course.

    Raises
    ------
    GradingError
        If the settings cannot be used.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        try:
            self._nbgrader: Any = AssignLatePenalties(parent=course.parent)
            self._nbgrader.init_plugin()
        except (TraitError, ImportError) as error:
            raise GradingError(f"what nbgrader_config.py says of late submissions cannot be used: {error}") from error

    @cached_property
    def extensions(self) -> Extensions | None:
        """What ``extensions.csv`` says; None if there is no such file."""
        return read_extensions(self._course)

    def extend(self, submission: SubmittedAssignment) -> None:
        """Give a submission its extension. Where there is a table of them, it alone counts."""
        due, extension = submission.assignment.duedate, submission.extension
        if due is None:  # nothing is late then, and nbgrader cannot add to no deadline
            extension = None
        elif self.extensions is not None:
            until = self.extensions.of(submission.student.id, submission.assignment.name)
            extension = None if until is None else max(until - due, timedelta())
        if submission.extension != extension:
            submission.extension = extension

    def check(self, assignment: api.Assignment) -> None:
        """Refuse extensions that end before everybody's deadline.

        Raises
        ------
        GradingError
            If there is one; the message names its line.
        """
        extensions, due = self.extensions, assignment.duedate
        if extensions is None or due is None:
            return
        for (student, name), until in extensions.until.items():
            if name == assignment.name and until < due:
                raise GradingError(
                    f"{self._course.root / FILE}, line {extensions.lines[student, name]}: {student!r} would have to "
                    f"hand in {name} until {until} UTC, before everybody else ({due} UTC); correct the row, or take it "
                    "out"
                )

    def of(self, student: str, submission: SubmittedAssignment, notebook: SubmittedNotebook) -> float | None:
        """Return the points that a notebook loses; None if it was not late, or lateness costs nothing."""
        plugin = self._nbgrader.plugin_inst
        late = submission.total_seconds_late
        if late <= 0:
            return None
        if isinstance(plugin, LatePolicy):
            late = plugin.seconds_late(submission.duedate, submission.timestamp)
        penalty = plugin.late_submission_penalty(student, notebook.score, late)
        if penalty is None:
            return None
        checked: float | None = self._nbgrader._check_late_penalty(notebook, penalty)
        return checked


def settle(course: Course, gradebook: Gradebook, assignment: str) -> None:
    """Work out again who is late and what it costs, by today's extensions, settings and marks.

    Marks by hand and extensions may come after a penalty was recorded.

    Parameters
    ----------
    course, gradebook, assignment
        Whose submissions.

    Raises
    ------
    GradingError
        If the settings, or the table of extensions, cannot be used.
    """
    try:
        saved = gradebook.find_assignment(assignment)
    except MissingEntry:
        return
    penalties = LatePenalties(course)
    penalties.check(saved)
    # All others are in time by any rule, and were so before.
    late = [
        SubmittedAssignment.timestamp > saved.duedate if saved.duedate else false(),
        SubmittedAssignment.extension.is_not(None),
        SubmittedAssignment.notebooks.any(SubmittedNotebook.late_submission_penalty.is_not(None)),
    ]
    of_assignment = gradebook.db.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == saved.id)
    for submission in of_assignment.filter(or_(*late)):
        penalties.extend(submission)
        for notebook in submission.notebooks:
            penalty = penalties.of(submission.student.id, submission, notebook)
            if (notebook.late_submission_penalty or 0) != (penalty or 0):
                notebook.late_submission_penalty = penalty
    gradebook.db.commit()


def time_late(when: datetime | None, due: datetime | None, extension: timedelta | None) -> timedelta:
    """Return how long after its deadline a submission came; zero if it did not.

    >>> str(time_late(datetime(2030, 1, 2), datetime(2030, 1, 1), None))
    '1 day, 0:00:00'
    >>> time_late(datetime(2030, 1, 2), datetime(2030, 1, 1), timedelta(days=1))
    datetime.timedelta(0)
    """
    if when is None or due is None:
        return timedelta()
    return max(timedelta(), when - due - (extension or timedelta()))


def in_words(time: timedelta) -> str:
    """Say how long a time is, without what is too small to matter.

    >>> in_words(timedelta(days=1, hours=2, minutes=3)), in_words(timedelta(minutes=61)), in_words(timedelta(seconds=5))
    ('1 day 2 hours', '1 hour 1 minute', 'less than a minute')
    """
    minutes = int(time.total_seconds()) // 60
    counts = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
    parts = [f"{count} {unit}" + "s" * (count != 1) for unit, count in counts.items() if count]
    return " ".join(parts[:2]) or "less than a minute"


def after_penalty(points: float, penalty: float) -> float:
    """Return the points that are left; never fewer than none.

    >>> after_penalty(3, 0.5), after_penalty(3, 4)
    (2.5, 0.0)
    """
    return max(0.0, points - penalty)
