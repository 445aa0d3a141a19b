"""What notebook 4 asks: do boys also grow at different rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Literal

from oxboys_mlm import variance
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NO_PERCENT, NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.vocabulary import OXBOYS

RANDOM_SLOPE_FIT = FitQuestion(
    key="random_slope_fit",
    title="Random slope model",
    points=2,
    where="Keep the random intercept model and add `re_formula`, so that the slope of `age` may vary as well.",
    data=reference.data,
    outcome="height",
    fixed=("1", "age"),
    random=("1", "age"),
    by="Subject",
    reference=partial(reference.evidence, "fit_random_slope"),
    vocabulary=OXBOYS,
    helpers=reference.HELPERS,
    praise="The random slope model: every boy has his own intercept and his own slope, and the two may go together.",
    texts={
        "age_missing": "The formula has no average slope of `age` for the boys' slopes to vary around. Put `age` "
        "right of the `~` as well.",
    },
)


@cache
def _covariance(*, reml: bool = True) -> tuple[float, float, float]:
    """Intercept variance, covariance and slope variance of the random slope model."""
    if reml:
        matrix = reference.fit("fit_random_slope").cov_re.to_numpy()
    else:
        matrix = reference.variant("height ~ age", re_formula="~age", reml=False).cov_re.to_numpy()
    return float(matrix[0, 0]), float(matrix[0, 1]), float(matrix[1, 1])


def _part(number: int, *, reml: bool = True) -> float:
    return _covariance(reml=reml)[number]


def _scale() -> float:
    return float(reference.fit("fit_random_slope").scale)


def _slope_sd() -> float:
    return math.sqrt(_part(2))


def _fixed_slope() -> float:
    return float(reference.fit("fit_random_slope").fe_params["age"])


def _standard_error() -> float:
    return float(reference.fit("fit_random_slope").bse_fe["age"])


def _standard_error_column() -> float:
    """Give the Std.Err. that the summary prints in the row of the slopes' variance."""
    fit = reference.fit("fit_random_slope")
    return float(fit.bse.iloc[-1]) * math.sqrt(fit.scale)


@cache
def _lines() -> Any:
    """Slopes and intercepts of separate regressions, one row per boy."""
    import numpy as np

    return np.array([np.polyfit(boy["age"], boy["height"], 1) for _, boy in reference.data().groupby("Subject")])


@cache
def _effects() -> Any:
    """Predicted slopes and intercepts, one row per boy."""
    import numpy as np

    return np.array([effect.to_numpy()[::-1] for effect in reference.fit("fit_random_slope").random_effects.values()])


@cache
def _per_visit() -> tuple[float, float, float]:
    """Intercept variance, covariance and slope variance of the model with `Occasion` in place of age."""
    matrix = reference.variant("height ~ Occasion", re_formula="~Occasion").cov_re.to_numpy()
    return float(matrix[0, 0]), float(matrix[0, 1]), float(matrix[1, 1])


_PREDICTED_SLOPES = Mistake(
    "predicted_effects",
    "This is the variance of the boys' predicted slopes (`random_effects`), which are shrunken: they vary less than "
    "the boys do. The model's own estimate is in `cov_re`.",
    0.5,
)
_OTHER_UNIT = (
    "`age` is in years and `height` in centimetres; a variance is in squared units, so another unit changes it much. "
    "Take it from `cov_re` of the model with both as they stand in `data`."
)
_PER_SD = Mistake(
    "per_standard_deviation", f"This is the variance of slopes per standard deviation of age. {_OTHER_UNIT}"
)

_SQUARED = r"(²|\^2|\*\*2)?"
_UNIT = rf"\(?(cm|centimet(er|re)s?){_SQUARED}( ?(/|per) ?(unit( of age)?|year|yr|y){_SQUARED})?\)?{_SQUARED}"

