"""Run notebooks on the workers of a Dask cluster."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future, wait

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.running.supervisor import run_here, too_often
from oxboys_mlm.grading.running.task import Result, Task

#: How often a task is handed to the cluster; Dask itself tries a few workers each time.
_ATTEMPTS = 4

#: How long a scheduler is looked for, at first and when the connection to it is lost.
_PATIENCE = "10s"

#: Seconds after which a client is asked again whether it has a scheduler.
_LOOK = 1.0


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
            self._client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise GradingError(f"the scheduler {address} does not answer ({type(error).__name__})") from None
        self.size = sum(self._client.nthreads().values())  # type: ignore[no-untyped-call]
        if not self.size:
            self._client.close()  # type: ignore[no-untyped-call]
            raise GradingError(f"the scheduler {address} has no workers yet")
        self._executor = self._client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        self._tasks: dict[Future[Result], Task] = {}

    def submit(self, task: Task) -> Future[Result]:
        """Schedule a task."""
        future = self._handed_out(task)
        self._tasks[future] = task
        return future

    def result(self, future: Future[Result]) -> Result:
        """Return the result of a task that is done; if Dask lost the task with its workers, run it again first.

        Raises
        ------
        GradingError
            If it is lost again and again, or the scheduler is gone.
        """
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        task = self._tasks.pop(future)
        for _ in range(_ATTEMPTS):
            try:
                while not wait([future], _LOOK).done:
                    self._expect_scheduler()
                return future.result()
            except (KilledWorker, CommClosedError, CancelledError):
                future = self._handed_out(task)
        raise too_often()

    def _handed_out(self, task: Task) -> Future[Result]:
        self._expect_scheduler()
        future: Future[Result] = self._executor.submit(run_here, task)
        return future

    def _expect_scheduler(self) -> None:
        """Raise an error if the client has given up its scheduler: what it was given then never ends."""
        if self._client.status == "closed":
            raise GradingError(
                "the connection to the scheduler was lost; grade again when it is there: what is done is kept"
            )

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._client.status != "closed":
            self._executor.shutdown(wait=False)
        self._client.close()  # type: ignore[no-untyped-call]
