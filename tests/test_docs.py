"""The pages say what is true: their links lead somewhere, their examples give what they print."""

from __future__ import annotations

import doctest
import re
import warnings
from pathlib import Path

import pytest
from classroom import ROOT

PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/*.md"), *ROOT.glob("benchmarks/*.md")]
)
README = (ROOT / "README.md").read_text("utf-8")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_links(page: Path) -> None:
    """Links and pictures within the repository are there, headings included."""
    for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", page.read_text("utf-8")):
        name, _, heading = (target[0] or target[1]).partition("#")
        if re.match(r"[a-z]+:", name):
            continue
        path = page.parent / name if name else page
        assert path.exists(), f"{page.name}: {name}"
        if heading:
            titles = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@each_page
def test_examples(page: Path) -> None:
    """Examples print what the page says."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        results = doctest.testfile(str(page), module_relative=False)

    assert results.failed == 0


def test_the_differences_page_has_examples() -> None:
    """The page on the original sheet lets its reader compute every number."""
    text = (ROOT / "docs" / "differences-from-the-sheet.md").read_text("utf-8")

    assert len(doctest.DocTestParser().get_examples(text)) > 20


def test_pictures_are_small() -> None:
    """Pictures are there, and none makes a clone slow."""
    pictures = list((ROOT / "docs" / "images").iterdir())

    assert len(pictures) >= 2
    assert {path.suffix for path in pictures} == {".png"}
    assert all(1_000 < path.stat().st_size < 200_000 for path in pictures)
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n") for path in pictures)
    assert all(path.name in README for path in pictures), "each is shown"


def test_every_page_is_linked() -> None:
    """Every page of docs/ is linked from the README."""
    for page in (ROOT / "docs").rglob("*.md"):
        assert str(page.relative_to(ROOT)) in README
