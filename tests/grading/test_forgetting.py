"""All that a course folder keeps of a student is deleted, nothing of anybody else, and only when a person agrees."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import nbformat
import pytest
from classroom import RIGHT, WRONG, collect, filled, hand_in, make_tiny_course, run, scores, tiny_release

from oxboys_mlm.cli import main
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.roster import import_roster

GONE, STAYS = "J\u00fcrgen Xaver", "Berta Yvonne"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of two that was collected from Moodle, with pages handed back, an extension, marks and a log."""
    course = make_tiny_course(tmp_path_factory.mktemp("forgetting") / "course")
    (course / "students.csv").write_text(
        f"id,first_name,last_name,email\n{GONE},Quirin,Zett,zett@example.org\n{STAYS},Berta,Yvonne,b@example.org\n"
    )
    import_roster(Course(course), course / "students.csv")
    (course / "students.csv").unlink()
    files = {
        f"{name}_{number}_assignsubmission_file_/t.ipynb": nbformat.writes(filled(tiny_release(), answers))
        for name, number, answers in (("Zett Quirin", 2301, RIGHT), (STAYS, 2377, WRONG))
    }
    collect(course, files, assignment="tiny")
    shutil.rmtree(course / "downloaded" / "tiny" / "archive")
    hand_in(course, GONE, "tiny", "t (1)", "{")  # named in the notes
    (course / "extensions.csv").write_text(
        f"student,assignment,until\n{GONE},tiny,2026-11-20 12:00 UTC\n{STAYS},tiny,2026-11-20 12:00 UTC\n", "utf-8"
    )
    with (course / "nbgrader_config.py").open("a") as file:
        file.write('\nc.NbGrader.logfile = "nbgrader.log"\n')
    (course / "nbgrader.log").write_text(f"Graded {GONE}\nGraded {STAYS}\n", "utf-8")
    grade = ["grade", "tiny", "--sandbox", "none"]
    for command in (grade, grade, ["feedback", "tiny", "--for", "moodle"]):  # the second finds nothing to change
        done = run("oxboys", *command, cwd=course)
        assert done.returncode == 0, done.stderr
    assert (course / ".oxboys" / "settled" / "tiny" / "grade.json").is_file()
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """Copy the graded class."""
    return shutil.copytree(graded, tmp_path / "copy")


def _with(course: Path, word: str) -> list[str]:
    """List the files and folders that hold a word, or are called by it."""
    found = [path for path in course.rglob("*") if word in path.name]
    found += [path for path in course.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
    return sorted({str(path.relative_to(course)) for path in found})


SIGNS = (GONE, "J\u00fcrgen", "Xaver", "Zett", "Quirin", "zett@example.org", "2301")


def test_nothing_is_left(course: Path) -> None:
    """Afterwards no file of the course folder holds the student's id, name, address or platform's number."""
    before = {sign: _with(course, sign) for sign in SIGNS}
    assert all(before.values())
    others = _with(course, STAYS)
    assert main(["forget", unicodedata.normalize("NFD", GONE), "--yes", "--course", str(course)]) == 0
    assert [sign for sign in SIGNS if _with(course, sign)] == []
    assert [path for path in others if path not in _with(course, STAYS)] == [
        ".oxboys/settled/tiny/grade.json",
        "reports/tiny/feedback-for-moodle.zip",
    ]
    assert {student for student, _ in scores(course, "tiny")} == {STAYS}


def test_the_rest_goes_on(course: Path) -> None:
    """What is kept of the others still holds: judging anew finds every recorded run."""
    before = {key: row for key, row in scores(course, "tiny").items() if key[0] == STAYS}
    assert main(["forget", GONE, "--yes", "--course", str(course)]) == 0
    assert main(["remark", "tiny", "--course", str(course)]) == 0
    assert scores(course, "tiny") == before


def test_asks(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the id typed in nothing is deleted; what would be is listed, and what is left is said at the end."""
    for said in ("y", "", STAYS):
        monkeypatch.setattr("builtins.input", lambda _, said=said: said)
        before = _with(course, GONE)
        assert main(["forget", GONE, "--course", str(course)]) == 1
        assert _with(course, GONE) == before
    shown = capsys.readouterr()
    assert f"- submitted/{GONE}/" in shown.out
    assert "nothing was deleted" in shown.err
    monkeypatch.setattr("builtins.input", lambda _: GONE)
    (course / "gradebook.db.2026-11-20").touch()
    assert main(["forget", GONE, "--course", str(course)]) == 0
    left = capsys.readouterr().out.partition("does not touch:")[2]
    assert "gradebook.db.2026-11-20, a copy of the gradebook" in left
    assert "backups" in left
    assert "exchange" in left


def test_nobody(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody of whom nothing is kept is told so."""
    assert main(["forget", "nobody", "--yes", "--course", str(course)]) == 1
    assert "nothing is kept about 'nobody'" in capsys.readouterr().err


def test_part_of_a_name(course: Path) -> None:
    """Who is called as a part of another's name is somebody else."""
    assert main(["forget", "Berta", "--yes", "--course", str(course)]) == 1
    assert len(_with(course, STAYS)) > 5
