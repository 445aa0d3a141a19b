"""Run a rebuilt notebook in a kernel of its own and keep what its checks recorded."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from oxboys_mlm.assessment.evidence import SEED_VARIABLE
from oxboys_mlm.grading.results import Answer, Limits
from oxboys_mlm.grading.running.bounds import Bounds
from oxboys_mlm.grading.running.client import Client
from oxboys_mlm.grading.running.fork import Fork
from oxboys_mlm.grading.running.inside import wire
from oxboys_mlm.grading.running.zygote import Zygote, ZygoteLost


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    notebook
        The notebook with its outputs.
    seed
        Seed of the models that functions were called with.
    answers
        What every check gave, by the question's key.
    """

    notebook: NotebookNode
    seed: int
    answers: dict[str, Answer]


class Runner:
    """Runs notebooks, each in a fresh kernel; any number of threads may use it at a time.

    Parameters
    ----------
    zygote
        The warm parent of the kernels.
    limits
        What a run may use.
    """

    def __init__(self, zygote: Zygote, limits: Limits) -> None:
        self.zygote = zygote
        self.limits = limits
        self._beginnings: dict[bytes, _Beginning | None] = {}
        self._lock = threading.Lock()

    def run(
        self, notebook: NotebookNode, keys: Sequence[str], seed: int, files: Mapping[str, bytes], shared: int = 0
    ) -> Run:
        """Run a rebuilt notebook from top to bottom.

        Parameters
        ----------
        notebook
            What `rebuild.rebuild` made. It is changed: outputs are added.
        keys
            The questions' keys, in order; the check cell of each is called ``<key>-check``.
        seed
            Seed of the models that functions are called with.
        files
            Files that the course puts beside the notebook, by name.
        shared
            How many of its first cells are the course's own, as everybody's are (see `rebuild.shared`). These run
            once, and the process that has run them is forked for every run.

        Raises
        ------
        GradingError
            If no kernel starts, or the warm parent is ended before the run is over.
        """
        begins = shared and self.zygote.sandboxed
        beginning = self._beginning(notebook.cells[:shared], keys, seed, files) if begins else None
        client = self._attempt(notebook, seed, files, beginning)
        if client.was_killed and beginning is not None and not beginning.fork.alive():
            client = self._attempt(notebook, seed, files, None)  # killed with what it was forked from
        if client.was_killed and self.zygote.lost():
            raise ZygoteLost("the process that starts the kernels was killed")
        return Run(notebook, seed, {key: client.answer(key) for key in keys})

    def bounds(self) -> Bounds | None:
        """Return what bounds a run from outside here, tried with one that runs nothing; None without a sandbox.

        Raises
        ------
        GradingError
            If no kernel starts.
        """
        fork = self.zygote.fork(self._request({}, _FOLDER, {}))
        fork.close()
        return fork.bounds

    def _attempt(
        self, notebook: NotebookNode, seed: int, files: Mapping[str, bytes], beginning: _Beginning | None
    ) -> Client:
        """Run a notebook in a new kernel, from a beginning on if there is one."""
        with contextlib.ExitStack() as stack:
            folder = _FOLDER
            if not self.zygote.sandboxed:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="oxboys-", ignore_cleanup_errors=True))
            request = self._request(files, folder, {SEED_VARIABLE: str(seed)})
            try:
                fork = (self.zygote if beginning is None else beginning.fork).fork(request)
            except OSError:  # the beginning was ended; if all were, the zygote will say so
                beginning, fork = None, self.zygote.fork(request)
            stack.callback(fork.close)
            client = Client(notebook, self.limits, fork)
            asyncio.run(client.run(0 if beginning is None else beginning.show(notebook)))
        return client

    def _request(
        self, files: Mapping[str, bytes], folder: str, env: dict[str, str], *, parent: bool = False
    ) -> wire.Request:
        return wire.Request(folder, dict(files), env, self.limits.for_zygote(), parent)

    def _beginning(
        self, cells: Sequence[NotebookNode], keys: Sequence[str], seed: int, files: Mapping[str, bytes]
    ) -> _Beginning | None:
        """Run the first cells of a notebook, if that was not done yet; None if they cannot be shared.

        Models of another seed, which a later class has, are made in each run again.
        """
        key = msgspec.msgpack.encode([[cell.source for cell in cells if cell.cell_type == "code"], files])
        # One after the other, because all of them work in one folder.
        with self._lock:
            if key not in self._beginnings:
                self._beginnings[key] = self._begin(cells, keys, seed, files)
            return self._beginnings[key]

    def _begin(
        self, cells: Sequence[NotebookNode], keys: Sequence[str], seed: int, files: Mapping[str, bytes]
    ) -> _Beginning | None:
        notebook = new_notebook(cells=copy.deepcopy(cells))
        fork = self.zygote.fork(self._request(files, _FOLDER, {SEED_VARIABLE: str(seed)}, parent=True))
        client = Client(notebook, self.limits, fork)
        asyncio.run(client.run())
        if client.stopped is not None or client.errors:
            fork.close()
            return None
        return _Beginning(fork, notebook.cells) if self.zygote.adopt(fork, keys) else None


@dataclass(frozen=True)
class _Beginning:
    """The course's own first cells of a notebook, which have run, and the process that goes on from there."""

    fork: Fork
    cells: list[NotebookNode]

    def show(self, notebook: NotebookNode) -> int:
        """Show what they gave in a run's notebook; return the number of its cells up to the last of them."""
        ran = _code(self.cells)
        places = [place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"][: len(ran)]
        for place, done in zip(places, ran, strict=True):
            notebook.cells[place].outputs = copy.deepcopy(done.outputs)
            notebook.cells[place].execution_count = done.execution_count
        return places[-1] + 1


def _code(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]


#: Where a run in the sandbox works.
_FOLDER = "/tmp/run/work"