SLOPE_VARIANCE = NumberQuestion(
    key="slope_variance",
    title="The variance of the slopes",
    points=1,
    where="The variances stand in `random_slope_fit.cov_re`, rows and columns in the order of `re_formula`. Which "
    "entry belongs to `age` alone?",
    target=partial(_part, 2),
    exact=0.0141,
    typed=0.0141,
    praise="Yes, that is how much the slopes vary between boys, as a variance.",
    unit=_UNIT,
    slips=(
        Slip(
            Mistake(
                "standard_deviation",
                "This is the standard deviation of the slopes. The question asks for the variance, its square.",
                0.5,
            ),
            _slope_sd,
        ),
        Slip(
            Mistake(
                "params_as_variance",
                "This comes from `params`, where statsmodels keeps variances divided by the residual variance. "
                "`cov_re` has the variance itself.",
            ),
            lambda: _part(2) / _scale(),
        ),
        Slip(
            Mistake(
                "ml_instead_of_reml",
                "The right entry, but of a fit by maximum likelihood. Take it from the REML fit.",
                0.5,
            ),
            partial(_part, 2, reml=False),
        ),
        Slip(
            Mistake(
                "covariance", "This is the covariance of intercepts and slopes. Which entry is about slopes alone?"
            ),
            partial(_part, 1),
        ),
        Slip(
            Mistake("intercept_variance", "This is the variance of the intercepts. Look for the row of `age`."),
            partial(_part, 0),
        ),
        Slip(
            Mistake(
                "residual_variance",
                "This is the residual variance: what is left around each boy's own line. Look into `cov_re`.",
            ),
            _scale,
        ),
        Slip(
            Mistake(
                "fixed_slope",
                "This is the average slope. The question is how much the boys' slopes vary around it.",
            ),
            _fixed_slope,
        ),
        Slip(_PREDICTED_SLOPES, lambda: float(_effects()[:, 0].var(ddof=1))),
        Slip(_PREDICTED_SLOPES, lambda: float(_effects()[:, 0].var())),
        Slip(
            Mistake(
                "separate_lines",
                "This is the variance of the slopes of separate regressions, one per boy. They vary more than the boys "
                "do, since each has an error of its own. The model's own estimate is in `cov_re`.",
                0.5,
            ),
            lambda: float(_lines()[:, 0].var(ddof=1)),
        ),
        Slip(
            Mistake(
                "standard_error",
                "This is the standard error of the average slope: how precisely it is known. The question is how much "
                "the boys' slopes vary.",
            ),
            _standard_error,
        ),
        Slip(
            Mistake(
                "standard_error_column",
                "This comes from the Std.Err. column of the summary. The variance is in column Coef., and in `cov_re`.",
            ),
            _standard_error_column,
        ),
        Slip(
            Mistake(
                "correlation",
                "This is the correlation of intercepts and slopes, which is asked for in the next task. Which entry of "
                "`cov_re` is about slopes alone?",
            ),
            lambda: _correlation(),
        ),
        Slip(
            Mistake(
                "per_visit",
                "This is the variance of slopes per visit: the model has `Occasion` in place of `age`. Take it from "
                "the model with `age`.",
            ),
            lambda: _per_visit()[2],
        ),
        Slip(Mistake("per_month", f"This is the variance of slopes per month. {_OTHER_UNIT}"), lambda: _part(2) / 144),
        Slip(_PER_SD, lambda: _part(2) * float(reference.data()["age"].var())),
        Slip(_PER_SD, lambda: _part(2) * float(reference.data()["age"].var(ddof=0))),
        Slip(
            Mistake("in_metres", f"This is the variance with height in metres. {_OTHER_UNIT}"), lambda: _part(2) / 1e4
        ),
        Slip(
            Mistake("in_millimetres", f"This is the variance with height in millimetres. {_OTHER_UNIT}"),
            lambda: _part(2) * 100,
        ),
        Slip(
            Mistake(
                "variance_of_heights",
                "This is the variance of all heights. The question is how much the boys' slopes vary: look into "
                "`cov_re`.",
            ),
            lambda: float(reference.data()["height"].var()),
        ),
        Slip(
            Mistake(
                "variance_of_predictions",
                "This is the variance of the fitted heights. The question is how much the boys' slopes vary: look into "
                "`cov_re`.",
            ),
            lambda: float(reference.fit("fit_random_slope").fittedvalues.var()),
        ),
        Slip(
            Mistake(
                "variance_of_age",
                "This is the variance of the ages. The question is how much the boys' slopes vary: look into `cov_re`.",
            ),
            lambda: float(reference.data()["age"].var()),
        ),
    ),
)


def _correlation() -> float:
    return variance.intercept_slope_correlation(reference.fit("fit_random_slope"))


def _over_height_variance() -> float:
    return _part(1) / float(reference.data()["height"].var())


def _over_product() -> float:
    return _part(1) / (_part(0) * _part(2))


def _correlation_of(pairs: Callable[[], Any], method: Literal["pearson", "kendall", "spearman"] = "pearson") -> float:
    import pandas as pd

    intercepts, slopes = (pd.Series(column) for column in pairs().T)
    return float(intercepts.corr(slopes, method=method))


def _over(first: float, second: float) -> float:
    """Divide the covariance by powers of the intercepts' and the slopes' variance."""
    return _part(1) / (math.pow(_part(0), first) * math.pow(_part(2), second))


def _at_age(age: float) -> float:
    """Give the correlation of slopes and expected heights at another age."""
    intercept, covariance, slope = _covariance()
    there = intercept + 2 * age * covariance + age**2 * slope
    return (covariance + age * slope) / math.sqrt(there * slope)


