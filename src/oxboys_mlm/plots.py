"""The course's own figures: each shows one idea of a notebook, none answers a task.

Every function draws on a new figure and returns what matplotlib would: its ``Axes``, or an array of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn as sns

from oxboys_mlm.centring import move_zero
from oxboys_mlm.models import fit_random_intercept, fit_random_slope
from oxboys_mlm.pooling import forecast_errors, predicted_line, predicted_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "plot_between_within",
    "plot_coverage",
    "plot_forecast_errors",
    "plot_intervals",
    "plot_leftover_growth",
    "plot_mean_residuals",
    "plot_moved_zero",
    "plot_parallel_lines",
    "plot_pooling",
    "plot_shared_intercept",
    "plot_slopes_against_intercepts",
    "plot_spread_by_visit",
    "plot_variance_at_the_edge",
]

AGE_LABEL = "age (years, centred near 12¼)"
HEIGHT_LABEL = "height (cm)"
#: Where birth lies, as the data count age.
BIRTH = -12.25

_BLUE, _ORANGE, _GREEN = sns.color_palette("colorblind")[:3]
_GREY = "0.6"
_AGE_TICKS = (-1, -0.5, 0, 0.5, 1)


def plot_between_within(data: pd.DataFrame) -> Axes:
    """Show how heights differ between boys and within each boy.

    The boys stand side by side, sorted by their mean height; the spread of the bars along the figure is the
    variation between boys, the spread of the dots about a bar is the variation within a boy.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with the columns ``Subject`` and ``height`` (cm).

    Returns
    -------
    Axes
        One dot per measurement, one bar per boy, one line at the mean of all heights.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_between_within(load_oxboys()).get_ylabel()
    'height (cm)'
    """
    means = data.groupby("Subject")["height"].mean().sort_values()
    place = pd.Series(np.arange(len(means)), index=means.index)
    _, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    ax.scatter(data["Subject"].map(place), data["height"], s=12, color=_BLUE, alpha=0.6, label="one measurement")
    ax.hlines(means, place - 0.4, place + 0.4, color=_ORANGE, linewidth=3, label="mean of one boy")
    ax.axhline(data["height"].mean(), color="black", linestyle="--", linewidth=1, label="mean of all heights")
    ax.set(
        xlabel="boy (sorted by mean height)",
        ylabel=HEIGHT_LABEL,
        title="Between boys: bar to bar. Within a boy: dots about a bar.",
        xticks=place,
        xticklabels=place.index,
    )
    ax.tick_params(axis="x", labelsize=8)
    ax.legend(loc="upper left", frameon=False)
    sns.despine(ax=ax)
    return ax


def plot_parallel_lines(data: pd.DataFrame) -> Axes:
    """Show what a random-intercept model says: one line per boy, all equally steep.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm).

    Returns
    -------
    Axes
        The predicted line of each boy (fixed part plus the boy's predicted intercept), the line of the
        average boy and, in grey, the measurements.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> len(plot_parallel_lines(load_oxboys()).lines)  # 26 boys and the average
    27
    """
    results = fit_random_intercept(data)
    predicted = data.assign(line=np.asarray(results.fittedvalues))
    _, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
    ax.scatter(data["age"], data["height"], s=8, color=_GREY, label="one measurement")
    for number, (_, boy) in enumerate(predicted.sort_values("age").groupby("Subject")):
        label = None if number else "one boy, as the model predicts"
        ax.plot(boy["age"], boy["line"], color=_BLUE, linewidth=1, alpha=0.8, label=label)
    ages = np.array([data["age"].min(), data["age"].max()])
    intercept, slope = np.asarray(results.fe_params)
    ax.plot(ages, intercept + slope * ages, color=_ORANGE, linewidth=4, label="the average boy")
    ax.set(
        xlabel=AGE_LABEL,
        ylabel=HEIGHT_LABEL,
        title="A random-intercept model: own height, common slope",
        xticks=_AGE_TICKS,
    )
    ax.legend(loc="upper left", frameon=False)
    sns.despine(ax=ax)
    return ax


def plot_leftover_growth(data: pd.DataFrame) -> Axes:
    """Show what a random-intercept model leaves unexplained, boy by boy.

    If all boys grew equally fast, no line would rise or fall from end to end. They do: they rise for boys who
    grow faster than average and fall for boys who grow more slowly. All lines also share a bend, since growth is
    not quite straight: on average the residuals are positive at both ends and negative in the middle.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm).

    Returns
    -------
    Axes
        The residuals (cm) of each boy against age, joined by a line; the three fastest and the three slowest
        growers are coloured.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> len(plot_leftover_growth(load_oxboys()).lines)  # 26 boys and the zero line
    27
    """
    left_over = data.assign(residual=np.asarray(fit_random_intercept(data).resid))
    tilt = _own_lines(left_over, "residual")["slope"].sort_values()
    _, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
    ax.axhline(0, color="black", linestyle="--", linewidth=1)
    for subject, boy in left_over.sort_values("age").groupby("Subject"):
        style: dict[str, Any] = {"color": _GREY, "linewidth": 0.8, "zorder": 1}
        if subject in tilt.index[-3:]:
            style = {"color": _BLUE, "marker": "o", "markersize": 4}
            style["label"] = "fastest growers" if subject == tilt.index[-1] else None
        elif subject in tilt.index[:3]:
            style = {"color": _ORANGE, "marker": "s", "markersize": 4}
            style["label"] = "slowest growers" if subject == tilt.index[0] else None
        ax.plot(boy["age"], boy["residual"], **style)
    ax.set(
        xlabel=AGE_LABEL,
        ylabel="residual (cm)",
        title="What the random-intercept model leaves over",
        xticks=_AGE_TICKS,
    )
    ax.legend(loc="upper center", ncols=2, frameon=False)
    sns.despine(ax=ax)
    return ax


def plot_slopes_against_intercepts(data: pd.DataFrame) -> Axes:
    """Show each boy's own growth rate against his own height at age 0.

    Both numbers come from a separate least-squares line for each boy, so no multilevel model is involved yet.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm).

    Returns
    -------
    Axes
        One dot per boy; dashed lines mark the means of both numbers.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_slopes_against_intercepts(load_oxboys()).get_ylabel()
    'own slope (cm per year)'
    """
    lines = _own_lines(data, "height")
    _, ax = plt.subplots(figsize=(5.5, 4.5))
    ax.scatter(lines["intercept"], lines["slope"], color=_BLUE)
    ax.axvline(lines["intercept"].mean(), color=_GREY, linestyle="--", linewidth=1, zorder=0)
    ax.axhline(lines["slope"].mean(), color=_GREY, linestyle="--", linewidth=1, zorder=0)
    ax.set(
        xlabel="own intercept (height in cm at age 0)",
        ylabel="own slope (cm per year)",
        title="26 boys: height at age 0 and rate of growth",
    )
    sns.despine(ax=ax)
    return ax


def plot_shared_intercept(data: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Show what happens to the lines of three boys when all boys must share one intercept.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm).

    Returns
    -------
    numpy.ndarray of Axes, shape (2,)
        The shortest, the middle and the tallest boy, twice. Left: each boy's least-squares line. Right: the
        best line for each boy among those that pass through the mean height at age 0.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_shared_intercept(load_oxboys()).shape
    (2,)
    """
    own = _own_lines(data, "height")
    shared_intercept = own["intercept"].mean()
    by_height = own["intercept"].sort_values().index
    shown = {
        "tallest": (by_height[-1], _BLUE, "^"),
        "middle": (by_height[len(by_height) // 2], _GREEN, "o"),
        "shortest": (by_height[0], _ORANGE, "v"),
    }

    # Placed by hand: finding the places takes as long as drawing it all.
    fig, (free, shared) = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
    fig.subplots_adjust(left=0.08, right=0.87, bottom=0.14, top=0.92, wspace=0.06)
    for name, (subject, color, marker) in shown.items():
        boy = data[data["Subject"] == subject].sort_values("age")
        age, height = boy["age"], boy["height"]
        # Least squares through a fixed point: regress the distance from it on age, without an intercept.
        slope = (age @ (height - shared_intercept)) / (age @ age)
        free.plot(age, own.loc[subject, "intercept"] + own.loc[subject, "slope"] * age, color=color)
        shared.plot(age, shared_intercept + slope * age, color=color)
        for ax in (free, shared):
            ax.scatter(age, height, s=22, color=color, marker=marker, label=name)
    free.set(title="each boy his own intercept", ylabel=HEIGHT_LABEL)
    shared.set(title="one intercept for all")
    for ax in (free, shared):
        ax.set(xticks=_AGE_TICKS, xlabel=AGE_LABEL)
        sns.despine(ax=ax)
    fig.legend(*shared.get_legend_handles_labels(), title="boy", loc="center right", frameon=False)
    return np.array([free, shared])


def plot_pooling(data: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Show three lines for boy 10, with more and more of his visits known.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with the columns ``Subject``, ``age``, ``height`` and ``Occasion``.

    Returns
    -------
    numpy.ndarray of Axes, shape (4,)
        One, two, four and eight known visits: the line of the average boy, the boy's own least-squares line (there is
        none with one visit) and the line that the random-slope model predicts.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_pooling(load_oxboys()).shape
    (4,)
    """
    results = fit_random_slope(data)
    boy = data[data["Subject"] == 10].sort_values("Occasion")
    age, height = boy["age"].to_numpy(), boy["height"].to_numpy()
    # Placed by hand: finding the places takes as long as drawing it all.
    fig, axes = plt.subplots(1, 4, figsize=(10, 3.6), sharey=True)
    fig.subplots_adjust(left=0.07, right=0.99, bottom=0.26, top=0.91, wspace=0.08)
    ages = np.array([-1.0, 1.0])
    for ax, known in zip(axes, (1, 2, 4, 8), strict=True):
        average = predicted_line(results, [], [])
        model = predicted_line(results, age[:known], height[:known])
        ax.plot(ages, average @ [np.ones(2), ages], color=_GREY, linestyle="--", label="average boy's line")
        if known > 1:
            ax.plot(ages, np.polyval(np.polyfit(age[:known], height[:known], deg=1), ages), color=_ORANGE)
        ax.plot([], [], color=_ORANGE, label="his own line")
        ax.plot(ages, model @ [np.ones(2), ages], color=_BLUE, linewidth=2, label="the model's line")
        ax.scatter(age[:known], height[:known], s=28, color="black", zorder=3, label="known visit")
        ax.scatter(
            age[known:], height[known:], s=28, facecolor="white", edgecolor="black", zorder=3, label="later visit"
        )
        ax.set(title=f"{known} visit{'s' * (known > 1)} known", xticks=(-1, 0, 1), xlabel="age (years)")
        sns.despine(ax=ax)
    axes[0].set(ylabel=HEIGHT_LABEL)
    fig.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncols=5, frameon=False)
    return np.asarray(axes)


def plot_forecast_errors(data: pd.DataFrame) -> Axes:
    """Show how far forecasts of the last height miss, by the number of visits that are known.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with the columns ``Subject``, ``age``, ``height`` and ``Occasion``.

    Returns
    -------
    Axes
        A line for each way to forecast: the average boy's line, the boy's own line (from two visits on), and the line
        of the random-slope model. Heights are the root mean squared errors (cm) of the 26 forecasts.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_forecast_errors(load_oxboys()).get_xlabel()
    'visits known'
    """
    by_known = forecast_errors(data)
    _, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    styles = {
        "average": ("average boy's line", _GREY, "s", "--"),
        "own": ("own line", _ORANGE, "^", "-"),
        "model": ("the model's line", _BLUE, "o", "-"),
    }
    for name, (label, color, marker, style) in styles.items():
        errors_of_one = by_known[name].dropna()  # one visit makes no line of one's own
        ax.plot(errors_of_one.index, errors_of_one, color=color, marker=marker, linestyle=style, label=label)
    ax.set(
        xlabel="visits known",
        ylabel="typical error of the forecast (RMSE, cm)",
        title="Forecasts of the last height, 26 boys",
        ylim=(0, None),
    )
    ax.legend(loc="center right", frameon=False)
    sns.despine(ax=ax)
    return ax


def plot_moved_zero(data: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Show the lines that a random-slope model predicts for the boys, and where they cross four zeros of age.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm).

    Returns
    -------
    numpy.ndarray of Axes, shape (2,)
        Left: the lines within the study, with a zero at the first visit, in the middle and at the last visit. Right:
        the same lines from birth on, with a zero at birth; the time of the study is shaded. Dots are intercepts.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_moved_zero(load_oxboys()).shape
    (2,)
    """
    intercepts, slopes = predicted_lines(fit_random_slope(data), data).to_numpy().T
    # Placed by hand: finding the places takes as long as drawing it all.
    fig, axes = plt.subplots(1, 2, figsize=(10, 4.4))
    fig.subplots_adjust(left=0.07, right=0.99, bottom=0.13, top=0.92, wspace=0.16)
    views = (
        ("in the study", (-1.0, 1.0), {"first visit": -1.0, "mid-study": 0.0, "last visit": 1.0}, _AGE_TICKS),
        ("the same lines, as far as birth", (BIRTH, 1.0), {"birth": BIRTH}, (-12, -10, -8, -6, -4, -2, 0)),
    )
    for ax, (title, (first, last), zeros, ticks) in zip(axes, views, strict=True):
        ages = np.array([first, last])
        ax.plot(ages, intercepts + np.outer(ages, slopes), color=_BLUE, linewidth=0.8, alpha=0.7)
        for zero in zeros.values():
            ax.axvline(zero, color="black", linestyle="--", linewidth=1, zorder=0)
            ax.scatter(np.full(len(slopes), zero), intercepts + zero * slopes, s=14, color=_ORANGE, zorder=3)
        top = ax.get_ylim()[1]
        for words, zero in zeros.items():
            ax.annotate(words, (zero, top), xytext=(4 if zero < 0 else -4, -2), textcoords="offset points",
                        ha="left" if zero < 0 else "right", va="top")  # fmt: skip
        ax.margins(x=0.05)
        ax.set(title=title, xlabel=AGE_LABEL, xticks=ticks)
        sns.despine(ax=ax)
    axes[1].axvspan(-1, 1, color=_GREY, alpha=0.3, linewidth=0, zorder=0, label="measured")
    axes[1].legend(loc="lower center", frameon=False)
    axes[0].set(ylabel=HEIGHT_LABEL)
    return np.asarray(axes)


def plot_spread_by_visit(data: pd.DataFrame) -> Axes:
    """Show how much heights differ at each visit, and what parallel lines and a fan of lines say about it.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with the columns ``Subject``, ``age``, ``height`` and ``Occasion``.

    Returns
    -------
    Axes
        Dots: the standard deviation (cm) of the boys' heights at a visit. Lines: the same by the random-intercept
        model and by the random-slope model, the residual variance included.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_spread_by_visit(load_oxboys()).get_xlabel()
    'age (years, centred near 12¼)'
    """
    visits = data.groupby("Occasion")
    parallel, fan = fit_random_intercept(data), fit_random_slope(data)
    ages = np.linspace(data["age"].min(), data["age"].max(), 41)
    by_fan = [np.sqrt(move_zero(fan, age).intercept_variance + fan.scale) for age in ages]
    by_parallel = np.full_like(ages, np.sqrt(parallel.cov_re.iloc[0, 0] + parallel.scale))
    _, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    ax.plot(ages, by_parallel, color=_GREY, linestyle="--", linewidth=2, label="parallel lines")
    ax.plot(ages, by_fan, color=_BLUE, linewidth=2, label="fan of lines")
    ax.scatter(
        visits["age"].mean(), visits["height"].std(), color="black", zorder=3, label="as measured, visit by visit"
    )
    ax.set(
        xlabel=AGE_LABEL,
        ylabel="standard deviation of height (cm)",
        title="How much boys differ",
        xticks=_AGE_TICKS,
        ylim=(6, 10),
    )
    ax.legend(loc="lower right", frameon=False)
    sns.despine(ax=ax)
    return ax


def plot_variance_at_the_edge(data: pd.DataFrame) -> Axes:
    """Show what is estimated for the variance of slopes in studies where slopes do not vary.

    The estimate is the variance of the boys' own slopes less what noise alone puts into it. Where all boys grow at
    one rate, about half of the estimates lie below zero, where no variance can be.

    Parameters
    ----------
    data : DataFrame
        Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm); at least two
        boys, and three measurements of each.

    Returns
    -------
    Axes
        A histogram of the estimates from 1000 simulated studies with the ages of `data`; a dashed line marks the
        estimate from `data` itself.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> data = load_oxboys()
    >>> plot_variance_at_the_edge(data[data["Occasion"] <= 3]).get_ylabel()
    'studies'
    """
    (own,), (noise,) = _slope_variance(data, data["height"].to_numpy()[np.newaxis])
    # Neither heights nor growth of the boys matter to their own slopes beyond noise, so noise is all that is needed.
    studies = np.random.default_rng(1).normal(scale=np.sqrt(noise), size=(1000, len(data)))
    estimates, _ = _slope_variance(data, studies)
    width = np.ptp(estimates) / 40
    edges = width * np.arange(np.floor(estimates.min() / width), np.ceil(estimates.max() / width) + 1)
    _, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    for side, color, hatch, label in (
        (estimates[estimates < 0], _ORANGE, "//", "below zero: stops at 0"),
        (estimates[estimates >= 0], _BLUE, "", "above zero"),
    ):
        share = f"{label} ({100 * len(side) / len(estimates):.0f} %)"
        ax.hist(side, edges, color=color, hatch=hatch, edgecolor="white", linewidth=0.5, label=share)
    ax.axvline(0, color="black", linewidth=2)
    ax.axvline(own, color="black", linestyle="--", linewidth=1.5, label="our own study")
    ax.set(
        xlabel="variance of own slopes, less noise (cm² per year²)",
        ylabel="studies",
        title="1000 studies in which all boys grow at one rate",
    )
    ax.legend(loc="upper left", frameon=False)
    ax.margins(y=0.3)
    sns.despine(ax=ax)
    return ax


def plot_mean_residuals(data: pd.DataFrame, fits: Mapping[str, Any] | None = None) -> Axes:
    """Show the mean residual at each visit: what a model leaves over for all boys together.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with the columns ``Subject``, ``age``, ``height`` and ``Occasion``.
    fits : mapping from str to MixedLMResults, optional
        Fits to `data`, by the name to be shown. Without any, the random-slope model is fitted.

    Returns
    -------
    Axes
        For each fit and visit a dot at the mean of the boys' residuals (cm), with a bar of two standard errors up and
        down.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> plot_mean_residuals(load_oxboys()).get_ylabel()
    'mean residual (cm)'
    """
    fits = fits or {"fan of lines": fit_random_slope(data)}
    _, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    ax.axhline(0, color="black", linestyle="--", linewidth=1)
    colors, markers = (_ORANGE, _BLUE, _GREEN), "^os"
    for number, (name, results) in enumerate(fits.items()):
        residuals = pd.Series(np.asarray(results.resid)).groupby(data["Occasion"].to_numpy())
        means = residuals.mean()
        # Beside each other, so that no bar hides another.
        place = means.index + 0.2 * (number - (len(fits) - 1) / 2)
        style = {"color": colors[number % 3], "marker": markers[number % 3]}
        ax.errorbar(place, means, yerr=2 * residuals.sem(), linestyle="none", capsize=3, label=name, **style)
    ax.set(
        xlabel="visit (about three months apart)",
        ylabel="mean residual (cm)",
        title=f"{data['Subject'].nunique()} residuals at each visit: their mean, ± 2 standard errors",
        xticks=sorted(data["Occasion"].unique()),
    )
    ax.legend(loc="upper center", ncols=len(fits), frameon=False)
    # One scale for all figures of these boys, so that they can be compared.
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, -1.2), max(high, 1.5))
    sns.despine(ax=ax)
    return ax


