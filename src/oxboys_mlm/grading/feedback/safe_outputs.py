"""Make pages of students' notebooks safe to open: nothing in them runs, leaves its place, or costs too much.

nbconvert makes the pages, for nbgrader's feedback and for its formgrader alike. nbgrader_config.py registers
`SafeOutputs`, `markdown2html` and `highlight_code` with nbconvert. `rendering` renders and cleans the contents of a
notebook.
"""

from __future__ import annotations

import html
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from oxboys_mlm.grading.feedback import limits
from oxboys_mlm.grading.feedback.cleaning import clean, without_piles
from oxboys_mlm.grading.feedback.pictures import data_url
from oxboys_mlm.grading.feedback.rendering import Kind, Markup, render
from oxboys_mlm.grading.records import outputs

__all__ = ["PLACE", "LaidOut", "SafeOutputs", "clean", "highlight_code", "markdown2html"]

#: Prefix of the ids that a feedback page gives to its questions.
PLACE = "question-"


class LaidOut(str):
    """A cell's source, with its HTML."""

    html: str


def markdown2html(source: str) -> str:
    """Render Markdown with its formulas, and clean it: replaces nbconvert's filter ``markdown2html``.

    Examples
    --------
    >>> markdown2html("half: $1/2$").strip()
    '<p>half: <math display="inline"><mrow><mn>1</mn><mo>/</mo><mn>2</mn></mrow></math></p>'
    """
    return _html(source, "markdown")


def highlight_code(source: str, metadata: Any = None) -> str:
    """Highlight code: replaces nbconvert's filter ``highlight_code``."""
    return _html(source, "code")


def _html(source: str, kind: Kind) -> str:
    return source.html if isinstance(source, LaidOut) else render([Markup(kind, source)])[0]


class SafeOutputs(Preprocessor):
    """Renders and cleans texts and outputs of students, and shows their raw cells as text."""

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Prepare a notebook."""
        outputs.make_valid(notebook)
        cells = sorted(notebook.cells, key=_importance)
        room = _Room()
        texts: list[Markup] = []
        places: list[NotebookNode] = []
        for cell in cells:
            if cell.cell_type == "raw":
                cell.source = f"<pre>{html.escape(room.cut(cell.source))}</pre>"
            else:
                texts.append(
                    Markup(
                        "code" if cell.cell_type == "code" else "markdown",
                        cell.source,
                        pictures_of(cell.get("attachments")),
                    )
                )
                places.append(cell)
            for output in cell.get("outputs", ()):
                text = room.fit(output)
                if text is not None:
                    texts.append(text)
                    places.append(output)
            cell.pop("attachments", None)
        for place, laid_out in zip(places, render(texts), strict=True):
            if "output_type" in place:
                place.data = NotebookNode({"text/html": laid_out})
            else:
                place.source = LaidOut(place.source)
                place.source.html = laid_out
        return notebook, resources


def _importance(cell: NotebookNode) -> int:
    """Rank cells by importance: graded, the course's, answers, the student's own; the last share what is left."""
    settings = cell.metadata.get("nbgrader", {})
    if settings.get("grade"):
        return 0
    return 3 if not settings.get("grade_id") else 2 if settings.get("solution") else 1


def pictures_of(attachments: Any) -> dict[str, tuple[str, str]]:
    """List the pictures among a cell's attachments: kind and content, by name."""
    found = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for kind in ("image/png", "image/jpeg", "image/gif"):
            content = bundle.get(kind) if isinstance(bundle, dict) else None
            if isinstance(content, list):
                content = "".join(part for part in content if isinstance(part, str))
            if isinstance(content, str):
                found[name] = (kind, content)
                break
    return found


class _Room:
    """Space that a page has left for outputs."""

    def __init__(self) -> None:
        self._text = limits.PAGE_TEXT
        self._pictures = limits.PICTURES

    def cut(self, text: str) -> str:
        """Return the beginning of a text, with a note on what is left out."""
        most = min(limits.TEXT, self._text)
        self._text -= min(len(text), most)
        shown = without_piles(text[:most])
        return shown if len(text) <= most else f"{shown}\n[{len(text) - most:,} more characters are not shown here]"

    def fit(self, output: NotebookNode) -> Markup | None:
        """Reduce an output to what a page shows, and return the text that has to be rendered for it, if any."""
        if output.output_type == "stream":
            output.text = self.cut(output.text)
        elif output.output_type == "error":
            output.ename, output.evalue = output.ename[:200], output.evalue[: limits.PLAIN]
            output.traceback = self.cut("\n".join(output.traceback)).split("\n")
        else:
            return self._bundle(output)
        return None

    def _bundle(self, output: NotebookNode) -> Markup | None:
        data = output.data
        # Otherwise nbconvert would write that the picture has no description.
        alt = NotebookNode(alt="Picture that this cell drew")
        output.metadata = NotebookNode({"image/png": alt, "image/jpeg": alt})
        output.data = NotebookNode()
        kinds: tuple[tuple[str, Kind], ...] = (("text/html", "html"), ("text/markdown", "markdown"))
        for mime, kind in kinds:
            if mime in data:
                return Markup(kind, data[mime])
        for mime in ("image/png", "image/jpeg"):
            url = data_url(mime, data.get(mime))
            if url is not None and len(url) <= self._pictures:
                self._pictures -= len(url)
                output.data[mime] = url.partition(",")[2]
                return None
        output.data["text/plain"] = self.cut(data.get("text/plain", ""))
        return None
