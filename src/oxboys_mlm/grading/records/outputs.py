"""Make the outputs of a run valid: each part is of the type that it claims.

A kernel may send anything: an execution count that is a page, a stream of any name, a picture that is none, thousands
of outputs. What is kept is valid by nbformat's schema, type by type, and bounded in number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode

#: Number of outputs that a cell, and a notebook, may show.
CELL_OUTPUTS, OUTPUTS = 500, 2_000
_COUNTS = range(1_000_000_000)


def _new(kind: str, **more: Any) -> NotebookNode:
    # nbformat's own functions would validate each output once more, which takes seconds for a notebook.
    if kind in ("display_data", "execute_result"):
        more["data"], more["metadata"] = NotebookNode(more["data"]), NotebookNode()
    return NotebookNode(output_type=kind, **more)


def make_valid(notebook: NotebookNode) -> NotebookNode:
    """Make what the cells of a notebook show valid, and return the notebook."""
    left = OUTPUTS
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = _count(cell.get("execution_count"))
            cell.outputs = _outputs(cell.get("outputs"), min(left, CELL_OUTPUTS))
            left = max(0, left - len(cell.outputs))
    return notebook


def _outputs(outputs: Any, most: int) -> list[NotebookNode]:
    if not isinstance(outputs, list):
        return []
    kept = [valid for output in outputs[:most] if (valid := _output(output)) is not None]
    if len(outputs) > most:
        kept.append(_new("stream", name="stderr", text=f"[{len(outputs) - most} more outputs are left out]\n"))
    return kept


def _output(output: Any) -> NotebookNode | None:
    """Return an output with what is of the right type in it; None if that is nothing."""
    if not isinstance(output, dict):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        text = _text(output.get("text"))
        return None if text is None else _new("stream", name=name, text=text)
    if kind == "error":
        lines = output.get("traceback")
        return _new(
            "error",
            ename=_text(output.get("ename")) or "",
            evalue=_text(output.get("evalue")) or "",
            traceback=[line for line in lines if isinstance(line, str)] if isinstance(lines, list) else [],
        )
    if kind not in ("display_data", "execute_result"):
        return None
    data = output.get("data")
    kept = {}
    for mime, content in data.items() if isinstance(data, dict) else ():
        value = content if _is_json(mime) else _text(content)
        if isinstance(mime, str) and value is not None:
            kept[mime] = value
    if kind == "display_data":
        return _new(kind, data=kept)
    return _new(kind, data=kept, execution_count=_count(output.get("execution_count")))


def _is_json(mime: Any) -> bool:
    return isinstance(mime, str) and mime.startswith("application/") and mime.endswith(("/json", "+json"))


def _text(content: Any) -> str | None:
    if (
        isinstance(content, Sequence)
        and not isinstance(content, str)
        and all(isinstance(part, str) for part in content)
    ):
        return "".join(content)
    return content if isinstance(content, str) else None


def _count(count: Any) -> int | None:
    """Return the number of an execution; one that counts further than a kernel ever does is none."""
    return count if type(count) is int and count in _COUNTS else None
