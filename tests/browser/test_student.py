"""A student works in JupyterLab: answers, checks, feedback, nbgrader's Validate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from browser.axe import violations
from browser.lab import Lab, jupyter_lab
from browser.notebook import OpenNotebook
from classroom import NOTEBOOKS, ROOT, answers_of, filled, read, release, settings
from nbformat.v4 import new_code_cell
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser]

NAME = "2-null-model"
RIGHT = answers_of(read(ROOT / "solutions" / "core" / f"{NAME}.ipynb"))

ML = """null_fit = smf.mixedlm("height ~ 1", data, groups=data["Subject"]).fit(reml=False)
null_fit.summary()"""

STANDARD_DEVIATIONS = """def calculate_icc(results):
    between = np.sqrt(results.cov_re.iloc[0, 0])
    within = np.sqrt(results.scale)
    return between / (between + within)"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Path:
    """Make a folder for a student's notebooks."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def lab(desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run the student's JupyterLab."""
    with jupyter_lab(desk, tmp_path_factory.mktemp("home")) as lab:
        yield lab


@pytest.fixture
def notebook(page: Page, lab: Lab, desk: Path, request: pytest.FixtureRequest) -> OpenNotebook:
    """Open the release notebook in JupyterLab, a copy for each test, with answers if the test gives some."""
    content = filled(release("core", NAME), getattr(request, "param", {}))
    folder = desk / request.node.originalname
    folder.mkdir()
    nbformat.write(content, folder / f"{NAME}.ipynb")
    page.goto(lab.url(f"{folder.name}/{NAME}.ipynb"))
    return OpenNotebook(page, content)


def test_right_answers(notebook: OpenNotebook) -> None:
    """Right answers earn full points on the spot, and the summary at the end counts them."""
    notebook.run("setup")
    for key in ("null_fit", "calculate_icc", "icc"):
        notebook.write(key, RIGHT[key])
        notebook.run(key, f"{key}-check")
    notebook.run("progress")

    for key, points in (("null_fit", 2), ("calculate_icc", 2), ("icc", 1)):
        expect(notebook.output(f"{key}-check")).to_contain_text(f"Right · {points} of {points} point")
    expect(notebook.output("icc")).to_contain_text("74.5%")
    expect(notebook.output("progress")).to_contain_text("3 of 6 answers done")


def test_mistakes_are_named(notebook: OpenNotebook, page: Page, picture: Callable[..., None]) -> None:
    """A check says which mistake was made, and gives points for what is right."""
    notebook.run("setup")
    notebook.write("null_fit", ML)
    notebook.run("null_fit", "null_fit-check")
    fit = notebook.output("null_fit-check")
    expect(fit).to_contain_text("Partly right · 1 of 2 points")
    expect(fit).to_contain_text("fitted by maximum likelihood")
    picture("check-partly-right", page, notebook.cell("task-null_fit"), notebook.cell("null_fit-check"))

    notebook.write("calculate_icc", STANDARD_DEVIATIONS)
    notebook.run("calculate_icc", "calculate_icc-check")
    function = notebook.output("calculate_icc-check")
    expect(function).to_contain_text("Not yet · 0 of 2 points")
    expect(function).to_contain_text("The proportion was taken of standard deviations")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    picture("check-dark", page, notebook.cell("task-calculate_icc"), notebook.cell("calculate_icc-check"))


def test_a_better_answer_counts(notebook: OpenNotebook) -> None:
    """Who mends an answer and checks again gets the points."""
    notebook.run("setup")
    notebook.write("null_fit", ML)
    notebook.run("null_fit", "null_fit-check")
    expect(notebook.output("null_fit-check")).to_contain_text("1 of 2 points")

    notebook.write("null_fit", RIGHT["null_fit"])
    notebook.run("null_fit", "null_fit-check")
    expect(notebook.output("null_fit-check")).to_contain_text("2 of 2 points")


@pytest.mark.parametrize(
    ("name", "cell", "moved"),
    [("6-borrowing-strength", "playing-pooling", "1 visit known"), ("7-where-is-zero", "playing-zero", "at −0.25")],
)
def test_figure_to_play_with(page: Page, lab: Lab, desk: Path, name: str, cell: str, moved: str) -> None:
    """The arrow keys move a figure's slider, which has the focus; they do not move about in the notebook."""
    content = release("beyond", name)
    nbformat.write(content, desk / f"{name}.ipynb")
    page.goto(lab.url(f"{name}.ipynb"))
    opened = OpenNotebook(page, content)
    opened.run("setup", cell)
    slider = opened.output(cell).get_by_role("slider")
    expect(slider).to_be_visible()
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
    slider.focus()
    page.keyboard.press("ArrowLeft")

    expect(slider).to_have_attribute("aria-valuetext", moved)
    expect(opened.output(cell).locator("output")).not_to_be_empty()