def _per_visit_correlation() -> float:
    intercept, covariance, slope = _per_visit()
    return covariance / math.sqrt(intercept * slope)


def _covariance_of_estimates() -> float:
    return float(reference.fit("fit_random_slope").cov_params().iloc[0, 1])


def _correlation_of_data() -> float:
    data = reference.data()
    return float(data["age"].corr(data["height"]))


_RANKS = Mistake(
    "rank_correlation",
    "This is a rank correlation of the boys' own values. The model estimates an ordinary correlation, of boys in "
    "general: take it from `cov_re`.",
)
_ONE_VARIANCE = Mistake(
    "divided_by_one_variance",
    "Here the covariance was divided by one of the variances. A correlation divides by both standard deviations.",
)
_ONE_SD = Mistake(
    "divided_by_one_sd",
    "Here the covariance was divided by one standard deviation only. A correlation divides by both: that of the "
    "intercepts and that of the slopes.",
)
_OTHER_ZERO = Mistake(
    "other_zero_of_age",
    "This is the correlation of slopes and heights at another age, such as the first or the last visit. Use `age` as "
    "it stands in `data`, with 0 in the middle of the study.",
)
_BRACKETS = Mistake(
    "brackets_missing",
    "Python works from left to right: without brackets, `a / b * c` multiplies by `c`. Put all that is below the line "
    "into brackets.",
)

INTERCEPT_SLOPE_CORRELATION = NumberQuestion(
    key="intercept_slope_correlation",
    title="The correlation of intercepts and slopes",
    points=1,
    where="A correlation is a covariance divided by both standard deviations. All three numbers come out of "
    "`random_slope_fit.cov_re`.",
    target=_correlation,
    exact=0.003,
    typed=0.006,
    praise="Yes, that is the correlation between intercepts and slopes.",
    slips=(
        Slip(
            Mistake(
                "predicted_effects",
                "This is the correlation of the boys' predicted effects (`random_effects`), which are shrunken. The "
                "model estimates the correlation itself: take it from `cov_re`.",
                0.5,
            ),
            partial(_correlation_of, _effects),
        ),
        Slip(
            Mistake(
                "separate_lines",
                "This is not the model's own correlation of intercepts and slopes. Separate regressions, one per boy, "
                "give this number, and so do the two fixed effects in `cov_params()`, which say how the errors of the "
                "two averages go together. Take the model's estimate from `cov_re`.",
                0.5,
            ),
            partial(_correlation_of, _lines),
        ),
        Slip(
            Mistake(
                "divided_by_variance_of_height",
                "Here the covariance was divided by the variance of height. It needs the standard deviations of what "
                "it connects: intercepts and slopes.",
            ),
            _over_height_variance,
        ),
        Slip(
            Mistake(
                "divided_by_variances",
                "Here the covariance was divided by the product of the variances. A correlation divides by the "
                "standard deviations, their square roots.",
            ),
            _over_product,
        ),
        Slip(
            Mistake(
                "covariance",
                "This is the covariance itself, which depends on the units. Divide it by both standard deviations.",
            ),
            partial(_part, 1),
        ),
        Slip(
            Mistake(
                "params_as_covariance",
                "This comes from `params`, where statsmodels keeps the covariance divided by the residual variance.",
            ),
            lambda: _part(1) / _scale(),
        ),
        Slip(
            Mistake("squared", "This is the correlation squared. Leave it as it is: its sign and size matter.", 0.5),
            lambda: _correlation() ** 2,
        ),
        Slip(
            Mistake(
                "in_percent",
                f"The size is right, but a correlation lies between −1 and 1 and is no share of anything: {NO_PERCENT}",
                0.5,
            ),
            lambda: 100 * _correlation(),
        ),
        Slip(_BRACKETS, partial(_over, 0.5, -0.5)),
        Slip(_BRACKETS, partial(_over, 1, -1)),
        Slip(_ONE_VARIANCE, partial(_over, 1, 0)),
        Slip(_ONE_VARIANCE, partial(_over, 0, 1)),
        Slip(_ONE_SD, partial(_over, 0.5, 0)),
        Slip(_ONE_SD, partial(_over, 0, 0.5)),
        Slip(_RANKS, partial(_correlation_of, _effects, "spearman")),
        Slip(_RANKS, partial(_correlation_of, _lines, "spearman")),
        Slip(_RANKS, partial(_correlation_of, _effects, "kendall")),
        Slip(_RANKS, partial(_correlation_of, _lines, "kendall")),
        Slip(_OTHER_ZERO, partial(_at_age, -1)),
        Slip(_OTHER_ZERO, partial(_at_age, 1)),
        Slip(
            Mistake(
                "per_visit",
                "This comes from a model with `Occasion` in place of `age`: its intercept lies before the first visit. "
                "Take the correlation from the model with `age`.",
            ),
            _per_visit_correlation,
        ),
        Slip(
            Mistake(
                "covariance_of_estimates",
                "This is from `cov_params()`: how the errors of the two average values go together. What is asked for "
                "is how the boys' intercepts and slopes do, in `cov_re`.",
            ),
            _covariance_of_estimates,
        ),
        Slip(
            Mistake(
                "correlation_of_data",
                "This is the correlation of age and height. What is asked for is that of the boys' intercepts and "
                "slopes, from `cov_re`.",
            ),
            _correlation_of_data,
        ),
        Slip(
            Mistake(
                "mixed_scales",
                "The covariance is from `cov_re`, the variances from `params`, where they are divided by the residual "
                "variance. Take all three from `cov_re`.",
            ),
            lambda: _correlation() * _scale(),
        ),
    ),
)


