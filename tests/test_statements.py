"""What the prose says in numbers is what the data say.

Each number in the prose of a page below is either part of a statement of `NUMBERS`, which is computed here, or one of
`NO_STATEMENT`. Statements in words are in `WORDS`. Numbers that code prints need no entry: they cannot be wrong.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from classroom import ROOT
from scipy import optimize, stats

from oxboys_mlm import (
    fit_curve,
    fit_null,
    fit_random_bend,
    fit_random_intercept,
    fit_random_slope,
    fit_slope_only,
    icc,
    likelihood_ratio,
    load_oxboys,
    slope_range,
)
from oxboys_mlm.centring import move_zero
from oxboys_mlm.pooling import forecast_errors
from oxboys_mlm.questions.how_sure import COVERAGE_PARALLEL

data = load_oxboys()
null, parallel, fan, slope_only = (
    fit_null(data),
    fit_random_intercept(data),
    fit_random_slope(data),
    fit_slope_only(data),
)
ols = smf.ols("height ~ age", data=data).fit()
boys = data.groupby("Subject")
lines = pd.DataFrame({boy: np.polyfit(rows["age"], rows["height"], deg=1) for boy, rows in boys}).T
own_slopes, own_intercepts = lines[0], lines[1]
covariance = fan.cov_re.to_numpy()

BOYS, VISITS, ROWS = data["Subject"].nunique(), data["Occasion"].nunique(), len(data)
ICC = icc(null)
LOW, HIGH = slope_range(fan)
ERRORS = forecast_errors(data)


@cache
def plain_fit() -> Any:
    """Return what ``.fit()`` without an argument makes of the slope-only model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return smf.mixedlm("height ~ age", data, groups=data["Subject"], re_formula="~age - 1").fit()


def visits_correlate() -> tuple[float, float]:
    """Return the lowest and the highest correlation of the heights at two visits."""
    table = data.pivot_table(index="Subject", columns="Occasion", values="height").corr().to_numpy()
    pairs = table[np.triu_indices(VISITS, 1)]
    return pairs.min(), pairs.max()


def same_side() -> int:
    """Return how many boys are on one side of the common line at all visits."""
    above = (ols.resid > 0).groupby(data["Subject"]).mean()
    return int(above.isin([0, 1]).sum())


def boundary_quantile() -> float:
    """Return the 95 % point of the likelihood ratio if slopes do not vary: half χ²₁, half χ²₂."""

    def beyond(value: float) -> float:
        return (stats.chi2.sf(value, 1) + stats.chi2.sf(value, 2)) / 2 - 0.05

    return float(optimize.brentq(beyond, 1, 20))


def printed_error() -> float:
    """Return the ``Std.Err.`` that the null model's summary prints for the variance."""
    return float(null.summary().tables[1].loc["Group Var", "Std.Err."])


def correlations() -> tuple[float, float, float]:
    """Return the correlation of own intercepts and slopes, and the reliabilities of both."""
    own = np.cov(own_intercepts, own_slopes)
    return own[0, 1] / np.sqrt(own[0, 0] * own[1, 1]), covariance[0, 0] / own[0, 0], covariance[1, 1] / own[1, 1]


@cache
def effects() -> np.ndarray:
    """Return the variances of the predicted intercepts and slopes."""
    return np.array([effect.to_numpy() for effect in fan.random_effects.values()]).var(axis=0, ddof=1)


@cache
def in_months() -> float:
    """Return the REML log-likelihood of parallel lines with age in months."""
    return float(fit_random_intercept(data.assign(age=12 * data["age"])).llf)


@cache
def ml_llf(formula: str, re_formula: str = "1") -> float:
    """Return a log-likelihood by ML."""
    model = smf.mixedlm(formula, data, groups=data["Subject"], re_formula=re_formula)
    return float(model.fit(reml=False, method=["bfgs", "powell"]).llf)


@cache
def three_visits() -> tuple[float, float]:
    """Return the likelihood ratio of random slopes after three visits, and the correlation."""
    early = data[data["Occasion"].astype(int) <= 3]
    wide = fit_random_slope(early)
    size = wide.cov_re.to_numpy()
    return likelihood_ratio(fit_random_intercept(early), wide).statistic, size[0, 1] / np.sqrt(size[0, 0] * size[1, 1])


@cache
def curve() -> Any:
    """Return the fit with one bend for all boys."""
    return fit_curve(data)


@cache
def bend() -> Any:
    """Return the fit with a bend for each boy."""
    return fit_random_bend(data)


