"""The warm parent of all kernels, and the kernels forked from it, as seen from outside the sandbox."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.processes import NOBODY
from oxboys_mlm.grading.running import bubblewrap
from oxboys_mlm.grading.running.bounds import Bounds
from oxboys_mlm.grading.running.inside import wire

#: Longest time that the parent takes for its imports, and a kernel to start (seconds).
_PATIENCE = 120.0


class ZygoteLost(GradingError):
    """The warm parent has gone, though it had started: somebody ended it."""


class Parent:
    """A process that forks kernels.

    Parameters
    ----------
    runs
        The socket through which it is asked for them.
    sandboxed
        Whether it runs inside bubblewrap.
    """

    def __init__(self, runs: socket.socket, *, sandboxed: bool) -> None:
        self.sandboxed = sandboxed
        self._runs = runs

    def fork(self, request: wire.Request) -> Fork:
        """Start a kernel.

        Raises
        ------
        OSError
            If none starts.
        """
        ours, theirs = socket.socketpair()
        bounds = None
        try:
            with theirs:
                socket.send_fds(self._runs, [b"r"], [theirs.fileno()])
            ours.settimeout(_PATIENCE)
            ours.sendall(wire.framed(request))
            if self.sandboxed and not request.parent:
                bounds = self._bound(ours, request.limits)
            first, kernel = _handles(ours, 2)
            ours.settimeout(None)
        except OSError:
            ours.close()
            if bounds is not None:
                bounds.close()
            raise
        return Fork(ours, first, kernel, sandboxed=self.sandboxed, bounds=bounds)

    @staticmethod
    def _bound(run: socket.socket, limits: dict[str, int]) -> Bounds:
        """Set a run's bounds while it waits for them."""
        (handle,) = _handles(run, 1)
        try:
            bounds = Bounds(_number(handle), NOBODY, limits)
        finally:
            os.close(handle)
        run.sendall(b"u" if bounds.own_user else b"-")
        return bounds


def _handles(run: socket.socket, number: int) -> list[int]:
    """Receive handles of processes."""
    _, handles, _, _ = socket.recv_fds(run, 1, number)
    if len(handles) != number:
        raise ConnectionError
    return handles


class Zygote(Parent):
    """The warm parent of all kernels. It is started at once, and ready some seconds later.

    It ends with the thread that made it.

    Parameters
    ----------
    course
        The course folder, which a sandbox hides.
    sandboxed
        Whether it runs inside bubblewrap.

    Raises
    ------
    GradingError
        If there is no bubblewrap.
    """

    def __init__(self, course: Path, *, sandboxed: bool) -> None:
        command = bubblewrap.command(course) if sandboxed else [sys.executable, "-I", "-m", bubblewrap.ZYGOTE]
        runs, inside = socket.socketpair()
        super().__init__(runs, sandboxed=sandboxed)
        self._served = False
        self._parents: list[Fork] = []
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the parent
        with inside:
            self.process = subprocess.Popen(
                command,
                stdin=inside.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=bubblewrap.environment(),
                start_new_session=True,
            )

    @property
    def errors(self) -> str:
        """What the sandbox and the parent wrote to standard error."""
        return os.pread(self._errors.fileno(), 100_000, 0).decode("utf-8", "replace")

    def lost(self) -> bool:
        """Tell whether it has ended, of which one may have heard from inside the sandbox a little earlier."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)
        return self.process.returncode is not None

    def fork(self, request: wire.Request) -> Fork:
        """Start a kernel.

        Raises
        ------
        ZygoteLost
            If the parent has gone since it forked its first kernel.
        GradingError
            If it did not start, or the kernel did not.
        """
        try:
            forked = super().fork(request)
        except OSError:
            raise self._explanation() from None
        self._served = True
        return forked

    def adopt(self, fork: Fork) -> bool:
        """Have a kernel that has run cells of the course's own fork others, as long as this parent lives.

        False if it cannot: a fork would not have its threads, open files, or the files it wrote. It is ended then.
        """
        if fork.becomes_parent():
            self._parents.append(fork)
            return True
        fork.close()
        return False

    def _explanation(self) -> GradingError:
        """Say why there is no kernel."""
        if not self.lost():
            return GradingError(f"a kernel did not start ({self.errors.strip().rpartition(chr(10))[2]})")
        if self._served:
            return ZygoteLost("the parent of all kernels was ended")
        return bubblewrap.explain(self.process, self.errors)

    def close(self) -> None:
        """End the parent and, in the sandbox, every process inside; once is enough."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        while self._parents:
            self._parents.pop().close()
        self._runs.close()
        self._errors.close()


