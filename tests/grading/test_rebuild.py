"""What runs is the release notebook with the student's sources in its answer cells, and nothing else of theirs."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from classroom import NOTEBOOKS, RIGHT, filled, release, settings, tiny_release
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from oxboys_mlm.grading.errors import SetAside
from oxboys_mlm.grading.intake import cells_of
from oxboys_mlm.grading.rebuild import rebuild, shared

RELEASE = tiny_release()
ANSWERS = {**RIGHT, "needs_multilevel_why": "The lines lie far apart."}


def _rebuilt(change: Callable[[NotebookNode], None] = lambda notebook: None) -> NotebookNode:
    """Rebuild the tiny notebook, filled in and then changed by its student."""
    notebook = filled(RELEASE, ANSWERS)
    change(notebook)
    return rebuild(RELEASE, cells_of(notebook))


def _index(notebook: NotebookNode, grade_id: str) -> int:
    return next(i for i, cell in enumerate(notebook.cells) if settings(cell).get("grade_id") == grade_id)


def _answers(notebook: NotebookNode) -> dict[str, str]:
    return {settings(cell)["grade_id"]: cell.source for cell in notebook.cells if settings(cell).get("solution")}


def _is_sound(notebook: NotebookNode) -> bool:
    """Tell whether the release's cells are all there, in order, with nothing but answers changed."""
    own = [cell for cell in notebook.cells if settings(cell)]
    return [settings(cell) for cell in own] == [settings(cell) for cell in RELEASE.cells] and all(
        cell.source == original.source and cell.cell_type == original.cell_type
        for cell, original in zip(own, RELEASE.cells, strict=True)
        if not settings(cell)["solution"]
    )


def test_as_handed_out() -> None:
    """A notebook filled in as meant comes back as it is."""
    assert _rebuilt() == filled(RELEASE, ANSWERS)


def test_release_is_left_alone() -> None:
    """Rebuilding changes neither the release nor a cell of it."""
    before = copy.deepcopy(RELEASE)
    rebuilt = _rebuilt()
    rebuilt.cells[1].metadata["nbgrader"]["points"] = 99

    assert before == RELEASE


def test_nothing_but_sources_is_taken_over() -> None:
    """Outputs, metadata, tags, attachments and counters of a submission do not reach the run."""

    def change(notebook: NotebookNode) -> None:
        notebook.metadata["widgets"] = {"state": 1}
        notebook.metadata["kernelspec"] = {"name": "evil", "display_name": "x"}
        for cell in notebook.cells:
            cell.metadata["tags"] = ["skip-execution"]
            if "nbgrader" in cell.metadata:
                cell.metadata["nbgrader"] |= {"points": 99, "locked": False, "schema_version": 1}
            if cell.cell_type == "code":
                cell.outputs = [new_output("stream", text="1")]
                cell.execution_count = 7

    assert _rebuilt(change) == filled(RELEASE, ANSWERS)


def test_changed_check_and_setup() -> None:
    """A changed check or set-up cell is restored."""

    def change(notebook: NotebookNode) -> None:
        for grade_id in ("setup", "needs_multilevel-check"):
            notebook.cells[_index(notebook, grade_id)].source = "check = lambda key: 2"

    assert _rebuilt(change) == filled(RELEASE, ANSWERS)


def test_deleted_cells() -> None:
    """Deleted text, set-up and check cells come back; a deleted answer is one not given."""

    def change(notebook: NotebookNode) -> None:
        gone = {"title", "setup", "needs_multilevel-check", "intercept_variance_row"}
        notebook.cells = [cell for cell in notebook.cells if settings(cell)["grade_id"] not in gone]

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == {**ANSWERS, "intercept_variance_row": "# Write your answer here."}


def test_moved_answer() -> None:
    """An answer that was moved is put back in front of its check."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells.append(notebook.cells.pop(_index(notebook, "needs_multilevel")))

    assert _rebuilt(change) == filled(RELEASE, ANSWERS)


def test_added_cells_run_where_they_stood() -> None:
    """A student's own cells stay in their places, as source only; empty ones are dropped."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "intercept_variance_row")
        own = new_code_cell("x = 1", metadata={"tags": ["a"]}, outputs=[new_output("stream", text="x")])
        notebook.cells[place:place] = [own, new_markdown_cell("A note."), new_code_cell("  ")]
        notebook.cells.insert(0, new_code_cell("first = True"))

    rebuilt = _rebuilt(change)
    place = _index(rebuilt, "intercept_variance_row")

    assert _is_sound(rebuilt)
    assert [cell.source for cell in rebuilt.cells[place - 2 : place]] == ["x = 1", "A note."]
    assert rebuilt.cells[place - 2].outputs == []
    assert rebuilt.cells[place - 2].metadata == {}
    assert rebuilt.cells[0].source == "first = True"
    assert len({cell.id for cell in rebuilt.cells}) == len(rebuilt.cells)


