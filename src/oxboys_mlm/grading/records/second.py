"""What a second person ticked, in a table of its own; the gradebook's marks and the first person's never change by it.

`SecondMarks` shows answers as if nobody had marked them before: a second person sees nothing of the first marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy import delete

from oxboys_mlm.grading.course import Assignment, Course
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.by_ticks import Entry, HandMark
from oxboys_mlm.grading.marking.free_texts import FreeText
from oxboys_mlm.grading.marking.share import SHARE, draw
from oxboys_mlm.grading.records import by_hand
from oxboys_mlm.grading.records.by_hand import Change, KeptMark, Standing
from oxboys_mlm.grading.records.cells import NotebookCell, cells_of
from oxboys_mlm.grading.records.transaction import transaction

_TABLE = by_hand.table_of_marks("oxboys_second_mark")


class _Decided(msgspec.Struct, frozen=True):
    """What a second person decided: what stands in nbgrader's own tables for the first."""

    mark: HandMark | None
    waits: bool
    note: str

    @property
    def entry(self) -> Entry:
        return Entry(self.mark.score if self.mark else None, self.waits)


class _Row(msgspec.Struct, frozen=True):
    decided: _Decided
    version: int
    marker: str
    marked: datetime


class SecondMarks:
    """The second marks of a share of an assignment's answers, read and saved as `by_hand` does the first ones.

    Parameters
    ----------
    assignment
        The assignment.
    share
        How large the share is, from 0 to 1. Answers that have a second mark are always part of it.
    """

    def __init__(self, assignment: Assignment, share: float = SHARE) -> None:
        self._assignment = assignment
        self._share = share
        self._drawn: dict[str, frozenset[str]] = {}

    def prepare(self, gradebook: Gradebook) -> None:
        """Make the table if it is not there, and forget marks of students whom nbgrader has deleted."""
        by_hand.prepare(gradebook)
        by_hand.prepare_table(gradebook, _TABLE)

    def read_standings(
        self, gradebook: Gradebook, assignment: str, text: FreeText, grades: Sequence[str] | None = None
    ) -> dict[str, Standing]:
        """Read where the second marks of a question stand, by nbgrader's id of the mark; nothing of the first ones."""
        if text.key not in self._drawn:
            firsts = by_hand.read_standings(gradebook, assignment, text)
            marked = frozenset(firsts[grade].student for grade in _read(gradebook) if grade in firsts)
            self._drawn[text.key] = marked | self._draw(text, [first.student for first in firsts.values()])
        firsts = by_hand.read_standings(gradebook, assignment, text, grades)
        rows = _read(gradebook, list(firsts))
        return {
            grade: _standing(grade, first.student, rows.get(grade))
            for grade, first in firsts.items()
            if first.student in self._drawn[text.key]
        }

    def _draw(self, text: FreeText, students: Sequence[str]) -> frozenset[str]:
        """Draw from those who wrote something. What the first person made of it has no say in that."""
        cells = {student: _answer(self._assignment, text, student) for student in students}
        wrote = [student for student, cell in cells.items() if cell and not text.is_empty(cell.source)]
        return draw(f"{self._assignment.name}/{text.key}", wrote, self._share)

    def save(
        self,
        course: Course,
        gradebook: Gradebook,
        assignment: str,
        text: FreeText,
        changes: Sequence[Change],
        marker: str,
    ) -> None:
        """Save second marks, all of them or none.

        Raises
        ------
        Clash
            If something else stands there than the writer had seen.
        """
        gradebook.db.rollback()  # what was read before is forgotten
        with transaction(gradebook):
            by_hand.lock(gradebook, _TABLE)
            grades = [change.grade for change in changes]
            found = self.read_standings(gradebook, assignment, text, grades)
            by_hand.refuse_clashes(changes, found)
            rows = _read(gradebook, grades)
            now = datetime.now(UTC).replace(tzinfo=None)
            for change in changes:
                note = change.comment.strip()
                decided = _Decided(change.mark, change.entry.waits, note) if change.mark or note else None
                _write(gradebook, change.grade, decided, rows.get(change.grade), marker, now)


