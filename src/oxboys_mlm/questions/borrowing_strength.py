"""What notebook 6 asks: what does the model know about one boy."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from oxboys_mlm import models, pooling, variance
from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Fit
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.functions import FunctionQuestion, Probe
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import estimates, reference, simulated
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.vocabulary import OXBOYS

if TYPE_CHECKING:
    import pandas as pd

# ---- separate lines and their noise ------------------------------------------------------------------


def _own(column: int, ddof: int = 1) -> float:
    return float(estimates.own_lines()[:, column].var(ddof=ddof))


def _predicted(ddof: int = 1) -> float:
    """Variance of the boys' predicted slopes."""
    return float(estimates.predicted_effects()[:, 0].var(ddof=ddof))


_PREDICTED = Mistake(
    "predicted_effects",
    "This is the variance of the boys' predicted slopes (`random_effects`): the model has pulled them towards the "
    "average. Here each boy gets an ordinary regression of his own, without the model.",
)

_OF_THE_INTERCEPTS = Mistake(
    "of_the_intercepts",
    "This is the variance of the 26 intercepts. `np.polyfit(…, 1)` gives two numbers: first the slope, then the "
    "intercept.",
)

OWN_SLOPE_VARIANCE = NumberQuestion(
    key="own_slope_variance",
    title="The variance of the 26 own slopes",
    where="Fit an ordinary line to each boy alone and keep its slope (`np.polyfit` gives the slope first). Then take "
    "the variance of these 26 numbers, with `ddof=1`.",
    target=partial(_own, 0),
    exact=0.002,
    typed=0.006,
    praise="Yes, that is how much the slopes of the separate lines vary.",
    slips=(
        Slip(
            Mistake(
                "divided_by_n",
                "This variance divides by 26. The 26 boys are a sample: divide by 25, with `ddof=1` (pandas does so, "
                "`np.var` only if you ask).",
                0.5,
            ),
            partial(_own, 0, 0),
        ),
        Slip(
            Mistake(
                "standard_deviation",
                "This is the standard deviation of the slopes. The question asks for the variance, its square.",
            ),
            lambda: math.sqrt(_own(0)),
        ),
        Slip(
            Mistake(
                "standard_deviation",
                "This is a standard deviation of the slopes. The question asks for the variance, its square.",
            ),
            lambda: math.sqrt(_own(0, 0)),
        ),
        Slip(
            Mistake(
                "model_variance",
                "This is the slope variance that the model estimates (`cov_re`). Here the question is how much the "
                "slopes of 26 separate regressions vary; no model is involved.",
            ),
            partial(estimates.part, 2),
        ),
        Slip(_PREDICTED, _predicted),
        Slip(_PREDICTED, partial(_predicted, 0)),
        Slip(_OF_THE_INTERCEPTS, partial(_own, 1)),
        Slip(_OF_THE_INTERCEPTS, partial(_own, 1, 0)),
        Slip(
            Mistake(
                "standard_error",
                "This is the standard error of the mean slope: how precisely the average is known. The question is "
                "how much the slopes differ.",
            ),
            lambda: math.sqrt(_own(0) / len(estimates.own_lines())),
        ),
        Slip(
            Mistake(
                "sum_of_squares",
                "This is the sum of squared distances from the mean slope. Divide it by 25, the number of boys less "
                "one.",
            ),
            lambda: 25 * _own(0),
        ),
        Slip(
            Mistake(
                "slopes_and_intercepts",
                "This is the variance of all slopes and intercepts together. Take the slopes alone.",
            ),
            lambda: float(estimates.own_lines().var(ddof=1)),
        ),
        Slip(
            Mistake("mean_slope", "This is the mean of the slopes. The question is how much they vary around it."),
            lambda: float(estimates.own_lines()[:, 0].mean()),
        ),
        Slip(
            Mistake(
                "covariance",
                "This is the covariance of the own intercepts and slopes. Take the variance of the slopes alone.",
            ),
            lambda: _covariance_of_lines(),
        ),
    ),
)


