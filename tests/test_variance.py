"""Shares of variance, correlations, ranges and tests have the values that the theory gives them."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from test_models import data_set, reference

from oxboys_mlm import models, variance
from oxboys_mlm.data import load_oxboys


@pytest.fixture(scope="module")
def data():
    """Load the data once."""
    return load_oxboys()


@pytest.fixture(scope="module")
def null(data):
    """Fit the null model."""
    return models.fit_null(data)


@pytest.fixture(scope="module")
def intercept(data):
    """Fit the random-intercept model."""
    return models.fit_random_intercept(data)


@pytest.fixture(scope="module")
def slope(data):
    """Fit the random-slope model."""
    return models.fit_random_slope(data)


@pytest.fixture(scope="module")
def slope_only(data):
    """Fit the slope-only model."""
    return models.fit_slope_only(data)


def test_icc_of_the_null_model(null):
    """Three quarters of the variance of height lie between boys."""
    value = variance.icc(null)
    assert type(value) is float
    assert value == pytest.approx(0.744515, abs=1e-6)


def test_icc_with_a_predictor_is_adjusted_for_it(intercept):
    """Once growth is accounted for, almost all that is left lies between boys."""
    assert variance.icc(intercept) == pytest.approx(0.9745, abs=5e-5)


def test_icc_of_a_maximum_likelihood_fit(data):
    """ML underestimates the variance between boys, and so the ICC."""
    results = smf.mixedlm("height ~ 1", data, groups=data["Subject"]).fit(reml=False, method="bfgs")
    expected = reference("oxboys", "null", "ML")
    value = expected["var_intercept"] / (expected["var_intercept"] + expected["residual"])
    assert value == pytest.approx(0.7367, abs=5e-5)
    assert variance.icc(results) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize(
    "specification",
    [
        {"groups": "Subject"},
        {"groups": "Subject", "re_formula": "1"},
        {"groups": "Subject", "vc_formula": {"boy": "1"}},
        {"groups": "Subject", "vc_formula": {"boy": "0 + C(Subject)"}},
        {"groups": np.ones(234), "vc_formula": {"boy": "0 + C(Subject)"}},
        {"groups": np.ones(234), "vc_formula": {"boy": "0 + C(Subject)"}, "use_sparse": True},
    ],
    ids=["default", "re_formula", "component", "dummies", "one group", "sparse"],
)
def test_icc_of_other_ways_to_state_the_null_model(data, specification):
    """However the random intercept is written, the ICC is the same."""
    results = smf.mixedlm("height ~ 1", data, **specification).fit(method="powell")
    assert variance.icc(results) == pytest.approx(0.7445, abs=1e-4)


def test_icc_of_the_array_interface(data):
    """Results without pandas give the same ICC."""
    model = sm.MixedLM(data["height"].to_numpy(), np.ones((234, 1)), data["Subject"].to_numpy())
    assert variance.icc(model.fit(method="bfgs")) == pytest.approx(0.7445, abs=1e-4)


def test_icc_refuses_random_slopes(data, slope, slope_only):
    """With random slopes there is no single ICC, however they are written."""
    components = {"boy": "1", "growth": "0 + age"}
    by_component = smf.mixedlm("height ~ age", data, groups="Subject", vc_formula=components).fit(method="powell")
    growth = smf.mixedlm("height ~ 1", data, groups="Subject", vc_formula={"growth": "0 + age"}).fit(method="powell")
    for results in (slope, slope_only, by_component, growth):
        with pytest.raises(ValueError, match="no single ICC"):
            variance.icc(results)


@pytest.mark.parametrize(
    "function",
    [variance.icc, variance.intercept_slope_correlation, variance.is_singular, variance.slope_range],
)
def test_only_fitted_mixed_models_are_read(data, function):
    """A model that was not fitted, another model's results and a number are refused by name."""
    model = smf.mixedlm("height ~ 1", data, groups="Subject")
    with pytest.raises(TypeError, match=r"not MixedLM\. Call fit\(\) on the model first"):
        function(model)
    with pytest.raises(TypeError, match="not RegressionResultsWrapper"):
        function(smf.ols("height ~ 1", data).fit())
    with pytest.raises(TypeError, match="not float"):
        function(0.7445)


def test_fit_without_finite_variances_is_refused(data):
    """Estimates that are not finite give an error, not a NaN."""
    results = smf.mixedlm("height ~ 1", data, groups="Subject").fit(method="bfgs")
    results._results.scale = np.nan
    with pytest.raises(ValueError, match="no finite variances"):
        variance.icc(results)


