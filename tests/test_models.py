"""Fits agree with R, also on the boundary, and data that cannot be fitted are refused."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMResultsWrapper

from oxboys_mlm import models
from oxboys_mlm.data import load_oxboys
from oxboys_mlm.models import ConvergenceError
from oxboys_mlm.variance import is_singular

REFERENCE = Path(__file__).parent / "reference"
FITS = {
    "null": models.fit_null,
    "random_intercept": models.fit_random_intercept,
    "random_slope": models.fit_random_slope,
    "slope_only": models.fit_slope_only,
}
DATA_SETS = ["oxboys", "unbalanced", "few", "flat", "uncentred", "perfect"]

each_fit = pytest.mark.parametrize("fit", FITS.values(), ids=FITS)


def data_set(name):
    """Read one of the data sets that the reference values belong to."""
    return load_oxboys() if name == "oxboys" else pd.read_csv(REFERENCE / f"{name}.csv")


def reference(data_set, model, method="REML"):
    """Look up lme4's estimates; "null" is a model here, not a missing value."""
    table = pd.read_csv(REFERENCE / "reference.csv", keep_default_na=False)
    rows = table[(table["data_set"] == data_set) & (table["model"] == model) & (table["method"] == method)]
    assert len(rows)
    return dict(zip(rows["quantity"], rows["value"], strict=True))


@pytest.fixture(
    scope="module",
    params=[(name, model) for name in DATA_SETS for model in FITS],
    ids=lambda pair: "-".join(pair),
)
def pair(request):
    """Pair every fit with R's fit of the same model to the same data."""
    name, model = request.param
    return FITS[model](data_set(name)), reference(name, model)


def test_log_likelihood_is_that_of_lme4(pair):
    """The REML log-likelihood agrees with R to five decimals, on the boundary too."""
    results, expected = pair
    assert results.llf == pytest.approx(expected["loglik"], abs=1e-5)


def test_fixed_effects_are_those_of_lme4(pair):
    """Intercept and slope agree with R."""
    results, expected = pair
    values = [expected[name] for name in ("intercept", "age") if name in expected]
    np.testing.assert_allclose(results.fe_params, values, rtol=1e-5)


def test_standard_errors_are_those_of_lme4(pair):
    """Standard errors agree with R; for unbalanced data statsmodels' definition differs by up to 1.3 %."""
    results, expected = pair
    values = [expected[name] for name in ("intercept_se", "age_se") if name in expected]
    balanced = results.model.n_groups * len(results.model.endog_li[0]) == results.nobs
    np.testing.assert_allclose(results.bse_fe, values, rtol=1e-4 if balanced else 0.02)


def test_variances_are_those_of_lme4(pair):
    """The variances of the random effects and of the residuals agree with R."""
    results, expected = pair
    values = [expected[name] for name in ("var_intercept", "var_age") if name in expected]
    # On the boundary a variance is zero "next to" the residual variance.
    np.testing.assert_allclose(np.diag(results.cov_re), values, rtol=1e-4, atol=1e-6 * results.scale)
    assert results.scale == pytest.approx(expected["residual"], rel=1e-5)
    if "cov" in expected:
        assert results.cov_re.iloc[0, 1] == pytest.approx(expected["cov"], rel=1e-4, abs=1e-6 * results.scale)


def test_boundary_is_that_of_lme4(pair):
    """A fit is singular where lme4 calls it singular."""
    results, expected = pair
    assert is_singular(results) == bool(expected["singular"])


def test_results_can_be_used_like_any_other(pair):
    """Summary, intervals, predictions and random effects work without a warning."""
    results, _ = pair
    assert isinstance(results, MixedLMResultsWrapper)
    assert results.converged
    assert f"{results.llf:.4f}" in str(results.summary())
    fixed = results.conf_int().iloc[: results.k_fe]
    assert (fixed[0] < results.fe_params).all()
    assert np.isfinite(results.pvalues[: results.k_fe]).all()
    assert np.isfinite(results.fittedvalues).all()
    assert np.isfinite(results.t_test(np.eye(results.k_fe)).sd).all()


