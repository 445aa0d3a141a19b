"""The one owner of a course's zygote on this machine: it starts it, restarts it when it is lost, and ends it."""

from __future__ import annotations

import atexit
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.results import Limits
from oxboys_mlm.grading.running.task import Result, Task
from oxboys_mlm.grading.running.zygote import Zygote, ZygoteLost

if TYPE_CHECKING:
    from oxboys_mlm.grading.running.runner import Runner

#: How often a notebook is run before the machine, and not chance, is blamed for a lost zygote.
_ATTEMPTS = 4


class Supervisor:
    """Runs tasks in kernels of one zygote; any number of threads may use it at a time.

    Parameters
    ----------
    course
        The course folder, which a sandbox hides.
    sandboxed
        Whether kernels run inside bubblewrap.

    Raises
    ------
    GradingError
        If there is no bubblewrap.
    """

    def __init__(self, course: Path, *, sandboxed: bool) -> None:
        self.sandboxed = sandboxed
        self._course = course
        self._runners: dict[bytes, Runner] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._zygotes = [Zygote(course, sandboxed=sandboxed)]

    @property
    def zygote(self) -> Zygote:
        """The zygote that new kernels are forked from."""
        return self._zygotes[-1]

    def run(self, task: Task) -> Result:
        """Run a task, again if the zygote is lost meanwhile.

        Raises
        ------
        GradingError
            If no kernel starts, or the zygote is lost again and again.
        """
        import nbformat

        for _ in range(_ATTEMPTS):
            runner = self.runner(Limits(**task.limits))
            notebook = nbformat.from_dict(json.loads(task.notebook))
            try:
                finished = runner.run(notebook, task.keys, task.seed, task.files, task.shared)
            except ZygoteLost:
                continue
            return Result(json.dumps(finished.notebook, ensure_ascii=False), finished.seed, finished.answers)
        raise too_often()

    def runner(self, limits: Limits) -> Runner:
        """Return what runs notebooks within these limits, after restarting a zygote that has ended."""
        # Imported here: the command starts the zygote before it loads Jupyter, which takes as long as the zygote does.
        from oxboys_mlm.grading.running.runner import Runner

        key = msgspec.msgpack.encode(limits.as_dict())
        with self._lock:
            if self._closed:
                raise GradingError("grading was stopped")
            if self.zygote.process.poll() is not None:
                self._runners.clear()
                # The lost one stays open: other threads may still ask it why it ended.
                self._zygotes.append(Zygote(self._course, sandboxed=self.sandboxed))
            if key not in self._runners:
                self._runners[key] = Runner(self.zygote, limits)
            return self._runners[key]

    def close(self) -> None:
        """End the zygote and, in the sandbox, every process inside. A second call does nothing."""
        with self._lock:
            self._closed = True
            for zygote in self._zygotes:
                zygote.close()


def too_often() -> GradingError:
    """Return the error for a notebook whose kernel was lost in every attempt."""
    return GradingError("the processes that run notebooks are killed again and again; is memory short? Try --jobs 1")


_supervisors: dict[tuple[str, bool], Supervisor] = {}
_lock = threading.Lock()


def run_here(task: Task) -> Result:
    """Run a task with this process's own supervisor of its course, which is made once and ends with the process."""
    key = (task.course, task.sandboxed)
    with _lock:
        if key not in _supervisors:
            _supervisors[key] = Supervisor(Path(task.course), sandboxed=task.sandboxed)
            atexit.register(_supervisors[key].close)
    return _supervisors[key].run(task)
