"""How far two persons agree: the coefficient on tables made up for it, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys

import pytest

from oxboys_mlm.grading.records.second import Pair
from oxboys_mlm.grading.report.agreement import agreements, furthest_apart, kappa

# Points of the two, and kappa by hand: 1 less the mean squared difference, over that of all possible pairs.
KAPPAS = [
    # Squared differences 1 + 1 + 4 of 10; both have mean 1.1 and mean square 1.9.
    ([0, 0, 0, 1, 1, 1, 2, 2, 2, 2], [0, 0, 1, 1, 1, 2, 2, 2, 2, 0], 1 - 0.6 / (1.9 + 1.9 - 2 * 1.1 * 1.1)),
    # Points count, not their places: 0.5 and 2 are further apart than 0 and 0.5.
    ([0, 0, 0.5, 0.5, 2, 2], [0, 0.5, 0.5, 2, 2, 2], 1 - (2.5 / 6) / (8.5 / 6 + 12.5 / 6 - 2 * (5 / 6) * (7 / 6))),
    # Points that only one of the two gave: squared differences 4 × 0.25 of 5; means 0.8 and 1, squares 1.3 and 1.4.
    ([0, 0.5, 1, 1, 1.5], [0, 1, 0.5, 1.5, 2], 1 - (4 * 0.25 / 5) / (4.5 / 5 + 7.5 / 5 - 2 * 0.8 * 1.0)),
    # Whoever has much from one has little from the other: 4 + 0 + 4 + 4 + 4 of 5.
    ([0, 1, 2, 0, 2], [2, 1, 0, 2, 0], 1 - (16 / 5) / (9 / 5 + 9 / 5 - 2 * 1 * 1)),
]


@pytest.mark.parametrize(("first", "second", "expected"), KAPPAS)
def test_kappa(first: list[float], second: list[float], expected: float) -> None:
    """It is that of the formula with squared differences in points, whichever of the two is called the first."""
    assert kappa(first, second).value == pytest.approx(expected, abs=1e-12)
    assert kappa(second, first).value == pytest.approx(expected, abs=1e-12)


def test_interval() -> None:
    """With two levels the interval is that of the simple coefficient, whose variance is computed by hand."""
    # 20, 5, 10 and 15 of 50: kappa is 0.4, and its variance (0.10972 + 0.10188 − 0.01) / (0.5² · 50) = 0.016128.
    first, second = [1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    found = kappa(first, second)

    assert found.value == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx((0.4 - 1.959964 * 0.016128**0.5, 0.4 + 1.959964 * 0.016128**0.5))
    assert not found.why


def test_interval_within_bounds() -> None:
    """An interval ends at 1, as kappa does."""
    found = kappa([0, 1] * 10, [0, 1] * 9 + [0, 0])

    assert found.value == pytest.approx(0.9)
    assert found.high == 1.0


@pytest.mark.parametrize(
    ("first", "second", "value", "said"),
    [
        ([], [], None, "Fewer than 5 answers"),
        ([0, 1, 2, 1], [0, 1, 2, 2], None, "Fewer than 5 answers"),
        ([1] * 6, [1] * 6, None, "Both gave the same points to all answers"),
        ([1] * 6, [0, 1, 1, 1, 1, 2], None, "The first person gave the same points to all answers"),
        ([0, 1, 1, 1, 1, 2], [1] * 6, None, "The second person gave the same points to all answers"),
        ([1] * 6, [2] * 6, None, "The first person gave the same points to all answers"),
        ([0, 1, 1, 2, 2], [0, 1, 1, 2, 2], 1.0, "All points are equal"),
        ([0, 0.3, 0.3, 2, 2], [0, 0.1 + 0.2, 0.3, 2, 2], 1.0, "All points are equal"),
        ([0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0], -1.0, "vary too little"),
    ],
)
def test_degenerate(first: list[float], second: list[float], value: float | None, said: str) -> None:
    """Where there is no coefficient or no interval, words say why, and there is no number that means nothing."""
    found = kappa(first, second)

    assert found.value == (None if value is None else pytest.approx(value))
    assert (found.low, found.high) == (None, None)
    assert said in found.why


def _pair(student: str, first: float | None, second: float | None, question: str = "why", most: float = 2.0) -> Pair:
    return Pair("t", question, student, most, first, second)


def test_agreement() -> None:
    """Shares and numbers are those of the answers that both have marked."""
    pairs = [_pair("a", 1, 1), _pair("b", 0, 2), _pair("c", None, 1), _pair("d", 1, None), _pair("e", 2, 2)]
    (found,) = agreements(pairs)

    assert (found.notebook, found.question, found.points) == ("t", "why", 2.0)
    assert (found.answers, found.equal) == (3, 2)
    assert found.share == pytest.approx(2 / 3)
    (waiting,) = agreements([_pair("a", None, 1)])
    assert (waiting.answers, waiting.share, waiting.kappa.value) == (0, None, None)


def test_furthest_apart() -> None:
    """Answers stand in the order of how far the two are apart, as a share of what the question gives."""
    pairs = [_pair("a", 1, 1), _pair("b", 0, 0.5), _pair("c", 2, 0), _pair("d", 0, 0.75, "how", 1.0)]
    pairs.append(_pair("e", 3, 1, "x", 4.0))

    assert [each.student for each in furthest_apart(agreements(pairs))] == ["c", "d", "e", "b"]


def test_what_differs() -> None:
    """Statements that one of the two ticked are named, where the points of both come from ticks."""
    ticked = Pair("t", "why", "ada", 2.0, 1.0, 0.5, ("a", "b"), ("b", "c"), "So?")
    ((found,),) = [item.apart for item in agreements([ticked])]
    ((other,),) = [item.apart for item in agreements([_pair("ada", 1.0, 0.5)])]

    assert (found.first_alone, found.second_alone, found.note) == (("a",), ("c",), "So?")
    assert (other.first_alone, other.second_alone) == ((), ())


def test_reports_without_second_marks_are_quick() -> None:
    """Statsmodels is imported only where there is something to compute."""
    program = (
        "import sys\nfrom oxboys_mlm.grading.report import page\n"
        "from oxboys_mlm.grading.report.agreement import agreements\nagreements([])\n"
        "sys.exit('statsmodels.stats.inter_rater' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
