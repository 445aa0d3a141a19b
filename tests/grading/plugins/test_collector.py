"""What Moodle and Canvas give to download is collected: no two students become one, and nobody stops the others."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from classroom import ROOT, archive_of, collect, make_course, run

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.participants import Account, Identity, identify, read_memory, write_memory
from oxboys_mlm.grading.enrolment.roster import import_roster, students_of
from oxboys_mlm.grading.errors import GradingError

MOODLE = "{}_{}_assignsubmission_file_/{}"


@pytest.fixture(scope="module")
def empty_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course folder with the assignment "core" and an empty gradebook, which takes seconds."""
    folder = make_course(tmp_path_factory.mktemp("empty") / "course", "core")
    Course(folder).gradebook().close()
    return folder


@pytest.fixture
def course(empty_course: Path, tmp_path: Path) -> Path:
    """Make a course folder of a test's own."""
    return shutil.copytree(empty_course, tmp_path / "course")


def _collected(course: Path) -> dict[str, dict[str, str]]:
    """Read what was collected: the text of each notebook, by student."""
    return {
        folder.parent.name: {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.ipynb*"))}
        for folder in sorted(course.glob("submitted/*/core"))
    }


def test_equal_names(course: Path) -> None:
    """Two students of one full name are collected apart, each with their own files, and named in a warning."""
    first, second = (MOODLE.format("Anna Schmidt", number, "{}.ipynb") for number in (2301, 2377))
    said = collect(course, [first.format("1-visualization"), second.format("2-null-model")])

    assert _collected(course) == {
        "Anna Schmidt 2301": {"1-visualization": first.format("1-visualization")},
        "Anna Schmidt 2377": {"2-null-model": second.format("2-null-model")},
    }
    assert "collected with the platform's number: 'Anna Schmidt 2301', 'Anna Schmidt 2377'" in said


def test_blind_marking(course: Path) -> None:
    """Participants without names are told apart by the platform's numbers, even if there is one alone."""
    collect(course, [MOODLE.format("Participant", 4711, "1-visualization.ipynb")])
    assert list(_collected(course)) == ["Participant 4711"]
    collect(course, [MOODLE.format("Participant", number, "1-visualization.ipynb") for number in (4711, 4712)], "-f")
    assert list(_collected(course)) == ["Participant 4711", "Participant 4712"]


def test_uploaded_twice(course: Path) -> None:
    """Of two uploads of one notebook the last one is taken, with a warning, and everybody else is collected."""
    said = collect(
        course,
        {
            "langada_101_9001_1-visualization.ipynb": "ada",
            "nagybela_102_9012_1-visualization-1.ipynb": "bela's last",
            "nagybela_102_9002_1-visualization.ipynb": "bela's first",
            "orochiara_LATE_103_9004_2-null-model-2.ipynb": "chiara",
        },
    )
    assert _collected(course) == {
        "langada": {"1-visualization": "ada"},
        "nagybela": {"1-visualization": "bela's last"},
        "orochiara": {"2-null-model": "chiara"},
    }
    assert "the newest file counts, 'nagybela_102_9012_1-visualization-1.ipynb'" in said


def test_copies_in_one_folder(course: Path) -> None:
    """Of copies that lie in one folder, that with the latest time in the archive counts."""
    path = course / "downloaded" / "core" / "archive" / "core.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, hour in (
            ("1-visualization.ipynb", 9),
            ("1-visualization (1).ipynb", 8),
            ("2-null-model-Copy1.ipynb", 7),
        ):
            entry = zipfile.ZipInfo(MOODLE.format("Ada Lang", 1, name), (2026, 11, 20, hour, 0, 0))
            archive.writestr(entry, name)
    collect(course)
    assert _collected(course) == {
        "Ada Lang": {"1-visualization": "1-visualization.ipynb", "2-null-model": "2-null-model-Copy1.ipynb"}
    }


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lang_7_assignsubmission_file_/1-visualization.ipynb",
        "Ada Lang_7_assignsubmission_file/1-visualization.ipynb",
        "Ada Lang_7_assignsubmission_file_1-visualization.ipynb",
        "Lang, Ada_7_assignsubmission_file_/1-visualization (2).ipynb",
        "Tuesday - 2-Ada Lang_7_assignsubmission_file_/1-visualization.ipynb",
        "ADA LANG_7_assignsubmission_file_/my work/1-visualization.ipynb",
        "langada_LATE_55_901_1-visualization.ipynb",
        "adaonceinascalled_4711_901_1-visualization.ipynb",
    ],
)
def test_the_roster_says_who(course: Path, name: str) -> None:
    """A name or Canvas's number that just one student of the roster has leads to this student's id."""
    (course / "students.csv").write_text("id,first_name,last_name,lms_user_id\nal12,Ada,Lang,4711\nbn3,Béla,Nagy,5\n")
    import_roster(Course(course), course / "students.csv")
    said = collect(course, [name])
    assert _collected(course) == {"al12": {"1-visualization": name}}
    assert "in the roster" not in said


