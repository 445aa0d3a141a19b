"""The average slope of a study in which everybody is measured at the same ages.

With such data the estimates of both models have a closed form, so that a thousand simulated studies take a moment.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["fan_of_lines", "parallel_lines"]

Array = npt.NDArray[np.float64]


def parallel_lines(ages: npt.ArrayLike, heights: npt.ArrayLike) -> tuple[float, float]:
    """Estimate the average slope by a random-intercept model.

    Parameters
    ----------
    ages : array_like of shape (visits,)
        When everybody was measured.
    heights : array_like of shape (boys, visits)
        One row per boy.

    Returns
    -------
    tuple of float
        The slope and its standard error, as by REML.

    Notes
    -----
    The slope is the mean of the boys' own slopes. The residuals about parallel lines give the residual variance, which
    takes the place of all that makes own slopes differ.

    Examples
    --------
    >>> parallel_lines([-1, 0, 1], [[140, 146, 152], [150, 157, 164]])
    (6.5, 0.28867513459481287)
    """
    age, own, about_mean = _own_slopes(ages, heights)
    slope = own.mean()
    residuals = about_mean - slope * age
    df = residuals.size - len(own) - 1
    return float(slope), float(np.sqrt((residuals**2).sum() / df / (len(own) * (age @ age))))


def fan_of_lines(ages: npt.ArrayLike, heights: npt.ArrayLike) -> tuple[float, float]:
    """Estimate the average slope by a random-slope model.

    Parameters
    ----------
    ages : array_like of shape (visits,)
        When everybody was measured.
    heights : array_like of shape (boys, visits)
        One row per boy.

    Returns
    -------
    tuple of float
        The slope and its standard error, as by REML where the slopes vary more than noise alone makes them.

    Notes
    -----
    The slope is the mean of the boys' own slopes, and its standard error is that of any mean: their standard deviation
    by the root of their number.

    Examples
    --------
    >>> fan_of_lines([-1, 0, 1], [[140, 146, 152], [150, 157, 164]])
    (6.5, 0.5)
    """
    _, own, _ = _own_slopes(ages, heights)
    return float(own.mean()), float(own.std(ddof=1) / np.sqrt(len(own)))


def _own_slopes(ages: npt.ArrayLike, heights: npt.ArrayLike) -> tuple[Array, Array, Array]:
    """Return the ages about their mean, each boy's own slope, and the heights about each boy's mean."""
    age, height = np.asarray(ages, dtype=float), np.asarray(heights, dtype=float)
    age = age - age.mean()
    height = height - height.mean(axis=1, keepdims=True)
    return age, height @ age / (age @ age), height