@cache
def misses() -> dict[str, np.ndarray]:
    """Return by how much forecasts of visit 9 from visits 1 to 8 miss: by lines, by curves, by adding mean growth."""
    known, last = data[data["Occasion"] < VISITS], data[data["Occasion"] == VISITS]
    before = data[data["Occasion"] == VISITS - 1]
    age, height = last["age"].to_numpy(), last["height"].to_numpy()
    found = {}
    for name, fit in {"lines": fit_random_slope(known), "curves": fit_random_bend(known)}.items():
        own = np.array([effects.to_numpy() for effects in fit.random_effects.values()]) + fit.fe_params.to_numpy()
        found[name] = height - sum(own[:, power] * age**power for power in range(own.shape[1]))
    growth = fit_random_slope(known).fe_params["age"] * (age - before["age"].to_numpy())
    return {**found, "naive": height - before["height"].to_numpy() - growth}


def rmse(name: str) -> float:
    """Return the typical size of these misses (cm)."""
    return float(np.sqrt(np.mean(misses()[name] ** 2)))


def mean_residuals(fit: Any) -> pd.DataFrame:
    """Return mean and standard error of the residuals at each visit."""
    return pd.Series(np.asarray(fit.resid)).groupby(data["Occasion"].to_numpy()).agg(["mean", "sem"])


@cache
def straight_growth() -> pd.DataFrame:
    """Return the mean residuals of the heights that notebook 9 makes up."""
    noise = np.random.default_rng(5).normal(0, np.sqrt(fan.scale), ROWS)
    return mean_residuals(fit_random_slope(data.assign(height=fan.fittedvalues + noise)))


@cache
def at_age(age: float) -> Any:
    """Return what the fan says with age 0 at another age."""
    return move_zero(fan, age)


def spreads() -> tuple[float, float]:
    """Return the standard deviation of the heights at the first and the last visit."""
    by_visit = data.groupby("Occasion")["height"].std()
    return by_visit.iloc[0], by_visit.iloc[-1]


def spread_of_fan(age: float) -> float:
    """Return the standard deviation of measurements at an age, by the fan."""
    return float(np.sqrt(at_age(age).intercept_variance + fan.scale))


def first_with_last() -> tuple[float, float, float]:
    """Return the correlation of heights at the first and the last visit: measured, by the fan, by parallel lines."""
    table = data.pivot_table(index="Subject", columns="Occasion", values="height").corr()
    shared = covariance[0, 0] - covariance[1, 1]  # the covariance of the lines at −1 and 1
    return float(table.to_numpy()[0, -1]), shared / (spread_of_fan(-1) * spread_of_fan(1)), icc(parallel)


def narrowest() -> float:
    """Return the age at which boys differ least, by the fan."""
    return float(-covariance[0, 1] / covariance[1, 1])


def marginal_share() -> float:
    """Return the marginal R² of parallel lines by Nakagawa and Schielzeth (%)."""
    fixed = np.var(parallel.fe_params["Intercept"] + parallel.fe_params["age"] * data["age"])
    return float(100 * fixed / (fixed + parallel.cov_re.iloc[0, 0] + parallel.scale))


def upper(variance: float) -> float:
    """Return the upper 95 % limit about the average height at age 0, by a variance."""
    return float(fan.fe_params["Intercept"] + 1.96 * np.sqrt(variance))


def known_boy(boy: int = 1) -> tuple[float, float]:
    """Return the predicted height of a boy at age 0, and the variance of his next measurement there."""
    ages = data.loc[data["Subject"] == boy, "age"]
    design = np.column_stack([np.ones(len(ages)), ages])
    left = np.linalg.inv(np.linalg.inv(covariance) + design.T @ design / fan.scale)
    return float(fan.fe_params["Intercept"] + fan.random_effects[boy].iloc[0]), float(left[0, 0] + fan.scale)


def slope_error(children: int, visits: int) -> float:
    """Return the standard error of the average slope of a study with visits spread evenly over two years."""
    squared_ages = (np.linspace(-1, 1, visits) ** 2).sum()
    return float(np.sqrt((covariance[1, 1] + fan.scale / squared_ages) / children))


ranges = boys["height"].max() - boys["height"].min()
means = boys["height"].mean()
ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE, TEN = (
    "1-visualization",
    "2-null-model",
    "3-random-intercept",
    "4-random-slope",
    "5-slope-only",
    "6-borrowing-strength",
    "7-where-is-zero",
    "8-which-model",
    "9-is-the-line-straight",
    "10-how-sure",
)
SHEET, ORIGIN, ALT = "docs/differences-from-the-sheet.md", "data/README.md", "docs/_ext/exercises.py"
FEEDBACK = "feedback texts"

