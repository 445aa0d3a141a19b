"""What notebook 2 asks: how much of the variance lies between the boys."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from oxboys_mlm import variance
from oxboys_mlm.assessment.evidence import Fit
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.functions import FunctionQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion, TextQuestion
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.simulated import probe_variances, probes
from oxboys_mlm.questions.vocabulary import OXBOYS

NULL_FIT = FitQuestion(
    key="null_fit",
    title="Null model",
    where="Fit a mixed model of `height` with nothing but `1` right of the `~`, and one group per boy.",
    data=reference.data,
    outcome="height",
    fixed=("1",),
    random=("1",),
    by="Subject",
    reference=partial(reference.evidence, "fit_null"),
    vocabulary=OXBOYS,
    helpers=reference.HELPERS,
    praise="The null model: one overall mean, and an intercept for every boy that varies around it.",
)


# ---- the intraclass correlation -------------------------------------------------------------------

_STANDARD_DEVIATIONS = Mistake(
    "standard_deviations",
    "The proportion was taken of standard deviations. Only variances add up: take them without square roots.",
)
_SWAPPED = Mistake(
    "shares_swapped",
    "This is the other share: the one that lies within the boys. Which of the two variances belongs on top?",
)
_RATIO = Mistake(
    "ratio_to_residual",
    "This is the variance between boys divided by the residual variance. That is what statsmodels keeps in `params`; "
    "an ICC divides by the sum of both variances. Take the variance from `cov_re`.",
)
_PARAMS = Mistake(
    "params_as_variance",
    "The variance between boys was taken from `params`, where statsmodels keeps it divided by the residual variance. "
    "`cov_re` has the variance itself.",
)
_VARIANCE_ITSELF = Mistake(
    "variance_itself",
    "This is the variance between boys, in cm². The ICC is its share of the total variance.",
)
_RESIDUAL_ITSELF = Mistake(
    "residual_variance_itself",
    "This is the residual variance, in cm². The ICC is the share that the other variance has in their sum.",
)
_ML = Mistake(
    "ml_instead_of_reml",
    "The formula is right, but this is the estimate by maximum likelihood, which makes the variance between boys too "
    "small (dividing by `np.var` of all heights gives the same number). Fit by REML, statsmodels' default, and divide "
    "by the sum of its two variances.",
    0.5,
)
_TOTAL_OF_HEIGHTS = Mistake(
    "total_from_heights",
    "This is 1 minus the residual variance divided by the variance of all heights. The total of this model is the sum "
    "of its own two variances, `cov_re` and `scale`.",
    0.5,
)
_PREDICTED = Mistake(
    "predicted_effects",
    "The variance between boys was computed from their predicted effects (`random_effects`), which are shrunken: they "
    "vary less than the boys do. The model's own estimate is in `cov_re`.",
    0.5,
)
_OMEGA = Mistake(
    "omega_squared",
    "This is omega squared of an analysis of variance. It is near the ICC and not the same: compute the ICC from the "
    "two variances of `null_fit`.",
    0.5,
)
_BOYS_MEANS = Mistake(
    "variance_of_means",
    "The variance between boys was computed from the boys' mean heights. These vary a bit more than the boys do, since "
    "each mean still has some of the visits' variation in it. Take the variance from `cov_re`.",
)
_ETA = Mistake(
    "eta_squared",
    "This is eta squared: how much of the variance the 26 boys' means explain in this sample (R² of boys as "
    "categories). The ICC is about boys in general: take both variances from `null_fit`.",
)
_OVER_HEIGHTS = Mistake(
    "divided_by_variance_of_heights",
    "The variance between boys was divided by the variance of all heights. Divide it by the sum of the model's own two "
    "variances, `cov_re` and `scale`.",
)
_FITTED = Mistake(
    "variance_of_predictions",
    "The variance of predictions (`fittedvalues`) went into this. They are shrunken and vary less than the boys do: "
    "take the variances from `cov_re` and `scale`.",
)
_BRACKETS = Mistake(
    "brackets_missing",
    "Python divides before it adds: without brackets, `a / a + b` is 1 plus `b`. Put the sum below the line into "
    "brackets.",
)
_TOTAL = Mistake(
    "total_variance",
    "This is the total variance, in cm². The ICC is the share that the variance between boys has in it.",
)
_HEIGHTS = Mistake(
    "variance_of_heights",
    "This is the variance of all heights, in cm². The ICC is a share: take both variances from `null_fit`.",
)
_ADJUSTED = Mistake(
    "age_adjusted",
    "This is the ICC of a model that already has `age` in it: growth no longer counts as variance within boys. "
    "Compute it from the null model.",
)
_OCCASION = Mistake(
    "grouped_by_occasion",
    "This is the share that lies between the nine visits. The model behind it groups by `Occasion`; group by boy.",
)
_STANDARD_ERROR = Mistake(
    "standard_error_column",
    "The Std.Err. column of the summary went into this. For variances that column means something else; take `cov_re` "
    "and `scale`.",
)


_PARENTHESES = Mistake(
    "parentheses_missing",
    "The parentheses around the sum are missing: `a / b + c` divides by `b` alone. Write `a / (b + c)`.",
)
_LARGER = Mistake(
    "larger_share",
    "This is the larger of the two shares, whichever that is. The ICC is always the share between boys, which in other "
    "data may be the smaller one.",
)
_SMALLER = Mistake(
    "smaller_share",
    "This is the smaller of the two shares, whichever that is. The ICC is always the share between boys.",
)


def shares(between: float, within: float) -> dict[str, float]:
    """Return the ICC of two variances, under "target", and what known mistakes make of them."""
    # A function that asks here leaves the work to the course as much as one that calls `icc`.
    variance.helper_calls["shares"] += 1
    target = between / (between + within)
    return {
        "target": target,
        _LARGER.name: max(target, 1 - target),
        _SMALLER.name: min(target, 1 - target),
        _PARENTHESES.name: 1 + within,
        _STANDARD_DEVIATIONS.name: math.sqrt(between) / (math.sqrt(between) + math.sqrt(within)),
        _SWAPPED.name: within / (between + within),
        _RATIO.name: between / within,
        _PARAMS.name: (between / within) / (between / within + within),
        _VARIANCE_ITSELF.name: between,
        _RESIDUAL_ITSELF.name: within,
    }


def _shares_of(fit: Any) -> dict[str, float]:
    return shares(float(fit.cov_re.iloc[0, 0]), float(fit.scale))


def _null_share(name: str) -> float:
    return _shares_of(reference.fit("fit_null"))[name]


def _null_variances() -> tuple[float, float]:
    fit = reference.fit("fit_null")
    return float(fit.cov_re.iloc[0, 0]), float(fit.scale)


def _variance_of_heights(ddof: int = 1) -> float:
    return float(reference.data()["height"].var(ddof=ddof))


@cache
def _variance_of_predicted(ddof: int = 1) -> float:
    """Variance of the boys' predicted effects."""
    import numpy as np

    effects = [effect.iloc[0] for effect in reference.fit("fit_null").random_effects.values()]
    return float(np.var(effects, ddof=ddof))


