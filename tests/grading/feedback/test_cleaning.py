"""Cleaned HTML runs nothing, fetches nothing, stays in its place, and takes nobody's name."""

from __future__ import annotations

import re

import pytest

from oxboys_mlm.grading.feedback.cleaning import NO_PICTURE, clean

PNG = ("image/png", "iVBORw0KGgo=")
SHOWN = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:steal()", "JavaScript:steal()", "java\tscript:steal()", "java\nscript:steal()"),
        *("\x01javascript:steal()", " javascript:steal()", "javascript&colon;steal()", "vbscript:steal()"),
        *("data:text/html,steal", "da\tta:text/html,steal", "d\na\rt\ta:text/html,steal", " data:text/html,steal"),
        *("DATA:text/html,steal", "&#1;data:text/html,steal", "da&Tab;ta:text/html,steal", "blob:steal"),
        *(
            "file:///etc/passwd",
            "//example.org/steal",
            "/\\example.org",
            "\\\\example.org\\steal",
            "/formgrader?path=x",
        ),
        *("steal.html", "../steal.html", "?steal", "http:steal", "https:\\\\steal", "attachment:x", "view-source:x"),
    ],
)
def test_link_leads_nowhere(address: str) -> None:
    """A link to a script, a page made on the spot, a file, or a place on the server that shows the page is none."""
    assert "href" not in clean(f'<a href="{address}">x</a>')


@pytest.mark.parametrize("address", ["https://example.org/a?b=c#d", "http://example.org", "mailto:ada@example.org"])
def test_link_leads_elsewhere(address: str) -> None:
    """Links to other sites and to mail stay."""
    assert f'href="{address}"' in clean(f'<a href="{address}">x</a>')


def test_link_within_a_text() -> None:
    """Links and the ids that they lead to are the text's own: no id is one that the page has, or formgrader."""
    text = clean('<a href="#icc-comment">x</a><h2 id="icc-comment">y</h2><a id="question-icc">z</a><p id="top">w</p>')

    assert re.findall(r'id="([^"]*)"', text) == ["in-text-icc-comment", "in-text-question-icc"]
    assert 'href="#in-text-icc-comment"' in text


@pytest.mark.parametrize(
    "attribute",
    [
        *(
            'id="x"',
            'name="x"',
            'for="icc"',
            'form="icc"',
            'class="verdict"',
            'class="mark open"',
            'class="score tabbable"',
        ),
        *('aria-hidden="true"', 'aria-label="x"', 'role="button"', 'data-link="x"', 'tabindex="1"', 'hidden="x"'),
        *('dir="rtl"', 'lang="x"', 'slot="x"', 'is="x"', 'contenteditable="x"', 'onclick="x"', 'accesskey="s"'),
    ],
)
@pytest.mark.parametrize("tag", ["p", "div", "span", "td", "li", "img"])
def test_attribute_goes(tag: str, attribute: str) -> None:
    """Nothing that names an element, ties it to another, or gives it the page's own looks is let through."""
    assert attribute not in clean(f"<table><tr><td><{tag} {attribute}>x</{tag}></table>")


@pytest.mark.parametrize(
    "style",
    [
        *("margin:-3em", "margin:0 0 -3em", "margin-top:-1px", "margin-left:-9999px", "margin:-0.5em", "MARGIN:-1EM"),
        *("margin:999em", "padding:100000px", "margin:calc(0px - 9em)", "margin-top:var(--x)", "margin:1e9px"),
        *("position:fixed", "position:relative;top:-9em", "top:-1em", "transform:translateY(-9em)", "float:left"),
        *("line-height:0", "line-height:.1", "line-height:-1", "line-height:0px", "vertical-align:99em"),
        *("text-indent:-99em", "letter-spacing:-1em", "word-spacing:-1em", "translate:0 -9em", "inset:0"),
        *("font-size:900em", "font-size:0", "width:99999px", "width:100vw", "border:99999px solid red"),
        *("background:url(//x)", "background-color:url(x)", "color:expression(x)", "color:red!important"),
        *("co\\6cor:red", "color:r\\65 d", "color:/**/red", "content:'x'", "display:none", "z-index:9", "--x:1"),
        *("outline:9em solid", "box-shadow:0 -9em red", "clip-path:none", "margin:1em 1em 1em 1em 1em", "opacity:0"),
    ],
)
def test_style_goes(style: str) -> None:
    """No style moves anything out of its place, hides it, covers something, or fetches."""
    assert "style" not in clean(f'<p style="{style}">x</p>')
    assert 'style="color:red"' in clean(f'<p style="{style};color:red">x</p>')


