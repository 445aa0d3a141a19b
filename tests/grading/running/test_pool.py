"""Running notebooks on workers: the marks do not depend on who runs them, nor on who is lost."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from classroom import RIGHT, WRONG, filled, hand_in, make_tiny_course, run, scores, tiny_release
from nbformat import NotebookNode

from oxboys_mlm.grading import grader, judging
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.results import Limits
from oxboys_mlm.grading.running import supervisor
from oxboys_mlm.grading.running.cluster import Cluster
from oxboys_mlm.grading.running.pool import Pool
from oxboys_mlm.grading.running.runner import Run, Runner
from oxboys_mlm.grading.running.task import Result, Task
from oxboys_mlm.grading.running.zygote import ZygoteLost

STUDENTS = ("anna", "ben", "carla", "dino")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Make a course folder with four submissions, two right and two wrong."""
    made = make_tiny_course(tmp_path / "course")
    for number, student in enumerate(STUDENTS):
        hand_in(made, student, "tiny", "t", filled(tiny_release(), WRONG if number % 2 else RIGHT))
    return made


def totals(course: Path) -> dict[str, float]:
    """Add up every student's points."""
    found: dict[str, float] = {}
    for (student, _), row in scores(course, "tiny").items():
        found[student] = found.get(student, 0) + float(row["score"])
    return found


EXPECTED = {"anna": 2, "ben": 0, "carla": 2, "dino": 0}


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_marks_do_not_depend_on_the_number_of_workers(course: Path, jobs: str):
    """One worker and three give the same table."""
    assert run("oxboys", "grade", "tiny", "--jobs", jobs, cwd=course).returncode == 0
    assert totals(course) == EXPECTED


def test_a_killed_parent_costs_nobody_a_mark(course: Path):
    """What was under way when the parent of all kernels was killed is run again by another."""
    killed = threading.Event()

    def kill_one(submission: judging.Submission) -> None:
        if not killed.is_set():
            killed.set()
            assert pool.supervisor is not None
            pool.supervisor.zygote.process.kill()

    with Pool(2) as pool:
        grader.grade(Course(course).assignment("tiny"), None, kill_one, workers=pool)
    assert killed.is_set()
    assert totals(course) == EXPECTED


def test_grading_again_runs_nothing(course: Path, monkeypatch: pytest.MonkeyPatch):
    """An unchanged class is judged from what is kept; a changed submission alone is run."""
    assignment = Course(course).assignment("tiny")
    grader.grade(assignment, None, lambda submission: None)
    submitted: list[object] = []
    submit = Pool.submit

    def noting(pool: Pool, task: Task) -> Future[Result]:
        submitted.append(task)
        return submit(pool, task)

    monkeypatch.setattr(Pool, "submit", noting)
    grader.grade(assignment, None, lambda submission: None)
    assert submitted == []
    hand_in(course, "ben", "tiny", "t", filled(tiny_release(), RIGHT))
    grader.grade(assignment, None, lambda submission: None)
    assert len(submitted) == 1
    assert totals(course) == EXPECTED | {"ben": 2}


def test_a_changed_number_of_points_needs_no_kernel(course: Path):
    """`oxboys remark` judges stored evidence by today's points."""
    assert run("oxboys", "grade", "tiny", cwd=course).returncode == 0
    make_tiny_course(course, (3, 1))
    assert run("oxboys", "remark", "tiny", cwd=course).returncode == 0
    assert totals(course) == {"anna": 4, "ben": 0, "carla": 4, "dino": 0}


def test_remarking_what_was_never_graded_says_so(course: Path):
    """Without stored evidence there is nothing to judge, and nothing is changed."""
    finished = run("oxboys", "remark", "tiny", cwd=course)
    assert finished.returncode == 1
    assert finished.stderr.count("\n") == 1
    assert "oxboys grade" in finished.stderr


def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(course: Path):
    """Interrupted, the command says how to go on, leaves no process, and loses nothing."""
    command = [sys.executable, "-m", "oxboys_mlm.cli", "grade", "tiny", "--jobs", "1"]
    process = subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()  # the first submission is recorded
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again to continue" in errors
    assert not children_of(process.pid)
    assert run("oxboys", "grade", "tiny", cwd=course).returncode == 0
    assert totals(course) == EXPECTED


