"""The IPython kernel that runs inside the sandbox. All its messages go through one socket.

ipykernel builds a kernel with five sockets, four threads and an event loop. None of these survives a fork, and creating
them takes a tenth of a second for each run. This kernel is created once, before the fork. Everything that a notebook
can observe is ipykernel's own: the shell, how cells run, and how results are displayed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import os
import selectors
import signal
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import zmq
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets import Any as AnyTrait

from oxboys_mlm.grading.running.inside import wire

#: Modules that IPython, notebooks or checks import lazily; imported here, each run has them already.
_WARM = (
    "IPython.core.completerlib",
    "IPython.core.magics.code",
    "IPython.core.magics.execution",
    "IPython.terminal.pt_inputhooks",
    "encodings.idna",
    "mpl_toolkits.axes_grid1",
    "oxboys_mlm.checking.rehearsal",
    "oxboys_mlm.plots",
    "scipy.stats",
    "seaborn.objects",
    "statsmodels.api",
    "statsmodels.formula.api",
)

#: Printed text is sent when it exceeds this length (characters), or at the end of the cell, in parts of this length.
_CHUNK = 1 << 16


class _Channel:
    """One of Jupyter's channels; has the methods of a ZeroMQ socket that jupyter_client calls."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.run: socket.socket | None = None
        self._lock = threading.Lock()

    def send_multipart(self, parts: Sequence[bytes], flags: int = 0, copy: bool = True, track: bool = False) -> None:
        """Send the parts of a message; drop it if no run has started."""
        if self.run is None:
            return
        frame = wire.framed(wire.MessageFrame(self.name, [bytes(part) for part in parts]))
        with self._lock:
            # An interrupt must not cut a message in half.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            try:
                self.run.sendall(frame)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def flush(self, *when: Any) -> None:
        """Do nothing: messages are sent at once."""


class _Stream(io.TextIOBase):
    """Standard output or standard error, including what libraries and programs write to its file descriptor."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, number: int, kernel: Kernel) -> None:
        self.name = name
        self._number = number
        self._kernel = kernel
        self._lock = threading.RLock()
        self._written: list[str] = []
        self._length = 0
        self._process = 0
        self._file = -1
        self._place = 0

    def open(self) -> None:
        """Redirect the file descriptor to a file, from which `flush` reads."""
        with tempfile.TemporaryFile() as file:
            self._file = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY)
            appending = os.open(f"/proc/self/fd/{file.fileno()}", os.O_WRONLY | os.O_APPEND)
        os.dup2(appending, self._number)
        os.close(appending)
        self._place = 0
        self._process = os.getpid()

    def fileno(self) -> int:
        """Return the file descriptor, which child processes inherit."""
        return self._number

    def isatty(self) -> bool:
        """Return False: it is not a terminal."""
        return False

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Buffer text; send the buffer when it is full."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._process:  # a fork of the kernel, which must not send
            os.write(self._number, text.encode("utf-8", "replace"))
            return len(text)
        with self._lock:
            self._written.append(text)
            self._length += len(text)
            if self._length > _CHUNK:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what was written so far."""
        if os.getpid() != self._process:
            return
        with self._lock:
            text = "".join(self._written)
            self._written.clear()
            self._length = 0
            for begin in range(0, len(text), _CHUNK):
                self._send(text[begin : begin + _CHUNK])
            while caught := os.pread(self._file, _CHUNK, self._place):
                self._place += len(caught)
                self._send(caught.decode("utf-8", "replace"))

    def _send(self, text: str) -> None:
        content = {"name": self.name, "text": text}
        self._kernel.send_response(self._kernel.iopub_socket, "stream", content)  # type: ignore[no-untyped-call]


class Kernel(IPythonKernel):
    """ipykernel's kernel, without its sockets, threads and event loop."""

    shell_stream = AnyTrait()
    streams: tuple[_Stream, _Stream]

    def start_run(self, run: socket.socket) -> None:
        """Send all messages through this socket from now on."""
        assert self.session is not None
        self.session.pid = os.getpid()  # it refuses to send from a fork of its process
        self.shell_stream.run = self.iopub_socket.run = run
        for stream in self.streams:
            stream.open()

    def handle(self, parts: Sequence[bytes]) -> None:
        """Handle one request."""
        # Copied, because for a long part that is not, ZeroMQ starts a thread with epoll, which the filter refuses.
        step = self.dispatch_shell([zmq.Message(part, copy=True) for part in parts])
        # Without a running event loop a cell runs to its end in one step, even if it awaits something.
        try:
            step.send(None)
        except StopIteration:
            return
        raise RuntimeError("the kernel awaits something, but no event loop runs")

    def _abort_queues(self, *subshell: Any) -> None:
        """Do nothing: there is no queue."""


