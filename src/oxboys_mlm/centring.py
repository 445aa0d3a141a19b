"""What a random-slope model says at another age: its numbers when age 0 is moved."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from oxboys_mlm.variance import helper_calls

__all__ = ["MovedZero", "move_zero"]


class MovedZero(NamedTuple):
    """What changes in a random-slope model when age 0 is moved.

    Attributes
    ----------
    intercept, intercept_se
        The average height at the new zero, and its standard error (cm).
    intercept_variance
        The variance between boys at the new zero (cm²).
    covariance
        The covariance of the boys' heights at the new zero and their slopes.
    correlation
        The same as a correlation.
    """

    intercept: float
    intercept_se: float
    intercept_variance: float
    covariance: float
    correlation: float


def move_zero(results: Any, age: float) -> MovedZero:
    """Compute what a random-slope model says with age 0 at another age, without fitting it again.

    Parameters
    ----------
    results : MixedLMResults
        A fit with a random intercept and a random slope of age, such as that of `oxboys_mlm.fit_random_slope`.
    age
        Where age 0 is to be, in the ages of the fit.

    Returns
    -------
    MovedZero
        The numbers that change. The slope, its standard error and its variance, the residual variance and the
        log-likelihood stay as they are.

    Examples
    --------
    >>> from oxboys_mlm import fit_random_slope, load_oxboys
    >>> moved = move_zero(fit_random_slope(load_oxboys()), 1)
    >>> print(f"{moved.intercept:.1f} cm, r = {moved.correlation:.2f}")
    155.9 cm, r = 0.74
    """
    # A function that asks here leaves the work to the course.
    helper_calls["move_zero"] += 1
    to = np.array([1.0, age])
    errors = np.asarray(results.cov_params(), dtype=float)[:2, :2]
    effects = np.asarray(results.cov_re, dtype=float)
    variance, covariance = float(to @ effects @ to), float(to @ effects[1])
    return MovedZero(
        float(to @ np.asarray(results.fe_params, dtype=float)),
        math.sqrt(float(to @ errors @ to)),
        variance,
        covariance,
        covariance / math.sqrt(variance * float(effects[1, 1])),
    )
