"""The report opens from disk, and its tables sort by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser]


@pytest.fixture
def students(page: Page, demo: Path) -> Locator:
    """Open the demo class's report from disk; give its table of students."""
    page.goto((demo / "reports" / "core" / "index.html").as_uri())
    return page.get_by_role("region", name="Table of students")


def _names(table: Locator) -> list[str]:
    return table.locator("tbody th").all_inner_texts()


def _column(table: Locator, header: str) -> Locator:
    return table.get_by_role("columnheader", name=header)


def test_sorts_by_mouse(students: Locator) -> None:
    """A click on a header sorts by it, numbers as numbers; another click turns the order round."""
    _column(students, "Checks").get_by_role("button").click()
    expect(_column(students, "Checks")).to_have_attribute("aria-sort", "ascending")
    rising = [float(text.split(" of ")[0]) for text in students.locator("tbody td:nth-child(3)").all_inner_texts()]
    assert rising == sorted(rising)
    assert rising[0] < 9 < rising[-1]
    assert _names(students)[-1] == "ada"

    _column(students, "Checks").get_by_role("button").click()
    expect(_column(students, "Checks")).to_have_attribute("aria-sort", "descending")
    assert _names(students)[0] == "ada"


def test_sorts_by_keyboard(students: Locator, page: Page) -> None:
    """Tab leads to a table's headers, and Enter and Space sort by them."""
    students.focus()
    page.keyboard.press("Tab")
    expect(_column(students, "Student").get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    assert _names(students) == sorted(_names(students))
    page.keyboard.press("Space")
    assert _names(students) == sorted(_names(students), reverse=True)
    assert len(_names(students)) == 8


def test_fetches_nothing(page: Page, demo: Path, picture: Callable[..., None]) -> None:
    """The page is one file: opening it asks for nothing else, neither from the network nor from disk."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = (demo / "reports" / "core" / "index.html").as_uri()
    page.goto(address)
    expect(page.get_by_role("heading", name="Students")).to_be_visible()
    assert [url for url in asked if not url.startswith("data:")] == [address]
    page.set_viewport_size({"width": 1100, "height": 1600})
    first = page.get_by_role("heading", name="Distribution of points")
    picture("report", page, first, page.locator("table").filter(has_text="Discrimination").first)


def test_links_lead_to_feedback(students: Locator, page: Page) -> None:
    """A student's row leads to their feedback pages."""
    page.get_by_role("link", name="ada: 2-null-model, feedback").click()
    expect(page.locator("body")).to_contain_text("How much do boys differ?")
