"""What the random slope model and its rivals say, as numbers."""

from __future__ import annotations

from functools import cache
from typing import Any

from oxboys_mlm import variance
from oxboys_mlm.questions import reference


@cache
def covariance(*, reml: bool = True) -> tuple[float, float, float]:
    """Return intercept variance, covariance and slope variance of the random slope model."""
    if reml:
        matrix = reference.fit("fit_random_slope").cov_re.to_numpy()
    else:
        matrix = reference.variant("height ~ age", re_formula="~age", reml=False).cov_re.to_numpy()
    return float(matrix[0, 0]), float(matrix[0, 1]), float(matrix[1, 1])


def part(number: int, *, reml: bool = True) -> float:
    """Return one of the numbers of `covariance`."""
    return covariance(reml=reml)[number]


def moved(age: float) -> tuple[float, float, float]:
    """Return intercept variance, covariance and slope variance with age 0 at another age."""
    intercepts, between, slopes = covariance()
    return intercepts + 2 * age * between + age**2 * slopes, between + age * slopes, slopes


def correlation() -> float:
    """Return the correlation of intercepts and slopes."""
    return variance.intercept_slope_correlation(reference.fit("fit_random_slope"))


def residual_variance() -> float:
    """Return the residual variance of the random slope model."""
    return float(reference.fit("fit_random_slope").scale)


@cache
def own_lines() -> Any:
    """Return slopes and intercepts of separate regressions, one row per boy."""
    import numpy as np

    return np.array([np.polyfit(boy["age"], boy["height"], 1) for _, boy in reference.data().groupby("Subject")])


@cache
def predicted_effects() -> Any:
    """Return predicted slopes and intercepts, one row per boy."""
    import numpy as np

    return np.array([effect.to_numpy()[::-1] for effect in reference.fit("fit_random_slope").random_effects.values()])


@cache
def covariance_per_visit() -> tuple[float, float, float]:
    """Return intercept variance, covariance and slope variance of the model with `Occasion` in place of age."""
    matrix = reference.variant("height ~ Occasion", re_formula="~Occasion").cov_re.to_numpy()
    return float(matrix[0, 0]), float(matrix[0, 1]), float(matrix[1, 1])
