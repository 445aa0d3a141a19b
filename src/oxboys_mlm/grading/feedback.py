"""Make pages of students' notebooks safe to open: nothing in them runs, or reaches out of its place.

Pages are made by nbconvert, for nbgrader's feedback and for its formgrader alike. `SafeOutputs` and `markdown`
stand in nbconvert's own places, see nbgrader_config.py. What is cleaned is cleaned by nh3, a binding of ammonia,
which parses HTML as browsers do and lets through only what is listed here.
"""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Any

import nh3
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES

from oxboys_mlm.grading import formulas

#: Shown as they are: text that the page escapes, and pictures without a program in them.
_PLAIN = {"text/plain", "image/png", "image/jpeg", "image/gif"}

#: Enough for the looks of a verdict and a table; nothing that leaves its place or fetches anything.
_STYLES = {
    *("color", "background-color", "font-weight", "font-style", "font-size", "text-align", "text-decoration"),
    *("line-height", "opacity", "max-width", "width", "vertical-align", "white-space"),
    *("border-left", "border-collapse", "border", "padding", "margin", "margin-top", "margin-bottom"),
}

#: Beginning of the ids that a feedback page gives to the places of its questions; nobody else may use them.
PLACE = "question-"

_TAGS = nh3.ALLOWED_TAGS | formulas.TAGS

_ATTRIBUTES = {
    **formulas.ATTRIBUTES,
    "*": {"style", "title", "role"},
    "a": {"href", "id"},
    "img": {"src", "alt", "width", "height"},
    **{tag: {"colspan", "rowspan", "align", "scope"} for tag in ("td", "th")},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}

#: Classes of nbconvert's own headings, code and tables; others could make an overlay of any element.
_CLASSES = {
    "a": {"anchor-link"},
    "div": {"highlight"},
    "table": {"dataframe"},
    "span": {name for name in STANDARD_TYPES.values() if name},
}


def clean(page: str) -> str:
    """Let through what only shows something.

    Examples
    --------
    >>> clean('<p onclick="go()" style="color:red;position:fixed">Hi<script>go()</script></p>')
    '<p style="color:red">Hi</p>'
    >>> clean('<a href="javascript:go()">x</a><img src="https://example.org/seen.png">')
    '<a rel="noopener noreferrer">x</a><img>'
    """
    return nh3.clean(
        page,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        attribute_filter=_attribute,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "data"},
    )


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    """Refuse pictures from elsewhere, which tell when a page is read, and links to pages made on the spot."""
    if attribute == "src":
        return value if value.startswith(("data:image/png;", "data:image/jpeg;", "data:image/gif;")) else None
    if attribute == "href":
        return None if value.strip().lower().startswith("data:") else value
    if attribute == "id":
        return None if value.startswith(PLACE) else value
    if tag == "mspace":
        return value if formulas.SPACE.fullmatch(value) else None
    if attribute == "style":
        return None if "(" in value or "\\" in value else value
    return value


@lru_cache(maxsize=256)  # most of a page is prose that all pages share
def markdown(source: str) -> str:
    """Render Markdown with its formulas, and clean it: stands in for nbconvert's filter ``markdown2html``.

    Examples
    --------
    >>> markdown("half: $1/2$").strip()
    '<p>half: <math display="inline"><mrow><mn>1</mn><mo>/</mo><mn>2</mn></mrow></math></p>'
    """
    return clean(formulas.markdown2html(source))


class SafeOutputs(Preprocessor):
    """Cleans what students' code showed, and shows their raw cells as text."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Clean one cell."""
        if cell.cell_type == "raw":
            cell.source = f"<pre>{html.escape(cell.source)}</pre>"
        elif cell.cell_type == "code":
            for output in cell.outputs:
                if "data" in output:
                    # nbconvert would say of a picture that it has no description.
                    text = NotebookNode(alt="Picture that this cell drew")
                    output.metadata = NotebookNode({"image/png": text, "image/jpeg": text})
                    output.data = _safe(output.data)
        cell.pop("attachments", None)
        return cell, resources


def _safe(data: NotebookNode) -> NotebookNode:
    kept = NotebookNode({kind: value for kind, value in data.items() if kind in _PLAIN and isinstance(value, str)})
    if isinstance(data.get("text/html"), str):
        kept["text/html"] = clean(data["text/html"])
    elif isinstance(data.get("text/markdown"), str):
        kept["text/html"] = markdown(data["text/markdown"])
    return kept
