"""What a check cannot mark waits for a person, and a person's mark waits again where its answer has changed."""

from __future__ import annotations

import pytest

from oxboys_mlm.grading.marking.waiting import needs_manual_grade


@pytest.mark.parametrize(
    ("by_check", "by_hand", "waited", "changed", "wanted"),
    [
        (None, None, False, False, True),
        (0.0, None, True, True, False),
        (None, 1.5, False, False, False),
        (None, 1.5, False, True, True),
        (None, 1.5, True, False, True),
        (2.0, 0.0, False, True, True),
    ],
    ids=["free text", "check", "marked", "marked, then changed", "marked, still waits", "check corrected by hand"],
)
def test_needs_manual_grade(
    by_check: float | None, by_hand: float | None, waited: bool, changed: bool, wanted: bool
) -> None:
    """Only what has no points, or whose answer changed after a person marked it, waits."""
    waits = needs_manual_grade(by_check=by_check, by_hand=by_hand, waited=waited, changed=changed)

    assert waits is wanted
