"""Measure the processes of a run: which there are, and how much memory they hold. Nothing is limited here.

What holds a run to its limit: `bounds` (a control group, where the system allows one), `inside.zygote` (the address
space of each process) and `client` (which ends a run whose `fork` takes more than it may).

The tree of processes comes from psutil where none may be missed. It asks all processes of the machine for their
parents, which takes too long to be done five times a second for every run: a run is watched by Linux's own lists of
children. The sizes are read from /proc: psutil's resident size leaves out what was swapped, and its proportional size
has no share of it.
"""

from __future__ import annotations

from pathlib import Path

import psutil


def tree(pid: int) -> list[int]:
    """Return the PIDs of a process and of all its descendants; empty if it has ended.

    Parameters
    ----------
    pid
        The PID of the process; -1 for one that has ended.
    """
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))] if pid > 0 else []
    except psutil.NoSuchProcess:
        return []


def watched_tree(pid: int) -> list[int]:
    """Return what `tree` does, read in a moment; a process that has just begun or lost a sibling may be missing."""
    if not _LISTED or pid <= 0:
        return tree(pid)
    found = [pid]
    for process in found:
        try:
            for thread in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (thread / "children").read_bytes().split())
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
    return found if Path(f"/proc/{pid}").exists() else []


#: Not every kernel lists the children of a thread.
_LISTED = Path("/proc/thread-self/children").exists()


def resident_mb(pid: int) -> float:
    """Return the memory of a process, with all that it shares with others."""
    try:
        return _sum_mb(Path(f"/proc/{pid}/status").read_bytes(), b"\nVmRSS:", b"\nVmSwap:")
    except OSError:
        return 0


def proportional_mb(pid: int) -> float:
    """Return the memory of a process, with its part of what it shares; all of that if it hides its pages."""
    try:
        return _sum_mb(Path(f"/proc/{pid}/smaps_rollup").read_bytes(), b"\nPss:", b"\nSwapPss:")
    except PermissionError:
        return resident_mb(pid)
    except OSError:
        return 0


def _sum_mb(text: bytes, *names: bytes) -> float:
    """Add up sizes that a file of /proc states in kilobytes."""
    return sum(int(text.partition(name)[2].split(maxsplit=1)[0]) for name in names if name in text) / 1024


def sockets_mb(pid: int) -> float:
    """Return how much the sockets of a process's network namespace can hold, those in transit included."""
    try:
        words = Path(f"/proc/{pid}/net/sockstat").read_bytes().split()
        number = int(words[words.index(b"used") + 1])
        return (
            number
            * sum(int(Path(f"/proc/sys/net/core/{kind}_default").read_bytes()) for kind in ("rmem", "wmem"))
            / 2**20
        )
    except (OSError, ValueError):
        return 0
