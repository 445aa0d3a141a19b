"""The zygote as seen from outside: the warm process that all kernels are forked from.

The program that runs inside the sandbox is `oxboys_mlm.grading.running.inside.zygote`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.running import bubblewrap
from oxboys_mlm.grading.running.fork import Fork, Parent
from oxboys_mlm.grading.running.inside import wire


class ZygoteLost(GradingError):
    """The zygote had started and has ended since: something outside killed it."""


class Zygote(Parent):
    """The warm process that all kernels are forked from. It starts at once, and is ready some seconds later.

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
        control, inside = socket.socketpair()
        super().__init__(control, sandboxed=sandboxed)
        self._served = False
        self._parents: list[Fork] = []
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the zygote
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
        """What bubblewrap and the zygote wrote to standard error."""
        return os.pread(self._errors.fileno(), 100_000, 0).decode("utf-8", "replace")

    def lost(self) -> bool:
        """Return whether the zygote has ended. Its kernels end with it, and may be heard of a little earlier."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)
        return self.process.returncode is not None

    def fork(self, request: wire.Request) -> Fork:
        """Start a kernel.

        Raises
        ------
        ZygoteLost
            If the zygote has ended since it forked its first kernel.
        GradingError
            If the zygote did not start, or the kernel did not.
        """
        try:
            forked = super().fork(request)
        except OSError:
            raise self._explanation() from None
        self._served = True
        return forked

    def adopt(self, fork: Fork, keys: Sequence[str]) -> bool:
        """Let a kernel that has run the course's own cells fork other kernels, as long as this zygote lives.

        Before, it makes what the checks of these questions compare answers with.

        Return False, and end the kernel, if it cannot be forked: a fork would lack its threads, open files or the
        files that it wrote.
        """
        if fork.becomes_parent(keys):
            self._parents.append(fork)
            return True
        fork.close()
        return False

    def _explanation(self) -> GradingError:
        """Return the reason why there is no kernel."""
        if not self.lost():
            return GradingError(f"a kernel did not start ({self.errors.strip().rpartition(chr(10))[2]})")
        if self._served:
            return ZygoteLost("the process that starts the kernels was killed")
        return bubblewrap.explain(self.process, self.errors)

    def close(self) -> None:
        """Kill the zygote and, in the sandbox, every process inside. A second call does nothing."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        while self._parents:
            self._parents.pop().close()
        self._control.close()
        self._errors.close()
