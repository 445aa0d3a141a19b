"""Grade a large class: memory, open files, the time to go; then stopped and resumed, and on a cluster."""

from __future__ import annotations

import argparse
import contextlib
import os
import pty
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from grading import assignments, copy_course, keep_only, make_class, our_scores

SCRIPTS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100", "TERM": "xterm"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)

#: What the bar shows: notebooks done, of how many, and the time to go.
_BAR = re.compile(r"graded\D.*?(\d+)/(\d+) notebooks (\d+):(\d\d):(\d\d)")

Table = list[tuple[tuple[str, str], float, str]]


class Grading:
    """`oxboys grade` of a course's assignment on a terminal, watched while it runs."""

    def __init__(self, course: Path, name: str, *more: str) -> None:
        self.begun = time.monotonic()
        self.shown: list[tuple[float, float, float]] = []  # seconds since it began, share done, seconds to go
        self.said = ""  # the last of what it said
        self.held: list[tuple[float, int]] = []  # resident memory (MB), open files
        terminal, inside = pty.openpty()
        self.process = subprocess.Popen(
            [SCRIPTS / "oxboys", "grade", name, *more],
            cwd=course,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        threading.Thread(target=self._read, args=(terminal,), daemon=True).start()

    def _read(self, terminal: int) -> None:
        with contextlib.suppress(OSError):
            while part := os.read(terminal, 1 << 16):
                text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", part.decode("utf-8", "replace"))
                self.said = (self.said + text)[-2000:]
                for found in _BAR.finditer(text):
                    done, total, hours, minutes, seconds = map(int, found.groups())
                    self.shown.append((self.seconds(), done / total, 3600 * hours + 60 * minutes + seconds))
        os.close(terminal)

    def seconds(self) -> float:
        """Return how long it has been running."""
        return time.monotonic() - self.begun

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end, at most some seconds; return whether it has ended."""
        until = None if seconds is None else time.monotonic() + seconds
        own = psutil.Process(self.process.pid)
        while until is None or time.monotonic() < until:
            with contextlib.suppress(psutil.Error):
                self.held.append((own.memory_info().rss / 2**20, own.num_fds()))
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)
                return True
        return False


def graded(course: Path, name: str, *more: str) -> Grading:
    """Grade an assignment to its end."""
    grading = Grading(course, name, *more)
    grading.wait()
    if grading.process.returncode:
        sys.exit(f"oxboys grade {name} {' '.join(more)}: exit status {grading.process.returncode}\n{grading.said}")
    return grading


def left_behind() -> int:
    """Return the number of warm parents and runs that are still there."""
    found = 0
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        found += sys.executable in words and any("inside.zygote" in word for word in words)
    return found


def copy(course: Path, target: Path) -> Path:
    """Copy a course without what grading wrote."""
    for name in ("solutions", "notebooks", "submitted"):
        shutil.copytree(course / name, target / name)
    shutil.copy(course / "nbgrader_config.py", target)
    return target


def tables_of(course: Path) -> Table:
    """Return the marks of all assignments, in order."""
    return sorted(our_scores(course))


def interrupted(course: Path, name: str, seconds: float, rng: random.Random) -> list[float]:
    """Grade, stopped with Ctrl-C at three random moments; return these, as shares of the time that the whole takes."""
    moments = sorted(rng.uniform(0.02, 0.95) for _ in range(3))
    for moment, before in zip(moments, [0.0, *moments], strict=False):
        grading = Grading(course, name)
        if not grading.wait(max(1.0, (moment - before) * seconds)):
            os.kill(grading.process.pid, signal.SIGINT)
            grading.wait()
    graded(course, name)
    return moments


@contextlib.contextmanager
def cluster(number: int, folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and worker processes, each with a nanny that starts it again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m"]
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [
        subprocess.Popen(
            [*dask, "distributed.cli.dask_scheduler", "--no-dashboard", "--host", "127.0.0.1", "--port", str(port)],
            **quiet,  # type: ignore[call-overload]
        )
    ]
    processes += [
        subprocess.Popen(
            [*dask, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"],
            **quiet,  # type: ignore[call-overload]
        )
        for _ in range(number)
    ]
    try:
        time.sleep(20)  # until all workers are there
        yield address, processes[1:]
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def kill_workers(
    nannies: Sequence[subprocess.Popen[bytes]], every: float, over: threading.Event, rng: random.Random
) -> None:
    """Kill a random worker every few seconds; its nanny starts another."""
    while not over.wait(every):
        with contextlib.suppress(psutil.Error, IndexError):
            children = psutil.Process(rng.choice(nannies).pid).children()
            rng.choice([child for child in children if "resource_tracker" not in " ".join(child.cmdline())]).kill()


def main() -> None:
    """Print what was seen."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--students", type=int, default=400)
    options.add_argument("--assignments", nargs="+", default=["core", "voluntary", "beyond"])
    options.add_argument("--notebook", help="hand in this notebook alone")
    options.add_argument("--interrupts", action="store_true", help="grade again, stopped three times")
    options.add_argument("--workers", type=int, default=0, help="grade again on that many Dask workers, twice")
    options.add_argument("--kill-every", type=float, default=5.0, help="seconds between two workers' ends")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="large-") as folder:
        course = copy_course(Path(folder) / "whole", None, chosen.assignments)
        if chosen.notebook:
            keep_only(course, chosen.notebook)
        make_class(course, chosen.students, chosen.seed)
        notebooks = len(list((course / "submitted").rglob("*.ipynb")))
        print(f"{chosen.students} students, {notebooks} notebooks, {len(os.sched_getaffinity(0))} cores", flush=True)
        took = {}
        for name in assignments(course):
            grading = graded(course, name)
            took[name] = grading.seconds()
            memory = [size for size, _ in grading.held]
            files = [number for _, number in grading.held]
            tenth = max(1, len(memory) // 10)
            print(f"\n{name}: {took[name]:.0f} s")
            first = max(memory[: 2 * tenth])
            print(f"  memory of the grader, MB: {max(memory):.0f} at most, {first:.0f} in the first fifth")
            print(f"  open files: {max(files[tenth : 2 * tenth], default=0)} in the second tenth, "
                  f"{max(files[-2 * tenth : -tenth], default=0)} in the ninth")  # fmt: skip
            print(f"  runs left behind: {left_behind()}")
            for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
                at = next((shown for shown in grading.shown if shown[1] >= share), None)
                if at:
                    were = took[name] - at[0]
                    print(f"  {share:.0%} done after {at[0]:.0f} s: {at[2]:.0f} s to go shown, {were:.0f} s were")
        whole = tables_of(course)
        if chosen.interrupts:
            again = copy(course, Path(folder) / "stopped")
            for name in assignments(course):
                moments = interrupted(again, name, took[name], rng)
                print(f"\n{name}: stopped at {', '.join(f'{moment:.0%}' for moment in moments)} of the time")
            print(f"the same table: {tables_of(again) == whole}; runs left behind: {left_behind()}", flush=True)
        for kills in (False, True) if chosen.workers else ():
            again = copy(course, Path(folder) / f"dask-{kills}")
            place = Path(folder) / f"workers-{kills}"
            place.mkdir()
            with cluster(chosen.workers, place) as (address, nannies):
                over = threading.Event()
                arguments = (nannies, chosen.kill_every, over, rng)
                killer = threading.Thread(target=kill_workers, args=arguments)
                if kills:
                    killer.start()
                seconds = sum(graded(again, name, "--scheduler", address).seconds() for name in assignments(again))
                over.set()
                if kills:
                    killer.join()
            how = f", one killed every {chosen.kill_every:g} s" if kills else ""
            print(f"\nDask, {chosen.workers} workers{how}: {seconds:.0f} s, here without {sum(took.values()):.0f} s")
            print(f"the same table: {tables_of(again) == whole}; runs left behind: {left_behind()}", flush=True)


if __name__ == "__main__":
    main()
