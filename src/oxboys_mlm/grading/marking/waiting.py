"""When an answer needs manual grading once it was graded. Nothing here reads or writes.

Ticks, the question and the rubric's words are looked at apart from grading: see `by_ticks.follow`.
"""

from __future__ import annotations


def needs_manual_grade(*, by_check: float | None, by_hand: float | None, waited: bool, changed: bool) -> bool:
    """Return whether a person has to look at an answer.

    Parameters
    ----------
    by_check
        Points that its check gave; None for what only a person can mark.
    by_hand
        Points that a person gave; None if there are none.
    waited
        Whether it needed manual grading before.
    changed
        Whether what the person had seen is not what there is now.
    """
    if by_hand is None:
        return by_check is None
    return waited or changed