def test_later_downloads(course: Path) -> None:
    """What was decided for a participant holds for later downloads, when others of the same name hand in too."""
    notebook = "1-visualization.ipynb"
    archive = course / "downloaded" / "core" / "archive"
    archive_of(archive / "a.zip", {MOODLE.format("Anna Schmidt", 1, notebook): "old"}, when=1e9)
    collect(course)
    files = {MOODLE.format("Anna Schmidt", 1, notebook): "new", MOODLE.format("Anna Schmidt", 2, notebook): "other"}
    archive_of(archive / "A later one.zip", files, when=1.1e9)
    collect(course, (), "--force")
    assert _collected(course) == {
        "Anna Schmidt": {"1-visualization": "new"},
        "Anna Schmidt 2": {"1-visualization": "other"},
    }


def test_other_files(course: Path) -> None:
    """What is not a notebook, or nobody's, is left out; what has another name keeps it."""
    said = collect(
        course,
        [
            MOODLE.format("Ada Lang", 1, "Aufgabe3 final.v2.ipynb"),
            MOODLE.format("Ada Lang", 1, "2-null-model.ipynb.txt"),
            MOODLE.format("Ada Lang", 1, "notes.pdf"),
            MOODLE.format("Ada Lang", 1, "__MACOSX/._1-visualization.ipynb"),
            MOODLE.format("Ada Lang", 1, ".ipynb_checkpoints/1-visualization-checkpoint.ipynb"),
            "1-visualization.ipynb",
        ],
    )
    assert list(_collected(course)["Ada Lang"]) == ["2-null-model.ipynb", "Aufgabe3 final.v2"]
    assert "1 notebook(s) are left out" in said


def test_own_expression(course: Path) -> None:
    """A course that says itself how names are read has nbgrader's own way."""
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(r'c.FileNameCollectorPlugin.named_regexp = r".*/(?P<student_id>\w+)-(?P<file_id>1.+)\.ipynb"' + "\n")
    collect(course, ["ada-1-visualization.ipynb"])
    assert list(_collected(course)) == ["ada"]


def test_nothing_is_merged_by_hand(course: Path) -> None:
    """A changed ``collected.csv`` gives other ids; one that makes two participants one is refused in a line."""
    collect(course, [MOODLE.format("Anna Schmidt", number, "1-visualization.ipynb") for number in (1, 2)])
    memory = course / "downloaded" / "core" / "collected.csv"
    text = memory.read_text("utf-8")
    memory.write_text(text.replace(",", ";").replace("Anna Schmidt 1\n", "anna\n"), "cp1252")
    collect(course, (), "--force")
    assert "anna" in _collected(course)
    memory.write_text(text.replace("Anna Schmidt 1\n", "Anna Schmidt 2\n"), "utf-8")
    done = run("nbgrader", "zip_collect", "core", "--force", cwd=course)
    assert done.returncode == 1
    assert "two participants cannot have the same id, 'Anna Schmidt 2'" in done.stderr
    assert "Traceback" not in done.stderr


NAMES = [
    "Anna Schmidt",
    "anna schmidt",
    "Anna  Schmidt",
    "Participant",
    "Jo\u0308rg Mu",
    "Jörg Mu",
    "..",
    "a/b c",
    "=1 1",
    "",
]


@pytest.mark.parametrize("platform", ["Moodle", "Canvas"])
def test_never_two_as_one(tmp_path: Path, platform: str) -> None:
    """However names resemble each other, in one download or one after the other, every number has its own id."""
    people = {Account(platform, str(number)): name for number, name in enumerate(NAMES * 2)}
    at_once = identify(people, {}, [])
    memory: dict[Account, Identity] = {}
    for account, name in people.items():
        memory |= identify({account: name}, memory, [])
        write_memory(tmp_path / "collected.csv", memory)
        memory = read_memory(tmp_path / "collected.csv")
    for found in (at_once, memory):
        students = [identity.student.casefold() for identity in found.values()]
        assert len(set(students)) == len(people)
        assert not [student for student in students if student[:1] in ("", ".", "=") or "/" in student]


def test_two_of_one_name_in_the_roster(course: Path) -> None:
    """A name that two students of the roster have leads to neither."""
    (course / "students.csv").write_text("id,first_name,last_name\na1,Anna,Schmidt\na2,Anna,Schmidt\n")
    import_roster(Course(course), course / "students.csv")
    with Course(course).gradebook() as book:
        found = identify({Account("Moodle", "9"): "Anna Schmidt"}, {}, students_of(book))
    assert [identity.student for identity in found.values()] == ["Anna Schmidt 9"]


def test_damaged_memory(tmp_path: Path) -> None:
    """A line of ``collected.csv`` without an id is named."""
    (tmp_path / "collected.csv").write_text("platform,number,name,student\nMoodle,1,Anna,\n")
    with pytest.raises(GradingError, match="line 2: '' cannot be an id: it is empty"):
        read_memory(tmp_path / "collected.csv")


def test_the_course_uses_it() -> None:
    """The course's own settings name the collector."""
    assert "oxboys_mlm.nbgrader.PlatformCollector" in (ROOT / "nbgrader_config.py").read_text("utf-8")