#: Where, the words as printed, and what their numbers must be, rounded to the decimals that are printed.
NUMBERS: list[tuple[str, str, tuple[Any, ...]]] = [
    ("", "26 boys", (BOYS,)),
    ("", "234 boys", (ROWS,)),
    ("", "234 measurements", (ROWS,)),
    ("", "26 lines", (BOYS,)),
    ("", "26 parallel", (BOYS,)),
    ("", "26 own slopes", (BOYS,)),
    (ONE, "number of the visit, 1 to 9", (data["Occasion"].min(), data["Occasion"].max())),
    (ONE, "Age −1 is the first visit, age 0 the middle", (data["age"].min(), data["age"].mean())),
    (ONE, "age 1 the last visit", (data["age"].max(),)),
    (ONE, "26 unrelated studies", (BOYS,)),
    (ONE, "all 26 panels", (BOYS,)),
    (ONE, "23 of the 26 boys are on the same side of the common line at all nine visits", (same_side(), BOYS)),
    (ONE, "234 independent observations", (ROWS,)),
    (ONE, "234 independent measurements", (ROWS,)),
    (ONE, "standard error .53 cm", (ols.bse["Intercept"],)),
    (ONE, "26 separate regressions", (BOYS,)),
    (TWO, "by .96 to .998 in these data", visits_correlate()),
    (TWO, "74 % of the variance", (100 * ICC,)),
    (TWO, "correlate by .74", (ICC,)),
    (THREE, "6½ cm a year", (parallel.fe_params["age"],)),
    (THREE, "6.5 ± 0.3 cm a year", (parallel.fe_params["age"], 1.96 * parallel.bse_fe["age"])),
    (THREE, "drops by 92 %", (100 * (1 - parallel.scale / null.scale),)),
    (SIX, "Boy 10 is the shortest of the 26", (means.idxmin(), BOYS)),
    (SIX, "for all 26:", (BOYS,)),
    (SIX, "misses by 9 cm", (ERRORS["average"].max(),)),
    (SIX, "misses by 5.6 cm after two visits and by 1.1 cm after eight", tuple(ERRORS["own"].loc[[2, 8]])),
    (SIX, "misses by 2.7 cm after *one* visit", (ERRORS["model"].loc[1],)),
    (SIX, "RMSE 2.7 cm, own line 5.6 cm", tuple(ERRORS.loc[2][["model", "own"]])),
    (SIX, "all 26 boys", (BOYS,)),
    (SIX, "26 slopes", (BOYS,)),
    (SIX, "26 fitted slopes", (BOYS,)),
    (SIX, "own slopes of the 26", (BOYS,)),
    (SIX, "26 pairs", (BOYS,)),
    (SIX, "correlate .63. With the reliabilities of these intercepts (.9993) and slopes (.9606:", correlations()),
    (SIX, "visits 3 to 9 of boy 4, so that 227 rows", (3, VISITS, 4, ROWS - 7)),
    (SIX, "The 26 predicted intercepts have the variance 65.26, the predicted slopes 2.72", (BOYS, *effects())),
    (SIX, "the model says 65.30 and 2.82", (covariance[0, 0], covariance[1, 1])),
    (SIX, "divides by 26 boys, the second by 25", (BOYS, BOYS - 1)),
    (SIX, "at visit 9 with", (VISITS,)),
    (
        SIX,
        "The average line: 9 cm throughout. The own line: from 5.6 cm with two visits to 1.1 cm with eight",
        (
            ERRORS["average"].max(),
            *ERRORS["own"].loc[[2, 8]],
        ),
    ),
    (SIX, "2.7 cm with one visit, then falling to the same 1.1 cm", tuple(ERRORS["model"].loc[[1, 8]])),
    (SEVEN, "from the same 26 boys", (BOYS,)),
    (SEVEN, "first visit is at age −1, the last at age 1.", (data["age"].min(), data["age"].max())),
    (SEVEN, "subtract 1 from every age. Then the last visit is at 0,", (data["age"].max(), data["age"].max() - 1)),
    (SEVEN, "is 155.9 cm tall and no longer 149.4 cm", (at_age(1).intercept, at_age(0).intercept)),
    (
        SEVEN,
        "their variance is 85.5 in place of 65.3",
        (at_age(1).intercept_variance, at_age(0).intercept_variance),
    ),
    (SEVEN, "r = .74 in place of .64", (at_age(1).correlation, at_age(0).correlation)),
    (
        SEVEN,
        "the average boy begins with 69 cm, and r is −.93",
        (at_age(-12.25).intercept, at_age(-12.25).correlation),
    ),
    (SEVEN, "for the 26 boys", (BOYS,)),
    (SEVEN, "shorter than 69 cm", (at_age(-12.25).intercept,)),
    (SEVEN, "The r of −.93", (at_age(-12.25).correlation,)),
    (SEVEN, "at age −1 should agree", (data["age"].min(),)),
    (SEVEN, "visit (age 1) as at the **first** (age −1)", (data["age"].max(), data["age"].min())),
    (SEVEN, "of the 26 heights", (BOYS,)),
    (SEVEN, "rises from 7.3 cm at the first visit to 9.4 cm at the last", spreads()),
    (SEVEN, "The fan says 7.2 and 9.3 cm", (spread_of_fan(-1), spread_of_fan(1))),
    (SEVEN, "parallel lines say 8.2 cm", (float(np.sqrt(parallel.cov_re.iloc[0, 0] + parallel.scale)),)),
    (SEVEN, "correlate .96. The fan says .94, parallel lines .97", first_with_last()),
    (
        SEVEN,
        "differ least at age −3.08, when they are about nine years old; their variance is 38.4",
        (narrowest(), at_age(narrowest()).intercept_variance),
    ),
    (SEVEN, "growth correlate r = .64", (at_age(0).correlation,)),
    (SEVEN, "not: .64 is", (at_age(0).correlation,)),
    (SEVEN, ".64 belongs to the middle", (at_age(0).correlation,)),
    (SEVEN, "it is only .49", (at_age(-1).correlation,)),
    (SEVEN, "r = .64 is wrong", (at_age(0).correlation,)),
    (
        EIGHT,
        "zero to 46 decimal places",
        (-np.floor(np.log10(stats.chi2.sf(likelihood_ratio(parallel, fan).statistic, 2))) - 1,),
    ),
    (
        EIGHT,
        "its AIC (ML) is about 210 lower",
        (10 * np.floor((2 * (ml_llf("height ~ age", "~age") - ml_llf("height ~ age")) - 4) / 10),),
    ),
    (
        EIGHT,
        "so .065 is too careful and .043 is right",
        (
            stats.chi2.sf(three_visits()[0], 2),
            (stats.chi2.sf(three_visits()[0], 1) + stats.chi2.sf(three_visits()[0], 2)) / 2,
        ),
    ),
    (EIGHT, "age explains 92 %", (100 * (1 - parallel.scale / null.scale),)),
    (EIGHT, "79 % is still unexplained", (100 - marginal_share(),)),
    (EIGHT, "The correlation of 1.00 after three visits", (three_visits()[1],)),
    (
        EIGHT,
        "Likelihood ratio 216 (REML) or 215 (ML)",
        (
            likelihood_ratio(parallel, fan).statistic,
            2 * (ml_llf("height ~ age", "~age") - ml_llf("height ~ age")),
        ),
    ),
    (EIGHT, "falls from −470.01 to −472.50", (parallel.llf, in_months())),
    (EIGHT, "234 measurements or 26 boys", (ROWS, BOYS)),
    (EIGHT, "statsmodels takes 234", (ROWS,)),
    (EIGHT, "A correlation of exactly 1.00", (three_visits()[1],)),
    (EIGHT, "variance of the 26", (BOYS,)),
    (
        EIGHT,
        "92 % of the variance within boys, and *minus* 3.5 %",
        (
            100 * (1 - parallel.scale / null.scale),
            100 * (parallel.cov_re.iloc[0, 0] / null.cov_re.iloc[0, 0] - 1),
        ),
    ),
    (EIGHT, "Age explains 21 %", (marginal_share(),)),
    (EIGHT, "The 21 %", (marginal_share(),)),
    (EIGHT, "21 % explained", (marginal_share(),)),
    (NINE, "there are 26 of them", (BOYS,)),
    (NINE, "mean of 26 residuals", (BOYS,)),
    (NINE, "which was .44 for", (fan.scale,)),
    (
        NINE,
        "likelihood ratio is 45.8",
        (2 * (ml_llf("height ~ age + I(age**2)", "~age") - ml_llf("height ~ age", "~age")),),
    ),
    (NINE, "at age 1, when the study ends", (data["age"].max(),)),
    (NINE, "6.5 cm per year", (fan.fe_params["age"],)),
    (NINE, "random bend is 46.4", (2 * (bend().llf - curve().llf),)),
    (NINE, "visits 1 to 8 only", (1, VISITS - 1)),
    (NINE, "it to visits 1 to 8", (1, VISITS - 1)),
    (NINE, "each boy at visit 9", (VISITS,)),
    (NINE, "height at visit 9", (VISITS,)),
    (NINE, "height at visit 8", (VISITS - 1,)),
    (NINE, "until visit 9", (VISITS,)),
    (NINE, "by .7 cm on average", (misses()["lines"].mean(),)),
    (NINE, "likelihood ratio of 216", (likelihood_ratio(parallel, fan).statistic,)),
    (NINE, "rests on 26 bends, not on 234 measurements", (BOYS, ROWS)),
    (NINE, "growth is 6.52 cm a year", (bend().fe_params["age"],)),
    (NINE, "Still 6.52 cm a year", (bend().fe_params["age"],)),
    (NINE, "σ² fell from .44 to .23", (fan.scale, bend().scale)),
    (NINE, "the standard error goes from .10 to .18", tuple(fit.bse_fe.iloc[2] for fit in (curve(), bend()))),
    (NINE, "26 boys bend differently", (BOYS,)),
    (NINE, "about .7 cm too low", (misses()["lines"].mean(),)),
    (
        NINE,
        "above zero at visits 1, 2, 8 and 9, below zero from 3 to 7",
        (
            *mean_residuals(fan).query("mean > 0").index,
            *mean_residuals(fan).query("mean < 0").index[[0, -1]],
        ),
    ),
    (TEN, "grow 6.5 cm a year", (fan.fe_params["age"],)),
    (TEN, "to be unsure of: ± 1.4 cm", (1.96 * np.sqrt(known_boy(2)[1]),)),
    (TEN, "differences of 8 cm between boys, an error of .7 cm", (np.sqrt(covariance[0, 0]), np.sqrt(fan.scale))),
    (TEN, "150.67 cm, which is the average", (upper(fan.scale),)),
    (TEN, "152.48 cm, which is the average", (upper(fan.bse_fe["Intercept"] ** 2),)),
    (TEN, "165.21 cm, which is the average", (upper(covariance[0, 0]),)),
    (TEN, "149.49 cm, which is the upper limit", (known_boy()[0] + 1.96 * np.sqrt(known_boy()[1]),)),
    (TEN, "26 slopes", (BOYS,)),
    (TEN, "it is 94 %, not 95", (100 * (1 - 2 * stats.t.sf(1.96, BOYS - 1)), 95)),
    (TEN, "25 degrees of freedom", (BOYS - 1,)),
    (TEN, "falls from .342 to .336", (slope_error(BOYS, 2), slope_error(BOYS, VISITS))),
    (TEN, "it stays above .330", (np.sqrt(covariance[1, 1] / BOYS),)),
    (TEN, "plans 26 children", (BOYS,)),
    (TEN, "78 children three times", (ROWS / 3,)),
    (TEN, "falls from .336 to .198", (slope_error(BOYS, VISITS), slope_error(ROWS // 3, 3))),
    (TEN, "78 children, three times each", (ROWS / 3,)),
    (TEN, "117 children, twice", (ROWS / 2,)),
    (TEN, "about 56 % of the intervals", (100 * COVERAGE_PARALLEL.target(),)),
    (TEN, "44 % false alarms", (100 * (1 - COVERAGE_PARALLEL.target()),)),
    (TEN, "234 dots", (ROWS,)),
    (FOUR, "between 3.7 and 9.4 cm per year", (own_slopes.min(), own_slopes.max())),
    (FOUR, "149 cm tall and grows 6.5 cm a year", (fan.fe_params["Intercept"], fan.fe_params["age"])),
    (FOUR, "149.4 is the mean height", (fan.fe_params["Intercept"],)),
    (FOUR, "between 3 and 10 cm a year", (LOW, HIGH)),
    (FOUR, "26 slopes", (BOYS,)),
    (FOUR, "26 particular boys", (BOYS,)),
    (
        FIVE,
        "it would be 1.5 on average, and above 5.14 in 5 of 100 studies",
        ((1 + 2) / 2, boundary_quantile(), 5, 100),
    ),
    (FIVE, "Scale rises from .4 to 65", (fan.scale, slope_only.scale)),
    (FIVE, "falls to −819", (slope_only.llf,)),
    (FIVE, "A small positive slope variance (.216)", (plain_fit().cov_re.iloc[0, 0],)),
    (FIVE, "−819.086, the optimum's −818.967", (plain_fit().llf, slope_only.llf)),
    (
        SHEET,
        "is .64, not .105",
        (covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), covariance[0, 1] / data["height"].var()),
    ),
    (SHEET, "reads .105 as the correlation", (covariance[0, 1] / data["height"].var(),)),
    (SHEET, "lme4 prints the same .64", (covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]),)),
    (SHEET, "a slope variance of .216 from", (plain_fit().cov_re.iloc[0, 0],)),
    (SHEET, ".216 is where the optimiser stopped", (plain_fit().cov_re.iloc[0, 0],)),
    (SHEET, "a slope variance of exactly 0", (slope_only.cov_re.iloc[0, 0],)),
    (SHEET, 'types "74.45%"', (100 * ICC,)),
    (SHEET, "between 3.72 and 9.36 cm per year", (own_slopes.min(), own_slopes.max())),
    (SHEET, "rises 150-fold", (slope_only.scale / fan.scale,)),
    (SHEET, "standard error of age, .13, without", (parallel.bse_fe["age"],)),
    (SHEET, "of 4.221 next to the variance of 63.3", (printed_error(), null.cov_re.iloc[0, 0])),
    (SHEET, "−733.3 (null) and −470.0 (random intercept)", (null.llf, parallel.llf)),
    (ORIGIN, "234 rows", (ROWS,)),
    (ORIGIN, "integer, 1–26", (data["Subject"].min(), data["Subject"].max())),
    (ORIGIN, "number, −1 to 1.0055", (data["age"].min(), data["age"].max())),
    (ORIGIN, "integer, 1–9", (data["Occasion"].min(), data["Occasion"].max())),
    (ONE, "all 234 heights", (ROWS,)),
    (ONE, "its top near 150 cm", (5 * (data["height"] / 5).round().mode()[0],)),
    (ALT, "26 rising lines", (BOYS,)),
    (TWO, "their means differ by some 35 cm", (means.max() - means.min(),)),
    (TWO, "the nine heights of one boy by 8 to 19 cm", (ranges.min(), ranges.max())),
]


