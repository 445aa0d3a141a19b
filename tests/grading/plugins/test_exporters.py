"""Exports are what Moodle and Canvas import, and no spreadsheet runs anything in them."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from classroom import make_tiny_course, run
from nbgrader.api import Gradebook

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.participants import Account, Identity, write_memory
from oxboys_mlm.grading.plugins.exporters import CanvasExporter, MoodleExporter, WorksheetExporter, points_cell
from oxboys_mlm.grading.tables import text_cell


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Make a course of 6 points; one student has a full record, one has only an id, one handed nothing in."""
    course = Course(make_tiny_course(tmp_path_factory.mktemp("course"), points=(1, 3)))
    course.assignment("tiny").register()
    with course.gradebook() as book, book.db.no_autoflush:
        book.add_student("zg1", first_name="Zoë", last_name='Grün, "jr."', email="zoe@example.org", lms_user_id="4711")
        book.add_student("-ben", first_name="=1+1", last_name="\t@x", lms_user_id="sis-9")
        book.add_student("carl", email="carl@example.org")
        for name, scores in {"zg1": (1, 2.5), "-ben": (0, 2 / 3)}.items():
            notebook = book.add_submission("tiny", name).notebooks[0]
            for grade in notebook.grades:
                grade.auto_score = dict(
                    zip(("needs_multilevel-check", "intercept_variance_row-check"), scores, strict=True)
                ).get(grade.name)
                grade.needs_manual_grade = grade.auto_score is None and name == "zg1"
            notebook.late_submission_penalty = 0.5 if name == "zg1" else None
        book.db.commit()
    return course


@pytest.fixture
def book(course: Course) -> Iterator[Gradebook]:
    """Open the course's gradebook."""
    with course.gradebook() as book:
        yield book


def _export(
    plugin: MoodleExporter | WorksheetExporter | CanvasExporter, book: Gradebook, folder: Path, **settings: object
) -> list[list[str]]:
    plugin.to = str(folder / "out.csv")
    for name, value in settings.items():
        setattr(plugin, name, value)
    plugin.export(book)
    with Path(plugin.to).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_moodle(book: Gradebook, tmp_path: Path) -> None:
    """Moodle gets one column that identifies, names, and a column per assignment; "-" where there is no grade."""
    assert _export(MoodleExporter(), book, tmp_path, identify_by="email") == [
        ["Email address", "First name", "Last name", "tiny"],
        ["carl@example.org", "", "", "-"],
        ["zoe@example.org", "Zoë", 'Grün, "jr."', "3"],
    ]


@pytest.mark.parametrize(
    ("identify_by", "found"),
    [
        ("username", ["carl", "zg1"]),
        ("idnumber", ["4711", "sis-9"]),
        ("email", ["carl@example.org", "zoe@example.org"]),
    ],
)
def test_moodle_finds_every_row(book: Gradebook, tmp_path: Path, identify_by: str, found: list[str]) -> None:
    """No row goes to Moodle without what identifies it: it would get the student of the row before."""
    _, *rows = _export(MoodleExporter(), book, tmp_path, identify_by=identify_by)
    assert sorted(row[0] for row in rows) == found


