"""Clean HTML: keep only harmless content that stays within its own place.

nh3, a binding of ammonia, parses HTML as browsers do. This module lists everything that is let through: elements,
attributes, and the forms of their values. `rendering` limits the cost of cleaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

import nh3
from pygments.token import STANDARD_TYPES

from oxboys_mlm.grading.feedback import formulas, limits
from oxboys_mlm.grading.feedback.pictures import ATTACHMENT, data_url

#: Beginning of all ids within a text, and of links to them: the page's own ids, and those by which formgrader finds
#: the fields for marks and comments, are nobody else's.
ID_PREFIX = "in-text-"

#: Shown in place of a picture that cannot be shown.
NO_PICTURE = "<em>[A picture that cannot be shown: only PNG, JPEG and GIF in the notebook itself can.]</em>"

# Landmarks and image maps are left to the page itself.
_TAGS = (nh3.ALLOWED_TAGS - {"area", "article", "aside", "footer", "header", "hgroup", "map", "nav"}) | formulas.TAGS

_ATTRIBUTES = {
    **formulas.ATTRIBUTES,
    "*": {"style", "title"},
    "a": {"href", "id"},
    "div": {"role"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    **{tag: {"colspan", "rowspan", "align", "scope"} for tag in ("td", "th")},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}

#: Classes of nbconvert's own code and tables; other classes could turn any element into an overlay.
_CLASSES = {
    "div": {"highlight"},
    "table": {"dataframe"},
    "span": {name for name in STANDARD_TYPES.values() if name},
}

_LENGTH = r"(?:0|(?:\d{1,2}(?:\.\d{1,3})?|\.\d{1,3})(?:em|ex|rem|px|pt))"
_WIDTH = r"(?:auto|0|\d{1,3}(?:\.\d{1,3})?(?:em|px|pt|%)|\d{1,4}px)"
_COLOUR = r"(?:[a-z]{3,25}|#[0-9a-f]{3,8})"
_BORDER = rf"(?:none|0|{_LENGTH} (?:solid|dashed|dotted|double)(?: {_COLOUR})?)"

#: Enough to style a verdict and a table. Nothing can leave its place, cover or fetch anything: no negative or
#: unlimited lengths, and no lines lower than their letters.
_STYLES = {
    name: re.compile(form, re.IGNORECASE)
    for names, form in {
        ("color", "background-color"): _COLOUR,
        ("font-weight",): r"[a-z]{4,7}|[1-9]00",
        ("font-style", "text-align", "text-decoration", "border-collapse"): "[a-z]{3,12}",
        ("vertical-align",): "baseline|top|middle|bottom|sub|super|text-top|text-bottom",
        ("white-space",): "normal|nowrap|pre|pre-wrap|pre-line",
        ("font-size",): (
            r"(?:x-)?small|medium|(?:x-)?large|smaller|larger|(?:[5-9]|1\d)\d%|(?:[6-9]|[1-3]\d)p[xt]"
            r"|(?:0?\.[5-9]\d?|1(?:\.\d+)?|2)r?em"
        ),
        ("line-height",): r"normal|[12](?:\.\d{1,3})?",
        ("opacity",): r"1|0?\.[5-9]\d{0,2}",
        ("width", "max-width"): _WIDTH,
        ("border", "border-left", "border-right", "border-top", "border-bottom"): _BORDER,
        ("padding", "margin"): rf"(?:{_LENGTH}|auto)(?: (?:{_LENGTH}|auto)){{0,3}}",
        tuple(f"{what}-{side}" for what in ("padding", "margin") for side in ("left", "right", "top", "bottom")): (
            f"{_LENGTH}|auto"
        ),
    }.items()
    for name in names
}

#: Targets of links: other sites, or a place in the same text. Never a file beside the page, or the server that shows
#: the page.
_LINK = re.compile(r"(?:https?://|mailto:)[^\s\\]+", re.IGNORECASE)
_PLACE = re.compile(r"#[\w.~%:+-]+")

_VALUES = {
    **dict.fromkeys(("colspan", "rowspan"), re.compile(r"[1-9]\d?")),
    **dict.fromkeys(("width", "height"), re.compile(r"\d{1,4}(px|%)?")),
    "align": re.compile("left|right|center|justify"),
    "scope": re.compile("row|col|rowgroup|colgroup"),
    "role": re.compile("status"),
    "start": re.compile(r"\d{1,4}"),
    "columnalign": re.compile("(left|right|center)( (left|right|center)){0,50}"),
    "display": re.compile("inline|block"),
    "form": re.compile("prefix|infix|postfix"),
    **dict.fromkeys(("stretchy", "fence", "movablelimits"), re.compile("true|false")),
}

_WITHOUT_PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')

#: Combining marks above or below a letter; thousands of them on one letter cover the lines around it.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_PILE = re.compile(rf"([{_MARKS}]{{4}})[{_MARKS}]+")


def without_piles(text: str) -> str:
    """Remove all but four of the combining marks on one letter."""
    return _PILE.sub(r"\1", text)


def clean(html: str, attachments: Mapping[str, tuple[str, str]] | None = None) -> str:
    r"""Return HTML without active content.

    Parameters
    ----------
    html
        Any text.
    attachments
        Kind and content (base64) of the pictures that belong to it, by name.

    Examples
    --------
    >>> clean('<p onclick="go()" style="color:red;position:fixed;margin:-9em">Hi<script>go()</script></p>')
    '<p style="color:red">Hi</p>'
    >>> clean('<a href="java\tscript:go()">x</a> <a href="#here">y</a>')
    '<a rel="noopener noreferrer">x</a> <a href="#in-text-here" rel="noopener noreferrer">y</a>'
    """
    return clean_and_weigh(html, attachments or {})[0]


def clean_and_weigh(html: str, attachments: Mapping[str, tuple[str, str]]) -> tuple[str, int]:
    """Return cleaned HTML, and how many of its characters belong to pictures."""
    pictures = _Pictures(attachments)

    def value_of(tag: str, attribute: str, value: str) -> str | None:
        return pictures.url(value) if attribute == "src" else _value(tag, attribute, value)

    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        attribute_filter=value_of,
        url_schemes={"http", "https", "mailto", "attachment"},
        id_prefix=ID_PREFIX,
    )
    whole = _WITHOUT_PICTURE.sub(lambda found: found[0] if ' src="' in found[1] else NO_PICTURE, cleaned)
    # Only now, because they may have been written as entities before.
    return without_piles(whole), pictures.shown


class _Pictures:
    """Looks up the pictures of one text, and counts their size each time one is shown."""

    def __init__(self, known: Mapping[str, tuple[str, str]]) -> None:
        self._known = known
        self._urls: dict[str, str | None] = {}
        self.shown = 0

    def url(self, address: str) -> str | None:
        """Return the data URL of a picture; None for everything that would be fetched from elsewhere."""
        name = unquote(address.removeprefix(ATTACHMENT))
        if not address.startswith(ATTACHMENT) or name not in self._known:
            return None
        if name not in self._urls:
            self._urls[name] = data_url(*self._known[name])
        found = self._urls[name]
        if found is None or self.shown + len(found) > limits.PICTURES:
            return None
        self.shown += len(found)
        return found


def _value(tag: str, attribute: str, value: str) -> str | None:
    """Return an attribute's value if it is allowed, else None."""
    if attribute == "style":
        return _style(value)
    if attribute == "href":
        # Browsers remove these characters from an address before they read it.
        value = re.sub(r"[\x00-\x20\x7f]", "", value)
        if _PLACE.fullmatch(value):
            return f"#{ID_PREFIX}{value[1:]}"
        return value if _LINK.fullmatch(value) else None
    if attribute == "id":
        return value if re.fullmatch(r"\S{1,200}", value) else None
    if tag == "mspace":
        return value if formulas.SPACE.fullmatch(value) else None
    form = _VALUES.get(attribute)
    return value if form is None or form.fullmatch(value) else None


def _style(value: str) -> str | None:
    """Keep only known declarations, written so that no browser can read them in another way."""
    kept = []
    for declaration in value.split(";"):
        name, _, words = declaration.partition(":")
        name, words = name.strip().lower(), " ".join(words.split())
        if name in _STYLES and _STYLES[name].fullmatch(words):
            kept.append(f"{name}:{words}")
    return ";".join(kept) or None
