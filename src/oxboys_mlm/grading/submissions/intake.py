"""Read a submitted notebook as data: cells, their sources and pictures, nothing else of it."""

from __future__ import annotations

import binascii
import contextlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from oxboys_mlm.grading.errors import SetAside

#: A notebook with figures in its outputs has a megabyte or two.
MAX_BYTES = 50_000_000
MAX_CELLS = 2_000
#: Colab stores the pictures of a text inside the text.
MAX_SOURCE = 5_000_000

#: Objects, lists and items of a file. Each costs memory, however short it is written: a figure of 234 points that is
#: stored as data has some thousands.
MAX_VALUES = 1_000_000

#: Pictures pasted into one text (characters of base64).
MAX_PICTURES = 10_000_000

#: What these may be: what browsers show and has no program in it.
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


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
    attachments
        Pictures pasted into it, by name and type, in base64; without a type those that cannot be taken over.
    checksum
        nbgrader's checksum of it as it was handed out, empty if it has none.
    """

    kind: str
    source: str
    grade_id: str = ""
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checksum: str = ""


def read(path: Path) -> tuple[Cell, ...]:
    """Read the cells of a submitted notebook, in whatever shape it comes.

    Raises
    ------
    SetAside
        If the file is not a notebook that can be read, with the reason.
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
    """Decode a notebook: UTF-8, -16 or -32, with or without a byte order mark; else Windows-1252."""
    for encoding in (json.detect_encoding(content), "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("latin-1")


def _parse(text: str) -> Any:
    if _values(text) > MAX_VALUES:
        text = _lean(text)
        if _values(text) > MAX_VALUES:
            raise SetAside(f"the file holds more than {MAX_VALUES:,} single values, which no notebook needs")
    try:
        # Not strict: a tab or a line's end inside a string does no harm.
        return json.loads(text, strict=False)
    except RecursionError:
        raise SetAside("the file is nested too deeply") from None
    except ValueError as error:
        if text.lstrip()[:1] == "{":
            raise SetAside(f"the notebook is damaged or cut off ({error})") from None
        raise SetAside("the file is not a notebook") from None


def _lean(text: str) -> str:
    """Leave out what is not read, such as outputs, without parsing it; return any other text unchanged."""
    left = MAX_CELLS

    def count(cell: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise _too_many_cells()

    names = ("cell_type", "source", "input", "metadata", "attachments")
    fields = [(name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for name in names]
    cell = msgspec.defstruct("Cell", fields, namespace={"__post_init__": count})
    cells = ("cells", list[cell] | msgspec.UnsetType, msgspec.UNSET)  # type: ignore[valid-type]
    sheet = msgspec.defstruct("Sheet", [cells], namespace={"__post_init__": count})
    sheets = ("worksheets", list[sheet] | msgspec.UnsetType, msgspec.UNSET)  # type: ignore[valid-type]
    try:
        return msgspec.json.encode(
            msgspec.json.decode(text, type=msgspec.defstruct("Notebook", [cells, sheets]))
        ).decode()
    except (msgspec.MsgspecError, RecursionError):
        return text


def _too_many_cells() -> SetAside:
    return SetAside(f"the notebook has more than {MAX_CELLS:,} cells")


def _values(text: str, step: int = 1 << 20) -> int:
    """Count what a parser would have to make of a text, at most, without making it.

    >>> _values('{"a": [1, 2], "b, [": 3}'), _values('{"a": [1, 2], "b, [": 3}', 4)
    (4, 4)
    """
    count, inside, carried = 0, 0, ""
    for start in range(0, len(text), step):
        part = carried + text[start : start + step]
        # A backslash at the end belongs to what follows.
        carried = "\\" if (len(part) - len(part.rstrip("\\"))) % 2 else ""
        part = part[: len(part) - len(carried)]
        pieces = part.replace("\\\\", "").replace('\\"', "").split('"')
        outside = "".join(pieces[inside::2])
        count += sum(outside.count(sign) for sign in "{[,")
        inside = (inside + len(pieces) - 1) % 2
    return count


def cells_of(document: Any) -> tuple[Cell, ...]:
    """Return the cells of a parsed notebook, of format 4 or of older ones.

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
        cells = [_with_line_ends(cell) for cell in cells]
    if not isinstance(cells, list):
        raise SetAside("the file is not a notebook: it has no cells")
    if len(cells) > MAX_CELLS:
        raise _too_many_cells()
    return tuple(_cell(cell) for cell in cells if isinstance(cell, dict) and not _is_advertisement(cell))


def _is_advertisement(cell: dict[str, Any]) -> bool:
    """Return whether a platform has put a cell there to name itself: Deepnote does, at the end of what it exports."""
    metadata = cell.get("metadata")
    return isinstance(metadata, dict) and metadata.get("created_in_deepnote_cell") is True


def _with_line_ends(cell: Any) -> Any:
    """Join the lines of a cell of format 3, some of whose writers left the line ends out."""
    if isinstance(cell, dict):
        for name in ("input", "source"):
            lines = cell.get(name)
            if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
                _check_length(lines)
                cell = cell | {name: "".join(lines) if lines[:1] and lines[0][-1:] in "\r\n" else "\n".join(lines)}
    return cell


def _check_length(parts: list[str]) -> None:
    if sum(map(len, parts)) > MAX_SOURCE:
        raise SetAside(f"a cell is longer than {MAX_SOURCE:,} characters")


def _cell(cell: dict[str, Any]) -> Cell:
    kind = cell.get("cell_type")
    source = cell.get("source", cell.get("input", ""))
    parts = [part for part in (source if isinstance(source, list) else [source]) if isinstance(part, str)]
    _check_length(parts)
    # What UTF-8 cannot hold must not reach a file or a kernel; lone surrogates come from "\ud800" in JSON.
    source = "".join(parts).encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id, checksum = (
        (settings.get("grade_id"), settings.get("checksum")) if isinstance(settings, dict) else (None, None)
    )
    kind = kind if kind in ("code", "raw") else "markdown"
    return Cell(
        kind,
        source,
        grade_id if isinstance(grade_id, str) else "",
        _attachments(cell.get("attachments"), source) if kind == "markdown" else {},
        checksum if isinstance(checksum, str) else "",
    )


def _attachments(attachments: Any, source: str) -> dict[str, dict[str, str]]:
    """Read the pictures of a text, as far as they are pictures and the text shows them."""
    found: dict[str, dict[str, str]] = {}
    room = MAX_PICTURES
    for name in _shown(source) if isinstance(attachments, dict) else ():
        data = attachments.get(name)
        if not isinstance(data, dict):
            continue
        found[name] = {}
        for kind in _PICTURES:
            picture = data.get(kind)
            if isinstance(picture, list):
                picture = "".join(part for part in picture if isinstance(part, str))
            if isinstance(picture, str) and len(picture) <= room and (picture := _base64(picture)):
                room -= len(picture)
                found[name] = {kind: picture}
                break
    return found


def _shown(source: str) -> list[str]:
    """List the names of the attachments that a text may show, in order.

    >>> _shown("![a](attachment:a%20b.png)")
    ['a b.png', 'a b.png)']
    """
    found: dict[str, None] = {}
    for rest in source.split("attachment:")[1:100]:
        # Where a name ends that has parentheses of its own, the attachments themselves must say.
        name = re.split("[\\s\"'<>]", rest[:300], maxsplit=1)[0]
        found |= {unquote(name[:end]): None for end in [*(i for i, sign in enumerate(name) if sign == ")"), len(name)]}
    return list(found)


def _base64(text: str) -> str:
    """Rewrite base64 without line ends; return an empty text if it is not base64."""
    try:
        data = binascii.a2b_base64("".join(text.split()).encode("ascii"), strict_mode=True)
    except ValueError:
        return ""
    return binascii.b2a_base64(data, newline=False).decode()