def test_moodle_says_who_is_left_out(book: Gradebook, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Students whom Moodle could not find are named."""
    plugin = MoodleExporter(log=logging.getLogger("export"))
    _export(plugin, book, tmp_path, identify_by="email")
    assert (
        "1 student(s) left out, because the roster has no Email address by which Moodle could find them: -ben"
        in caplog.text
    )


def test_canvas(book: Gradebook, tmp_path: Path) -> None:
    """Canvas gets its five columns, the points possible, and what it can know students by."""
    header, possible, *rows = _export(CanvasExporter(), book, tmp_path)

    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "tiny"]
    assert possible == ["Points Possible", "", "", "", "", "6"]
    assert sorted(rows) == sorted(
        [
            ["'@x, '=1+1", "", "sis-9", "'-ben", "", "0.6667"],
            ["carl", "", "", "carl", "", ""],
            ['Grün, "jr.", Zoë', "4711", "", "zg1", "", "3"],
        ]
    )


def test_a_folder_is_no_login(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Who is in the gradebook only because a folder was graded has no login; both exporters name them."""
    course = Course(make_tiny_course(tmp_path))
    with course.gradebook() as book:
        book.add_student("Daniel Muster")
        book.add_student("ada", first_name="Ada")
        moodle = _export(MoodleExporter(log=logging.getLogger("export")), book, tmp_path)
        canvas = _export(CanvasExporter(log=logging.getLogger("export")), book, tmp_path)

    assert [row[0] for row in moodle] == ["Username", "ada"]
    assert {row[0]: row[3] for row in canvas[2:]} == {"Daniel Muster": "", "Ada": "ada"}
    assert caplog.text.count("Daniel Muster") == 2


@pytest.fixture
def collected(tmp_path: Path) -> Course:
    """Make a course in which one student was collected from Moodle, late, and one was not."""
    course = Course(make_tiny_course(tmp_path / "course", points=(1, 3)))
    course.assignment("tiny").register()
    folder = course.root / "downloaded" / "tiny"
    names = {"zoe": ("26", "'=Zoë Grün"), "ben": ("27", "Ben")}
    write_memory(
        folder / "collected.csv", {Account("Moodle", n): Identity(t, s, "name") for s, (n, t) in names.items()}
    )
    with course.gradebook() as book, book.db.no_autoflush:
        book.update_or_create_assignment("tiny", duedate=datetime(2030, 1, 1))
        for student in ("zoe", "by mail"):
            book.add_student(student, email=f"{student}@example.org")
            submission = book.add_submission("tiny", student, timestamp=datetime(2030, 1, 1, 2))
            for grade in submission.notebooks[0].grades:
                grade.manual_score, grade.needs_manual_grade = 1.0, False
            for comment in submission.notebooks[0].comments:
                if comment.name == "needs_multilevel_why":
                    comment.manual_comment = "=1+1\n<b>Is 3 < 2?</b>"
        book.add_student("ben")
        book.db.commit()
    return course


def test_worksheet(collected: Course, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Moodle's worksheet has participants by number, points, comments and lateness; who has no number is named."""
    with collected.gradebook() as book:
        plugin = WorksheetExporter(parent=collected.parent, log=logging.getLogger("export"))
        header, *rows = _export(plugin, book, tmp_path)
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert set(found) == {"Participant 26", "Participant 27"}
    assert [found[row]["Grade"] for row in sorted(found)] == ["3", ""]
    assert found["Participant 26"] | {"Feedback comments": ""} == {
        "Identifier": "Participant 26",
        "Full name": "'=Zoë Grün",
        "Email address": "zoe@example.org",
        "Grade": "3",
        "Maximum Grade": "6",
        "Last modified (grade)": "-",
        "Feedback comments": "",
    }
    assert found["Participant 26"]["Feedback comments"] == (
        "<p>Handed in 2 hours after the deadline; points taken off: 0.</p>"
        "<p>t, needs_multilevel_why: =1+1<br>&lt;b&gt;Is 3 &lt; 2?&lt;/b&gt;</p>"
    )
    assert "1 student(s) left out, because they were not collected from Moodle" in caplog.text
    assert "by mail" in caplog.text


def test_worksheet_of_two_assignments(collected: Course, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A worksheet is for one assignment: of several, one has to be named."""
    with collected.gradebook() as book:
        book.add_assignment("other")
        plugin = WorksheetExporter(parent=collected.parent, log=logging.getLogger("export"))
        with pytest.raises(SystemExit):
            _export(plugin, book, tmp_path)
        assert "is for one assignment" in caplog.text
        assert len(_export(plugin, book, tmp_path, assignment=["tiny"])) == 3


@pytest.mark.parametrize("plugin", [MoodleExporter, CanvasExporter])
def test_settings(book: Gradebook, tmp_path: Path, plugin: type[MoodleExporter | CanvasExporter]) -> None:
    """Assignments may have another title there, and whoever handed nothing in may get zero points."""
    header, *rows = _export(plugin(), book, tmp_path, titles={"tiny": "Übung 1 (42)"}, missing_as_zero=True)

    assert header[-1] == "Übung 1 (42)"
    assert [row[-1] for row in rows if "carl" in row] == ["0"]


@pytest.mark.parametrize("plugin", [MoodleExporter, CanvasExporter])
def test_no_formulas(book: Gradebook, tmp_path: Path, plugin: type[MoodleExporter | CanvasExporter]) -> None:
    """No cell starts as a formula does; a lone "-" is none."""
    cells = [cell for row in _export(plugin(), book, tmp_path) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) and cell != "-" for cell in cells)


@pytest.mark.parametrize("plugin", [MoodleExporter, CanvasExporter])
def test_some_students(book: Gradebook, tmp_path: Path, plugin: type[MoodleExporter | CanvasExporter]) -> None:
    """The students asked for are exported, and no others."""
    rows = _export(plugin(), book, tmp_path, student=["carl"])
    assert [row for row in rows[1:] if "Points Possible" not in row] == [row for row in rows if "carl" in row]


def test_unknown_assignment(book: Gradebook, tmp_path: Path) -> None:
    """An assignment that is not there is an error, not an empty file."""
    with pytest.raises(SystemExit):
        _export(MoodleExporter(), book, tmp_path, assignment=["tyni"])
    assert not (tmp_path / "out.csv").exists()


def test_waiting_marks_are_told(book: Gradebook, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever exports before all is marked is told so."""
    _export(CanvasExporter(log=logging.getLogger("export")), book, tmp_path)
    assert "1 submission(s) of tiny wait for marks by hand" in caplog.text


def test_by_command(course: Course) -> None:
    """The plugins are chosen by name on nbgrader's command line, with settings as nbgrader's own have them."""
    finished = run(
        "nbgrader",
        "export",
        "--exporter=oxboys_mlm.nbgrader.MoodleExporter",
        "--MoodleExporter.identify_by=email",
        "--assignment=tiny",
        cwd=course.root,
    )

    assert finished.returncode == 0, finished.stderr
    assert (course.root / "moodle.csv").read_text("utf-8").startswith("Email address,First name,Last name,tiny\n")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Ødegård, Åse", "Ødegård, Åse"),
        ("O'Neil-Smith", "O'Neil-Smith"),
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\n\N{ZERO WIDTH SPACE}=1", "'=1"),
        ("＝1", "'＝1"),
        ('x;"=1"', 'x;"\'=1"'),
        ("x; @y", "x; '@y"),
        (None, ""),
    ],
)
def test_text_cell(text: str | None, cell: str) -> None:
    """Texts stay as they are, but for what a spreadsheet would take for a formula."""
    assert text_cell(text) == cell


@pytest.mark.parametrize(
    ("points", "cell"), [(0.0, "0"), (10.0, "10"), (100.0, "100"), (0.5, "0.5"), (2 / 3, "0.6667")]
)
def test_points_cell(points: float, cell: str) -> None:
    """Points are numbers with a decimal point, without needless zeros."""
    assert points_cell(points) == cell
