"""What notebook 4 asks: do boys also grow at different rates."""

from __future__ import annotations

import math
from functools import partial

from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.correlation import INTERCEPT_SLOPE_CORRELATION
from oxboys_mlm.questions.estimates import (
    correlation,
    covariance_per_visit,
    own_lines,
    part,
    predicted_effects,
    residual_variance,
)
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.vocabulary import OXBOYS

RANDOM_SLOPE_FIT = FitQuestion(
    key="random_slope_fit",
    title="Random slope model",
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


def _slope_sd() -> float:
    return math.sqrt(part(2))


def _fixed_slope() -> float:
    return float(reference.fit("fit_random_slope").fe_params["age"])


def _standard_error() -> float:
    return float(reference.fit("fit_random_slope").bse_fe["age"])


def _standard_error_column() -> float:
    """Return the Std.Err. that the summary prints in the row of the slopes' variance."""
    fit = reference.fit("fit_random_slope")
    return float(fit.bse.iloc[-1]) * math.sqrt(fit.scale)


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
    where="The variances stand in `random_slope_fit.cov_re`, rows and columns in the order of `re_formula`. Which "
    "entry belongs to `age` alone?",
    target=partial(part, 2),
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
            lambda: part(2) / residual_variance(),
        ),
        Slip(
            Mistake(
                "ml_instead_of_reml",
                "The right entry, but of a fit by maximum likelihood. Take it from the REML fit.",
                0.5,
            ),
            partial(part, 2, reml=False),
        ),
        Slip(
            Mistake(
                "covariance", "This is the covariance of intercepts and slopes. Which entry is about slopes alone?"
            ),
            partial(part, 1),
        ),
        Slip(
            Mistake("intercept_variance", "This is the variance of the intercepts. Look for the row of `age`."),
            partial(part, 0),
        ),
        Slip(
            Mistake(
                "residual_variance",
                "This is the residual variance: what is left around each boy's own line. Look into `cov_re`.",
            ),
            residual_variance,
        ),
        Slip(
            Mistake(
                "fixed_slope",
                "This is the average slope. The question is how much the boys' slopes vary around it.",
            ),
            _fixed_slope,
        ),
        Slip(_PREDICTED_SLOPES, lambda: float(predicted_effects()[:, 0].var(ddof=1))),
        Slip(_PREDICTED_SLOPES, lambda: float(predicted_effects()[:, 0].var())),
        Slip(
            Mistake(
                "separate_lines",
                "This is the variance of the slopes of separate regressions, one per boy. They vary more than the boys "
                "do, since each has an error of its own. The model's own estimate is in `cov_re`.",
                0.5,
            ),
            lambda: float(own_lines()[:, 0].var(ddof=1)),
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
            correlation,
        ),
        Slip(
            Mistake(
                "per_visit",
                "This is the variance of slopes per visit: the model has `Occasion` in place of `age`. Take it from "
                "the model with `age`.",
            ),
            lambda: covariance_per_visit()[2],
        ),
        Slip(Mistake("per_month", f"This is the variance of slopes per month. {_OTHER_UNIT}"), lambda: part(2) / 144),
        Slip(_PER_SD, lambda: part(2) * float(reference.data()["age"].var())),
        Slip(_PER_SD, lambda: part(2) * float(reference.data()["age"].var(ddof=0))),
        Slip(Mistake("in_metres", f"This is the variance with height in metres. {_OTHER_UNIT}"), lambda: part(2) / 1e4),
        Slip(
            Mistake("in_millimetres", f"This is the variance with height in millimetres. {_OTHER_UNIT}"),
            lambda: part(2) * 100,
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
    where="`random_slope_fit.bse_fe` and `parallel.bse_fe` hold the standard errors of the two models; take those of "
    "`age`, and divide the first by the second.",
    target=partial(_error_ratio, "age"),
    exact=0.025,
    typed=0.025,
    praise="Yes, with random slopes it is that many times as large.",
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
            Mistake("squared", "This is the ratio squared, that of variances. The task asks for standard errors.", 0.5),
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
        Slip(_RESIDUAL_VARIANCES, lambda: residual_variance() / float(reference.fit("fit_random_intercept").scale)),
        Slip(_RESIDUAL_VARIANCES, lambda: float(reference.fit("fit_random_intercept").scale) / residual_variance()),
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
    where="Think of two boys, one tall and one short at age 0: whose line is steeper, by this model?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="4-random-slope",
    assignment="core",
    questions=(RANDOM_SLOPE_FIT, SLOPE_VARIANCE, INTERCEPT_SLOPE_CORRELATION, SE_RATIO, CORRELATION_MEANING),
    free_text=("random_slope_interpretation",),
)
