"""Numbers: what counts as one, and how close is close enough."""

from __future__ import annotations

import dataclasses
import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oxboys_mlm.assessment.collecting.numbers import collect_number
from oxboys_mlm.assessment.evidence import Missing, Number, Unusable
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake

QUESTION = NumberQuestion(
    key="share",
    title="A share",
    where="Look there.",
    target=lambda: 0.7445,
    exact=0.0006,
    typed=0.005,
    proportion=True,
    praise="Yes.",
    slips=(
        Slip(Mistake("near", "A near one.", 0.5), lambda: 0.7402),
        Slip(Mistake("far", "A far one."), lambda: 63.315),
    ),
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (0.5, 0.5),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 2), 0.5),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int8(3), 3.0),
        (np.array(0.5), 0.5),
        (np.array([[0.5]]), 0.5),
        (np.array(["0.5"]), 0.5),
        (pd.Series([0.5]), 0.5),
        (pd.DataFrame([[0.5]]), 0.5),
        ([0.5], 0.5),
        ((np.array([0.5]),), 0.5),
        (" 0.5 ", 0.5),
        ("1e-2", 0.01),
        (",5", 0.5),
    ],
    ids=repr,
)
def test_a_number(value: Any, number: float) -> None:
    """Whatever holds exactly one number is that number."""
    assert collect_number(value) == Number(number)


@pytest.mark.parametrize("text", ["50%", "50 %", "50,0%"])
def test_a_percentage(text: str) -> None:
    """A percent sign is kept, so that the judge knows what was meant."""
    assert collect_number(text) == Number(50.0, percent=True)


class _Float(float):
    def __float__(self) -> float:
        return 0.7445


class _Scalar(np.float64):
    pass


class _Convertible:
    __module__ = "numpy"

    def __float__(self) -> float:
        return 0.7445


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "boolean"),
        (np.True_, "boolean"),
        (np.array([True]), "boolean"),
        (float("nan"), "not_finite"),
        (np.float32("inf"), "not_finite"),
        (10**400, "not_finite"),
        (Decimal("sNaN"), "not_finite"),
        (Fraction(10**400), "not_finite"),
        ("1e400", "not_finite"),
        ("", "wrong_type"),
        ("nan", "wrong_type"),
        ("inf", "wrong_type"),
        ("0.5 or so", "wrong_type"),
        ("0x1", "wrong_type"),
        ("1_0", "wrong_type"),
        (0.5 + 0j, "wrong_type"),
        (np.complex64(1), "wrong_type"),
        (np.timedelta64(1, "s"), "wrong_type"),
        (np.datetime64("2020-01-01"), "wrong_type"),
        (pd.NA, "wrong_type"),
        (b"0.5", "wrong_type"),
        ([], "wrong_type"),
        ([1, 2], "wrong_type"),
        ((0, 7445), "decimal_comma"),
        ((-6, 52), "decimal_comma"),
        (((6, 52),), "decimal_comma"),
        ((0, -7445), "wrong_type"),
        ((0, 7, 4), "wrong_type"),
        ((0.7, 0.3), "wrong_type"),
        ((False, 7445), "wrong_type"),
        ((0, 10**400), "wrong_type"),
        (np.zeros(0), "wrong_type"),
        (np.zeros(2), "wrong_type"),
        ({"icc": 0.5}, "wrong_type"),
        (itertools.count(), "wrong_type"),
        (_Float(0.5), "wrong_type"),
        (_Scalar(0.5), "wrong_type"),
        (_Convertible(), "wrong_type"),
        (float, "wrong_type"),
    ],
    ids=lambda value: type(value).__name__ + repr(value)[:20] if not isinstance(value, str) else value,
)
def test_not_a_number(value: Any, problem: str) -> None:
    """What is no finite number, or only poses as one, is refused with its problem."""
    collected = collect_number(value)

    assert isinstance(collected, Unusable)
    assert collected.problem == problem


@pytest.mark.parametrize(
    ("value", "share", "name"),
    [
        (0.7445, 1.0, ""),
        (0.7451, 1.0, ""),
        (0.7402, 0.5, "near"),  # a known mistake is matched before the wider tolerance of typed numbers
        (0.7410, 1.0, ""),
        (0.7494, 1.0, ""),
        (0.7496, 0.0, ""),
        (74.45, 1.0, ""),
        (7.445, 0.0, ""),
        (63.3, 0.0, "far"),  # rounded
        (63.5, 0.0, ""),
        (0.7, 0.5, "rounded_too_much"),
        (1.0, 0.0, ""),
        (-0.7445, 0.0, "wrong_sign"),
    ],
)
def test_tiers(value: float, share: float, name: str) -> None:
    """First the target, then known mistakes, then both as they are when typed."""
    judgement = QUESTION.judge(Number(value))

    assert judgement.share == share
    assert [finding.name for finding in judgement.findings] == ([name] if name else [])


def test_percent_sign() -> None:
    """A percent sign divides by a hundred, once; a question that asks for no share has none."""
    plain = dataclasses.replace(QUESTION, proportion=False)

    assert QUESTION.judge(Number(74.45, percent=True)).share == 1.0
    assert QUESTION.judge(Number(0.7445, percent=True)).share == 0.0
    assert plain.judge(Number(0.7445, percent=True)).share == 0.0
    assert plain.judge(Number(74.45)).share == 0.0


def test_forms_of_no_answer() -> None:
    """A missing answer is missing; an unusable one is told why."""
    assert QUESTION.judge(Missing()).status == "missing"
    assert QUESTION.judge(Unusable("not_finite", "not a number (NaN)")).findings[0].name == "not_finite"
    assert "a point: `0.7445`" in QUESTION.judge(collect_number((0, 7445))).feedback
    assert "a list" in QUESTION.judge(Unusable("wrong_type", "a list")).feedback
