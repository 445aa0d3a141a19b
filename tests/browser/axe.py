"""What axe, which knows the rules for accessible pages, finds on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: The rules about colours, which take most of axe's time.
COLOURS = ("color-contrast", "link-in-text-block")


def violations(
    page: Page,
    within: Mapping[str, Sequence[str]] | None = None,
    *,
    without: Sequence[str] = (),
) -> list[str]:
    """Return what breaks a rule: the rule, the element, and what axe says of it.

    Parameters
    ----------
    page
        The page as it is now.
    within
        Selectors of what axe looks at, as "include" and "exclude"; None for the whole page.
    without
        Rules that are not tried.
    """
    # What breaks no rule is neither described nor sent here.
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in without}}
    page.evaluate(Axe().axe_script)
    found = page.evaluate(
        "([within, options]) => axe.run(within ?? document, options).then((results) => results.violations)",
        [within and dict(within), options],
    )
    return [f"{each['id']}: {node['html']} {node['failureSummary']}" for each in found for node in each["nodes"]]
