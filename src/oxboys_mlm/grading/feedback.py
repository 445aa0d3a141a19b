"""Make pages of students' notebooks safe to open: nothing in them runs, or reaches out of its place.

Pages are made by nbconvert, for nbgrader's feedback and for its formgrader alike. `SafeOutputs` and `markdown`
stand in nbconvert's own places, see nbgrader_config.py. What is cleaned is cleaned by nh3, a binding of ammonia,
which parses HTML as browsers do and lets through only what is listed here.
"""

from __future__ import annotations

import html
from typing import Any

import nh3
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES

#: Shown as they are: text that the page escapes, and pictures without a program in them.
_PLAIN = {"text/plain", "image/png", "image/jpeg", "image/gif"}

#: Enough for the looks of a verdict and a table; nothing that leaves its place or fetches anything.
_STYLES = {
    *("color", "background-color", "font-weight", "font-style", "font-size", "text-align", "text-decoration"),
    *("line-height", "opacity", "max-width", "width", "vertical-align", "white-space"),
    *("border-left", "border-collapse", "border", "padding", "margin", "margin-top", "margin-bottom"),
}

_ATTRIBUTES = {
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
    if attribute == "style":
        return None if "(" in value or "\\" in value else value
    return value


def markdown(source: str) -> str:
    """Render Markdown as nbconvert does, and clean it: stands in for its filter ``markdown2html``."""
    return clean(markdown2html_mistune(source))


class SafeOutputs(Preprocessor):
    """Cleans what students' code showed, and shows their raw cells as text."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Clean one cell."""
        if cell.cell_type == "raw":
            cell.source = f"<pre>{html.escape(cell.source)}</pre>"
        elif cell.cell_type == "code":
            for output in cell.outputs:
                if "data" in output:
                    output.metadata = NotebookNode()
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
