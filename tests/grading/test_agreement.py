"""Both graders give the answers of the bank what they deserve, which other tests hold the check in a kernel to."""

from __future__ import annotations

import importlib
import pkgutil
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

pytestmark = pytest.mark.agreement

KEYS = [question.key for notebook in questions.NOTEBOOKS for question in notebook.questions]


def _cases() -> dict[str, list[Case]]:
    """Collect the bank's cases, by question."""
    cases: dict[str, list[Case]] = {}
    for module in pkgutil.iter_modules(bank.__path__):
        found = importlib.import_module(f"bank.{module.name}")
        for case in [*getattr(found, "CASES", ()), *getattr(found, "CHOICES", ())]:
            cases.setdefault(case.key, []).append(case)
    return cases


CASES = _cases()


@pytest.mark.parametrize("key", KEYS)
def test_bank(key: str) -> None:
    """The bank has enough right and wrong answers to every question."""
    shares = [case.share for case in CASES[key]]
    least = 8 if key.endswith(("_fit", "_plot")) else 6

    assert shares.count(1.0) >= least
    assert len(shares) - shares.count(1.0) >= least


def _joined(notebooks: list[NotebookNode]) -> NotebookNode:
    """Put the code of all notebooks into one, without worked figures: one kernel then serves all their questions."""
    cells = []
    for notebook in notebooks:
        for cell in notebook.cells:
            asked = settings(cell).get("solution") or settings(cell).get("grade")
            shows = (
                any(word in cell.source for word in ("plot_", "histplot", "progress()")) and "import" not in cell.source
            )
            if cell.cell_type != "code" or (shows and not asked):
                continue
            if not asked:  # the same names occur in several notebooks
                cell.metadata.pop("nbgrader", None)
            cell.id = f"cell-{len(cells)}"
            cells.append(cell)
    return new_notebook(cells=cells, metadata=notebooks[0].metadata)


def _answer(case: Case) -> str:
    """Write a case so that it stands alone, whatever the notebook's other answers did before."""
    forget = f"for _key in {KEYS}:\n    globals().pop(_key, None)\n"
    return f"{SETUP}{forget}{case.code}"


@pytest.fixture(scope="module")
def given() -> list[dict[str, Case]]:
    """Give each student's answers: number i answers each question with the i-th case of the bank."""
    return [{case.key: case for case in row if case is not None} for row in zip_longest(*(CASES[key] for key in KEYS))]


def _course(folder: Path, given: dict[str, dict[str, Case]]) -> Path:
    """Make a course of one notebook that asks everything."""
    (folder / "solutions" / "bank").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    solution = _joined([read(ROOT / "solutions" / assignment / f"{name}.ipynb") for assignment, name in NOTEBOOKS])
    nbformat.write(solution, folder / "solutions" / "bank" / "all.ipynb")
    handed_out = _joined([release(assignment, name) for assignment, name in NOTEBOOKS])
    for student, cases in given.items():
        answers = {key: _answer(case) for key, case in cases.items()}
        hand_in(folder, student, "bank", "all", filled(handed_out, answers))
    return folder


def _deserved(case: Case) -> float:
    return round(case.share * questions.find(case.key).points, 4)


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
