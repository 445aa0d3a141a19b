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

from oxboys_mlm.grading import sandbox, wire
from oxboys_mlm.grading.errors import GradingError

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
        try:
            with theirs:
                socket.send_fds(self._runs, [b"r"], [theirs.fileno()])
            ours.settimeout(_PATIENCE)
            ours.sendall(wire.framed(request))
            _, handles, _, _ = socket.recv_fds(ours, 1, 2)
            if not handles:
                raise ConnectionError
            ours.settimeout(None)
        except OSError:
            ours.close()
            raise
        return Fork(ours, *handles, sandboxed=self.sandboxed, alone=self.sandboxed and not request.parent)


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
        command = sandbox.command(course) if sandboxed else [sys.executable, "-I", "-m", sandbox.ZYGOTE]
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
                env=sandbox.environment(),
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
        return sandbox.explain(self.process, self.errors)

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
    alone
        Whether the processes of the run stand in a namespace of their own, and so end with its first.
    """

    def __init__(self, connection: socket.socket, first: int, kernel: int, *, sandboxed: bool, alone: bool) -> None:
        super().__init__(connection, sandboxed=sandboxed)
        self.connection = connection
        self._first = first
        self._kernel = kernel
        self._alone = alone

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
        if not self._alone:
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
        """Tell whether its processes together take more memory than that, what they share counted once."""
        processes = self.processes()
        # What they share counted for each is more, and is known at once; to tell it apart takes the kernel a while,
        # in which the process stands still.
        return sum(map(_pages_mb, processes)) > megabytes and sum(map(_share_mb, processes)) > megabytes


def _pages_mb(pid: int) -> float:
    """Give the memory of a process, with all that it shares with others."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _share_mb(pid: int) -> float:
    """Give the memory of a process, with its share of what it shares; all of that, if it hides which is which."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
        return int(text[text.index(b"\nPss:") + 5 :].split()[0]) / 1024
    except PermissionError:
        return _pages_mb(pid)
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
