"""Kernels as seen from outside the sandbox, and the warm processes that they are forked from."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import msgspec

from oxboys_mlm.grading.processes import NOBODY
from oxboys_mlm.grading.running import memory
from oxboys_mlm.grading.running.bounds import Bounds
from oxboys_mlm.grading.running.inside import wire

#: Longest time that the zygote takes for its imports, and a kernel to start (seconds).
_PATIENCE = 120.0


class Parent:
    """A process that forks kernels.

    Parameters
    ----------
    control
        The socket through which kernels are requested.
    sandboxed
        Whether the process runs inside bubblewrap.
    """

    def __init__(self, control: socket.socket, *, sandboxed: bool) -> None:
        self.sandboxed = sandboxed
        self._control = control

    def fork(self, request: wire.Request) -> Fork:
        """Start a kernel.

        Raises
        ------
        OSError
            If no kernel starts.
        """
        ours, theirs = socket.socketpair()
        bounds = None
        try:
            with theirs:
                socket.send_fds(self._control, [b"r"], [theirs.fileno()])
            ours.settimeout(_PATIENCE)
            ours.sendall(wire.framed(request))
            if self.sandboxed and not request.parent:
                bounds = self._set_bounds(ours, request.limits)
            first, kernel = _receive_pidfds(ours, 2)
            ours.settimeout(None)
        except OSError:
            ours.close()
            if bounds is not None:
                bounds.close()
            raise
        return Fork(ours, first, kernel, sandboxed=self.sandboxed, bounds=bounds)

    @staticmethod
    def _set_bounds(connection: socket.socket, limits: dict[str, int]) -> Bounds:
        """Set the bounds of a run, which waits for them."""
        (pidfd,) = _receive_pidfds(connection, 1)
        try:
            bounds = Bounds(_pid(pidfd), NOBODY, limits)
        finally:
            os.close(pidfd)
        connection.sendall(b"u" if bounds.own_user else b"-")
        return bounds


def _receive_pidfds(connection: socket.socket, number: int) -> list[int]:
    """Receive descriptors of processes: PIDs differ across the namespace, descriptors do not."""
    _, pidfds, _, _ = socket.recv_fds(connection, 1, number)
    if len(pidfds) != number:
        raise ConnectionError
    return pidfds


class Fork(Parent):
    """A kernel, and all processes that it starts. It may become a parent of other kernels.

    Parameters
    ----------
    connection
        The socket between the kernel and the grader.
    first, kernel
        Descriptors of the run's first process, which ends all others of the run with it, and of the kernel.
    sandboxed
        Whether the run is inside bubblewrap.
    bounds
        What the grader set for the run from outside; None if the run has no PID namespace of its own. Then its
        processes do not end with the first one.
    """

    def __init__(
        self, connection: socket.socket, first: int, kernel: int, *, sandboxed: bool, bounds: Bounds | None
    ) -> None:
        super().__init__(connection, sandboxed=sandboxed)
        self.connection = connection
        self._first = first
        self._kernel = kernel
        self.bounds = bounds

    def alive(self) -> bool:
        """Return whether the run's first process runs."""
        return not _wait(self._first, 0)

    def becomes_parent(self, keys: Sequence[str]) -> bool:
        """Ask the kernel to fork others, which will check these questions; return whether it can be forked."""
        try:
            self.connection.settimeout(_PATIENCE)
            self.connection.sendall(wire.framed(wire.MessageFrame(wire.FORK, [" ".join(keys).encode()])))
            return bool(wire.receive(self.connection).parts)
        except (OSError, EOFError, msgspec.MsgspecError):
            return False

    def interrupt(self) -> None:
        """Interrupt the cell that runs, as Ctrl-C does."""
        _signal(self._kernel, signal.SIGINT)

    def kill(self) -> None:
        """Kill all processes of the run. Any thread may call this."""
        if self.bounds is None:
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        _signal(self._first, signal.SIGKILL)

    def close(self) -> None:
        """Kill all processes of the run and wait until they have ended."""
        self.kill()
        _wait(self._first, 10)
        os.close(self._first)
        os.close(self._kernel)
        self.connection.close()
        if self.bounds is not None:
            self.bounds.close()

    def processes(self) -> list[int]:
        """Return the PIDs of the run, the first process first."""
        return memory.tree(_pid(self._first))

    def takes_more_than(self, megabytes: float) -> bool:
        """Return whether the run takes more memory than that, or its cgroup refused it more.

        Memory that its processes share is counted once. Its sockets are counted at their largest size.
        """
        if self.bounds is not None and self.bounds.exceeded():
            return True
        processes = memory.watched_tree(_pid(self._first))
        sockets = memory.sockets_mb(processes[0]) if processes and self.bounds is not None else 0
        # The sum of the resident sizes is an upper bound and costs nothing. The proportional sizes are exact, but the
        # process stands still while the system adds them up.
        return (
            sum(map(memory.resident_mb, processes)) + sockets > megabytes
            and sum(map(memory.proportional_mb, processes)) + sockets > megabytes
        )


def _wait(pidfd: int, seconds: float) -> bool:
    """Wait for a process to end; return whether it has ended."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _signal(pidfd: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, number)


def _pid(pidfd: int) -> int:
    """Return the PID of a process by its descriptor; -1 if it has ended."""
    text = Path(f"/proc/self/fdinfo/{pidfd}").read_text("ascii")
    return int(text[text.index("\nPid:") + 5 :].split()[0])
