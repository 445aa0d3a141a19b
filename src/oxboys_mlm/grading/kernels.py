"""Run a rebuilt notebook in a kernel of its own and keep what its checks recorded."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import msgspec
from jupyter_client.session import Session
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_notebook, new_output
from traitlets import Float, Integer
from traitlets.config import Configurable

from oxboys_mlm.assessment.evidence import MIME_TYPE, SEED_VARIABLE, Evidence, EvidenceError, Missing, decode
from oxboys_mlm.grading import messages, wire
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
    output_mb = Integer(
        20,
        help="Output that is kept of all cells of a notebook together, in megabytes; of one cell a quarter of it. "
        "The rest is left out, and a run that sends five times as much is ended.",
    ).tag(config=True)

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


#: Messages that may wait until they are looked at: a kernel that sends faster has to wait.
_WAITING = 8
#: A message counts as this much at least (bytes), because reading it takes time however short it is.
_LEAST = 2048
#: A message of this length (bytes) may be no output, and is read whatever else is left out.
_SMALL = 1 << 16
#: An error is shown below an output that was cut, if it is no longer than this (bytes).
_ERROR = 100_000
#: What may be left out of what a run sends before it is ended: this many times what may be kept.
_FLOOD = 5


class _Channel:
    """Messages of one channel, as nbclient asks for them."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[dict[str, Any] | Exception] = asyncio.Queue(_WAITING)

    async def put(self, message: dict[str, Any] | Exception) -> None:
        """Add a message, or why no more will come; wait while others are waiting."""
        await self._messages.put(message)

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
    allowance
        What may still be kept.
    """

    def __init__(self, fork: Fork, weigh: Callable[[int], None], allowance: _Allowance) -> None:
        self._fork = fork
        self._weigh = weigh
        self._allowance = allowance
        self._session = Session(key=b"")
        self._request = ""
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
        self._request = str(message["header"]["msg_id"])
        return self._request

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
                if length <= max(_SMALL, self._allowance.left):
                    frame = wire.parse(await self._reader.readexactly(length))
                    channel, message = channels[frame.channel], messages.parse(frame.parts, self._request)
                else:
                    channel, message = self.shell_channel, await self._pass_over(length)
                if message is not None:
                    await channel.put(message)
                await asyncio.sleep(0)  # a kernel that sends without end must leave the others a turn
        except (EOFError, OSError):
            await self.shell_channel.put(DeadKernelError("Kernel died"))
        except Exception as error:  # noqa: BLE001 - a kernel may send what no client expects
            await self.shell_channel.put(error)

    async def _pass_over(self, length: int) -> dict[str, Any] | None:
        """Pass over an output; of what says how the cell ended, say that it was too long."""
        part = await self._reader.readexactly(_SMALL)
        length -= len(part)
        while length:
            length -= len(await self._reader.readexactly(min(length, _SMALL)))
        if not wire.begins_with(part, "shell"):
            self._allowance.use_up()
            return None
        reply = {"status": "error", "ename": "Error", "evalue": "its text is too long to be shown"}
        return messages.message("execute_reply", self._request, reply)


class _Allowance:
    """What a run may still send, and what of its outputs may still be kept (bytes).

    Parameters
    ----------
    most
        What may be kept of a notebook.

    Attributes
    ----------
    left
        What may still be kept of the cell that runs.
    cut
        Whether something of its output was left out.
    """

    def __init__(self, most: int) -> None:
        self.share = most // 4
        self._sent, self._kept = _FLOOD * most, most
        self.begin(reserved=False)

    def begin(self, *, reserved: bool) -> None:
        """Begin a cell; one with a share reserved for it has that whatever was shown before."""
        self.left = self._begun = self.share if reserved else min(self.share, self._kept)
        self.cut = False

    def end(self) -> None:
        """End a cell."""
        self._kept = max(0, self._kept - (self._begun - self.left))

    def send(self, size: int) -> bool:
        """Tell whether the run may send a message of a size."""
        self._sent -= max(size, _LEAST)
        return self._sent >= 0

    def keep(self, price: int) -> bool:
        """Tell whether an output is kept; after one that was not, none of the cell is."""
        if price > self.left:
            self.use_up()
        else:
            self.left -= price
        return not self.cut

    def use_up(self) -> None:
        """Keep no more of this cell."""
        self.left, self.cut = 0, True


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
            coalesce_streams=False,
        )
        self.limits = limits
        self.fork = fork
        self.records: dict[str, Answer] = {}
        self.errors: dict[str, Answer] = {}
        self.stopped: Answer | None = None
        self._allowance = _Allowance(limits.output_mb * 1_000_000)
        self._streams: dict[str, tuple[NotebookNode, list[str]]] = {}
        self._noted: NotebookNode | None = None

    @property
    def was_killed(self) -> bool:
        """Whether the run was ended from outside, or by a crash."""
        return self.stopped is not None and self.stopped.outcome == "killed"

    async def run(self, first: int = 0) -> None:
        """Run all cells from one on; what ends a run early is kept in `stopped`."""
        self.on_cell_executed = self._keep
        connection = _Connection(self.fork, self._weigh, self._allowance)
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
            if self.fork.takes_more_than(self.limits.memory_mb):
                self._stop("killed", f"The notebook needed more than {self.limits.memory_mb} MB of memory.")
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
        check = name.endswith("-check")
        if check:
            cell.source = f'__import__("oxboys_mlm").{source}'
        self._allowance.begin(reserved=check)
        self._streams.clear()
        self._noted = None
        try:
            return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        finally:
            cell.source = source
            self._allowance.end()
            if cell.cell_type == "code":
                self._finish(cell)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Keep an output if there is room for it; below what was cut, an error is shown all the same."""
        kind, content = msg["msg_type"], msg["content"]
        if kind in messages.OUTPUTS:
            price = messages.price(content)
            # An output of this name that was shown before will show the same: it is written once more for each.
            shown = self._display_id_map.get((content.get("transient") or {}).get("display_id") or "", {})
            times = 1 + sum(map(len, shown.values()))
            form = messages.PART if kind == "stream" and content["name"] in self._streams else messages.FORM
            kept = self._allowance.keep(times * price + form)
            self._note(cell)
            if not kept and (kind != "error" or price > _ERROR or cell.outputs[-1] is not self._noted):
                return None
        elif kind == "clear_output" and not content["wait"]:
            self._streams.clear()
        return super().process_message(msg, cell, cell_index)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Add an output, and what is printed to what was printed before it."""
        if self.clear_before_next_output:
            self._streams.clear()
        content = msg["content"]
        if msg["msg_type"] == "stream" and content["name"] in self._streams:
            node, parts = self._streams[content["name"]]
            parts.append(content["text"])
            return node
        added: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
        if msg["msg_type"] == "stream" and added is not None:
            self._streams[content["name"]] = added, [content["text"]]
        return added

    def _note(self, cell: NotebookNode) -> None:
        """Say in a cell, once, that its output was cut."""
        if self._allowance.cut and self._noted is None:
            megabytes = f"{self._allowance.share / 1e6:g} MB, and a notebook {self.limits.output_mb:g} MB"
            text = f"\n[This output was too long. The rest is left out. A cell may show {megabytes}.]\n"
            self._noted = new_output("stream", name="stdout", text=text)
            cell.outputs.append(self._noted)

    def _finish(self, cell: NotebookNode) -> None:
        """Write down what was printed, as a terminal would show it, what was printed before what went wrong."""
        self._note(cell)
        for node, parts in self._streams.values():
            node["text"] = messages.overwritten("".join(parts))
        outputs = cell.outputs
        for i, (one, next_one) in enumerate(pairwise(outputs)):
            if (one.get("name"), next_one.get("name")) == ("stderr", "stdout"):
                outputs[i], outputs[i + 1] = next_one, one

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
        """End a run that sends without end."""
        if not self._allowance.send(size):
            most = _FLOOD * self.limits.output_mb
            self._stop("killed", f"The notebook's output was larger than {most} MB.")
            self.fork.strike()
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
