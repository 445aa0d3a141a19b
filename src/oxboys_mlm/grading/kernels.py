"""Run a rebuilt notebook in a kernel of its own and keep what its checks recorded."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import math
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from jupyter_client.session import Session
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from traitlets import Float, Integer
from traitlets.config import Configurable

from oxboys_mlm.assessment.evidence import MIME_TYPE, SEED_VARIABLE, Evidence, EvidenceError, Missing, decode
from oxboys_mlm.grading import wire
from oxboys_mlm.grading.forks import Fork, Zygote, ZygoteLost

Outcome = Literal["scored", "missing", "error", "timeout", "killed", "unreadable"]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run gave for one question.

    Attributes
    ----------
    outcome
        "scored" where there is evidence to judge; else why there is none.
    evidence
        The evidence, for "scored" alone.
    reason
        What happened, for the student; empty for "scored".
    """

    outcome: Outcome
    evidence: Evidence | None = None
    reason: str = ""


class Limits(Configurable):
    """What a run may use; set as ``c.Limits.…`` in nbgrader_config.py."""

    cell_seconds = Float(60.0, help="Longest time of one cell, in seconds.").tag(config=True)
    notebook_seconds = Float(300.0, help="Longest time of all cells of a notebook together, in seconds.").tag(
        config=True
    )
    memory_mb = Integer(2048, help="Memory of all processes of a run together, in megabytes.").tag(config=True)
    processes = Integer(128, help="Processes and threads of a run.").tag(config=True)
    disk_mb = Integer(256, help="Size of a run's /tmp and of its /dev/shm, and of any file, in megabytes.").tag(
        config=True
    )
    output_mb = Integer(20, help="Output of all cells of a notebook together, in megabytes.").tag(config=True)

    def as_dict(self) -> dict[str, float]:
        """Give all limits by name."""
        return {name: getattr(self, name) for name in self.trait_names(config=True)}

    def for_zygote(self) -> dict[str, int]:
        """Give the limits that are set inside the sandbox."""
        return {"memory_mb": self.memory_mb, "processes": self.processes, "disk_mb": self.disk_mb}


#: Said of a run that ended neither by itself nor at a limit: it crashed, or something outside killed it.
DIED = "Python was stopped or crashed while the notebook ran."


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


