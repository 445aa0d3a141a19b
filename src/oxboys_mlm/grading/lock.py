"""A lock, so that one command at a time writes to a course folder; the system releases it when its holder exits."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from oxboys_mlm.grading.errors import GradingError


@contextlib.contextmanager
def hold(root: Path, command: str, *, patience: float = 0.0) -> Iterator[None]:
    """Keep other commands from writing to a course folder meanwhile.

    On a network file system the lock holds between machines as far as its server has locks (NFS 4 does). Where it has
    none, the command goes on without.

    Parameters
    ----------
    root
        The course folder.
    command
        What holds it, for whoever finds it held.
    patience
        How long to wait for another command (seconds).

    Raises
    ------
    GradingError
        If another command holds it, and which.
    """
    path = root / ".oxboys" / "lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a+", encoding="utf-8", errors="replace") as file:
        if _take(file.fileno(), patience):
            file.truncate(0)
            file.write(f"{command!r}, process {os.getpid()} on {socket.gethostname()}, since {time.strftime('%H:%M')}")
            file.flush()
        else:
            file.seek(0)
            holder = file.read(300).strip() or "another command"
            raise GradingError(f"{root} is in use by {holder}; start this again when that has ended")
        try:
            yield
        finally:
            # What a folder says when nothing holds it must name nobody.
            file.truncate(0)


def _take(descriptor: int, patience: float) -> bool:
    """Take the lock; False if another has it."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.2)
        except OSError:  # a file system without locks
            return True
        else:
            return True
