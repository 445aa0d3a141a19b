"""A browser for the tests in this folder: the system's Chromium, with no way out of this machine."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from classroom import ROOT, answers_of, filled, hand_in, make_course, read, release, run
from playwright.sync_api import Browser, FloatRect, Locator, Page, Route, WebSocketRoute, expect, sync_playwright

#: Any address that is neither of this machine nor part of the page.
_ELSEWHERE = re.compile(r"^(?!(?:https?|wss?)://(?:127\.0\.0\.1|localhost|\[::1\])[:/]|(?:file|data|blob|about):)")

#: Kernels and servers start slowly on a busy machine. What is there is seen at once all the same.
_PATIENCE = 120_000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--pictures``, which pytest knows when this folder is named: pytest tests/browser --pictures docs/images."""
    parser.addoption("--pictures", metavar="DIR", help="folder for the pictures that the documents show")


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    """Find the browser, or skip what needs it before anything is built."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium; install it with: apt-get install chromium")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Start the browser.

    For one module at a time: as long as it runs, this thread counts as inside an event loop, and other tests could
    not start theirs.
    """
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            # Names of other machines are not even looked up, whoever asks, the browser itself included.
            args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """Open a page that must stay on this machine and without errors in its console.

    Both are asserted when the test is over. If it failed, a picture of the page lies in its temporary folder.
    """
    elsewhere: list[str] = []
    errors: list[str] = []

    def refuse(route: Route) -> None:
        elsewhere.append(route.request.url)
        route.abort()

    def refuse_socket(socket: WebSocketRoute) -> None:
        elsewhere.append(socket.url)
        socket.close()

    failed = request.session.testsfailed
    context = browser.new_context(
        viewport={"width": 1200, "height": 1200}, service_workers="block", reduced_motion="reduce"
    )
    context.set_default_timeout(_PATIENCE)
    context.route(_ELSEWHERE, refuse)
    context.route_web_socket(_ELSEWHERE, refuse_socket)
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    yield page
    if request.session.testsfailed > failed:
        for number, shown in enumerate(context.pages):
            shown.screenshot(path=tmp_path / f"failed-{number}.png")
        print(f"pictures of the browser: {tmp_path}")
    context.close()
    assert elsewhere == [], "requests to other machines"
    assert errors == [], "errors in the browser's console"


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., None]:
    """Return a function that takes a picture for the documents: of a page, or from one element down to another.

    It lands in the folder of ``--pictures``, without it in the test's temporary folder.
    """
    chosen = request.config.getoption("pictures", None)
    folder = Path(chosen) if chosen else tmp_path

    def take(name: str, page: Page, first: Locator | None = None, last: Locator | None = None, margin: int = 8) -> None:
        clip: FloatRect | None = None
        if first is not None:
            for element in (last or first, first):
                element.scroll_into_view_if_needed()
            top, bottom = first.bounding_box(), (last or first).bounding_box()
            assert top is not None
            assert bottom is not None
            left = max(0, min(top["x"], bottom["x"]) - margin)
            right = max(top["x"] + top["width"], bottom["x"] + bottom["width"]) + margin
            start = max(0, top["y"] - margin)
            clip = {
                "x": left,
                "y": start,
                "width": right - left,
                "height": bottom["y"] + bottom["height"] + margin - start,
            }
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", clip=clip, animations="disabled", caret="hide")

    return take


#: What would be seen if a submission's page ran any of it.
HOSTILE = """<script>window.owned = 1; document.title = "owned"</script>
<img src="x" onerror="window.owned = 2; alert(2)">
<svg onload="window.owned = 3; alert(3)"><script>window.owned = 4</script></svg>
<iframe srcdoc="<script>parent.owned = 5</script>"></iframe>
<a id="trap" href="javascript:window.owned=6" onmouseover="window.owned = 7">A heading text</a>
"""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Path:
    """Make the demo class, and one more student, mallory, whose pages would like to run something; all graded."""
    course = make_course(tmp_path_factory.mktemp("demo") / "course", "core")
    solution = answers_of(read(ROOT / "solutions" / "core" / "2-null-model.ipynb"))
    shown = f"from IPython.display import HTML, Markdown, display\ndisplay(HTML({HOSTILE!r}), Markdown({HOSTILE!r}))"
    answers = solution | {"null_fit": f"{solution['null_fit']}\n{shown}", "icc_interpretation": f"Text.\n\n{HOSTILE}"}
    notebook = filled(release("core", "2-null-model"), answers)
    notebook.cells.append(nbformat.v4.new_markdown_cell(HOSTILE))

    commands = [("oxboys", "demo", "class"), ("oxboys", "grade", "core", "--course", "class", "--student", "mallory")]
    for number, command in enumerate(commands):
        if number == 1:
            hand_in(course / "class", "mallory", "core", "2-null-model", notebook)
        done = run(*command, cwd=course)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return course / "class"
