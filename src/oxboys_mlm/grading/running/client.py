"""Run the cells of a notebook in a kernel, and read the evidence of its checks."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import pairwise
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from oxboys_mlm.assessment.evidence import MIME_TYPE, EvidenceError, Missing, decode
from oxboys_mlm.grading.results import DIED, Answer, Limits, Outcome
from oxboys_mlm.grading.running import messages
from oxboys_mlm.grading.running.allowance import _FLOOD, Allowance
from oxboys_mlm.grading.running.connection import Connection
from oxboys_mlm.grading.running.fork import Fork

#: An error is shown below an output that was cut, if it is no longer than this (bytes).
_ERROR = 100_000


class Client(NotebookClient):
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
        self._allowance = Allowance(limits.output_mb * 1_000_000)
        self._streams: dict[str, tuple[NotebookNode, list[str]]] = {}
        self._noted: NotebookNode | None = None

    @property
    def was_killed(self) -> bool:
        """Whether the run was ended from outside, or by a crash."""
        return self.stopped is not None and self.stopped.outcome == "killed"

    async def run(self, first: int = 0) -> None:
        """Run all cells from one on; what ends a run early is kept in `stopped`."""
        self.on_cell_executed = self._keep
        connection = Connection(self.fork, self._weigh, self._allowance)
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
                self.fork.kill()
            elif time.monotonic() > deadline:
                self._stop("timeout", "The notebook took too long, so this was not reached.")
                self.fork.kill()

    def _weigh(self, size: int) -> None:
        """End a run that sends without end."""
        if not self._allowance.send(size):
            most = _FLOOD * self.limits.output_mb
            self._stop("killed", f"The notebook's output was larger than {most} MB.")
            self.fork.kill()
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
        """Return what the run has for a question."""
        if key in self.records:
            return self.records[key]
        return self.stopped or Answer("error", None, "The check did not run.")


def _error_line(content: dict[str, Any]) -> str:
    name, value = str(content.get("ename", "an error"))[:80], str(content.get("evalue", ""))
    first = value.strip().splitlines()[0][:200] if value.strip() else ""
    return f"`{name}: {first}`" if first else f"`{name}`"
