"""What the notebook's file beside the kernel says: points, what is written, what checks showed when it was saved.

A kernel is not told which notebook it serves, nor what stands in it. Marks never depend on any of this.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from oxboys_mlm.assessment.evidence import MIME_TYPE

#: What stands in the cell of a free text until somebody writes there.
PLACEHOLDER = "*Write your answer here, in place of this line.*"


@dataclass(frozen=True)
class NotebookFile:
    """What is read from a notebook.

    Attributes
    ----------
    points
        Points of the check cells, by key.
    written
        For each free text, by key, whether something is written in its cell.
    answered
        Keys of the other questions in whose cell there is code.
    records
        The evidence that each check showed when the notebook was saved, as JSON, by key.
    """

    points: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, bool] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    records: Mapping[str, str] = field(default_factory=dict)


def texts_beside_kernel() -> dict[str, bool]:
    """Return which free texts are written, as last saved; those of notebooks that cannot be told apart are left out."""
    files = notebooks_beside_kernel()
    own = files.get(Path(os.environ.get("JPY_SESSION_NAME", "")).name)
    if own is not None:
        return dict(own.written)
    found = [notebook.written for notebook in files.values()]
    return {key: written[key] for written in found for key in written if sum(key in other for other in found) == 1}


def notebooks_beside_kernel() -> dict[str, NotebookFile]:
    """Read the notebooks in the kernel's folder, by file name; one that cannot be read is left out."""
    found = {path.name: read_notebook(path) for path in sorted(Path().glob("*.ipynb"))[:20]}
    return {name: notebook for name, notebook in found.items() if notebook is not None}


def read_notebook(path: Path) -> NotebookFile | None:
    """Read a notebook; None if it cannot be read."""
    try:
        state = path.stat()
        if path.is_file() and state.st_size <= 5_000_000:
            return _read(path.absolute(), state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return None


@lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int) -> NotebookFile:
    """Read a notebook; it is read again only when it has changed."""
    points: dict[str, float] = {}
    written: dict[str, bool] = {}
    answered: set[str] = set()
    records: dict[str, str] = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        name = settings.get("grade_id", "")
        if settings.get("grade") and name.endswith("-check"):
            worth = float(settings["points"])
            if 0 <= worth < math.inf:
                points[name.removesuffix("-check")] = worth
            records |= {name.removesuffix("-check"): record for record in _records(cell)}
        elif settings.get("grade") and settings.get("solution"):
            written[name] = _is_written(cell)
        elif settings.get("solution") and _has_code(cell):
            answered.add(name)
    return NotebookFile(points, written, frozenset(answered), records)


def _records(cell: Mapping[str, Any]) -> list[str]:
    """Return the evidence among a check's outputs."""
    found = [output.get("data", {}).get(MIME_TYPE) for output in cell.get("outputs", ())]
    return [record for record in found if isinstance(record, str)]


def _has_code(cell: Mapping[str, Any]) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in "".join(cell["source"]).splitlines())


def _is_written(cell: Mapping[str, Any]) -> bool:
    return re.search(r"\w", "".join(cell["source"]).replace(PLACEHOLDER, "")) is not None
