"""Turn formulas into MathML, which browsers can draw without a script and without a network."""

from __future__ import annotations

import contextlib
import html
import re
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from oxboys_mlm.grading.feedback import limits

#: Elements of formulas, without those that refer to or fetch other things (links, pictures, macros).
TAGS = {
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "mstyle"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mfrac", "msqrt", "mroot"),
    *("mtable", "mtr", "mtd"),
}
ATTRIBUTES = {
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "movablelimits"},
    "mspace": {"width"},
    "mtd": {"columnalign"},
}

#: A space that stays within its formula; a wider or negative one could cover something else.
SPACE = re.compile(r"[0-2](\.\d+)?em")

#: Definitions, which could make a short formula grow without end.
_DEFINES = re.compile(r"\\(\w*new\w*|\w*def|let|DeclareMath\w*)(?![a-z])")


def markdown2html(source: str) -> str:
    """Render Markdown as nbconvert does, with formulas as MathML. The result still has to be cleaned."""
    return str(MarkdownWithMath(renderer=_Renderer(escape=False)).render(source))


class _Renderer(IPythonRenderer):
    """Renders Markdown of one text."""

    _room = limits.FORMULAS

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Render a picture by name; the cleaner decides whether it exists and may be shown."""
        return str(super(IPythonRenderer, self).image(text, url, title))

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Render a heading, with the id that links in notebooks have for it."""
        name = html.escape(re.sub(r"<[^<>]*>", "", text).strip().replace(" ", "-"))
        return str(super(IPythonRenderer, self).heading(text, level, id=name, **attrs))

    def inline_math(self, body: str) -> str:
        """Render a formula in a line."""
        return self._formula(body, "inline")

    def block_math(self, body: str) -> str:
        """Render a displayed formula."""
        return self._formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render a formula in a LaTeX environment."""
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def _formula(self, latex: str, display: str) -> str:
        self._room -= len(latex)
        if len(latex) <= limits.FORMULA and self._room >= 0 and not _DEFINES.search(latex):
            # It raises all kinds of exceptions for invalid formulas.
            with contextlib.suppress(Exception):
                # The converter renders \sim as a letter, without the space around a relation.
                return str(convert(re.sub(r"\\sim(?![a-z])", r"\\thicksim", latex), display=display))
        source: Any = self.escape_html(latex)
        return f"<code>{source}</code>"
