"""Whatever goes wrong for one submission is that submission's outcome: others are graded, no mark is made up."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sqlite3
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import nbformat
import pytest
from attacks.catalogue import NAMES, UNHELD_NAMES
from classroom import (
    RIGHT,
    WRONG,
    filled,
    gradebook_scores,
    hand_in,
    make_tiny_course,
    scores,
    tiny_release,
    tiny_solution,
)
from nbgrader.api import Gradebook
from sqlalchemy.exc import DataError, OperationalError

from oxboys_mlm.checking import checks
from oxboys_mlm.cli import main
from oxboys_mlm.grading import grader, judging, names
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.records import gradebook, receipts, recorder
from oxboys_mlm.grading.results import Answer
from oxboys_mlm.grading.running.store import Store
from oxboys_mlm.grading.running.task import Result, Task
from oxboys_mlm.grading.submissions import finding, intake, timestamps

STUDENTS = ("ada", "bela", "chiara")


class Here:
    """Runs the tests' own notebooks in this process, which takes no time."""

    size = 1

    def submit(self, task: Task) -> Future[Result]:
        """Run at once."""
        notebook = json.loads(task.notebook)
        names: dict[str, Any] = {}
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code" and "check" not in cell["source"]:
                exec(cell["source"], names)
        answers = {key: Answer("scored", checks.verdict_on(key, names).record.evidence) for key in task.keys}
        done: Future[Result] = Future()
        done.set_result(Result(task.notebook, task.seed, answers))
        return done

    def result(self, future: Future[Result]) -> Result:
        """Return what it gave."""
        return future.result()


def _grade(course: Path, **options: Any) -> list[judging.Submission]:
    """Grade, and give what was announced."""
    announced: list[judging.Submission] = []
    grader.grade(Course(course).assignment("tiny"), None, announced.append, workers=Here(), **options)  # type: ignore[arg-type]
    return announced