def test_calls_are_counted(null, slope):
    """A grader can notice that a student's function calls the course's."""
    before = variance.helper_calls.copy()
    variance.icc(null)
    variance.icc(null)
    variance.intercept_slope_correlation(slope)
    assert variance.helper_calls - before == {"icc": 2, "intercept_slope_correlation": 1}


def test_correlation_is_not_the_covariance_over_something_else(slope):
    """Intercepts and slopes correlate with .641, as in lme4."""
    expected = reference("oxboys", "random_slope")
    value = expected["cov"] / np.sqrt(expected["var_intercept"] * expected["var_age"])
    assert value == pytest.approx(0.641276, abs=1e-5)
    assert variance.intercept_slope_correlation(slope) == pytest.approx(value, abs=1e-5)


def test_correlation_does_not_depend_on_the_order_of_the_effects(data, slope):
    """A fit that lists the slope first has the same correlation."""
    exog = sm.add_constant(data[["age"]])
    swapped = sm.MixedLM(data["height"], exog, data["Subject"], exog_re=exog[["age", "const"]]).fit(method="bfgs")
    assert variance.intercept_slope_correlation(swapped) == pytest.approx(
        variance.intercept_slope_correlation(slope), abs=1e-3
    )


def test_perfect_correlation_is_reported():
    """On the boundary the correlation is −1, not something beyond it."""
    assert variance.intercept_slope_correlation(models.fit_random_slope(data_set("perfect"))) == pytest.approx(
        -1, abs=1e-3
    )


def test_correlation_needs_two_varying_effects(data, null, slope_only):
    """One random effect, or one that does not vary, has no correlation."""
    for results in (null, slope_only):
        with pytest.raises(ValueError, match="random intercept and one random slope"):
            variance.intercept_slope_correlation(results)
    with pytest.raises(ValueError, match="correlates with nothing"):
        variance.intercept_slope_correlation(models.fit_random_slope(data_set("flat")))


def test_correlation_that_was_held_at_zero_is_refused(data):
    """Independent random effects have no estimated correlation."""
    model = smf.mixedlm("height ~ age", data, groups="Subject", re_formula="~age")
    free = sm.regression.mixed_linear_model.MixedLMParams.from_components(np.ones(2), np.eye(2))
    results = model.fit(method="bfgs", free=free)
    assert results.llf == pytest.approx(reference("oxboys", "uncorrelated")["loglik"], abs=1e-4)
    with pytest.raises(ValueError, match="holds the covariance"):
        variance.intercept_slope_correlation(results)


def test_singular_fits(null, slope, slope_only):
    """Of Oxboys' models only the slope-only one lies on the boundary."""
    assert [variance.is_singular(results) for results in (null, slope, slope_only)] == [False, False, True]


def test_singularity_does_not_depend_on_the_unit_of_age(data):
    """Ages in days or in centuries do not make a slope vanish or appear."""
    for factor in (365.25, 0.01):
        scaled = data.assign(age=data["age"] * factor)
        assert not variance.is_singular(models.fit_random_slope(scaled))
        assert variance.is_singular(models.fit_slope_only(scaled))


def test_singular_variance_component(data):
    """A variance component of zero is singular as well."""
    results = smf.mixedlm("height ~ 1", data, groups="Subject", vc_formula={"boy": "1"}).fit(method="bfgs")
    assert not variance.is_singular(results)
    results._results.vcomp = np.array([0.0])
    assert variance.is_singular(results)


def test_confidence_interval_of_the_icc(data):
    """The F-based interval of Oxboys' ICC; a higher level makes it wider."""
    low, high = variance.icc_confidence_interval(data)
    assert (low, high) == pytest.approx((0.626, 0.853), abs=5e-4)
    wider = variance.icc_confidence_interval(data, level=0.99)
    assert wider[0] < low < 0.7445 < high < wider[1]


def test_confidence_interval_of_a_small_table():
    """Three pairs: the interval follows from the mean squares and two quantiles of F (2, 3)."""
    frame = pd.DataFrame({"Subject": [1, 1, 2, 2, 3, 3], "height": [1.0, 2, 5, 6, 9, 10]})
    # Mean squares 32 between and .5 within; quantiles 16.0441 (97.5 %) and .0255 (2.5 %), from tables.
    expected = [(64 / quantile - 1) / (64 / quantile + 1) for quantile in (16.0441, 0.0255)]
    assert variance.icc_confidence_interval(frame) == pytest.approx(expected, abs=1e-5)


