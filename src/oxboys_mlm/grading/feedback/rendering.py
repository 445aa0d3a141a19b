"""Render texts of students in a process that may be killed.

Parsers of Markdown, HTML, formulas and code need unlimited time or memory for some texts. So a helper, one for each
process that makes pages, forks a process with limits on both for every page. A text that cannot be rendered within the
limits is shown as it was typed, and cut. The helper is a separate process because the process that makes pages may have
threads, such as a Jupyter server, and cannot be forked.
"""

from __future__ import annotations

import atexit
import contextlib
import html
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection, Pipe
from typing import Literal

import msgspec

from oxboys_mlm.grading.feedback import limits, pictures
from oxboys_mlm.grading.processes import end_with_parent

Kind = Literal["markdown", "html", "code"]


class Markup(msgspec.Struct, frozen=True):
    """A text to render.

    Attributes
    ----------
    kind
        Its format.
    source
        The text itself.
    attachments
        Kind and content (base64) of the pictures that belong to it, by name.
    """

    kind: Kind
    source: str
    attachments: dict[str, tuple[str, str]] = {}


class _Done(msgspec.Struct, frozen=True):
    """A rendered text."""

    html: str
    pictures: int


_TEXTS = msgspec.msgpack.Decoder(list[Markup])
_PAGE = msgspec.msgpack.Decoder(list[str | None])
_DONE = msgspec.msgpack.Decoder(_Done | None)
_encode = msgspec.msgpack.Encoder().encode


def render(texts: Sequence[Markup]) -> list[str]:
    """Render the texts of a page as HTML without active content.

    Parameters
    ----------
    texts
        The texts, the most important first: the cost of all of them together is limited.
    """
    texts = [_without_pictures(text) for text in texts]
    room = limits.PAGE_TEXT
    chosen = []
    for number, text in enumerate(texts):
        if text.source.strip() and len(text.source) <= limits.TEXT:
            room -= len(text.source)
            if room >= 0:
                chosen.append(number)
    found: list[str | None] = [None if text.source.strip() else "" for text in texts]
    if chosen:
        for number, done in zip(chosen, _helper.page([texts[number] for number in chosen]), strict=True):
            found[number] = done
    return [as_typed(text) if done is None else done for text, done in zip(texts, found, strict=True)]


def _without_pictures(text: Markup) -> Markup:
    """Turn pictures inside a text into attachments: they are not words, and may be long."""
    if text.kind == "code":
        return text
    source, pasted = pictures.take_out(text.source)
    return Markup(text.kind, source, {**text.attachments, **pasted}) if pasted else text


def as_typed(text: Markup) -> str:
    """Return a text as it was typed, or its beginning, as HTML."""
    what = "code" if text.kind == "code" else "text"
    said = f"This {what} is too long, or would take too long, to format here. It is shown as it was typed"
    shown = text.source[: limits.PLAIN]
    if len(shown) < len(text.source):
        said += f", and only its first {len(shown):,} of {len(text.source):,} characters"
    return f'<p><em>{said}.</em></p><pre style="white-space:pre-wrap">{html.escape(shown)}</pre>'


