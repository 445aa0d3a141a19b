"""`progress`: where a student stands, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from classroom import ROOT, answers_of, read, settings
from nbformat import NotebookNode

from oxboys_mlm import questions
from oxboys_mlm.checking import checks, overview
from oxboys_mlm.checking.checks import verdict_on

NAME = "5-slope-only"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, in a Python that has checked nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checks, "checked", [])
    monkeypatch.setattr(checks, "shows_value", lambda caller: True)
    return tmp_path


def _save(folder: Path, change: Callable[[NotebookNode], None] = lambda notebook: None) -> None:
    notebook = read(ROOT / "notebooks" / "voluntary" / f"{NAME}.ipynb")
    change(notebook)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), "utf-8")


def _progress(namespace: dict[str, Any], call: str = "progress()") -> Any:
    names = {"__name__": "m", **namespace}
    exec(f"from oxboys_mlm import progress\nresult = {call}", names)
    return names["result"]


def _with_answers(notebook: NotebookNode) -> None:
    answers = answers_of(read(ROOT / "solutions" / "voluntary" / f"{NAME}.ipynb"))
    for cell in notebook.cells:
        name = settings(cell).get("grade_id", "")
        if settings(cell).get("solution"):
            cell.source = answers[name]


def _with_checks(notebook: NotebookNode) -> None:
    _with_answers(notebook)
    for cell in notebook.cells:
        name = settings(cell).get("grade_id", "")
        if name == "vanished_rows-check":
            verdict = verdict_on("vanished_rows", {"vanished_rows": {"Group Var"}})
            cell.outputs = [
                {
                    "output_type": "execute_result",
                    "data": verdict._repr_mimebundle_(),
                    "metadata": {},
                    "execution_count": 1,
                }
            ]


def test_tasks_are_numbered_as_in_the_notebooks() -> None:
    """Questions stand in the order of their tasks, and what is written in one's own words comes last."""
    for notebook in questions.NOTEBOOKS:
        asked = [
            settings(cell)["grade_id"]
            for cell in read(ROOT / "notebooks" / notebook.assignment / f"{notebook.name}.ipynb").cells
            if settings(cell).get("solution")
        ]
        assert asked == [*(question.key for question in notebook.questions), *notebook.free_text]


def test_what_to_do_next(folder: Path) -> None:
    """Points are summed, and the first task that is not done comes next."""
    shown = repr(_progress({"vanished_rows": {"Group Var", "Group x age Cov"}, "why_singular": "c"})).splitlines()

    assert shown[-2] == "Points by checks: 1 of 4; 1 more for choices, marked after you hand in."
    assert shown[-1].startswith("Next: Task 1 · Random slopes, one intercept: write its answer")


def test_restarted(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restart it says that answers have to be run again, whether or not it is known which notebook this is."""
    _save(folder, _with_answers)
    assert _progress({}) is None
    assert "Python was restarted" in capsys.readouterr().out

    monkeypatch.setenv("JPY_SESSION_NAME", f"{NAME}.ipynb")
    assert repr(_progress({})).splitlines()[-1].startswith("Python was restarted")


def test_an_untouched_notebook_was_not_restarted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is written yet, the first task comes next."""
    _save(folder)
    monkeypatch.setenv("JPY_SESSION_NAME", f"{NAME}.ipynb")

    assert repr(_progress({})).splitlines()[-1].startswith("Next: Task 1")


def test_all_notebooks_as_saved(folder: Path) -> None:
    """Of all notebooks in the folder, the files tell; a check's record is judged, and no text that stands beside it."""
    _save(folder, _with_checks)
    shown = _progress({}, "progress(all=True)")

    (line,) = (line for line in repr(shown).splitlines() if line.startswith(NAME))
    assert line.split()[1:] == ["1", "of", "5", "answers", "done", "0.5", "/", "5"]
    assert "1-visualization" not in repr(shown)
    assert shown._repr_html_().count("<tr>") == 2


@pytest.mark.parametrize("text", ["", "{", '{"cells": [{"cell_type": "code"}]}', "[]", '{"cells": 3}'])
def test_a_file_that_cannot_be_read_is_left_out(folder: Path, text: str) -> None:
    """Half a file beside the kernel stops nothing."""
    (folder / f"{NAME}.ipynb").write_text(text)

    assert overview._overview().notebooks == {}
