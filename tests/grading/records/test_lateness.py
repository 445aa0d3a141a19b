"""Lateness costs what the course's settings say, by extensions and the clock, and is judged anew when it is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from classroom import RIGHT, filled, hand_in, make_tiny_course, run, tiny_release
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp

from oxboys_mlm.cli import main
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.records.extensions import read_extensions
from oxboys_mlm.grading.records.lateness import LatePenalties, LatePolicy, settle
from oxboys_mlm.grading.submissions.timestamps import parse_deadline

DUE = datetime(2026, 10, 23, 10)


def _late(policy: LatePolicy, late: timedelta) -> float:
    return policy.late_submission_penalty("ada", 10, late.total_seconds()) or 0


@pytest.mark.parametrize(
    ("settings", "late", "penalty"),
    [
        ({}, timedelta(days=9), 0),
        ({"penalty_method": "zero"}, timedelta(seconds=1), 10),
        ({"penalty_method": "zero", "grace_minutes": 5}, timedelta(minutes=5), 0),
        ({"penalty_method": "zero", "grace_minutes": 5}, timedelta(minutes=5, seconds=1), 10),
        ({"penalty_method": "daily"}, timedelta(), 0),
        ({"penalty_method": "daily"}, timedelta(seconds=1), 1),
        ({"penalty_method": "daily"}, timedelta(days=1), 1),
        ({"penalty_method": "daily"}, timedelta(days=1, seconds=1), 2),
        ({"penalty_method": "daily"}, timedelta(days=2, seconds=1), 3),
        ({"penalty_method": "daily"}, timedelta(days=90), 10),
        ({"penalty_method": "daily", "floor": 0.4}, timedelta(days=90), 6),
        ({"penalty_method": "daily", "daily_share": 0.25}, timedelta(days=2), 5),
        ({"penalty_method": "daily", "grace_minutes": 60}, timedelta(hours=1), 0),
        ({"penalty_method": "daily", "grace_minutes": 60}, timedelta(hours=25), 1),
        ({"penalty_method": "daily", "grace_minutes": 60}, timedelta(hours=25, seconds=1), 2),
    ],
)
def test_policies(settings: dict[str, float | str], late: timedelta, penalty: float) -> None:
    """Nothing, all points, or a share for each day that has started, after the time of grace and down to the floor."""
    assert _late(LatePolicy(**settings), late) == pytest.approx(penalty)


@pytest.mark.parametrize(
    ("zone", "due", "handed", "days"),
    [
        # Clocks go back on 25 October 2026: that day has 25 hours.
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-25 23:59", 1),
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-26 00:00", 2),
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-26 23:59", 2),
        # They go forward on 29 March: that day has 23.
        ("Europe/Berlin", "2026-03-28 23:59", "2026-03-29 23:59", 1),
        ("Europe/Berlin", "2026-03-28 23:59", "2026-03-30 00:58", 1),
        ("America/New_York", "2026-10-31 20:00", "2026-11-01 20:00", 1),
        ("UTC", "2026-10-24 23:59", "2026-10-25 23:59", 1),
    ],
)
def test_clocks_are_changed(zone: str, due: str, handed: str, days: int) -> None:
    """A day by the clock on the wall is a day, though it may have 25 hours."""
    policy = LatePolicy(penalty_method="daily", time_zone=zone)
    late = policy.seconds_late(parse_deadline(f"{due} {zone}"), parse_deadline(f"{handed} {zone}"))
    assert _late(policy, timedelta(seconds=late)) == days


def test_the_hour_that_comes_twice() -> None:
    """What was handed in after a deadline is late, though the clock on the wall showed an earlier time again."""
    policy = LatePolicy(penalty_method="daily", time_zone="Europe/Berlin")
    late = policy.seconds_late(parse_deadline("2026-10-25 02:30 +02:00"), parse_deadline("2026-10-25 02:10 +01:00"))
    assert _late(policy, timedelta(seconds=late)) == 1


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-10-24 12:00 Europe/Berlin", "2026-10-24 10:00"),
        ("2026-10-25 12:00 Europe/Berlin", "2026-10-25 11:00"),
        ("2026-10-25 02:30 +02:00", "2026-10-25 00:30"),
        ("2026-11-20T12:00:00 CET", "2026-11-20 11:00"),
    ],
)
def test_deadlines(text: str, utc: str) -> None:
    """A deadline is read with its zone, in summer and in winter."""
    assert parse_deadline(text) == datetime.fromisoformat(utc)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Make a course with a deadline: one submission a day late, one in time; a daily policy."""
    root = make_tiny_course(tmp_path_factory.mktemp("late") / "course", points=(1, 1))
    with (root / "nbgrader_config.py").open("a") as file:
        file.write('\nc.LatePolicy.penalty_method = "daily"\nc.LatePolicy.daily_share = 0.5\n')
    for student, when in {"ada": "2026-10-24 09:00 UTC", "bela": "2026-10-23 09:00 UTC"}.items():
        path = hand_in(root, student, "tiny", "t", filled(tiny_release(), RIGHT))
        path.with_name("timestamp.txt").write_text(when)
    course = Course(root)
    course.assignment("tiny").register()
    with course.gradebook() as book:
        book.update_or_create_assignment("tiny", duedate=DUE)
    done = run("oxboys", "grade", "tiny", "--sandbox", "none", "--jobs", "1", cwd=root)
    assert done.returncode == 0, done.stderr
    return course


def _extend(course: Course, *rows: str) -> None:
    (course.root / "extensions.csv").write_text("\n".join(["student,assignment,until", *rows]), "utf-8")


def _penalties(course: Course) -> dict[str, float]:
    with course.gradebook() as book:
        return {item.student.id: item.late_submission_penalty for item in book.assignment_submissions("tiny")}


