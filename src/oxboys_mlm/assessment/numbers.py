"""Answers that are one number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from oxboys_mlm.assessment.evidence import Number, Unusable
from oxboys_mlm.assessment.question import Mistake, Question
from oxboys_mlm.assessment.verdict import Finding, Judgement

#: A function's recognised mistake is matched this closely before any tolerance that is looser.
MISTAKE_TOLERANCE = 0.0006

#: Computed in the same way, from fits that different optimisers reach, numbers are this close, as a share; where the
#: likelihood is flat, they are so many times further apart.
CLOSE, LOOSER = 0.0002, 10

#: What is rounded more coarsely than this, as a share of a known mistake, could be anything.
COARSE = 0.1

#: A number with more significant digits than this was computed, not typed.
TYPED_DIGITS = 7

#: What to do about a percent sign where there is no proportion.
NO_PERCENT = "it is not written in percent. Store the number as it was computed."

_MISROUNDED = Mistake(
    "rounded_wrongly",
    "It looks like the right number, rounded wrongly in its last digit. Let Python round, or don't round at all.",
)


@dataclass(frozen=True)
class Slip:
    """A mistake that is recognised by the number that it gives.

    Attributes
    ----------
    mistake
        Its name, its text and what it still earns.
    value
        Returns its number.
    within
        How far from it chance moves the number, where the answer is simulated; 0 where no chance is in it.
    """

    mistake: Mistake
    value: Callable[[], float]
    within: float = 0.0


@dataclass(frozen=True, kw_only=True)
class NumberQuestion(Question):
    """A question answered by a number.

    Attributes
    ----------
    target
        Returns the right number.
    exact
        Largest distance of a computed number.
    typed
        Largest distance of a number that was rounded to two decimals or more, then typed.
    proportion
        Whether the number is a proportion, which may be given in percent.
    praise
        What to say when it is right.
    rounded
        What to say besides when it is right, but rounded.
    close
        How close, as a share, the same mistake comes out of different fits; less than usual where most of the number
        is what no mistake changes, as in the height of a person.
    counted
        Whether the number counts something: a whole number is exact then, and not a rounded one.
    unit
        Pattern of the unit that may stand behind the number, in a text.
    slips
        Mistakes known by their number, the likeliest first.
    """

    answer: ClassVar = Number

    target: Callable[[], float]
    exact: float
    typed: float
    praise: str
    proportion: bool = False
    close: float = CLOSE
    counted: bool = False
    rounded: str = ""
    unit: str = ""
    slips: tuple[Slip, ...] = ()

    @cached_property
    def _wanted(self) -> tuple[tuple[Slip, float], ...]:
        """The number of each slip, computed when the first answer is judged: a class has many."""
        return tuple((slip, slip.value()) for slip in self.slips)

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Return what is wrong with something that is not a number."""
        if evidence.problem == "not_finite":
            return Judgement.found(
                Finding(
                    "not_finite",
                    f"`{self.key}` is {evidence.description}. Look at the pieces it was computed from: one of them "
                    "is missing, infinite, or a division by zero.",
                )
            )
        if evidence.problem == "decimal_comma":
            return Judgement.found(
                Finding("decimal_comma", f"`{self.key}` should be one number, but holds {evidence.description}.")
            )
        return Judgement.found(
            Finding(
                "not_a_number",
                f"`{self.key}` should be one number, but holds {evidence.description or 'something else'}. "
                f"{self.where}",
            )
        )

    def judge_answer(self, number: Number) -> Judgement:
        """Compare a number with the target, then with known mistakes, then with the target as typed.

        A computed number is matched closely: near by lies what other mistakes give. A rounded one is matched as
        far as its digits go; if several mistakes look the same with these digits, all of them are named.
        """
        if number.percent and not self.proportion:
            share = 0.5 if near((number.value / 100,), self.target(), self.typed) else 0.0
            return Judgement.found(Finding("in_percent", f"`{self.key}` is not a proportion: {NO_PERCENT}"), share)
        values = readings(number, proportion=self.proportion)
        given = _with_steps(number, values)
        if self.counted:
            given = tuple((value, 0.0 if value == round(value) else step) for value, step in given)
        target = self.target()
        if near(values, target, self.exact) or any(
            0 < step <= 0.01 and abs(value - target) <= step / 2 for value, step in given
        ):
            return self._right(number)
        if any(_is_rounding(value, target) for value in values):
            return Judgement.found(
                Finding(
                    "rounded_too_much",
                    f"`{self.key}` is close, but rounded too much: one decimal place is too coarse. Give two or more, "
                    "or better, let Python compute it.",
                ),
                0.5,
            )
        misrounded = any(0 < step <= 0.01 and abs(value - target) < step for value, step in given)
        found = self._slips(given, lambda wanted, step: self.close * wanted + step / 2)
        if found:
            return _named(found + [(0.0, _MISROUNDED)] * misrounded)
        if near(values, target, self.typed):
            if all(step == 0 for _, step in given):
                return Judgement.found(
                    Finding(
                        "not_exact",
                        f"`{self.key}` is close, but not quite what the model gives. Was it computed from numbers that "
                        f"were typed or rounded before, or from another fit? {self.where}",
                    ),
                    0.5,
                )
            return self._right(number)
        found = self._slips(given, lambda wanted, step: max(LOOSER * self.close * wanted, step))
        if found and min(slip[0] for slip in found) < distance(values, target):
            return _named(found)
        if misrounded:
            return _MISROUNDED.judgement()
        if near(values, -target, self.typed):
            return Judgement.found(Finding("wrong_sign", f"The size of `{self.key}` is right, its sign is not."))
        return self.unrecognised()

    def _right(self, number: Number) -> Judgement:
        said = [self.praise]
        if self.rounded and significant_digits(number.value) <= TYPED_DIGITS:
            said.append(self.rounded)
        if number.unit:
            said.append(
                "Leave out the unit and the quotation marks: with a number alone, Python can go on calculating."
            )
        return Judgement.right("\n".join(said))

    def _slips(
        self, given: tuple[tuple[float, float], ...], tolerance: Callable[[float, float], float]
    ) -> list[tuple[float, Mistake]]:
        """Return the known mistakes that lie within a tolerance, each with its distance, as a share of its number."""
        found: dict[str, tuple[float, Mistake]] = {}
        for slip, wanted in self._wanted:
            size = abs(wanted)
            near_by = [
                abs(value - wanted) / (size or 1.0)
                for value, step in given
                if abs(value - wanted) <= slip.within
                or (step <= COARSE * size and abs(value - wanted) <= tolerance(size, step))
            ]
            if near_by:
                found.setdefault(slip.mistake.name, (min(near_by), slip.mistake))
        return list(found.values())