@pytest.mark.parametrize(
    "style",
    [
        *("color:#d55e00", "background-color:#ffffcc", "font-weight:bold", "text-align:right", "font-size:80%"),
        *(
            "border-left:.4em solid #0072b2",
            "padding:.35em .9em",
            "margin:.3em 0",
            "max-width:46em",
            "line-height:1.45",
        ),
        *("opacity:.75", "margin-top:.25em", "white-space:pre-wrap", "vertical-align:top", "width:100%"),
    ],
)
def test_style_stays(style: str) -> None:
    """What a verdict and a table look like stays."""
    assert f'style="{style}"' in clean(f'<p style="{style}">x</p>')


@pytest.mark.parametrize(
    "source",
    [
        *("https://example.org/x.png", "//example.org/x.png", "x.png", "/x.png", "file:///x.png", "javascript:x"),
        *("data:image/svg+xml;base64,PHN2Zz4=", "data:image/png,x", "data:text/html;base64,AAAA", "attachment:other"),
        *("attachment:svg", "attachment:fake", "", "blob:x"),
    ],
)
def test_picture_goes(source: str) -> None:
    """A picture from elsewhere, or that is none, is named as one that cannot be shown."""
    attachments = {"a b.png": PNG, "svg": ("image/svg+xml", "PHN2Zz4="), "fake": ("image/png", "PHN2Zz4=")}
    assert clean(f'<img src="{source}" alt="x">', attachments) == NO_PICTURE


@pytest.mark.parametrize("source", ["attachment:a b.png", "attachment:a%20b.png"])
def test_picture_stays(source: str) -> None:
    """An attachment is shown under its name."""
    assert clean(f'<img src="{source}" alt="a > b" width="40">', {"a b.png": PNG}) == (
        f'<img src="{SHOWN}" alt="a &gt; b" width="40">'
    )


def test_picture_again_and_again() -> None:
    """One picture that a text shows thousands of times does not make the page grow without end."""
    large = "iVBORw0KGgo" + "A" * 4_000_001
    text = clean('<img src="attachment:x">' * 1000, {"x": ("image/png", large)})

    assert len(text) < 60_000_000
    assert NO_PICTURE in text


@pytest.mark.parametrize(
    "markup",
    [
        *("<header>x</header>", "<nav>x</nav>", "<aside>x</aside>", "<footer>x</footer>", "<main>x</main>"),
        *("<form>x</form>", "<input>", "<textarea>x</textarea>", "<button>x</button>", "<label>x</label>", "<style>x"),
        *("<svg><a>x</a></svg>", "<iframe>x</iframe>", "<object>x</object>", "<base>", "<meta>", "<link>", "<dialog>x"),
        *("<map><area></map>", "<math><annotation-xml>x</math>", "<math><mpadded>x</math>", "<canvas>x</canvas>"),
    ],
)
def test_element_goes(markup: str) -> None:
    """Parts of a page, fields and what shows something else than text are no part of a text."""
    name = re.findall(r"<([a-z-]+)>", markup)[1 if markup.startswith(("<math>", "<map>")) else 0]
    assert f"<{name}" not in clean(markup)


def test_cells_of_tables_stay_small() -> None:
    """A cell of a table spans as many others as tables have, not as many as a browser can count."""
    text = clean('<table><tr><td colspan="3" rowspan="65534">x</td></tr></table>')

    assert 'colspan="3"' in text
    assert "rowspan" not in text


def test_marks_do_not_pile_up() -> None:
    """Letters keep the marks that letters have, and lose those that would reach over other lines."""
    assert clean("e\u0301o" + "a" + "\u0301" * 500) == "e\u0301o" + "a" + "\u0301" * 4
