"""Hints on request, a step at a time: `hint`."""

from __future__ import annotations

import sys
from collections import Counter

from oxboys_mlm import questions
from oxboys_mlm.assessment.verdict import inline_html
from oxboys_mlm.checking import checks
from oxboys_mlm.checking.terminal import say
from oxboys_mlm.questions.hints import HINTS

#: How many hints of each question were shown in this process.
_shown: Counter[str] = Counter()


class Hint:
    """A hint, as a notebook shows it.

    Parameters
    ----------
    key
        The question's key.
    number, count
        Which hint it is, and of how many.
    text
        What it says; `code` stands in backticks.
    """

    def __init__(self, key: str, number: int, count: int, text: str) -> None:
        self.key = key
        self.title = f"Hint {number} of {count}"
        self.after = f'For the next one, run hint("{key}") again.' if number < count else "This is the last one."
        self.text = text

    def __repr__(self) -> str:
        return f"{self.title} ({self.key}): {self.text} {self.after}"

    def _repr_html_(self) -> str:
        return (
            '<div role="status" style="border-left:.4em solid #808890;padding:.35em .9em;margin:.3em 0;max-width:46em;'
            f'line-height:1.45"><div><strong>{self.title}</strong> <code style="opacity:.75">{self.key}</code></div>'
            f'<div style="margin-top:.25em">{inline_html(self.text)}</div>'
            f'<div style="margin-top:.25em;opacity:.8">{inline_html(self.after)}</div></div>'
        )


def hint(key: str) -> Hint | None:
    """Show the next hint for a question. Hints cost nothing and are not recorded.

    Parameters
    ----------
    key
        The question's key, as in ``check(key)``.

    Returns
    -------
    Hint or None
        Shown by a notebook. Where nothing shows HTML, such as in a terminal, it is printed, and None is returned.

    Raises
    ------
    ValueError
        If there is no question of this name.
    """
    if not isinstance(key, str) or key not in HINTS:
        raise questions.no_question(key, HINTS, "hint")
    texts = HINTS[key]
    number = min(_shown[key], len(texts) - 1)
    _shown[key] += 1
    shown = Hint(key, number + 1, len(texts), texts[number])
    if checks.shows_html(sys._getframe(1)):
        return shown
    say(repr(shown))
    return None