def test_an_extension_after_grading(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """An extension granted after grading counts when marks are judged anew, and so does one that is taken back."""
    (course.root / "extensions.csv").unlink(missing_ok=True)
    assert main(["remark", "tiny", "--course", str(course.root)]) == 0
    assert _penalties(course) == {"ada": 1, "bela": 0}
    assert "which costs 1 point." in (course.root / "reports" / "tiny" / "index.html").read_text("utf-8")
    _extend(course, "ada,tiny,2026-10-24 11:30 Europe/Berlin", "adaa,tiny,2026-10-24 11:30 Europe/Berlin")
    assert main(["remark", "tiny", "--course", str(course.root)]) == 0
    assert "extensions.csv, line 3: there is no student 'adaa'" in capsys.readouterr().err
    assert _penalties(course) == {"ada": 0, "bela": 0}
    _extend(course, "ada,tiny,2026-10-24 10:30 Europe/Berlin")
    assert main(["report", "tiny", "--course", str(course.root)]) == 0
    assert _penalties(course) == {"ada": 1, "bela": 0}
    assert "Handed in 30 minutes late" in (course.root / "reports" / "tiny" / "index.html").read_text("utf-8")


def test_exports_agree(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export takes off what lateness costs by today's extensions and marks, those by hand included."""
    _extend(course)
    _mark_by_hand(course, 2)
    monkeypatch.chdir(course.root)
    app = ExportApp()
    app.initialize(["--exporter=oxboys_mlm.nbgrader.CanvasExporter", f"--to={tmp_path / 'out.csv'}"])
    app.start()
    rows = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert [row.rpartition(",")[2] for row in rows if row.startswith(("ada", "bela"))] == ["2", "2"]
    assert _penalties(course)["ada"] == 2
    _mark_by_hand(course, 0)


def _mark_by_hand(course: Course, points: float) -> None:
    with course.gradebook() as book:
        grade = book.find_grade("needs_multilevel_why", "t", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def test_no_deadline_any_more(course: Course) -> None:
    """Without a deadline nothing is late, and an extension is harmless."""
    _extend(course, "ada,tiny,2026-10-24 11:30 Europe/Berlin")
    with course.gradebook() as book:
        try:
            book.find_assignment("tiny").duedate = None
            settle(course, book, "tiny")
            assert book.find_submission("tiny", "ada").total_seconds_late == 0
            assert book.find_submission("tiny", "ada").late_submission_penalty == 0
        finally:
            _due(book, DUE)


def _due(book: Gradebook, when: datetime) -> None:
    book.find_assignment("tiny").duedate = when
    book.db.commit()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",tiny,2026-11-20 12:00 UTC", "there is no student"),
        ("ada,tyni,2026-11-20 12:00 UTC", "there is no assignment 'tyni', but tiny"),
        ("ada,tiny,", "'' is not a time like 2026-11-20 12:00 Europe/Berlin"),
        ("ada,tiny,20.11.2026 12:00", "'20.11.2026 12:00' is not a time"),
        ("ada,tiny,2026-11-20", "'2026-11-20' is not a time"),
        ("ada,tiny,2026-02-30 12:00 UTC", "day is out of range"),
        ("ada,tiny,2026-11-20 12:00", "has no time zone"),
        ("ada,tiny,2026-11-20 12:00 IST", "its time zone 'IST' is not certain"),
        ("ada,tiny,2026-10-25 02:30 Europe/Berlin", "clocks change"),
        ("ada,tiny,2026-03-29 02:30 Europe/Berlin", "clocks change"),
        ("bela,tiny,2026-11-21 12:00 UTC", "'bela' has an extension for tiny in line 2"),
        ("ada,tiny,2026-11-20 12:00 UTC,x", "there are 4 cells, but 3 columns"),
    ],
)
def test_bad_rows(tmp_path: Path, row: str, said: str) -> None:
    """A row that cannot be used is refused, and its line named."""
    course = Course(make_tiny_course(tmp_path))
    _extend(course, "bela,tiny,2026-11-20 12:00 UTC", row)
    with pytest.raises(GradingError, match=r"extensions\.csv, line 3: ") as refused:
        read_extensions(course)
    assert said in str(refused.value)


def test_an_extension_that_shortens(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """An extension that ends before everybody's deadline is refused by its line; nothing has changed."""
    before = _penalties(course)
    _extend(course, "ada,tiny,2026-10-20 12:00 UTC")
    assert main(["remark", "tiny", "--course", str(course.root)]) == 1
    assert "extensions.csv, line 2: 'ada' would have to hand in tiny until" in capsys.readouterr().err
    assert _penalties(course) == before
    _extend(course)


def test_spelled_in_another_way(tmp_path: Path) -> None:
    """A name whose accents are stored as macOS does is the same name."""
    course = Course(make_tiny_course(tmp_path))
    _extend(course, "Jo\u0308rg,tiny,2026-11-20 12:00 UTC")
    extensions = read_extensions(course)
    assert extensions is not None
    assert extensions.of("J\u00f6rg", "tiny") == datetime(2026, 11, 20, 12)
    assert extensions.strangers(["J\u00f6rg"]) == []


@pytest.mark.parametrize(
    "setting",
    [
        "c.LatePolicy.time_zone = 'Europe/Entenhausen'",
        "c.LatePolicy.penalty_method = 'weekly'",
        "c.LatePolicy.daily_share = 10",
        "c.AssignLatePenalties.plugin_class = 'no_such.Policy'",
    ],
)
def test_bad_settings(tmp_path: Path, setting: str) -> None:
    """A setting that cannot be used is told in a line."""
    root = make_tiny_course(tmp_path)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"\n{setting}\n")
    with pytest.raises(GradingError, match="late submissions cannot be used"):
        LatePenalties(Course(root))
