"""Fit cleaned texts into a feedback page: headings in order, and a scrolling box for wide contents.

Headings that students and lecturers write continue those of the page without skipping a level. Tables and formulas may
be wider than a phone. A page has no script that could measure them, so each gets a box that the keyboard can reach.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode

from oxboys_mlm.grading.feedback.safe_outputs import LaidOut

#: A tag as nh3 writes it. Matching every tag whole makes sure that none is found inside the value of an attribute.
_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?: [^\s"=<>]+="[^"]*")*)>')
_EMPTY_HEADER = re.compile(r'<th(?: [^\s"=<>]+="[^"]*")*>\s*</th>')
_HEADING = re.compile("h[1-6]")

_DEEPEST = 6

#: Characters of a printed line that fit on the narrowest phone.
_NARROW = 34


class Headings:
    """Levels for headings, one after another.

    Parameters
    ----------
    above
        Level of the heading above them.

    Examples
    --------
    >>> headings = Headings(1)
    >>> [headings.level(own) for own in (1, 3, 3, 2, 1)]
    [2, 3, 3, 3, 2]
    """

    def __init__(self, above: int) -> None:
        self._above = above
        self._open: list[int] = []

    @property
    def current(self) -> int:
        """Level of the last heading."""
        return min(self._above + len(self._open), _DEEPEST)

    def level(self, own: int) -> int:
        """Return the level for the next heading.

        Parameters
        ----------
        own
            The level that its author gave it.
        """
        while self._open and self._open[-1] >= own:
            self._open.pop()
        self._open.append(own)
        return self.current


def fit_notebook(notebook: NotebookNode) -> None:
    """Fit all texts of a notebook into a page, which has a heading of its own above them.

    Parameters
    ----------
    notebook
        A notebook whose texts `safe_outputs.SafeOutputs` has rendered.
    """
    headings = Headings(1)
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        of_course = settings.get("grade_id") and not settings.get("solution")
        if cell.cell_type == "markdown" and isinstance(cell.source, LaidOut):
            cell.source.html = fit(cell.source.html, headings if of_course else Headings(headings.current))
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = fit(output.data["text/html"], Headings(headings.current))


def fit(html: str, headings: Headings | None = None) -> str:
    """Fit a cleaned text into a page.

    Parameters
    ----------
    html
        HTML as nh3 returns it.
    headings
        Levels for its headings; None turns headings into paragraphs, as in a comment.

    Examples
    --------
    >>> fit('<h1 id="a">A</h1><h4>B</h4>', Headings(2))
    '<h3 id="a">A</h3><h4>B</h4>'
    >>> fit("<table><tr><th></th></tr></table>", Headings(2))
    '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table><tr><td></td></tr></table></div>'
    >>> fit('<img src="data:,">', Headings(2))
    '<img src="data:," alt="Picture without a description">'
    """
    levels: list[int] = []
    # The empty corner of a table is not a header.
    html = _EMPTY_HEADER.sub("<td></td>", html)
    formulas = _wide_formulas(html)

    def tag(found: re.Match[str]) -> str:
        end, name, attributes = found["end"], found["name"], found["attributes"]
        if _HEADING.fullmatch(name):
            if headings is None:
                return "</strong></p>" if end else f"<p{attributes}><strong>"
            if not end:
                levels.append(headings.level(int(name[1])))
            level = (levels.pop() if end else levels[-1]) if levels else int(name[1])
            return f"<{end}h{level}{attributes}>"
        if name == "table":
            return f"{found[0]}</div>" if end else f"{scroll('Table')}{found[0]}"
        if name == "math" and found.start() in formulas:
            return f"{found[0]}</span>" if end else f"{scroll('Formula', 'span')}{found[0]}"
        if name == "img" and not re.search(r' alt="[^"]*[^"\s][^"]*"', attributes):
            attributes = re.sub(r' alt="[^"]*"', "", attributes)
            return f'<img{attributes} alt="Picture without a description">'
        return found[0]

    return _TAG.sub(tag, html)


def _wide_formulas(html: str) -> set[int]:
    """Return where formulas that may be too wide begin and end: displayed ones, and long ones in a line."""
    found: set[int] = set()
    begun: list[re.Match[str]] = []
    for tag in _TAG.finditer(html):
        if tag["name"] != "math":
            continue
        if not tag["end"]:
            begun.append(tag)
        elif begun:
            start = begun.pop()
            letters = len(_TAG.sub("", html[start.end() : tag.start()]))
            if ' display="block"' in start["attributes"] or letters > _NARROW / 2:
                found |= {start.start(), tag.start()}
    return found


def scroll(label: str, element: str = "div") -> str:
    """Return the tag that opens a box to scroll, which the keyboard can reach."""
    return f'<{element} class="scroll" role="group" aria-label="{label}" tabindex="0">'


def is_wide(text: str) -> bool:
    """Return whether a printed text has columns, which must not be broken over lines, and may not fit.

    >>> is_wide("a long sentence " * 9), is_wide("a   1"), is_wide(f"a{' ' * 40}1")
    (False, False, True)
    """
    return any(len(line) > _NARROW and re.search(r"\S(?:  |\t)", line) for line in text.splitlines())
