"""The site shows the course with its executed solutions, gives no key away, and needs no network."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import website
from bs4 import BeautifulSoup
from classroom import NOTEBOOKS, ROOT, answers_of, read

from oxboys_mlm import cli, fit_null, icc, load_oxboys, questions
from oxboys_mlm.assessment.texts import ChoiceQuestion

pytestmark = [pytest.mark.site]

SOLUTIONS = {name: answers_of(read(ROOT / "solutions" / folder / f"{name}.ipynb")) for folder, name in NOTEBOOKS}
CHOICES = [
    question.key
    for notebook in questions.NOTEBOOKS
    for question in notebook.questions
    if isinstance(question, ChoiceQuestion)
]
FREE_TEXTS = {key: SOLUTIONS[notebook.name][key] for notebook in questions.NOTEBOOKS for key in notebook.free_text}

each_exercise = pytest.mark.parametrize("notebook", questions.NOTEBOOKS, ids=lambda notebook: notebook.name)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site."""
    return website.build(tmp_path_factory.getbasetemp())


def _page(site: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")


def _pages(site: Path) -> Iterator[tuple[str, BeautifulSoup]]:
    for path in sorted(site.rglob("*.html")):
        yield str(path.relative_to(site)), BeautifulSoup(path.read_text("utf-8"), "html.parser")


def _plain(text: str) -> str:
    """Leave letters and digits, for comparing what was typeset with what was written."""
    return re.sub(r"[\W_]+", " ", text).strip()


def test_every_source_is_a_page(site: Path) -> None:
    """Every source in docs/ becomes a page, and every page can be reached from the home page."""
    linked = {str(link["href"]).partition("#")[0] for link in _page(site, "index").select(".sidebar-tree a[href]")}

    for name in website.PAGES:
        assert (site / f"{name}.html").is_file()
        assert name == "index" or f"{name}.html" in linked


@each_exercise
def test_exercise(site: Path, notebook: questions.Notebook) -> None:
    """Each task that a check marks on the spot has a fold with the solution and the verdict on its run."""
    folds = _page(site, f"course/{notebook.name}").select("details.solution")
    checked = [question.key for question in notebook.questions if question.key not in CHOICES]

    assert len(folds) == len(checked)
    for fold, key in zip(folds, checked, strict=True):
        assert fold.summary is not None
        assert not fold.has_attr("open")
        assert _plain(SOLUTIONS[notebook.name][key]) in _plain(fold.get_text())
        verdict = fold.select_one('[role="status"]')
        assert verdict is not None
        assert "✔ Right" in verdict.get_text()
        assert key in verdict.get_text()


@each_exercise
def test_text_of_the_exercise(site: Path, notebook: questions.Notebook) -> None:
    """The page holds every heading of the notebook that students get, but how to hand in, and lets them download it."""
    page = _page(site, f"course/{notebook.name}")
    release = ROOT / "notebooks" / notebook.assignment / f"{notebook.name}.ipynb"
    headings = [
        heading
        for cell in read(release).cells
        if cell.cell_type == "markdown" and cell.id != "hand-in"
        for heading in re.findall(r"^#+ (.*)$", cell.source, re.MULTILINE)
    ]

    shown = [_plain(heading.get_text()) for heading in page.select("article :is(h1, h2, h3)")]
    assert shown == [_plain(heading) for heading in headings]
    assert headings
    download = page.select_one("a.download[href]")
    assert download is not None
    assert (site / "course" / str(download["href"])).resolve().read_bytes() == release.read_bytes()


def test_solutions_were_run(site: Path) -> None:
    """Behind the fold stands what the solution prints, which no stored notebook holds."""
    printed = f"ICC = {icc(fit_null(load_oxboys())):.4f}"
    folds = _page(site, "course/2-null-model").select("details.solution")

    assert any(printed in fold.get_text() for fold in folds)
    source = read(ROOT / "solutions" / "core" / "2-null-model.ipynb")
    assert all(not cell.get("outputs") for cell in source.cells)


def test_no_key_of_a_choice(site: Path) -> None:
    """No page, index, copy or left-over of the build says which option is right; each page says that it does not."""
    assigned = re.compile(rf"\b({'|'.join(CHOICES)})\s*=\s*[\"'“‘]")
    recorded = re.compile(rf'"question": ?"({"|".join(CHOICES)})"'.encode())
    checked = 0
    for path in site.parent.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            text = content.decode("utf-8", "replace")
            if path.suffix == ".html":
                text = BeautifulSoup(text, "html.parser").get_text()
            assert assigned.search(text) is None, path
            assert recorded.search(content) is None, path
            checked += 1
    assert checked > 50
    for name in ("1-visualization", "4-random-slope"):
        assert "choices are marked after you hand in" in _page(site, f"course/{name}").get_text()


def test_no_rubric(site: Path) -> None:
    """No file that the build leaves holds a sentence of a model answer or a rubric."""
    phrases = {
        _plain(phrase)
        for text in FREE_TEXTS.values()
        for phrase in re.split(r"\n\n|\n- |\"|(?<=[.:;]) ", text)
        if len(_plain(phrase).split()) >= 8  # shorter ones are anybody’s
    }
    assert len(phrases) > 50

    for path in site.parent.rglob("*"):
        if path.is_file() and path.suffix not in (".png", ".svg", ".woff2"):
            text = path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".html":
                text = BeautifulSoup(text, "html.parser").get_text()
            text = _plain(text.replace("\\n", " "))
            assert [phrase for phrase in phrases if phrase in text] == [], path


def test_no_sources(site: Path) -> None:
    """The site holds no copy of its sources; the only notebooks on it are those that students get."""
    assert list((site / "_sources").rglob("*.*")) == []

    released = {(ROOT / "notebooks" / folder / f"{name}.ipynb").read_bytes() for folder, name in NOTEBOOKS}
    assert {path.read_bytes() for path in site.rglob("*.ipynb")} == released


def test_commands_and_options(site: Path) -> None:
    """The page on the command names every command, argument and option of the program, with its help."""
    article = _page(site, "command").article
    assert article is not None
    raw = article.get_text()
    text = _plain(raw)
    (commands,) = (action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction))

    assert len(commands.choices) >= 4
    for summary in commands._choices_actions:
        assert _plain(summary.help or "") in text
    for name, command in commands.choices.items():
        assert f"oxboys {name}" in raw
        for action in command._actions:
            if action.dest != "help":
                for word in action.option_strings or [action.metavar]:
                    assert str(word) in raw
                assert _plain(action.help or "") in text


