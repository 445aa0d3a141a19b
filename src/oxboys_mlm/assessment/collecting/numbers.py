"""Describe numbers, however they are held."""

from __future__ import annotations

import math
import re
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oxboys_mlm.assessment.collecting.objects import describe_type
from oxboys_mlm.assessment.evidence import Number, Unusable

_TYPED = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")


def collect_number(value: Any, unit: str = "") -> Number | Unusable:
    """Describe a number: int, float, NumPy scalar, anything that holds exactly one, or a typed text.

    A text may end with a unit that matches the pattern `unit`.

    Examples
    --------
    >>> collect_number("74,45 %")
    Number(value=74.45, percent=True, unit='')
    >>> collect_number("6,52 cm", "cm")
    Number(value=6.52, percent=False, unit='cm')
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
        return _typed_number(value, unit)
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


def _typed_number(text: str, unit: str) -> Number | Unusable:
    """Read a number that was typed as text, perhaps with a unit, a percent sign or a decimal comma."""
    text = str(text)[:100].strip()
    given = re.search(rf"(?<=[\d\s])\s*({unit})\.?$", text.casefold()) if unit else None
    if given:
        text = text[: given.start()].strip()
    percent = text.endswith("%")
    text = text.removesuffix("%").strip()
    if not _TYPED.fullmatch(text):
        return Unusable("wrong_type", "a text that is not a number")
    number = float(text.replace(",", "."))
    if not abs(number) <= 1e300:
        return Unusable("not_finite", "an infinite number")
    return Number(number, percent, given[1] if given else "")
