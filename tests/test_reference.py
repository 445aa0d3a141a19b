"""What notebooks 6 to 10 add agrees with lme4 and nlme; tests/reference has R's script and what it gave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from oxboys_mlm import fit_null, fit_random_intercept, fit_random_slope, load_oxboys
from oxboys_mlm.centring import move_zero
from oxboys_mlm.models import fit_curve, fit_random_bend

DATA = load_oxboys()
SPARSE = DATA[(DATA["Subject"] != 4) | (DATA["Occasion"] <= 2)]
THREE, EIGHT = (DATA[DATA["Occasion"] <= last] for last in (3, 8))

FITS: dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame]] = {
    "null": (fit_null, DATA),
    "random_intercept": (fit_random_intercept, DATA),
    "random_slope": (fit_random_slope, DATA),
    "curve": (fit_curve, DATA),
    "random_bend": (fit_random_bend, DATA),
    "sparse": (fit_random_slope, SPARSE),
    "three_visits_parallel": (fit_random_intercept, THREE),
    "three_visits_fan": (fit_random_slope, THREE),
    "eight_visits_bend": (fit_random_bend, EIGHT),
}
TERMS = ("intercept", "age", "age2")


def reference(model: str, method: str = "REML") -> dict[str, float]:
    """Return R's values of a model of Oxboys."""
    table = pd.read_csv(Path(__file__).parent / "reference" / "reference.csv", keep_default_na=False)
    rows = table[(table["data_set"] == "oxboys") & (table["model"] == model) & (table["method"] == method)]
    assert len(rows)
    return dict(zip(rows["quantity"], rows["value"], strict=True))


def line_of(fit: Any, subject: int) -> np.ndarray:
    """Return a boy's coefficients: the fixed effects, and his own deviations from them."""
    return np.asarray(fit.fe_params) + np.asarray(fit.random_effects[subject])


@pytest.mark.parametrize("model", FITS)
def test_log_likelihood(model: str) -> None:
    """The builders reach the log-likelihood of lme4, and of nlme where that was tried."""
    build, data = FITS[model]
    expected = reference(model)

    for quantity in {"loglik", "loglik_nlme"} & expected.keys():
        assert build(data).llf == pytest.approx(expected[quantity], abs=1e-4)


@pytest.mark.parametrize("model", ["curve", "random_bend", "sparse"])
def test_estimates(model: str) -> None:
    """Estimates are lme4's; where boys differ in visits, statsmodels defines standard errors a little differently."""
    build, data = FITS[model]
    fit, expected = build(data), reference(model)
    terms = TERMS[: len(fit.fe_params)]
    close = 1e-3 if data is DATA else 0.02
    variances = [expected[f"var_{term}"] for term in terms if f"var_{term}" in expected]

    np.testing.assert_allclose(fit.fe_params, [expected[term] for term in terms], rtol=1e-4)
    np.testing.assert_allclose(fit.bse_fe, [expected[f"{term}_se"] for term in terms], rtol=close)
    np.testing.assert_allclose(np.diag(fit.cov_re), variances, rtol=1e-3)
    assert fit.scale == pytest.approx(expected["residual"], rel=1e-3)


@pytest.mark.parametrize("zero", [-1, 1, -12.25])
def test_moved_zero(zero: float) -> None:
    """With age 0 elsewhere the numbers are those of lme4's fit there."""
    moved, expected = move_zero(fit_random_slope(DATA), zero), reference(f"random_slope_from_{zero:g}")

    found = (moved.intercept, moved.intercept_se, moved.intercept_variance, moved.covariance)
    assert found == pytest.approx(
        [expected[n] for n in ("intercept", "intercept_se", "var_intercept", "cov")], rel=1e-4
    )


@pytest.mark.parametrize(
    ("model", "formula", "random"),
    [("null", "1", "1"), ("random_intercept", "age", "1"), ("random_slope", "age", "~age")],
)
def test_maximum_likelihood(model: str, formula: str, random: str) -> None:
    """The log-likelihoods by ML that notebook 8 compares are lme4's."""
    fit = smf.mixedlm(f"height ~ {formula}", DATA, groups="Subject", re_formula=random).fit(reml=False)

    assert fit.llf == pytest.approx(reference(model, "ML")["loglik"], abs=1e-3)


def test_forecasts() -> None:
    """Forecasts of boy 4 from two visits, and of everybody's last visit from eight, are lme4's."""
    last = DATA[DATA["Occasion"] == DATA["Occasion"].max()].set_index("Subject")
    bend = fit_random_bend(EIGHT)
    ages = np.vander(last["age"], 3, increasing=True)
    lines = np.array([line_of(bend, subject) for subject in last.index])
    boy4 = line_of(fit_random_slope(SPARSE), 4) @ [1, last.loc[4, "age"]]

    assert boy4 == pytest.approx(reference("sparse")["boy4_last"], abs=1e-3)
    misses = last["height"] - (ages * lines).sum(axis=1)
    assert np.sqrt((misses**2).mean()) == pytest.approx(reference("eight_visits_bend")["rmse"], abs=1e-3)


def test_at_half_a_year() -> None:
    """The average boy, boys, and boy 1 at age .5 are where lme4 has them."""
    fan, expected = fit_random_slope(DATA), reference("random_slope")
    at = np.array([1, 0.5])

    assert at @ fan.fe_params == pytest.approx(expected["average_at_half"], abs=1e-3)
    assert np.sqrt(at @ fan.cov_params().iloc[:2, :2] @ at) == pytest.approx(expected["average_at_half_se"], rel=1e-3)
    assert at @ fan.cov_re.to_numpy() @ at == pytest.approx(expected["var_boys_at_half"], rel=1e-3)
    assert line_of(fan, 1) @ at == pytest.approx(expected["boy1_at_half"], abs=1e-3)
