"""The solutions earn full marks, the untouched release none, and both run from top to bottom without complaint."""

from __future__ import annotations

from pathlib import Path

import pytest
from classroom import ASSIGNMENTS, NOTEBOOKS, ROOT, answers_of, filled, hand_in, make_course, read, release, run, scores
from nbformat import NotebookNode


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of two: one hands in the solutions, one the notebooks as they were handed out."""
    course = make_course(tmp_path_factory.mktemp("solutions") / "course")
    for assignment, name in NOTEBOOKS:
        handed_out = release(assignment, name)
        solved = answers_of(read(ROOT / "solutions" / assignment / f"{name}.ipynb"))
        hand_in(course, "solution", assignment, name, filled(handed_out, solved))
        hand_in(course, "untouched", assignment, name, handed_out)
    for assignment in ASSIGNMENTS:
        done = run("oxboys", "grade", assignment, cwd=course)
        assert (done.returncode, done.stderr) == (0, "")
    return course


def _problems(notebook: NotebookNode) -> list[str]:
    """List what a reader would stumble over: errors, and anything on stderr."""
    return [
        f"{cell.metadata['nbgrader']['grade_id']}: {output.get('ename') or output.get('text')}"
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_solution(graded: Path, assignment: str, name: str) -> None:
    """Handed in as a submission, a solution earns all points of all questions."""
    rows = [row for key, row in scores(graded, assignment).items() if key[0] == "solution" and row["notebook"] == name]

    assert rows
    assert [row for row in rows if row["score"] != row["max_score"] or row["outcome"] != "scored"] == []
    assert {row["findings"] for row in rows} == {""}


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_untouched_release(graded: Path, assignment: str, name: str) -> None:
    """Handed in untouched, a notebook earns nothing, and every answer counts as missing."""
    rows = [row for key, row in scores(graded, assignment).items() if key[0] == "untouched" and row["notebook"] == name]

    assert rows
    assert {(row["score"], row["outcome"], row["findings"]) for row in rows} == {("0", "missing", "")}


@pytest.mark.parametrize("student", ["solution", "untouched"])
@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_runs_from_top_to_bottom(graded: Path, student: str, assignment: str, name: str) -> None:
    """With answers or without, every cell runs without an error and writes nothing to stderr."""
    notebook = read(graded / "autograded" / student / assignment / f"{name}.ipynb")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert sum(bool(cell.outputs) for cell in code) > len(code) / 3, "it was run"
    assert _problems(notebook) == []
