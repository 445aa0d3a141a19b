"""Turn formulas into MathML, which browsers draw by themselves: a page needs no script and no network for them."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

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

#: Characters that a formula may have: longer ones take the converter long.
_LONGEST = 1000


def markdown2html(source: str) -> str:
    """Render Markdown as nbconvert does, and formulas as MathML. What comes out still has to be cleaned."""
    return str(MarkdownWithMath(renderer=_Renderer(escape=False)).render(source))


class _Renderer(IPythonRenderer):
    """Renders Markdown of notebooks."""

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
        if len(latex) <= _LONGEST and not _DEFINES.search(latex):
            # It raises all kinds of things at formulas that are none.
            with contextlib.suppress(Exception):
                # The converter gives the tilde of \sim as a letter, without the space around a relation.
                return str(convert(re.sub(r"\\sim(?![a-z])", r"\\thicksim", latex), display=display))
        source: Any = self.escape_html(latex)
        return f"<code>{source}</code>"
