"""Run notebooks in worker processes, each with a warm parent of its own."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import threading
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec
import nbformat

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.kernels import Answer, Limits, Runner
from oxboys_mlm.grading.processes import cores, follow


class Task(msgspec.Struct, frozen=True):
    """A notebook to run, with all that a worker needs to know; it needs no course folder.

    Attributes
    ----------
    notebook
        The rebuilt notebook, as JSON.
    keys
        Keys of its questions.
    seed
        Seed of the models that functions are called with.
    limits
        What the run may use.
    sandboxed
        Whether it runs inside bubblewrap.
    files
        Files that the course puts beside the notebook, by name.
    course
        The course folder, which a sandbox on the same machine hides.
    """

    notebook: str
    keys: tuple[str, ...]
    seed: int
    limits: dict[str, float]
    sandboxed: bool
    course: str
    files: dict[str, bytes] = {}


class Result(msgspec.Struct, frozen=True):
    """What a run gave: the notebook with its outputs, as JSON, and every question's answer."""

    notebook: str
    seed: int
    answers: dict[str, Answer]

    @property
    def complete(self) -> bool:
        """Whether the run came to its end by itself: then another would give the same."""
        return not any(answer.outcome in ("timeout", "killed") for answer in self.answers.values())


_own = threading.local()
_all_runners: list[Runner] = []


def execute(task: Task) -> Result:
    """Run a task in this thread's warm parent."""
    notebook = nbformat.from_dict(json.loads(task.notebook))
    finished = _runner(task).run(notebook, task.keys, task.seed, task.files)
    return Result(json.dumps(finished.notebook), finished.seed, finished.answers)


def _runner(task: Task) -> Runner:
    """Give this thread's runner, one with the settings of the task."""
    settings = (repr(sorted(task.limits.items())), task.sandboxed, task.course)
    if getattr(_own, "settings", None) != settings:
        if hasattr(_own, "runner"):
            _own.runner.close()
        _own.runner = Runner(Path(task.course), Limits(**task.limits), sandboxed=task.sandboxed)
        _own.settings = settings
        _all_runners.append(_own.runner)
    runner: Runner = _own.runner
    return runner


@atexit.register
def _close() -> None:
    for runner in _all_runners:
        runner.close()


class WorkerLost(Exception):
    """A worker ended while it ran something; the executor may be of no more use."""


class Pool:
    """Runs tasks on worker processes of this machine.

    Parameters
    ----------
    jobs
        Number of processes; None for one per core that may be used.
    """

    def __init__(self, jobs: int | None = None) -> None:
        self.size = jobs or cores()
        self._executor: ProcessPoolExecutor | None = None

    def submit(self, task: Task) -> Future[Result]:
        """Hand a task over."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.size, mp_context=get_context("spawn"), initializer=_start, initargs=(os.getpid(), task)
            )
        return self._executor.submit(execute, task)

    def result(self, future: Future[Result]) -> Result:
        """Give the result of a task that is done.

        Raises
        ------
        WorkerLost
            If a worker was killed; all tasks under way are lost with it.
        """
        try:
            return future.result()
        except BrokenExecutor:
            raise WorkerLost from None

    def close(self) -> None:
        """End the workers now, whatever they are doing; the next task starts new ones."""
        if self._executor is not None:
            # Python 3.14 has terminate_workers() for this.
            for process in list((self._executor._processes or {}).values()):
                process.terminate()
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


class Cluster:
    """Runs tasks on the workers of a Dask cluster, which need this package and bubblewrap, and no course folder.

    Parameters
    ----------
    address
        The scheduler's address, such as ``tcp://host:8786``.

    Raises
    ------
    GradingError
        If Dask is not installed, or the scheduler does not answer, or has no workers.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise GradingError("--scheduler needs Dask: pip install oxboys-mlm[cluster]") from None
        try:
            self._client = Client(address, timeout="10s", set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise GradingError(f"the scheduler {address} does not answer ({type(error).__name__})") from None
        self.size = sum(self._client.nthreads().values())  # type: ignore[no-untyped-call]
        if not self.size:
            self._client.close()  # type: ignore[no-untyped-call]
            raise GradingError(f"the scheduler {address} has no workers yet")
        self._executor = self._client.get_executor(pure=False)  # type: ignore[no-untyped-call]

    def submit(self, task: Task) -> Future[Result]:
        """Hand a task over."""
        future: Future[Result] = self._executor.submit(execute, task)
        return future

    def result(self, future: Future[Result]) -> Result:
        """Give the result of a task that is done; Dask itself runs a lost worker's tasks again."""
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            return future.result()
        except (KilledWorker, CommClosedError, CancelledError):
            raise WorkerLost from None

    def close(self) -> None:
        """Leave the cluster; what it has not done is not done."""
        self._executor.shutdown(wait=False)
        self._client.close()  # type: ignore[no-untyped-call]


def _end(*signals: object) -> None:
    """End this process at once; an exit by exception would be taken for a task's error."""
    _close()
    os._exit(1)


def _start(parent: int, first: Task) -> None:
    """Leave Ctrl-C to the process that gives the orders; clean up when told to end, or when it is gone.

    The warm parent is made now, not with the first task that comes this way: it takes some seconds.
    """
    signal.signal(signal.SIGTERM, _end)
    follow(parent, _end)
    with contextlib.suppress(GradingError, OSError):  # the task will say it again
        _runner(first).zygote()
