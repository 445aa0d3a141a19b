"""A notebook earns the same marks wherever it was filled in, and whatever was lost on the way."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from classroom import NOTEBOOKS, filled, release, settings
from frontends import FRONT_ENDS, jupyterlab
from nbformat import NotebookNode

from oxboys_mlm.grading.submissions import intake
from oxboys_mlm.grading.submissions.rebuild import notes, rebuild


def _answers(notebook: NotebookNode) -> dict[str, str]:
    """Give every answer cell two lines of its own; the first three words of a text are German."""
    return {
        settings(cell)["grade_id"]: f'{settings(cell)["grade_id"]} = "größer"\nmore = {number}'
        if cell.cell_type == "code"
        else f"Größe, Höhe, σ²:\n\nbecause of {number}."
        for number, cell in enumerate(notebook.cells)
        if settings(cell).get("solution")
    }


def _rebuilt(folder: Path, original: NotebookNode, content: bytes) -> NotebookNode:
    path = folder / "n.ipynb"
    path.write_bytes(content)
    return rebuild(original, intake.read(path))


def _own(notebook: NotebookNode) -> list[NotebookNode]:
    """List the cells of the release in a rebuilt notebook."""
    return [cell for cell in notebook.cells if settings(cell)]


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_same_notebook_is_run(front_end: str, assignment: str, name: str, tmp_path: Path) -> None:
    """What runs is what runs for the file from JupyterLab, so that the marks are the same."""
    original = release(assignment, name)
    solved = filled(original, _answers(original))
    rebuilt = _rebuilt(tmp_path, original, FRONT_ENDS[front_end](solved))
    reference = _rebuilt(tmp_path, original, jupyterlab(solved))

    assert reference == solved
    assert _own(rebuilt) == reference.cells
    assert notes(rebuilt) == []
    assert [cell for cell in rebuilt.cells if not settings(cell) and cell.cell_type == "code"] == []


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_nothing_is_an_answer_that_is_none(front_end: str, assignment: str, name: str, tmp_path: Path) -> None:
    """What a front end adds of its own is no answer to a task that was left empty."""
    original = release(assignment, name)
    rebuilt = _rebuilt(tmp_path, original, FRONT_ENDS[front_end](original))

    assert _own(rebuilt) == original.cells


# ---- random losses -----------------------------------------------------------------------------------------


def _lose(document: dict[str, Any], chance: random.Random) -> bytes:
    """Lose, reorder and rewrite what does not matter."""
    share = chance.choice([0.0, 0.2, 0.6, 1.0])
    split = chance.random() < 0.4
    cells = []
    for cell in document["cells"]:
        own = copy.deepcopy(cell)
        if chance.random() < share:
            own["metadata"] = chance.choice([{}, {"tags": ["x"]}, {"id": "a"}, {"nbgrader": None}])
        if chance.random() < share:
            own.pop("id", None)
        source = own["source"]
        if chance.random() < 0.3:
            source = "\n".join(f"{line} " if line and chance.random() < 0.2 else line for line in source.split("\n"))
        if chance.random() < 0.3:
            source = source.replace("\n", "\r\n")
        own["source"] = source if chance.random() < 0.5 else source.splitlines(keepends=True)
        for name in ("outputs", "execution_count"):
            if chance.random() < 0.3:
                own.pop(name, None)
        cells.append(_shuffled(own, chance))
        is_answer = cell["cell_type"] == "code" and settings_of(cell).get("solution")
        if is_answer and split and chance.random() < 0.3:
            first, second = cell["source"].split("\n")
            cells[-1]["source"] = first
            # JupyterLab copies the metadata of a cell that is split, others do not.
            metadata = copy.deepcopy(own["metadata"]) if chance.random() < 0.5 else {}
            cells.append({"cell_type": "code", "metadata": metadata, "source": second, "outputs": []})
    return _written({**document, "cells": cells, "nbformat_minor": chance.choice([0, 2, 4, 5])}, chance)


def settings_of(cell: dict[str, Any]) -> dict[str, Any]:
    """Return what nbgrader says of a cell."""
    return cell["metadata"].get("nbgrader") or {}


def _shuffled(items: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return dict(chance.sample(list(items.items()), len(items)))


def _written(document: dict[str, Any], chance: random.Random) -> bytes:
    options: dict[str, Any] = {"indent": chance.choice([None, 1, 2]), "ensure_ascii": chance.random() < 0.5}
    text = json.dumps(_shuffled(document, chance), **options)
    return text.encode(chance.choice(["utf-8", "utf-8-sig", "utf-16"]))


def _program(notebook: NotebookNode) -> list[str]:
    """List the lines of code that run, in order, each answer's with the check that it is for."""
    lines = [line.strip() for cell in notebook.cells if cell.cell_type == "code" for line in cell.source.split("\n")]
    return [line for line in lines if line]


@pytest.mark.parametrize("seed", range(60))
def test_random_losses(seed: int, tmp_path: Path) -> None:
    """However much of names, ids, order and spelling is lost, the same lines run, and the same texts are marked."""
    chance = random.Random(seed)
    original = release(*chance.choice(NOTEBOOKS))
    solved = filled(original, _answers(original))
    rebuilt = _rebuilt(tmp_path, original, _lose(json.loads(json.dumps(solved)), chance))

    assert _program(rebuilt) == _program(solved)
    texts = [[c.source.split() for c in _own(n) if settings(c).get("solution")] for n in (rebuilt, solved)]
    assert [t for t in texts[0] if "because" in t] == [t for t in texts[1] if "because" in t]


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
@pytest.mark.parametrize("first", ["answer", "check"])
def test_answers_merged_with_their_checks(assignment: str, name: str, first: str, tmp_path: Path) -> None:
    """An answer and its check merged into one cell, which has one of the two names, count as they stood."""
    original = release(assignment, name)
    solved = filled(original, _answers(original))
    cells: list[NotebookNode] = []
    for cell in copy.deepcopy(solved.cells):
        own = settings(cell)
        if own.get("grade") and not own.get("solution"):
            answer = cells.pop()
            cell.source = f"{answer.source}\n\n{cell.source}"
            if first == "answer":
                cell.metadata = answer.metadata
        cells.append(cell)
    merged = copy.deepcopy(solved)
    merged.cells = cells
    lines = _program(_rebuilt(tmp_path, original, jupyterlab(merged)))

    checks = [line for line in _program(solved) if line.startswith("check(")]
    assert [line for line in dict.fromkeys(lines) if line.startswith("check(")] == checks
    for check in checks:
        key = check.split('"')[1]
        answered = lines.index(f'{key} = "größer"')
        assert answered < len(lines) - 1 - lines[::-1].index(check)