def _answer(assignment: Assignment, text: FreeText, student: str) -> NotebookCell | None:
    return cells_of(assignment, student, text.notebook).get(text.key)


def _standing(grade: str, student: str, row: _Row | None) -> Standing:
    if row is None:
        return Standing(grade, student, Entry(None, True), "", False, None, second=True)
    decided = row.decided
    kept = KeptMark(decided.mark, row.version, row.marker, row.marked) if decided.mark else None
    return Standing(grade, student, decided.entry, decided.note, False, kept, second=True)


def _read(gradebook: Gradebook, grades: Sequence[str] | None = None) -> dict[str, _Row]:
    return {
        row.grade_id: _Row(msgspec.json.decode(row.mark, type=_Decided), row.version, row.marker, row.marked)
        for row in by_hand.read_rows(gradebook, _TABLE, grades)
    }


def _write(
    gradebook: Gradebook, grade: str, decided: _Decided | None, row: _Row | None, marker: str, now: datetime
) -> None:
    if decided is None:
        gradebook.db.execute(delete(_TABLE).where(_TABLE.c.grade_id == grade))
        return
    content = msgspec.json.encode(decided).decode()
    by_hand.keep(gradebook, _TABLE, grade, content, row.version if row else None, marker, now)


def follow(assignment: Assignment, gradebook: Gradebook, texts: Sequence[FreeText]) -> None:
    """Bring second marks up to date with answers, questions and rubrics, as the first ones are, in one transaction."""
    rows = _read(gradebook)
    if not rows:
        return
    with transaction(gradebook):
        by_hand.lock(gradebook, _TABLE)
        rows = _read(gradebook)
        for text in texts:
            for grade, first in by_hand.read_standings(gradebook, assignment.name, text).items():
                row = rows.get(grade)
                if row is None or row.decided.mark is None:
                    continue
                cell = _answer(assignment, text, first.student)
                if cell is None:
                    continue
                now = by_ticks.seen(text, cell.source, cell.attachments)
                mark, entry = by_ticks.follow(row.decided.mark, row.decided.entry, text, now)
                decided = _Decided(mark, entry.waits, row.decided.note)
                if decided != row.decided:
                    _write(gradebook, grade, decided, row, row.marker, row.marked)


class Pair(msgspec.Struct, frozen=True):
    """Two persons' marks of one answer.

    Attributes
    ----------
    notebook, question, student
        Which answer.
    most
        What the question gives at most.
    first, second
        Points; None while the answer waits for that person.
    ticks, second_ticks
        What each ticked; None if the points do not come from ticks.
    note
        What the second one wrote to it.
    """

    notebook: str
    question: str
    student: str
    most: float
    first: float | None
    second: float | None
    ticks: tuple[str, ...] | None = None
    second_ticks: tuple[str, ...] | None = None
    note: str = ""


def read_pairs(gradebook: Gradebook, assignment: str) -> list[Pair]:
    """Read all answers of an assignment that a second person has looked at; none if nobody has."""
    rows = _read(gradebook)
    if not rows:
        return []
    kept = by_hand.read_kept(gradebook, list(rows))
    found = (
        by_hand.grades_of(gradebook, assignment)
        .join(api.GradeCell, api.Grade.cell_id == api.GradeCell.id)
        .filter(api.Grade.id.in_(list(rows)))
        .with_entities(
            api.Grade.id,
            api.Notebook.name,
            api.GradeCell.name,
            api.SubmittedAssignment.student_id,
            api.GradeCell.max_score,
            api.Grade.manual_score,
            api.Grade.needs_manual_grade,
        )
    )
    pairs = []
    for grade, notebook, question, student, most, score, waits in found:
        decided = rows[grade].decided
        pairs.append(
            Pair(
                notebook,
                question,
                student,
                most,
                None if waits else score,
                None if decided.waits else decided.entry.score,
                _ticks(kept[grade].mark if grade in kept else None, Entry(score, waits)),
                _ticks(decided.mark, decided.entry),
                decided.note,
            )
        )
    return pairs


def _ticks(mark: HandMark | None, entry: Entry) -> tuple[str, ...] | None:
    return None if mark is None or by_ticks.disagree(mark, entry) else mark.ticks
