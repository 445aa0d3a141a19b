"""What notebook 8 asks: which of the models, and on what grounds."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Fit
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.vocabulary import OXBOYS

#: Fixed effects, random effects and number of parameters (variances, covariances and σ² included) of the models.
_MODELS = {
    "null": ("height ~ 1", "1", 3, "fit_null"),
    "parallel": ("height ~ age", "1", 4, "fit_random_intercept"),
    "fan": ("height ~ age", "~age", 6, "fit_random_slope"),
}


def _by_ml(name: str) -> Any:
    formula, random, _, _ = _MODELS[name]
    return reference.variant(formula, re_formula=random, reml=False)


@cache
def _parallel_ml() -> Fit:
    described = collect_fit(_by_ml("parallel"), reference.data())
    assert isinstance(described, Fit)
    return described


PARALLEL_ML = FitQuestion(
    key="parallel_ml",
    title="Parallel lines, by maximum likelihood",
    where="It is the model of notebook 3. Only what you ask `.fit()` for is new: look at how `null_ml` was fitted.",
    data=reference.data,
    outcome="height",
    fixed=("1", "age"),
    random=("1",),
    by="Subject",
    method="ML",
    reference=_parallel_ml,
    vocabulary=OXBOYS,
    helpers=reference.HELPERS,
    praise="Parallel lines, by maximum likelihood: its log-likelihood may be compared with that of the null model.",
    texts={
        "random_slope_added": "Slopes vary between boys here: that is the fan. In this model all lines are "
        "parallel, so only the intercept varies.",
    },
)


# ---- log-likelihoods ---------------------------------------------------------------------------------


def _ml(name: str) -> float:
    return float(_by_ml(name).llf)


def _reml(name: str) -> float:
    return float(reference.fit(_MODELS[name][3]).llf)


def _ratio(smaller: str, larger: str, of: Callable[[str], float] = _ml) -> float:
    return 2 * (of(larger) - of(smaller))


def _aic(name: str, of: Callable[[str], float] = _ml) -> float:
    return -2 * of(name) + 2 * _MODELS[name][2]


def _aicc(name: str) -> float:
    k, n = _MODELS[name][2], len(reference.data())
    return _aic(name) + 2 * k * (k + 1) / (n - k - 1)


def _bic(name: str, of: Callable[[str], float] = _ml, column: str = "") -> float:
    data = reference.data()
    n = data[column].nunique() if column else len(data)
    return -2 * of(name) + _MODELS[name][2] * math.log(n)


_REML = (
    "These log-likelihoods come from REML. The two models differ in their fixed effects, and then REML measures each "
    "of them on something else. Fit both with `reml=False`."
)
_NOT_DOUBLED = "This is the difference of the two log-likelihoods. The likelihood ratio is twice that."
_OTHER_PAIR = "This compares two other models. The task asks for the null model and parallel lines."

_ONE_MODEL = Mistake("one_model", "This is the log-likelihood of one model. Take the difference of two, and double it.")
_QUOTIENT = Mistake(
    "quotient",
    "Here one log-likelihood was divided by the other. These are logarithms: a ratio of likelihoods is a difference of "
    "their logarithms.",
)
_OTHER_MODELS = Mistake("other_models", _OTHER_PAIR)
_MIXED_METHODS = Mistake("mixed_methods", "One of the two models was fitted by ML, the other by REML. Use ML for both.")

LR_AGE = NumberQuestion(
    key="lr_age",
    title="The likelihood ratio of age",
    where="Take twice the difference of two log-likelihoods, `.llf`: that of `parallel_ml` minus that of `null_ml`.",
    target=lambda: _ratio("null", "parallel"),
    exact=0.05,
    typed=0.05,
    praise="Yes. For one parameter more, the heights have become very much more probable.",
    slips=(
        Slip(Mistake("reml_likelihoods", _REML), lambda: _ratio("null", "parallel", _reml)),
        Slip(Mistake("not_doubled", _NOT_DOUBLED), lambda: _ratio("null", "parallel") / 2),
        Slip(
            Mistake("reml_and_not_doubled", f"{_NOT_DOUBLED} Besides, these log-likelihoods come from REML: use ML."),
            lambda: _ratio("null", "parallel", _reml) / 2,
        ),
        Slip(_MIXED_METHODS, lambda: 2 * (_ml("parallel") - _reml("null"))),
        Slip(_MIXED_METHODS, lambda: 2 * (_reml("parallel") - _ml("null"))),
        Slip(_OTHER_MODELS, lambda: _ratio("parallel", "fan")),
        Slip(_OTHER_MODELS, lambda: _ratio("parallel", "fan", _reml)),
        Slip(_OTHER_MODELS, lambda: _ratio("null", "fan")),
        Slip(_OTHER_MODELS, lambda: _ratio("null", "fan", _reml)),
        Slip(
            Mistake(
                "compared_with_regression", "This compares parallel lines with an ordinary regression. " + _OTHER_PAIR
            ),
            lambda: 2 * (_ml("parallel") - float(reference.ols().llf)),
        ),
        Slip(
            Mistake("aic_difference", "This is the difference of the AICs. The likelihood ratio has no price in it."),
            lambda: _aic("null") - _aic("parallel"),
        ),
        Slip(
            Mistake("bic_difference", "This is the difference of the BICs. The likelihood ratio has no price in it."),
            lambda: _bic("null") - _bic("parallel"),
        ),
        Slip(_QUOTIENT, lambda: _ml("null") / _ml("parallel")),
        Slip(_QUOTIENT, lambda: _ml("parallel") / _ml("null")),
        Slip(
            Mistake(
                "brackets_missing",
                "Here only one of the two log-likelihoods was doubled. Put the difference into brackets: `2 * "
                "(… - …)`.",
            ),
            lambda: 2 * _ml("parallel") - _ml("null"),
        ),
        Slip(_ONE_MODEL, lambda: _ml("parallel")),
        Slip(_ONE_MODEL, lambda: _ml("null")),
    ),
)

_QUOTIENT_OF_AIC = Mistake(
    "quotient", "Here one AIC was divided by the other. Only the difference of two AICs means something."
)
_ONE_AIC = Mistake("one_model", "This is the AIC of one model. Take the difference of two.")
_OTHER_AIC = Mistake(
    "other_models",
    "This is the difference of the AICs of two other models. The task asks for parallel lines and the fan.",
)
_PARAMETERS_MISCOUNTED = Mistake(
    "parameters_miscounted",
    "The price of the new parameters is not right. A fan has two parameters more than parallel lines (the variance of "
    "the slopes, and their covariance with the intercepts), and AIC takes 2 for each.",
)
_BIC_DIFFERENCE = Mistake(
    "bic_difference", "This is the difference of the BICs, with another price for a parameter. The task asks for AIC."
)

AIC_GAIN = NumberQuestion(
    key="aic_gain",
    title="What the fan gains in AIC",
    where="Fit the fan with `reml=False` too. Then subtract: AIC of parallel lines minus AIC of the fan.",
    target=lambda: _aic("parallel") - _aic("fan"),
    exact=0.05,
    typed=0.05,
    praise="Yes. The fan pays for two more parameters and is still far ahead.",
    slips=(
        Slip(
            Mistake(
                "reml_likelihoods",
                "These AICs are made from log-likelihoods by REML. Compare both models by ML here, as AIC counts the "
                "fixed effects too: fit them with `reml=False`.",
            ),
            lambda: _aic("parallel", _reml) - _aic("fan", _reml),
        ),
        Slip(_BIC_DIFFERENCE, lambda: _bic("parallel") - _bic("fan")),
        Slip(_BIC_DIFFERENCE, lambda: _bic("parallel", column="Subject") - _bic("fan", column="Subject")),
        Slip(
            Mistake(
                "small_sample_correction",
                "This is the difference in AICc, which corrects for small samples. The task asks for AIC itself.",
                0.5,
            ),
            lambda: _aicc("parallel") - _aicc("fan"),
        ),
        Slip(
            Mistake("likelihood_ratio", "This is the likelihood ratio. AIC takes a price for the parameters besides."),
            lambda: _ratio("parallel", "fan"),
        ),
        Slip(
            Mistake(
                "reml_likelihood_ratio",
                "This is the likelihood ratio, by REML. AIC takes a price for the parameters besides; make it from "
                "fits by ML.",
            ),
            lambda: _ratio("parallel", "fan", _reml),
        ),
        Slip(
            Mistake(
                "difference_of_likelihoods",
                "This is the difference of the log-likelihoods. AIC is made from them: look at its formula.",
            ),
            lambda: _ratio("parallel", "fan") / 2,
        ),
        Slip(_PARAMETERS_MISCOUNTED, lambda: _ratio("parallel", "fan") - 2),
        Slip(_PARAMETERS_MISCOUNTED, lambda: _ratio("parallel", "fan") - 6),
        Slip(_PARAMETERS_MISCOUNTED, lambda: _ratio("parallel", "fan") - 8),
        Slip(
            Mistake(
                "price_as_reward",
                "Here more parameters make AIC smaller. The price is added to −2 ℓ: `-2 * llf + 2 * k`.",
            ),
            lambda: _ratio("parallel", "fan") + 4,
        ),
        Slip(
            Mistake("not_doubled", "Here the log-likelihoods were not doubled: AIC is `-2 * llf + 2 * k`."),
            lambda: _ratio("parallel", "fan") / 2 - 4,
        ),
        Slip(
            Mistake("half", "This is half of it: AIC is `-2 * llf + 2 * k`, with both parts doubled."),
            lambda: _ratio("parallel", "fan") / 2 - 2,
        ),
        Slip(_MIXED_METHODS, lambda: _aic("parallel") - _aic("fan", _reml)),
        Slip(_MIXED_METHODS, lambda: _aic("parallel", _reml) - _aic("fan")),
        Slip(_OTHER_AIC, lambda: _aic("null") - _aic("parallel")),
        Slip(_OTHER_AIC, lambda: _aic("null") - _aic("fan")),
        Slip(_ONE_AIC, lambda: _aic("parallel")),
        Slip(_ONE_AIC, lambda: _aic("fan")),
        Slip(_QUOTIENT_OF_AIC, lambda: _aic("parallel") / _aic("fan")),
        Slip(_QUOTIENT_OF_AIC, lambda: _aic("fan") / _aic("parallel")),
    ),
)


# ---- after three visits ------------------------------------------------------------------------------


@cache
def _early(*, reml: bool = True) -> float:
    """Return the likelihood ratio of the fan after three visits."""
    from oxboys_mlm.models import fit_random_intercept, fit_random_slope

    data = reference.data()
    data = data[data["Occasion"] <= 3]
    if reml:
        return 2 * float(fit_random_slope(data).llf - fit_random_intercept(data).llf)
    return _search(data, "~age", "powell", reml=False) - _search(data, "1", "powell", reml=False)


@cache
def _stopped_early() -> float:
    """Return the likelihood ratio of a search that stops early and calls itself converged."""
    data = reference.data()
    data = data[data["Occasion"] <= 3]
    return _search(data, "~age", "lbfgs") - _search(data, "1", "lbfgs")


def _search(data: Any, random: str, method: str, *, reml: bool = True) -> float:
    """Return twice the log-likelihood where one of statsmodels' optimisers stops."""
    import statsmodels.formula.api as smf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = smf.mixedlm("height ~ age", data, groups=data["Subject"], re_formula=random)
        return 2 * float(model.fit(reml=reml, method=method).llf)


