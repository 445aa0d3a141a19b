"""Answers that are one number."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oxboys_mlm.assessment.evidence import Evidence, Number, Unusable
from oxboys_mlm.assessment.question import Mistake, Question, describe_type
from oxboys_mlm.assessment.verdict import Finding, Judgement

#: A recognised mistake is matched this closely before any tolerance that is looser.
MISTAKE_TOLERANCE = 0.0006

_TYPED = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")


def collect_number(value: Any) -> Number | Unusable:
    """Describe a number: int, float, NumPy scalar, anything that holds exactly one, or a typed text.

    Examples
    --------
    >>> collect_number("74,45 %")
    Number(value=74.45, percent=True)
    >>> collect_number(True).problem, collect_number(float("nan")).problem
    ('boolean', 'not_finite')
    """
    value = _only_element(value)
    kind = type(value)
    if kind is tuple and [type(part) for part in value] == [int, int] and max(abs(value[0]), value[1]) < 10**15:
        whole, decimals = value
        if decimals >= 0:
            return Unusable(
                "decimal_comma",
                f"two numbers, {whole} and {decimals} (Python's decimal mark is a point: `{whole}.{decimals}`, not "
                f"`{whole},{decimals}`)",
            )
    # A NumPy scalar is as good as the Python one. The type has to be NumPy's own: any other could pretend.
    numpy = sys.modules.get("numpy")
    if numpy and kind in numpy.sctypeDict.values() and numpy.dtype(kind).kind in "biufcU":
        value = float(value) if kind is numpy.longdouble else value.item()
        kind = type(value)
    if kind is bool:
        return Unusable("boolean", "a truth value (`True` or `False`)")
    if kind is complex:
        return Unusable("wrong_type", "a complex number")
    if kind is str:
        return _typed_number(value)
    if kind not in (int, float, Decimal, Fraction):
        return Unusable("wrong_type", describe_type(value))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    except ValueError:  # a signalling NaN
        number = math.nan
    if not abs(number) <= 1e300:
        return Unusable("not_finite", "not a number (NaN)" if math.isnan(number) else "an infinite number")
    return Number(number)


def _only_element(value: Any) -> Any:
    """Unwrap arrays, Series, frames, lists and tuples that hold exactly one element."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    for _ in range(4):
        kind = type(value)
        if kind in (list, tuple) and len(value) == 1:
            value = value[0]
        elif numpy and kind in (numpy.ndarray, numpy.matrix) and value.size == 1:
            value = value.reshape(-1)[0] if kind is numpy.ndarray else value.A.reshape(-1)[0]
        elif pandas and kind in (pandas.Series, pandas.DataFrame, pandas.Index) and value.size == 1:
            value = value.to_numpy().reshape(-1)[0]
        else:
            break
    return value


def _typed_number(text: str) -> Number | Unusable:
    """Read a number that was typed as text, perhaps with a percent sign or a decimal comma."""
    text = str(text)[:100].strip()
    percent = text.endswith("%")
    text = text.removesuffix("%").strip()
    if not _TYPED.fullmatch(text):
        return Unusable("wrong_type", "a text that is not a number")
    number = float(text.replace(",", "."))
    if not abs(number) <= 1e300:
        return Unusable("not_finite", "an infinite number")
    return Number(number, percent)


@dataclass(frozen=True)
class Slip:
    """A mistake that is recognised by the number that it gives."""

    mistake: Mistake
    value: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class NumberQuestion(Question):
    """A question answered by a number.

    Attributes
    ----------
    target
        Gives the right number.
    exact
        Largest distance of a computed number.
    typed
        Largest distance of a number that was rounded to two decimals or more, then typed.
    proportion
        Whether the number is a proportion, which may be given in percent.
    praise
        What to say when it is right.
    slips
        Mistakes known by their number.
    """

    target: Callable[[], float]
    exact: float
    typed: float
    praise: str
    proportion: bool = False
    slips: tuple[Slip, ...] = ()

    def collect(self, value: Any, seed: int) -> Evidence:
        """Describe the number."""
        return collect_number(value)

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say why this is no number."""
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

    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Judge the number."""
        if not isinstance(evidence, Number):
            return self.wrong_type("something else")
        return self.judge_number(evidence)

    def judge_number(self, number: Number) -> Judgement:
        """Compare a number with the target, then with known mistakes, then with the target as typed."""
        values = readings(number, proportion=self.proportion)
        target = self.target()
        if near(values, target, self.exact):
            return Judgement.right(self.praise)
        for slip in self.slips:
            if near(values, slip.value(), MISTAKE_TOLERANCE):
                return slip.mistake.judgement()
        if near(values, target, self.typed):
            return Judgement.right(self.praise)
        # What was rounded before it was typed is a mistake all the same; the nearest one, for its size.
        rounded = {
            distance(values, slip.value()): slip.mistake
            for slip in reversed(self.slips)
            if near(values, slip.value(), max(self.typed, 0.002 * abs(slip.value())))
        }
        if rounded and min(rounded) < distance(values, target):
            return rounded[min(rounded)].judgement()
        if near(values, -target, self.typed):
            return Judgement.found(Finding("wrong_sign", f"The size of `{self.key}` is right, its sign is not."))
        if any(_is_rounding(value, target) for value in values):
            return Judgement.found(
                Finding(
                    "rounded_too_much",
                    f"`{self.key}` points the right way, but one decimal is too little to tell. Give two or more, or "
                    "better: let Python compute it.",
                ),
                0.5,
            )
        return self.unrecognised()


def readings(number: Number, *, proportion: bool) -> tuple[float, ...]:
    """Give what a number may mean: a proportion may be given in percent.

    >>> readings(Number(74.5), proportion=True), readings(Number(74.5, percent=True), proportion=False)
    ((74.5, 0.745), ())
    """
    if not proportion:
        return () if number.percent else (number.value,)
    if number.percent:
        return (number.value / 100,)
    return (number.value, number.value / 100) if abs(number.value) > 1 else (number.value,)


def near(values: tuple[float, ...], target: float, tolerance: float) -> bool:
    """Tell whether any of the values lies within the tolerance of the target."""
    return any(abs(value - target) <= tolerance for value in values)


def distance(values: tuple[float, ...], target: float) -> float:
    """Give the distance of the nearest value from the target, as a share of the target."""
    return min(abs(value - target) for value in values) / (abs(target) or 1.0)


def _is_rounding(value: float, target: float) -> bool:
    """Tell whether a value is the target rounded to one decimal; a whole number could be anything.

    >>> _is_rounding(6.5, 6.524), _is_rounding(7.0, 6.524), _is_rounding(6.4, 6.524)
    (True, False, False)
    """
    return value != round(value) and value == round(target, 1)