class Fork(Parent):
    """A kernel, and whatever processes it starts. It may become a parent of others.

    Parameters
    ----------
    connection
        The socket through which the kernel is talked to.
    first, kernel
        Handles of the process with which all of the run ends, and of the kernel.
    sandboxed
        Whether it runs inside bubblewrap.
    bounds
        What was set for it from outside; None if its processes stand in no namespace of their own, which would end
        with its first.
    """

    def __init__(
        self, connection: socket.socket, first: int, kernel: int, *, sandboxed: bool, bounds: Bounds | None
    ) -> None:
        super().__init__(connection, sandboxed=sandboxed)
        self.connection = connection
        self._first = first
        self._kernel = kernel
        self._bounds = bounds

    def alive(self) -> bool:
        """Tell whether anything of it still runs."""
        return not _ended(self._first, 0)

    def becomes_parent(self) -> bool:
        """Ask it to be forked instead of running more cells; tell whether it can be."""
        try:
            self.connection.settimeout(_PATIENCE)
            self.connection.sendall(wire.framed(wire.Frame(wire.FORK, [])))
            return bool(wire.receive(self.connection).parts)
        except (OSError, EOFError, msgspec.MsgspecError):
            return False

    def interrupt(self) -> None:
        """Interrupt the cell that runs, as Ctrl-C does."""
        _signal(self._kernel, signal.SIGINT)

    def strike(self) -> None:
        """Tell every process of it to end; any thread may call this."""
        if self._bounds is None:
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        _signal(self._first, signal.SIGKILL)

    def close(self) -> None:
        """End it, and wait until it has."""
        self.strike()
        _ended(self._first, 10)
        os.close(self._first)
        os.close(self._kernel)
        self.connection.close()
        if self._bounds is not None:
            self._bounds.close()

    def processes(self) -> list[int]:
        """List its processes, the first one first."""
        children: dict[int, list[int]] = {}
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    stat = Path(entry.path, "stat").read_bytes()
                    parent = int(stat[stat.rindex(b")") + 1 :].split()[1])
                    children.setdefault(parent, []).append(int(entry.name))
        found = []
        wave = [pid for pid in [_number(self._first)] if pid > 0]
        while wave:
            found += wave
            wave = [child for pid in wave for child in children.get(pid, [])]
        return found

    def takes_more_than(self, megabytes: float) -> bool:
        """Tell whether it takes more memory than that, or was refused more than that by its cgroup.

        What its processes share is counted once; what its sockets may hold is counted as if they held it.
        """
        if self._bounds is not None and self._bounds.exceeded():
            return True
        processes = self.processes()
        sockets = _sockets_mb(processes[0]) if processes and self._bounds is not None else 0
        # What they share counted for each is more, and is known at once; to tell it apart takes the kernel a while,
        # in which the process stands still.
        return (
            sum(map(_pages_mb, processes)) + sockets > megabytes
            and sum(map(_share_mb, processes)) + sockets > megabytes
        )


def _pages_mb(pid: int) -> float:
    """Give the memory of a process, with all that it shares with others."""
    try:
        return _sum_mb(Path(f"/proc/{pid}/status").read_bytes(), b"\nVmRSS:", b"\nVmSwap:")
    except OSError:
        return 0


def _share_mb(pid: int) -> float:
    """Give the memory of a process, with its share of what it shares; all of that, if it hides which is which."""
    try:
        return _sum_mb(Path(f"/proc/{pid}/smaps_rollup").read_bytes(), b"\nPss:", b"\nSwapPss:")
    except PermissionError:
        return _pages_mb(pid)
    except OSError:
        return 0


def _sum_mb(text: bytes, *names: bytes) -> float:
    """Add up some of the sizes that a file of /proc states in kilobytes."""
    return sum(int(text.partition(name)[2].split(maxsplit=1)[0]) for name in names if name in text) / 1024


def _sockets_mb(pid: int) -> float:
    """Give what the sockets of a process's network, those on their way through others too, may hold."""
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


def _ended(handle: int, seconds: float) -> bool:
    """Tell whether a process has ended, after waiting for it if it has not."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _signal(handle: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, number)


def _number(handle: int) -> int:
    """Give the number of a process by its handle; -1 if it has ended."""
    text = Path(f"/proc/self/fdinfo/{handle}").read_text("ascii")
    return int(text[text.index("\nPid:") + 5 :].split()[0])