@cache
def _squares() -> tuple[float, float, float, float]:
    """Compute sums of squares and mean squares between and within boys, as an analysis of variance has them."""
    heights = reference.data().groupby("Subject")["height"]
    within = float(((reference.data()["height"] - heights.transform("mean")) ** 2).sum())
    total = _variance_of_heights(0) * len(reference.data())
    return total - within, within, (total - within) / (heights.ngroups - 1), within / (len(reference.data()) - 26)


def _omega_squared() -> float:
    between, within, _, noise = _squares()
    return (between - 25 * noise) / (between + within + noise)


def _eta_squared() -> float:
    between, within, _, _ = _squares()
    return between / (between + within)


def _share_of(between: Callable[[], float]) -> float:
    """Return the share of another variance between boys and the residual variance."""
    value, within = between(), _null_variances()[1]
    return value / (value + within)


def _variance_of_means() -> float:
    return _squares()[2] / 9


def _variance_of_fitted() -> float:
    return float(reference.fit("fit_null").fittedvalues.var())


def _other_share(fit: Callable[[], Any]) -> float:
    return _shares_of(fit())["target"]


def _standard_error_share() -> float:
    fit = reference.fit("fit_null")
    error = float(fit.bse.iloc[-1]) * math.sqrt(fit.scale)
    return error / (error + float(fit.scale))


def probe_values(seed: int) -> tuple[dict[str, float], ...]:
    """Compute what `calculate_icc` should give for the probes, and what known mistakes would.

    Computed each time and kept nowhere: a function that is called in the same kernel later must not find it.
    """
    return tuple(shares(*variances) for variances in probe_variances(seed))


def _own_shares(fit: Fit) -> dict[str, float] | None:
    """Return the shares of a fit that is some null model: one mean, one variance besides the residual one."""
    if len(fit.fixed) != 1 or len(fit.random) != 1:
        return None
    between, within = fit.random[0].variance, fit.residual_variance
    if between is None or within is None or between < 0 or within <= 0:
        return None
    return shares(between, within)


def _advice(error: str, fit: Fit | None) -> str:
    """Say what an error inside `calculate_icc` usually means."""
    kind = error.partition(":")[0]
    if kind == "NameError":
        return "Inside the function use only its argument and names that are made inside it."
    if kind == "AttributeError" and "'numpy.ndarray'" in error:
        return (
            "A fit that was made from arrays keeps `cov_re` as an array: `np.asarray(results.cov_re)[0, 0]` takes the "
            "number out of arrays and tables alike."
        )
    if kind not in ("KeyError", "IndexError", "InvalidIndexError"):
        return ""
    if fit is not None and not fit.covariance:
        return "Your model has a variance component (`vc_formula`): its `cov_re` is empty, the variance is in `vcomp`."
    return (
        "`cov_re` is a table, and its row is called after what stands in `groups=`. `cov_re.iloc[0, 0]` takes the "
        "number out by its position, whatever the row is called."
    )