class KernelApp(IPKernelApp):
    """ipykernel's application, which makes the kernel and sets up IPython around it."""

    def init_sockets(self) -> None:
        """Create the two channels in use."""
        self.shell_channel, self.iopub_channel = _Channel("shell"), _Channel("iopub")

    def init_io(self) -> None:
        """Do nothing: `init_kernel` creates the streams, which need the kernel."""

    def init_kernel(self) -> None:
        """Create the kernel and its streams."""
        self.session.key = b""  # no signatures: only the grader holds the other end of the socket
        self.kernel = Kernel(  # type: ignore[no-untyped-call]
            parent=self,
            session=self.session,
            shell_stream=self.shell_channel,
            iopub_socket=self.iopub_channel,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.kernel.streams = _Stream("stdout", 1, self.kernel), _Stream("stderr", 2, self.kernel)
        sys.stdout, sys.stderr = self.kernel.streams
        self.patch_io()  # type: ignore[no-untyped-call]

    def _nothing(self, **arguments: Any) -> None:
        """Do nothing: there are no ports, no heartbeat and no connection file."""

    init_connection_file = init_poller = init_heartbeat = _nothing
    write_connection_file = log_connection_info = _nothing


def warm_up() -> None:
    """Create the kernel; import and do once what nearly every notebook does."""
    for name in _WARM:
        importlib.import_module(name)
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc,assignment]  # the filter refuses epoll
    app = KernelApp.instance()
    app.initialize(["--HistoryManager.enabled=False", "--matplotlib=inline"])  # type: ignore[no-untyped-call]
    rehearsal = f"__import__({__name__!r}, fromlist=['_']).rehearse()"
    with warnings.catch_warnings():  # a warning shown here would not be shown again in a notebook
        warnings.simplefilter("ignore")
        app.kernel.shell.run_cell(rehearsal, silent=True, store_history=False)
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        vars(sys).pop(name, None)
    # Imported here, because it loads matplotlib, which first must be told where its files are and how it draws.
    from oxboys_mlm.grading.running.inside.pictures import draw_once

    draw_once(app.kernel.shell)


def rehearse() -> None:
    """Fit models, draw a figure and raise an error, so that runs find their caches filled.

    Most of the time goes into fonts, and into the modules that colour a traceback.
    """
    import matplotlib.pyplot as plt

    from oxboys_mlm import load_oxboys
    from oxboys_mlm.questions import reference

    data = load_oxboys()
    data._repr_html_()  # type: ignore[operator]
    for name in ("fit_null", "fit_random_intercept", "fit_random_slope", "fit_slope_only"):
        reference.fit(name).summary().as_html()
        reference.evidence(name)
    _, ax = plt.subplots(layout="constrained")
    ax.set(title="$\\sigma^2$ (cm²)", xlabel="*x*", ylabel="y")
    ax.plot([1, 2], label="−1.5")
    ax.legend()
    raise ValueError("a rehearsal")


def rehearse_checks(keys: Sequence[str]) -> None:
    """Make what the checks of these questions compare answers with, once for all runs."""
    from oxboys_mlm.checking.rehearsal import rehearse

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rehearse(keys)


def serve(run: socket.socket, request: wire.Request) -> None:
    """Run cells until the grader closes the socket. Return only if this process is to be forked then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as ipykernel has it between cells
    os.environ.update(request.env)
    Path(request.folder).mkdir(parents=True, exist_ok=True)
    os.chdir(request.folder)
    for name, content in request.files.items():
        Path(name).write_bytes(content)
    _import_from_working_folder()
    _close_all_but(run.fileno())
    kernel = KernelApp.instance().kernel
    kernel.start_run(run)
    before = _kept_by_a_fork() if request.parent else None
    asyncio.set_event_loop(asyncio.new_event_loop())  # ipykernel asks for one; it never runs
    while not kernel.shell.exit_now:
        try:
            frame = wire.receive(run)
        except EOFError:
            break
        if before is not None and frame.channel == wire.FORK:
            rehearse_checks(b" ".join(frame.parts).decode().split())
            asyncio.get_event_loop().close()
            fit = can_be_forked(before)
            run.sendall(wire.framed(wire.MessageFrame(wire.FORK, [b"fit"] if fit else [])))
            if fit:
                return
            break
        kernel.handle(frame.parts)
    os._exit(0)


def _import_from_working_folder() -> None:
    """Add the working folder to `sys.path`, from which ``python -I`` removes it.

    It comes after the standard library and before installed packages, as in IPython.
    """
    if "" not in sys.path:
        installed = (i for i, path in enumerate(sys.path) if Path(path).name in ("site-packages", "dist-packages"))
        sys.path.insert(next(installed, 0), "")


def can_be_forked(before: object) -> bool:
    """Return whether a fork would be a full copy: no threads, no children, no open files of its own."""
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return False
    if threading.active_count() > 1:
        return False
    # Compared in a fork, because libraries close some files in it, such as fonts.
    child = os.fork()
    if child == 0:
        os._exit(0 if _kept_by_a_fork() == before else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _kept_by_a_fork() -> object:
    """Return the open files, the files in /tmp and /dev/shm, and the working folder."""
    files = set()
    for top in ("/tmp", "/dev/shm"):
        for folder, below, names in os.walk(top):
            for name in names:
                state = Path(folder, name).lstat()
                files.add((folder, name, state.st_size, state.st_mtime_ns))
            # The interpreter may be mounted there.
            below[:] = [name for name in below if not Path(folder, name).is_mount()]
    # The folder being listed is open too.
    links = {entry.name: str(Path(entry.path).readlink()) for entry in os.scandir("/proc/self/fd")}
    return {number: target for number, target in links.items() if not target.endswith("/fd")}, files, Path.cwd()


def _close_all_but(kept: int) -> None:
    """Close all inherited files but one, and connect the standard streams to /dev/null."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    for number in [int(entry.name) for entry in os.scandir("/proc/self/fd")]:
        if number > 2 and number != kept:
            with contextlib.suppress(OSError):  # the folder that was listed is closed already
                os.close(number)