def _covariance_of_lines() -> float:
    import numpy as np

    return float(np.cov(estimates.own_lines().T)[0, 1])


def _noise(scale: float, part: Callable[[Any], float] | None = None) -> float:
    """Return the mean over the boys of a residual variance divided by a sum of squares of their ages."""
    import numpy as np

    part = part or (lambda age: float(((age - age.mean()) ** 2).sum()))
    return float(np.mean([scale / part(boy["age"]) for _, boy in reference.data().groupby("Subject")]))


def _scale(name: str = "fit_random_slope") -> float:
    return float(reference.fit(name).scale)


_OTHER_SCALE = (
    "The formula is right, but the residual variance is that of another model. Take `scale` of the random-slope model "
    "of notebook 4 (`fan`): there each boy has a line of his own."
)

_DIVIDED_BY_VARIANCE_OF_AGE = Mistake(
    "divided_by_variance_of_age",
    "Here the residual variance was divided by the variance of the ages. Divide by the sum of the squared distances: "
    "nine visits tell more than one.",
)
_WHAT_REMAINS = Mistake(
    "what_remains",
    "This is what remains of the variance when the noise is taken away (and what the model estimates as the slope "
    "variance). The question is about the noise.",
)

NOISE_VARIANCE = NumberQuestion(
    key="noise_variance",
    title="The part of it that is noise",
    where="For each boy, divide the residual variance (`fan.scale`) by the sum of his squared distances from his own "
    "mean age. Then take the mean of the 26 results.",
    target=lambda: _noise(_scale()),
    exact=0.001,
    typed=0.001,
    praise="Yes, that is how much the separate slopes would vary if all boys grew at the same rate.",
    slips=(
        Slip(Mistake("scale_of_parallel_lines", _OTHER_SCALE), lambda: _noise(_scale("fit_random_intercept"))),
        Slip(Mistake("scale_of_null_model", _OTHER_SCALE), lambda: _noise(_scale("fit_null"))),
        Slip(Mistake("scale_of_regression", _OTHER_SCALE), lambda: _noise(float(reference.ols().scale))),
        Slip(
            Mistake(
                "noise_of_a_mean",
                "This is the residual variance divided by the nine visits: the noise in a boy's mean height. The "
                "noise in his slope depends on how far apart his ages are: divide by the sum of their squared "
                "distances from the mean.",
            ),
            lambda: _scale() / 9,
        ),
        Slip(
            Mistake(
                "residual_variance",
                "This is the residual variance itself: the noise of one measurement. A slope rests on nine; divide by "
                "the sum of squared distances of the boy's ages from their mean.",
            ),
            _scale,
        ),
        Slip(_WHAT_REMAINS, lambda: _own(0) - _noise(_scale())),
        Slip(_WHAT_REMAINS, partial(estimates.part, 2)),
        Slip(
            Mistake(
                "standard_error",
                "This is the standard error of one boy's slope. The task asks for the variance, its square.",
            ),
            lambda: math.sqrt(_noise(_scale())),
        ),
        Slip(
            Mistake("summed", "This is the sum over the 26 boys. Take the mean: it is the noise in one boy's slope."),
            lambda: 26 * _noise(_scale()),
        ),
        Slip(_DIVIDED_BY_VARIANCE_OF_AGE, lambda: _noise(_scale(), lambda age: float(age.var()))),
        Slip(_DIVIDED_BY_VARIANCE_OF_AGE, lambda: _noise(_scale(), lambda age: float(age.var(ddof=0)))),
        Slip(
            Mistake(
                "over_all_boys",
                "Here the squared ages were summed over all boys. Each slope rests on one boy's visits: sum them boy "
                "by boy.",
            ),
            lambda: _scale() / float(((reference.data()["age"] - reference.data()["age"].mean()) ** 2).sum()),
        ),
        Slip(
            Mistake(
                "root_of_scale",
                "The root of `scale`, a standard deviation, went into this. Take `scale` itself: it is a variance.",
            ),
            lambda: _noise(math.sqrt(_scale())),
        ),
        Slip(
            Mistake("share", "This is the noise as a share of the variance of the own slopes. Leave it in its unit."),
            lambda: _noise(_scale()) / _own(0),
        ),
    ),
)