def test_confidence_interval_has_no_negative_limits():
    """A share of variance is not negative."""
    assert variance.icc_confidence_interval(data_set("flat"))[0] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop(columns="height"), "lacks the column.s. height"),
        (lambda d: d.assign(height=d["height"].where(d["height"] > 130)), "missing values"),
        (lambda d: d[d["Subject"] == 1], "two or more subjects"),
        (lambda d: d[d["Occasion"] == 1], "more measurements than subjects"),
        (lambda d: d.assign(height=d["Subject"]), "does not vary within"),
    ],
)
def test_confidence_interval_explains_bad_data(data, change, message):
    """Data without an ICC are refused with the reason."""
    with pytest.raises(ValueError, match=message):
        variance.icc_confidence_interval(change(data))


@pytest.mark.parametrize("level", [0, 1, 95, float("nan")])
def test_levels_are_shares(data, slope, level):
    """95 is not taken for 95 %."""
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        variance.icc_confidence_interval(data, level=level)
    with pytest.raises(ValueError, match="coverage must lie between 0 and 1"):
        variance.slope_range(slope, coverage=level)


def test_range_of_slopes(slope):
    """95 % of boys grow between 3.23 and 9.82 cm per year."""
    assert variance.slope_range(slope) == pytest.approx((3.23, 9.82), abs=5e-3)


def test_range_of_slopes_on_the_boundary_has_no_width(slope_only):
    """If slopes do not vary all of them are the mean slope."""
    assert variance.slope_range(slope_only) == pytest.approx((6.521, 6.521), abs=2e-3)


def test_range_of_slopes_needs_a_random_and_a_fixed_slope(data, intercept):
    """Without either there is no range."""
    with pytest.raises(ValueError, match="this one has 0"):
        variance.slope_range(intercept)
    no_mean = smf.mixedlm("height ~ 1", data, groups="Subject", re_formula="~age").fit(method="powell")
    with pytest.raises(ValueError, match="no mean slope"):
        variance.slope_range(no_mean)


def test_likelihood_ratio_of_the_random_slope(intercept, slope):
    """Random slopes improve the model by far more than chance would."""
    statistic, p_value = variance.likelihood_ratio(intercept, slope)
    assert statistic == pytest.approx(215.94, abs=5e-3)
    assert 0 < p_value < 1e-40


def test_p_value_halves_between_two_distributions(monkeypatch, intercept, slope):
    """The 5 % critical value of the mixture of chi-square 1 and 2 is 5.138, not 5.991."""
    monkeypatch.setitem(slope._results._cache, "llf", intercept.llf + 5.138 / 2)
    assert variance.likelihood_ratio(intercept, slope).p_value == pytest.approx(0.05, abs=1e-4)


def test_equal_fits_have_a_ratio_of_zero():
    """On the boundary the larger model gains nothing: statistic 0, p-value 1."""
    flat = data_set("flat")
    test = variance.likelihood_ratio(models.fit_random_intercept(flat), models.fit_random_slope(flat))
    assert test.statistic == pytest.approx(0, abs=1e-6)
    assert test.p_value == pytest.approx(1, abs=1e-3)


def test_rows_may_be_in_another_order(data, intercept):
    """The comparison is of data, not of row numbers."""
    shuffled = models.fit_random_slope(data.sample(frac=1, random_state=2))
    assert variance.likelihood_ratio(intercept, shuffled).statistic == pytest.approx(215.94, abs=5e-3)


def test_fits_that_cannot_be_compared_are_refused(data, null, intercept, slope, slope_only):
    """Other fixed effects, methods or data, and models that are not nested, have no likelihood ratio."""
    by_ml = smf.mixedlm("height ~ age", data, groups="Subject").fit(reml=False, method="bfgs")
    other_data = models.fit_random_slope(data.assign(height=data["height"] + data["Occasion"]))
    for smaller, larger, message in [
        (null, intercept, "REML likelihoods are then not comparable"),
        (intercept, other_data, "or in their data"),
        (by_ml, slope, "by ML, the other by REML"),
        (intercept, slope_only, "exactly one more"),
        (slope, intercept, "exactly one more"),
    ]:
        with pytest.raises(ValueError, match=message):
            variance.likelihood_ratio(smaller, larger)


def test_larger_model_that_stopped_early_is_noticed(monkeypatch, intercept, slope):
    """A larger model cannot fit worse; if it seems to, its optimiser failed."""
    monkeypatch.setitem(slope._results._cache, "llf", -500.0)
    with pytest.raises(ValueError, match="stopped too early"):
        variance.likelihood_ratio(intercept, slope)