def test_nothing_from_elsewhere(site: Path) -> None:
    """No page, style sheet or script loads anything from another machine."""
    for name, page in _pages(site):
        loaded = [
            tag.get("src") or tag.get("srcset") or tag.get("data") for tag in page.select("[src], [srcset], object")
        ]
        loaded += [tag["href"] for tag in page.select("link[href]")]
        assert loaded, name
        assert [address for address in loaded if re.match(r"\s*(\w+:)?//", str(address))] == [], name
    for path in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*['\"]?\s*(?:\w+:)?//[^)]*", path.read_text("utf-8")) == [], path.name
    for path in site.rglob("*.js"):
        loads = r"(?:fetch|import|importScripts|open)\(\s*['\"`](?:GET['\"],\s*['\"])?(?:\w+:)?//"
        assert re.search(loads, path.read_text("utf-8")) is None, path.name


def test_links(site: Path) -> None:
    """Links within the site lead to a page, and to a place on it."""
    pages = {str((site / name).resolve()): page for name, page in _pages(site)}
    anchors = {name: {tag["id"] for tag in page.select("[id]")} for name, page in pages.items()}
    for name, page in pages.items():
        for link in page.select("a[href]"):
            path, _, anchor = str(link["href"]).partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            target = str((Path(name).parent / path).resolve()) if path else name
            assert Path(target).is_file(), f"{name}: {path}"
            assert not anchor or target not in anchors or anchor in anchors[target], f"{name}: {link['href']}"


def test_pictures_are_described(site: Path) -> None:
    """Every picture has a text for those who do not see it, and none is just a file's name."""
    seen = 0
    for name, page in _pages(site):
        for picture in page.select("article img"):
            seen += 1
            assert len(str(picture.get("alt", "")).split()) > 5, name
    assert seen >= 10


def test_formulas_are_mathml(site: Path) -> None:
    """Formulas stand in the pages themselves: no script has to draw them."""
    for name in ("1-visualization", "4-random-slope"):
        page = _page(site, f"course/{name}")
        assert page.select("div.math > math")
        assert not page.find(string=re.compile(r"\\(text|beta|frac|sigma)"))
