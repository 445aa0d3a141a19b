"""Mends what Sphinx, furo and pandas leave in the way of people who use a screen reader."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

_MENDED = {
    # A heading has a level.
    'role="heading">': 'role="heading" aria-level="2">',
    # Two landmarks of one kind are told apart by their names.
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    # The empty corner of a table heads nothing.
    "<th></th>": "<td></td>",
    '<th class="head"><p></p></th>': "<td></td>",
}


def _mend(app: Sphinx, error: Exception | None) -> None:
    if error is None:
        for page in Path(app.outdir).rglob("*.html"):
            html = page.read_text("utf-8")
            for found, better in _MENDED.items():
                html = html.replace(found, better)
            page.write_text(html, "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Mend the pages when all are written."""
    app.connect("build-finished", _mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
