"""Forecasts of one boy by complete, no and partial pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from oxboys_mlm.models import fit_random_slope

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["forecast_errors", "forecast_last_height", "predicted_line", "predicted_lines"]

Array = npt.NDArray[np.float64]


def predicted_line(results: Any, ages: npt.ArrayLike, heights: npt.ArrayLike) -> Array:
    """Predict a boy's line from some of his measurements, by a random-slope model that was fitted before.

    Parameters
    ----------
    results : MixedLMResults
        A fit with a random intercept and a random slope of age, such as that of `fit_random_slope`.
    ages, heights : array_like
        The boy's known measurements. There may be none: then his line is that of the average boy.

    Returns
    -------
    numpy.ndarray of shape (2,)
        Intercept and slope: the fixed effects plus the boy's predicted deviations from them.

    Notes
    -----
    The deviations are the best linear unbiased predictions, ``G Z' (Z G Z' + σ² I)⁻¹ (y - Z b)``.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> predicted_line(fit_random_slope(load_oxboys()), [], []).round(2).tolist()
    [149.37, 6.53]
    """
    average = np.asarray(results.fe_params, dtype=float)
    covariance = np.asarray(results.cov_re, dtype=float)
    age, height = np.asarray(ages, dtype=float), np.asarray(heights, dtype=float)
    design = np.column_stack([np.ones_like(age), age])
    variance = design @ covariance @ design.T + results.scale * np.eye(len(age))
    return np.asarray(average + covariance @ design.T @ np.linalg.solve(variance, height - design @ average))


def predicted_lines(results: Any, data: pd.DataFrame) -> pd.DataFrame:
    """Predict the line of every boy from all of his measurements.

    Parameters
    ----------
    results : MixedLMResults
        As for `predicted_line`.
    data : DataFrame
        The Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm).

    Returns
    -------
    DataFrame
        ``intercept`` and ``slope`` of each ``Subject``.
    """
    import pandas as pd

    lines = {subject: predicted_line(results, boy["age"], boy["height"]) for subject, boy in data.groupby("Subject")}
    return pd.DataFrame.from_dict(lines, orient="index", columns=["intercept", "slope"])


def forecast_last_height(data: pd.DataFrame) -> pd.DataFrame:
    """Forecast every boy's last height from his first visits, in three ways.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with the columns ``Subject``, ``age``, ``height`` and ``Occasion``.

    Returns
    -------
    DataFrame
        A row for every boy (``Subject``) and number of visits ``known``: the forecasts by the ``average`` line, by the
        boy's ``own`` line (missing with one visit) and by the line of the ``model``, and the height as ``measured``.

    Notes
    -----
    Fixed effects and variances are those of the random-slope model of all data, for every forecast. What a forecast
    does not know is the boy's own later visits.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> forecasts = forecast_last_height(load_oxboys())
    >>> forecasts[forecasts["known"] == 2].shape
    (26, 6)
    """
    import pandas as pd

    results = fit_random_slope(data)
    average = np.asarray(results.fe_params, dtype=float)
    rows = []
    for subject, boy in data.sort_values("Occasion").groupby("Subject"):
        age, height = boy["age"].to_numpy(), boy["height"].to_numpy()
        then = np.array([1.0, age[-1]])
        for known in range(1, len(boy)):
            own = np.polyfit(age[:known], height[:known], deg=1)[::-1] @ then if known > 1 else np.nan
            line = predicted_line(results, age[:known], height[:known])
            rows.append((subject, known, average @ then, own, line @ then, height[-1]))
    return pd.DataFrame(rows, columns=["Subject", "known", "average", "own", "model", "measured"])


def forecast_errors(data: pd.DataFrame) -> pd.DataFrame:
    """Compute the typical error of these forecasts.

    Parameters
    ----------
    data : DataFrame
        As for `forecast_last_height`.

    Returns
    -------
    DataFrame
        The root of the mean squared error (cm) of ``average``, ``own`` and ``model``, by the visits ``known``.
    """
    forecasts = forecast_last_height(data)
    errors = forecasts[["average", "own", "model"]].sub(forecasts["measured"], axis=0)
    mean_squares: pd.DataFrame = (errors**2).groupby(forecasts["known"]).mean()
    return mean_squares**0.5
