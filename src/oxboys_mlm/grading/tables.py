"""Read tables that a spreadsheet has saved, and write cells that it reads as text and that can be read back."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Collection
from pathlib import Path

from oxboys_mlm.grading.errors import GradingError

#: Largest table of a class (bytes).
MAX_BYTES = 100_000_000

#: Byte order marks, the longer ones first: that of UTF-16 is the beginning of that of UTF-32.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_table(path: Path, needed: Collection[str]) -> dict[int, dict[str, str]]:
    """Read a table in CSV whose first line names its columns.

    Commas, semicolons or tabs separate its cells. It is in UTF-8, in UTF-16 or -32 with a byte order mark, or in
    Windows-1252.

    Parameters
    ----------
    path
        The file.
    needed
        Columns that have to be there.

    Returns
    -------
    dict
        Rows by the number of their (last) line: cells by column, without white space around them.
        Empty rows are left out.

    Raises
    ------
    GradingError
        If it cannot be read as such a table: what is wrong, and in which line.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise GradingError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise GradingError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB")
    text = _decode(path, content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    columns, separator = _columns(path, first, needed)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: dict[int, dict[str, str]] = {}
    begun = False
    try:
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            if begun and any(cell.strip() for cell in cells[len(columns) :]):
                raise GradingError(
                    f"{path}, line {table.line_num}: there are {len(cells)} cells, but {len(columns)} columns"
                )
            if begun:
                rows[table.line_num] = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
            begun = True
    except csv.Error as error:
        raise GradingError(f"{path}, line {table.line_num}: this is not a table in CSV ({error})") from None
    return rows


def _decode(path: Path, content: bytes) -> str:
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise GradingError(f"{path} is not a text file; save the table as CSV, in UTF-8")


def _columns(path: Path, first: str, needed: Collection[str]) -> tuple[list[str], str]:
    """Read the names of the columns, and what separates them."""
    for separator in ",;\t":
        columns = [name.strip().casefold() for name in next(csv.reader([first], delimiter=separator), [])]
        if set(needed) <= set(columns):
            if twice := [name for name in columns if name and columns.count(name) > 1]:
                raise GradingError(f"{path}: there are two columns `{twice[0]}`")
            return columns, separator
    raise GradingError(
        f"{path}: the first line should name the columns, with {', '.join(f'`{name}`' for name in needed)} among "
        f"them; it is `{first.strip()[:80]}`"
    )


# What makes a spreadsheet take a cell for a formula: these at its start, also in full width, and also at the
# start of what a spreadsheet that separates by other signs takes for a cell. An apostrophe before them prevents it.
_FORMULA = re.compile(r"(^|[;,|]\s*(?:\"\s*)*)(?=[=+\-@＝＋－＠])")


def text_cell(text: str | None) -> str:
    """Return a text in which no spreadsheet finds a formula, whatever it separates cells by.

    White space and control characters become single blanks; an apostrophe goes before what would
    start a formula.

    Parameters
    ----------
    text
        The text; None for none.

    Examples
    --------
    >>> text_cell("Grün, Zoë"), text_cell("=1+1"), text_cell("a; =1+1"), text_cell(None)
    ('Grün, Zoë', "'=1+1", "a; '=1+1", '')
    """
    plain = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter for letter in text or "")
    return _FORMULA.sub(r"\1'", " ".join(plain.split()))


# Where a spreadsheet, whatever it separates cells by, may take a cell to begin; and apostrophes before a formula there.
_BEGINNING = r"((?:^|[;,|\t])(?:[^\S\n\t]|[\"\u200b-\u200f\u2060\ufeff])*)"
_PROTECTED = re.compile(rf"{_BEGINNING}('*)(?=[=+\-@＝＋－＠])", re.MULTILINE)

# What a spreadsheet turns into a number, a date or a truth value, and then saves in another form.
_MONTH = "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
_VALUE = re.compile(
    rf"[\d.,:/%€$£][\d.,:/%€$£e +\-]*|true|false|wahr|falsch"
    rf"|\d{{0,4}}[-./ ]?(?:{_MONTH})[a-zä]{{0,6}}[-./ ]?\d{{0,4}}",
    re.IGNORECASE,
)


def guarded_cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for anything else, and that `plain_text` reads back.

    An apostrophe goes before what would start a formula, on each line, and before what would become a number or a date.
    Line ends stay; other control characters are left out.

    Parameters
    ----------
    text
        The text.

    Examples
    --------
    >>> guarded_cell("=1+1"), guarded_cell("0012"), guarded_cell("It is 0.5.")
    ("'=1+1", "'0012", 'It is 0.5.')
    """
    lines = "\n".join(text.splitlines()).strip()
    plain = "".join(letter for letter in lines if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))
    return "'" * _is_value(plain) + _PROTECTED.sub(r"\1'\2", plain)


def plain_text(cell: str) -> str:
    """Return the text that `guarded_cell` made a cell of.

    >>> plain_text("'=1+1"), plain_text("'0012"), plain_text("'twas")
    ('=1+1', '0012', "'twas")
    """
    text = _PROTECTED.sub(lambda found: found[1] + found[2][1:], cell)
    return text[1:] if text.startswith("'") and _is_value(text[1:]) else text


def _is_value(text: str) -> bool:
    value = text.lstrip("'")
    return 0 < len(value) <= 40 and _VALUE.fullmatch(value) is not None


def same_text(cell: str, text: str) -> bool:
    """Return whether a cell still holds a text, but for characters that a file in Windows-1252 cannot hold.

    >>> same_text("? is large", "τ is large")
    True
    """
    return _common(cell) == _common(guarded_cell(text))


def digest_of_cell(text: str) -> str:
    """Return a digest that is the same for all cells that are the same text by `same_text`."""
    return hashlib.sha256(_common(text).encode()).hexdigest()[:8]


def _common(cell: str) -> str:
    """Return what is left of a cell in a file in Windows-1252, without blanks at the ends of lines."""
    lines = "\n".join(line.strip() for line in unicodedata.normalize("NFC", cell).strip().splitlines())
    return re.sub(r"\?+", "?", lines.encode("cp1252", "replace").decode("cp1252"))
