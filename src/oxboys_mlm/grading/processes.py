"""Worker processes: how many, and how they go with the process that gives the orders."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable

from oxboys_mlm.grading.zygote import end_with_parent


def cores() -> int:
    """Count the cores that may be used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
