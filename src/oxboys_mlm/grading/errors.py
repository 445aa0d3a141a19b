"""Errors that are not marks: of the run itself, and of a file that is set aside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class GradingError(Exception):
    """The run itself failed; the message is one line for the person who started it."""


class SetAside(Exception):
    """A submitted file that cannot be graded, and why. Never stops the others."""


def shown(paths: Sequence[Path]) -> str:
    """Name some files in few words, whatever they are called.

    >>> shown([Path("a.ipynb"), Path("b.ipynb"), Path("c.ipynb"), Path("d.ipynb")])
    '‘a.ipynb’, ‘b.ipynb’ and 2 more'
    """
    names = ["‘" + _short(path.name) + "’" for path in paths[: 3 if len(paths) == 3 else 2]]
    more = [f"{len(paths) - len(names)} more"] if len(paths) > len(names) else []
    *first, last = [*names, *more]
    return f"{', '.join(first)} and {last}" if first else last


def _short(name: str) -> str:
    name = "".join(sign if sign.isprintable() else "�" for sign in name.encode("utf-8", "replace").decode())
    # A spreadsheet may take a semicolon for the end of a cell, and what follows for a formula.
    name = name.replace(";", ",").replace("`", "'")
    return name if len(name) <= 60 else f"{name[:35]}…{name[-20:]}"
