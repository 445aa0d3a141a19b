"""Both graders, and the check in a kernel, give the answers of the bank what they deserve.

In a run with these tests, `test_answer` and `test_choice` of tests/questions are left out: they run the same answers
in this process. See tests/conftest.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import bank
import nbformat
import pytest
from bank.case import SETUP, Case
from classroom import NOTEBOOKS, ROOT, filled, gradebook_scores, hand_in, read, release, run, scores, settings
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from oxboys_mlm import questions
from oxboys_mlm.assessment.figures import FigureQuestion
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.assessment.verdict import inline_html
from oxboys_mlm.checking.points import points_of
from oxboys_mlm.grading.running.store import Store

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

    Of the worked examples no more is left than what answers use: in the first cell, which runs once for everybody, and
    keeps the names that each notebook has.
    """
    cells: list[NotebookNode] = []
    worked = ["_worked = {}"]
    for assignment, name in NOTEBOOKS:
        notebook, needed = get(assignment, name), _needed(_solution(assignment, name))
        for cell in notebook.cells:
            if cell.id not in needed:
                continue
            if settings(cell).get("solution") or settings(cell).get("grade"):
                cell.source = cell.source.replace("### BEGIN SOLUTION", f"### BEGIN SOLUTION\n{_names_of(name)}")
                cell.id = f"cell-{len(cells)}"
                cells.append(cell)
            else:
                parts = ast.parse(cell.source).body
                worked += [ast.unparse(part) for part in parts if not isinstance(part, ast.Expr)]
        worked.append(f"_worked[{name!r}] = {{key: value for key, value in globals().items() if key[0] != '_'}}")
    first = new_code_cell("\n".join(worked), id="worked")
    first.metadata["nbgrader"] = {
        "grade": False, "grade_id": "worked", "locked": True, "schema_version": 3, "solution": False, "task": False
    }  # fmt: skip
    return new_notebook(cells=[first, *cells], metadata=notebook.metadata)


def _names_of(notebook: str) -> str:
    """Write the line that sets the names of a notebook's worked examples."""
    return f"globals().update(_worked[{notebook!r}])"


def _solution(assignment: str, name: str) -> NotebookNode:
    return read(ROOT / "solutions" / assignment / f"{name}.ipynb")


def _answer(case: Case) -> str:
    """Write a case so that it stands alone, whatever the notebook's other answers did before."""
    forget = f"for _key in {KEYS}:\n    globals().pop(_key, None)\n"
    return f"{forget}{_names_of(questions.notebook_of(case.key).name)}\n{SETUP}{case.code}"


@dataclass(frozen=True)
class _Graded:
    """The whole bank, graded: the course folder, and each student's answers by question."""

    course: Path
    students: dict[str, dict[str, Case]]

    def cases(self) -> Iterator[tuple[str, Case]]:
        for student, answers in self.students.items():
            for case in answers.values():
                yield student, case


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


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, given: list[dict[str, Case]]) -> _Graded:
    """Grade the whole bank by ``oxboys grade``."""
    students = {f"student-{number:03}": cases for number, cases in enumerate(given)}
    course = _course(tmp_path_factory.mktemp("bank"), students)
    done = run("oxboys", "grade", "bank", cwd=course, timeout=1800)
    assert (done.returncode, done.stderr) == (0, "")
    return _Graded(course, students)


def test_oxboys_grade(graded: _Graded) -> None:
    """``oxboys grade`` gives every answer what it deserves, in table and gradebook, and names the mistake."""
    table, book = scores(graded.course, "bank"), gradebook_scores(graded.course, "bank")
    wrong = []
    for student, case in graded.cases():
        row = table[student, case.key]
        points = [float(row["score"]), book[student, case.key]]
        first = row["findings"].partition(";")[0]
        if points != 2 * [_deserved(case)] or (case.finding and case.finding != first) or (case.share == 1 and first):
            wrong.append(f"{case}: {points} instead of {_deserved(case)}, {first!r}: {row['feedback']}")

    assert wrong == []


def test_check(graded: _Graded) -> None:
    """What the check shows in the notebook is what the grader says, and nothing of an answer reaches it as HTML."""
    table, store = scores(graded.course, "bank"), Store(graded.course, "bank")
    notebooks = {student: store.notebook(student, "all") for student in graded.students}
    wrong = []
    for student, case in graded.cases():
        row, question = table[student, case.key], questions.find(case.key)
        (cell,) = [cell for cell in notebooks[student].cells if settings(cell).get("grade_id") == f"{case.key}-check"]
        shown = [output["data"] for output in cell.outputs if "data" in output]
        if len(shown) != 1 or len(cell.outputs) != 1:
            wrong.append(f"{case}: shown beside the verdict: {cell.outputs}")
            continue
        points, text = float(shown[0]["text/plain"]), re.sub(r"</div><div[^>]*>", " ", shown[0]["text/html"])
        if isinstance(question, ChoiceQuestion):
            right = points == 0 and ("Recorded" in text) == (case.share == 1 or case.finding == "other_option")
        else:
            # In the sandbox nobody knows the points of a task: an answer is worth one.
            right = points == case.share and (row["outcome"] != "scored" or inline_html(row["feedback"]) in text)
        told = isinstance(question, FigureQuestion) and any(map(str.isdigit, row["feedback"]))
        if not right or not row["feedback"] or "<script>" in text or told:
            wrong.append(f"{case}: {points}, {text}")

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