def _tail(ratio: float, *degrees: int) -> float:
    """Return the mean p-value of chi-square distributions with these degrees of freedom; with none, it is 0."""
    from scipy import stats

    return sum(float(stats.chi2.sf(ratio, df)) for df in degrees if df) / len(degrees)


_DEGREES = (
    "Which two? The new parameters are the variance of the slopes and a covariance. At the edge only one of them "
    "counts."
)
_ZERO_AND_ONE = Mistake(
    "half_of_one_degree",
    "This is half of the p-value for one degree of freedom, right when a variance is added all alone. Here a "
    "covariance comes with it.",
)

_ALL_VISITS = Mistake(
    "all_visits",
    "This is the p-value with all nine visits. The task asks for that of `lr_early`, after three visits.",
)
_OTHER_TAIL = Mistake(
    "other_tail",
    "This is the probability of a smaller value (`cdf`). A p-value is the probability of a value at least as large: "
    "`sf`.",
)
_OTHER_DEGREES = Mistake("other_degrees", f"These are not the right degrees of freedom. {_DEGREES}")

P_SLOPES = NumberQuestion(
    key="p_slopes",
    title="The p-value of random slopes, after three visits",
    where="Compute two p-values of `lr_early` with `stats.chi2.sf(…)`, for one and for two degrees of freedom, "
    "and take their mean.",
    target=lambda: _tail(_early(), 1, 2),
    exact=0.0007,
    typed=0.0007,
    proportion=True,
    praise="Yes, that is the p-value of the mixture.",
    slips=(
        Slip(
            Mistake(
                "two_degrees",
                "This is the p-value for two degrees of freedom alone. It forgets that a variance stops at zero, so it "
                "is too large.",
            ),
            lambda: _tail(_early(), 2),
        ),
        Slip(
            Mistake(
                "one_degree",
                f"This is the p-value for one degree of freedom alone. Take the mean of two p-values. {_DEGREES}",
            ),
            lambda: _tail(_early(), 1),
        ),
        Slip(
            Mistake(
                "half_of_two_degrees",
                "This is half of the p-value for two degrees of freedom. Take the mean of two p-values: the other is "
                "not zero.",
            ),
            lambda: _tail(_early(), 0, 2),
        ),
        Slip(_ZERO_AND_ONE, lambda: _tail(_early(), 0, 1)),
        Slip(
            Mistake("not_doubled", f"{_NOT_DOUBLED} `lr_early` holds it."),
            lambda: _tail(_early() / 2, 1, 2),
        ),
        Slip(
            Mistake(
                "doubled_twice",
                "Here the likelihood ratio was doubled once more. `lr_early` is twice the difference already.",
            ),
            lambda: _tail(2 * _early(), 1, 2),
        ),
        Slip(
            Mistake(
                "not_at_optimum",
                "The mixture is right, but the fan's log-likelihood is not: the search stopped before it reached the "
                "best fit, even if it says `converged`. Use `lr_early`, or another optimiser.",
                0.5,
            ),
            lambda: _tail(_stopped_early(), 1, 2),
        ),
        Slip(
            Mistake(
                "two_degrees_not_at_optimum",
                "This is the p-value for two degrees of freedom alone, and the search for the fan stopped before it "
                "reached the best fit. Use `lr_early`, and the mixture.",
            ),
            lambda: _tail(_stopped_early(), 2),
        ),
        Slip(
            Mistake(
                "ml_instead_of_reml",
                "The mixture is right, but the log-likelihoods come from ML. Both models have the same fixed effects: "
                "use REML, as `lr_early` does.",
                0.5,
            ),
            lambda: _tail(_early(reml=False), 1, 2),
        ),
        Slip(_OTHER_DEGREES, lambda: _tail(_early(), 2, 3)),
        Slip(_OTHER_DEGREES, lambda: _tail(_early(), 3)),
        Slip(_OTHER_DEGREES, lambda: _tail(_early(), 4, 6)),
        Slip(
            Mistake("sum", "The two p-values were added. Take their mean: each stands for one half of the studies."),
            lambda: 2 * _tail(_early(), 1, 2),
        ),
        Slip(_OTHER_TAIL, lambda: 1 - _tail(_early(), 1, 2)),
        Slip(_OTHER_TAIL, lambda: 1 - _tail(_early(), 2)),
        Slip(
            Mistake(
                "density",
                "This is the height of the curve at this value (`pdf`). A p-value is the area beyond it: `sf`.",
            ),
            lambda: _densities(_early()),
        ),
        Slip(Mistake("likelihood_ratio", "This is the likelihood ratio itself. What is its p-value?"), _early),
        Slip(_ALL_VISITS, lambda: _tail(_ratio("parallel", "fan", _reml), 1, 2)),
        Slip(_ALL_VISITS, lambda: _tail(_ratio("parallel", "fan", _reml), 2)),
    ),
)


def _densities(ratio: float) -> float:
    from scipy import stats

    return float(stats.chi2.pdf(ratio, 1) + stats.chi2.pdf(ratio, 2)) / 2


NEGATIVE_SHARE = ChoiceQuestion(
    key="negative_share",
    title="A share below zero",
    where="Compute the sum of the variance between boys and a ninth of the variance within them, for both "
    "models. What stays the same?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="8-which-model",
    assignment="beyond",
    questions=(PARALLEL_ML, LR_AGE, AIC_GAIN, P_SLOPES, NEGATIVE_SHARE),
    free_text=("model_reflection",),
)
