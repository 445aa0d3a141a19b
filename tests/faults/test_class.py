"""One class of odd submissions, graded in one run of each grader: none stops it, each gets what it must."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from classroom import gradebook_scores, read, run, scores, settings
from faults.catalogue import FAULTS, NAME, POINTS, TEXT, TIMESTAMPS, Fault, write_course
from nbgrader.api import Gradebook


def _hand_in(course: Path) -> None:
    for fault in FAULTS:
        folder = course / "submitted" / fault.student / "core"
        folder.mkdir(parents=True)
        fault.write(folder)


def _snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def _grade(course: Path, *commands: tuple[str, ...]) -> None:
    """Write a class, grade it, and see that what was handed in is as it was."""
    write_course(course)
    _hand_in(course)
    before = _snapshot(course / "submitted")
    for command in commands:
        done = run(*command, "core", cwd=course)
        assert done.returncode == 0, done.stderr[-3000:]
        if command[0] == "oxboys":
            assert done.stderr == ""
    assert _snapshot(course / "submitted") == before


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Grade the class by ``oxboys grade`` in one folder and by ``nbgrader autograde`` in another, at a time."""
    folder = tmp_path_factory.mktemp("faults")
    commands = {
        "ours": [("oxboys", "grade")],
        "theirs": [("nbgrader", "generate_assignment"), ("nbgrader", "autograde")],
    }
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(_grade, folder / name, *commands[name]) for name in commands]
        for finished in runs:
            finished.result()
    return {name: folder / name for name in commands}


@pytest.fixture(scope="session")
def table(graded: dict[str, Path]) -> dict[tuple[str, str], dict[str, str]]:
    """Read the table of scores."""
    return scores(graded["ours"], "core")


@pytest.fixture(scope="session")
def marks(graded: dict[str, Path]) -> list[dict[tuple[str, str], float | None]]:
    """Read the marks in both gradebooks."""
    return [gradebook_scores(course, "core") for course in graded.values()]


def _names(fault: Fault) -> str:
    return fault.student


def test_names_are_different() -> None:
    """Every fault is a student of its own."""
    assert len({fault.student for fault in FAULTS}) == len(FAULTS) >= 30


@pytest.mark.parametrize("fault", FAULTS, ids=_names)
def test_outcome(table: dict[tuple[str, str], dict[str, str]], fault: Fault) -> None:
    """Every question has the outcome and the points that it must have, and says why."""
    rows = {key: table[fault.student, key] for key in POINTS}

    assert {key: (row["outcome"], float(row["score"])) for key, row in rows.items()} == fault.wanted, {
        key: row["feedback"] for key, row in rows.items() if row["score"] != row["max_score"]
    }
    assert table[fault.student, "needs_multilevel"]["outcome"] == fault.other
    assert fault.reason in rows["icc"]["feedback"]


@pytest.mark.parametrize("fault", FAULTS, ids=_names)
def test_same_marks(marks: list[dict[tuple[str, str], float | None]], fault: Fault) -> None:
    """The gradebook holds the same marks after either grader."""
    wanted = {key: score for key, (_, score) in fault.wanted.items()}
    wanted["needs_multilevel"] = 1.0 if fault.other == "scored" else 0.0

    for book in marks:
        assert {key: mark for (student, key), mark in book.items() if student == fault.student} == wanted


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.text], ids=_names)
def test_free_text(graded: dict[str, Path], fault: Fault) -> None:
    """A free text stands in its own cell, for a person to mark."""
    for course in graded.values():
        notebook = read(course / "autograded" / fault.student / "core" / f"{NAME}.ipynb")
        (cell,) = [cell for cell in notebook.cells if settings(cell).get("grade_id") == "icc_interpretation"]
        assert cell.source == TEXT


@pytest.mark.parametrize("student", TIMESTAMPS)
def test_timestamp(graded: dict[str, Path], student: str) -> None:
    """The time of handing in is read rightly; what says no certain time is as if it were not there."""
    for course in graded.values():
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
            time = book.find_submission("core", student).timestamp
        assert (str(time) if time else "") == TIMESTAMPS[student][1]
