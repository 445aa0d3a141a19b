"""Pages go back under the names of the platform's own download, and nobody's lands with another."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from classroom import archive_of, collect, make_course

from oxboys_mlm.cli import main
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.roster import import_roster
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.feedback.handing_back import Archive, HandingBack, Receiver

MOODLE = "{}_{}_assignsubmission_file_/{}.ipynb"
ONE, TWO = "1-visualization", "2-null-model"


@pytest.fixture(scope="module")
def empty_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course folder with an empty gradebook, which takes seconds."""
    folder = make_course(tmp_path_factory.mktemp("empty") / "course", "core")
    Course(folder).gradebook().close()
    return folder


@pytest.fixture
def course(empty_course: Path, tmp_path: Path) -> Path:
    """Make a course folder of a test's own."""
    return shutil.copytree(empty_course, tmp_path / "course")


def _pages(course: Path, *students: str, notebooks: Sequence[str] = (ONE, TWO)) -> list[str]:
    """Put pages in place that say whose they are; everybody's who has handed in, unless students are named."""
    ids = students or sorted(path.name for path in (course / "submitted").iterdir())
    for student in ids:
        for notebook in notebooks:
            page = course / "feedback" / student / "core" / f"{notebook}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(student, "utf-8")
    return list(ids)


def _pack(course: Path, receiver: Receiver, students: Sequence[str]) -> tuple[Archive, dict[str, str]]:
    """Hand back, and read the archive: whose page lies where."""
    archive = HandingBack(Course(course), "core", receiver).pack(students)
    with zipfile.ZipFile(archive.path) as file:
        return archive, {name: file.read(name).decode() for name in file.namelist()}


def _moodle_reads(path: str) -> str:
    """Read a participant's number as Moodle's importer of feedback files does: behind the first underscore."""
    for part in path.split("/"):
        pieces = part.split("_", 4)
        if len(pieces) >= 4 and pieces[1].isdecimal():
            return pieces[1]
    return ""


def _canvas_reads(path: str) -> list[str]:
    """Read the student's and the file's number as Canvas does: the first two numbers between underscores."""
    return [piece for piece in Path(path).name.split("_") if piece.isdecimal()][:2]


def test_moodle(course: Path) -> None:
    """Each page lies in its student's own folder, under the folder's very name, equal names and umlauts included."""
    folders = {
        ("Anna Schmidt", "2301"): "Anna Schmidt 2301",
        ("Anna Schmidt", "2377"): "Anna Schmidt 2377",
        ("Jörg Müller", "24"): "Jörg Müller",
        ("Ju\u0308rgen Groß", "25"): "Jürgen Groß",
        ("Gruppe A-Zoë Grün", "26"): "Gruppe A-Zoë Grün",
    }
    collect(course, [MOODLE.format(name, number, notebook) for name, number in folders for notebook in (ONE, TWO)])
    archive, found = _pack(course, "moodle", _pages(course))

    assert found == {
        f"{name}_{number}_assignsubmission_file_/{notebook}.html": student
        for (name, number), student in folders.items()
        for notebook in (ONE, TWO)
    }
    assert {_moodle_reads(path) for path in found} == {number for _, number in folders}
    assert (archive.students, archive.pages, archive.left_out) == (5, 10, {})


def test_moodle_without_folders(course: Path) -> None:
    """A download without folders gets files that are named as its own are."""
    collect(course, [f"Ada Lang_7_assignsubmission_file_{ONE}.ipynb", f"Béla Nagy_8_assignsubmission_file_{ONE}.ipynb"])
    _, found = _pack(course, "moodle", _pages(course, notebooks=[ONE]))
    assert found == {
        f"Ada Lang_7_assignsubmission_file_{ONE}.html": "Ada Lang",
        f"Béla Nagy_8_assignsubmission_file_{ONE}.html": "Béla Nagy",
    }


def test_canvas(course: Path) -> None:
    """Each page goes to the file that counted: the newest of two uploads, late ones, and one under another name."""
    (course / "students.csv").write_text("id,first_name,last_name,lms_user_id\nal12,Ada,Lang,101\n")
    import_roster(Course(course), course / "students.csv")
    collect(
        course,
        [
            f"langada_101_9001_{ONE}.ipynb",
            f"langada_101_9011_{ONE}-1.ipynb",
            "langada_101_9002_Aufgabe zwei.ipynb",
            f"orochiara_LATE_103_9004_{TWO}-2.ipynb",
        ],
    )
    archive, found = _pack(course, "canvas", _pages(course))
    assert found == {
        f"langada_101_9011_{ONE}.html": "al12",
        f"langada_101_9002_{TWO}.html": "al12",
        f"orochiara_LATE_103_9004_{TWO}.html": "orochiara",
    }
    assert sorted(map(_canvas_reads, found)) == [["101", "9002"], ["101", "9011"], ["103", "9004"]]
    assert archive.left_out == {
        "as Canvas takes a page only for a file that was uploaded there": [f"orochiara ({ONE})"]
    }


