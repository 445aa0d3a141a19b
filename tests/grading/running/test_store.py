"""Keeping results: used again only where nothing that matters has changed."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from oxboys_mlm.assessment.evidence import Number
from oxboys_mlm.grading.results import DIED, Answer
from oxboys_mlm.grading.running.store import Store, digest
from oxboys_mlm.grading.running.task import Result, Task

TASK = Task('{"cells": []}', ("icc",), 7, {"cell_seconds": 60.0}, sandboxed=True, course="somewhere")
RESULT = Result("{}", 7, {"icc": Answer("scored", Number(0.7445))})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Make a store that has one result."""
    made = Store(tmp_path, "core")
    made.keep("anna", "2-null-model", TASK, RESULT)
    return made


def test_a_result_is_found_again_as_it_was(store: Store):
    """The same task finds the result of its last run."""
    kept = store.find("anna", "2-null-model", TASK)

    assert kept is not None
    assert (kept.seed, kept.answers) == (RESULT.seed, RESULT.answers)
    assert store.notebook("anna", "2-null-model") == json.loads(RESULT.notebook)


def test_every_run_has_a_name_of_its_own(store: Store):
    """Two runs of the same task with the same result can be told apart."""
    first = store.find("anna", "2-null-model", TASK)

    second = store.keep("anna", "2-null-model", TASK, RESULT)

    assert first is not None
    assert second == store.find("anna", "2-null-model", TASK) == msgspec.structs.replace(first, run=second.run)
    assert second.run != first.run


@pytest.mark.parametrize("part", ["answers", "notebook"])
def test_a_damaged_file_is_no_result(store: Store, tmp_path: Path, part: str):
    """Half a file, as a full disk leaves it, means running again, whichever half it is."""
    (path,) = (tmp_path / ".oxboys" / "runs" / "core").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:20] if part == "answers" else whole[:-1])

    assert store.find("anna", "2-null-model", TASK) is None


@pytest.mark.parametrize(
    "change",
    [{"notebook": "other"}, {"keys": ()}, {"limits": {"cell_seconds": 61.0}}, {"sandboxed": False}],
    ids=lambda change: next(iter(change)),
)
def test_whatever_can_change_a_result_makes_it_stale(store: Store, change: dict[str, object]):
    """A task that differs in anything but its seed is run."""
    assert store.find("anna", "2-null-model", msgspec.structs.replace(TASK, **change)) is None


def test_another_seed_finds_the_same_result(store: Store):
    """Any seed that nobody could know is as good as another."""
    kept = store.find("anna", "2-null-model", msgspec.structs.replace(TASK, seed=8))

    assert kept is not None
    assert kept.seed == 7


def test_versions_of_packages_are_part_of_the_digest(monkeypatch: pytest.MonkeyPatch):
    """After an upgrade everything is run again."""
    before = digest(TASK)
    monkeypatch.setattr("oxboys_mlm.grading.running.store._surroundings", lambda: ["statsmodels 99"])
    assert digest(TASK) != before


def test_a_run_that_was_lost_is_not_used_to_grade_again(store: Store):
    """A run that something outside killed serves to judge again, not to skip a run."""
    cut = Result("{}", 7, {"icc": Answer("killed", None, DIED)})
    store.keep("anna", "2-null-model", TASK, cut)
    assert store.find("anna", "2-null-model", TASK) is None
    kept = store.find("anna", "2-null-model", None)
    assert kept is not None
    assert kept.answers == cut.answers


@pytest.mark.parametrize(
    "answer", [Answer("timeout", None, "too long"), Answer("killed", None, "too much memory")], ids=["time", "memory"]
)
def test_a_run_that_ended_at_a_limit_is_not_run_again(store: Store, answer: Answer):
    """An endless loop takes its time once."""
    store.keep("anna", "2-null-model", TASK, Result("{}", 7, {"icc": answer}))

    assert store.find("anna", "2-null-model", TASK) is not None


@pytest.mark.parametrize(
    "student",
    ["x" * 255, "2-null-model.json", ".", "..", "a/b", "Jörg", "two\nlines"],
    ids=lambda name: ascii(name)[:20],
)
def test_any_name_can_be_kept(store: Store, student: str):
    """No student's name is a file's name: none is too long, none stands in another's way."""
    kept = store.keep(student, "2-null-model", TASK, RESULT)

    assert store.find(student, "2-null-model", TASK) == kept
    assert store.find("anna", "2-null-model", TASK) != kept


def test_what_was_withdrawn_is_forgotten(store: Store):
    """A notebook that is not there any more leaves no result to judge."""
    store.forget("anna", "2-null-model")
    assert store.find("anna", "2-null-model", None) is None