# ---- shrinkage as reliability ------------------------------------------------------------------------

_N_IGNORED = Mistake(
    "n_ignored",
    "The function gives the same whatever `n` is: the ICC, which is the reliability of one measurement. Divide the "
    "residual variance by `n`.",
)
_TIMES_N = Mistake(
    "times_n",
    "Here the residual variance is multiplied by `n`, so that more measurements would count less. The noise of a "
    "mean gets smaller: divide by `n`.",
)
_COMPLEMENT = Mistake(
    "complement",
    "This is 1 minus the factor: the part that is pulled to the average. The task asks how much the boy's own mean "
    "counts, with the variance between boys on top.",
)
_ROOT_N = Mistake(
    "root_of_n",
    "Here the residual variance is divided by the root of `n`. The root belongs to standard deviations; a variance is "
    "divided by `n`.",
)
_SDS = Mistake(
    "standard_deviations",
    "The function uses standard deviations. Only variances add up: take them without square roots.",
)
_SDS_OVER_N = Mistake("standard_deviation_by_n", _SDS.text)
_PARAMS = Mistake(
    "params_as_variance",
    "The variance between boys was taken from `params`, where statsmodels keeps it divided by the residual variance. "
    "`cov_re` has the variance itself.",
)
_BRACKETS = Mistake(
    "brackets_missing",
    "Python divides before it adds: without brackets, `a / a + b` is 1 plus `b`. Put the sum below the line into "
    "brackets.",
)
_RATIO = Mistake(
    "ratio_to_noise",
    "This is the variance between boys divided by the noise of a mean. The factor divides by the sum of both.",
)


def _factors(between: float, within: float, n: float) -> dict[str, float]:
    """Return the shrinkage factor of a mean of `n`, under "target", and what known mistakes make of it."""
    # A function that asks here leaves the work to the course.
    variance.helper_calls["shrinkage"] += 1
    noise = within / n
    target = between / (between + noise)
    ratio = between / within
    return {
        "target": target,
        _N_IGNORED.name: between / (between + within),
        _TIMES_N.name: between / (between + within * n),
        _COMPLEMENT.name: 1 - target,
        _ROOT_N.name: between / (between + within / math.sqrt(n)),
        _SDS.name: math.sqrt(between) / (math.sqrt(between) + math.sqrt(noise)),
        _SDS_OVER_N.name: math.sqrt(between) / (math.sqrt(between) + math.sqrt(within) / n),
        _PARAMS.name: ratio / (ratio + noise),
        _BRACKETS.name: 1 + noise,
        _RATIO.name: between / noise,
    }


#: The numbers of measurements that the function is called with.
_COUNTS = (3, 9, 1)


def _probes(seed: int) -> tuple[Probe, ...]:
    """Return the models of notebook 2's function, each with two numbers of measurements."""
    return tuple(Probe(probe.variants, (n,)) for probe in simulated.probes(seed) for n in _COUNTS)


def _probe_values(seed: int) -> tuple[dict[str, float], ...]:
    """Compute what the function should return for the probes; kept nowhere, so that it cannot be found."""
    return tuple(_factors(*variances, n) for variances in simulated.probe_variances(seed) for n in _COUNTS)


SHRINKAGE_FACTOR = FunctionQuestion(
    key="shrinkage_factor",
    title="A function for the shrinkage factor",
    where="`shrinkage_factor(results, n)` should divide the variance between boys (`results.cov_re`) by the sum of "
    "that variance and of `results.scale` divided by `n`.",
    probes=_probes,
    values=_probe_values,
    helper_calls=variance.helper_calls,
    tolerance=0.0051,
    proportion=True,
    praise="`shrinkage_factor` gives the right weight for these models and numbers of measurements, and for others.",
    slips=(
        _N_IGNORED,
        _TIMES_N,
        _COMPLEMENT,
        _ROOT_N,
        _SDS,
        _SDS_OVER_N,
        _PARAMS,
        _BRACKETS,
        _RATIO,
    ),
    further=("n",),
)