CALCULATE_ICC = FunctionQuestion(
    key="calculate_icc",
    title="A function for the ICC",
    where="`calculate_icc` should divide the variance between boys (`results.cov_re`) by the sum of that variance and "
    "the residual variance (`results.scale`). Try it by hand with `null_fit` first.",
    probes=probes,
    values=probe_values,
    helper_calls=variance.helper_calls,
    tolerance=0.0051,
    proportion=True,
    praise="`calculate_icc` gives the right share for this fit and for others that it had not seen.",
    slips=(
        _STANDARD_DEVIATIONS,
        _SWAPPED,
        _LARGER,
        _SMALLER,
        _RATIO,
        _PARAMS,
        _PARENTHESES,
        _VARIANCE_ITSELF,
        _RESIDUAL_ITSELF,
    ),
    advice=_advice,
    fit=NULL_FIT.key,
    data=reference.data,
    own_values=_own_shares,
)

ICC = NumberQuestion(
    key="icc",
    title="The ICC of the null model",
    where="The ICC is the share of the variance between boys in the total variance: a number between 0 and 1. "
    "Compute it with your own `calculate_icc` from `null_fit`.",
    target=partial(_null_share, "target"),
    exact=0.0006,
    typed=0.005,
    proportion=True,
    praise="Yes, that is the ICC of these heights.",
    rounded="It is a rounded number. If you typed it, let Python compute it: `icc = calculate_icc(null_fit)`. A typed "
    "number goes stale when the data change, and a rounded one makes what is computed from it less exact.",
    slips=(
        *(
            Slip(mistake, partial(_null_share, mistake.name))
            for mistake in (_STANDARD_DEVIATIONS, _SWAPPED, _RATIO, _PARAMS, _VARIANCE_ITSELF, _RESIDUAL_ITSELF)
        ),
        Slip(_ML, partial(_other_share, partial(reference.variant, "height ~ 1", reml=False))),
        Slip(_ADJUSTED, partial(_other_share, partial(reference.fit, "fit_random_intercept"))),
        Slip(_OCCASION, partial(_other_share, partial(reference.variant, "height ~ 1", groups="Occasion"))),
        Slip(_STANDARD_ERROR, _standard_error_share),
        Slip(_TOTAL_OF_HEIGHTS, lambda: 1 - _null_variances()[1] / _variance_of_heights()),
        Slip(_PREDICTED, partial(_share_of, _variance_of_predicted)),
        Slip(_PREDICTED, partial(_share_of, partial(_variance_of_predicted, 0))),
        Slip(_BOYS_MEANS, partial(_share_of, _variance_of_means)),
        Slip(_OMEGA, _omega_squared),
        Slip(_ETA, _eta_squared),
        Slip(_OVER_HEIGHTS, lambda: _null_variances()[0] / _variance_of_heights()),
        Slip(_OVER_HEIGHTS, lambda: _null_variances()[0] / _variance_of_heights(0)),
        Slip(_FITTED, lambda: _variance_of_fitted() / _variance_of_heights()),
        Slip(_FITTED, _variance_of_fitted),
        Slip(_BRACKETS, lambda: 1 + _null_variances()[1]),
        Slip(_TOTAL, lambda: sum(_null_variances())),
        Slip(_HEIGHTS, _variance_of_heights),
    ),
)

INTERCEPT_VARIANCE_ROW = TextQuestion(
    key="intercept_variance_row",
    title="The row of the intercept variance",
    where="Print `null_fit.summary()`. One row of the lower table shows a variance: give its name as it is printed.",
    # The row is named after the grouping variable, which is called "Group" when it is handed over as a column.
    accepted=r"((the )?row )?(the )?(groups?|subjects?|boys?|x_re1)[ _]?var(iance)?( row)?([ :=(]*63[.,]\d*)?",
    fit=NULL_FIT.key,
    data=reference.data,
    praise="That row holds the variance of the intercepts.",
    slips={
        r"intercept|const": Mistake(
            "fixed_intercept_row",
            "The `Intercept` row holds the overall mean height. The question is how much the boys' intercepts vary "
            "around it.",
        ),
        r"(the )?(scale.*|(residuals?|error)( var(iance)?)?)": Mistake(
            "residual_variance_row",
            "Scale is the residual variance: how much single measurements vary around a boy's own mean. Which row is "
            "about the boys?",
        ),
        r"std\.?\s?err\.?|coef\.?|z|p>\|z\|": Mistake(
            "column_instead_of_row",
            "That is the name of a column. Which row of the table shows a variance?",
        ),
        r"group|subject|var(iance)?|(no\. |number of )?groups|cov_re|log-likelihood": Mistake(
            "not_the_full_name",
            "This is not yet the full name of a row with a variance. Copy it from the lower table, letter by letter.",
        ),
    },
)

ICC_MEANING = ChoiceQuestion(
    key="icc_meaning",
    title="What the ICC means",
    where="Read the section on what the ICC says once more: what is it a share of, and whose differences are they?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="2-null-model",
    assignment="core",
    questions=(NULL_FIT, CALCULATE_ICC, ICC, INTERCEPT_VARIANCE_ROW, ICC_MEANING),
    free_text=("icc_interpretation",),
)
