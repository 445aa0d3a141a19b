"""Texts are laid out in a process that may die; one that costs too much is shown as it was typed, others laid out."""

from __future__ import annotations

import os
import signal

import pytest

from oxboys_mlm.grading.feedback import limits, rendering
from oxboys_mlm.grading.feedback.rendering import Kind, Text, render

BEFORE, BEHIND = Text("markdown", "*before*"), Text("markdown", "*behind*")
PNG = ("image/png", "iVBORw0KGgo=")

COSTLY: dict[str, tuple[Kind, str]] = {
    "blanks between letters": ("markdown", "a" + " " * 90_000 + "b"),
    "blanks, too many": ("markdown", "a" + " " * 300_000 + "b"),
    "blanks at ends of lines": ("markdown", ("a" + " " * 300 + "\n") * 300),
    "environments without end": ("markdown", "\\begin{a}" * 10_000),
    "more environments": ("markdown", "\\begin{a}" * 40_000),
    "dollars": ("markdown", "$" * 90_000),
    "dollars and letters": ("markdown", "$a " * 30_000),
    "brackets": ("markdown", "[" * 90_000),
    "links without end": ("markdown", "[a](" * 20_000),
    "pictures without end": ("markdown", "![" * 45_000),
    "stars": ("markdown", "*a_" * 30_000),
    "backticks": ("markdown", "".join("`" * n + "a" for n in range(400))),
    "quotes in quotes": ("markdown", ">" * 90_000),
    "lists in lists": ("markdown", "\n".join("  " * n + "- a" for n in range(400))),
    "tables": ("markdown", "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n"),
    "link definitions": ("markdown", "\n".join(f"[{n}]: <" for n in range(9_000))),
    "comments without end": ("markdown", "<!--" * 20_000),
    "tags without end": ("markdown", "<a " * 30_000),
    "elements in elements": ("markdown", "<div>" * 18_000),
    "more elements": ("markdown", "<div>" * 300_000),
    "tags opened again": ("html", "".join(f"<b title={n}><p>" for n in range(5_000))),
    "tags opened in cells": ("html", "<table>" + "".join(f"<td><i title={n}>" for n in range(4_000))),
    "tables in tables": ("html", "<table><td>" * 8_000),
    "attributes": ("html", "<p " + " ".join(f"a{n}=1" for n in range(15_000)) + ">x"),
    "entities": ("html", "&lt;" * 24_000),
    "formulas": ("markdown", "$\\frac{1}{2}$ " * 7_000),
    "formula in itself": ("markdown", "$" + "{" * 900 + "}" * 900 + "$\n\n" + "$" + "\\sqrt{" * 120 + "}" * 120 + "$"),
    "dots": ("code", "a." * 45_000),
    "strings": ("code", "f'{" * 30_000),
    "parentheses": ("code", "(" * 90_000),
    "code without end": ("code", "x = 1\n" * 700_000),
    "code in a text": ("markdown", "```python\n" + "a." * 45_000 + "\n```"),
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_text(name: str) -> None:
    """Whatever a text costs, it has its place in the page, within bounds, and the texts around it are laid out."""
    kind, source = COSTLY[name]
    before, text, behind = render([BEFORE, Text(kind, source), BEHIND])

    assert "<em>before</em>" in before
    assert "<em>behind</em>" in behind
    assert len(text) <= limits.HTML


@pytest.mark.parametrize("name", ["blanks, too many", "more environments", "more elements", "code without end", "dots"])
def test_shown_as_typed(name: str) -> None:
    """A text that costs too much says so, and shows its beginning as it was typed."""
    kind, source = COSTLY[name]
    (text,) = render([Text(kind, source)])

    assert "would take too long, to be laid out here" in text
    assert f"of {len(source):,} characters" in text
    assert source[:10].replace("<", "&lt;").replace(">", "&gt;") in text
    assert len(text) < 6 * limits.PLAIN


def test_costly_page() -> None:
    """A page of nothing but costly texts comes to an end, with the first texts laid out."""
    texts = [BEFORE, *(Text("code", f"a{n}." * 30_000) for n in range(30))]
    page = render(texts)

    assert "<em>before</em>" in page[0]
    assert all("would take too long" in text for text in page[1:])


def test_long_page() -> None:
    """All texts of a page together have a length up to which they are laid out."""
    page = render([Text("markdown", f"*{n}* " + "a" * 90_000) for n in range(20)])

    assert "<em>0</em>" in page[0]
    assert "would take too long" in page[-1]
    assert sum(map(len, page)) < limits.PAGE_HTML


def test_pictures() -> None:
    """An attachment is shown, and a picture within the text; one that is missing, or is none, is named as such."""
    source = (
        "![a](attachment:a.png) ![b](data:image/png;base64,iVBORw0KGgo=) ![c](attachment:c.png) ![d](attachment:d.svg)"
    )
    attachments = {"a.png": PNG, "d.svg": ("image/svg+xml", "PHN2Zz4=")}
    (text,) = render([Text("markdown", source, attachments)])

    assert text.count('<img src="data:image/png;base64,iVBORw0KGgo="') == 2
    assert text.count("A picture that cannot be shown") == 2


def test_large_picture_within_a_text() -> None:
    """A photograph pasted into a text as Colab does it is shown, and does not count as words."""
    picture = "iVBORw0KGgoAAAANSUhEUgAAACgAAAAe" + "A" * 4_000_000
    (text,) = render([Text("markdown", f"my *sketch* ![](data:image/png;base64,{picture})")])

    assert f'src="data:image/png;base64,{picture}"' in text
    assert "<em>sketch</em>" in text


def test_pictures_of_a_page() -> None:
    """All pictures of a page together have a size up to which they are shown."""
    picture = "iVBORw0KGgoAAAANSUhEUgAAACgAAAAe" + "A" * 8_000_000
    page = render([Text("markdown", f"![](attachment:{n})", {str(n): ("image/png", picture)}) for n in range(8)])

    assert "<img" in page[0]
    assert "<img" not in page[-1]
    assert sum(map(len, page)) < 1.1 * limits.PICTURES


def test_helper_is_ended() -> None:
    """A helper that was ended, as when memory is short, is started again."""
    assert "<em>before</em>" in render([BEFORE])[0]
    process = rendering._helper._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert "<em>behind</em>" in render([BEHIND])[0]


def test_links_to_headings() -> None:
    """A link to a heading of one's own leads there, as in Jupyter."""
    (text,) = render([Text("markdown", "[go](#My-own-part)\n\n## My *own* part")])

    assert 'href="#in-text-My-own-part"' in text
    assert 'id="in-text-My-own-part"' in text
