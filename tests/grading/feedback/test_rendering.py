"""Texts are laid out in a process that may die; one that costs too much is shown as it was typed, others laid out."""

from __future__ import annotations

import os
import signal

import pytest
from attacks.catalogue import TEXTS

from oxboys_mlm.grading.feedback import limits, rendering
from oxboys_mlm.grading.feedback.rendering import Markup, render

BEFORE, BEHIND = Markup("markdown", "*before*"), Markup("markdown", "*behind*")
PNG = ("image/png", "iVBORw0KGgo=")


@pytest.mark.parametrize("name", TEXTS)
def test_costly_text(name: str) -> None:
    """Whatever a text costs, it has its place in the page, within bounds, and the texts around it are laid out."""
    kind, source = TEXTS[name]
    before, text, behind = render([BEFORE, Markup(kind, source), BEHIND])

    assert "<em>before</em>" in before
    assert "<em>behind</em>" in behind
    assert len(text) <= limits.HTML


@pytest.mark.parametrize("name", ["blanks, too many", "more environments", "more elements", "code without end", "dots"])
def test_shown_as_typed(name: str) -> None:
    """A text that costs too much says so, and shows its beginning as it was typed."""
    kind, source = TEXTS[name]
    (text,) = render([Markup(kind, source)])

    assert "would take too long, to format here" in text
    assert f"of {len(source):,} characters" in text
    assert source[:10].replace("<", "&lt;").replace(">", "&gt;") in text
    assert len(text) < 6 * limits.PLAIN


def test_costly_page() -> None:
    """A page of nothing but costly texts comes to an end, with the first texts laid out."""
    texts = [BEFORE, *(Markup("code", f"a{n}." * 30_000) for n in range(30))]
    page = render(texts)

    assert "<em>before</em>" in page[0]
    assert all("would take too long" in text for text in page[1:])


def test_long_page() -> None:
    """All texts of a page together have a length up to which they are laid out."""
    page = render([Markup("markdown", f"*{n}* " + "a" * 90_000) for n in range(20)])

    assert "<em>0</em>" in page[0]
    assert "would take too long" in page[-1]
    assert sum(map(len, page)) < limits.PAGE_HTML


def test_pictures() -> None:
    """An attachment is shown, and a picture within the text; one that is missing, or is none, is named as such."""
    source = (
        "![a](attachment:a.png) ![b](data:image/png;base64,iVBORw0KGgo=) ![c](attachment:c.png) ![d](attachment:d.svg)"
    )
    attachments = {"a.png": PNG, "d.svg": ("image/svg+xml", "PHN2Zz4=")}
    (text,) = render([Markup("markdown", source, attachments)])

    assert text.count('<img src="data:image/png;base64,iVBORw0KGgo="') == 2
    assert text.count("A picture that cannot be shown") == 2


def test_large_picture_within_a_text() -> None:
    """A photograph pasted into a text as Colab does it is shown, and does not count as words."""
    picture = "iVBORw0KGgoAAAANSUhEUgAAACgAAAAe" + "A" * 4_000_000
    (text,) = render([Markup("markdown", f"my *sketch* ![](data:image/png;base64,{picture})")])

    assert f'src="data:image/png;base64,{picture}"' in text
    assert "<em>sketch</em>" in text


def test_pictures_of_a_page() -> None:
    """All pictures of a page together have a size up to which they are shown."""
    picture = "iVBORw0KGgoAAAANSUhEUgAAACgAAAAe" + "A" * 8_000_000
    page = render([Markup("markdown", f"![](attachment:{n})", {str(n): ("image/png", picture)}) for n in range(8)])

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
    (text,) = render([Markup("markdown", "[go](#My-own-part)\n\n## My *own* part")])

    assert 'href="#in-text-My-own-part"' in text
    assert 'id="in-text-My-own-part"' in text
