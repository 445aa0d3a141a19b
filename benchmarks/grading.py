"""Time the grading of a class: stock nbgrader and ours, side by side, on this machine."""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

STOCK_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.ClearSolutions.code_stub = {"python": "# Write your answer here."}
c.Execute.timeout = 60
"""
#: Assignments that are timed unless others are named.
TIMED = ("core", "voluntary")


def answers() -> dict[str, list[str]]:
    """Return answers of the tests' bank by question: right in different ways, and typical mistakes."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests" / "bank").glob("[a-z]*.py")):
        module = import_module(f"bank.{path.stem}")
        if not hasattr(module, "CASES"):
            continue
        for case in (*module.CASES, *getattr(module, "CHOICES", ())):
            # Hostile objects and endless loops are no realistic class.
            if not any(word in case.code for word in ("class ", "while True", "sleep", "raise ", "exit", "lmplot(")):
                found.setdefault(case.key, []).append("data = load_oxboys()\n" + case.code)
    return found


def make_class(course: Path, students: int, seed: int) -> None:
    """Hand in `students` submissions: two thirds of the answers right, one in ten missing, else from the bank."""
    rng = random.Random(seed)
    bank = answers()
    for number in range(students):
        for assignment in assignments(course):
            target = course / "submitted" / f"student-{number:03}" / assignment
            target.mkdir(parents=True)
            for path in sorted((course / "solutions" / assignment).glob("*.ipynb")):
                notebook = json.loads(path.read_text("utf-8"))
                released = json.loads((ROOT / "notebooks" / assignment / path.name).read_text("utf-8"))
                stubs = {
                    cell["metadata"].get("nbgrader", {}).get("grade_id"): cell["source"] for cell in released["cells"]
                }
                for cell in notebook["cells"]:
                    settings = cell["metadata"].get("nbgrader", {})
                    if settings.get("solution") and cell["cell_type"] == "code":
                        draw = rng.random()
                        if draw < 0.1:
                            cell["source"] = stubs[settings["grade_id"]]
                        elif draw < 0.35 and bank.get(settings["grade_id"]):
                            cell["source"] = rng.choice(bank[settings["grade_id"]])
                (target / path.name).write_text(json.dumps(notebook), "utf-8")


def copy_course(target: Path, config: str | None, names: Sequence[str] = TIMED) -> Path:
    """Make a course folder with some assignments."""
    for name in names:
        for folder in ("solutions", "notebooks"):
            shutil.copytree(ROOT / folder / name, target / folder / name)
    (target / "nbgrader_config.py").write_text(config or (ROOT / "nbgrader_config.py").read_text("utf-8"), "utf-8")
    return target


def timed(course: Path, *command: str) -> tuple[float, float]:
    """Run a command in a course folder; give its seconds and the largest memory of its own process (MB)."""
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # people's Python keeps what it has compiled
    peak = 0
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(scripts / command[0]), *command[1:]], cwd=course, env=environment, stdout=output, stderr=output
        )
        while process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak = int(status[status.index("VmHWM:") + 6 :].split()[0])
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        seconds = time.perf_counter() - start
        output.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode()[-5000:]}")
    return seconds, peak / 1024


def ours(course: Path, verb: str) -> tuple[float, float]:
    """Run a command of ours for all assignments; give its seconds and largest memory."""
    names = assignments(course)
    runs = [
        timed(course, "oxboys", verb, *some) for some in ([names] if verb == "grade" else [[name] for name in names])
    ]
    return sum(seconds for seconds, _ in runs), max(memory for _, memory in runs)


def assignments(course: Path) -> list[str]:
    """List the assignments of a course."""
    return sorted(path.name for path in (course / "solutions").iterdir())


def one_changed(course: Path) -> float:
    """Grade again after one student has handed in another's notebooks; give the seconds."""
    for assignment in assignments(course):
        first, second = sorted((course / "submitted").iterdir())[:2]
        for path in (second / assignment).iterdir():
            shutil.copy(path, first / assignment / path.name)
    return ours(course, "grade")[0]


def change_points(course: Path) -> None:
    """Change the rubric: every check gives twice its points."""
    for path in (course / "solutions").rglob("*.ipynb"):
        notebook = json.loads(path.read_text("utf-8"))
        for cell in notebook["cells"]:
            settings = cell["metadata"].get("nbgrader", {})
            if settings.get("grade_id", "").endswith("-check"):
                settings["points"] *= 2
        path.write_text(json.dumps(notebook), "utf-8")


def cells_alone(course: Path) -> float:
    """Run all cells of all submissions in forks of one warm process, one after the other; give their processor time.

    No messages and no fences, but figures are drawn: this is what a notebook takes by itself.
    """
    script = ROOT / "benchmarks" / "cells.py"
    finished = subprocess.run(
        [sys.executable, str(script), str(course)], capture_output=True, text=True, check=True, cwd=course
    )
    return float(finished.stdout.split()[-1])


