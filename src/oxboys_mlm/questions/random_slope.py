"""What notebook 4 asks: do boys also grow at different rates."""

from __future__ import annotations

import math
from functools import cache, partial

from oxboys_mlm import variance
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook

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
    ),
)


def _correlation() -> float:
    return variance.intercept_slope_correlation(reference.fit("fit_random_slope"))


@cache
def _separate_lines_correlation() -> float:
    import numpy as np

    lines = [np.polyfit(boy["age"], boy["height"], 1) for _, boy in reference.data().groupby("Subject")]
    return float(np.corrcoef(np.array(lines).T)[0, 1])


def _over_height_variance() -> float:
    return _part(1) / float(reference.data()["height"].var())


def _over_product() -> float:
    return _part(1) / (_part(0) * _part(2))


@cache
def _predicted_effects_correlation() -> float:
    import numpy as np

    effects = reference.fit("fit_random_slope").random_effects
    return float(np.corrcoef(np.array([effect.to_numpy() for effect in effects.values()]).T)[0, 1])


INTERCEPT_SLOPE_CORRELATION = NumberQuestion(
    key="intercept_slope_correlation",
    title="The correlation of intercepts and slopes",
    points=1,
    where="A correlation is a covariance divided by both standard deviations. All three numbers come out of "
    "`random_slope_fit.cov_re`.",
    target=_correlation,
    exact=0.003,
    typed=0.006,
    proportion=True,
    praise="Yes, that is the correlation between intercepts and slopes.",
    slips=(
        Slip(
            Mistake(
                "predicted_effects",
                "This is the correlation of the boys' predicted effects (`random_effects`), which are shrunken. The "
                "model estimates the correlation itself: take it from `cov_re`.",
                0.5,
            ),
            _predicted_effects_correlation,
        ),
        Slip(
            Mistake(
                "separate_lines",
                "This is the correlation of intercepts and slopes of separate regressions, one per boy. The model "
                "estimates the correlation itself: take it from `cov_re`.",
                0.5,
            ),
            _separate_lines_correlation,
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
    questions=(RANDOM_SLOPE_FIT, SLOPE_VARIANCE, INTERCEPT_SLOPE_CORRELATION, CORRELATION_MEANING),
    free_text=("random_slope_interpretation",),
)
