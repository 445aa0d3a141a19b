"""Both graders give the answers of the bank what they deserve, which other tests hold the check in a kernel to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import bank
import nbformat
import pytest
from bank.case import SETUP, Case
from classroom import NOTEBOOKS, ROOT, filled, gradebook_scores, hand_in, read, release, run, scores, settings
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from oxboys_mlm import questions
from oxboys_mlm.checking.points import points_of

pytestmark = pytest.mark.agreement

KEYS = [question.key for notebook in questions.NOTEBOOKS for question in notebook.questions]


CASES = bank.all_cases()


def _needed(solution: NotebookNode) -> set[str]:
    """Return the ids of the questions' cells, and of the worked cells that define what the answers use."""
    needed: set[str] = set()
    names: set[str] = set()
    for cell in reversed([cell for cell in solution.cells if cell.cell_type == "code"]):
        tree = ast.parse(cell.source)
        outside = [node for part in tree.body if not isinstance(part, ast.FunctionDef) for node in ast.walk(part)]
        made = {node.id for node in outside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        made |= {node.asname or node.name for node in outside if isinstance(node, ast.alias)}
        made |= {part.name for part in tree.body if isinstance(part, ast.FunctionDef)}
        if settings(cell).get("solution") or settings(cell).get("grade") or made & names:
            needed.add(cell.id)
            names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return needed


def _joined(get: Callable[[str, str], NotebookNode]) -> NotebookNode:
    """Put the questions of all notebooks into one, so that one kernel serves them.

    Of the worked examples, which would cost most of the time, no more is left than what answers use.
    """
    cells: list[NotebookNode] = []
    for assignment, name in NOTEBOOKS:
        notebook, needed = get(assignment, name), _needed(_solution(assignment, name))
        for cell in notebook.cells:
            if cell.id not in needed:
                continue
            if not (settings(cell).get("solution") or settings(cell).get("grade")):
                cell.metadata.pop("nbgrader", None)  # the same names occur in several notebooks
                parts = ast.parse(cell.source).body
                cell.source = "\n".join(ast.unparse(part) for part in parts if not isinstance(part, ast.Expr))
            cell.id = f"cell-{len(cells)}"
            cells.append(cell)
    return new_notebook(cells=cells, metadata=notebook.metadata)


def _solution(assignment: str, name: str) -> NotebookNode:
    return read(ROOT / "solutions" / assignment / f"{name}.ipynb")


def _answer(case: Case) -> str:
    """Write a case so that it stands alone, whatever the notebook's other answers did before."""
    forget = f"for _key in {KEYS}:\n    globals().pop(_key, None)\n"
    return f"{SETUP}{forget}{case.code}"


@pytest.fixture(scope="module")
def given() -> list[dict[str, Case]]:
    """Return each student's answers: number i answers each question with the i-th case of the bank."""
    return [{case.key: case for case in row if case is not None} for row in zip_longest(*(CASES[key] for key in KEYS))]


def _course(folder: Path, given: dict[str, dict[str, Case]]) -> Path:
    """Make a course of one notebook that asks everything."""
    (folder / "solutions" / "bank").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    nbformat.write(_joined(_solution), folder / "solutions" / "bank" / "all.ipynb")
    handed_out = _joined(release)
    for student, cases in given.items():
        answers = {key: _answer(case) for key, case in cases.items()}
        hand_in(folder, student, "bank", "all", filled(handed_out, answers))
    return folder


def _deserved(case: Case) -> float:
    return round(case.share * points_of(case.key), 4)


def test_oxboys_grade(tmp_path: Path, given: list[dict[str, Case]]) -> None:
    """``oxboys grade`` gives every answer of the bank what it deserves, in its table and in the gradebook."""
    students = {f"student-{number:03}": cases for number, cases in enumerate(given)}
    course = _course(tmp_path, students)

    done = run("oxboys", "grade", "bank", cwd=course, timeout=1800)

    assert (done.returncode, done.stderr) == (0, "")
    table, book = scores(course, "bank"), gradebook_scores(course, "bank")
    wrong = [
        f"{case}: {row['score']} instead of {_deserved(case)}: {row['feedback']}"
        for student, cases in students.items()
        for key, case in cases.items()
        if not float((row := table[student, key])["score"]) == book[student, key] == _deserved(case)
    ]
    assert wrong == []


def test_nbgrader_autograde(tmp_path: Path, given: list[dict[str, Case]]) -> None:
    """``nbgrader autograde`` gives a sample of the bank, some hundred answers, what they deserve."""
    students = {f"student-{number:03}": cases for number, cases in enumerate(given) if number % 9 == 4}
    course = _course(tmp_path, students)

    for command in ("generate_assignment", "autograde"):
        done = run("nbgrader", command, "bank", cwd=course, timeout=1800)
        assert done.returncode == 0, done.stderr

    book = gradebook_scores(course, "bank")
    wrong = [
        f"{case}: {book[student, key]} instead of {_deserved(case)}"
        for student, cases in students.items()
        for key, case in cases.items()
        if book[student, key] != _deserved(case)
    ]
    assert wrong == []
