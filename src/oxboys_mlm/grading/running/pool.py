"""Run notebooks side by side on this machine, in kernels forked from one zygote."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from oxboys_mlm.grading.processes import cores
from oxboys_mlm.grading.running.supervisor import Supervisor
from oxboys_mlm.grading.running.task import Result, Task


class Pool:
    """Runs tasks on this machine. The kernels are processes; threads of this process wait for them.

    At the end of a ``with`` block all kernels end, even in the middle of a cell.

    Parameters
    ----------
    jobs
        Number of notebooks at a time; None for one per core that may be used.
    supervisor
        The owner of the zygote; if None, the first task makes one. The pool closes it.
    """

    def __init__(self, jobs: int | None = None, supervisor: Supervisor | None = None) -> None:
        self.size = jobs or cores()
        self.supervisor = supervisor
        self._executor = ThreadPoolExecutor(self.size)

    def submit(self, task: Task) -> Future[Result]:
        """Schedule a task. If the zygote is lost, every task that was under way is run again.

        Raises
        ------
        GradingError
            If there is no sandbox.
        """
        if self.supervisor is None:
            self.supervisor = Supervisor(Path(task.course), sandboxed=task.sandboxed)
        return self._executor.submit(self.supervisor.run, task)

    def result(self, future: Future[Result]) -> Result:
        """Return the result of a task that is done."""
        return future.result()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *problem: object) -> None:
        if self.supervisor is not None:
            self.supervisor.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
