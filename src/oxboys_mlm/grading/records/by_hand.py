"""What people ticked at the marking desk, in a table of its own inside nbgrader's gradebook.

A mark and nbgrader's own points, comment and note of what waits are written together, or not at all. Nothing is
overwritten that its writer has not seen: everyone who saves says what stood there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text, delete, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from oxboys_mlm.grading.course import Assignment, Course
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.by_ticks import Entry, HandMark
from oxboys_mlm.grading.marking.free_texts import FreeText
from oxboys_mlm.grading.records.cells import cells_of
from oxboys_mlm.grading.records.lateness import LatePenalties
from oxboys_mlm.grading.records.marksheet import of_assignment
from oxboys_mlm.grading.records.transaction import transaction


def table_of_marks(name: str) -> Table:
    """Return a table for marks, each beside one of nbgrader's grades."""
    # No foreign key: nbgrader deletes its grades without knowing of this table.
    return Table(
        name,
        MetaData(),
        Column("grade_id", String(32), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("mark", Text, nullable=False),
        Column("marker", Text, nullable=False),
        Column("marked", DateTime, nullable=False),
    )


_TABLE = table_of_marks("oxboys_mark_by_hand")


class KeptMark(msgspec.Struct, frozen=True):
    """A mark as it is kept.

    Attributes
    ----------
    mark
        What was decided.
    version
        How often it was changed.
    marker
        Who decided.
    marked
        When, in UTC.
    """

    mark: HandMark
    version: int
    marker: str
    marked: datetime


class Standing(msgspec.Struct, frozen=True):
    """Where one student's answer stands.

    Attributes
    ----------
    grade
        nbgrader's id of the mark.
    student
        nbgrader's id of the student.
    entry
        What the gradebook says.
    comment
        The comment for the student.
    empty
        Whether nothing was written, for which there are no points and nobody has to look.
    kept
        What was ticked; None if nothing was.
    second
        Whether this is a second person's mark, which is none of the gradebook's.
    """

    grade: str
    student: str
    entry: Entry
    comment: str
    empty: bool
    kept: KeptMark | None
    second: bool = False

    @property
    def stamp(self) -> str:
        """Digest of all this: who saves says by it what they had seen."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:32]

    @property
    def conflict(self) -> bool:
        """Whether there are ticks, and other points in the gradebook."""
        return self.kept is not None and by_ticks.disagree(self.kept.mark, self.entry)


class Change(msgspec.Struct, frozen=True):
    """What is to be saved for an answer.

    Attributes
    ----------
    grade
        nbgrader's id of the mark.
    stamp
        What its writer had seen: `Standing.stamp`.
    mark
        The mark; None to take it back.
    entry
        What the gradebook is to say.
    comment
        The comment for the student.
    """

    grade: str
    stamp: str
    mark: HandMark | None
    entry: Entry
    comment: str


class Clash(Exception):
    """Somebody else has saved something meanwhile; nothing was written."""

    def __init__(self, grades: Sequence[str]) -> None:
        super().__init__("somebody else has changed this meanwhile")
        self.grades = grades


def prepare(gradebook: Gradebook) -> None:
    """Make the table if it is not there, and forget marks of students whom nbgrader has deleted."""
    prepare_table(gradebook, _TABLE)


def prepare_table(gradebook: Gradebook, table: Table) -> None:
    """Make a table of marks if it is not there, and forget marks of students whom nbgrader has deleted."""
    table.create(gradebook.engine, checkfirst=True)
    with transaction(gradebook):
        gradebook.db.execute(delete(table).where(table.c.grade_id.not_in(select(api.Grade.id))))


def read_kept(gradebook: Gradebook, grades: Sequence[str] | None = None) -> dict[str, KeptMark]:
    """Read what was ticked, by nbgrader's id of the mark; of all, or of some."""
    return {
        row.grade_id: KeptMark(msgspec.json.decode(row.mark, type=HandMark), row.version, row.marker, row.marked)
        for row in read_rows(gradebook, _TABLE, grades)
    }


def read_rows(gradebook: Gradebook, table: Table, grades: Sequence[str] | None = None) -> Iterable[Any]:
    """Read rows of a table of marks, all or some; none if there is no such table yet."""
    if not inspect(gradebook.db.connection()).has_table(table.name):
        return ()
    query = select(table) if grades is None else select(table).where(table.c.grade_id.in_(grades))
    rows: Iterable[Any] = gradebook.db.execute(query)
    return rows


def grades_of(gradebook: Gradebook, assignment: str) -> Any:
    """Return a query of nbgrader's marks of an assignment, with their submissions and notebooks."""
    grades = gradebook.db.query(api.Grade).join(
        api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id
    )
    return of_assignment(grades, assignment)


def read_standings(
    gradebook: Gradebook, assignment: str, text: FreeText, grades: Sequence[str] | None = None
) -> dict[str, Standing]:
    """Read where the answers to a question stand, by nbgrader's id of the mark.

    Parameters
    ----------
    gradebook
        The gradebook.
    assignment
        Name of the assignment.
    text
        The question.
    grades
        Read only these.
    """
    query = (
        grades_of(gradebook, assignment)
        .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
        .filter(api.Notebook.name == text.notebook, api.BaseCell.name == text.key)
    )
    if grades is not None:
        query = query.filter(api.Grade.id.in_(grades))
    rows = query.with_entities(
        api.Grade.id,
        api.SubmittedAssignment.student_id,
        api.Grade.manual_score,
        api.Grade.needs_manual_grade,
        api.Grade.auto_score,
        api.Grade.notebook_id,
    ).all()
    # nbgrader has an answer's cell twice: as what is graded, and as what is commented on.
    comments = dict(
        gradebook.db.query(api.Comment.notebook_id, api.Comment.manual_comment)
        .join(api.BaseCell, api.Comment.cell_id == api.BaseCell.id)
        .filter(api.BaseCell.name == text.key, api.Comment.manual_comment.is_not(None))
        .all()
    )
    kept = read_kept(gradebook, grades)
    return {
        grade: Standing(
            grade,
            student,
            Entry(score, waits),
            comments.get(notebook, ""),
            automatic is not None and score is None and not waits,
            kept.get(grade),
        )
        for grade, student, score, waits, automatic, notebook in rows
    }


def save(
    course: Course, gradebook: Gradebook, assignment: str, text: FreeText, changes: Sequence[Change], marker: str
) -> None:
    """Save marks, all of them or none.

    Parameters
    ----------
    course, gradebook
        Where to.
    assignment
        Name of the assignment.
    text
        The question.
    changes
        What to save.
    marker
        Who decided.

    Raises
    ------
    Clash
        If something else stands there than the writer had seen.
    """
    save_all(course, gradebook, assignment, [(text, changes)], marker)


def save_all(
    course: Course,
    gradebook: Gradebook,
    assignment: str,
    changes_by_text: Sequence[tuple[FreeText, Sequence[Change]]],
    marker: str,
) -> None:
    """Save marks of several questions, all of them or none; see `save`."""
    changes = [change for _, changes in changes_by_text for change in changes]
    gradebook.db.rollback()  # what was read before is forgotten
    with transaction(gradebook):
        lock(gradebook)
        found: dict[str, Standing] = {}
        for text, own in changes_by_text:
            found |= read_standings(gradebook, assignment, text, [change.grade for change in own])
        refuse_clashes(changes, found)
        now = datetime.now(UTC).replace(tzinfo=None)
        for change in changes:
            _keep(gradebook, change.grade, change.mark, found[change.grade].kept, marker, now)
            _enter(gradebook, change.grade, change.entry, change.comment)
        _charge(course, gradebook, [change.grade for change in changes])


def refuse_clashes(changes: Sequence[Change], found: Mapping[str, Standing]) -> None:
    """Raise Clash if something else stands there than the writer of a change had seen."""
    clashes = [
        change.grade for change in changes if change.grade not in found or found[change.grade].stamp != change.stamp
    ]
    if clashes:
        raise Clash(clashes)


def lock(gradebook: Gradebook, table: Table = _TABLE) -> None:
    """Keep others from writing: SQLite locks a gradebook at the first thing written, even if that changes nothing."""
    gradebook.db.execute(update(table).where(table.c.grade_id == "").values(version=0))


def _keep(
    gradebook: Gradebook, grade: str, mark: HandMark | None, kept: KeptMark | None, marker: str, now: datetime
) -> None:
    if mark is None:
        gradebook.db.execute(delete(_TABLE).where(_TABLE.c.grade_id == grade))
        return
    content = msgspec.json.encode(mark).decode()
    keep(gradebook, _TABLE, grade, content, kept.version if kept else None, marker, now)


def keep(
    gradebook: Gradebook, table: Table, grade: str, content: str, version: int | None, marker: str, now: datetime
) -> None:
    """Write one row of a table of marks.

    Parameters
    ----------
    gradebook, table
        Where to.
    grade
        nbgrader's id of the mark.
    content
        What was decided, as JSON.
    version
        The row's version that its writer had seen; None if there was no row.
    marker, now
        Who decided, and when.

    Raises
    ------
    Clash
        If somebody else has written it meanwhile.
    """
    values = {"mark": content, "marker": marker, "marked": now}
    if version is None:
        try:
            gradebook.db.execute(insert(table).values(grade_id=grade, version=1, **values))
        except IntegrityError:
            raise Clash([grade]) from None
        return
    same = (table.c.grade_id == grade) & (table.c.version == version)
    done = gradebook.db.execute(update(table).where(same).values(version=version + 1, **values))
    if done.rowcount != 1:
        raise Clash([grade])


def _enter(gradebook: Gradebook, grade_id: str, entry: Entry, comment: str | None = None) -> None:
    """Write nbgrader's own rows."""
    grade = gradebook.find_grade_by_id(grade_id)
    grade.manual_score, grade.needs_manual_grade = entry.score, entry.waits
    if comment is not None:
        for own in grade.notebook.comments:
            if own.name == grade.name:
                own.manual_comment = comment.strip() or None


def _charge(course: Course, gradebook: Gradebook, grades: Sequence[str]) -> None:
    """Take off what handing in late costs, which may depend on the points."""
    gradebook.db.flush()
    penalties = LatePenalties(course)
    for notebook in {gradebook.find_grade_by_id(grade).notebook for grade in grades}:
        gradebook.db.expire(notebook)
        notebook.late_submission_penalty = penalties.of(notebook.student.id, notebook.assignment, notebook)


class Followed(msgspec.Struct, frozen=True):
    """What became of marks when they were brought up to date.

    Attributes
    ----------
    changed
        Number of marks whose points changed.
    waiting
        Number of answers that now wait again.
    conflicts
        Number of answers with other points in formgrader than their ticks give.
    """

    changed: int = 0
    waiting: int = 0
    conflicts: int = 0


def follow(assignment: Assignment, gradebook: Gradebook, texts: Sequence[FreeText]) -> Followed:
    """Bring the marks of an assignment up to date with answers, questions and rubrics, in one transaction."""
    prepare(gradebook)
    changed = waiting = conflicts = 0
    moved: list[str] = []
    with transaction(gradebook):
        lock(gradebook)
        for text in texts:
            for grade, standing in read_standings(gradebook, assignment.name, text).items():
                if standing.kept is None:
                    continue
                cell = cells_of(assignment, standing.student, text.notebook).get(text.key)
                if cell is None:
                    continue  # it was withdrawn, and waits
                now = by_ticks.seen(text, cell.source, cell.attachments)
                mark, entry = by_ticks.follow(standing.kept.mark, standing.entry, text, now)
                conflicts += by_ticks.disagree(mark, entry)
                changed += entry.score != standing.entry.score
                waiting += entry.waits and not standing.entry.waits
                if entry != standing.entry:
                    _enter(gradebook, grade, entry)
                    moved.append(grade)
                if mark != standing.kept.mark:
                    # Its marker and their time stay: this is still their decision.
                    _keep(gradebook, grade, mark, standing.kept, standing.kept.marker, standing.kept.marked)
        if moved:
            _charge(assignment.course, gradebook, moved)
    return Followed(changed, waiting, conflicts)