def test_copied_answer_cell() -> None:
    """Of an answer cell and its copy, the one that was written in is the answer; neither stops the grading."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel")
        twin = copy.deepcopy(notebook.cells[place])
        twin.source = RELEASE.cells[place].source
        notebook.cells.insert(place, twin)

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == ANSWERS


def test_two_written_copies() -> None:
    """Of two copies that were both written in, the first is the answer and the other runs after it."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel")
        twin = copy.deepcopy(notebook.cells[place])
        twin.source = 'needs_multilevel = "no"'
        notebook.cells.insert(place + 1, twin)

    rebuilt = _rebuilt(change)
    place = _index(rebuilt, "needs_multilevel")

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == ANSWERS
    assert rebuilt.cells[place + 1].source == 'needs_multilevel = "no"'


def test_copied_check_cell() -> None:
    """A copy of a check cell is a cell of the student's own, without points."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel-check")
        notebook.cells.insert(place, copy.deepcopy(notebook.cells[place]))

    assert _is_sound(_rebuilt(change))


def test_retyped_answer() -> None:
    """An answer cell turned into text keeps its words and its type in the release."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel")
        notebook.cells[place].cell_type = "raw"

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert [cell.cell_type for cell in rebuilt.cells] == [cell.cell_type for cell in RELEASE.cells]


def test_lost_answer_cell_is_adopted() -> None:
    """An answer in a new cell, where the answer cell was deleted, is the answer."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "intercept_variance_row")
        notebook.cells[place] = new_code_cell(ANSWERS["intercept_variance_row"])

    rebuilt = _rebuilt(change)

    assert _answers(rebuilt) == ANSWERS
    assert len(rebuilt.cells) == len(RELEASE.cells)


def test_metadata_stripped() -> None:
    """A notebook that went through a tool which drops metadata is graded all the same."""

    def change(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata = {}
            cell.pop("id", None)

    assert _rebuilt(change) == filled(RELEASE, ANSWERS)


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_metadata_stripped_from_the_course(assignment: str, name: str) -> None:
    """So are the course's own notebooks, whichever it is."""
    original = release(assignment, name)
    answers = {settings(cell)["grade_id"]: "my answer" for cell in original.cells if settings(cell)["solution"]}
    handed_in = filled(original, answers)
    for cell in handed_in.cells:
        cell.metadata = {}

    assert rebuild(original, cells_of(handed_in)) == filled(original, answers)


def test_metadata_stripped_and_checks_gone() -> None:
    """Without names and without checks to go by, it is set aside, never guessed."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells = [cell for cell in notebook.cells if settings(cell)["grade_id"] != "needs_multilevel-check"]
        for cell in notebook.cells:
            cell.metadata = {}

    with pytest.raises(SetAside, match="not certain"):
        _rebuilt(change)


def test_another_notebook() -> None:
    """A notebook that has nothing of the release is set aside."""
    with pytest.raises(SetAside, match="another exercise"):
        rebuild(RELEASE, cells_of({"cells": [{"cell_type": "code", "source": "print(1)"}]}))


def test_empty_notebook() -> None:
    """A notebook without a cell is set aside, too."""
    with pytest.raises(SetAside):
        rebuild(RELEASE, ())


def test_beginning_is_shared_unless_code_was_added() -> None:
    """All cells before the first task are everybody's, with a student's text too, but not with a student's code."""

    def added(cell: NotebookNode, place: int) -> int:
        return shared(RELEASE, _rebuilt(lambda notebook: notebook.cells.insert(place, cell)))

    task = _index(RELEASE, "needs_multilevel")
    assert shared(RELEASE, _rebuilt()) == task
    assert added(new_markdown_cell("A note."), 1) == task + 1
    assert added(new_code_cell("data = None"), 0) == 0
    assert added(new_code_cell("data = None"), task) == 0
    assert added(new_code_cell("data = None"), task + 1) == task


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_notebooks_of_the_course_begin_with_something_to_share(assignment: str, name: str) -> None:
    """Every notebook loads its data before its first task."""
    notebook = release(assignment, name)
    first = notebook.cells[: shared(notebook, notebook)]

    assert "load_oxboys()" in "".join(cell.source for cell in first if cell.cell_type == "code")
