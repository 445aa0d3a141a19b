"""Bounds that the grader sets from outside, where the machine allows it: a user id per run and a memory cgroup.

As root, every run gets a user id that nobody else has, so that what Linux counts for a user (processes, pipes, files
on their way through sockets) is its own. A memory cgroup counts all that a run makes the kernel hold: memory that no
process maps, socket buffers, page tables. docs/security.md says where there is neither, and what holds then.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

#: User ids that systems give to nobody (first, number): beyond all containers' ids, or, in a container that has not so
#: many, those of services that are made for a while.
_RANGES = (0x70000000, 0x0FFE0000), (61184, 4336)


class Bounds:
    """The bounds of one run, set before anything of it has happened.

    Parameters
    ----------
    pid
        The number of its outermost process, which has a user namespace of its own and waits.
    user
        The user and group that it is inside.
    limits
        What it may use, by the names of `results.Limits`.

    Attributes
    ----------
    own_user
        Whether it has a user id of its own.
    """

    def __init__(self, pid: int, user: int, limits: dict[str, int]) -> None:
        self._group = _memory_group(pid, (limits["memory_mb"] + 2 * limits["disk_mb"]) << 20)
        self.own_user = _give_user(pid, user)

    @property
    def has_cgroup(self) -> bool:
        """Whether it has a memory cgroup of its own."""
        return self._group is not None

    def exceeded(self) -> bool:
        """Return whether a process was ended because all together took too much memory."""
        if self._group is None:
            return False
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError):
                words = (self._group / name).read_text("ascii").split()
                return words[words.index("oom_kill") + 1] != "0"
        return False

    def close(self) -> None:
        """Remove what was made for the run, which is over."""
        if self._group is not None:
            _over.add(self._group)
        _remove()


def _give_user(pid: int, user: int) -> bool:
    """Map the user and group of a process's namespace to ids of its own; return whether that is allowed."""
    ids = _free_id() if os.geteuid() == 0 else None
    if ids is None:
        return False
    try:
        for kind in ("gid_map", "uid_map"):
            Path(f"/proc/{pid}/{kind}").write_text(f"{user} {ids} 1", "ascii")
    except PermissionError:  # root without the right to do so, in a container
        return False
    return True


def _free_id() -> int | None:
    """Draw a user id that this namespace has and that nobody uses."""
    known = [
        [int(word) for word in line.split()] for line in Path("/proc/self/uid_map").read_text("ascii").splitlines()
    ]
    for first, number in _RANGES:
        if any(start <= first and first + number <= start + length for start, _, length in known):
            return first + secrets.randbelow(number)
    return None


#: Groups of runs that are over, whose last process may take a moment to end.
_over: set[Path] = set()


def _remove() -> None:
    for group in list(_over):
        with contextlib.suppress(OSError):
            group.rmdir()
        if not group.exists():
            _over.discard(group)


@atexit.register
def _remove_all() -> None:
    until = time.monotonic() + 2
    while _over and time.monotonic() < until:
        _remove()
        time.sleep(0.01)


def _memory_group(pid: int, size: int) -> Path | None:
    """Put a process into a memory cgroup of its own, wherever one can be made; None where none can."""
    _remove()
    for parent, limits in _parents(size):
        group = parent / f"oxboys-{os.getpid()}-{secrets.token_hex(4)}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            for name, limit in limits.items():
                # Not every kernel counts swap or sockets, or ends a group as a whole.
                if (group / name).exists():
                    (group / name).write_text(str(limit), "ascii")
            (group / "cgroup.procs").write_text(str(pid), "ascii")
        except OSError:
            _over.add(group)
            continue
        return group
    return None


def _parents(size: int) -> Iterator[tuple[Path, dict[str, int]]]:
    """List the cgroups in which one for a run may be made, and its limits."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines()]
    for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        first = "memory" in controllers.split(",")
        if not first and controllers:
            continue
        for words in mounts:
            kind, options = words[words.index("-") + 1], words[-1].split(",")
            if kind != ("cgroup" if first else "cgroup2") or (first and "memory" not in options):
                continue
            root, mount = words[3], Path(words[4])
            if not Path(path).is_relative_to(root):
                continue
            own = mount / Path(path).relative_to(root)
            if first:
                yield (
                    own,
                    {
                        "memory.limit_in_bytes": size,
                        "memory.memsw.limit_in_bytes": size,
                        "memory.kmem.tcp.limit_in_bytes": size // 8,
                    },
                )
                continue
            # Beside one's own, because only a cgroup without processes hands its controllers down.
            for parent in (own.parent, own) if own != mount else (own,):
                with contextlib.suppress(OSError):
                    if "memory" in (parent / "cgroup.subtree_control").read_text("ascii").split():
                        yield parent, {"memory.max": size, "memory.swap.max": 0, "memory.oom.group": 1}
