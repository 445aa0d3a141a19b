"""What notebook 3 asks: how do boys grow, when each starts from his own height."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Literal

from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.vocabulary import OXBOYS

RANDOM_INTERCEPT_FIT = FitQuestion(
    key="random_intercept_fit",
    title="Random intercept model",
    where="Predict `height` from `age` in the formula, and let the intercept vary between boys with `groups`.",
    data=reference.data,
    outcome="height",
    fixed=("1", "age"),
    random=("1",),
    by="Subject",
    reference=partial(reference.evidence, "fit_random_intercept"),
    vocabulary=OXBOYS,
    helpers=reference.HELPERS,
    praise="The random intercept model: parallel lines, one per boy, around one average line.",
)


def _coefficient(name: str) -> float:
    return float(reference.fit("fit_random_intercept").fe_params[name])


def _z_value() -> float:
    fit = reference.fit("fit_random_intercept")
    return float(fit.tvalues["age"])


def _standard_error() -> float:
    return float(reference.fit("fit_random_intercept").bse_fe["age"])


def _variance() -> float:
    return float(reference.fit("fit_random_intercept").cov_re.iloc[0, 0])


def _residual_variance() -> float:
    return float(reference.fit("fit_random_intercept").scale)


def _pooled_slope() -> float:
    return float(reference.ols().params["age"])


def _swapped_slope() -> float:
    return float(reference.variant("age ~ height").fe_params["height"])


def _slope_per_visit() -> float:
    return float(reference.variant("height ~ Occasion").fe_params["Occasion"])


def _correlation(method: Literal["pearson", "kendall", "spearman"] = "pearson") -> float:
    data = reference.data()
    return float(data["age"].corr(data["height"], method=method))


def _standard_deviation(column: str, ddof: int = 1) -> float:
    return float(reference.data()[column].std(ddof=ddof))


def _in_other_units(factor: Callable[[], float]) -> float:
    return _coefficient("age") * factor()


def _confidence_limit(number: int) -> float:
    return float(reference.fit("fit_random_intercept").conf_int().loc["age"].iloc[number])


_PER_SD = Mistake(
    "per_standard_deviation",
    "This is the growth per standard deviation of age. The task asks for the growth per unit of `age` itself, as it "
    "stands in `data`.",
)
_CONFIDENCE_LIMIT = Mistake(
    "confidence_limit",
    "This is an end of the slope's confidence interval. The slope itself is in column Coef.",
)
_RANK_CORRELATION = Mistake(
    "rank_correlation",
    "This is a rank correlation of age and height. A slope is in units: cm per unit of age.",
)


AVERAGE_SLOPE = NumberQuestion(
    key="average_slope",
    title="The average slope of age",
    where="Look at the row `age` and the column Coef. of the summary, or at `random_intercept_fit.fe_params`.",
    target=partial(_coefficient, "age"),
    exact=0.002,
    typed=0.005,
    praise="Yes, that is the average slope, in cm per unit of age (one unit is about a year).",
    unit=r"(cm|centimet(er|re)s?|zentimeter)( ?(/|per|pro|a|each) ?((unit( of)? )?age|unit|year|yr|y|jahr)( of age)?)?",
    slips=(
        Slip(
            Mistake(
                "pooled_slope",
                "This is the slope of an ordinary regression, which ignores the boys. Take it from "
                "`random_intercept_fit`.",
            ),
            _pooled_slope,
        ),
        Slip(
            Mistake(
                "intercept_instead_of_slope", "This is the intercept: the mean height at age 0. Look one row further."
            ),
            partial(_coefficient, "Intercept"),
        ),
        Slip(
            Mistake(
                "z_value", "This is the z value: the slope divided by its standard error. The slope is in column Coef."
            ),
            _z_value,
        ),
        Slip(
            Mistake(
                "standard_error",
                "This is the standard error of the slope: how precisely it is known. The slope is in column Coef.",
            ),
            _standard_error,
        ),
        Slip(
            Mistake(
                "variance_instead_of_slope",
                "This is the variance of the intercepts. The task asks how height changes with age.",
            ),
            _variance,
        ),
        Slip(
            Mistake(
                "residual_variance",
                "This is the residual variance. The task asks how height changes with age.",
            ),
            _residual_variance,
        ),
        Slip(
            Mistake(
                "correlation_instead_of_slope",
                "This is the correlation of age and height. A slope is in units: cm per unit of age.",
            ),
            _correlation,
        ),
        Slip(
            Mistake(
                "predictor_and_outcome_swapped",
                "This is how age changes with height. In the formula the outcome, height, stands left of the `~`.",
            ),
            _swapped_slope,
        ),
        Slip(
            Mistake("per_occasion", "This is the growth from one visit to the next. The predictor should be `age`."),
            _slope_per_visit,
        ),
        Slip(
            Mistake(
                "per_month",
                "This is the growth per month. The task asks for the growth per unit of `age`, about a year.",
            ),
            partial(_in_other_units, lambda: 1 / 12),
        ),
        Slip(_PER_SD, partial(_in_other_units, partial(_standard_deviation, "age"))),
        Slip(_PER_SD, partial(_in_other_units, partial(_standard_deviation, "age", 0))),
        Slip(
            Mistake(
                "standardised_slope",
                "This is a standardised slope: both columns in standard deviations. The task asks for cm per unit of "
                "age.",
            ),
            partial(_in_other_units, lambda: _standard_deviation("age") / _standard_deviation("height")),
        ),
        Slip(
            Mistake("in_metres", "This slope is in metres. `height` is in centimetres: leave it so."),
            partial(_in_other_units, lambda: 0.01),
        ),
        Slip(
            Mistake("in_millimetres", "This slope is in millimetres. `height` is in centimetres: leave it so."),
            partial(_in_other_units, lambda: 10.0),
        ),
        Slip(_CONFIDENCE_LIMIT, partial(_confidence_limit, 0)),
        Slip(_CONFIDENCE_LIMIT, partial(_confidence_limit, 1)),
        Slip(_RANK_CORRELATION, partial(_correlation, "spearman")),
        Slip(_RANK_CORRELATION, partial(_correlation, "kendall")),
        Slip(
            Mistake(
                "variance_of_heights",
                "This is the variance of all heights. The task asks how height changes with age.",
            ),
            lambda: _standard_deviation("height") ** 2,
        ),
    ),
)


def _scale_of(name: str) -> float:
    return float(reference.fit(name).scale)


def _between_of(name: str) -> float:
    return float(reference.fit(name).cov_re.iloc[0, 0])


def _gone(part: Callable[[str], float]) -> float:
    """Return the share of a variance of the null model that is gone once age is in the model."""
    return 1 - part("fit_random_intercept") / part("fit_null")


def _total_of(name: str) -> float:
    return _scale_of(name) + _between_of(name)


WITHIN_EXPLAINED = NumberQuestion(
    key="within_explained",
    title="The share of the variance within boys that age takes away",
    where="Both residual variances are in `scale`: of `null_results`, and of `random_intercept_fit`. By what share of "
    "the first is the second smaller?",
    target=partial(_gone, _scale_of),
    exact=0.001,
    typed=0.005,
    proportion=True,
    praise="Yes, that is the share of the variance within boys that age takes away.",
    slips=(
        Slip(
            Mistake(
                "share_left",
                "This is the share that is left. The question is what share has gone.",
                0.5,
            ),
            lambda: 1 - _gone(_scale_of),
        ),
        Slip(
            Mistake(
                "of_total_variance",
                "This is about the total variance, between and within boys together. The question is about the part "
                "within boys alone: both numbers are in `scale`.",
            ),
            partial(_gone, _total_of),
        ),
        Slip(
            Mistake(
                "divided_by_total_variance",
                "Here the decrease was divided by the total variance of the null model. Divide it by the part within "
                "boys, `null_results.scale`.",
            ),
            lambda: (_scale_of("fit_null") - _scale_of("fit_random_intercept")) / _total_of("fit_null"),
        ),
        Slip(
            Mistake(
                "between_instead_of_within",
                "This is what happens to the variance between boys (`cov_re`). The variance within boys is in `scale`.",
            ),
            partial(_gone, _between_of),
        ),
        Slip(
            Mistake(
                "r_squared_of_regression",
                "This is R² of an ordinary regression, which knows nothing of boys. Compare the residual variances of "
                "the two multilevel models.",
            ),
            lambda: float(reference.ols().rsquared),
        ),
        Slip(
            Mistake(
                "standard_deviations",
                "This is the share of the standard deviation. The question is about variances: do not take roots.",
            ),
            lambda: 1 - math.sqrt(1 - _gone(_scale_of)),
        ),
        Slip(
            Mistake(
                "difference_of_variances",
                "This is the difference of the two variances, in cm². For a share, divide it by what there was before.",
            ),
            lambda: _scale_of("fit_null") - _scale_of("fit_random_intercept"),
        ),
        Slip(
            Mistake(
                "ratio_of_variances",
                "This says how many times as large the variance was before. The question is by what share it has gone "
                "down.",
            ),
            lambda: 1 / (1 - _gone(_scale_of)),
        ),
        Slip(
            Mistake(
                "standard_deviation_left",
                "This is the share of the standard deviation that is left. The question is what share of the variance "
                "has gone.",
            ),
            lambda: math.sqrt(1 - _gone(_scale_of)),
        ),
        Slip(
            Mistake(
                "icc_of_this_model",
                "This is the ICC of the random-intercept model: the share of what is left that lies between boys. "
                "Compare the two residual variances instead.",
            ),
            lambda: _between_of("fit_random_intercept") / _total_of("fit_random_intercept"),
        ),
        Slip(
            Mistake(
                "icc_of_null_model",
                "This is the ICC of the null model. Compare its residual variance with that of your model.",
            ),
            lambda: _between_of("fit_null") / _total_of("fit_null"),
        ),
        Slip(
            Mistake(
                "residual_variance",
                "This is the residual variance of your model, in cm². By what share is it smaller than that of the "
                "null model?",
            ),
            partial(_scale_of, "fit_random_intercept"),
        ),
        Slip(
            Mistake(
                "residual_variance_of_null_model",
                "This is the residual variance of the null model, in cm². By what share is yours smaller?",
            ),
            partial(_scale_of, "fit_null"),
        ),
    ),
)

SLOPE_MEANING = ChoiceQuestion(
    key="slope_meaning",
    title="What the slope means",
    where="Say the slope's unit aloud, and ask whose growth the fixed effect describes.",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="3-random-intercept",
    assignment="core",
    questions=(RANDOM_INTERCEPT_FIT, AVERAGE_SLOPE, WITHIN_EXPLAINED, SLOPE_MEANING),
    free_text=("slope_interpretation",),
)
