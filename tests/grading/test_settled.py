"""Nothing changed means nothing to do, and whatever is changed is seen."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from classroom import RIGHT, WRONG, filled, hand_in, make_tiny_course, run, tiny_release, tiny_solution

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.settled import Said, Watch, find

COMMANDS = {
    "grade": ("grade", "tiny", "--jobs", "1"),
    "remark": ("remark", "tiny"),
    "report": ("report", "tiny"),
    "feedback": ("feedback", "tiny"),
}

#: What takes long to import, and what only a run or a page needs.
HEAVY = {
    "nbgrader",
    "nbconvert",
    "nbformat",
    "sqlalchemy",
    "statsmodels",
    "scipy",
    "pandas",
    "numpy",
    "ipykernel",
    "rich",
}

#: Runs a command of ours and lists what it imported.
TRACED = "import sys; from oxboys_mlm.cli import main; status = main(); print('\\n@', *sys.modules); sys.exit(status)"


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class until there is nothing to change any more."""
    course = make_tiny_course(tmp_path_factory.mktemp("settled") / "course")
    hand_in(course, "ada", "tiny", "t", filled(tiny_release(), RIGHT))
    hand_in(course, "bela", "tiny", "t", filled(tiny_release(), WRONG))
    for command in ("grade", "feedback", "grade"):
        assert run("oxboys", *COMMANDS[command], cwd=course).returncode == 0
    return course


@pytest.fixture
def course(settled: Path, tmp_path: Path) -> Path:
    """Give a copy of the settled course; its files are new ones, so it is noted once more."""
    copy = Path(shutil.copytree(settled, tmp_path / "course"))
    _watch(copy).note("grade", Said(["w"], ["line"]), "bwrap")
    assert find(copy, "tiny", "grade", "bwrap") == Said(["w"], ["line"])
    return copy


def _watch(course: Path) -> Watch:
    return Watch(Course(course), "tiny")


def _traced(course: Path, command: str) -> tuple[str, set[str]]:
    """Run a command; give what it said, and the packages it imported."""
    done = subprocess.run(
        [sys.executable, "-c", TRACED, *COMMANDS[command]], cwd=course, capture_output=True, text=True, check=True
    )
    said, _, modules = done.stdout.rpartition("\n@")
    return said, {name.partition(".")[0] for name in modules.split()}


@pytest.mark.parametrize("command", COMMANDS)
def test_imports_of_an_unchanged_class(settled: Path, command: str) -> None:
    """Where nothing has changed, a command imports nothing heavy, and says what it said before."""
    before = run("oxboys", *COMMANDS[command], cwd=settled).stdout

    said, packages = _traced(settled, command)

    assert packages & HEAVY == set()
    assert said.strip() == before.strip()
    assert before.strip()


def test_imports_of_the_questions() -> None:
    """Who only reads what notebooks ask does not wait for statsmodels, scipy's parts or pandas."""
    code = "import sys, oxboys_mlm.questions; print(*sys.modules)"

    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"pandas", "statsmodels", "scipy.stats", "scipy.optimize", "matplotlib"} & set(modules) == set()


def test_says_the_same(settled: Path) -> None:
    """The points and the places that a run prints are printed again."""
    said = run("oxboys", *COMMANDS["grade"], cwd=settled).stdout

    assert [line.split() for line in said.splitlines()] == [
        ["ada", "2", "of", "2", "points"],
        ["bela", "0", "of", "2", "points"],
        ["Scores:", "reports/tiny/scores.csv"],
        ["Report:", "reports/tiny/index.html"],
    ]


def _with_its_times(path: Path, content: bytes) -> None:
    """Write a file of the same length and give it the times it had."""
    info = path.stat()
    assert info.st_size == len(content)
    path.write_bytes(content)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def _answer(course: Path) -> None:
    path = course / "submitted" / "bela" / "tiny" / "t.ipynb"
    _with_its_times(path, path.read_bytes().replace(b'needs_multilevel = \\"no\\"', b'needs_multilevel = \\"yo\\"'))


def _graded(course: Path) -> None:
    path = course / "autograded" / "ada" / "tiny" / "t.ipynb"
    _with_its_times(path, path.read_bytes().replace(b"Right", b"right", 1))


def _handed(course: Path) -> None:
    (course / "submitted" / "ada" / "tiny" / "timestamp.txt").write_text("2030-01-01 10:00")


def _sql(statement: str) -> Callable[[Path], None]:
    def change(course: Path) -> None:
        with sqlite3.connect(course / "gradebook.db") as book:
            assert book.execute(statement).rowcount > 0
        book.close()

    return change


def _points(course: Path) -> None:
    nbformat.write(tiny_solution((4, 3)), course / "solutions" / "tiny" / "t.ipynb")


