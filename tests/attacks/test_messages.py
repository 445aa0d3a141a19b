"""Messages that no honest kernel sends: the grader reads on, or ends that run and no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import nbformat
import pytest
from classroom import WRONG, filled, tiny_release

from oxboys_mlm.grading.results import Limits
from oxboys_mlm.grading.running.runner import Runner
from oxboys_mlm.grading.running.task import Result
from oxboys_mlm.grading.running.zygote import Zygote

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux"),
]

#: Sends a message with any content, as if it belonged to the cell.
SEND = """
kernel = get_ipython().kernel
session = kernel.session
def send(kind, content, parent=None):
    parent = kernel.get_parent()["header"] if parent is None else parent
    parts = [session.pack(session.msg_header(kind)), session.pack(parent), b"{}", content]
    kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", session.sign(parts), *parts])
"""

MESSAGES = {
    "half a character": (r"""send("stream", b'{"name": "stdout", "text": "\\ud800"}')""", "scored"),
    "half a character in an error": (
        r"""send("error", b'{"ename": "\\ud800", "evalue": "", "traceback": ["\\ud800"]}')""",
        "scored",
    ),
    "an infinity": ("""send("display_data", b'{"data": {"application/json": 1e999}, "metadata": {}}')""", "scored"),
    "idle too early": ("""send("status", b'{"execution_state": "idle"}'); import time; time.sleep(1)""", "scored"),
    "a list": ("""send("display_data", b"[]")""", "killed"),
    "other types": ("""send("stream", b'{"name": 7, "text": ["a", 5]}')""", "killed"),
    "nothing": ("""send("stream", b"{}")""", "killed"),
    "not JSON": ("""send("stream", b"%!")""", "killed"),
    "a very long number": ("""send("stream", b'{"name": ' + b"9" * 5000 + b"}")""", "killed"),
    "nesting in what is not kept": (
        """send("display_data", b'{"data": {"a/json": ' + b"[" * 300 + b"]" * 300 + b'}, "metadata": {}}')""",
        "scored",
    ),
    "deep nesting": (
        """send("display_data", b'{"data": {"a/json": ' + b"[" * 9000 + b"]" * 9000 + b'}, "metadata": {}}')""",
        "killed",
    ),
    "a negative number of a cell": (
        """send("execute_result", b'{"data": {}, "metadata": {}, "execution_count": -1}')""",
        "killed",
    ),
    "a number of a cell that is HTML": (
        """send("execute_input", b'{"code": "", "execution_count": "<b>1</b>"}')""",
        "killed",
    ),
    "an output that is no text": (
        """send("display_data", b'{"data": {"text/html": ["<b>", {}], "image/png": 7}, "metadata": []}')""",
        "scored",
    ),
    "bytes that are no characters": ("""send("stream", b'{"name": "stdout", "text": "\xff"}')""", "scored"),
    "one without a message": ("""kernel.iopub_socket.send_multipart([b"x"])""", "killed"),
    "a channel that is none": ("""kernel.iopub_socket.name = "other"; send("stream", b"{}")""", "killed"),
    "no frame": ("""kernel.iopub_socket.run.sendall(b"\\0\\0\\0\\5hello")""", "killed"),
    "half a frame": ("""kernel.iopub_socket.run.sendall(b"\\0\\0\\0\\5"); import os; os._exit(0)""", "killed"),
    "a frame larger than anything": ("""kernel.iopub_socket.run.sendall(b"\\xff" * 100)""", "killed"),
    "a closed door": ("""import socket; kernel.iopub_socket.run.shutdown(socket.SHUT_RDWR)""", "killed"),
    "too many of another cell": (
        """for _ in range(60): send("stream", b'{"name": "stdout", "text": "' + b"x" * 1_000_000 + b'"}', {})""",
        "killed",
    ),
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Return a runner with small limits."""
    limits = Limits(cell_seconds=4, notebook_seconds=12, output_mb=10)
    with closing(Zygote(tmp_path_factory.mktemp("course"), sandboxed=True)) as zygote:
        yield Runner(zygote, limits)


@pytest.mark.parametrize("name", MESSAGES)
def test_strange_message(name: str, runner: Runner, tmp_path: Path) -> None:
    """The run gives answers to record, whatever was sent, and its notebook can be written and read again."""
    code, outcome = MESSAGES[name]
    notebook = filled(tiny_release(), WRONG)
    notebook.cells.insert(2, nbformat.v4.new_code_cell(SEND + code))
    run = runner.run(notebook, list(WRONG), 1, {})
    assert {answer.outcome for answer in run.answers.values()} == {outcome}
    result = Result(nbformat.writes(run.notebook), run.seed, run.answers)
    (tmp_path / "r.json").write_bytes(msgspec.json.encode(result))
    again = msgspec.json.decode((tmp_path / "r.json").read_bytes(), type=Result)
    nbformat.reads(again.notebook, as_version=4)
