"""An instructor marks a free text in formgrader, hands back feedback, and is safe from what was handed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.lab import Lab, jupyter_lab
from classroom import run
from nbgrader.api import Gradebook
from playwright.sync_api import Dialog, FrameLocator, Page, expect

pytestmark = [pytest.mark.browser]

NAME = "2-null-model"
COMMENT = "Well put. What else lies within a boy: two years of growth?"


@pytest.fixture(scope="module")
def lab(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run the instructor's JupyterLab in the course folder."""
    with jupyter_lab(demo, tmp_path_factory.mktemp("home")) as lab:
        yield lab


#: As much of MathJax as formgrader's own script needs.
MATHJAX = "window.MathJax = {Hub: {Config() {}, Configured() {}, Queue() {}, Startup: {signal: {Interest() {}}}}};"


@pytest.fixture(autouse=True)
def _mathjax(page: Page) -> None:
    """Hand formgrader a stand-in for MathJax, which nbgrader fetches from the network."""
    page.context.route(
        "https://cdnjs.cloudflare.com/ajax/libs/mathjax/**",
        lambda route: route.fulfill(body=MATHJAX, content_type="text/javascript"),
    )


def _submissions(demo: Path, *students: str) -> dict[str, str]:
    """Return nbgrader's ids of students' notebooks, and whose they are, in the order in which formgrader shows them."""
    with Gradebook(f"sqlite:///{demo / 'gradebook.db'}") as book:
        return dict(sorted((book.find_submission_notebook(NAME, "core", name).id, name) for name in students))


def _open_formgrader(page: Page, lab: Lab) -> FrameLocator:
    """Open formgrader from JupyterLab's menu."""
    page.goto(lab.url())
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Formgrader").click()
    return page.frame_locator("iframe[src*='formgrader']")


def test_marks_come_back(page: Page, lab: Lab, demo: Path, picture: Callable[..., None]) -> None:
    """A graded class stands in formgrader; points and a comment for a free text get from there to the feedback page."""
    # Two students have answered in their own words. The first of them is not the last of the class.
    submission, student = next(iter(_submissions(demo, "ada", "bela").items()))

    formgrader = _open_formgrader(page, lab)
    expect(formgrader.get_by_role("row").filter(has_text="core")).to_contain_text("8")
    formgrader.get_by_role("link", name="Manual Grading").click()
    formgrader.get_by_role("link", name="core").click()
    formgrader.get_by_role("link", name=NAME).click()
    formgrader.locator(f"a[href*='{submission}']").first.click()

    place = formgrader.get_by_text("Submission ").first
    first = place.inner_text()
    points, comment = formgrader.locator("#icc_interpretation"), formgrader.locator("#icc_interpretation-comment")
    answer = formgrader.locator(".nbgrader_cell", has=points)
    expect(formgrader.locator("#null_fit-check")).to_have_attribute("placeholder", re.compile(r"\d"))  # is loaded
    points.fill("1.5")
    comment.fill(COMMENT)
    comment.blur()
    for icon in ("score-saved", "comment-saved"):
        expect(answer.locator(f".{icon}")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    answer.scroll_into_view_if_needed()
    picture("formgrader", page)

    formgrader.get_by_role("link", name="Next").click()
    expect(place).not_to_have_text(first)

    done = run("nbgrader", "generate_feedback", "core", "--force", "--student", student, cwd=demo)
    assert done.returncode == 0, done.stderr
    page.goto((demo / "feedback" / student / "core" / f"{NAME}.html").as_uri())
    expect(page.get_by_role("row").filter(has_text="icc_interpretation").first).to_contain_text("1.5 of 2")
    expect(page.locator("body")).to_contain_text(COMMENT)
    page.set_viewport_size({"width": 960, "height": 760})
    picture("feedback-page", page)


def test_nothing_handed_in_runs(page: Page, lab: Lab, demo: Path) -> None:
    """A submission full of scripts is shown in formgrader, and none of them runs."""
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    (submission,) = _submissions(demo, "mallory")

    _open_formgrader(page, lab).get_by_role("link", name="Manual Grading").wait_for()
    page.goto(f"{lab.address}formgrader/submissions/{submission}/")
    expect(page.locator("#null_fit-check")).to_have_attribute("placeholder", "2")
    title = page.title()
    traps = page.locator("a").filter(has_text="A heading text")
    expect(traps).to_have_count(4)  # an answer, a cell of their own, two outputs
    for trap in traps.all():
        trap.hover()
    assert dialogs == []
    assert page.evaluate("window.owned") is None
    assert "owned" not in title
    assert page.locator("#notebook iframe, #notebook svg").count() == 0
