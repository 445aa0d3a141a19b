"""Delete everything that a course folder keeps about a student, and say what is kept elsewhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import MetaData, Table, inspect

from oxboys_mlm.grading import settled
from oxboys_mlm.grading.course import Assignment, Course
from oxboys_mlm.grading.enrolment.download_names import downloads, forget_places
from oxboys_mlm.grading.enrolment.participants import Account, read_memory, write_memory
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.names import composed, same
from oxboys_mlm.grading.records import extensions
from oxboys_mlm.grading.records.notes import Notes
from oxboys_mlm.grading.records.receipts import Receipts
from oxboys_mlm.grading.records.scores import read_scores, write_scores
from oxboys_mlm.grading.report.page import write_report
from oxboys_mlm.grading.running.store import Store

_STEPS = ("submitted", "autograded", "feedback")


@dataclass
class Erasure:
    """What is kept about a student, and how to delete it.

    Attributes
    ----------
    student
        The id that was asked for.
    kept
        What it is and where, in words, for a person to agree to.
    left
        What is not touched: where else to look.
    """

    student: str
    kept: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    _steps: list[Callable[[], None]] = field(default_factory=list)

    def add(self, what: str, delete: Callable[[], None]) -> None:
        """Note something that is kept, and how to delete it."""
        self.kept.append(what)
        self._steps.append(delete)

    def delete(self) -> None:
        """Delete everything that is kept."""
        for step in self._steps:
            step()


def find(course: Course, student: str) -> Erasure:
    """Find everything that is kept about a student; change nothing.

    Raises
    ------
    GradingError
        If nothing is kept.
    """
    found = Erasure(student)
    assignments = course.assignments()
    for step in _STEPS:
        for folder in _folders(course, step, student):
            found.add(f"{folder.relative_to(course.root)}/", lambda folder=folder: _remove(folder))  # type: ignore[misc]
    _in_gradebook(course, found)
    read = [course.assignment(name) for name in assignments]
    for assignment in read:
        _of_assignment(assignment, found)
    for name in {*assignments, *(path.name for path in downloads(course, "x").parent.glob("*/"))}:
        _in_downloads(course, name, found)
    _in_extensions(course, found)
    if not found.kept:
        raise GradingError(f"nothing is kept about {student!r} in {course.root}")
    for assignment in read:
        _in_reports(assignment, found)
    _in_log(course, found)
    found.left += [
        str(path.relative_to(course.root)) + ", a copy of the gradebook" for path in course.root.glob("gradebook.db?*")
    ]
    found.left += [
        "backups, and tables of marks that were exported",
        "nbgrader's exchange, where it is used (inbound, outbound and feedback folders)",
        "what your learning platform has",
    ]
    return found


def _folders(course: Course, step: str, student: str) -> list[Path]:
    parent = course.path(step, ".", "x").parent
    return [path for path in parent.glob("*") if same(path.name, student)]


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def _in_gradebook(course: Course, found: Erasure) -> None:
    with course.gradebook() as book:
        ids = [student.id for student in book.students if same(student.id, found.student)]
    for student in ids:
        found.add(f"marks, comments and name in the gradebook ({student})", lambda: _remove_from_gradebook(course, ids))


def _remove_from_gradebook(course: Course, students: list[str]) -> None:
    with course.gradebook() as book:
        for student in students:
            try:
                saved = book.find_student(student)
            except MissingEntry:
                continue
            _remove_ticks(book, [grade.id for item in saved.submissions for n in item.notebooks for grade in n.grades])
            for submission in list(saved.submissions):
                book.remove_submission(submission.assignment.name, student)
            book.remove_student(student)
        engine = book.db.get_bind()
        if engine.dialect.name == "sqlite":
            # Rows that were deleted stay readable in the file until it is rewritten.
            book.db.close()
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")


def _remove_ticks(book: Gradebook, grades: list[str]) -> None:
    """Delete what stands beside nbgrader's own marks, in tables of this project."""
    connection = book.db.connection()
    for name in inspect(connection).get_table_names():
        table = Table(name, MetaData(), autoload_with=connection) if name.startswith("oxboys_") else None
        if table is not None and "grade_id" in table.columns:
            connection.execute(table.delete().where(table.columns.grade_id.in_(grades)))


