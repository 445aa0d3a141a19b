"""Make pages of students' notebooks safe to open: nothing in them runs, or reaches out of its place, or costs too much.

Pages are made by nbconvert, for nbgrader's feedback and for its formgrader alike. `SafeOutputs`, `markdown2html` and
`highlight_code` stand in nbconvert's own places, see nbgrader_config.py. What is in a notebook is laid out and cleaned
by `rendering`.
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

__all__ = ["PLACE", "SafeOutputs", "clean", "highlight_code", "markdown2html"]

#: Beginning of the ids that a feedback page gives to the places of its questions.
PLACE = "question-"


class _LaidOut(str):
    """A cell's source, and how it looks."""

    html: str


def markdown2html(source: str) -> str:
    """Render Markdown with its formulas, and clean it: stands in for nbconvert's filter ``markdown2html``.

    Examples
    --------
    >>> markdown2html("half: $1/2$").strip()
    '<p>half: <math display="inline"><mrow><mn>1</mn><mo>/</mo><mn>2</mn></mrow></math></p>'
    """
    return _html(source, "markdown")


def highlight_code(source: str, metadata: Any = None) -> str:
    """Show code in colours: stands in for nbconvert's filter ``highlight_code``."""
    return _html(source, "code")


def _html(source: str, kind: Kind) -> str:
    return source.html if isinstance(source, _LaidOut) else render([Markup(kind, source)])[0]


class SafeOutputs(Preprocessor):
    """Lays out and cleans what students wrote and what their code showed, and shows their raw cells as text."""

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
                place.source = _LaidOut(place.source)
                place.source.html = laid_out
        return notebook, resources


def _importance(cell: NotebookNode) -> int:
    """Order cells, as the last may cost what is left: what is marked, the course's, answers, the student's own."""
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
    """What a page still has room for of what its cells show."""

    def __init__(self) -> None:
        self._text = limits.PAGE_TEXT
        self._pictures = limits.PICTURES

    def cut(self, text: str) -> str:
        """Show the beginning of a text, and say what is left out."""
        most = min(limits.TEXT, self._text)
        self._text -= min(len(text), most)
        shown = without_piles(text[:most])
        return shown if len(text) <= most else f"{shown}\n[{len(text) - most:,} more characters are not shown here]"

    def fit(self, output: NotebookNode) -> Markup | None:
        """Keep of an output what a page shows of it; what has to be laid out for that is given back."""
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
        # nbconvert would say of a picture that it has no description.
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