def plot_intervals(data: pd.DataFrame) -> Axes:
    """Show three intervals against age: for the average, for boys, and for the next measurement of boy 2.

    Parameters
    ----------
    data : DataFrame
        Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm); boy 2 must be
        among them.

    Returns
    -------
    Axes
        Bands of 95 %, by the random-slope model: a narrow one around the average line, a wide one for the heights of
        boys, and a very narrow one for boy 2. All measurements are grey, those of boy 2 are orange.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> len(plot_intervals(load_oxboys()).lines)  # the average boy and boy 2
    2
    """
    results = fit_random_slope(data)
    covariance = np.asarray(results.cov_re)
    ages = np.linspace(-1, 1, 41)
    design = np.column_stack([np.ones_like(ages), ages])

    def variance(matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(np.einsum("ti,ij,tj->t", design, matrix, design))

    boy = data[data["Subject"] == 2]
    known = np.column_stack([np.ones(len(boy)), boy["age"]])
    # What nine measurements leave unknown of the boy's own intercept and slope.
    precision = np.linalg.inv(covariance) + known.T @ known / results.scale
    average = design @ np.asarray(results.fe_params)
    own = design @ predicted_line(results, boy["age"], boy["height"])

    _, ax = plt.subplots(figsize=(7, 4.8), layout="constrained")
    bands = (
        ("95 % of boys", average, variance(covariance), _BLUE, 0.15),
        ("the average boy", average, variance(np.asarray(results.cov_params())[:2, :2]), _BLUE, 0.55),
        ("next measurement of boy 2", own, variance(np.linalg.inv(precision)) + results.scale, _ORANGE, 0.4),
    )
    for label, middle, squared, color, alpha in bands:
        reach = 1.96 * np.sqrt(squared)
        ax.fill_between(ages, middle - reach, middle + reach, color=color, alpha=alpha, linewidth=0, label=label)
    others = data[data["Subject"] != 2]
    ax.scatter(others["age"], others["height"], s=6, color=_GREY, label="measurement")
    ax.scatter(boy["age"], boy["height"], s=20, color=_ORANGE, edgecolor="black", linewidth=0.5, zorder=3)
    ax.plot(ages, average, color=_BLUE, linewidth=1.5)
    ax.plot(ages, own, color=_ORANGE, linewidth=1.5)
    ax.set(xlabel=AGE_LABEL, ylabel=HEIGHT_LABEL, title="Three 95 % intervals", xticks=_AGE_TICKS)
    ax.legend(loc="upper left", frameon=False)
    sns.despine(ax=ax)
    return ax


def plot_coverage(slopes: npt.ArrayLike, errors: npt.ArrayLike, true_slope: float) -> Axes:
    """Show which 95 % intervals of simulated studies hold the true slope.

    Parameters
    ----------
    slopes, errors : array_like
        The estimated slope of each study (cm per year), and its standard error.
    true_slope : float
        The slope that the studies were simulated with.

    Returns
    -------
    Axes
        One interval per study, slope ± 1.96 standard errors: blue if the true slope lies in it, orange and with a
        square if not.

    Examples
    --------
    >>> plot_coverage([6.4, 7.6], [0.3, 0.3], true_slope=6.5).get_title()
    '1 of 2 intervals hold the true slope'
    """
    slope, reach = np.asarray(slopes, dtype=float), 1.96 * np.asarray(errors, dtype=float)
    study, holds = np.arange(1, len(slope) + 1), np.abs(slope - true_slope) <= reach
    _, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    for chosen, color, marker, label in ((holds, _BLUE, "o", "holds it"), (~holds, _ORANGE, "s", "misses it")):
        ax.vlines(study[chosen], (slope - reach)[chosen], (slope + reach)[chosen], color=color, linewidth=1.5)
        ax.scatter(study[chosen], slope[chosen], s=14, color=color, marker=marker, label=label, zorder=3)
    ax.axhline(true_slope, color="black", linewidth=1)
    ax.set(
        xlabel="simulated study",
        ylabel="average slope (cm per year)",
        title=f"{holds.sum()} of {len(slope)} intervals hold the true slope",
    )
    ax.legend(loc="upper right", ncols=2, frameon=False)
    ax.margins(x=0.01, y=0.15)
    sns.despine(ax=ax)
    return ax


def _slope_variance(data: pd.DataFrame, studies: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the variance of own slopes less noise, and the residual variance, for each row of heights."""
    slopes, spreads = [], []
    left = studies.astype(float)
    for rows in data.groupby("Subject").indices.values():
        age = data["age"].to_numpy()[rows]
        age = age - age.mean()
        spreads.append(age @ age)
        slopes.append(left[:, rows] @ age / spreads[-1])
        left[:, rows] -= left[:, rows].mean(axis=1, keepdims=True) + np.outer(slopes[-1], age)
    residual = (left**2).sum(axis=1) / (len(data) - 2 * len(slopes))
    return np.var(slopes, axis=0, ddof=1) - residual * np.mean(1 / np.array(spreads)), residual


def _own_lines(data: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Fit a separate least-squares line on age to each boy: a row per ``Subject``, intercept and slope."""
    lines = {subject: np.polyfit(boy["age"], boy[outcome], deg=1)[::-1] for subject, boy in data.groupby("Subject")}
    return pd.DataFrame.from_dict(lines, orient="index", columns=["intercept", "slope"])
