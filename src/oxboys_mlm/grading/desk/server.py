"""Serve the desk to one browser on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import webbrowser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from nbgrader.api import Gradebook
from sqlalchemy.exc import SQLAlchemyError
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, HTTPError, RequestHandler

from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.desk.access import Access
from oxboys_mlm.grading.desk.desk import Desk, Refused, Save, check_has_answers, this_person
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.records import by_hand, following
from oxboys_mlm.grading.records.by_hand import Clash, Followed
from oxboys_mlm.grading.records.second import SecondMarks

_PAGE = Path(__file__).parent / "page"

_FILES = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
}

#: The page runs its own script and no other, talks to nobody else, and stands in no other page. Answers may have the
#: few styles that the cleaner lets through.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

#: Number of earlier ports that are remembered.
_PORTS = 8

#: Largest request: the marks of a whole class, with comments (bytes).
_MOST = 5_000_000

# From the desk's own page, so that the browser takes it for a step within one site and sends the cookie along.
_WELCOME = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Marking desk</title><link rel="icon" href="data:,">'
    '<meta http-equiv="refresh" content="0;url=/"><a href="/">Marking desk</a>'
)

_USED = (
    "This address lets one browser in, and has been used. Go on in that browser, or stop oxboys mark (Ctrl-C), "
    "start it again, and open the address that it prints then.\n"
)


class _Handler(RequestHandler):
    """What all answers of the desk have in common."""

    def initialize(self, desk: Desk, access: Access) -> None:
        self.desk, self.access = desk, access

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Type", "application/json; charset=utf-8")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse all that does not come from the desk's own page in the browser that was let in."""
        headers = self.request.headers
        reason = self.access.refusal(
            self.request.method or "", self.request.host, headers.get("Origin"), headers.get("Sec-Fetch-Site")
        )
        if reason and not (self.open_to_links and reason == "the request comes from another site"):
            raise HTTPError(403, reason=reason.capitalize())
        if not self.open_to_links and not self.access.knows(self.get_cookie(self.access.cookie)):
            raise HTTPError(403, reason="This browser was not let in")

    #: Whether somebody may come here by a link, and without the cookie.
    open_to_links = False

    def write_error(self, status_code: int, **more: Any) -> None:
        """Say what is wrong, without a traceback."""
        self.finish({"error": self._reason})

    def reply(self, make: Callable[[], Any]) -> None:
        """Reply with what is made, or say why there is nothing."""
        try:
            self.finish(json.dumps(make()))
        except Clash as clash:
            self.set_status(409)
            self.finish({"clash": list(clash.grades)})
        except Refused as refused:
            self.set_status(400)
            self.finish({"error": str(refused)})
        except (SQLAlchemyError, OSError):
            self.set_status(503)
            self.finish({"error": "The gradebook cannot be written now."})

    def sent(self, kind: Any) -> Any:
        """Read what was sent."""
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise HTTPError(415, reason="JSON is expected")
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except msgspec.MsgspecError as error:
            raise HTTPError(400, reason="What was sent cannot be read") from error


class _Start(_Handler):
    """The page itself, and the way in."""

    open_to_links = True

    def get(self) -> None:
        if self.access.knows(self.get_cookie(self.access.cookie)):
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(_WELCOME if self.request.query else (_PAGE / "index.html").read_bytes())
        elif self.access.take(self.get_query_argument("token", "")):
            self.set_cookie(self.access.cookie, self.access.secret, httponly=True, samesite="Strict", path="/")
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(_WELCOME)
        else:
            self.set_status(403)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(_USED)


class _File(_Handler):
    """The style sheet and the script."""

    def get(self, name: str) -> None:
        if name not in _FILES:
            raise HTTPError(404)
        self.set_header("Content-Type", _FILES[name])
        self.finish((_PAGE / name).read_bytes())


class _Overview(_Handler):
    def get(self) -> None:
        self.reply(self.desk.overview)


class _Question(_Handler):
    def get(self, key: str) -> None:
        self.reply(lambda: self.desk.question(key))


class _States(_Handler):
    def get(self, key: str) -> None:
        self.reply(lambda: self.desk.states(key))


class _Students(_Handler):
    def get(self, key: str) -> None:
        self.reply(lambda: self.desk.students(key))


#: Lays out answers, which may take seconds, while marks are saved.
_beside = ThreadPoolExecutor(1)


class _Answers(_Handler):
    async def get(self, key: str) -> None:
        try:
            owners = self.desk.owners(key)
        except Refused as refused:
            raise HTTPError(404, reason=str(refused)) from None
        wanted = set(self.get_query_argument("ids", "").split(","))
        chosen = {grade: student for grade, student in owners.items() if grade in wanted}
        found = await IOLoop.current().run_in_executor(_beside, self.desk.answers, key, chosen)
        self.finish(json.dumps(found))


