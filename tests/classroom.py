"""Course folders and submissions for tests."""

from __future__ import annotations

import contextlib
import copy
import csv
import io
import logging
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]

ASSIGNMENTS = {
    "core": ("1-visualization", "2-null-model", "3-random-intercept", "4-random-slope"),
    "voluntary": ("5-slope-only",),
    "beyond": ("6-borrowing-strength", "7-where-is-zero", "8-which-model", "9-is-the-line-straight", "10-how-sure"),
}

#: (assignment, notebook) of the course.
NOTEBOOKS = [(assignment, name) for assignment, names in ASSIGNMENTS.items() for name in names]


def read(path: Path) -> NotebookNode:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


def release(assignment: str, name: str) -> NotebookNode:
    """Read a notebook as students get it."""
    return read(ROOT / "notebooks" / assignment / f"{name}.ipynb")


def settings(cell: NotebookNode) -> dict[str, Any]:
    """Return what nbgrader says of a cell."""
    return cell.metadata.get("nbgrader", {})


def answers_of(solution: NotebookNode) -> dict[str, str]:
    """Return the solution's answers by key, without their markers."""
    return {
        settings(cell)["grade_id"]: "\n".join(
            line for line in cell.source.splitlines() if not line.startswith(("### BEGIN", "### END"))
        )
        for cell in solution.cells
        if settings(cell).get("solution")
    }


def filled(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Write answers into a notebook's answer cells."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if settings(cell).get("solution") and settings(cell)["grade_id"] in answers:
            cell.source = answers[settings(cell)["grade_id"]]
    return notebook


def make_course(folder: Path, *assignments: str) -> Path:
    """Copy the course, or some of its assignments, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for assignment in assignments or ASSIGNMENTS:
        for part in ("solutions", "notebooks"):
            shutil.copytree(
                ROOT / part / assignment,
                folder / part / assignment,
                ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
            )
    return folder


def _cell(
    make: Callable[[str], NotebookNode],
    source: str,
    grade_id: str,
    points: float | None = None,
    *,
    answer: bool = False,
) -> NotebookNode:
    cell = make(source)
    cell.id = grade_id
    cell.metadata["nbgrader"] = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": not answer,
        "schema_version": 3,
        "solution": answer,
        "task": False,
        **({"points": points} if points is not None else {}),
    }
    return cell


def tiny_solution(points: tuple[float, float] = (1, 1)) -> NotebookNode:
    """Make a solution notebook of two quick questions and a free text."""

    def solved(source: str) -> str:
        return f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"

    notebook = new_notebook(
        cells=[
            _cell(new_markdown_cell, "# Tiny", "title"),
            _cell(new_code_cell, "from oxboys_mlm import check", "setup"),
            _cell(new_code_cell, solved('needs_multilevel = "yes"'), "needs_multilevel", answer=True),
            _cell(new_code_cell, 'check("needs_multilevel")', "needs_multilevel-check", points[0]),
            _cell(new_code_cell, solved('intercept_variance_row = "Group Var"'), "intercept_variance_row", answer=True),
            _cell(new_code_cell, 'check("intercept_variance_row")', "intercept_variance_row-check", points[1]),
            _cell(new_markdown_cell, solved("Because."), "needs_multilevel_why", 2, answer=True),
        ]
    )
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return notebook


RIGHT = {
    "needs_multilevel": 'needs_multilevel = "yes"',
    "intercept_variance_row": 'intercept_variance_row = "Group Var"',
}
WRONG = {"needs_multilevel": 'needs_multilevel = "no"', "intercept_variance_row": 'intercept_variance_row = "Scale"'}


def make_tiny_course(folder: Path, points: tuple[float, float] = (1, 1)) -> Path:
    """Make a course folder with an assignment "tiny" of one notebook, "t"."""
    (folder / "solutions" / "tiny").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    nbformat.write(tiny_solution(points), folder / "solutions" / "tiny" / "t.ipynb")
    return folder


def tiny_release() -> NotebookNode:
    """Return the tiny notebook as students get it, near enough: with the answers taken out."""
    notebook = tiny_solution()
    return filled(notebook, dict.fromkeys(answers_of(notebook), "# Write your answer here."))


def hand_in(course: Path, student: str, assignment: str, name: str, notebook: NotebookNode | str | bytes) -> Path:
    """Put a notebook, or any file's content, into a student's folder."""
    folder = course / "submitted" / student / assignment
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    if isinstance(notebook, NotebookNode):
        notebook = nbformat.writes(notebook)
    path.write_bytes(notebook.encode() if isinstance(notebook, str) else notebook)
    return path


def archive_of(path: Path, files: Mapping[str, str] | Sequence[str], *, when: float | None = None) -> Path:
    """Make a zip file; its files hold their own names unless said otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in files:
            archive.writestr(name, files[name] if isinstance(files, Mapping) else name)
    if when is not None:
        os.utime(path, (when, when))
    return path


def collect(
    course: Path, files: Mapping[str, str] | Sequence[str] = (), *options: str, assignment: str = "core"
) -> str:
    """Collect a download as ``nbgrader zip_collect`` does, and return the warnings."""
    from nbgrader.apps import ZipCollectApp

    if files:
        archive_of(course / "downloaded" / assignment / "archive" / "core.zip", files)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setLevel(logging.WARNING)
    with contextlib.chdir(course):
        app = ZipCollectApp()
        app.initialize([assignment, *options])
        app.log.addHandler(handler)
        try:
            app.start()
        finally:
            app.log.removeHandler(handler)
    return said.getvalue()


def quick(command: str) -> dict[str, str]:
    """Return what to add to the environment of a command, so that nbgrader's start in half the time."""
    return {"PYTHONPATH": str(ROOT / "tests" / "quick")} if command == "nbgrader" else {}


def run(*command: str, cwd: Path, timeout: float = 540) -> subprocess.CompletedProcess[str]:
    """Run ``oxboys …`` or ``nbgrader …`` in a folder, as in an activated environment, and expect it to end."""
    scripts = Path(sys.executable).parent
    return subprocess.run(
        [str(scripts / command[0]), *command[1:]],
        cwd=cwd,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", **quick(command[0])},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def scores(course: Path, assignment: str) -> dict[tuple[str, str], dict[str, str]]:
    """Read the report's table: rows by student and question."""
    with (course / "reports" / assignment / "scores.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student"], row["question"]): row for row in csv.DictReader(file)}


def gradebook_scores(course: Path, assignment: str) -> dict[tuple[str, str], float | None]:
    """Read what checks gave from the gradebook: marks by student and question."""
    from nbgrader.api import Gradebook

    marks = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for submission in book.assignment_submissions(assignment):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if grade.name.endswith("-check"):
                        marks[submission.student.id, grade.name.removesuffix("-check")] = grade.auto_score
    return marks
