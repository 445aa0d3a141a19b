"""Worker processes: how many, and how they exit with their parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Callable

#: An unprivileged user and group, on every Linux called nobody.
NOBODY = 65534

_PR_SET_PDEATHSIG = 1


def cores() -> int:
    """Count the cores that may be used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Have the kernel of the operating system signal this process when its parent ends.

    Raises
    ------
    OSError
        If it refuses.
    AttributeError
        If it is another system than Linux.
    """
    if ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError("prctl")


def follow(parent: int, end: Callable[[], object]) -> None:
    """Leave Ctrl-C to the process that gives the orders, and end with it.

    Parameters
    ----------
    parent
        Its number.
    end
        Called if it is gone already.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        end_with_parent()
    if os.getppid() != parent:
        end()
