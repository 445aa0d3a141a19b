"""Grades for learning platforms: plugins for ``nbgrader export --exporter``.

Each writes what the platform documents for its import of grades: Moodle's `Grade import
<https://docs.moodle.org/en/Grade_import>`_, Canvas's guide "How do I import grades in the Gradebook?".
Both read UTF-8 with points as decimals.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Enum, Unicode

from oxboys_mlm.assessment.verdict import format_points
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.download_names import downloads
from oxboys_mlm.grading.enrolment.participants import read_memory
from oxboys_mlm.grading.enrolment.roster import is_in_roster
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.names import composed
from oxboys_mlm.grading.records.lateness import in_words, settle
from oxboys_mlm.grading.records.marksheet import Marksheet, read_marksheets, total
from oxboys_mlm.grading.tables import text_cell

_Key = tuple[str, str]
_Sheets = Mapping[_Key, Sequence[Marksheet]]


def points_cell(points: float) -> str:
    """Return points as a decimal number.

    >>> points_cell(12.0), points_cell(2 / 3)
    ('12', '0.6667')
    """
    return f"{points:.4f}".rstrip("0").rstrip(".")


class _PlatformExporter(ExportPlugin):  # type: ignore[misc]
    """Writes one row per student, one column per assignment."""

    titles = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Titles that assignments have on the platform, by nbgrader's name, where they differ.",
    ).tag(config=True)

    missing_as_zero = Bool(
        False, help="Whether students who handed in nothing get zero points; otherwise they get no grade."
    ).tag(config=True)

    #: The file to write if ``--to`` names none.
    destination = ""
    #: What the platform reads as "no grade".
    no_grade = ""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file.

        Parameters
        ----------
        gradebook
            nbgrader's gradebook.
        """
        assignments = self._chosen("assignment", {item.name: item for item in gradebook.assignments})
        students = self._chosen("student", {item.id: item for item in gradebook.students})
        found: dict[_Key, list[Marksheet]] = {}
        waiting: dict[str, int] = {}
        for assignment in assignments:
            if self.parent is not None:
                settle(Course.of(self.parent), gradebook, assignment.name)
            sheets: dict[str, list[Marksheet]] = {}
            for (student, _), sheet in read_marksheets(gradebook, assignment.name).items():
                sheets.setdefault(student, []).append(sheet)
            for student, of_student in sheets.items():
                found[student, assignment.name] = of_student
                if any(sheet.waiting for sheet in of_student):
                    waiting[assignment.name] = waiting.get(assignment.name, 0) + 1
        for name, number in waiting.items():
            self.log.warning(
                "%d submission(s) of %s wait for marks by hand; they are exported with their current points",
                number,
                name,
            )
        path = Path(self.to or self.destination)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self._table(students, assignments, found))
        write_whole(path, text.getvalue())
        self.log.info("Grades of %d assignment(s) are in %s", len(assignments), path)

    def _chosen(self, what: str, known: Mapping[str, Any]) -> list[Any]:
        """Return what the command line names, or everything."""
        asked = [str(name) for name in getattr(self, what)]
        unknown = [name for name in asked if name not in known]
        if unknown:
            self.log.error("there is no %s %r in the gradebook", what, unknown[0])
            raise SystemExit(1)
        return [item for name, item in known.items() if not asked or name in asked]

    def _table(
        self, students: Sequence[Student], assignments: Sequence[Assignment], sheets: _Sheets
    ) -> Iterable[list[str]]:
        raise NotImplementedError

    def _title(self, assignment: Assignment) -> str:
        return text_cell(self.titles.get(assignment.name, assignment.name))

    def _points(self, student: Student, assignments: Sequence[Assignment], sheets: _Sheets) -> list[str]:
        found = [sheets.get((student.id, assignment.name)) for assignment in assignments]
        none = "0" if self.missing_as_zero else self.no_grade
        return [none if of_student is None else points_cell(total(of_student)) for of_student in found]


class MoodleExporter(_PlatformExporter):
    """Grades for Moodle: Grades, Import, CSV file.

    In Moodle, "Map from" is the first column, and every assignment is mapped to its grade item. Only one column may
    identify students. If its cell is empty, Moodle gives the grade to the student of the row before; if Moodle does not
    know a student, it refuses the whole file.
    """

    identify_by = Enum(
        ("username", "email", "idnumber"),
        default_value="username",
        help="What identifies a student in Moodle: nbgrader's id as the username, the email address, or nbgrader's "
        "lms_user_id as the ID number.",
    ).tag(config=True)

    destination = "moodle.csv"
    no_grade = "-"

    def _table(
        self, students: Sequence[Student], assignments: Sequence[Assignment], sheets: _Sheets
    ) -> Iterable[list[str]]:
        header, attribute = {
            "username": ("Username", "id"),
            "email": ("Email address", "email"),
            "idnumber": ("ID number", "lms_user_id"),
        }[self.identify_by]
        yield [header, "First name", "Last name", *map(self._title, assignments)]
        left_out = []
        for student in students:
            given = (getattr(student, attribute) or "").strip() if is_in_roster(student) else ""
            # PHP, and so Moodle, takes "0" for empty.
            if given in ("", "0") or text_cell(given) != given:
                left_out.append(student.id)
                continue
            names = [text_cell(student.first_name), text_cell(student.last_name)]
            yield [given, *names, *self._points(student, assignments, sheets)]
        if left_out:
            self.log.warning(
                "%d student(s) left out, because the roster has no %s by which Moodle could find them: %s",
                len(left_out),
                header,
                ", ".join(left_out),
            )