def _settings(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Limits.cell_seconds = 50\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "answer, same length and time": _answer,
    "graded notebook, same length and time": _graded,
    "graded notebook deleted": lambda course: (course / "autograded" / "ada" / "tiny" / "t.ipynb").unlink(),
    "submission added": lambda course: hand_in(course, "chiara", "tiny", "t", filled(tiny_release(), RIGHT)),
    "submission taken away": lambda course: shutil.rmtree(course / "submitted" / "ada"),
    "time of handing in": _handed,
    "loose file": lambda course: (course / "submitted" / "notes.txt").write_text("x"),
    "points": _points,
    "settings": _settings,
    "table in the course folder": lambda course: (course / "extensions.csv").write_text("student,assignment,until\n"),
    "release": lambda course: (course / "notebooks" / "tiny").mkdir(parents=True),
    "mark by a check": _sql("update grade set auto_score = 0.25 where auto_score = 1"),
    "mark by hand": _sql("update grade set manual_score = 0.5 where auto_score is null"),
    "comment": _sql("update comment set manual_comment = 'x'"),
    "deadline": _sql("update assignment set duedate = '2020-01-01 00:00:00.000000'"),
    "name": _sql("update student set first_name = 'Ada'"),
    "gradebook deleted": lambda course: (course / "gradebook.db").unlink(),
    "result deleted": lambda course: shutil.rmtree(course / ".oxboys" / "runs"),
    "table of scores": lambda course: (course / "reports" / "tiny" / "scores.csv").unlink(),
    "page of the report": lambda course: (course / "reports" / "tiny" / "index.html").unlink(),
    "note damaged": lambda course: (course / ".oxboys" / "settled" / "tiny" / "grade.json").write_text("{"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_is_seen(course: Path, change: Callable[[Path], object]) -> None:
    """After any change of what a mark, the table or the report depends on, there is something to do."""
    change(course)

    assert find(course, "tiny", "grade", "bwrap") is None


def test_other_options(course: Path) -> None:
    """What was found in the sandbox says nothing of a run without it."""
    assert find(course, "tiny", "grade", "none") is None


@pytest.mark.parametrize("command", ["remark", "report"])
def test_included(course: Path, command: str) -> None:
    """Grading has judged everything and written the report."""
    assert find(course, "tiny", command) is not None


def test_another_environment(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade of a package, or of this one, there is something to do."""
    monkeypatch.setattr("oxboys_mlm.grading.settled.surroundings", lambda: ["statsmodels 99"])

    assert find(course, "tiny", "grade", "bwrap") is None


def test_settings_that_come_out_different(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are a program: what they come out as counts, not their file alone."""
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nimport os\nc.Limits.cell_seconds = float(os.environ.get('SECONDS_OF_A_CELL', 60))\n")
    _watch(course).note("grade", Said(), "bwrap")
    assert find(course, "tiny", "grade", "bwrap") is not None

    monkeypatch.setenv("SECONDS_OF_A_CELL", "50")

    assert find(course, "tiny", "grade", "bwrap") is None


def test_code_that_the_course_brings(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is part of no installed package counts as well, such as one with rules for lateness."""
    module = tmp_path / "late_rules.py"
    module.write_text("def penalty(): return 1\n")
    os.utime(module, (1, 1))
    monkeypatch.syspath_prepend(str(tmp_path))
    import_module("late_rules")
    _watch(course).note("grade", Said(), "bwrap")
    assert find(course, "tiny", "grade", "bwrap") is not None

    _with_its_times(module, b"def penalty(): return 2\n")

    assert find(course, "tiny", "grade", "bwrap") is None


def test_a_change_during_a_run(course: Path) -> None:
    """What comes in while a class is graded is not taken for graded."""
    watch = _watch(course)
    hand_in(course, "chiara", "tiny", "t", filled(tiny_release(), RIGHT))

    watch.note("grade", Said(), "bwrap")

    assert find(course, "tiny", "grade", "bwrap") is None


@pytest.mark.parametrize("place", ["submitted/ada/tiny/t.ipynb", "submitted/ada", "solutions/tiny"])
def test_links(course: Path, tmp_path: Path, place: str) -> None:
    """Nothing is said of a course with a link in it: what it leads to may change unseen."""
    there = tmp_path / "elsewhere"
    (course / place).rename(there)
    (course / place).symlink_to(there)

    _watch(course).note("grade", Said(), "bwrap")

    assert find(course, "tiny", "grade", "bwrap") is None


def test_gradebook_on_a_server(course: Path) -> None:
    """Nothing is said of a gradebook that is no file."""
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.CourseDirectory.db_url = 'postgresql://somewhere/gradebook'\n")

    _watch(course).note("grade", Said(), "bwrap")

    assert find(course, "tiny", "grade", "bwrap") is None


def _odd_settings(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Limits.names = {(1, 2): 3}\n")


@pytest.mark.parametrize(
    "disturb",
    [
        _odd_settings,
        lambda course: (course / os.fsdecode(b"caf\xe9.csv")).write_text("x"),
        lambda course: (course / "submitted" / os.fsdecode(b"caf\xe9") / "tiny").mkdir(parents=True),
    ],
    ids=["settings that are no JSON", "name of a table", "name of a folder"],
)
def test_what_cannot_be_written_down(course: Path, disturb: Callable[[Path], object]) -> None:
    """Whatever stands in a course folder, a command that is done does not fail because of its note."""
    disturb(course)

    _watch(course).note("grade", Said(), "bwrap")

    find(course, "tiny", "grade", "bwrap")


def test_gradebook_in_use(course: Path) -> None:
    """While another program writes to the gradebook, nobody knows what is in it."""
    (course / "gradebook.db-journal").write_bytes(b"half")

    assert find(course, "tiny", "grade", "bwrap") is None