def _leftover() -> pd.Series:
    """Return the mean residual of the random-intercept model at each visit."""
    return (data["height"] - parallel.fittedvalues).groupby(data["Occasion"]).mean()


def _visits_at(age: float) -> float:
    """Return the correlation of own slopes with the lines' heights at an age."""
    return float(np.corrcoef(own_slopes, own_intercepts + age * own_slopes)[0, 1])


def _optimisers_agree() -> bool:
    """Return whether all optimisers of notebook 5 but one find the optimum, and that one warns."""
    found: dict[str, tuple[float, int]] = {}
    for method in ("bfgs", "powell", "nm", "lbfgs"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fit = smf.mixedlm("height ~ age", data, groups=data["Subject"], re_formula="~age").fit(method=method)
        found[method] = fit.llf, len(caught)
    clumsy, warned = found.pop("nm")
    return clumsy < fan.llf - 0.01 and warned > 0 and all(abs(llf - fan.llf) < 0.001 for llf, _ in found.values())


noise = {"fan": fan.scale, "ols": ols.mse_resid}
spread = boys["age"].agg(lambda age: ((age - age.mean()) ** 2).sum()).mean()

#: Where, the words as printed, and whether they are true.
WORDS: list[tuple[str, str, Callable[[], Any]]] = [
    (ONE, "Twenty-six boys from Oxford were measured nine times over about two years", lambda: (
        (BOYS, VISITS) == (26, 9) and round(data["age"].max() - data["age"].min()) == 2
    )),
    (ONE, "resampling boys would make it three times as large", lambda: (
        round(parallel.bse_fe["Intercept"] / ols.bse["Intercept"]) == 3
    )),
    (TWO, "The bars vary a little more than the boys", lambda: 1 < means.var() / null.cov_re.iloc[0, 0] < 1.1),
    (TWO, "Two hundred and thirty-four measurements", lambda: ROWS == 234),
    (TWO, "makes the variance between boys a little too small", lambda: (
        0.9 < smf.mixedlm("height ~ 1", data, groups=data["Subject"]).fit(reml=False).cov_re.iloc[0, 0]
        / null.cov_re.iloc[0, 0] < 1
    )),
    (TWO, "Three quarters of the variance in height are differences between boys", lambda: round(4 * ICC) == 3),
    (THREE, "in opposite directions", lambda: (
        ols.bse["Intercept"] < parallel.bse_fe["Intercept"] / 2 and ols.bse["age"] > 2 * parallel.bse_fe["age"]
    )),
    (THREE, "hardly changes (it even rises a little)", lambda: (
        1 < parallel.cov_re.iloc[0, 0] / null.cov_re.iloc[0, 0] < 1.05
    )),
    (THREE, "to within a few millimetres a year", lambda: 1 < 10 * 1.96 * parallel.bse_fe["age"] < 5),
    (FOUR, "above zero at both ends and below it in the middle", lambda: (
        _leftover().iloc[[0, 1, 7, 8]].gt(0).all() and _leftover().iloc[2:7].lt(0).all()
    )),
    (FOUR, "well under a centimetre", lambda: np.sqrt(fan.scale) < 0.8),
    (FOUR, "at the last visit height and rate go together more closely", lambda: (
        _visits_at(-1) < _visits_at(0) < _visits_at(1)
    )),
    (TEN, "two and a half times as large", lambda: 2.4 < fan.bse_fe["age"] / parallel.bse_fe["age"] < 2.6),
    (TEN, "most of it the error of a single measurement", lambda: fan.scale / known_boy(2)[1] > 0.8),
    (TEN, "four times as many boys halve it", lambda: np.isclose(slope_error(4 * BOYS, 5), slope_error(BOYS, 5) / 2)),
    (TEN, "only a little more than half of the studies", lambda: 0.5 < COVERAGE_PARALLEL.target() < 0.6),
    (EIGHT, "is close to 1 for both models", lambda: all(
        1 - fit.scale / (np.var(fit.fittedvalues) + fit.scale) > 0.97 for fit in (parallel, fan)
    )),
    (NINE, "each bar crosses the zero line", lambda: (
        straight_growth()["mean"].abs() < 2 * straight_growth()["sem"]
    ).all()),
    (NINE, "the dots of the two models are the same", lambda: (
        (mean_residuals(fan)["mean"] - mean_residuals(parallel)["mean"]).abs().max() < 0.005
        and (mean_residuals(fan)["sem"] <= mean_residuals(parallel)["sem"] * 1.1).all()
    )),
    (NINE, "still goes up and down more than it did in the made-up heights", lambda: (
        mean_residuals(curve())["mean"].std() > straight_growth()["mean"].std()
    )),
    (NINE, "some boys are slowing down while most speed up", lambda: 2 < sum(
        np.polyfit(boy["age"], boy["height"], 2)[0] < 0 for _, boy in boys
    ) < BOYS / 2),
    (NINE, "(with a curve: at age 0), its standard error, their variance", lambda: (
        abs(bend().fe_params["age"] - fan.fe_params["age"]) < 0.01
        and abs(bend().bse_fe["age"] - fan.bse_fe["age"]) < 0.002
        and abs(bend().cov_re.iloc[1, 1] / fan.cov_re.iloc[1, 1] - 1) < 0.02
    )),
    (NINE, "around the straight lines was bend", lambda: 0.45 < bend().scale / fan.scale < 0.55),
    (NINE, "off by half a centimetre. Outside they miss by twice as much", lambda: (
        0.5 <= np.sqrt(np.mean(fit_random_slope(data[data["Occasion"] < VISITS]).resid ** 2)) < 0.55
        and 1 < rmse("lines") < 1.15
    )),
    (NINE, "It beats them all", lambda: rmse("naive") < rmse("curves") < rmse("lines")),
    (NINE, "for most boys in the same direction", lambda: np.mean(misses()["lines"] > 0) > 0.75),
    (FIVE, "All but one agree on the highest log-likelihood", _optimisers_agree),
    (FIVE, "noise explains next to nothing of the variance of the slopes", lambda: (
        noise["fan"] / spread < 0.05 * own_slopes.var()
    )),
    (FIVE, "it would make the slopes vary *more* than they do", lambda: noise["ols"] / spread > own_slopes.var()),
    (FIVE, "The standard error of age is much larger, the coefficient itself hardly different", lambda: (
        slope_only.bse_fe["age"] > 2 * fan.bse_fe["age"]
        and abs(slope_only.fe_params["age"] - fan.fe_params["age"]) < 0.01
    )),
    (SHEET, "it is two and a half times too small", lambda: 2.4 < fan.bse_fe["age"] / parallel.bse_fe["age"] < 2.6),
    (SHEET, "is about four times as large", lambda: 4 <= 18.6 / printed_error() < 4.5),
    (SHEET, "the standard error of age more than doubles", lambda: slope_only.bse_fe["age"] > 2 * fan.bse_fe["age"]),
    (SHEET, "it is clearly not zero", lambda: likelihood_ratio(parallel, fan).statistic > 10 * boundary_quantile()),
]  # fmt: skip

#: Numbers that state nothing about the data.
NO_STATEMENT = {
    "places in books": r"sections 3\.5 and 4\.8|chapters 6 \(tests\) and 7|\d+, 1171–1177|\d, 133–142|\d, 944–946",
    "years of books": r"\((?:19|20)\d\d\)",
    "chapters, volumes, parts": r"chapters? \d+(?:–\d+)?|68, 255–278|\d+\(\d\)|sections? \d",
    "tasks, notebooks, levels": r"(?:Tasks?|[Nn]otebooks?|[Ll]evel) \d(?: and \d)?|^# \d+ ·",
    "points": r"\(2 points, ½ for",
    "places of age 0": r"\bage 0\b|\b0 in the middle|\b0 is no(?:t the| longer in the) middle|and 0 is the middle",
    "scales: shares, correlations, the null and the one of a distribution": (
        r"0 and 1|−1 and 1|0 to 1\b|between 0 \(boys|and 1 \(all|not 1\b|standard deviation of 1\b|1 minus|is 1 plus"
    ),
    "what the age is, which the data do not say": r"12¼|12¾|12\.25|11 to 13",
    "confidence levels, and what goes with them": r"\b95 %|\b97\.5 %|\b2\.5 %|95 of 100|\b1\.96\b",
    "divisors": r"\*n\* − 1|, 0 for the intercept",
    "labels": r"\b[Bb]oy (?:1|2|4|10|20)\b",
    "a zero of height": r"a height of 0 cm",
    "what students wrongly write": r"p < \.001|74 % of height is|explains 74 %|\"74 % of the boys",
    "numbered lists and headings": r"(?:^|(?<= ))\d\. (?=[*A-Z\",]|the |how )",
    "what is tried out": (
        r"after 1, 3 and 9 visits|1000 of them|true value is 0\b|LR is always 0|pays instead of 2|below zero|"
        r"in 1000 simulated|is close to 1 for both|"
        r"at age \.5\b|least 500|true slope is 0\b|error of \*\*\.2\*\*|larger than \.2\b|ages −1 and 1\b"
    ),
    "a limit for p": r"\.05\b",
    "how long it takes, and titles of other notebooks": r"About \d\d minutes|(?:Before|Next): \[\d+ · [^\]]+\]",
    "positions": r"counted from 0|them from 0",
}

_NUMBER = re.compile(r"(?<![\w.])[−-]?(?:\d+(?:\.\d+)?|\.\d+)[¼½]?")


def _rubric(block: re.Match[str]) -> str:
    """Return what a rubric says, without its keys and points."""
    statements = tomllib.loads(block[1])["statement"]
    said = [[item["text"], *item["accepted"], *item["refused"], item.get("note", "")] for item in statements]
    return "\n\n".join(text for texts in said for text in texts)


def _prose(text: str) -> str:
    """Leave code, formulas and addresses out of a text, but not a rubric's sentences, and join its lines."""
    text = re.sub(r"```toml\n(.*?)```", _rubric, text, flags=re.DOTALL)
    for pattern in (
        r"```.*?```",
        r"\$\$.*?\$\$",
        r"\$[^$]*\$",
        r"`[^`]*`",
        r"(?<=\])\([^)\s]*\)",
        r"(?m)^ {4}sha256.*$",
    ):
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text).strip()