def _writable(value: Any, depth: int = 50) -> Any:
    r"""Replace what JSON lets through and a file does not hold: half surrogate pairs, NaN, infinities.

    >>> _writable({"text": "\ud800", "x": [float("inf"), 1]})
    {'text': '?', 'x': [None, 1]}

    Raises
    ------
    ValueError
        If it is nested deeper than any output is.
    """
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_writable(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_writable(key): _writable(item, depth - 1) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class _Channel:
    """Messages of one channel, as nbclient asks for them."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[dict[str, Any] | Exception] = asyncio.Queue()

    def put(self, message: dict[str, Any] | Exception) -> None:
        """Add a message, or why no more will come."""
        self._messages.put_nowait(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the next message.

        Raises
        ------
        queue.Empty
            If none comes in time (seconds).
        """
        try:
            message = await asyncio.wait_for(self._messages.get(), timeout)
        except TimeoutError:
            raise queue.Empty from None
        if isinstance(message, Exception):
            raise message
        return message


class _Connection:
    """Talks to a forked kernel; what nbclient needs of jupyter_client's client and manager.

    Parameters
    ----------
    fork
        The kernel.
    weigh
        Called with the size of every message (bytes), on whatever channel and of whatever cell, before it is read.
    """

    def __init__(self, fork: Fork, weigh: Callable[[int], None]) -> None:
        self._fork = fork
        self._weigh = weigh
        self._session = Session(key=b"")
        self.shell_channel, self.iopub_channel = _Channel(), _Channel()

    async def open(self) -> None:
        """Begin to read."""
        self._reader, self._writer = await asyncio.open_unix_connection(sock=self._fork.connection.dup())
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Stop reading."""
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        self._writer.close()

    def execute(self, code: str, *, store_history: bool, stop_on_error: bool) -> str:
        """Have the kernel run a cell; gives the message's id."""
        content = {"code": code, "silent": False, "store_history": store_history, "stop_on_error": stop_on_error}
        message = self._session.msg("execute_request", content)
        self._writer.write(wire.framed(wire.Frame("shell", self._session.serialize(message))))
        return str(message["header"]["msg_id"])

    def is_alive(self) -> bool:
        """Tell whether the kernel runs."""
        return self._fork.alive()

    def interrupt_kernel(self) -> None:
        """Interrupt the cell that runs."""
        self._fork.interrupt()

    async def _read(self) -> None:
        """Read until there is no more, or something that cannot be read."""
        channels = {"shell": self.shell_channel, "iopub": self.iopub_channel}
        try:
            while True:
                (length,) = wire.LENGTH.unpack(await self._reader.readexactly(wire.LENGTH.size))
                self._weigh(length)
                frame = wire.parse(await self._reader.readexactly(length))
                channels[frame.channel].put(self._message(frame.parts))
                await asyncio.sleep(0)  # a kernel that sends without end must leave the others a turn
        except (EOFError, OSError):
            self.shell_channel.put(DeadKernelError("Kernel died"))
        except Exception as error:  # noqa: BLE001 - a kernel may send what no client expects
            self.shell_channel.put(error)

    def _message(self, parts: list[bytes]) -> dict[str, Any]:
        """Parse a message, and make it fit to be written to a file."""
        _, rest = self._session.feed_identities(parts)
        message: dict[str, Any] = self._session.deserialize(rest)
        message["content"] = _writable(message["content"])
        return message


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
        beginning = self._beginning(notebook.cells[:shared], files) if shared and self.zygote.sandboxed else None
        client = self._attempt(notebook, seed, files, beginning)
        if client.was_killed and beginning is not None and not beginning.fork.alive():
            client = self._attempt(notebook, seed, files, None)  # killed with what it was forked from
        if client.was_killed and self.zygote.lost():
            raise ZygoteLost("the parent of all kernels was ended")
        return Run(notebook, seed, {key: client.answer(key) for key in keys})

    def _attempt(
        self, notebook: NotebookNode, seed: int, files: Mapping[str, bytes], beginning: _Beginning | None
    ) -> _Client:
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
            client = _Client(notebook, self.limits, fork)
            asyncio.run(client.run(0 if beginning is None else beginning.show(notebook)))
        return client

    def _request(
        self, files: Mapping[str, bytes], folder: str, env: dict[str, str], *, parent: bool = False
    ) -> wire.Request:
        return wire.Request(folder, dict(files), env, self.limits.for_zygote(), parent)

    def _beginning(self, cells: Sequence[NotebookNode], files: Mapping[str, bytes]) -> _Beginning | None:
        """Run the first cells of a notebook, if that was not done yet; None if they cannot be shared."""
        key = msgspec.msgpack.encode([[cell.source for cell in cells if cell.cell_type == "code"], files])
        # One after the other, because all of them work in one folder.
        with self._lock:
            if key not in self._beginnings:
                self._beginnings[key] = self._begin(cells, files)
            return self._beginnings[key]

    def _begin(self, cells: Sequence[NotebookNode], files: Mapping[str, bytes]) -> _Beginning | None:
        notebook = new_notebook(cells=copy.deepcopy(cells))
        fork = self.zygote.fork(self._request(files, _FOLDER, {}, parent=True))
        client = _Client(notebook, self.limits, fork)
        asyncio.run(client.run())
        if client.stopped is not None or client.errors:
            fork.close()
            return None
        return _Beginning(fork, notebook.cells) if self.zygote.adopt(fork) else None


@dataclass(frozen=True)
class _Beginning:
    """The course's own first cells of a notebook, which have run, and the process that goes on from there."""

    fork: Fork
    cells: list[NotebookNode]

    def show(self, notebook: NotebookNode) -> int:
        """Show what they gave in a run's notebook; gives the number of its cells up to the last of them."""
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


class _Client(NotebookClient):
    """nbclient, made to go on after errors and to read a check's evidence the moment it has run."""

    def __init__(self, notebook: NotebookNode, limits: Limits, fork: Fork) -> None:
        super().__init__(
            notebook,
            timeout=limits.cell_seconds,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": "CellTimeout", "evalue": "", "traceback": []},
            allow_errors=True,
            skip_cells_with_tag="",
            store_widget_state=False,
            coalesce_streams=True,
        )
        self.limits = limits
        self.fork = fork
        self.records: dict[str, Answer] = {}
        self.errors: dict[str, Answer] = {}
        self.stopped: Answer | None = None
        self._room = limits.output_mb * 1_000_000

    @property
    def was_killed(self) -> bool:
        """Whether the run was ended from outside, or by a crash."""
        return self.stopped is not None and self.stopped.outcome == "killed"

    async def run(self, first: int = 0) -> None:
        """Run all cells from one on; what ends a run early is kept in `stopped`."""
        self.on_cell_executed = self._keep
        connection = _Connection(self.fork, self._weigh)
        self.km = self.kc = connection  # type: ignore[assignment]
        await connection.open()
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(over,), daemon=True)
        watch.start()
        try:
            async with asyncio.timeout(self.limits.notebook_seconds) as time_left:
                for index in range(first, len(self.nb.cells)):
                    await self.async_execute_cell(self.nb.cells[index], index)
        except TimeoutError:
            self._stop("timeout", "The notebook took too long, so this was not reached.")
        except CellTimeoutError:
            self._stop("timeout", "A cell took too long and could not be stopped.")
        except DeadKernelError:  # what nbclient makes of its being cancelled, too
            if time_left.expired():
                self._stop("timeout", "The notebook took too long, so this was not reached.")
            self._stop("killed", DIED)
        except (MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a kernel may send what no client expects
            self._stop("killed", f"What the notebook sent could not be read ({type(error).__name__}).")
        finally:
            over.set()
            watch.join()
            await connection.close()

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any) -> NotebookNode:
        """Run a cell; a check is called by its full name, which a variable called "check" does not hide."""
        source = cell.source
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.endswith("-check"):
            cell.source = f'__import__("oxboys_mlm").{source}'
        try:
            return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        finally:
            cell.source = source

    def _stop(self, outcome: Outcome, reason: str) -> None:
        """Keep why the run ended; the first reason counts."""
        if self.stopped is None:
            self.stopped = Answer(outcome, None, reason)

    def _watch(self, over: threading.Event) -> None:
        """End a run that takes more memory or time than it may.

        A thread, because a kernel that sends messages faster than they are read leaves an event loop no turn.
        """
        deadline = time.monotonic() + self.limits.notebook_seconds + 1
        while not over.wait(0.2):
            if self.fork.takes_more_than(self.limits.memory_mb):
                self._stop("killed", f"The notebook needed more than {self.limits.memory_mb} MB of memory.")
                self.fork.strike()
            elif time.monotonic() > deadline:
                self._stop("timeout", "The notebook took too long, so this was not reached.")
                self.fork.strike()

    def _weigh(self, size: int) -> None:
        """End a run whose messages together are larger than its output may be."""
        self._room -= size
        if self._room < 0 and self.stopped is None:
            self._stop("killed", f"The notebook's output was larger than {self.limits.output_mb} MB.")
            self.fork.strike()
        if self._room < 0:
            raise ValueError("too much output")

    async def _keep(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """Keep what a cell gave at once: a later cell may change what stands in the notebook."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        content = execute_reply.get("content", {})
        if content.get("status") == "error":
            timeout = content.get("ename") == "CellTimeout"
            reason = (
                f"The cell took longer than {self.limits.cell_seconds:g} seconds and was stopped."
                if timeout
                else f"The cell stopped with {_error_line(content)}."
            )
            self.errors[name] = Answer("timeout" if timeout else "error", None, reason)
        if name.endswith("-check"):
            self.records[name.removesuffix("-check")] = self._read(name.removesuffix("-check"), cell)

    def _read(self, key: str, cell: NotebookNode) -> Answer:
        """Read a check's evidence, as strict data."""
        documents = [
            output["data"][MIME_TYPE]
            for output in cell.outputs
            if output.get("output_type") == "execute_result" and MIME_TYPE in output.get("data", {})
        ]
        if len(documents) != 1 or not isinstance(documents[0], str):
            failed = self.errors.get(f"{key}-check")
            return failed or Answer("error", None, "The check did not run as it should; is `check` still the course's?")
        try:
            record = decode(documents[0])
        except EvidenceError as error:
            return Answer("error", None, f"The check's record cannot be read: {error}"[:500])
        if record.question != key:
            return Answer("error", None, "The check's record belongs to another question.")
        if isinstance(record.evidence, Missing):
            return self.errors.get(key) or Answer("missing", record.evidence)
        return Answer("scored", record.evidence)

    def answer(self, key: str) -> Answer:
        """Give what the run has for a question."""
        if key in self.records:
            return self.records[key]
        return self.stopped or Answer("error", None, "The check did not run.")


def _error_line(content: dict[str, Any]) -> str:
    name, value = str(content.get("ename", "an error"))[:80], str(content.get("evalue", ""))
    first = value.strip().splitlines()[0][:200] if value.strip() else ""
    return f"`{name}: {first}`" if first else f"`{name}`"