def test_resubmitted(course: Path) -> None:
    """After a later download, pages go to what was handed in then; who is in the earlier one alone is not forgotten."""
    archives = course / "downloaded" / "core" / "archive"
    archive_of(archives / "a.zip", [f"langada_1_11_{ONE}.ipynb", f"nagybela_2_12_{ONE}.ipynb"], when=1e9)
    collect(course)
    (archives / "a.zip").unlink()
    archive_of(archives / "b.zip", [f"langada_LATE_1_21_{ONE}-1.ipynb"], when=1.1e9)
    collect(course, (), "--force")
    _, found = _pack(course, "canvas", _pages(course, notebooks=[ONE]))
    assert found == {f"langada_LATE_1_21_{ONE}.html": "langada", f"nagybela_2_12_{ONE}.html": "nagybela"}


def test_who_has_no_folder(course: Path) -> None:
    """Who has pages and no folder is named, and so is who has a folder and no pages; the others get theirs."""
    collect(course, [MOODLE.format("Ada Lang", 1, ONE), MOODLE.format("Béla Nagy", 2, ONE)])
    archive, found = _pack(course, "moodle", _pages(course, "Ada Lang", "by mail"))
    assert set(found.values()) == {"Ada Lang"}
    assert archive.left_out == {
        "as Moodle's download has no folder or file of theirs": ["by mail"],
        "as there are no pages for them, though they handed in there": ["Béla Nagy"],
    }


def test_ids_given_by_hand(course: Path) -> None:
    """An id that a person changed in ``collected.csv`` leads to the same folder."""
    collect(course, [MOODLE.format("Anna Schmidt", number, ONE) for number in (1, 2)])
    memory = course / "downloaded" / "core" / "collected.csv"
    memory.write_text(memory.read_text("utf-8").replace("Anna Schmidt 1\n", "anna\n"), "utf-8")
    _, found = _pack(course, "moodle", _pages(course, "anna", "Anna Schmidt 2", notebooks=[ONE]))
    assert {_moodle_reads(path): student for path, student in found.items()} == {"1": "anna", "2": "Anna Schmidt 2"}


@pytest.mark.parametrize(
    ("receiver", "name"),
    [("moodle", f"Ada_5_23_assignsubmission_file_/{ONE}.ipynb"), ("canvas", f"langada_5_23_901_{ONE}.ipynb")],
)
def test_a_name_that_is_read_in_two_ways(course: Path, receiver: Receiver, name: str) -> None:
    """A name in which the platform would find another's number is not used."""
    collect(course, [name])
    archive, found = _pack(course, receiver, _pages(course))
    reads = _moodle_reads if receiver == "moodle" else _canvas_reads
    assert found == {} or {tuple(reads(path)) for path in found} == {("5", "23")}
    assert found or archive.left_out


@pytest.mark.parametrize(
    ("one", "other"), [("Jörg", "Jo\u0308rg"), ("anna", "Anna"), ("Jörg", "JÖRG"), ("straße", "STRASSE")]
)
def test_folders(course: Path, one: str, other: str) -> None:
    """For other ways a folder each; two that a computer may take for one are left out and named."""
    archive, found = _pack(course, "folders", _pages(course, "ada", one, other))
    assert found == {f"ada/{ONE}.html": "ada", f"ada/{TWO}.html": "ada"}
    assert [sorted(names) for names in archive.left_out.values()] == [sorted([one, other])]


def test_stored_in_another_form(course: Path) -> None:
    """A student's folder whose accents are stored as macOS does is found by the name that was collected."""
    collect(course, [MOODLE.format("Jörg Müller", 3, ONE)])
    archive, found = _pack(course, "moodle", _pages(course, "Jo\u0308rg Mu\u0308ller", notebooks=[ONE]))
    assert list(found) == [f"Jörg Müller_3_assignsubmission_file_/{ONE}.html"]
    assert not archive.left_out


def test_not_collected_from_there(course: Path) -> None:
    """Where nothing was collected from a platform, a line says so and what to do."""
    collect(course, [f"langada_1_11_{ONE}.ipynb"])
    with pytest.raises(GradingError, match=r"collected from Moodle in .* run nbgrader zip_collect core --f"):
        HandingBack(Course(course), "core", "moodle")


def test_damaged(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged list of names is told in a line, before any page is made."""
    collect(course, [f"langada_1_11_{ONE}.ipynb"])
    (course / "downloaded" / "core" / "uploads.json").write_text("[{")
    assert main(["feedback", "core", "--for", "canvas", "--course", str(course)]) == 1
    assert "uploads.json is damaged" in capsys.readouterr().err
