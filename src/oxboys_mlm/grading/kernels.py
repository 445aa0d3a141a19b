"""Run a rebuilt notebook in a kernel of its own and keep what its checks recorded."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from jupyter_client.session import Session
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets import Float, Integer
from traitlets.config import Configurable

from oxboys_mlm.assessment.evidence import MIME_TYPE, SEED_VARIABLE, Evidence, EvidenceError, Missing, decode
from oxboys_mlm.grading import sandbox
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.zygote import NOBODY, SOCKETS

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


class Zygote:
    """The warm parent of kernels, as seen from this side. It runs one kernel at a time.

    Parameters
    ----------
    course
        The course folder, which a sandbox hides.
    limits
        Limits of every run.
    sandboxed
        Whether it runs inside bubblewrap.
    """

    def __init__(self, course: Path, limits: Limits, *, sandboxed: bool) -> None:
        self.limits = limits
        self.sandboxed = sandboxed
        # Short, because the path of a socket must not be longer than about a hundred characters.
        self.folder = Path(tempfile.mkdtemp(prefix="oxboys-"))
        self.sockets = self.folder / "s"
        self.sockets.mkdir()
        if sandboxed and os.geteuid() == 0:
            os.chown(self.sockets, NOBODY, NOBODY)
            self.folder.chmod(0o711)
        inside = [sys.executable, "-I", "-m", "oxboys_mlm.grading.zygote"]
        self._errors = (self.folder / "errors").open("w+b")
        self.process = subprocess.Popen(
            sandbox.command(self.sockets, course, limits.disk_mb) if sandboxed else inside,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=sandbox.environment(),
            start_new_session=True,
        )
        self._runs = 0
        self._running = False
        if not self._reply(120.0).get("ready"):
            self.close()
            raise sandbox.explain(self.process, self.errors)

    @property
    def errors(self) -> str:
        """What the sandbox and the parent wrote to standard error."""
        return (self.folder / "errors").read_text("utf-8", "replace") if self.folder.exists() else self._last_errors

    _last_errors = ""

    def _reply(self, seconds: float) -> dict[str, Any]:
        """Read one answer; empty if none comes."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline(1000) if ready else b""
        return dict(json.loads(line)) if line else {}

    def new_folder(self) -> tuple[Path, str]:
        """Make a folder for a kernel's sockets; give its path on this side and inside."""
        self._runs += 1
        outside = self.sockets / str(self._runs)
        outside.mkdir()
        if self.sandboxed and os.geteuid() == 0:
            os.chown(outside, NOBODY, NOBODY)
        return outside, f"{SOCKETS}/{self._runs}" if self.sandboxed else str(outside)

    def fork(self, connection: dict[str, Any], env: dict[str, str], files: Mapping[str, bytes]) -> None:
        """Start a kernel, with some files in its folder."""
        assert self.process.stdin is not None
        folder = "/tmp/run/work" if self.sandboxed else str(self.folder / f"run-{self._runs}" / "work")
        request = {
            "connection": connection,
            "env": env,
            "folder": folder,
            "files": {name: base64.b64encode(content).decode() for name, content in files.items()},
            "limits": self.limits.for_zygote(),
        }
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise sandbox.explain(self.process, self.errors) from None
        self._running = True

    def poll(self) -> bool:
        """Tell whether the kernel still runs."""
        if self._running and self._reply(0):
            self._running = False
        return self._running and self.process.poll() is None

    def tree(self) -> list[int]:
        """List the processes of the run, the outermost first; the parent itself and bubblewrap are not among them."""
        children: dict[int, list[int]] = {}
        for entry in os.scandir("/proc") if Path("/proc").is_dir() else ():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    stat = Path(entry.path, "stat").read_bytes()
                    parent = int(stat[stat.rindex(b")") + 1 :].split()[1])
                    children.setdefault(parent, []).append(int(entry.name))
        top = self.process.pid
        for _ in range(2 if self.sandboxed else 0):  # bubblewrap stays as its own child's parent, twice
            top = children.get(top, [top])[0]
        found: list[int] = []
        wave = children.get(top, [])
        while wave:
            found += wave
            wave = [child for pid in wave for child in children.get(pid, [])]
        return found

    def strike(self) -> None:
        """Tell every process of the run to end; any thread may call this."""
        for pid in self.tree():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the run and every process of it."""
        if not self.poll():
            return
        self.strike()
        deadline = time.monotonic() + 10
        while self.poll() and time.monotonic() < deadline:
            time.sleep(0.005)

    def alive(self) -> bool:
        """Tell whether the parent can run another kernel."""
        return self.process.poll() is None and not self.poll()

    def close(self) -> None:
        """End the parent, every process inside, and remove its folder."""
        with contextlib.suppress(ProcessLookupError):
            if not self.sandboxed:
                self.kill()
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self._last_errors = self.errors
        self._errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Session(Session):
    """Reads a kernel's messages: every one is weighed before it is parsed, and made fit to be written to a file."""

    #: Called with the size of every message (bytes).
    weigh: Callable[[int], None] | None = None

    def deserialize(self, msg_list: Any, content: bool = True, copy: bool = True) -> dict[str, Any]:
        """Parse a message, on whatever channel and of whatever cell it is."""
        if self.weigh is not None:
            self.weigh(sum(len(frame) for frame in msg_list))
        message: dict[str, Any] = super().deserialize(msg_list, content=content, copy=copy)
        message["content"] = _writable(message["content"])
        return message


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


