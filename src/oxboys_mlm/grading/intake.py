"""Read a submitted notebook as data: cells and their sources, nothing else of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oxboys_mlm.grading.errors import SetAside

#: A notebook with figures in its outputs has a megabyte or two.
MAX_BYTES = 50_000_000
MAX_CELLS = 2_000
#: Colab stores the pictures of a text inside the text.
MAX_SOURCE = 5_000_000

#: What browsers, desktops and web pages make of the name of a second copy; between these parts stands the name.
_BEFORE = re.compile(r"(?:copy of |kopie von )?")
_AFTER = re.compile(r"(?:[ _-]*\(\d+\)|[ _-]+\d+|[ _-]+(?:copy|kopie)[ _-]*(?:\d+|\(\d+\))?)?\.ipynb(?:\.json|\.txt)?")


@dataclass(frozen=True)
class Cell:
    """A cell as it was handed in.

    Attributes
    ----------
    kind
        "code", "markdown" or "raw".
    source
        Its text.
    grade_id
        nbgrader's name of it, empty if it has none.
    """

    kind: str
    source: str
    grade_id: str


def read(path: Path) -> tuple[Cell, ...]:
    """Read the cells of a submitted notebook, in whatever shape it comes.

    Raises
    ------
    SetAside
        If the file is no notebook that can be read, with the reason.
    """
    return cells_of(_parse(_text(_bytes(path))))


def _bytes(path: Path) -> bytes:
    """Read a regular file of bounded size; links, pipes and devices are left alone."""
    try:
        # Without NONBLOCK, opening a pipe would wait for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise SetAside("the file is a link, not a notebook") from None
        raise SetAside(f"the file cannot be opened: {error.strerror}") from None
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise SetAside("this is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        if state.st_nlink > 1:
            raise SetAside("the file is a hard link to another file")
        if state.st_size > MAX_BYTES:
            raise SetAside(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
        try:
            content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise SetAside(f"the file cannot be read: {error.strerror}") from None
    if not content.strip():
        raise SetAside("the file is empty")
    return content


def _text(content: bytes) -> str:
    """Decode a notebook: UTF-8, -16 or -32, with or without mark, or else what Windows used before."""
    for encoding in (json.detect_encoding(content), "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("latin-1")


def _parse(text: str) -> Any:
    try:
        # Not strict: a tab or a line's end inside a string does no harm.
        return json.loads(text, strict=False)
    except RecursionError:
        raise SetAside("the file is nested too deeply") from None
    except ValueError as error:
        if text.lstrip()[:1] == "{":
            raise SetAside(f"the notebook is damaged or cut off ({error})") from None
        raise SetAside("the file is not a notebook") from None


def cells_of(document: Any) -> tuple[Cell, ...]:
    """Give the cells of a parsed notebook, of format 4 or of older ones.

    Raises
    ------
    SetAside
        If it holds no list of cells.
    """
    if not isinstance(document, dict):
        raise SetAside("the file is not a notebook")
    cells = document.get("cells")
    if cells is None and isinstance(document.get("worksheets"), list):
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    if not isinstance(cells, list):
        raise SetAside("the file is no notebook: it has no cells")
    if len(cells) > MAX_CELLS:
        raise SetAside(f"the notebook has more than {MAX_CELLS} cells")
    return tuple(_cell(cell) for cell in cells if isinstance(cell, dict))


def _cell(cell: dict[str, Any]) -> Cell:
    kind = cell.get("cell_type")
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        source = ""
    if len(source) > MAX_SOURCE:
        raise SetAside(f"a cell is longer than {MAX_SOURCE} characters")
    # What UTF-8 cannot hold must not reach a file or a kernel; lone surrogates come from "\ud800" in JSON.
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = settings.get("grade_id") if isinstance(settings, dict) else None
    return Cell(
        kind if kind in ("code", "raw") else "markdown",
        source,
        grade_id if isinstance(grade_id, str) else "",
    )


def find(folder: Path, name: str) -> Path | None:
    """Find the file of a notebook in a student's folder; None if there is none.

    A browser that downloads a file twice calls it ``name (1).ipynb``; such a copy counts where it is
    the only file for this notebook.

    Raises
    ------
    SetAside
        If there are several copies and none of the right name, or the folder cannot be read.
    """
    exact = folder / f"{name}.ipynb"
    if os.path.lexists(exact):
        return exact
    try:
        copies = sorted(path for path in folder.iterdir() if is_copy(path.name, name))
    except OSError as error:
        raise SetAside(f"the folder cannot be read: {error.strerror}") from None
    if len(copies) > 1:
        raise SetAside(
            f"there are {len(copies)} copies ({', '.join(path.name for path in copies)}), none named {exact.name}"
        )
    return copies[0] if copies else None


def is_copy(file: str, name: str) -> bool:
    """Tell whether a file's name is that of a notebook, or what is made of it for a second copy.

    >>> [is_copy(file, "t1") for file in ("t1 (1).ipynb", "t1-Copy1.ipynb", "Copy of T1.IPYNB", "t1.ipynb.txt")]
    [True, True, True, True]
    >>> [is_copy(file, "t1") for file in ("t12.ipynb", "t1-old.ipynb", "t1.txt", "._t1.ipynb")]
    [False, False, False, False]
    """
    before, found, after = file.casefold().partition(name.casefold())
    return bool(found and _BEFORE.fullmatch(before) and _AFTER.fullmatch(after))