def _error_ratio(term: str) -> float:
    """Return how many times as large a standard error is with random slopes as without."""
    return _error("fit_random_slope", term) / _error("fit_random_intercept", term)


def _error(name: str, term: str = "age") -> float:
    return float(reference.fit(name).bse_fe[term])


_RESIDUAL_VARIANCES = Mistake(
    "residual_variances",
    "This is the ratio of the residual variances. The standard errors of `age` are in `bse_fe`.",
)

SE_RATIO = NumberQuestion(
    key="se_ratio",
    title="What random slopes do to the standard error of age",
    points=1,
    where="`random_slope_fit.bse_fe` and `parallel.bse_fe` hold the standard errors of the two models; take those of "
    "`age`, and divide the first by the second.",
    target=partial(_error_ratio, "age"),
    exact=0.025,
    typed=0.025,
    praise="Yes, so many times as large is it with random slopes.",
    slips=(
        Slip(
            Mistake(
                "inverse",
                "This is the ratio turned round (or a ratio of z values, which comes to the same). How many times as "
                "large is the standard error with random slopes?",
                0.5,
            ),
            lambda: 1 / _error_ratio("age"),
        ),
        Slip(
            Mistake("of_the_intercepts", "This is the ratio for the intercept. Take the standard errors of `age`."),
            partial(_error_ratio, "Intercept"),
        ),
        Slip(
            Mistake("difference", "This is the difference of the two standard errors. Divide one by the other."),
            lambda: _error("fit_random_slope") - _error("fit_random_intercept"),
        ),
        Slip(
            Mistake("squared", "This is the ratio squared, that of variances. Standard errors are asked for.", 0.5),
            lambda: _error_ratio("age") ** 2,
        ),
        Slip(
            Mistake(
                "one_standard_error",
                "This is the standard error of `age` in your model alone. Divide it by the one in `parallel`.",
            ),
            partial(_error, "fit_random_slope"),
        ),
        Slip(
            Mistake(
                "other_standard_error",
                "This is the standard error of `age` without random slopes. How many times as large is that of your "
                "model?",
            ),
            partial(_error, "fit_random_intercept"),
        ),
        Slip(
            Mistake(
                "compared_with_regression",
                "Here the standard error was compared with that of an ordinary regression. Compare it with the model "
                "`parallel`, which has random intercepts.",
            ),
            lambda: _error("fit_random_slope") / float(reference.ols().bse["age"]),
        ),
        Slip(
            Mistake(
                "regression_compared_with_model",
                "Here the standard error of an ordinary regression was divided by that of your model. Divide that of "
                "your model by that of the model `parallel`.",
            ),
            lambda: float(reference.ols().bse["age"]) / _error("fit_random_slope"),
        ),
        Slip(
            Mistake(
                "increase_only",
                "This says by how much the standard error grew, as a share of the smaller one. The question is how "
                "many times as large it is.",
                0.5,
            ),
            lambda: _error_ratio("age") - 1,
        ),
        Slip(_RESIDUAL_VARIANCES, lambda: _scale() / float(reference.fit("fit_random_intercept").scale)),
        Slip(_RESIDUAL_VARIANCES, lambda: float(reference.fit("fit_random_intercept").scale) / _scale()),
        Slip(
            Mistake(
                "standard_deviation_of_slopes",
                "This is the standard deviation of the slopes: how much boys differ. A standard error says how "
                "precisely their average is known.",
            ),
            _slope_sd,
        ),
    ),
)

CORRELATION_MEANING = ChoiceQuestion(
    key="correlation_meaning",
    title="What the correlation means",
    points=1,
    where="Think of two boys, one tall and one short at age 0: whose line is steeper, by this model?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="4-random-slope",
    assignment="core",
    questions=(RANDOM_SLOPE_FIT, SLOPE_VARIANCE, INTERCEPT_SLOPE_CORRELATION, SE_RATIO, CORRELATION_MEANING),
    free_text=("random_slope_interpretation",),
)