# ---- a boy of whom little is known ---------------------------------------------------------------------

#: The boy, how many of his visits are kept, and the visit whose height is forecast.
_BOY, _KEPT, _FORECAST = 4, 2, 9


@cache
def few() -> pd.DataFrame:
    """Return the data without all but the first two visits of boy 4. Shared: do not change it."""
    data = reference.data()
    return data[(data["Subject"] != _BOY) | (data["Occasion"] <= _KEPT)]


@cache
def _sparse() -> Any:
    return models.fit_random_slope(few())


@cache
def _sparse_evidence() -> Fit:
    described = collect_fit(_sparse(), few())
    assert isinstance(described, Fit)
    return described


SPARSE_FIT = FitQuestion(
    key="sparse_fit",
    title="The random-slope model with two visits of boy 4",
    where="Keep the rows of all other boys, and of boy 4 those with `Occasion` 1 and 2. Then fit the model of notebook "
    "4 to these rows.",
    data=few,
    outcome="height",
    fixed=("1", "age"),
    random=("1", "age"),
    by="Subject",
    reference=_sparse_evidence,
    vocabulary=OXBOYS,
    praise="The random-slope model, fitted to 25 boys with nine visits and boy 4 with two. No boy had to leave.",
    texts={
        "other_data": "This model was not fitted to the {rows} rows that the task asks for: boy 4 keeps visits 1 and "
        "2, all other boys keep all nine. Count the rows that you fitted it to (`len(…)`). With 234 nothing was "
        "taken out; with 225 boy 4 is gone altogether, and the model cannot say anything about him.",
        "data_changed": "The number of rows is right, but they are not the right rows. Boy 4 keeps visits 1 and 2, "
        "all other boys keep all nine. Look at what is left: `few[few.Subject == 4]`.",
    },
)


@cache
def _then() -> tuple[float, float]:
    """Age and height of boy 4 at the visit that is forecast."""
    data = reference.data()
    row = data[(data["Subject"] == _BOY) & (data["Occasion"] == _FORECAST)].iloc[0]
    return float(row["age"]), float(row["height"])


def _line_of(results: Any, kept: int = _KEPT) -> Any:
    """Predict the line of boy 4 by a fit."""
    data = reference.data()
    boy = data[(data["Subject"] == _BOY) & (data["Occasion"] <= kept)]
    return pooling.predicted_line(results, boy["age"], boy["height"])


def _forecast(intercept: float = 1.0, slope: float = 1.0, age: float | None = None) -> float:
    """Return the height on the average line plus shares of the boy's two deviations."""
    average, own = pooling.predicted_line(_sparse(), [], []), _line_of(_sparse())
    deviation = own - average
    age = _then()[0] if age is None else age
    return float(average[0] + intercept * deviation[0] + (average[1] + slope * deviation[1]) * age)


def _own_forecast() -> float:
    import numpy as np

    boy = few()[few()["Subject"] == _BOY]
    return float(np.polyval(np.polyfit(boy["age"], boy["height"], 1), _then()[0]))


@cache
def _parallel_forecast() -> float:
    """Forecast by the random-intercept model, fitted to the same rows."""
    results = models.fit_random_intercept(few())
    average = results.fe_params
    boy = few()[few()["Subject"] == _BOY]
    residuals = boy["height"] - average["Intercept"] - average["age"] * boy["age"]
    between = float(results.cov_re.iloc[0, 0])
    deviation = between / (between + float(results.scale) / len(boy)) * float(residuals.mean())
    return float(average["Intercept"] + deviation + average["age"] * _then()[0])


