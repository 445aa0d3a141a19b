"""The rows that the summary of a mixed model prints: they are called after what their author wrote."""

from __future__ import annotations

import re

from oxboys_mlm.assessment.evidence import Summary


def variance_row(summary: Summary, role: str) -> str:
    """Name the row of a random effect's variance; empty if there is none.

    Parameters
    ----------
    summary
        The summary.
    role
        What varies, as in `evidence.Column`.
    """
    places = [place for place, term in enumerate(summary.fit.random) if term.role == role]
    if not places:
        return ""
    place, size = places[0], len(summary.fit.covariance)
    below = place * (place + 3) // 2 if place < size else size * (size + 1) // 2 + place - size
    return summary.rows[len(summary.fit.fixed) + below]


def plain(text: str) -> str:
    """Fold case, white space, quotation marks, and the punctuation around a typed name.

    >>> plain(' "Group  Var": '), plain("the `Group Var` row")
    ('group var', 'the group var row')
    """
    return re.sub(r"\s+", " ", re.sub("[`'\"‘’“”„«»]", "", text.casefold())).strip(" .,:;!?()[]{}*")


def typed(row: str) -> str:
    r"""Return the pattern of a row's name as people type it, which matches in full after `plain`.

    >>> [bool(re.fullmatch(typed("Group Var"), text)) for text in ("group var", "the group_var row: 63.3", "group")]
    [True, True, False]
    """
    name = re.sub(r"var$", "var(iance)?", re.escape(plain(row)).replace(r"\ ", "[ _]"))
    return rf"((the )?row )?(the )?{name}( row)?([ :=(]*\d+[.,]\d*)?"