class _Checks(_Handler):
    def get(self, key: str, grade: str) -> None:
        self.reply(lambda: self.desk.checks(key, grade))


class _Save(_Handler):
    def post(self, key: str) -> None:
        saves = self.sent(list[Save])
        self.reply(lambda: self.desk.save(key, saves))


class _Undo(_Handler):
    def post(self) -> None:
        step = self.sent(str)
        self.reply(lambda: self.desk.undo(step))


def application(desk: Desk, access: Access) -> Application:
    """Return the desk's addresses."""
    parts = {"desk": desk, "access": access}
    routes: list[tuple[str, type[_Handler]]] = [
        (r"/", _Start),
        (r"/(desk\.css|desk\.js)", _File),
        (r"/overview", _Overview),
        (r"/question/(\w+)", _Question),
        (r"/states/(\w+)", _States),
        (r"/students/(\w+)", _Students),
        (r"/answers/(\w+)", _Answers),
        (r"/checks/(\w+)/(\w+)", _Checks),
        (r"/save/(\w+)", _Save),
        (r"/undo", _Undo),
    ]
    return Application(
        [(path, handler, parts) for path, handler in routes],
        default_handler_class=_NotFound,
        default_handler_args=parts,
        log_function=lambda handler: None,
    )


class _NotFound(_Handler):
    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


def serve(
    assignment: Assignment,
    say: Callable[[str], None],
    followed: Callable[[Followed], None],
    *,
    browser: bool,
    share: float | None = None,
) -> None:
    """Serve the desk until somebody stops it.

    Parameters
    ----------
    assignment
        What is marked.
    say
        Called with lines for the terminal.
    followed
        Called with what became of marks whose rubric has changed.
    browser
        Whether to open the browser.
    share
        Which share of the answers a second person marks here; None for the first marks.
    """
    texts = free_texts(assignment)
    for name in ("tornado.access", "tornado.general"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    with assignment.course.gradebook() as gradebook:
        followed(following.follow(assignment, gradebook, texts))
        marker = this_person()
        desk = Desk(assignment, gradebook, texts, marker)
        check_has_answers(desk)
        port = "desk-port"
        if share is not None:
            all_answers = sum(question["answers"] for question in desk.overview()["questions"])
            desk = Desk(assignment, gradebook, texts, marker, SecondMarks(assignment, share))
            _explain(desk, all_answers, gradebook, say)
            port = "second-desk-port"  # a page of the other desk must not find this one in its place
        asyncio.run(_run(desk, assignment.course.root / ".oxboys" / port, say, browser=browser))


def _explain(desk: Desk, all_answers: int, gradebook: Gradebook, say: Callable[[str], None]) -> None:
    """Say what a second person marks here."""
    overview = desk.overview()
    drawn = [grade for question in overview["questions"] for grade in desk.owners(question["key"])]
    if not drawn:
        raise GradingError(f"every free text of {overview['assignment']!r} was left empty, so there is nothing to mark")
    say(
        f"Second marks: {len(drawn)} of {all_answers} answers, drawn at random, the same ones when you start this "
        "again. The first marks are not shown, and yours do not change them."
    )
    if any(kept.marker == overview["marker"] for kept in by_hand.read_kept(gradebook, drawn).values()):
        say(
            f"{overview['marker']}, under whose name you are logged in, gave first marks of these answers. Second "
            "marks say something only if another person gives them."
        )


async def _run(desk: Desk, noted: Path, say: Callable[[str], None], *, browser: bool) -> None:
    listening = _bind(noted)
    listening.setblocking(False)
    port = listening.getsockname()[1]
    access = Access(port)
    server = HTTPServer(application(desk, access), max_buffer_size=_MOST)
    server.add_sockets([listening])
    say(f"Marking desk: {access.address}")
    say("The address lets one browser on this machine in. Stop with Ctrl-C; every mark is saved as you give it.")
    if browser:
        await asyncio.get_running_loop().run_in_executor(None, webbrowser.open, access.address)
    await asyncio.Event().wait()


def _bind(noted: Path) -> socket.socket:
    """Listen on this machine alone: at the port of an earlier desk, where a page may still hold marks, or at any.

    Desks that run at the same time have a port each, and each finds one of these again.
    """
    ports: list[str] = []
    with contextlib.suppress(OSError, ValueError):
        ports = noted.read_text("utf-8").split()
    for port in ports:
        with contextlib.suppress(OSError, ValueError, OverflowError):
            return socket.create_server(("127.0.0.1", int(port)))
    found = socket.create_server(("127.0.0.1", 0))
    write_whole(noted, "\n".join([str(found.getsockname()[1]), *ports[:_PORTS]]))
    return found
