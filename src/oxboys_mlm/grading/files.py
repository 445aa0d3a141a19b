"""Write files whole, or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever finds half of it, with the rights that the umask leaves."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".new-{secrets.token_hex(8)}")
    try:
        with new.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def near(path: Path) -> str:
    """Return a path relative to the current folder if it lies in it."""
    path, here = path.resolve(), Path().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
