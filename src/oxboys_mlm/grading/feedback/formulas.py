"""Turn formulas into MathML, which browsers draw by themselves: a page needs no script and no network for them."""

from __future__ import annotations

import contextlib
import html
import re
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from oxboys_mlm.grading.feedback import limits

#: What formulas are made of. What names or fetches other things (links, pictures, macros) is left out.
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

#: A space that stays within its formula; what is wider, or negative, could cover something else.
SPACE = re.compile(r"[0-2](\.\d+)?em")

#: Definitions, which could make a short formula grow without end.
_DEFINES = re.compile(r"\\(\w*new\w*|\w*def|let|DeclareMath\w*)(?![a-z])")


def markdown2html(source: str) -> str:
    """Render Markdown as nbconvert does, and formulas as MathML. What comes out still has to be cleaned."""
    return str(MarkdownWithMath(renderer=_Renderer(escape=False)).render(source))


class _Renderer(IPythonRenderer):
    """Renders Markdown of one text."""

    _room = limits.FORMULAS

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Name a picture; whether it is there, and may be shown, is seen when all is cleaned."""
        return str(super(IPythonRenderer, self).image(text, url, title))

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Render a heading, with the id that links in notebooks have for it."""
        name = html.escape(re.sub(r"<[^<>]*>", "", text).strip().replace(" ", "-"))
        return str(super(IPythonRenderer, self).heading(text, level, id=name, **attrs))

    def inline_math(self, body: str) -> str:
        """Render a formula in a line."""
        return self._formula(body, "inline")

    def block_math(self, body: str) -> str:
        """Render a formula of its own."""
        return self._formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render a formula that LaTeX would set as an environment."""
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def _formula(self, latex: str, display: str) -> str:
        self._room -= len(latex)
        if len(latex) <= limits.FORMULA and self._room >= 0 and not _DEFINES.search(latex):
            # It raises all kinds of things at formulas that are none.
            with contextlib.suppress(Exception):
                # The converter gives the tilde of \sim as a letter, without the space around a relation.
                return str(convert(re.sub(r"\\sim(?![a-z])", r"\\thicksim", latex), display=display))
        source: Any = self.escape_html(latex)
        return f"<code>{source}</code>"
