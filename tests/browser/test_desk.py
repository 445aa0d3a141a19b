"""Free texts are marked at the desk by keyboard alone, and a lost connection loses nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from browser.axe import violations
from classroom import ROOT, read
from free_texts import Class
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from oxboys_mlm.grading.records import by_hand
from oxboys_mlm.grading.records.gradebook import withdraw
from oxboys_mlm.grading.records.second import read_pairs

pytestmark = [pytest.mark.browser]

ANSWERS = {
    "ada": "Most boys are above or below the common line at every visit.",
    "ben": "most boys are above, or below, the common line at *every* visit",
    "cem": "The second picture shows that **boys differ**: tall ones stay tall. If I know one height of a boy, "
    "I can guess his others, so the errors are not independent.\n\n$$y_{ij} = \\beta_0 + u_j + e_{ij}$$\n\nThe "
    "p-values of one regression are wrong, as it treats every point as another boy. <script>window.owned = 1</script>",
    "dora": "  \n",
    "emil": "Boys are alike, $\\rho$ is high.",
}


@contextmanager
def _desk(root: Path, *options: str, page: Page | None = None) -> Iterator[str]:
    """Run oxboys mark, and return the address that it prints; at last a page leaves it, which would ask it for news."""
    command = [sys.executable, "-m", "oxboys_mlm.cli", "mark", "tiny", "--course", str(root), "--no-browser", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
            if page:
                page.goto("about:blank")
        finally:
            process.terminate()  # whatever happened: a test that fails must not wait for it


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser whose pages share what they keep, and may see errors."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def tiny(tmp_path: Path) -> Class:
    """Make a class of five."""
    tiny = Class(tmp_path / "course")
    course = {cell.id: cell.source for cell in read(ROOT / "solutions" / "core" / "1-visualization.ipynb").cells}
    tiny.set_text(course["needs_multilevel_why"], course["task-needs_multilevel_why"])
    tiny.assignment.register()
    with tiny.assignment.course.gradebook() as book:
        for student, answer in ANSWERS.items():
            tiny.hand_in(book, student, answer)
    return tiny


def _entries(tiny: Class) -> dict[str, tuple[float | None, bool, str]]:
    with tiny.assignment.course.gradebook() as book:
        found = {student: tiny.standing(book, student) for student in ANSWERS}
        return {student: (each.entry.score, each.entry.waits, each.comment) for student, each in found.items()}


def _open(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text("1 of 5 marked")).to_be_visible()  # the empty one


def _press(page: Page, *keys: str) -> None:
    for name in keys:
        page.keyboard.press(name)


def _saved(page: Page) -> None:
    expect(page.get_by_role("status")).to_have_text(re.compile("^Saved"))


def _look(page: Page) -> None:
    """Come back to a page, which then asks for news."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def _find(page: Page, words: str) -> None:
    """Go to the answer with these words, by keyboard."""
    _press(page, "/")
    page.keyboard.type(words)
    expect(page.locator("#list button")).to_have_count(1)  # answers may still be on their way
    _press(page, "Enter", "Escape")
    expect(page.locator("article.current")).to_contain_text(words)


