"""Run notebooks side by side on this machine, in kernels forked from one warm parent."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from oxboys_mlm.grading.processes import cores
from oxboys_mlm.grading.results import Limits
from oxboys_mlm.grading.running.parent import Zygote, ZygoteLost
from oxboys_mlm.grading.running.runner import Runner
from oxboys_mlm.grading.running.task import Result, Task, run


class WorkerLost(Exception):
    """What ran something has gone, and all that was under way there with it."""


class Pool:
    """Runs tasks on this machine. The kernels are processes; threads of this one wait for them.

    At the end of a ``with`` block everything ends, whatever it is doing.

    Parameters
    ----------
    jobs
        Number of notebooks at a time; None for one per core that may be used.
    zygote
        The warm parent, if it was started already; else the first task starts one. It is ended with the pool.
    """

    def __init__(self, jobs: int | None = None, zygote: Zygote | None = None) -> None:
        self.size = jobs or cores()
        self._zygote = zygote
        self._runner: Runner | None = None
        self._executor = ThreadPoolExecutor(self.size)

    def submit(self, task: Task) -> Future[Result]:
        """Hand a task over.

        Raises
        ------
        GradingError
            If there is no sandbox.
        """
        if self._zygote is None:
            self._zygote = Zygote(Path(task.course), sandboxed=task.sandboxed)
            self._runner = None
        if self._runner is None or self._runner.limits.as_dict() != task.limits:
            self._runner = Runner(self._zygote, Limits(**task.limits))
        return self._executor.submit(run, task, self._runner)

    def result(self, future: Future[Result]) -> Result:
        """Give the result of a task that is done.

        Raises
        ------
        WorkerLost
            If the warm parent was ended: all tasks under way are lost with it, and the next starts another.
        """
        try:
            return future.result()
        except ZygoteLost:
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = None
            raise WorkerLost from None

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._zygote is not None:
            self._zygote.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