def children_of(pid: int) -> list[str]:
    """List processes that were started by a process, by their command lines' mention of its id."""
    listing = subprocess.run(["ps", "-eo", "ppid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if line.split()[:1] == [str(pid)]]


class _Zygote:
    """Stands for a zygote, and for its process."""

    def __init__(self, course: Path, *, sandboxed: bool) -> None:
        self.status: int | None = None
        self.process = self

    def poll(self) -> int | None:
        """Return the exit status."""
        return self.status

    def close(self) -> None:
        """End it."""
        self.status = -9


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no processes."""
    monkeypatch.setattr(supervisor, "Zygote", _Zygote)
    monkeypatch.setattr(supervisor, "_supervisors", {})


@pytest.mark.usefixtures("stubbed")
def test_one_zygote_per_course(monkeypatch: pytest.MonkeyPatch):
    """However often formgrader grades, a course has one supervisor, which ends with the process."""
    used: list[supervisor.Supervisor] = []
    ending: list[Callable[[], None]] = []
    monkeypatch.setattr(supervisor.Supervisor, "run", lambda self, task: used.append(self))
    monkeypatch.setattr(supervisor.atexit, "register", ending.append)

    for course in ("a", "a", "b"):
        supervisor.run_here(Task("{}", (), 0, {}, sandboxed=True, course=course))

    assert used[0] is used[1] is not used[2]
    assert ending == [used[0].close, used[2].close]


@pytest.mark.usefixtures("stubbed")
def test_a_supervisor_restarts_a_lost_zygote(tmp_path: Path):
    """One zygote serves every set of limits until it is lost; then another does, until the supervisor is closed."""
    owner = supervisor.Supervisor(tmp_path, sandboxed=True)
    first = owner.runner(Limits())

    assert owner.runner(Limits()) is first
    assert owner.runner(Limits(cell_seconds=1)).zygote is first.zygote
    first.zygote.close()
    second = owner.runner(Limits())
    assert second.zygote is not first.zygote
    owner.close()
    assert second.zygote.process.poll() is not None
    with pytest.raises(GradingError, match="stopped"):
        owner.runner(Limits())


@pytest.mark.usefixtures("stubbed")
@pytest.mark.parametrize(("losses", "attempts"), [(0, 1), (3, 4), (9, 4)])
def test_a_task_is_run_again_if_its_zygote_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, losses: int, attempts: int
):
    """A few losses cost nothing; where every attempt is lost, one line says so."""
    begun: list[object] = []

    def run(runner: Runner, notebook: NotebookNode, keys: object, seed: int, *more: object) -> Run:
        begun.append(notebook)
        if len(begun) <= losses:
            runner.zygote.close()
            raise ZygoteLost
        return Run(notebook, seed, {})

    monkeypatch.setattr(Runner, "run", run)
    task = Task(json.dumps(tiny_release()), (), 7, Limits().as_dict(), sandboxed=True, course=str(tmp_path))
    owner = supervisor.Supervisor(tmp_path, sandboxed=True)
    if losses < attempts:
        assert owner.run(task).seed == 7
    else:
        with pytest.raises(GradingError, match="killed again and again"):
            owner.run(task)
    assert len(begun) == attempts
    assert len({id(notebook) for notebook in begun}) == attempts


# ---- a Dask cluster -------------------------------------------------------------------------------


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a real scheduler and two worker processes on loopback; return the workers' processes, then its own."""
    pytest.importorskip("distributed")
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    scheduler = subprocess.Popen(
        [
            *(sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        stderr=subprocess.DEVNULL,
    )
    workers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"),
                *("--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(tmp_path / f"worker-{number}")),
            ],
            stderr=subprocess.DEVNULL,
        )
        for number in range(2)
    ]
    yield address, [*workers, scheduler]
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def wait_for_workers(address: str, number: int) -> Cluster:
    """Connect when that many workers are there."""
    deadline = time.monotonic() + 60
    while True:
        try:
            found = Cluster(address)
        except GradingError:
            assert time.monotonic() < deadline
            time.sleep(0.3)
            continue
        if found.size >= number:
            return found
        with found:
            time.sleep(0.3)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Dask's client leaves sockets to the garbage collector
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Dask's own, of Python's and Tornado's event loops
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a killed worker's connection
def test_a_cluster_that_loses_a_worker_gives_the_same_marks(
    course: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
):
    """Dask runs a lost worker's notebooks on another; the gradebook is written in one place."""
    address, processes = cluster

    def kill_one(submission: judging.Submission) -> None:
        processes[0].kill()

    with wait_for_workers(address, 2) as workers:
        grader.grade(Course(course).assignment("tiny"), None, kill_one, workers=workers)
    assert processes[0].wait() == -signal.SIGKILL
    assert totals(course) == EXPECTED


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # as above
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_scheduler_that_is_lost_ends_the_run(course: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]):
    """Nobody waits for marks that nobody will give."""
    address, processes = cluster

    with wait_for_workers(address, 2) as workers:
        processes[-1].kill()
        with pytest.raises(GradingError, match="connection to the scheduler"):
            grader.grade(Course(course).assignment("tiny"), None, lambda submission: None, workers=workers)


def test_a_scheduler_that_does_not_answer_is_one_clear_line(course: Path):
    """No traceback, no marks, exit status 1."""
    pytest.importorskip("distributed")
    finished = run("oxboys", "grade", "tiny", "--scheduler", f"tcp://127.0.0.1:{free_port()}", cwd=course)
    assert finished.returncode == 1
    assert "does not answer" in finished.stderr
    assert "Traceback" not in finished.stderr
