"""Who is in the class: put a table of students into the gradebook."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, Student

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.names import composed, id_problem
from oxboys_mlm.grading.tables import read_table

#: What the gradebook keeps of a student beside the id, as nbgrader calls it.
FIELDS = ("first_name", "last_name", "email", "lms_user_id")


def read_roster(path: Path) -> dict[str, dict[str, str | None]]:
    """Read a table of students.

    Parameters
    ----------
    path
        A table (see `tables.read_table`) with a column ``id`` and some of `FIELDS`; other columns are left aside.

    Returns
    -------
    dict
        Fields that the table has, by id; None for what is empty.

    Raises
    ------
    GradingError
        If it cannot be read: what is wrong, and in which line.
    """
    students: dict[str, dict[str, str | None]] = {}
    lines: dict[str, int] = {}
    for line, cells in read_table(path, ["id"]).items():
        row = {column: composed(cell) for column, cell in cells.items()}
        student = row.get("id", "")
        if problem := id_problem(student):
            raise GradingError(f"{path}, line {line}: {student[:60]!r} cannot be an id: {problem}")
        if student in students:
            raise GradingError(f"{path}, line {line}: the id {student!r} is in line {lines[student]} already")
        lines[student] = line
        students[student] = {name: row[name] or None for name in FIELDS if name in row}
    return students


def import_roster(course: Course, path: Path) -> tuple[int, int]:
    """Put the students of a table into the gradebook.

    Columns that the table does not have stay as they are there. Nobody is removed.

    Returns
    -------
    tuple of int
        How many students the table has, and how many of them are new.

    Raises
    ------
    GradingError
        If the table or the gradebook cannot be read; then nothing has changed.
    """
    students, new = read_roster(path), 0
    with course.gradebook() as book:
        for student, fields in students.items():
            try:
                saved = book.find_student(student)
            except MissingEntry:
                new += 1
                saved = Student(id=student)
                book.db.add(saved)
            for name, text in fields.items():
                setattr(saved, name, text)
        book.db.commit()
    return len(students), new


def is_in_roster(student: Student) -> bool:
    """Return whether a student comes from a roster; one who was only graded has nothing but an id."""
    return any(getattr(student, name) for name in FIELDS)


def students_of(book: Gradebook) -> list[Student]:
    """Return the students whom a roster names."""
    return [student for student in book.students if is_in_roster(student)]
