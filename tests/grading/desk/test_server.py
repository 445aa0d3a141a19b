"""The desk on a real port: what it saves, and whom it refuses."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from free_texts import KEY, RUBRIC, Class
from nbgrader.api import Gradebook

from oxboys_mlm.grading.desk import server
from oxboys_mlm.grading.desk.desk import Desk, this_person
from oxboys_mlm.grading.errors import GradingError

HOSTILE = (
    '<script>go()</script><img src=x onerror="go()"><a href="javascript:go()">x</a><p style="position:fixed">y</p>'
)
ANSWERS = {
    "ada": "Because of the lines.",
    "ben": "because of *the lines*!",
    "cem": f"Text.\n\n{HOSTILE}",
    "dora": "  \n",
    "emil": "Because of the boys.",
}


@dataclass
class Client:
    """A browser that was let in, or any other program."""

    tiny: Class
    process: subprocess.Popen[str]
    host: str
    welcome: http.client.HTTPResponse
    cookie: str = ""

    def ask(self, method: str, path: str, sent: Any = None, **headers: str | None) -> tuple[int, Any]:
        """Ask as the desk's own page does, or with other headers; return the status and what comes back."""
        own: dict[str, str | None] = {"Host": self.host, "Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}
        if method == "POST":
            own |= {"Origin": f"http://{self.host}", "Content-Type": "application/json"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        reply, body = _ask(self.host, method, path, own, None if sent is None else json.dumps(sent))
        return reply.status, json.loads(body) if "json" in reply.headers["Content-Type"] else body.decode()

    def state(self, student: str) -> dict[str, Any]:
        """Return where a student's answer stands, and what a page has to send back for it."""
        status, states = self.ask("GET", f"/states/{KEY}")
        assert status == 200
        (grade,) = [id_ for id_, name in self.ask("GET", f"/students/{KEY}")[1].items() if name == f"({student})"]
        answer = self.ask("GET", f"/answers/{KEY}?ids={grade}")[1][grade]
        return states[grade] | answer | {"id": grade}

    def save(self, state: dict[str, Any], *ticks: str, **more: Any) -> tuple[int, Any]:
        """Save a mark of one answer."""
        mark = {"id": state["id"], "stamp": state["stamp"], "seen": state["seen"], "ticks": ticks, "done": True} | more
        return self.ask("POST", f"/save/{KEY}", [mark])


def _ask(
    host: str, method: str, path: str, headers: dict[str, str | None], body: str | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    if body is not None:
        headers = headers | {"Content-Length": str(len(body.encode()))}
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(body.encode() if body is not None else None)
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    return reply, content


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Run oxboys mark for a class of five, and be the browser that opens its address."""
    tiny = Class(tmp_path_factory.mktemp("desk") / "course")
    tiny.assignment.register()
    with tiny.assignment.course.gradebook() as book:
        for student, answer in ANSWERS.items():
            tiny.hand_in(book, student, answer)
    command = [sys.executable, "-m", "oxboys_mlm.cli", "mark", "tiny", "--course", str(tiny.root), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://(127\.0\.0\.1:\d+)(/\?token=\S+)", process.stdout.readline())
            assert found, process.stderr and process.stderr.read()
            welcome, _ = _ask(found[1], "GET", found[2], {"Host": found[1], "Sec-Fetch-Site": "none"})
            client = Client(tiny, process, found[1], welcome)
            client.cookie = (welcome.headers["Set-Cookie"] or "").partition(";")[0]
            yield client
            again, _ = _ask(found[1], "GET", found[2], {"Host": found[1]})
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()  # a test that fails must not wait for it
    assert again.status == 403, "a second browser with the same address is let in"
    assert (process.returncode, "Traceback" in errors) == (130, False), errors


@pytest.fixture
def book(client: Client) -> Iterator[Gradebook]:
    """Open the gradebook, as formgrader has it."""
    with client.tiny.assignment.course.gradebook() as book:
        yield book


# ---- who is let in ---------------------------------------------------------------------------------


def test_way_in(client: Client) -> None:
    """The address becomes a cookie that no script reads and no other site sends."""
    cookie = client.welcome.headers["Set-Cookie"]

    assert client.welcome.status == 200
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert client.ask("GET", "/")[0] == 200
    assert client.ask("GET", "/?token=another", Cookie=None)[0] == 403


def test_loopback_only(client: Client) -> None:
    """It listens on this machine alone."""
    listening = [
        each.laddr.ip for each in psutil.Process(client.process.pid).net_connections() if each.status == "LISTEN"
    ]

    assert listening == ["127.0.0.1"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": None},
        {"Cookie": "oxboys-desk=guess"},
        {"Host": "localhost"},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://{host}"},
        {"Origin": "http://{host}.evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=lambda headers: "-".join(str(part) for item in headers.items() for part in item),
)
def test_refused(client: Client, headers: dict[str, str | None]) -> None:
    """Without the cookie, under another name or from another page nothing is read and nothing written."""
    headers = {name: value and value.replace("{host}", client.host) for name, value in headers.items()}
    before = client.state("emil")
    mark = {"id": before["id"], "stamp": before["stamp"], "seen": before["seen"], "ticks": ["a"], "done": True}

    assert client.ask("POST", f"/save/{KEY}", [mark], **headers)[0] == 403
    assert client.ask("POST", "/undo", "x", **headers)[0] == 403
    for path in (
        "/overview",
        f"/states/{KEY}",
        f"/answers/{KEY}?ids=",
        f"/students/{KEY}",
        f"/checks/{KEY}/x",
        "/desk.js",
    ):
        assert client.ask("GET", path, **headers)[0] == 403, path
    assert client.state("emil") == before


def test_writing_names_its_page(client: Client) -> None:
    """What does not say which page it comes from, or comes as a form would, writes nothing."""
    assert client.ask("POST", f"/save/{KEY}", [], Origin=None)[0] == 403
    assert client.ask("POST", f"/save/{KEY}", [], Content_Type="text/plain")[0] == 415
    assert client.ask("GET", f"/save/{KEY}")[0] == 405


def test_policy(client: Client) -> None:
    """The page may run its own script and nothing else; no frame, no cache, nothing from elsewhere."""
    reply, page = _ask(client.host, "GET", "/", {"Host": client.host, "Cookie": client.cookie})
    policy = reply.headers["Content-Security-Policy"]

    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Access-Control-Allow-Origin"] is None
    text = page.decode()
    assert re.findall(r"<script[^>]*>", text) == ['<script src="desk.js" defer>']
    assert not re.search(r"\son\w+=|style=|https?://", text)
    for name in ("desk.js", "desk.css"):
        assert not re.search(r"https?://\w|@import", client.ask("GET", f"/{name}")[1])


@pytest.mark.parametrize(
    "path", ["/../nbgrader_config.py", "/desk.py", "/page/index.html", "/question/other", "/%00", "/x"]
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    """There is nothing but the desk."""
    status, said = client.ask("GET", path)

    assert status in (400, 404)
    assert "Traceback" not in str(said)


@pytest.mark.parametrize("sent", [None, {}, [1], [{"id": 1}], [{"id": "x", "stamp": "", "seen": "", "score": 2}]])
def test_what_cannot_be_read(client: Client, sent: Any) -> None:
    """What is no mark is refused in words."""
    status, said = client.ask("POST", f"/save/{KEY}", sent)

    assert (status, said) == (400, {"error": "What was sent cannot be read"})


# ---- what is shown ---------------------------------------------------------------------------------


def test_blind(client: Client) -> None:
    """Nothing that the page gets before it asks for names says whose answer it is."""
    shown = json.dumps([client.ask("GET", path)[1] for path in ("/overview", f"/question/{KEY}", f"/states/{KEY}")])
    ids = list(client.ask("GET", f"/states/{KEY}")[1])
    shown += json.dumps(client.ask("GET", f"/answers/{KEY}?ids={','.join(ids)}")[1])

    assert not any(f'"{student}"' in shown or f"({student})" in shown for student in ANSWERS)
    assert sorted(client.ask("GET", f"/students/{KEY}")[1].values()) == [f"({student})" for student in sorted(ANSWERS)]
    assert ids == list(client.ask("GET", f"/states/{KEY}")[1]) == sorted(ids)


def test_rubric_is_there(client: Client) -> None:
    """The statements come with their points, and the question."""
    question = client.ask("GET", f"/question/{KEY}")[1]

    assert [(each["name"], each["points"]) for each in question["statements"]] == [
        (name, points) for name, (points, _) in RUBRIC.items()
    ]
    assert "Why?" in question["question"]


def test_answers_are_clean(client: Client) -> None:
    """An answer shows its text, and nothing of it runs, fetches or leaves its place."""
    html = client.state("cem")["html"]

    assert "Text." in html
    assert not re.search(r"<script|onerror|javascript:|position|src=", html)


def test_empty_and_alike(client: Client) -> None:
    """An empty answer is marked already; answers that say the same are known."""
    ada, ben, dora = (client.state(student) for student in ("ada", "ben", "dora"))

    assert (dora["empty"], dora["waits"], dora["alike"]) == (True, False, "")
    assert ada["alike"] == ben["alike"] != client.state("emil")["alike"]


def test_checks(client: Client) -> None:
    """What checks found in the same notebook can be seen."""
    found = client.ask("GET", f"/checks/{KEY}/{client.state('ada')['id']}")[1]

    assert [(row["name"], row["points"], row["most"]) for row in found] == [
        ("needs_multilevel", 1, 1),
        ("intercept_variance_row", 1, 1),
    ]


# ---- what is saved ---------------------------------------------------------------------------------


def test_save_and_undo(client: Client, book: Gradebook) -> None:
    """A mark is in the gradebook when the reply comes, and undo brings back what was there."""
    before = client.state("emil")
    status, done = client.save(before, "c", "a", comment="Good.")

    assert status == 200
    assert client.tiny.standing(book, "emil").entry.score == 1.5
    assert client.tiny.standing(book, "emil").comment == "Good."
    assert done["states"][before["id"]]["ticks"] == ["a", "c"]

    assert client.ask("POST", "/undo", done["step"])[0] == 200
    assert client.state("emil") == before
    assert client.ask("POST", "/undo", done["step"])[0] == 400


def test_begun(client: Client, book: Gradebook) -> None:
    """Ticks are saved at once, and the answer waits until its marker says that it is done."""
    client.save(client.state("emil"), "a", done=False)
    assert (client.state("emil")["waits"], client.state("emil")["points"]) == (True, 1.0)

    client.save(client.state("emil"), done=True)
    assert (client.state("emil")["waits"], client.state("emil")["points"]) == (False, 0.0)
    assert not client.tiny.standing(book, "emil").entry.waits


def test_comment_alone(client: Client, book: Gradebook) -> None:
    """A comment before any tick is kept and gives no points."""
    client.save(client.state("cem"), comment="Look at this again.", done=False)

    assert client.state("cem")["comment"] == "Look at this again."
    assert client.tiny.standing(book, "cem").entry.score is None


@pytest.mark.parametrize(
    ("ticks", "more", "said"),
    [
        (("a",), {"difference": 0.25}, "need a reason"),
        (("a", "b", "c"), {"difference": 0.5, "reason": "Fine."}, "would be 2.5 points; this question gives 0 to 2"),
        ((), {"difference": -0.5, "reason": "Bad."}, "would be -0.5 points"),
        (("z",), {}, "rubric has changed"),
    ],
)
def test_marks_that_cannot_be(client: Client, ticks: tuple[str, ...], more: dict[str, Any], said: str) -> None:
    """Points out of range, without a reason, or for a statement that is not there are refused."""
    before = client.state("ada")
    status, body = client.save(before, *ticks, **more)

    assert status == 400
    assert said in body["error"]
    assert client.state("ada") == before


def test_points_below_with_a_reason(client: Client) -> None:
    """Points below what the statements give are kept with their reason."""
    client.save(client.state("emil"), "a", difference=-0.25, reason="Only half said.")

    state = client.state("emil")
    assert (state["points"], state["difference"], state["reason"]) == (0.75, -0.25, "Only half said.")


def test_together(client: Client) -> None:
    """Several answers are saved in one step, and taken back in one."""
    before = [client.state("ada"), client.state("ben")]
    marks = [{key: state[key] for key in ("id", "stamp", "seen")} | {"ticks": ["a"], "done": True} for state in before]
    status, done = client.ask("POST", f"/save/{KEY}", marks)

    assert status == 200
    assert [client.state(student)["points"] for student in ("ada", "ben")] == [1.0, 1.0]
    client.ask("POST", "/undo", done["step"])
    assert [client.state("ada"), client.state("ben")] == before


def test_together_or_not(client: Client) -> None:
    """If one of several was changed meanwhile, none is saved, and that one is named."""
    ada, ben = client.state("ada"), client.state("ben")
    client.save(ben, "b", done=False)
    marks = [{key: state[key] for key in ("id", "stamp", "seen")} | {"ticks": ["a"]} for state in (ada, ben)]

    assert client.ask("POST", f"/save/{KEY}", marks) == (409, {"clash": [ben["id"]]})
    assert client.state("ada") == ada


def test_other_text(client: Client, book: Gradebook) -> None:
    """A mark for a text that is not the student's any more is not saved."""
    before = client.state("emil")
    client.tiny.hand_in(book, "emil", "Another text.")
    now = client.state("emil")

    assert now["waits"]
    assert client.save(before | {"stamp": now["stamp"]}, "a")[0] == 409
    assert client.save(now, "b")[0] == 200


def test_formgrader(client: Client, book: Gradebook) -> None:
    """Points from formgrader are shown, and stay until somebody says that they do not."""
    client.save(client.state("emil"), "a")
    client.tiny.in_formgrader(book, 0.25, "emil")
    state = client.state("emil")
    assert (state["conflict"], state["points"], state["ticked"]) == (True, 0.25, 1.0)

    assert client.save(state, "b")[0] == 400
    assert client.state("emil")["points"] == 0.25
    assert client.save(state, "a", keep=True)[0] == 200
    kept = client.state("emil")
    assert (kept["conflict"], kept["points"], kept["difference"]) == (False, 0.25, -0.75)
    client.tiny.in_formgrader(book, 2.0, "emil")
    assert client.save(client.state("emil"), "b", replace=True)[0] == 200
    assert (client.state("emil")["conflict"], client.state("emil")["points"]) == (False, 0.5)


def test_marked_in_formgrader_first(client: Client, book: Gradebook) -> None:
    """An answer that was marked in formgrader does not wait here, and is not overwritten by a tick."""
    client.tiny.in_formgrader(book, 1.5, "cem")
    state = client.state("cem")

    assert (state["elsewhere"], state["waits"], state["points"]) == (True, False, 1.5)
    assert client.save(state, "a")[0] == 400
    assert client.tiny.standing(book, "cem").entry.score == 1.5


def test_two_desks(client: Client) -> None:
    """Who saves over what somebody else has saved is told so, and sees what they saved."""
    seen = client.state("ada")
    assert client.save(seen, "a", comment="First.")[0] == 200

    status, said = client.save(seen, "b", comment="Second.")

    assert (status, said) == (409, {"clash": [seen["id"]]})
    assert (client.state("ada")["ticks"], client.state("ada")["comment"]) == (["a"], "First.")


def test_ports(tmp_path: Path) -> None:
    """Desks that run at the same time have a port each, and each is found again by a desk that is started later."""
    for _ in range(2):
        desks = [server._bind(tmp_path / "port") for _ in range(2)]
        ports = {desk.getsockname()[1] for desk in desks}
        for desk in desks:
            desk.close()
        assert {int(port) for port in (tmp_path / "port").read_text("utf-8").split()} == ports


def test_two_texts_of_one_name(client: Client, book: Gradebook) -> None:
    """Two free texts of one name are refused, and none of them is left out in silence."""
    texts = [client.tiny.text, replace(client.tiny.text, notebook="u")]
    with pytest.raises(GradingError, match=f"two free texts are called '{KEY}', in t and in u"):
        Desk(client.tiny.assignment, book, texts, "marker")


def test_who_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a machine has no name for who is logged in, the desk opens all the same."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert this_person()