def test_by_keyboard(page: Page, tiny: Class, picture: Callable[..., None]) -> None:
    """Keys alone tick, comment, mark alike answers together, take back and move on; the gradebook has it all."""
    with _desk(tiny.root, page=page) as address:
        _open(page, address)
        assert "token" not in page.url

        _find(page, "are alike")
        _press(page, "1", "2", "c")
        page.keyboard.type("Which number? $\\rho$")
        _press(page, "Control+Enter")
        expect(page.get_by_text("2 of 5 marked")).to_be_visible()
        _saved(page)

        _find(page, "Most boys are above or")
        _press(page, "3", "c", "ArrowDown", "Enter", "Escape", "a")
        expect(page.get_by_text("4 of 5 marked")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("2 answers that say the same")
        expect(page.locator("article.current")).to_contain_text("differ")
        _press(page, "/", "Escape", "1", "2", "3")
        _saved(page)
        page.set_viewport_size({"width": 1360, "height": 900})
        picture("desk", page)

        _press(page, "4")
        _saved(page)
        _press(page, "Enter")
        expect(page.get_by_text("5 of 5 marked")).to_be_visible()
        _saved(page)
        _press(page, "u")
        expect(page.get_by_role("status")).to_have_text("Taken back")
        expect(page.get_by_text("4 of 5 marked")).to_be_visible()
        expect(page.locator("#sum")).to_have_text("2 of 2 points")
        assert page.evaluate("window.owned") is None

    comment = "Which number? $\\rho$"
    assert _entries(tiny) == {
        "ada": (0.5, False, comment),
        "ben": (0.5, False, comment),
        "cem": (2.0, True, ""),
        "dora": (None, False, ""),
        "emil": (1.0, False, comment),
    }


def test_typed_points(page: Page, tiny: Class) -> None:
    """Points are read with a comma as with a point; what is no number is said to be none, and not saved as 0."""
    with _desk(tiny.root, page=page) as address:
        _open(page, address)
        _find(page, "are alike")
        _press(page, "d")
        page.keyboard.type("1,x")
        _press(page, "Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("not a number: 1,x")
        expect(page.get_by_text("1 of 5 marked")).to_be_visible()

        _press(page, "d", "Backspace")
        page.keyboard.type("5")
        _press(page, "Tab")
        page.keyboard.type("Half of it, and a drawing.")
        _press(page, "Control+Enter")
        expect(page.get_by_text("2 of 5 marked")).to_be_visible()
        _saved(page)

    assert _entries(tiny)["emil"][:2] == (1.5, False)


def test_next_question(page: Page, tmp_path: Path) -> None:
    """When nothing waits any more, w leads to the next question; what is not shown yet takes no mark."""
    tiny = Class(tmp_path / "course")
    tiny.ask_twice()
    tiny.assignment.register()
    with tiny.assignment.course.gradebook() as book:
        tiny.hand_in(book, "ada", "Lines differ.")
    held: list[Route] = []
    closed = True

    def gate(route: Route) -> None:
        if closed:
            held.append(route)
        else:
            route.continue_()

    with _desk(tiny.root, page=page) as address:
        page.goto(address)
        expect(page.locator("article.current .text")).to_be_visible()
        _press(page, "1", "Enter")
        expect(page.get_by_text("1 of 1 marked")).to_be_visible()
        _saved(page)
        page.route("**/answers/needs_multilevel_why_again*", gate)
        _press(page, "w")
        expect(page.get_by_text("0 of 1 marked")).to_be_visible()
        expect(page.locator("article.current .text")).to_have_count(0)
        _press(page, "2", "Enter")
        expect(page.locator("#statements input:checked")).to_have_count(0)

        closed = False
        for route in held:
            route.continue_()
        expect(page.locator("article.current .text")).to_be_visible()
        _press(page, "3", "Enter")
        expect(page.get_by_text("1 of 1 marked")).to_be_visible()
        _saved(page)

    with tiny.assignment.course.gradebook() as book:
        grades = book.find_submission_notebook("t", "tiny", "ada").grades
        marks = {grade.name: grade.manual_score for grade in grades if grade.name.startswith("needs_multilevel_why")}
    assert marks == {"needs_multilevel_why": 1.0, "needs_multilevel_why_again": 0.5}


def test_lost_connection(context: BrowserContext, tiny: Class) -> None:
    """What is ticked while the desk is away is said to be unsaved, stays, and is saved when the desk is there again.

    The page that was open goes on, too.
    """
    page = context.new_page()
    with _desk(tiny.root) as address:
        _open(page, address)
        _find(page, "differ")
    _press(page, "1", "2")
    expect(page.get_by_role("alert")).to_contain_text("not saved yet")
    expect(page.locator("#sum")).to_have_text("1 of 2 points")
    assert _entries(tiny)["cem"][0] is None
    with _desk(tiny.root) as address:
        expect(page.get_by_role("alert")).to_contain_text("started anew")
        other = context.new_page()
        other.goto(address)
        expect(other.get_by_role("status")).to_contain_text("saved now")
        assert _entries(tiny)["cem"] == (1.0, True, "")
        _look(page)
        expect(page.get_by_role("status")).to_have_text("Connected")
        _press(page, "3", "Enter")
        _saved(page)
    assert _entries(tiny)["cem"] == (1.5, False, "")


def test_reply_lost(context: BrowserContext, tiny: Class) -> None:
    """A mark that was saved without the page learning of it is nobody else's: there is no clash."""
    page = context.new_page()
    with _desk(tiny.root) as address:
        _open(page, address)
        _find(page, "differ")

        def cut(route: Route) -> None:
            assert route.fetch().ok
            route.fulfill(status=503, body='{"error": "Cut off."}', content_type="application/json")

        page.route("**/save/*", cut, times=1)
        _press(page, "1", "2")
        _saved(page)
        expect(page.get_by_role("alert")).to_be_hidden()
        expect(page.locator("#sum")).to_have_text("1 of 2 points")
    assert _entries(tiny)["cem"] == (1.0, True, "")


def test_two_pages(context: BrowserContext, tiny: Class) -> None:
    """Of two pages of a desk that is away, each keeps what it could not save, and a third one saves it all."""
    one, two = context.new_page(), context.new_page()
    with _desk(tiny.root) as address:
        for page, words in ((one, "differ"), (two, "are alike")):
            _open(page, address)
            _find(page, words)
    _press(one, "1")
    _press(two, "2")
    for page in (one, two):
        expect(page.get_by_role("alert")).to_contain_text("1 mark is not saved yet")
    with _desk(tiny.root) as address:
        for page in (one, two):
            expect(page.get_by_role("alert")).to_contain_text("started anew")
        three = context.new_page()
        _open(three, address)
        expect(three.get_by_role("status")).to_contain_text("saved now")
        for words in ("differ", "are alike"):
            _find(three, words)
            expect(three.locator("#sum")).to_have_text("0.5 of 2 points")
    assert [_entries(tiny)[student] for student in ("cem", "emil")] == [(0.5, True, ""), (0.5, True, "")]


def test_undo_in_a_new_page(page: Page, tiny: Class) -> None:
    """A page that is loaded anew takes back what was marked before; what was taken back once stays so."""
    with _desk(tiny.root, page=page) as address:
        _open(page, address)
        _find(page, "differ")
        _press(page, "1")
        _saved(page)  # else both are saved at once, and taken back at once
        _press(page, "Enter")
        expect(page.get_by_text("2 of 5 marked")).to_be_visible()
        _saved(page)
        for sum_ in ("0.5 of 2 points", "No points yet"):
            page.reload()
            expect(page.get_by_text(re.compile("of 5 marked"))).to_be_visible()
            _press(page, "u")
            expect(page.get_by_role("status")).to_have_text("Taken back")
            expect(page.locator("#sum")).to_have_text(sum_)
            expect(page.locator("article.current")).to_contain_text("differ")
        page.reload()
        expect(page.get_by_text("1 of 5 marked")).to_be_visible()
        _press(page, "u")
        expect(page.get_by_role("status")).to_have_text("There is nothing to take back.")
    assert _entries(tiny)["cem"] == (None, True, "")


def test_not_there(page: Page, tiny: Class) -> None:
    """An answer that was withdrawn is said not to be there, takes no mark, and nobody is led to it."""
    with tiny.assignment.course.gradebook() as book:
        withdraw(book, "tiny", "cem")
    shutil.rmtree(tiny.root / "autograded" / "cem")
    with _desk(tiny.root, page=page) as address:
        _open(page, address)
        expect(page.get_by_role("button", name="not there")).to_be_visible()  # all answers have come
        for number in (2, 3, 4):
            expect(page.locator("article.current .text")).to_be_visible()
            _press(page, "1", "Enter")
            expect(page.get_by_text(f"{number} of 5 marked")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("Nothing waits any more")
        page.get_by_role("button", name="not there").click()
        expect(page.locator("article.current")).to_contain_text("This answer is not there now")
        _press(page, "1", "Enter", "a")
        expect(page.locator("#sum")).to_have_text("No points yet")
        expect(page.get_by_role("alert")).to_be_hidden()
    assert _entries(tiny)["cem"] == (None, True, "")


def test_two_markers(browser: Browser, tiny: Class) -> None:
    """Of two people, each with a desk and a browser, none loses an answer; a clash is shown to who was later."""
    with _desk(tiny.root) as first, _desk(tiny.root) as second:
        pages = [browser.new_context().new_page() for _ in range(2)]
        for page, address in zip(pages, (first, second), strict=True):
            _open(page, address)
            _find(page, "differ")
        one, two = pages
        _press(one, "1", "2", "Enter")
        _saved(one)
        _press(two, "3")
        expect(two.get_by_role("alert")).to_contain_text("changed by somebody else")
        expect(two.locator("#mark")).to_contain_text("You gave 0.5 points (what goes wrong)")
        expect(two.locator("#mark")).to_contain_text("Shown is what they saved: 1 point.")
        two.get_by_role("button", name="Leave theirs").press("Enter")
        expect(two.locator("#sum")).to_have_text("1 of 2 points")

        _find(two, "are alike")
        _press(two, "4", "Enter")
        _saved(two)
        _look(one)
        expect(one.get_by_text("3 of 5 marked")).to_be_visible()
        for page in pages:
            page.context.close()
    entries = _entries(tiny)
    assert (entries["cem"], entries["emil"]) == ((1.0, False, ""), (0.5, False, ""))


def test_second_person(page: Page, tiny: Class) -> None:
    """A second person marks by keyboard without seeing the first marks, and changes none of them."""
    with tiny.assignment.course.gradebook() as book:
        by_hand.prepare(book)
        for student in ("ada", "ben", "cem", "emil"):
            tiny.mark(book, "what is seen", standing=tiny.standing(book, student), comment="First comment.")
    before = _entries(tiny)
    with _desk(tiny.root, "--second", page=page) as address:
        page.goto(address)
        expect(page.get_by_role("heading", name="Second marks")).to_be_visible()
        expect(page.get_by_text("0 of 4 marked")).to_be_visible()
        _find(page, "are alike")
        expect(page.locator("#sum")).to_have_text("No points yet")
        _press(page, "1", "2", "c")
        expect(page.get_by_label("Note for the report; students do not see it")).to_be_focused()
        page.keyboard.type("Hard to say.")
        _press(page, "Control+Enter")
        expect(page.get_by_text("1 of 4 marked")).to_be_visible()
        _saved(page)
        assert "First comment" not in page.content()
    assert _entries(tiny) == before
    with tiny.assignment.course.gradebook() as book:
        (pair,) = read_pairs(book, "tiny")
        assert (pair.student, pair.first, pair.second, pair.note) == ("emil", 0.5, 1.0, "Hard to say.")


def test_clash(context: BrowserContext, tiny: Class) -> None:
    """A mark that somebody else has changed meanwhile is shown, and the marker chooses what stays."""

    def between(route: Route) -> None:
        with tiny.assignment.course.gradebook() as book:
            tiny.mark(book, "what it means", "what goes wrong", standing=tiny.standing(book, "cem"), comment="Theirs.")
        route.continue_()

    page = context.new_page()
    # Before the page is there: on a busy machine a request that is made at once may pass a route that is new.
    page.route("**/save/*", between, times=1)
    with _desk(tiny.root) as address:
        _open(page, address)
        _find(page, "differ")
        _press(page, "1")
        expect(page.get_by_role("alert")).to_contain_text("changed by somebody else")
        assert _entries(tiny)["cem"] == (1.0, False, "Theirs.")
        page.get_by_role("button", name="Save mine").click()
        expect(page.locator("#sum")).to_have_text("0.5 of 2 points")
        _saved(page)
    assert _entries(tiny)["cem"][0] == 0.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(page: Page, tiny: Class, scheme: Literal["light", "dark"]) -> None:
    """Axe finds nothing in the way of people with disabilities, on a wide screen and on a narrow one."""
    page.emulate_media(color_scheme=scheme)
    with _desk(tiny.root, page=page) as address:
        _open(page, address)
        _find(page, "differ")
        _press(page, "1", "l", "o", "q")
        _saved(page)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