def our_scores(course: Path) -> Iterator[tuple[tuple[str, str], float, str]]:
    """Return every mark of ours."""
    for assignment in assignments(course):
        with (course / "reports" / assignment / "scores.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield (row["student"], row["question"]), float(row["score"]), row["outcome"]


def stock_scores(course: Path) -> dict[tuple[str, str], float]:
    """Return every mark that stock nbgrader recorded."""
    with sqlite3.connect(course / "gradebook.db") as book:
        rows = book.execute(
            "select s.student_id, c.name, g.auto_score from grade g join base_cell c on c.id = g.cell_id "
            "join submitted_notebook n on n.id = g.notebook_id join submitted_assignment s on s.id = n.assignment_id"
        )
        return {(student, name.removesuffix("-check")): score for student, name, score in rows if score is not None}


def compare(stock: Path, ours: Path) -> str:
    """Compare marks where stock nbgrader can score at all: it has no key for closed questions."""
    from oxboys_mlm import questions
    from oxboys_mlm.assessment.texts import ChoiceQuestion

    theirs = stock_scores(stock)
    same, different = 0, []
    for (student, question), score, outcome in our_scores(ours):
        if not isinstance(questions.find(question), ChoiceQuestion):
            if abs(theirs.get((student, question), -1) - score) < 1e-6:
                same += 1
            else:
                different.append(
                    f"{student}/{question}: ours {score:g} ({outcome}), stock {theirs.get((student, question))}"
                )
    lines = [f"scores compared row by row: {same} the same, {len(different)} different"]
    return "\n".join(lines + [f"    {line}" for line in different[:20]])


def judged_a_second(course: Path) -> float:
    """Judge all that is recorded in this process, a few times; give the notebooks a second, reading included."""
    from oxboys_mlm.grading.course import Course
    from oxboys_mlm.grading.enrolment.students import everybody
    from oxboys_mlm.grading.grader import Grader

    notebooks, seconds = 0, 0.0
    for name in assignments(course):
        assignment = Course(course).assignment(name)
        grader = Grader(assignment, None)
        students = everybody(assignment)
        for _ in grader.judged(students):  # the reference fits are made once
            pass
        start = time.perf_counter()
        for submission in grader.judged(students):
            notebooks += len(submission.notebooks)
        seconds += time.perf_counter() - start
    return notebooks / seconds


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--students", type=int, default=12)
    options.add_argument("--no-stock", action="store_true", help="do not run stock nbgrader")
    options.add_argument("--notebook", help="hand in this notebook alone, to see how time grows with a class")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    number, cores = chosen.students, len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        course = copy_course(Path(folder) / "ours", None)
        if chosen.notebook:
            keep_only(course, chosen.notebook)
        make_class(course, number, chosen.seed)
        notebooks = number * len(list((course / "solutions").rglob("*.ipynb")))
        cells = cells_alone(course)
        first, memory = ours(course, "grade")
        again, _ = ours(course, "grade")
        one = one_changed(course)
        remark, _ = ours(course, "remark")
        rate = judged_a_second(course)
        theirs, comparison = 0.0, ""
        if not chosen.no_stock:
            stock = copy_course(Path(folder) / "stock", STOCK_CONFIG)
            shutil.copytree(course / "submitted", stock / "submitted")
            for assignment in assignments(stock):
                timed(stock, "nbgrader", "generate_assignment", assignment, "--force")
                theirs += timed(stock, "nbgrader", "autograde", assignment)[0]
            comparison = compare(stock, course)
        change_points(course)
        changed, _ = ours(course, "remark")
    rows = [
        ("the cells alone, in warm forks, one stream", cells),
        ("ours, first time", first),
        ("   of it start-up and judging (as again)", again),
        ("   of it cells, kernels, recording", first - again),
        ("ours, unchanged class again", again),
        ("ours, one submission of the class changed", one),
        ("ours, remark, nothing changed", remark),
        ("ours, remark, all points changed", changed),
        ("stock nbgrader autograde", theirs),
    ]
    print(f"{number} students, {notebooks} notebooks, {cores} cores\n")
    print(f"{'':46}{'seconds':>10}{'per student':>13}")
    for name, seconds in rows:
        if seconds:
            print(f"{name:46}{seconds:10.1f}{seconds / number:13.3f}")
    print()
    print(f"ours ÷ (cells alone ÷ cores)    {first / (cells / cores):8.2f}")
    print(f"again ÷ first                   {again / first:8.3f}")
    print(f"judged without a kernel         {rate:8.0f} notebooks a second")
    if comparison:
        print(f"stock ÷ ours                    {theirs / first:8.1f}")
        print(comparison)
    print(f"largest memory of the grader    {memory:8.0f} MB")


def keep_only(course: Path, name: str) -> None:
    """Leave one notebook of a course's solutions."""
    for path in list((course / "solutions").rglob("*.ipynb")):
        if path.stem != name:
            path.unlink()
    for path in list((course / "solutions").iterdir()):
        if not list(path.iterdir()):
            path.rmdir()


if __name__ == "__main__":
    main()
