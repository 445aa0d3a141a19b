"""What the gradebook adds to the report: marks by hand, second marks, totals and names."""

from __future__ import annotations

from dataclasses import dataclass, field

from oxboys_mlm.assessment.verdict import format_points
from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.records.lateness import in_words
from oxboys_mlm.grading.records.marksheet import Marksheet, read_marksheets, total
from oxboys_mlm.grading.records.second import read_pairs
from oxboys_mlm.grading.report.agreement import Agreement, Apart, agreements, furthest_apart


@dataclass
class ByHand:
    """The marks by hand of one question.

    Attributes
    ----------
    notebook, question, points
        Which, and what it gives at most.
    waiting
        Number of answers that wait for a mark.
    unanswered
        Number of answers that were left unchanged; they earn nothing, and nobody has to look at them.
    marks
        Points given so far.
    """

    notebook: str
    question: str
    points: float
    waiting: int = 0
    unanswered: int = 0
    marks: list[float] = field(default_factory=list)

    @property
    def mean(self) -> float | None:
        """Mean of the points given so far."""
        return sum(self.marks) / len(self.marks) if self.marks else None


@dataclass
class StudentRow:
    """A student in the gradebook.

    Attributes
    ----------
    name
        First and last name, as far as they are known.
    by_hand
        Points given by hand; None if none were given.
    waiting
        Number of answers that wait for a mark by hand.
    total
        All points, after a late submission's penalty; None if nothing is recorded.
    late
        How late the submission was and what that costs, in words; empty if it was not late.
    """

    name: str = ""
    by_hand: float | None = None
    waiting: int = 0
    total: float | None = None
    late: str = ""


@dataclass(frozen=True)
class Book:
    """What the gradebook says of an assignment.

    Attributes
    ----------
    entries
        Students of the course, by nbgrader's id.
    by_hand
        Questions that people mark, and checks whose mark waits to be looked at, in order.
    twice
        How far two people agree, for questions that a second person marked, in order.
    """

    entries: dict[str, StudentRow]
    by_hand: tuple[ByHand, ...]
    twice: tuple[Agreement, ...] = ()

    @property
    def waiting(self) -> int:
        """Number of answers that wait."""
        return sum(item.waiting for item in self.by_hand)

    @property
    def apart(self) -> list[Apart]:
        """Answers that two people mark differently, those furthest apart first."""
        return furthest_apart(self.twice)


def read_gradebook(assignment: Assignment) -> Book:
    """Read the marks given by hand, and who is in the course.

    Parameters
    ----------
    assignment
        The assignment; the gradebook need not know it yet.
    """
    checks = {check.grade_id for exercise in assignment.exercises for check in exercise.checks}
    with assignment.course.gradebook() as gradebook:
        entries = {
            student.id: StudentRow(" ".join(filter(None, (student.first_name, student.last_name))))
            for student in gradebook.students
        }
        sheets = read_marksheets(gradebook, assignment.name)
        twice = agreements(read_pairs(gradebook, assignment.name))
    by_student: dict[str, list[Marksheet]] = {}
    found: dict[tuple[str, str], ByHand] = {}
    for (student, notebook), sheet in sheets.items():
        by_student.setdefault(student, []).append(sheet)
        entry = entries[student]
        for cell, mark in sheet.marks.items():
            if cell in checks and not mark.waits:
                continue
            item = found.setdefault((notebook, cell), ByHand(notebook, cell, mark.max_score))
            item.waiting += mark.waits
            entry.waiting += mark.waits
            item.unanswered += not mark.waits and mark.by_hand is None
            if not mark.waits and mark.by_hand is not None:
                item.marks.append(mark.score)  # with extra credit
                entry.by_hand = (entry.by_hand or 0.0) + mark.score
    for student, of_student in by_student.items():
        if any(sheet.marks for sheet in of_student):
            entries[student].total = total(of_student)
        if late_by := max(sheet.late_by for sheet in of_student):
            cost = format_points(sum(sheet.penalty for sheet in of_student))
            points = "no points" if cost == "0" else f"{cost} point{'' if cost == '1' else 's'}"
            entries[student].late = f"Handed in {in_words(late_by)} late, which costs {points}."
    order = {
        (exercise.name, cell.metadata.get("nbgrader", {}).get("grade_id")): (place, number)
        for place, exercise in enumerate(assignment.exercises)
        for number, cell in enumerate(exercise.release.cells)
    }
    last = (len(order), 0)

    def place(item: ByHand | Agreement) -> tuple[int, int]:
        return order.get((item.notebook, item.question), last)

    return Book(entries, tuple(sorted(found.values(), key=place)), tuple(sorted(twice, key=place)))