#: The part of JupyterLab's page that is the course's: text, and what cells show. The sign beside a heading is not.
_OURS = {
    "include": [".jp-Notebook .jp-RenderedMarkdown", ".jp-Notebook .jp-RenderedHTML"],
    "exclude": [".jp-InternalAnchorLink"],
}


def _in_both_themes(page: Page) -> Iterator[list[str]]:
    """Say what axe finds in JupyterLab's light theme, then in its dark one."""
    for scheme, light in (("light", "true"), ("dark", "false")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)
        yield violations(page, _OURS)


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_text_is_accessible(page: Page, lab: Lab, desk: Path, assignment: str, name: str) -> None:
    """Axe finds nothing in the way of people with disabilities in a notebook's text, in light and in dark."""
    content = release(assignment, name)
    nbformat.write(content, desk / f"{name}.ipynb")
    page.set_viewport_size({"width": 1200, "height": 12_000})  # JupyterLab lays out the cells that are in sight
    page.goto(lab.url(f"{name}.ipynb"))
    OpenNotebook(page, content)
    expect(page.locator(".jp-Notebook .jp-RenderedMarkdown:visible").last).to_contain_text("Hand in")

    assert list(_in_both_themes(page)) == [[], []]


#: Answers to notebook 2, and what a check says of them.
_SAID = {
    "null_fit": (ML, "Partly right"),
    "calculate_icc": (STANDARD_DEVIATIONS, "Not yet"),
    "icc": ("icc = 0.745", "Right"),
    "intercept_variance_row": ("# nothing", "No answer"),
    "icc_meaning": (RIGHT["icc_meaning"], "Recorded"),
}


def test_outputs_are_accessible(page: Page, lab: Lab, desk: Path, picture: Callable[..., None]) -> None:
    """Axe finds nothing in what checks, hints and `progress` show, whatever they have to say, in light and in dark."""
    content = filled(release("core", NAME), {key: answer for key, (answer, _) in _SAID.items()})
    for place, source in enumerate(["hint('icc')", "hint('icc')", "progress(all=True)"]):
        cell = new_code_cell(source, id=f"own-{place}")
        cell.metadata["nbgrader"] = {"grade_id": f"own-{place}"}  # the test finds it by this name
        content.cells.append(cell)
    folder = desk / "outputs"
    folder.mkdir()
    nbformat.write(content, folder / f"{NAME}.ipynb")
    page.set_viewport_size({"width": 1200, "height": 12_000})
    page.goto(lab.url(f"outputs/{NAME}.ipynb"))
    opened = OpenNotebook(page, content)
    opened.run(*[settings(cell)["grade_id"] for cell in content.cells if cell.cell_type == "code"])

    for key, (_, said) in _SAID.items():
        expect(opened.output(f"{key}-check")).to_contain_text(said)
    expect(opened.output("own-1")).to_contain_text("Hint 2")
    expect(opened.output("own-2")).to_contain_text("All notebooks in this folder")
    for found in _in_both_themes(page):
        assert found == []
        picture("outputs", page, opened.cell("progress"), opened.cell("own-2"))


def _validate(page: Page) -> Locator:
    """Press nbgrader's Validate and give the dialog with its result."""
    page.get_by_role("button", name="Validate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Validation Results")
    return dialog


@pytest.mark.parametrize("notebook", [RIGHT], indirect=True, ids=["right"])
def test_validate(notebook: OpenNotebook, page: Page) -> None:
    """Validate, of nbgrader, runs a notebook of right answers and has nothing to complain of."""
    expect(_validate(page)).to_contain_text("Success! Your notebook passes all the tests.")


@pytest.mark.parametrize("notebook", [RIGHT | {"null_fit": ML}], indirect=True, ids=["maximum likelihood"])
def test_validate_mistakes(notebook: OpenNotebook, page: Page, picture: Callable[..., None]) -> None:
    """Validate, of nbgrader, lists the checks without full points: the fit, and the number that was taken from it."""
    dialog = _validate(page)

    expect(dialog).not_to_contain_text("Success")
    expect(dialog.get_by_text("check(")).to_have_text(['check("null_fit")', 'check("icc")'])
    expect(dialog.get_by_text("Partial credit")).to_have_count(2)
    page.set_viewport_size({"width": 1100, "height": 700})
    picture("validate", page)