class WorksheetExporter(_PlatformExporter):
    """Points and comments of one assignment for Moodle: View all submissions, Upload grading worksheet.

    Moodle identifies participants by the numbers in its download of submissions, which are in ``collected.csv``. It
    finds columns by their English names, and ignores grades above its own maximum. With "-" as the time of the last
    change, Moodle does not replace grades that somebody has given there, unless one asks for it.
    """

    destination = "moodle-worksheet.csv"

    def _table(
        self, students: Sequence[Student], assignments: Sequence[Assignment], sheets: _Sheets
    ) -> Iterable[list[str]]:
        if len(assignments) != 1:
            self.log.error("A grading worksheet is for one assignment; name it, as in --assignment \"['core']\"")
            raise SystemExit(1)
        folder = downloads(Course.of(self.parent), assignments[0].name)
        accounts = {
            composed(identity.student): (account.number, identity.name)
            for account, identity in read_memory(folder / "collected.csv").items()
            if account.platform == "Moodle"
        }
        most = points_cell(assignments[0].max_score)
        yield [
            *("Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)"),
            "Feedback comments",
        ]
        left_out = []
        for student in students:
            number, name = accounts.get(composed(student.id), ("", ""))
            if not number:
                left_out.append(student.id)
                continue
            of_student = sheets.get((student.id, assignments[0].name), ())
            (grade,) = self._points(student, assignments, sheets)
            identity = [f"Participant {number}", text_cell(name), text_cell(student.email)]
            yield [*identity, grade, most, "-", text_cell(comments_cell(of_student))]
        if left_out:
            self.log.warning(
                "%d student(s) left out, because they were not collected from Moodle (%s): %s",
                len(left_out),
                folder / "collected.csv",
                ", ".join(left_out),
            )


def comments_cell(sheets: Sequence[Marksheet]) -> str:
    """Return the lecturers' comments to a student, and how late the work was, as HTML in one line.

    >>> comments_cell([Marksheet("ada", comments={"icc_why": "Is 3 < 2?"}, notebook="2-null-model")])
    '<p>2-null-model, icc_why: Is 3 &lt; 2?</p>'
    """
    said = []
    if late_by := max((sheet.late_by for sheet in sheets), default=timedelta()):
        penalty = sum(sheet.penalty for sheet in sheets)
        said.append(f"Handed in {in_words(late_by)} after the deadline; points taken off: {format_points(penalty)}.")
    said += [f"{sheet.notebook}, {key}: {text.strip()}" for sheet in sheets for key, text in sheet.comments.items()]
    return "".join(f"<p>{'<br>'.join(html.escape(text, quote=False).splitlines())}</p>" for text in said)


class CanvasExporter(_PlatformExporter):
    """Grades for Canvas: Grades, Import.

    Canvas looks for a student by its own number (nbgrader's lms_user_id, where that is a number), then by the
    login (nbgrader's id), then by the name. It asks what to do with unknown columns. The id of a student who is not in
    the roster is the name of a folder, not a login, so that cell stays empty.
    """

    section = Unicode("", help="Section that the students are in; Canvas does not need it.").tag(config=True)

    destination = "canvas.csv"

    def _table(
        self, students: Sequence[Student], assignments: Sequence[Assignment], sheets: _Sheets
    ) -> Iterable[list[str]]:
        yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *map(self._title, assignments)]
        yield ["Points Possible", "", "", "", "", *(points_cell(assignment.max_score) for assignment in assignments)]
        strangers = [student.id for student in students if not is_in_roster(student)]
        if strangers:
            self.log.warning(
                "%d student(s) not in the roster (oxboys roster FILE) have no login here, so Canvas may not find them: "
                "%s",
                len(strangers),
                ", ".join(strangers),
            )
        for student in students:
            number = student.lms_user_id or ""
            is_number = number.isascii() and number.isdigit()
            name = ", ".join(filter(None, (student.last_name, student.first_name)))
            yield [
                text_cell(name or student.id),
                number if is_number else "",
                "" if is_number else text_cell(number),
                text_cell(student.id) if is_in_roster(student) else "",
                text_cell(self.section),
                *self._points(student, assignments, sheets),
            ]