def test_reference_values_have_a_second_opinion():
    """In R, nlme and lme4 agree on the three models that have no boundary."""
    for model in ("null", "random_intercept", "random_slope"):
        values = reference("oxboys", model)
        assert values["loglik"] == pytest.approx(values["loglik_nlme"], abs=1e-6)


def test_slope_only_optimum_is_ordinary_regression():
    """Oxboys' slope-only optimum has slope variance 0 and so the estimates of ordinary regression."""
    results, ols = models.fit_slope_only(load_oxboys()), reference("oxboys", "ols")
    assert results.cov_re.iloc[0, 0] < 1e-6
    assert results.llf == pytest.approx(ols["loglik"], abs=1e-5)
    assert list(results.bse_fe) == pytest.approx([ols["intercept_se"], ols["age_se"]], rel=1e-6)


def test_variances_on_the_boundary_have_no_standard_errors():
    """The summary leaves the standard error of a variance of zero empty."""
    results = models.fit_slope_only(load_oxboys())
    assert np.isnan(results.bse_re).all()
    assert results.summary().tables[1].loc["age Var", "Std.Err."] == ""


@each_fit
@pytest.mark.parametrize("factor", [0.01, 10, 1e6])
def test_unit_of_height_does_not_matter(fit, factor):
    """Heights in metres or millimetres give the same fit in other units."""
    data = load_oxboys()
    base, scaled = fit(data), fit(data.assign(height=data["height"] * factor))
    np.testing.assert_allclose(scaled.fe_params, base.fe_params * factor, rtol=1e-6)
    np.testing.assert_allclose(scaled.cov_re, base.cov_re * factor**2, rtol=1e-4)
    np.testing.assert_allclose(scaled.bse_fe, base.bse_fe * factor, rtol=1e-4)


@pytest.mark.parametrize(("shift", "factor"), [(12.25, 1), (0, 365.25), (12.25, 12), (12.25, 365.25)])
def test_origin_and_unit_of_age_do_not_change_the_random_slope_model(shift, factor):
    """Ages from birth, in months or in days, give the same likelihood and the same slopes."""
    data = load_oxboys()
    base = models.fit_random_slope(data)
    other = models.fit_random_slope(data.assign(age=(data["age"] + shift) * factor))
    # REML's likelihood depends on the unit of the predictor.
    assert other.llf + np.log(factor) == pytest.approx(base.llf, abs=1e-5)
    assert other.fe_params["age"] * factor == pytest.approx(base.fe_params["age"], rel=1e-5)
    assert other.cov_re.iloc[1, 1] * factor**2 == pytest.approx(base.cov_re.iloc[1, 1], rel=1e-4)
    assert other.bse_fe["age"] * factor == pytest.approx(base.bse_fe["age"], rel=1e-4)


def test_perfect_correlation_survives_a_distant_origin():
    """On the boundary, too, the likelihood does not depend on where age 0 lies."""
    data = data_set("perfect")
    away = models.fit_random_slope(data)
    near = models.fit_random_slope(data.assign(age=data["age"] - 12))
    assert is_singular(away)
    assert is_singular(near)
    assert away.llf == pytest.approx(near.llf, abs=1e-6)


@each_fit
@pytest.mark.parametrize(
    "labels",
    [
        lambda s: s.astype(str),
        lambda s: s.astype("category"),
        lambda s: s.astype(float),
        lambda s: s.astype("Int64"),
        lambda s: "boy " + s.astype(str),
    ],
    ids=["str", "category", "float", "nullable", "text"],
)
def test_labels_of_subjects_may_be_of_any_type(fit, labels):
    """Only who is who matters, not what the subjects are called."""
    data = load_oxboys()
    assert fit(data.assign(Subject=labels(data["Subject"]))).llf == pytest.approx(fit(data).llf, abs=1e-8)