def _named(found: list[tuple[float, Mistake]]) -> Judgement:
    """Name the only mistake that was found, or all of them."""
    mistakes = [mistake for _, mistake in found]
    if len(mistakes) == 1:
        return mistakes[0].judgement()
    share = max(mistake.share for mistake in mistakes)
    lines = [f"({number}) {mistake.text}" for number, mistake in enumerate(mistakes, 1)]
    text = "\n".join(["With these digits, more than one mistake looks like this:", *lines])
    return Judgement("partly" if share else "wrong", share, text, tuple(Finding(m.name, m.text) for m in mistakes))


def significant_digits(value: float) -> int:
    """Count the digits that a number is written with.

    >>> significant_digits(0.745), significant_digits(74.0), significant_digits(2 / 3)
    (3, 2, 16)
    """
    return len(Decimal(repr(value)).normalize().as_tuple().digits)


def _with_steps(number: Number, values: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    """Return each reading of a number with the step that it was rounded to; 0 for a computed number.

    >>> _with_steps(Number(74.5), (74.5, 0.745)), _with_steps(Number(2 / 3), (2 / 3,))
    (((74.5, 0.1), (0.745, 0.001)), ((0.6666666666666666, 0.0),))
    """
    if significant_digits(number.value) > TYPED_DIGITS:
        return tuple((value, 0.0) for value in values)
    decimals = max(-int(Decimal(repr(number.value)).normalize().as_tuple().exponent), 0)
    return tuple((value, 10.0 ** -(decimals if value == number.value else decimals + 2)) for value in values)


def readings(number: Number, *, proportion: bool) -> tuple[float, ...]:
    """Return what a number may mean: a proportion may be given in percent.

    >>> readings(Number(74.5), proportion=True), readings(Number(74.5, percent=True), proportion=False)
    ((74.5, 0.745), ())
    """
    if not proportion:
        return () if number.percent else (number.value,)
    if number.percent:
        return (number.value / 100,)
    return (number.value, number.value / 100) if abs(number.value) > 1 else (number.value,)


def near(values: tuple[float, ...], target: float, tolerance: float) -> bool:
    """Return whether any of the values lies within the tolerance of the target."""
    return any(abs(value - target) <= tolerance for value in values)


def distance(values: tuple[float, ...], target: float) -> float:
    """Return the distance of the nearest value from the target, as a share of the target."""
    return min(abs(value - target) for value in values) / (abs(target) or 1.0)


def _is_rounding(value: float, target: float) -> bool:
    """Return whether a value is the target rounded to one decimal; a whole number could be anything.

    >>> _is_rounding(6.5, 6.524), _is_rounding(7.0, 6.524), _is_rounding(6.4, 6.524)
    (True, False, False)
    """
    return value != round(value) and value == round(target, 1)
