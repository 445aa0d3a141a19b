"""The correlation of intercepts and slopes, which notebook 4 asks for: many wrong ways lead to a number."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from oxboys_mlm.assessment.numbers import NO_PERCENT, NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.estimates import (
    correlation,
    covariance,
    covariance_per_visit,
    moved,
    own_lines,
    part,
    predicted_effects,
    residual_variance,
)


def _over_height_variance() -> float:
    return part(1) / float(reference.data()["height"].var())


def correlation_of(pairs: Callable[[], Any], method: Literal["pearson", "kendall", "spearman"] = "pearson") -> float:
    """Return a correlation of pairs of numbers."""
    import pandas as pd

    intercepts, slopes = (pd.Series(column) for column in pairs().T)
    return float(intercepts.corr(slopes, method=method))


def at_age(age: float) -> float:
    """Return the correlation of slopes and expected heights at another age."""
    intercept, between, slope = moved(age)
    return between / math.sqrt(intercept * slope)


def _per_visit_correlation() -> float:
    intercept, between, slope = covariance_per_visit()
    return between / math.sqrt(intercept * slope)


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


def wrong_arithmetic(parts: Callable[[], tuple[float, float, float]]) -> tuple[Slip, ...]:
    """Return what mistakes make of the right three numbers: intercept variance, covariance and slope variance."""

    def over(first: float, second: float) -> float:
        """Divide the covariance by powers of the intercepts' and the slopes' variance."""
        intercepts, between, slopes = parts()
        return between / (math.pow(intercepts, first) * math.pow(slopes, second))

    return (
        Slip(
            Mistake(
                "divided_by_variances",
                "Here the covariance was divided by the product of the variances. A correlation divides by the "
                "standard deviations, their square roots.",
            ),
            partial(over, 1, 1),
        ),
        Slip(
            Mistake(
                "covariance",
                "This is the covariance itself, which depends on the units. Divide it by both standard deviations.",
            ),
            partial(over, 0, 0),
        ),
        Slip(
            Mistake(
                "params_as_covariance",
                "This comes from `params`, where statsmodels keeps the covariance divided by the residual variance.",
            ),
            lambda: over(0, 0) / residual_variance(),
        ),
        Slip(
            Mistake("squared", "This is the correlation squared. Leave it as it is: its sign and size matter.", 0.5),
            lambda: over(0.5, 0.5) ** 2,
        ),
        Slip(
            Mistake(
                "in_percent",
                f"The size is right, but a correlation lies between −1 and 1 and is not a proportion: {NO_PERCENT}",
                0.5,
            ),
            lambda: 100 * over(0.5, 0.5),
        ),
        Slip(_BRACKETS, partial(over, 0.5, -0.5)),
        Slip(_BRACKETS, partial(over, 1, -1)),
        Slip(_ONE_VARIANCE, partial(over, 1, 0)),
        Slip(_ONE_VARIANCE, partial(over, 0, 1)),
        Slip(_ONE_SD, partial(over, 0.5, 0)),
        Slip(_ONE_SD, partial(over, 0, 0.5)),
        Slip(
            Mistake(
                "mixed_scales",
                "The covariance is from `cov_re`, the variances from `params`, where they are divided by the residual "
                "variance. Take all three from `cov_re`.",
            ),
            lambda: over(0.5, 0.5) * residual_variance(),
        ),
    )


INTERCEPT_SLOPE_CORRELATION = NumberQuestion(
    key="intercept_slope_correlation",
    title="The correlation of intercepts and slopes",
    where="A correlation is a covariance divided by both standard deviations. All three numbers come out of "
    "`random_slope_fit.cov_re`.",
    target=correlation,
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
            partial(correlation_of, predicted_effects),
        ),
        Slip(
            Mistake(
                "separate_lines",
                "This is not the model's own correlation of intercepts and slopes. Separate regressions, one per boy, "
                "give this number, and so do the two fixed effects in `cov_params()`, which say how the errors of the "
                "two averages go together. Take the model's estimate from `cov_re`.",
                0.5,
            ),
            partial(correlation_of, own_lines),
        ),
        Slip(
            Mistake(
                "divided_by_variance_of_height",
                "Here the covariance was divided by the variance of height. It needs the standard deviations of what "
                "it connects: intercepts and slopes.",
            ),
            _over_height_variance,
        ),
        *wrong_arithmetic(covariance),
        Slip(_RANKS, partial(correlation_of, predicted_effects, "spearman")),
        Slip(_RANKS, partial(correlation_of, own_lines, "spearman")),
        Slip(_RANKS, partial(correlation_of, predicted_effects, "kendall")),
        Slip(_RANKS, partial(correlation_of, own_lines, "kendall")),
        Slip(_OTHER_ZERO, partial(at_age, -1)),
        Slip(_OTHER_ZERO, partial(at_age, 1)),
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
                "This is from `cov_params()`: how the errors of the two average values go together. The task asks how "
                "the boys' intercepts and slopes do, in `cov_re`.",
            ),
            _covariance_of_estimates,
        ),
        Slip(
            Mistake(
                "correlation_of_data",
                "This is the correlation of age and height. The task asks for that of the boys' intercepts and slopes, "
                "from `cov_re`.",
            ),
            _correlation_of_data,
        ),
    ),
)