@each_fit
def test_order_and_index_of_rows_do_not_matter(fit):
    """Shuffled rows with a repeated index give the same fit, and predictions in their own order."""
    data = load_oxboys()
    shuffled = data.sample(frac=1, random_state=1).set_axis([0] * 234)
    base, other = fit(data), fit(shuffled)
    assert other.llf == pytest.approx(base.llf, abs=1e-8)
    order = data.sample(frac=1, random_state=1).index
    np.testing.assert_allclose(other.fittedvalues, np.asarray(base.fittedvalues)[order], rtol=1e-6)


@each_fit
def test_input_is_left_alone(fit):
    """Fitting changes neither the student's data nor an earlier fit."""
    data = load_oxboys()
    first = fit(data)
    before = str(first.summary())
    fit(data.assign(height=data["height"] ** 2))
    pd.testing.assert_frame_equal(data, load_oxboys())
    assert str(first.summary()) == before


@pytest.mark.parametrize("name", FITS)
def test_results_name_the_helper_that_made_them(name):
    """A grader can tell the course's fit from a student's, even after pickling."""
    results = FITS[name](load_oxboys())
    assert results.course_helper == results.model.course_helper == f"fit_{name}"
    copy = pickle.loads(pickle.dumps(results))
    assert copy.course_helper == f"fit_{name}"
    assert copy.llf == results.llf


def test_fits_by_students_carry_no_mark():
    """Plain results of statsmodels have no such attribute."""
    data = load_oxboys()
    own = MixedLM.from_formula("height ~ 1", data, groups=data["Subject"]).fit(method="bfgs")
    assert not hasattr(own, "course_helper")
    assert not hasattr(own.model, "course_helper")


@pytest.mark.parametrize("seed", range(4))
def test_no_neighbouring_covariance_is_better(seed):
    """The likelihood falls in every direction from the optimum that is reported."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(8), rng.integers(2, 8, 8))
    age = rng.uniform(-1, 1, len(subject))
    height = 150 + rng.normal(0, 2, 8)[subject] + rng.normal(6, seed, 8)[subject] * age + rng.normal(size=len(age))
    results = models.fit_random_slope(pd.DataFrame({"Subject": subject, "age": age, "height": height}))
    criterion = models._Criterion(results.model)
    ratio = np.linalg.inv(criterion.back) @ results.cov_re.to_numpy() @ np.linalg.inv(criterion.back).T / results.scale
    for _ in range(50):
        root = np.linalg.cholesky(ratio) + np.tril(rng.normal(0, 0.05, (2, 2)))
        assert -criterion(root)[0] / 2 <= results.llf + 1e-6


def test_derivative_of_the_criterion():
    """The derivative that certifies an optimum agrees with differences of the criterion."""
    model = MixedLM.from_formula("height ~ age", data_set("unbalanced"), re_formula="~age", groups="Subject")
    criterion = models._Criterion(model)
    covariance = np.array([[9.0, 1.0], [1.0, 2.0]], dtype=np.float64)
    _, derivative = criterion(np.linalg.cholesky(covariance).astype(np.float64))
    for direction in (np.diag([1.0, 0]), np.diag([0, 1.0]), np.array([[0, 1.0], [1.0, 0]])):
        step = 1e-5 * direction
        roots = [np.linalg.cholesky(covariance + sign * step).astype(np.float64) for sign in (1, -1)]
        up, down = (criterion(root)[0] for root in roots)
        assert (up - down) / 2e-5 == pytest.approx((derivative * direction).sum(), rel=1e-5)


def test_missing_residual_variance_is_a_convergence_error():
    """If every subject lies exactly on its line the likelihood grows without limit."""
    data = load_oxboys()
    lines = data.assign(height=100.0 + data["Subject"] + data["Subject"] ** 2 % 7 * data["age"])
    with pytest.raises(ConvergenceError, match=r"fit_random_slope: .* lie exactly on its line"):
        models.fit_random_slope(lines)


def test_heights_that_differ_only_between_subjects_are_a_convergence_error():
    """Without differences within subjects the null model's likelihood grows without limit."""
    data = load_oxboys()
    with pytest.raises(ConvergenceError, match="fit_null"):
        models.fit_null(data.assign(height=100.0 + data["Subject"]))


