"""The report opens from disk, its tables sort by mouse and by keyboard, and everybody can use it, however large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from classroom import make_course
from playwright.sync_api import Locator, Page, expect

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.records.scores import Score
from oxboys_mlm.grading.records.second import Pair
from oxboys_mlm.grading.report import page as report
from oxboys_mlm.grading.report.agreement import agreements
from oxboys_mlm.grading.report.by_hand import Book, ByHand, StudentRow
from oxboys_mlm.grading.report.figures import analyse
from oxboys_mlm.grading.results import Outcome

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


OUTCOMES: tuple[Outcome, ...] = ("scored", "scored", "missing", "timeout")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> str:
    """Write the report on a large class, with all that it can show; return its address."""
    root = make_course(tmp_path_factory.mktemp("large") / "course", "core")
    assignment = Course(root).assignment("core")
    asked = [(exercise.name, check) for exercise in assignment.exercises for check in exercise.checks]
    scores, entries = [], {}
    for number in range(60):
        student = f"student-{number:03d}.with-a-long-login"
        entries[student] = StudentRow(
            "Ada Maria Lang", 3.5, number % 3, 20.5, "Handed in 2 hours late, which costs no points."
        )
        for place, (notebook, check) in enumerate(asked):
            kind = (number + place) % 4
            outcome = OUTCOMES[kind]
            found = (f"mistake_{number % 40}",) if kind == 1 else ()
            points = check.points * (kind == 0)
            scores.append(
                Score(student, notebook, check.key, points, check.points, outcome, found, "Look at `x` again.")
            )
    key = "icc_interpretation"
    pairs = [
        Pair("2-null-model", key, student, 2.0, number % 3, number % 2, ("one boy",), ("growth",), "It says so.")
        for number, student in enumerate(entries)
    ]
    book = Book(entries, (ByHand("2-null-model", key, 2.0, 3, 2, [1.0, 2.0]),), tuple(agreements(pairs)))
    path = root / "report.html"
    path.write_text(report.render(assignment, analyse(scores), book, 3700.0), "utf-8")
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(page: Page, large: str, scheme: Literal["light", "dark"]) -> None:
    """Axe finds nothing on a phone, in light and in dark, and the page does not scroll sideways."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(large)

    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_long_table(page: Page, large: str) -> None:
    """A link at the top leads to the students; their table keeps its headers, and whose row it is, in sight."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(large)
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Students").click()
    region = page.get_by_role("region", name="Table of students")
    region.focus()
    region.evaluate("region => region.scrollTo(400, 2000)")
    header, row = region.get_by_role("columnheader", name="Checks"), region.locator("tbody th").nth(45)

    place = region.evaluate("region => region.getBoundingClientRect().toJSON()")
    assert header.evaluate("cell => cell.getBoundingClientRect().top") == pytest.approx(place["top"], abs=1)
    assert row.evaluate("cell => cell.getBoundingClientRect().left") == pytest.approx(place["left"], abs=1)
