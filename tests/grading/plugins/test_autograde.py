"""nbgrader's own commands work in the course folder as an instructor knows them."""

from __future__ import annotations

import csv
import re
import shutil
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from classroom import (
    NOTEBOOKS,
    RIGHT,
    ROOT,
    WRONG,
    answers_of,
    filled,
    gradebook_scores,
    hand_in,
    make_course,
    make_tiny_course,
    read,
    release,
    run,
    settings,
    tiny_release,
)
from free_texts import KEY, Class

from oxboys_mlm.checking import checks
from oxboys_mlm.grading.marking.by_ticks import Entry


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course in which nbgrader takes the voluntary assignment from its source to exported marks."""
    course = make_course(tmp_path_factory.mktemp("nbgrader") / "course", "voluntary")
    shutil.rmtree(course / "notebooks")
    handed_out = release("voluntary", "5-slope-only")
    solved = answers_of(read(ROOT / "solutions" / "voluntary" / "5-slope-only.ipynb"))
    hand_in(course, "ada", "voluntary", "5-slope-only", filled(handed_out, solved))
    hand_in(course, "bela", "voluntary", "5-slope-only", handed_out)
    hand_in(course, "chiara", "voluntary", "5-slope-only", nbformat.writes(handed_out)[:5000])
    partly = {**solved, "vanished_rows": 'vanished_rows = ["Group Var"]'}
    hand_in(course, "daniel", "voluntary", "5-slope-only", filled(handed_out, partly))
    steps = (
        ("generate_assignment", "voluntary"),
        ("autograde", "voluntary"),
        ("generate_feedback", "voluntary"),
        ("export",),
    )
    for step in steps:
        done = run("nbgrader", *step, cwd=course)
        assert done.returncode == 0, f"{step}: {done.stderr}"
    return course


def test_generate_assignment(course: Path) -> None:
    """The release that nbgrader makes is the one that is handed out."""
    name = Path("notebooks") / "voluntary" / "5-slope-only.ipynb"

    assert (course / name).read_bytes() == (ROOT / name).read_bytes()


def test_autograde(course: Path) -> None:
    """Right answers earn all points, the untouched release and a broken file none, partly right ones their share."""
    marks = gradebook_scores(course, "voluntary")
    keys = {key for _, key in marks}

    assert len(keys) == 4
    assert {key: marks["ada", key] for key in keys} == {
        "slope_only_fit": 2,
        "vanished_rows": 1,
        "slope_only_trustworthy": 1,
        "why_singular": 1,
    }
    assert {marks[student, key] for student in ("bela", "chiara") for key in keys} == {0}
    assert {key: marks["daniel", key] for key in keys} == {key: marks["ada", key] for key in keys} | {
        "vanished_rows": 0.5
    }


def test_generate_feedback(course: Path) -> None:
    """Every student gets a page, with the feedback of their checks on it."""
    pages = {path.parts[-3]: path.read_text("utf-8") for path in course.glob("feedback/*/voluntary/5-slope-only.html")}

    assert set(pages) == {"ada", "bela", "chiara", "daniel"}
    assert "✔ Right" in pages["ada"]
    assert "○ No answer yet" in pages["bela"]
    assert "set aside" in pages["chiara"]
    assert "◐ Partly right" in pages["daniel"]
    assert not any("oxboys.evidence" in page for page in pages.values())
    assert not any("<script" in page for page in pages.values())
    assert "5 of 7 points" in pages["ada"]


def test_export(course: Path) -> None:
    """The exported table has every student with the points that their checks earned."""
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}

    assert {student: (float(row["score"]), float(row["max_score"])) for student, row in rows.items()} == {
        "ada": (5, 7),
        "bela": (0, 7),
        "chiara": (0, 7),
        "daniel": (4.5, 7),
    }


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Let nbgrader validate all notebooks with all answers, and with none; return what it says of each."""
    said = {}
    for state, mark in (("solved", r"(?m)^Success!.*$"), ("untouched", r"VALIDATION FAILED ON \d+ CELL\(S\)")):
        folder = tmp_path_factory.mktemp(state)
        for assignment, name in NOTEBOOKS:
            notebook = release(assignment, name)
            solved = answers_of(read(ROOT / "solutions" / assignment / f"{name}.ipynb"))
            nbformat.write(filled(notebook, solved if state == "solved" else {}), folder / f"{name}.ipynb")
        done = run("nbgrader", "validate", *(f"{name}.ipynb" for _, name in NOTEBOOKS), cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        starts = [found.start() for found in re.finditer(mark, done.stdout)]
        assert len(starts) == len(NOTEBOOKS), done.stdout
        parts = [done.stdout[start:end] for start, end in pairwise([*starts, None])]
        said[state] = dict(zip((name for _, name in NOTEBOOKS), parts, strict=True))
    return said


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_validate_solution(validated: dict[str, dict[str, str]], assignment: str, name: str) -> None:
    """A student who has done everything is told that the notebook is ready to hand in."""
    assert validated["solved"][name].strip() == "Success! Your notebook passes all the tests."


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_validate_release(validated: dict[str, dict[str, str]], assignment: str, name: str) -> None:
    """A student who has done nothing is told which checks fail."""
    said = validated["untouched"][name]
    graded = [cell for cell in release(assignment, name).cells if settings(cell)["grade"]]

    assert f"VALIDATION FAILED ON {len(graded)} CELL(S)" in said
    assert all(cell.source in said for cell in graded)


def test_autograde_again(tmp_path: Path) -> None:
    """With --force, a new submission's marks replace the earlier ones, also where it cannot be read."""
    course = make_tiny_course(tmp_path)
    release = tiny_release()
    for answers, wanted in ((RIGHT, {1.0}), (WRONG, {0.0}), (None, {0.0})):
        content = "{" if answers is None else filled(release, answers)
        hand_in(course, "ada", "tiny", "t", content)
        if not (course / "gradebook.db").exists():
            assert run("nbgrader", "generate_assignment", "tiny", cwd=course).returncode == 0
        done = run("nbgrader", "autograde", "tiny", "--force", cwd=course)
        assert done.returncode == 0, done.stderr
        assert set(gradebook_scores(course, "tiny").values()) == wanted


@pytest.mark.parametrize("command", ["nbgrader autograde tiny --force", "oxboys grade tiny"])
def test_marks_by_hand_follow(tmp_path: Path, command: str) -> None:
    """Graded again, a ticked mark has the rubric's points of now; it waits if its answer or the rubric is another."""
    tiny = Class(tmp_path / "course")
    answers = {"ada": "Because of the lines.", "ben": "Because of the boys."}
    for student, answer in answers.items():
        hand_in(tiny.root, student, "tiny", "t", filled(tiny_release(), {**RIGHT, KEY: answer}))
    assert run("nbgrader", "generate_assignment", "tiny", cwd=tiny.root).returncode == 0
    run(*command.split(), cwd=tiny.root)
    with tiny.assignment.course.gradebook() as book:
        for student in answers:
            tiny.mark(book, "a", standing=tiny.standing(book, student), comment="Well put.")

    tiny.set_rubric({"a": (0.5, "Says a."), "b": (1.0, "Says b."), "c": (0.5, "Says c.")})
    hand_in(tiny.root, "ben", "tiny", "t", filled(tiny_release(), {**RIGHT, KEY: "Because."}))
    done = run(*command.split(), cwd=tiny.root)
    assert done.returncode == 0, done.stderr
    with tiny.assignment.course.gradebook() as book:
        found = {student: tiny.standing(book, student) for student in answers}
    assert {student: (each.entry.score, each.entry.waits, each.comment) for student, each in found.items()} == {
        "ada": (0.5, False, "Well put."),
        "ben": (0.5, True, "Well put."),
    }

    tiny.set_rubric({"a": (0.5, "Says a."), "b": (1.0, "Says something else."), "c": (0.5, "Says c.")})
    assert run(*command.split(), cwd=tiny.root).returncode == 0
    with tiny.assignment.course.gradebook() as book:
        assert tiny.standing(book, "ada").entry == Entry(0.5, True)


def test_changed_points_are_followed_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points edited in the solution hold in nbgrader, in ``oxboys grade`` and for a check next to the notebook."""
    course = make_tiny_course(tmp_path, points=(4, 0.5))
    hand_in(course, "ada", "tiny", "t", filled(tiny_release(), RIGHT))
    wanted = {("ada", "needs_multilevel"): 4, ("ada", "intercept_variance_row"): 0.5}
    for commands in (
        (["nbgrader", "generate_assignment"], ["nbgrader", "autograde"]),
        (["oxboys", "grade", "--jobs", "1"],),
    ):
        for command in commands:
            done = run(*command, "tiny", cwd=course)
            assert done.returncode == 0, done.stderr
        assert gradebook_scores(course, "tiny") == wanted
        (course / "gradebook.db").unlink()
    monkeypatch.chdir(course / "notebooks" / "tiny")

    verdict = checks.verdict_on("intercept_variance_row", {"intercept_variance_row": "Group Var"})

    assert (verdict.points, repr(verdict)) == (0.5, "0.5")
