"""What the tests of pages rely on: axe finds what it should, and only where it should."""

from __future__ import annotations

import pytest
from browser.axe import COLOURS, violations
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser]

BAD = """<!doctype html><html lang="en"><title>A page</title><body><main><h1>A page</h1>
<article><p style="color: #eee; background: #fff">Too pale to read</p></article>
<img src="data:,"></main></body></html>"""


def test_breaches_are_found(page: Page) -> None:
    """A text too pale and a picture without words are found, and not where rules or elements are left out."""
    page.set_content(BAD)

    def rules(found: list[str]) -> set[str]:
        return {each.partition(":")[0] for each in found}

    assert rules(violations(page)) == {"color-contrast", "image-alt"}
    assert rules(violations(page, without=COLOURS)) == {"image-alt"}
    assert rules(violations(page, {"exclude": ["article"]})) == {"image-alt"}