def _of_assignment(assignment: Assignment, found: Erasure) -> None:
    """Find what is kept about the runs of an assignment, and in its report."""
    root, name = assignment.course.root, assignment.name
    store, receipts, notes = Store(root, name), Receipts(root, name), Notes(root, name)
    scores = read_scores(root / "reports" / name / "scores.csv")
    ids = {score.student for score in scores} | set(notes.by_student) | {found.student, composed(found.student)}
    for student in sorted(student for student in ids if same(student, found.student)):
        runs = [exercise.name for exercise in assignment.exercises if store.find(student, exercise.name, None)]
        if runs:
            what = _count(len(runs), f"recorded run of {name} in .oxboys/", f"recorded runs of {name} in .oxboys/")
            found.add(what, lambda student=student, runs=runs: _forget_runs(store, student, runs))  # type: ignore[misc]
        if receipts.exists(student):
            found.add(f"a receipt for {name} in .oxboys/", lambda student=student: receipts.forget(student))  # type: ignore[misc]
        if student in notes.by_student:
            found.add(f"notes on files of {name} in .oxboys/", lambda student=student: _forget_notes(notes, student))  # type: ignore[misc]
        if rows := sum(score.student == student for score in scores):
            found.add(_count(rows, f"row of reports/{name}/scores.csv", f"rows of reports/{name}/scores.csv"), _nothing)


def _in_reports(assignment: Assignment, found: Erasure) -> None:
    """List what is made of all students together, and may name this one."""
    folder = assignment.course.root / "reports" / assignment.name
    near = folder.relative_to(assignment.course.root)
    if settled.has_notes(assignment.course.root, assignment.name):
        what = f"what commands said of {assignment.name}, in .oxboys/"
        found.add(what, lambda: settled.forget(assignment.course.root, assignment.name))
    for archive in folder.glob("feedback-for-*.zip"):
        found.add(f"{near}/{archive.name}, the whole archive", lambda archive=archive: archive.unlink())  # type: ignore[misc]
    if (folder / "scores.csv").is_file():
        found.add(f"{near}/, which is rewritten without this student", lambda: _report_again(assignment, found))


def _nothing() -> None:
    """Leave a file alone that another step rewrites."""


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _forget_runs(store: Store, student: str, notebooks: list[str]) -> None:
    for notebook in notebooks:
        store.forget(student, notebook)


def _forget_notes(notes: Notes, student: str) -> None:
    del notes.by_student[student]
    notes.write()


def _report_again(assignment: Assignment, found: Erasure) -> None:
    path = assignment.course.root / "reports" / assignment.name / "scores.csv"
    scores = [score for score in read_scores(path) if not same(score.student, found.student)]
    write_scores(path, scores)
    write_report(assignment, scores)


def _in_downloads(course: Course, assignment: str, found: Erasure) -> None:
    """Find what was collected from a platform."""
    folder = downloads(course, assignment)
    memory = folder / "collected.csv"
    identities = read_memory(memory)
    accounts = [account for account, identity in identities.items() if same(identity.student, found.student)]
    if accounts:
        others = {account: identity for account, identity in identities.items() if account not in accounts}

        def forget() -> None:
            write_memory(memory, others)
            forget_places(folder, accounts)

        found.add(f"names and numbers in {folder.relative_to(course.root)}", forget)
        for path in _extracted(folder / "extracted", accounts):
            found.add(str(path.relative_to(course.root)), lambda path=path: _remove(path))  # type: ignore[misc]
        found.left += [
            f"{path.relative_to(course.root)}, as it was downloaded" for path in (folder / "archive").glob("*")
        ]


def _extracted(folder: Path, accounts: list[Account]) -> Iterator[Path]:
    """Find what lies opened under the names that a platform gives a participant's files."""
    patterns = {
        "Moodle": r".+_{}_assignsubmission_file_?.*",
        "Canvas": r".+?(?:_LATE)?_{}_\d+_.+",
    }
    names = [re.compile(patterns[account.platform].format(re.escape(account.number))) for account in accounts]
    for path in sorted(folder.rglob("*")):
        if any(name.fullmatch(path.name) for name in names):
            yield path


def _in_extensions(course: Course, found: Erasure) -> None:
    path = course.root / extensions.FILE
    table = extensions.read_extensions(course)
    lines = [line for (student, _), line in table.lines.items() if same(student, found.student)] if table else []
    if lines:

        def forget() -> None:
            content = path.read_bytes().splitlines(keepends=True)
            kept = [row for number, row in enumerate(content, 1) if number not in lines]
            path.write_bytes(b"".join(kept))

        if b"\0" in path.read_bytes():
            found.left.append(f"{extensions.FILE}, line {lines[0]}")
        else:
            found.add(_count(len(lines), f"line of {extensions.FILE}", f"lines of {extensions.FILE}"), forget)


def _in_log(course: Course, found: Erasure) -> None:
    """Find lines of nbgrader's log."""
    name = getattr(course.parent, "logfile", "")
    path = course.root / name
    if not name or not path.is_file():
        return
    named = re.compile(rf"(?<![\w-]){re.escape(composed(found.student))}(?![\w-])")
    lines = path.read_text("utf-8", "replace").splitlines(keepends=True)
    kept = [line for line in lines if not named.search(composed(line))]
    if len(kept) < len(lines):
        number = len(lines) - len(kept)
        found.add(_count(number, f"line of {name}", f"lines of {name}"), lambda: write_whole(path, "".join(kept)))