class ZygoteKernelManager(AsyncKernelManager):
    """A manager of one kernel that a zygote forks."""

    def __init__(self, zygote: Zygote, files: Mapping[str, bytes], **kwargs: Any) -> None:
        super().__init__(transport="ipc", **kwargs)
        self.zygote = zygote
        self.files = files
        self._kernel_spec = KernelSpec(
            argv=["zygote"],
            display_name="oxboys",
            language="python",
            interrupt_mode="message",
            metadata={"kernel_provisioner": {"provisioner_name": "oxboys-zygote"}},
        )


class ZygoteProvisioner(KernelProvisionerBase):
    """Makes kernels by asking a `Zygote`, which its kernel manager has as ``zygote``, to fork."""

    @property
    def manager(self) -> ZygoteKernelManager:
        """The kernel manager that this serves."""
        assert isinstance(self.parent, ZygoteKernelManager)
        return self.parent

    @property
    def zygote(self) -> Zygote:
        """The warm parent."""
        return self.manager.zygote

    @property
    def has_process(self) -> bool:
        """Whether a kernel has been started."""
        return self.zygote._running

    async def poll(self) -> int | None:
        """Give None while the kernel runs, as Popen does."""
        return None if self.zygote.poll() else 1

    async def wait(self) -> int | None:
        """Wait for the kernel's end."""
        while self.zygote.poll():
            await asyncio.sleep(0.01)
        return 0

    async def send_signal(self, signum: int) -> None:
        """Signals do not cross the fence; the kernel is interrupted by message."""

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and every process of its run."""
        self.zygote.kill()

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel as `kill` does: there is nobody inside to ask first."""
        self.zygote.kill()

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose where the kernel's sockets are."""
        manager = self.manager
        outside, inside = self.zygote.new_folder()
        manager.ip = str(outside / "k")
        for place, port in enumerate(("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port"), start=1):
            setattr(manager, port, place)
        self.inside = f"{inside}/k"
        return await super().pre_launch(cmd=["zygote"], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel that listens where this side will knock."""
        info = self.manager.get_connection_info()
        connection = {
            **{name: info[name] for name in ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")},
            "transport": "ipc",
            "ip": self.inside,
        }
        key = self.manager.session.key.decode()
        self.zygote.fork({**connection, "key": key}, kwargs["env"], self.manager.files)
        return info

    async def cleanup(self, restart: bool = False) -> None:
        """Leave the folder of sockets to the zygote's end."""


class Runner:
    """Runs notebooks one after the other, each in a fresh kernel.

    Parameters
    ----------
    course
        The course folder.
    limits
        What a run may use.
    sandboxed
        Whether kernels run inside bubblewrap.
    """

    def __init__(self, course: Path, limits: Limits, *, sandboxed: bool = True) -> None:
        self.course = course
        self.limits = limits
        self.sandboxed = sandboxed
        self._zygote: Zygote | None = None

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        """End the warm parent."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def zygote(self) -> Zygote:
        """Give a parent that can run a kernel; one that cannot any more is replaced."""
        if self._zygote is not None and not self._zygote.alive():
            self.close()
        if self._zygote is None:
            self._zygote = Zygote(self.course, self.limits, sandboxed=self.sandboxed)
        return self._zygote

    def run(self, notebook: NotebookNode, keys: Sequence[str], seed: int, files: Mapping[str, bytes]) -> Run:
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
        """
        zygote = self.zygote()
        client = _Client(notebook, self.limits, zygote, files)
        try:
            asyncio.run(client.run(env={SEED_VARIABLE: str(seed), "MPLBACKEND": _BACKEND}))
        finally:
            zygote.kill()
        return Run(notebook, seed, {key: client.answer(key) for key in keys})


_BACKEND = "module://matplotlib_inline.backend_inline"


class _Client(NotebookClient):
    """nbclient, made to go on after errors and to read a check's evidence the moment it has run."""

    def __init__(self, notebook: NotebookNode, limits: Limits, zygote: Zygote, files: Mapping[str, bytes]) -> None:
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
        self.zygote = zygote
        self.files = files
        self.records: dict[str, Answer] = {}
        self.errors: dict[str, Answer] = {}
        self.stopped: Answer | None = None
        self._room = limits.output_mb * 1_000_000

    def create_kernel_manager(self) -> ZygoteKernelManager:
        """Make a manager whose kernel the zygote forks, whatever kernels are installed."""
        # A message larger than all output together is refused before it is read.
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, 2 * self.limits.output_mb * 1_000_000)
        context.setsockopt(zmq.LINGER, 0)
        self.km = manager = ZygoteKernelManager(self.zygote, self.files, context=context, session=_Session())
        return manager

    async def run(self, env: dict[str, str]) -> None:
        """Run all cells; what ends a run early is kept in `stopped`."""
        self.on_cell_executed = self._keep
        manager = self.create_kernel_manager()
        await manager.start_kernel(env=env)
        self.kc = client = manager.client()
        assert isinstance(client.session, _Session)
        client.session.weigh = self._weigh
        client.start_channels()
        client.allow_stdin = False
        await self._ready(client)
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(over,), daemon=True)
        watch.start()
        try:
            async with asyncio.timeout(self.limits.notebook_seconds) as time_left:
                for index, cell in enumerate(self.nb.cells):
                    await self.async_execute_cell(cell, index)
        except TimeoutError:
            self._stop("timeout", "The notebook took too long, so this was not reached.")
        except CellTimeoutError:
            self._stop("timeout", "A cell took too long and could not be stopped.")
        except DeadKernelError:  # what nbclient makes of its being cancelled, too
            if time_left.expired():
                self._stop("timeout", "The notebook took too long, so this was not reached.")
            self._stop("killed", "Python was stopped or crashed while the notebook ran.")
        except (MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a kernel may send what no client expects
            self._stop("killed", f"What the notebook sent could not be read ({type(error).__name__}).")
        finally:
            over.set()
            watch.join()
            self.zygote.kill()
            client.stop_channels()
            manager.context.destroy(linger=0)

    async def _ready(self, client: Any) -> None:
        """Wait until the kernel answers on both channels.

        jupyter_client's own `wait_for_ready` then listens for a fifth of a second whether anything else comes. Nothing
        does: this kernel has run nothing yet.
        """
        for _ in range(60):
            client.kernel_info()
            with contextlib.suppress(queue.Empty):
                await client.get_shell_msg(timeout=1)
                await client.get_iopub_msg(timeout=0.2)
                return
            if not self.zygote.poll():
                break
        raise GradingError(f"a kernel did not start: {self.zygote.errors[-500:]}")

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
            if _memory_mb(self.zygote.tree()) > self.limits.memory_mb:
                self._stop("killed", f"The notebook needed more than {self.limits.memory_mb} MB of memory.")
                self.zygote.strike()
            elif time.monotonic() > deadline:
                self._stop("timeout", "The notebook took too long, so this was not reached.")
                self.zygote.strike()

    def _weigh(self, size: int) -> None:
        """End a run whose messages together are larger than its output may be."""
        self._room -= size
        if self._room < 0 and self.stopped is None:
            self._stop("killed", f"The notebook's output was larger than {self.limits.output_mb} MB.")
            self.zygote.strike()
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


def _memory_mb(processes: Sequence[int]) -> float:
    """Add up the memory of processes, what they share counted once."""
    total = 0
    for pid in processes:
        with contextlib.suppress(OSError, ValueError, IndexError):
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
                total += int(text[text.index(b"\nPss:") + 5 :].split()[0])
            except PermissionError:  # a process may hide this, but not the pages that it holds
                pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
                total += pages * os.sysconf("SC_PAGE_SIZE") // 1024
    return total / 1024
