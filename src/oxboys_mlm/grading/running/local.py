"""The runner of this process: one warm parent per course, however often it is asked for."""

from __future__ import annotations

import atexit
import threading
from pathlib import Path

import msgspec

from oxboys_mlm.grading.results import Limits
from oxboys_mlm.grading.running.parent import Zygote
from oxboys_mlm.grading.running.runner import Runner
from oxboys_mlm.grading.running.task import Result, Task, run

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