def _book(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of three whose answers are right."""
    course = make_tiny_course(tmp_path_factory.mktemp("barrier") / "course")
    for student in STUDENTS:
        hand_in(course, student, "tiny", "t", filled(tiny_release(), RIGHT))
    _grade(course)
    assert set(gradebook_scores(course, "tiny").values()) == {1}
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """Return a copy, in which everybody has handed in something new, and wrong."""
    course = Path(shutil.copytree(graded, tmp_path / "course"))
    for student in STUDENTS:
        hand_in(course, student, "tiny", "t", filled(tiny_release(), WRONG))
    return course


#: Every step that a submission takes: where its function lies, and how to tell from its arguments whose turn it is.
STEPS: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "find the file": (finding, "find", lambda folder, *rest: "bela" in str(folder)),
    "read it": (intake, "read", lambda path: "bela" in str(path)),
    "rebuild it": (grader, "prepare", lambda exercise, folder, *rest: "bela" in str(folder)),
    "look for an earlier run": (Store, "find", lambda store, student, *rest: student == "bela"),
    "keep the run": (Store, "keep", lambda store, student, *rest: student == "bela"),
    "read the time": (timestamps, "read", lambda folder: "bela" in str(folder)),
    "read the run": (Store, "notebook", lambda store, student, name: student == "bela"),
    "look for a receipt": (receipts.Receipts, "holds", lambda receipts, student, *rest: student == "bela"),
    "record": (gradebook, "record", lambda course, book, assignment, student, *rest: student == "bela"),
    "write the notebooks": (recorder, "write_notebooks", lambda folder, *rest: "bela" in str(folder)),
    "write the receipt": (receipts.Receipts, "write", lambda receipts, student, *rest: student == "bela"),
}

FAULTS = {
    "memory": MemoryError(),
    "recursion": RecursionError("maximum recursion depth exceeded"),
    "name": OSError(errno.ENAMETOOLONG, "File name too long"),
    "disk": OSError(errno.EIO, "Input/output error"),
    "text": UnicodeEncodeError("utf-8", "\udcfc", 0, 1, "surrogates not allowed"),
    "row": DataError("INSERT", {}, Exception("value too long")),
    "bug": KeyError("two\nlines"),
}


def _break(patch: pytest.MonkeyPatch, step: str, error: BaseException) -> None:
    owner, name, is_bela = STEPS[step]
    work = getattr(owner, name)

    def broken(*args: Any, **kwargs: Any) -> Any:
        if is_bela(*args):
            raise error
        return work(*args, **kwargs)

    patch.setattr(owner, name, broken)


def _see_that_bela_alone_is_not_graded(course: Path) -> None:
    table = scores(course, "tiny")
    assert {student for student, _ in table} == set(STUDENTS)
    for (student, _), row in table.items():
        if student == "bela":
            assert (row["outcome"], row["score"]) == ("unreadable", "0")
            assert row["feedback"].startswith("Not graded: ")
        else:
            assert (row["outcome"], row["score"]) == ("scored", "0")
    marks = gradebook_scores(course, "tiny")
    # Neither today's nor, as if it were today's, the full marks of the earlier run.
    assert {mark for (student, _), mark in marks.items() if student == "bela"} == {None}
    assert {mark for (student, _), mark in marks.items() if student != "bela"} == {0}
    assert not (course / "autograded" / "bela" / "tiny").exists()
    with _book(course) as book:
        assert book.find_submission("tiny", "bela").needs_manual_grade


@pytest.mark.parametrize("step", STEPS)
def test_every_step(course: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A fault in any step of one of three leaves the others their marks and that one none, until the next run."""
    with monkeypatch.context() as patch:
        _break(patch, step, MemoryError())
        recorded = step in ("look for a receipt", "read the run", "record", "write the notebooks", "write the receipt")
        if recorded:
            with pytest.raises(GradingError, match=r"not graded.*: bela"):
                _grade(course)
        else:
            _grade(course)
    _see_that_bela_alone_is_not_graded(course)

    _grade(course)

    assert set(gradebook_scores(course, "tiny").values()) == {0}
    assert {row["outcome"] for row in scores(course, "tiny").values()} == {"scored"}
    assert (course / "autograded" / "bela" / "tiny" / "t.ipynb").exists()


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault(course: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """It does not matter what goes wrong; the reason is one line."""
    _break(monkeypatch, "read it", FAULTS[fault])

    (bela,) = [submission for submission in _grade(course) if submission.fault]

    _see_that_bela_alone_is_not_graded(course)
    assert bela.student == "bela"
    assert bela.fault.isprintable()


BELAS = {**WRONG, "needs_multilevel": 'needs_multilevel = "Bela"'}


def test_the_judge(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that fails on one submission's evidence fails for that one."""
    judge = judging.judge

    def broken(exercise: Any, answers: Any, *rest: Any) -> Any:
        if "Bela" in repr(answers):
            raise RecursionError
        return judge(exercise, answers, *rest)

    monkeypatch.setattr(judging, "judge", broken)
    hand_in(course, "bela", "tiny", "t", filled(tiny_release(), BELAS))
    _grade(course)

    _see_that_bela_alone_is_not_graded(course)


@pytest.mark.parametrize("step", ["submit", "result"])
def test_the_worker(course: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A worker that fails on one notebook fails for that one."""
    work = getattr(Here, step)

    def broken(self: Here, item: Any) -> Any:
        if "Bela" in (item if isinstance(item, Task) else item.result()).notebook:
            raise MemoryError
        return work(self, item)

    monkeypatch.setattr(Here, step, broken)
    hand_in(course, "bela", "tiny", "t", filled(tiny_release(), BELAS))
    _grade(course)

    _see_that_bela_alone_is_not_graded(course)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left"),
        (OperationalError("UPDATE", {}, Exception("database is locked")), "database is locked"),
    ],
    ids=["full disk", "locked gradebook"],
)
def test_what_concerns_everybody(course: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str) -> None:
    """A full disk or a locked gradebook is nobody's outcome: the run ends, and earlier tables stay."""
    before = scores(course, "tiny")
    _break(monkeypatch, "record", error)

    with pytest.raises(type(error), match=said):
        _grade(course)

    assert scores(course, "tiny") == before


def test_the_solutions(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a solution cannot be run or judged, nothing is graded."""
    monkeypatch.setattr(Here, "result", lambda self, future: (_ for _ in ()).throw(MemoryError))

    with pytest.raises(GradingError, match="solutions cannot be graded: MemoryError"):
        _grade(course, fresh=True)


def test_judged_again(course: Path) -> None:
    """A submission that was never graded is not judged again, and does not keep others from it."""
    hand_in(course, "dino", "tiny", "t", filled(tiny_release(), RIGHT))
    grader.remark(Course(course).assignment("tiny"), lambda submission: None)
    table = scores(course, "tiny")

    assert table["dino", "needs_multilevel"]["outcome"] == "unreadable"
    assert "use oxboys grade" in table["dino", "needs_multilevel"]["feedback"]
    assert table["ada", "needs_multilevel"]["score"] == "1"


# ---- names ----------------------------------------------------------------------------------------

COMPOSED, APART = (unicodedata.normalize(form, "Jörg Müßig") for form in ("NFC", "NFD"))


def test_names(tmp_path: Path) -> None:
    """Any name that nbgrader can hold is graded; none stands in the way of a file of the grader's own."""
    course = make_tiny_course(tmp_path / "course")
    for name in NAMES:
        hand_in(course, name, "tiny", "t", filled(tiny_release(), RIGHT))
    _grade(course)

    assert gradebook_scores(course, "tiny") == {(name, key): 1 for name in NAMES for key in RIGHT}


@pytest.mark.parametrize(("name", "shown", "reason"), UNHELD_NAMES, ids=ascii)
def test_names_that_cannot_be_held(course: Path, name: bytes, shown: str, reason: str) -> None:
    """Such a folder is set aside with a reason and a row per question, by a name that can be shown."""
    submitted = course / "submitted"
    shutil.copytree(submitted / "ada", submitted / os.fsdecode(name))
    _grade(course)
    table = scores(course, "tiny")

    assert {row["outcome"] for (student, _), row in table.items() if student == shown} == {"unreadable"}
    assert reason in table[shown, "needs_multilevel"]["feedback"]
    assert {student for student, _ in gradebook_scores(course, "tiny")} == set(STUDENTS)
    assert "M" in (course / "reports" / "tiny" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(("roster", "folder"), [(COMPOSED, APART), (APART, COMPOSED), (APART, APART)])
def test_one_student_in_two_spellings(course: Path, roster: str, folder: str) -> None:
    """Letters with accents as one sign or as two: that is the student of the roster."""
    with _book(course) as book:
        book.add_student(roster, first_name="Jörg")
    hand_in(course, folder, "tiny", "t", filled(tiny_release(), RIGHT)).with_name("timestamp.txt").write_text(
        "2026-07-01 13:30:00 CEST"
    )
    _grade(course)
    grader.grade(
        Course(course).assignment("tiny"),
        [COMPOSED],
        lambda submission: None,
        workers=Here(),  # type: ignore[arg-type]
    )

    marks = gradebook_scores(course, "tiny")
    assert {student for student, _ in marks} == {*STUDENTS, roster}
    assert {mark for (student, _), mark in marks.items() if student == roster} == {1}
    assert {student for student, _ in scores(course, "tiny")} == {*STUDENTS, roster}
    with _book(course) as book:
        assert str(book.find_submission("tiny", roster).timestamp) == "2026-07-01 11:30:00"


def test_two_folders_of_one_name(course: Path) -> None:
    """Two folders that differ in spelling alone are both named, and neither counts for the other."""
    hand_in(course, COMPOSED, "tiny", "t", filled(tiny_release(), RIGHT))
    _grade(course)
    assert gradebook_scores(course, "tiny")[COMPOSED, "needs_multilevel"] == 1
    hand_in(course, APART, "tiny", "t", filled(tiny_release(), WRONG))
    _grade(course)

    rows = {student: row for (student, _), row in scores(course, "tiny").items() if student not in STUDENTS}
    assert len(rows) == 2
    assert {row["outcome"] for row in rows.values()} == {"unreadable"}
    assert all("2 folders of this name" in row["feedback"] for row in rows.values())
    assert gradebook_scores(course, "tiny")[COMPOSED, "needs_multilevel"] is None


def test_roster_is_read_only_where_it_matters() -> None:
    """For names in plain letters nothing has to be looked up."""
    found = names.identify(["ben", "ada"], lambda: pytest.fail("looked up"))

    assert [student.name for student in found] == ["ada", "ben"]


# ---- what a failure between two writings leaves ---------------------------------------------------

WHY = {"needs_multilevel_why": "The lines lie far apart."}
OTHER = {"needs_multilevel_why": "Something quite different."}


@pytest.mark.parametrize("step", ["record", "write the notebooks", "write the receipt"])
@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt()], ids=["fault", "stopped"])
def test_a_changed_text_waits_again(
    course: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    """A mark by hand is asked for again after its text has changed, wherever the run in between came to an end."""
    hand_in(course, "bela", "tiny", "t", filled(tiny_release(), WRONG | WHY))
    _grade(course)
    with _book(course) as book:
        grade = book.find_grade("needs_multilevel_why", "t", "tiny", "bela")
        grade.manual_score, grade.needs_manual_grade = 2, False
        book.db.commit()
    hand_in(course, "bela", "tiny", "t", filled(tiny_release(), WRONG | OTHER))
    with monkeypatch.context() as patch:
        _break(patch, step, error)
        with pytest.raises((GradingError, KeyboardInterrupt)):
            _grade(course)

    _grade(course)

    with _book(course) as book:
        grade = book.find_grade("needs_multilevel_why", "t", "tiny", "bela")
        assert (grade.manual_score, grade.needs_manual_grade) == (2, True)


# ---- an assignment that changed after grading -----------------------------------------------------


def _with_second(course: Path, student: str = "ada") -> Path:
    second = course / "solutions" / "tiny" / "u.ipynb"
    nbformat.write(tiny_solution((5, 5)), second)
    hand_in(course, student, "tiny", "u", filled(tiny_release(), RIGHT))
    return second


def test_a_withdrawn_notebook(tmp_path: Path) -> None:
    """A notebook taken out of the assignment counts nowhere: not in gradebook, table or folders."""
    course = make_tiny_course(tmp_path / "course")
    second = _with_second(course)
    _grade(course)
    with _book(course) as book:
        assert book.find_submission("tiny", "ada").score == 10
    second.unlink()
    hand_in(course, "ada", "tiny", "t", filled(tiny_release(), RIGHT))
    _grade(course)

    with _book(course) as book:
        submission = book.find_submission("tiny", "ada")
        assert (submission.score, submission.max_score) == (2, 4)
    assert {row["notebook"] for row in scores(course, "tiny").values()} == {"t"}
    assert [path.name for path in (course / "autograded" / "ada" / "tiny").glob("*.ipynb")] == ["t.ipynb"]


def test_a_withdrawn_notebook_that_a_person_marked(tmp_path: Path) -> None:
    """A mark by hand is not deleted unasked: the run is refused, says how to go on, and that works."""
    course = make_tiny_course(tmp_path / "course")
    second = _with_second(course)
    _grade(course)
    with _book(course) as book:
        book.find_grade("needs_multilevel_why", "u", "tiny", "ada").manual_score = 1
        book.db.commit()
    second.unlink()

    with pytest.raises(GradingError, match=r"u is no longer part of tiny.*Put .*back.*db assignment remove tiny"):
        _grade(course)

    nbformat.write(tiny_solution((0, 0)), second)
    _grade(course)
    with _book(course) as book:
        assert book.find_grade("needs_multilevel_why", "u", "tiny", "ada").manual_score == 1


def test_a_question_taken_out(course: Path) -> None:
    """A question taken out after grading is refused, by its name and with a way out that works."""
    solution = tiny_solution()
    solution.cells = [cell for cell in solution.cells if "intercept_variance_row" not in cell.id]
    nbformat.write(solution, course / "solutions" / "tiny" / "t.ipynb")

    with pytest.raises(GradingError, match=r"intercept_variance_row-check were taken out.*db assignment remove tiny"):
        _grade(course)

    with _book(course) as book:
        book.remove_assignment("tiny")  # what nbgrader's command does
    _grade(course)
    assert {key for _, key in gradebook_scores(course, "tiny")} == {"needs_multilevel"}


def test_an_outdated_release(course: Path) -> None:
    """A release that is not made from today's solutions is named; no release, or today's, is not."""
    assignment = Course(course).assignment("tiny")
    assert assignment.outdated() == []
    folder = course / "notebooks" / "tiny"
    folder.mkdir(parents=True)
    nbformat.write(assignment.exercises[0].release, folder / "t.ipynb")
    assert assignment.outdated() == []
    nbformat.write(tiny_solution((3, 1)), course / "solutions" / "tiny" / "t.ipynb")

    assert Course(course).assignment("tiny").outdated() == ["t"]


# ---- what a person's programs did to the files ----------------------------------------------------


@pytest.mark.parametrize("command", ["remark", "feedback", "report"])
def test_a_locked_gradebook(course: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """While another program writes to the gradebook, each command ends in one line, and nothing is lost."""
    nbformat.write(tiny_solution((3, 1)), course / "solutions" / "tiny" / "t.ipynb")
    before = scores(course, "tiny")
    with contextlib.closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        status = main([command, "tiny", "--course", str(course)])

    said = capsys.readouterr().err
    assert status == 1
    assert "database is locked" in said
    assert len(said.splitlines()) == 1
    assert scores(course, "tiny") == before


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("gradebook.db", b"garbage, garbage, garbage"),
        ("nbgrader_config.py", b"# M\xfcller\n"),
        ("solutions/tiny/t.ipynb", b"{"),
        ("solutions/tiny/t.ipynb", b"\xff\xfe{"),
    ],
)
def test_damaged_files(course: Path, capsys: pytest.CaptureFixture[str], file: str, content: bytes) -> None:
    """A file of the course that cannot be read is named in one line, and left as it is."""
    (course / file).write_bytes(content)

    status = main(["remark", "tiny", "--course", str(course)])

    said = capsys.readouterr().err
    assert status == 1
    assert len(said.splitlines()) == 1
    assert (course / file).read_bytes() == content
