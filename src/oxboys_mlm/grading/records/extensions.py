"""Who may hand in later: ``extensions.csv`` in the course folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.names import composed
from oxboys_mlm.grading.submissions import timestamps
from oxboys_mlm.grading.tables import read_table

FILE = "extensions.csv"
_COLUMNS = ("student", "assignment", "until")


@dataclass(frozen=True)
class Extensions:
    """The extensions of a course.

    Attributes
    ----------
    until
        Deadlines in UTC, by student and assignment.
    lines
        The lines that they stand in.
    """

    until: dict[tuple[str, str], datetime] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, student: str, assignment: str) -> datetime | None:
        """Return a student's own deadline; None if there is none."""
        return self.until.get((composed(student), assignment))

    def running(self, assignment: str, now: datetime) -> list[str]:
        """List the students whose extension is not over."""
        return [student for (student, name), until in self.until.items() if name == assignment and until > now]

    def strangers(self, students: Collection[str]) -> list[str]:
        """Return the lines that name none of these students: a mistyped id would cost somebody the extension."""
        known = {composed(student) for student in students}
        return [
            f"{FILE}, line {line}: there is no student {student!r}"
            for (student, _), line in self.lines.items()
            if student not in known
        ]


def read_extensions(course: Course) -> Extensions | None:
    """Read the extensions of a course; None if there is no such file.

    Raises
    ------
    GradingError
        If a row is wrong: which line, and why.
    """
    path = course.root / FILE
    if not path.exists():
        return None
    assignments = course.assignments()
    found = Extensions()
    for line, row in read_table(path, _COLUMNS).items():
        student, assignment, until = (composed(row.get(column, "")) for column in _COLUMNS)
        where, key = f"{path}, line {line}", (student, assignment)
        if not student:
            raise GradingError(f"{where}: there is no student")
        if assignment not in assignments:
            raise GradingError(f"{where}: there is no assignment {assignment!r}, but {', '.join(assignments)}")
        if key in found.lines:
            raise GradingError(f"{where}: {student!r} has an extension for {assignment} in line {found.lines[key]}")
        try:
            found.until[key] = timestamps.parse_deadline(until)
        except (ValueError, OverflowError) as error:
            raise GradingError(f"{where}: {error}") from None
        found.lines[key] = line
    return found
