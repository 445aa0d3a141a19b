"""What is shown where nothing shows HTML: text in the letters that the output has, in lines that fit."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata

#: What stands for signs that not every output has: on Windows a file or a pipe has those of one code page.
_PLAIN = {
    "✔": "+",
    "◐": "~",
    "✘": "x",
    "○": "o",
    "●": "*",
    "↻": "!",
    "✎": "*",
    "·": "-",
    "–": "-",
    "−": "-",
    "…": "...",
    "×": "x",
    "±": "+/-",
    "²": "^2",
    "⁻": "^-",
    "¹": "1",
    "σ": "sigma",
    "τ": "tau",
    "ℓ": "l",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}


def writable(text: str) -> str:
    """Return a text in letters that standard output can write: a check must not fail where it is shown."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return "".join(sign if _has(encoding, sign) else _plain(sign) for sign in text)


def _plain(sign: str) -> str:
    plain = _PLAIN.get(sign) or unicodedata.normalize("NFKD", sign)
    return plain if plain.isascii() else "?"


def _has(encoding: str, sign: str) -> bool:
    if sign.isascii():
        return True
    try:
        sign.encode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def width() -> int | None:
    """Return how many letters a line of the terminal has; None for a file or a pipe, whose lines have no end."""
    try:
        return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    except (AttributeError, ValueError):  # a stream that is no file, or is closed
        return None


def say(text: str) -> None:
    """Print a text, in a terminal with its lines broken between words."""
    columns = width()
    lines = text.splitlines()
    if columns:
        lines = [textwrap.fill(line, columns - 1, break_long_words=False, break_on_hyphens=False) for line in lines]
    print(writable("\n".join(lines)))
