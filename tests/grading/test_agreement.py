"""Every answer of the bank gets the same mark from ``oxboys grade`` and ``nbgrader autograde``: the one it deserves."""

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


@pytest.mark.parametrize("half", [0, 1])
def test_agreement(tmp_path: Path, half: int) -> None:
    """Both graders give every answer what the bank says, which other tests hold the check in a kernel to.

    Student number i answers each question with the i-th case of the bank.
    """
    (tmp_path / "solutions" / "bank").mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    solution = _joined([read(ROOT / "solutions" / assignment / f"{name}.ipynb") for assignment, name in NOTEBOOKS])
    nbformat.write(solution, tmp_path / "solutions" / "bank" / "all.ipynb")
    handed_out = _joined([release(assignment, name) for assignment, name in NOTEBOOKS])
    given: dict[tuple[str, str], Case] = {}
    for number, row in enumerate(zip_longest(*(CASES[key] for key in KEYS))):
        if number % 2 != half:
            continue
        answers = {case.key: case for case in row if case is not None}
        given |= {(f"student-{number:03}", key): case for key, case in answers.items()}
        submission = filled(handed_out, {key: _answer(case) for key, case in answers.items()})
        hand_in(tmp_path, f"student-{number:03}", "bank", "all", submission)

    done = run("oxboys", "grade", "bank", "--jobs", "1", cwd=tmp_path, timeout=1800)
    assert (done.returncode, done.stderr) == (0, "")
    table = scores(tmp_path, "bank")
    ours = gradebook_scores(tmp_path, "bank")
    (tmp_path / "gradebook.db").unlink()
    for command in (["generate_assignment"], ["autograde", "--force"]):
        done = run("nbgrader", *command, "bank", cwd=tmp_path, timeout=1800)
        assert done.returncode == 0, done.stderr
    theirs = gradebook_scores(tmp_path, "bank")

    wrong = []
    for (student, key), case in given.items():
        deserved = round(case.share * questions.find(key).points, 4)
        got = (float(table[student, key]["score"]), ours[student, key], theirs[student, key])
        if got != (deserved,) * 3:
            wrong.append(f"{case}: {got} instead of {deserved}: {table[student, key]['feedback']}")
    assert wrong == []