class _Helper:
    """The helper of this process, started on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the helper if it is not running; it needs a moment to get ready."""
        with self._lock:
            self._start()

    def page(self, texts: Sequence[Markup]) -> list[str | None]:
        """Render the texts of a page; None for each that costs too much."""
        request = _encode(texts)
        with self._lock:
            for _ in range(2):  # somebody, or a lack of memory, may have ended the helper
                self._start()
                with contextlib.suppress(OSError, EOFError):
                    self._connection.send_bytes(request)
                    return _PAGE.decode(self._connection.recv_bytes())
                self._end()
        return [None] * len(texts)

    def _start(self) -> None:
        if self._process is not None:
            return
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def _end(self) -> None:
        if self._process is not None:
            self._connection.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End the helper."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """Leave the helper to the process that this one was forked from."""
        if self._process is not None:
            self._process.returncode = 0  # it is not a child of this process
        self.__init__()  # type: ignore[misc]


_helper = _Helper()
atexit.register(_helper.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helper.forget)

#: Start the helper early, while there is other work to do.
start = _helper.start


# ---- the helper -----------------------------------------------------------------------------------

#: Cache for what all pages share: short texts without pictures, such as the course's own.
_known: dict[tuple[Kind, str], _Done] = {}
_SHORT = 20_000
_MANY = 500


def _serve(connection: Connection) -> None:
    """Render one page after another, until the connection is closed."""
    _warm()
    while True:
        try:
            texts = _TEXTS.decode(connection.recv_bytes())
        except (EOFError, OSError):
            return
        connection.send_bytes(_encode(_page(texts)))


def _warm() -> None:
    """Import what every page needs before the first fork, so that no page has to."""
    for text in (Markup("markdown", "# a\n\n$x$ <b>b</b>\n\n```python\nx\n```"), Markup("code", "x = 1")):
        _lay_out(text)


def _page(texts: Sequence[Markup]) -> list[str | None]:
    """Render a page; if the process dies at a text, another one continues with the next text."""
    found = [None if text.attachments else _known.get((text.kind, text.source)) for text in texts]
    left = [number for number, done in enumerate(found) if done is None]
    seconds = limits.PAGE_SECONDS
    while left and seconds > 0:
        done, used = _some([texts[number] for number in left], seconds)
        for number, result in zip(left, done, strict=False):
            found[number] = result
        left, seconds = left[len(done) :], seconds - used
    size, shown = limits.PAGE_HTML, limits.PICTURES
    page: list[str | None] = []
    for text, result in zip(texts, found, strict=True):
        if result is not None:
            size, shown = size - len(result.html) + result.pictures, shown - result.pictures
            if len(result.html) <= _SHORT and not text.attachments:
                if len(_known) >= _MANY:
                    _known.clear()
                _known[text.kind, text.source] = result
        page.append(result.html if result is not None and size >= 0 and shown >= 0 else None)
    return page


def _some(texts: Sequence[Markup], seconds: float) -> tuple[list[_Done | None], float]:
    """Render texts up to the first that costs too much, and return the processor time used (seconds)."""
    done: list[_Done | None] = []
    here, there = Pipe(duplex=False)
    child = os.fork()
    if not child:
        here.close()
        _work(texts, there, seconds)
    there.close()
    with here, contextlib.suppress(EOFError, OSError):
        # The system limits processor time. On a busy machine a text may wait longer than that, and is not to blame.
        while len(done) < len(texts) and here.poll(20 * limits.TEXT_SECONDS):
            done.append(_DONE.decode(here.recv_bytes()))
    if len(done) < len(texts):
        done.append(None)
    os.kill(child, 9)  # not yet waited for, so the PID cannot have been reused
    used = os.wait4(child, 0)[2]
    return done, used.ru_utime + used.ru_stime


def _work(texts: Sequence[Markup], connection: Connection, seconds: float) -> None:
    """Render texts within their limits, and exit the process."""
    import resource
    import signal

    try:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_MB << 20,) * 2)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        for text in texts:
            start = _cpu()
            signal.setitimer(signal.ITIMER_PROF, max(0.01, min(limits.TEXT_SECONDS, seconds)))
            try:
                done = _lay_out(text)
            except MemoryError:
                os._exit(1)
            except Exception:  # noqa: BLE001 (parsers raise all kinds of exceptions for unusual texts)
                done = None
            connection.send_bytes(_encode(done))
            seconds -= _cpu() - start
    finally:
        os._exit(0)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


def _lay_out(text: Markup) -> _Done | None:
    """Render a text without limits on time; return None if the result is too long."""
    # Only the helper imports these.
    from nbconvert.filters.highlight import Highlight2HTML

    from oxboys_mlm.grading.feedback import cleaning, formulas

    source, size = text.source, 0
    if text.kind == "code":
        done = cleaning.without_piles(Highlight2HTML(pygments_lexer="ipython3")(source))
    else:
        source = formulas.markdown2html(source) if text.kind == "markdown" else source
        done, size = cleaning.clean_and_weigh(source, text.attachments)
    return _Done(done, size) if len(done) - size <= limits.HTML else None


if __name__ == "__main__":
    with contextlib.suppress(OSError, AttributeError):
        end_with_parent(9)
    if os.getppid() == int(sys.argv[2]):
        _serve(Connection(int(sys.argv[1])))
