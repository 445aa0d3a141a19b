"""Look at objects that may misbehave: quietly, for a limited time, and without ever raising."""

from __future__ import annotations

import contextlib
import io
import logging
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


#: What `name_problem` calls the end of the time allowed.
TOOK_TOO_LONG = "took too long"


class TookTooLong(BaseException):
    """The time allowed is over. Not an `Exception`, so that an answer's ``except`` seldom stops it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block after some seconds, where the platform can.

    Only the main thread can be interrupted; elsewhere the block runs to its end, and it is the grader's limit per cell
    that ends it. The timer fires again every half second, for code that swallows the first interruption.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "setitimer"):
        with _alarm(seconds):
            yield
    else:  # Windows has no alarms
        with _interrupting_thread(seconds):
            yield


@contextlib.contextmanager
def _interrupting_thread(seconds: float) -> Iterator[None]:
    """Interrupt the block as Ctrl-C does, from a thread that waits beside it."""
    start = time.monotonic()
    over = threading.Event()
    turn = threading.Lock()
    previous = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        if time.monotonic() - start >= seconds:
            if not over.is_set():
                raise TookTooLong
        elif callable(previous):  # somebody else's Ctrl-C
            previous(number, frame)

    def wait() -> None:
        patience = seconds
        while not over.wait(patience):
            with turn:
                if not over.is_set():
                    signal.raise_signal(signal.SIGINT)
            patience = 0.5

    signal.signal(signal.SIGINT, interrupt)
    threading.Thread(target=wait, daemon=True).start()
    try:
        try:
            yield
        finally:
            over.set()
    finally:
        over.set()
        with turn:  # so that no interruption is on its way when Ctrl-C means what it meant before
            signal.signal(signal.SIGINT, previous)


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Interrupt the block by the system's alarm."""
    armed = True

    def interrupt(number: int, frame: FrameType | None) -> None:
        if armed:
            raise TookTooLong

    start = time.monotonic()
    previous = signal.signal(signal.SIGALRM, interrupt)
    outer, repeat = signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        try:
            yield
        finally:
            armed = False  # an alarm right here still raises, hence the second `finally`
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if outer:  # a limit within a limit: the outer one goes on
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - start), 0.001), repeat)


def _no_displays() -> contextlib.AbstractContextManager[object]:
    """Keep what IPython displays from the notebook, where there is one."""
    if "IPython" not in sys.modules:
        return contextlib.nullcontext()
    from IPython.utils.capture import capture_output

    return capture_output(stdout=False, stderr=False)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep prints, displays, warnings and log messages of the block from the notebook.

    nbgrader scores stderr as zero, and whatever a front end shows stands above the verdict.
    """
    with (
        _no_displays(),
        warnings.catch_warnings(record=True),  # recorded, for code that turns warnings on again
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        # A handler set up earlier holds on to the stream of that time.
        disabled = logging.root.manager.disable
        logging.disable(sys.maxsize)
        try:
            yield
        finally:
            logging.disable(disabled)


@contextlib.contextmanager
def figures_apart() -> Iterator[None]:
    """Run the block with a pyplot that has no figures, and close those that it leaves open.

    Front ends show every open figure at the end of a cell. The figures that were open before are neither drawn on nor
    closed.
    """
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    before = dict(helpers.Gcf.figs) if helpers else {}
    if helpers:
        helpers.Gcf.figs.clear()
    try:
        yield
    finally:
        helpers = sys.modules.get("matplotlib._pylab_helpers")  # the block may have been the first to draw
        if helpers:
            with contextlib.suppress(Exception):
                helpers.Gcf.destroy_all()
            helpers.Gcf.figs.clear()
            helpers.Gcf.figs.update(before)


def attempt(look: Callable[[], T], seconds: float) -> T | BaseException:
    """Call `look` quietly and within a time limit; return its value, or what it raised."""
    try:
        with quiet(), time_limit(seconds):
            return look()
    except BaseException as problem:  # noqa: BLE001 - an answer may raise SystemExit or KeyboardInterrupt too
        return problem


def name_problem(problem: BaseException) -> str:
    """Name what was raised, for the author of the answer; its own message may misbehave too."""
    if isinstance(problem, TookTooLong):
        return TOOK_TOO_LONG
    for look in (lambda: f"{_type_name(problem)}: {_first_line(problem)}", lambda: _type_name(problem)):
        name = attempt(look, 1.0)
        if isinstance(name, str):
            return name.removesuffix(": ")[:150]
    return "an error"


def _type_name(problem: BaseException) -> str:
    return str.__str__(type(problem).__name__)


def _first_line(problem: BaseException) -> str:
    return (str.__str__(str(problem))[:1000].strip().splitlines() or [""])[0]
