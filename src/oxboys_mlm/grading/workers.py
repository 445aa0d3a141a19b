"""Run notebooks side by side, in kernels forked from one warm parent."""

from __future__ import annotations

import atexit
import json
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

import msgspec
import nbformat

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.forks import Zygote, ZygoteLost
from oxboys_mlm.grading.kernels import DIED, Answer, Limits, Runner
from oxboys_mlm.grading.processes import cores


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
    shared
        How many of the first cells are the same for everybody.
    """

    notebook: str
    keys: tuple[str, ...]
    seed: int
    limits: dict[str, float]
    sandboxed: bool
    course: str
    files: dict[str, bytes] = {}
    shared: int = 0


class Result(msgspec.Struct, frozen=True):
    """What a run gave: the notebook with its outputs, as JSON, and every question's answer."""

    notebook: str
    seed: int
    answers: dict[str, Answer]

    @property
    def complete(self) -> bool:
        """Whether the run came to its end, or to a limit: another would, too. One killed from outside would not."""
        return not any(answer.outcome == "killed" and answer.reason == DIED for answer in self.answers.values())


def run(task: Task, runner: Runner) -> Result:
    """Run a task."""
    notebook = nbformat.from_dict(json.loads(task.notebook))
    finished = runner.run(notebook, task.keys, task.seed, task.files, task.shared)
    return Result(json.dumps(finished.notebook, ensure_ascii=False), finished.seed, finished.answers)


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


class Cluster:
    """Runs tasks on the workers of a Dask cluster, which need this package and bubblewrap, and no course folder.

    At the end of a ``with`` block it leaves the cluster; what that has not done is not done.

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
        future: Future[Result] = self._executor.submit(run_here, task)
        return future

    def result(self, future: Future[Result]) -> Result:
        """Give the result of a task that is done; Dask itself runs a lost worker's tasks again."""
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            return future.result()
        except (KilledWorker, CommClosedError, CancelledError, ZygoteLost):
            raise WorkerLost from None

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *problem: object) -> None:
        self._executor.shutdown(wait=False)
        self._client.close()  # type: ignore[no-untyped-call]


_zygotes: dict[tuple[str, bool], Zygote] = {}
_runners: dict[bytes, Runner] = {}
_lock = threading.Lock()


def runner_here(course: str, limits: dict[str, float], *, sandboxed: bool) -> Runner:
    """Give what runs notebooks in this process: one warm parent per course, however often it is asked for.

    It is made when it is first needed, made again if it has been ended, and ended with this process.
    """
    key = msgspec.msgpack.encode([course, sandboxed, limits])
    with _lock:
        zygote = _zygotes.get((course, sandboxed))
        if zygote is None or zygote.process.poll() is not None:
            if zygote is not None:
                zygote.close()
                atexit.unregister(zygote.close)
            for old in [old for old, runner in _runners.items() if runner.zygote is zygote]:
                del _runners[old]
            zygote = _zygotes[course, sandboxed] = Zygote(Path(course), sandboxed=sandboxed)
            atexit.register(zygote.close)
        if key not in _runners:
            _runners[key] = Runner(zygote, Limits(**limits))
        return _runners[key]


def run_here(task: Task) -> Result:
    """Run a task in a kernel of this process's own warm parent."""
    return run(task, runner_here(task.course, task.limits, sandboxed=task.sandboxed))
