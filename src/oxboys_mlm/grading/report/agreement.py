"""How far two people agree who marked the same answers: numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oxboys_mlm.grading.records.second import Pair

#: Number of answers with both marks below which no kappa is computed.
FEWEST = 5

#: Number of answers below which its interval is only a rough hint.
FEW = 30

# Points are rounded to four decimals, so nothing smaller is a difference.
_TINY = 1e-6


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa with quadratic weights.

    Attributes
    ----------
    value
        The coefficient; None where it is not defined or says nothing.
    low, high
        Ends of its 95 % interval; None where there is none.
    why
        Why something is missing; empty if nothing is.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Apart:
    """An answer that two people mark differently.

    Attributes
    ----------
    notebook, question, student, points, first, second, note
        As in `Pair`; both have points.
    first_alone, second_alone
        Statements that one of the two ticked, and the other did not.
    """

    notebook: str
    question: str
    student: str
    points: float
    first: float
    second: float
    first_alone: tuple[str, ...]
    second_alone: tuple[str, ...]
    note: str

    @property
    def share(self) -> float:
        """How far the two are apart, as a share of the question's points."""
        return abs(self.first - self.second) / (self.points or 1.0)


@dataclass(frozen=True)
class Agreement:
    """How far two people agree on a question.

    Attributes
    ----------
    notebook, question, points
        Which, and what it gives at most.
    answers
        Number of answers with both marks.
    equal
        Number of those with equal points.
    kappa
        Cohen's kappa of the points.
    apart
        Answers with different points, those furthest apart first.
    """

    notebook: str
    question: str
    points: float
    answers: int
    equal: int
    kappa: Kappa
    apart: tuple[Apart, ...]

    @property
    def share(self) -> float | None:
        """Share of answers with equal points."""
        return self.equal / self.answers if self.answers else None


def agreements(pairs: Iterable[Pair]) -> list[Agreement]:
    """Return how far two people agree, for each question with second marks."""
    by_question: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        by_question.setdefault((pair.notebook, pair.question), []).append(pair)
    return [_agreement(of_question) for of_question in by_question.values()]


def furthest_apart(found: Iterable[Agreement]) -> list[Apart]:
    """Return all answers with different points, those furthest apart first, measured by what their question gives."""
    return sorted((each for item in found for each in item.apart), key=lambda each: -each.share)


def _agreement(pairs: Sequence[Pair]) -> Agreement:
    both = [(pair, pair.first, pair.second) for pair in pairs if pair.first is not None and pair.second is not None]
    first, second = [one for _, one, _ in both], [other for _, _, other in both]
    apart = [
        Apart(
            pair.notebook,
            pair.question,
            pair.student,
            pair.most,
            one,
            other,
            _alone(pair.ticks, pair.second_ticks),
            _alone(pair.second_ticks, pair.ticks),
            pair.note,
        )
        for pair, one, other in both
        if abs(one - other) > _TINY
    ]
    return Agreement(
        pairs[0].notebook,
        pairs[0].question,
        pairs[0].most,
        len(both),
        len(both) - len(apart),
        kappa(first, second),
        tuple(sorted(apart, key=lambda each: (-each.share, each.student))),
    )


def _alone(ticks: Sequence[str] | None, others: Sequence[str] | None) -> tuple[str, ...]:
    return () if ticks is None or others is None else tuple(name for name in ticks if name not in others)


def kappa(first: Sequence[float], second: Sequence[float]) -> Kappa:
    """Compute Cohen's kappa with quadratic weights: a difference counts with its square, in points.

    Parameters
    ----------
    first, second
        Points that each of the two gave, in the same order of answers.
    """
    if len(first) < FEWEST:
        return Kappa(why=f"Fewer than {FEWEST} answers have both marks.")
    one, other = [round(points, 4) for points in first], [round(points, 4) for points in second]
    levels = sorted({*one, *other})
    if len(levels) == 1:
        return Kappa(why="Both gave the same points to all answers, so there is no agreement beyond chance to measure.")
    if len(set(one)) == 1 or len(set(other)) == 1:
        which = "first" if len(set(one)) == 1 else "second"
        return Kappa(why=f"The {which} person gave the same points to all answers, so kappa is 0 and says nothing.")
    if one == other:
        return Kappa(1.0, why="All points are equal, so there is no interval.")
    # These take a second to import, and most reports have no second marks.
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.zeros((len(levels), len(levels)))
    for row, column in zip(one, other, strict=True):
        table[levels.index(row), levels.index(column)] += 1
    with np.errstate(all="ignore"):  # it also divides by standard errors that may be 0
        result = cohens_kappa(table, weights=levels, wt="quadratic")
    value, low, high = float(result.kappa), float(result.kappa_low), float(result.kappa_upp)
    if not high - low > _TINY:
        return Kappa(value, why="The marks vary too little for an interval.")
    # The interval is that of a normal distribution, which knows no bounds.
    return Kappa(value, max(low, -1.0), min(high, 1.0))
