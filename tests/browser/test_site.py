"""The site in a browser: everybody can use it, on a phone, in the dark, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import website
from browser.axe import COLOURS, violations
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.site]

each_page = pytest.mark.parametrize("name", [*website.PAGES, "search"])


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without writing a line for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[str]:
    """Serve the built site, and give its address."""
    folder = website.build(tmp_path_factory.getbasetemp())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _open(page: Page, site: str, name: str) -> None:
    """Open a page with all its folds."""
    page.goto(f"{site}/{name}.html")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")


@each_page
def test_accessible(page: Page, site: str, name: str) -> None:
    """Axe finds nothing in the way of people with disabilities, in light, in dark and on a phone.

    On a phone nothing sticks out, and what scrolls by itself can be reached with the keyboard.
    """
    page.emulate_media(color_scheme="light")
    _open(page, site, name)
    assert violations(page) == []

    page.emulate_media(color_scheme="dark")
    assert violations(page) == []

    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(page, without=COLOURS) == []
    # The article was seen in these colours above. The menus of a phone are seen here alone.
    assert violations(page, {"exclude": ["article"]}) == []


def test_dark(page: Page, site: str) -> None:
    """A page is dark where the system is."""
    brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    page.emulate_media(color_scheme="dark")
    _open(page, site, "course/1-visualization")
    assert max(page.evaluate(brightness)) < 60

    page.emulate_media(color_scheme="light")
    assert min(page.evaluate(brightness)) > 200


def test_fold_with_the_keyboard(page: Page, site: str) -> None:
    """The tab key reaches a solution's fold; the return key opens it and closes it again."""
    page.goto(f"{site}/course/2-null-model.html")
    fold = page.locator("details.solution").first
    verdict = fold.get_by_role("status")
    expect(verdict).to_be_hidden()

    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    expect(fold.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(verdict).to_be_visible()
    expect(verdict).to_contain_text("Right")
    page.keyboard.press("Enter")
    expect(verdict).to_be_hidden()


def test_search(page: Page, site: str) -> None:
    """The search finds a page of the course without a server."""
    page.goto(f"{site}/search.html?q=shrinkage")

    expect(page.locator("#search-results a", has_text="3 · Growing at the same rate").first).to_be_visible()