_OTHER_VISIT = Mistake(
    "other_visit",
    "This is the boy's predicted height at a visit that is known. Go on along his line to his age at visit 9.",
)

BOY4_FORECAST = NumberQuestion(
    key="boy4_forecast",
    title="The height of boy 4 at visit 9",
    where="Boy 4's line is the average line (`sparse_fit.fe_params`) plus his own two deviations "
    "(`sparse_fit.random_effects[4]`). Take its height at his age at visit 9.",
    target=_forecast,
    exact=0.05,
    typed=0.05,
    unit=r"cm|centimet(er|re)s?",
    praise="Yes. It is no more than two heights, a quarter of a year apart, and what the other boys have "
    "taught the model.",
    slips=(
        Slip(
            Mistake(
                "own_line",
                "This is the forecast of his own line through two points. Take the line that the model predicts for "
                "him.",
            ),
            _own_forecast,
        ),
        Slip(
            Mistake(
                "average_line",
                "This is the average boy's height at that age: `predict` leaves the random effects out. Add boy 4's "
                "own deviations, `sparse_fit.random_effects[4]`.",
            ),
            partial(_forecast, 0.0, 0.0),
        ),
        Slip(
            Mistake(
                "slope_deviation_forgotten",
                "The boy's intercept has his deviation, his slope has not. `random_effects[4]` holds two deviations: "
                "the second belongs to the slope.",
            ),
            partial(_forecast, 1.0, 0.0),
        ),
        Slip(
            Mistake(
                "intercept_deviation_forgotten",
                "The boy's slope has his deviation, his intercept has not. `random_effects[4]` holds two deviations: "
                "the first belongs to the intercept.",
            ),
            partial(_forecast, 0.0, 1.0),
        ),
        Slip(
            Mistake(
                "random_intercept_model",
                "This is the forecast of a model with parallel lines. Use `sparse_fit`, in which slopes vary too.",
            ),
            _parallel_forecast,
        ),
        Slip(
            Mistake(
                "all_nine_visits",
                "This comes from a model that knows all nine visits of boy 4. Use `sparse_fit`, which knows two.",
            ),
            lambda: float(_line_of(reference.fit("fit_random_slope"), 9) @ [1, _then()[0]]),
        ),
        Slip(
            Mistake(
                "measured_height",
                "This is the height that was measured at visit 9. A forecast must not look at it: compute it from "
                "`sparse_fit`.",
            ),
            lambda: _then()[1],
        ),
        Slip(
            Mistake(
                "deviation_alone",
                "This is only how far the boy is from the average at that age. Add the average line.",
            ),
            lambda: _forecast() - _forecast(0.0, 0.0),
        ),
        Slip(
            Mistake(
                "at_age_zero",
                "This is the boy's predicted height at age 0, in the middle of the study. Go on along his line to his "
                "age at visit 9.",
            ),
            partial(_forecast, age=0.0),
        ),
        Slip(_OTHER_VISIT, lambda: _forecast(age=float(few()[few()["Subject"] == _BOY]["age"].iloc[-1]))),
        Slip(_OTHER_VISIT, lambda: _forecast(age=-1.0)),
        Slip(
            Mistake(
                "nine_years",
                "Here the number of the visit, 9, was taken for an age. Take the age that stands in the row of his "
                "ninth visit in `data`.",
            ),
            partial(_forecast, age=9.0),
        ),
    ),
)

WHY_LESS_SPREAD = ChoiceQuestion(
    key="why_less_spread",
    title="Why predicted effects vary less",
    where="Try each reason on both pairs of numbers, the intercepts and the slopes. Then think of what happened to the "
    "line of a boy of whom little is known.",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="6-borrowing-strength",
    assignment="beyond",
    questions=(OWN_SLOPE_VARIANCE, NOISE_VARIANCE, SHRINKAGE_FACTOR, SPARSE_FIT, BOY4_FORECAST, WHY_LESS_SPREAD),
    free_text=("forecast_reflection",),
)