def test_convergence_error_is_a_runtime_error():
    """Callers can catch it without importing it."""
    assert issubclass(ConvergenceError, RuntimeError)


@each_fit
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda d: d.to_dict(), TypeError, "must be a pandas DataFrame, not dict"),
        (lambda d: d.drop(columns=["age", "height"]), ValueError, "lacks the column.s. age, height"),
        (lambda d: pd.concat([d, d[["age"]]], axis=1), ValueError, "more than one column named age"),
        (
            lambda d: d.assign(height=d["height"].where(d["height"] > 130)),
            ValueError,
            "height has .* missing",
        ),
        (
            lambda d: d.assign(Subject=d["Subject"].where(d["Subject"] > 1)),
            ValueError,
            "Subject has 9 missing",
        ),
        (lambda d: d.assign(height=d["height"].astype(str)), TypeError, "height must hold numbers"),
        (lambda d: d.assign(age=d["age"] > 0), TypeError, "age must hold numbers, not bool"),
        (lambda d: d.assign(height=np.inf), ValueError, "height has infinite values"),
        (lambda d: d[d["Subject"] == 1], ValueError, "1 subject.s."),
        (lambda d: d.iloc[:0], ValueError, "0 subject.s."),
        (lambda d: d.assign(height=150.0), ValueError, "height is the same in all rows"),
        (lambda d: d[d["Occasion"] == 1], ValueError, "age is the same|needs more measurements"),
        (lambda d: d.assign(Subject=[*"ab", *range(232)]), TypeError, "mixed types"),
    ],
)
def test_bad_input_is_explained(fit, change, error, message):
    """Data that no model can be fitted to are refused with the reason."""
    with pytest.raises(error, match=message):
        fit(change(load_oxboys()))


def test_slope_needs_more_measurements_than_random_effects():
    """Two measurements per subject do not identify a random slope."""
    data = load_oxboys()
    with pytest.raises(ValueError, match="52 measurements cannot tell 52 random effects"):
        models.fit_random_slope(data[data["Occasion"].isin([1, 9])])


@pytest.mark.parametrize(
    ("fit", "random", "loglik", "bend", "variances"),
    [
        (models.fit_curve, "~age", -340.5136, (0.7419, 0.1031), (65.32, 2.850, 0.3405)),
        (models.fit_random_bend, "~age + I(age**2)", -317.3094, (0.7428, 0.1808), (64.03, 2.861, 0.6655, 0.2275)),
    ],
    ids=["curve", "random_bend"],
)
def test_curves_are_at_the_optimum(fit, random, loglik, bend, variances):
    """Curves agree with figures of two other engines, which are no R, and with statsmodels' best search."""
    data = load_oxboys()
    results = fit(data)
    searched = MixedLM.from_formula("height ~ age + I(age**2)", data, re_formula=random, groups=data["Subject"]).fit(
        method="lbfgs"
    )

    assert results.llf == pytest.approx(loglik, abs=1e-4)
    assert (results.fe_params.iloc[2], results.bse_fe.iloc[2]) == pytest.approx(bend, abs=1e-4)
    assert [*np.diag(results.cov_re), results.scale] == pytest.approx(variances, rel=1e-3)
    assert results.llf == pytest.approx(searched.llf, abs=1e-4)
    np.testing.assert_allclose(results.cov_re, searched.cov_re, rtol=2e-3)


def test_a_curve_needs_three_ages():
    """Two ages make a line, and no curve."""
    data = load_oxboys()
    with pytest.raises(ValueError, match="age has 2 different values; a curve needs three"):
        models.fit_curve(data.assign(age=np.sign(data["age"] + 0.01)))


def test_age_must_vary():
    """A slope needs different ages."""
    with pytest.raises(ValueError, match="age is the same in all rows"):
        models.fit_random_intercept(load_oxboys().assign(age=1.0))
