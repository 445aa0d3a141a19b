"""What a kernel sent is valid by nbformat's schema when it is taken over."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from oxboys_mlm.grading.records.outputs import CELL_OUTPUTS, OUTPUTS, make_valid

WHOLE = {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": 1}


def _cell(*outputs: Any, count: Any = 1) -> NotebookNode:
    cell = new_code_cell("x", id="a")
    cell["outputs"], cell["execution_count"] = nbformat.from_dict(list(outputs)), nbformat.from_dict(count)
    notebook = new_notebook()
    notebook.cells = [cell]
    make_valid(notebook)
    nbformat.validate(notebook)
    made: NotebookNode = notebook.cells[0]
    return made


@pytest.mark.parametrize(
    "count",
    ["<script>steal()</script>", "1", True, 1.5, -1, 10**30, [1], {"a": 1}, None],
)
def test_execution_count(count: object) -> None:
    """An execution count is a number that a kernel counts to, or none, in the cell and in its result."""
    cell = _cell({**WHOLE, "execution_count": count}, count=count)

    assert cell.execution_count is None
    assert cell.outputs[0].execution_count is None
    assert cell.outputs[0].data == {"text/plain": "1"}


@pytest.mark.parametrize(
    "output",
    [
        *("text", 7, None, [], {}, {"output_type": "pyout", "text": "x"}, {"output_type": ["stream"], "text": "x"}),
        *({"output_type": "stream", "name": "stdout", "text": 7}, {"output_type": "stream", "name": "stdout"}),
        *({"output_type": "stream", "name": "stdout", "text": ["a", 7]}, {"output_type": {}, "data": {}}),
    ],
)
def test_nothing_of_it_is_right(output: object) -> None:
    """What is no output is left out."""
    assert _cell(output, WHOLE).outputs == [WHOLE]


@pytest.mark.parametrize(
    ("output", "kept"),
    [
        ({"output_type": "stream", "name": "<b>", "text": "x"}, {"name": "stdout", "text": "x"}),
        ({"output_type": "stream", "name": "stderr", "text": ["a", "b"]}, {"name": "stderr", "text": "ab"}),
        ({"output_type": "stream", "name": 7, "text": "x", "more": "y"}, {"name": "stdout", "text": "x"}),
        (
            {"output_type": "error", "ename": ["x"], "evalue": 7, "traceback": {"x": 1}},
            {"ename": "x", "evalue": "", "traceback": []},
        ),
        (
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", {"b": 1}]},
            {"ename": "E", "evalue": "v", "traceback": ["a"]},
        ),
        ({"output_type": "display_data", "data": "x"}, {"data": {}, "metadata": {}}),
        (
            {"output_type": "display_data", "data": {"image/png": {"a": 1}, "text/html": 7, "text/plain": "x"}},
            {"data": {"text/plain": "x"}, "metadata": {}},
        ),
        (
            {"output_type": "display_data", "data": {"a/b+json": {"c": [1]}, "application/x+json": {"c": [1]}}},
            {"data": {"application/x+json": {"c": [1]}}, "metadata": {}},
        ),
        (
            {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": "<b>", "transient": {"a": 1}},
            {"data": {"text/plain": "x"}, "metadata": {}},
        ),
        (
            {"output_type": "display_data", "data": {"text/html": "x"}, "metadata": {"text/html": {"isolated": True}}},
            {"data": {"text/html": "x"}, "metadata": {}},
        ),
    ],
)
def test_part_of_it_is_right(output: dict[str, Any], kept: dict[str, Any]) -> None:
    """Of an output what is of the right type is kept, and nothing else."""
    assert _cell(output).outputs == [{"output_type": output["output_type"], **kept}]


@pytest.mark.parametrize("outputs", ["<b>", {"a": 1}, 7, None])
def test_no_list(outputs: object) -> None:
    """What is no list of outputs is none."""
    cell = new_code_cell("x")
    cell["outputs"] = outputs
    notebook = new_notebook()
    notebook.cells = [cell]
    assert make_valid(notebook).cells[0].outputs == []


def test_number() -> None:
    """The first outputs of a cell, and of a notebook, are kept, and how many others there were is said."""
    notebook = new_notebook()
    for _ in range(9):
        notebook.cells.append(new_code_cell("x"))
        notebook.cells[-1].outputs = nbformat.from_dict([WHOLE] * 700)
    made = make_valid(notebook).cells

    assert len(made[0].outputs) == CELL_OUTPUTS + 1
    assert "200 more outputs" in made[0].outputs[-1].text
    assert "700 more outputs" in made[-1].outputs[-1].text
    assert sum(len(cell.outputs) for cell in made) < OUTPUTS + 10
