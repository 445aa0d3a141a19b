"""Write files whole, or not at all, keep a folder to the files that are wanted, and list them in their order."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever finds half of it, with the rights that the umask leaves."""
    with replacing(path) as new, new.open("x", encoding="utf-8", newline="") as file:
        file.write(text)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield where to write a file that takes the place of another at the end of the block, if that does not fail."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".new-{secrets.token_hex(8)}")
    try:
        yield new
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def keep_only(folder: Path, paths: Iterable[Path]) -> None:
    """Delete all files of a folder but these."""
    kept = {path.name for path in paths}
    for path in folder.glob("*"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def numbered(path: Path | str) -> tuple[tuple[int, str], ...]:
    """Return a sorting key by which numbers in names count as numbers.

    >>> sorted(["10-how-sure.ipynb", "9-is-the-line-straight.ipynb", "1-visualization.ipynb"], key=numbered)
    ['1-visualization.ipynb', '9-is-the-line-straight.ipynb', '10-how-sure.ipynb']
    """
    parts = re.split(r"([0-9]+)", str(path))
    # Texts have even places, numbers odd ones; one of 0007 and 7 has to come first, always the same.
    return (*((int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)), (0, str(path)))


def near(path: Path) -> str:
    """Return a path relative to the current folder if it lies in it."""
    path, here = path.resolve(), Path().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