def _strings(path: Path) -> Iterator[str]:
    """Return the sentences among a module's strings, docstrings left out."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            parts = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


def _sentences(path: Path) -> list[str]:
    """Return those of a module's strings that a person reads as a sentence."""
    return [_prose(text) for text in _strings(path) if re.search(r"[a-z]{3,} [a-z]{2,}.*[.?:]\s*$", text, re.DOTALL)]


@cache
def pages() -> dict[str, list[str]]:
    """Return the prose of every place, in pieces."""
    found = {}
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        found[path.stem] = [_prose("".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"]
    for name in (SHEET, ORIGIN):
        found[name] = [_prose((ROOT / name).read_text("utf-8"))]
    found[ALT] = _sentences(ROOT / ALT)
    taught = {"visualization", "null_model", "random_intercept", "random_slope", "slope_only", "mistakes"}
    modules = (ROOT / "src" / "oxboys_mlm" / "questions").rglob("*.py")
    found[FEEDBACK] = [text for path in sorted(modules) if path.stem in taught for text in _sentences(path)]
    return found


@pytest.mark.parametrize(("where", "words", "values"), NUMBERS, ids=[f"{where} {words}" for where, words, _ in NUMBERS])
def test_numbers(where: str, words: str, values: tuple[float, ...]) -> None:
    """The words stand where it says, and each of their numbers is the computed one, rounded as printed."""
    assert any(words in piece for place, pieces in pages().items() if where in ("", place) for piece in pieces)
    printed = _NUMBER.findall(words)
    assert len(printed) == len(values)
    for text, value in zip(printed, values, strict=True):
        number = text.replace("−", "-").replace("½", ".5")
        decimals = len(number.partition(".")[2])
        assert round(float(value), decimals) == float(number), f"{text} is {value:.5f}"


@pytest.mark.parametrize(("where", "words", "holds"), WORDS, ids=[f"{where} {words}" for where, words, _ in WORDS])
def test_words(where: str, words: str, holds: Callable[[], Any]) -> None:
    """A statement in words stands where it is said to stand, and is true."""
    assert any(words in piece for piece in pages()[where])
    assert holds()


@pytest.mark.parametrize(
    "where", [ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE, TEN, SHEET, ORIGIN, ALT, FEEDBACK]
)
def test_no_number_without_a_statement(where: str) -> None:
    """Every number in the prose is computed above, or is one of those that state nothing about the data."""
    assert pages()[where]
    for piece in pages()[where]:
        rest = piece
        for place, words, _ in sorted(NUMBERS, key=lambda statement: -len(statement[1])):
            if place in ("", where):
                rest = rest.replace(words, "…")
        for pattern in NO_STATEMENT.values():
            rest = re.sub(pattern, "…", rest)
        left = [rest[max(0, found.start() - 40) : found.end() + 40] for found in _NUMBER.finditer(rest)]
        assert left == [], f"{where}: a number without a statement"
