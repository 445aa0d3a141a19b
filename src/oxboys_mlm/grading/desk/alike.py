"""Which answers say the same but for white space, case and punctuation."""

from __future__ import annotations

import unicodedata


def normal_form(answer: str) -> str:
    r"""Return what an answer has in common with all that say the same.

    Signs that may change what is said stay: those of formulas, and what stands before a digit.

    Parameters
    ----------
    answer
        What was written.

    Examples
    --------
    >>> normal_form("Boys *differ*,\n  a lot!") == normal_form("boys differ a lot")
    True
    >>> normal_form("It is -0.5.") == normal_form("It is 0.5.")
    False
    >>> normal_form("a != b") == normal_form("a = b")
    False
    """
    text = unicodedata.normalize("NFKC", answer).casefold()
    kept = []
    for before, sign, after in zip(" " + text, text, text[1:] + " ", strict=False):
        means = after.isdigit() or unicodedata.category(before)[0] == "S" or unicodedata.category(after)[0] == "S"
        drop = unicodedata.category(sign)[0] == "P" and sign != "%" and not means
        kept.append(" " if drop else sign)
    return " ".join("".join(kept).split())
