"""What notebook 7 asks: which numbers hold at which age."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from oxboys_mlm import models, variance
from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Fit, Summary
from oxboys_mlm.assessment.fits import FitQuestion, KnownFit
from oxboys_mlm.assessment.functions import FunctionQuestion, Probe
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.summaries import plain
from oxboys_mlm.assessment.texts import ChoiceQuestion, NamesQuestion, Rows
from oxboys_mlm.questions import estimates, reference, simulated_fans
from oxboys_mlm.questions.correlation import at_age, correlation_of, wrong_arithmetic
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.row_names import AGE, COV, GROUP, TIMES, VAR, own_name
from oxboys_mlm.questions.vocabulary import OXBOYS

if TYPE_CHECKING:
    import pandas as pd

#: Ages, as `data` counts them.
_FIRST, _MIDDLE, _LAST = -1.0, 0.0, 1.0

# ---- age 0 at the first visit ------------------------------------------------------------------------


@cache
def moved(age: float = _FIRST) -> pd.DataFrame:
    """Return the data with age 0 at another age. Shared: do not change it."""
    return reference.data().assign(age=reference.data()["age"] - age)


@cache
def _fit(age: float) -> Fit:
    """Fit the random-slope model with age 0 at another age; describe it by the data with age 0 at the first visit."""
    described = collect_fit(models.fit_random_slope(moved(age)), moved())
    assert isinstance(described, Fit)
    return described


FIRST_VISIT_FIT = FitQuestion(
    key="first_visit_fit",
    title="The random-slope model with age 0 at the first visit",
    where="Make a table in which the first visit has age 0, then fit the model of notebook 4 to it.",
    data=moved,
    outcome="height",
    fixed=("1", "age"),
    random=("1", "age"),
    by="Subject",
    reference=partial(_fit, _FIRST),
    vocabulary=OXBOYS,
    praise="The random-slope model, and its intercepts are heights at the first visit.",
    texts={
        "other_data": "This model was not fitted to all {rows} measurements of {groups} boys. To move zero, change "
        "the ages alone: no row may get lost.",
        "data_changed": "The ages of this model are not those of `data` with one and the same number added to all of "
        "them (or the heights have changed). Run the first cell again, then add one number to every age.",
        "shuffled_data": "The columns of this model come from different rows: heights no longer stand beside the ages "
        "that belong to them. Run the first cell again, then change the ages alone.",
        "age_shifted": "Age 0 of this model is not the first visit. The first visit has age −1 in `data`: which number "
        "must be added to make it 0? It must stand in the formula and in `re_formula` alike, which is easiest with a "
        "table that has the moved ages.",
        "age_rescaled": "The ages of this model are in another unit than years. Moving zero means to add the same "
        "number to every age, and nothing else: do not multiply or divide.",
        "age_transformed": "The formula has something made of `age` (a power, a spline, categories, a step). Moving "
        "zero means to add the same number to every age, and nothing else.",
        "random_slope_transformed": "What varies between the boys is something made of `age` (a power, categories, a "
        "step). Moving zero means to add the same number to every age, and nothing else.",
    },
    shares={"age_shifted": 0.0, "age_rescaled": 0.0},
    known=(
        KnownFit(
            Mistake(
                "not_moved",
                "Age 0 is still in the middle of the study, as in notebook 4. If you made a table with other ages, use "
                "it in the call in place of `data`; if you write the new age into the formula, write it into "
                "`re_formula` too.",
            ),
            partial(_fit, _MIDDLE),
        ),
        KnownFit(
            Mistake(
                "moved_the_wrong_way",
                "Age 0 of this model is the last visit: zero was moved the wrong way. The first visit has age −1 in "
                "`data`. What must be added to −1, so that it becomes 0?",
            ),
            partial(_fit, _LAST),
        ),
        KnownFit(
            Mistake(
                "moved_twice",
                "Zero was moved too far, to one year before the first visit. Was the cell that changes `data` run "
                "twice? Run the first cell again, then yours once; or better, leave `data` as it is and make a new "
                "table.",
            ),
            partial(_fit, 2 * _FIRST),
        ),
    ),
)


# ---- the correlation there ---------------------------------------------------------------------------


def _per_visit() -> float:
    """Return the correlation of the model with `Occasion` in place of age, whose zero is before the first visit."""
    intercepts, between, slopes = estimates.covariance_per_visit()
    return between / math.sqrt(intercepts * slopes)


def _lines_at(lines: Callable[[], Any], age: float) -> Any:
    """Return heights of lines at an age, and their slopes."""
    import numpy as np

    slopes, intercepts = lines().T
    return np.column_stack([intercepts + age * slopes, slopes])


_ELSEWHERE = "Take both variances and the covariance from `first_visit_fit.cov_re`."

CORRELATION_AT_FIRST_VISIT = NumberQuestion(
    key="correlation_at_first_visit",
    title="The correlation at the first visit",
    where="It is computed as in notebook 4: the covariance divided by both standard deviations. All three numbers "
    "come out of `first_visit_fit.cov_re`.",
    target=partial(at_age, _FIRST),
    exact=0.003,
    typed=0.006,
    praise="Yes, that is how closely height at the first visit and growth go together.",
    slips=(
        Slip(
            Mistake(
                "not_moved",
                f"This is the correlation with age 0 in the middle of the study. {_ELSEWHERE}",
            ),
            partial(at_age, _MIDDLE),
        ),
        Slip(
            Mistake(
                "moved_the_wrong_way",
                "This is the correlation at the last visit: zero was moved the wrong way. What must be added to the "
                "first visit's age, −1, so that it becomes 0?",
            ),
            partial(at_age, _LAST),
        ),
        Slip(
            Mistake(
                "moved_twice",
                "This is the correlation one year before the first visit: zero was moved too far. Was the cell that "
                "moves it run twice?",
            ),
            partial(at_age, 2 * _FIRST),
        ),
        Slip(
            Mistake(
                "at_birth",
                f"This is the correlation with age 0 at birth. {_ELSEWHERE}",
            ),
            partial(at_age, -12.25),
        ),
        Slip(
            Mistake(
                "separate_lines",
                f"This is the correlation of separate regressions, one per boy. The model estimates its own. "
                f"{_ELSEWHERE}",
                0.5,
            ),
            lambda: correlation_of(partial(_lines_at, estimates.own_lines, _FIRST)),
        ),
        Slip(
            Mistake(
                "predicted_effects",
                "This is the correlation of the boys' predicted effects (`random_effects`), which are shrunken. The "
                f"model estimates the correlation itself. {_ELSEWHERE}",
                0.5,
            ),
            lambda: correlation_of(partial(_lines_at, estimates.predicted_effects, _FIRST)),
        ),
        *wrong_arithmetic(partial(estimates.moved, _FIRST)),
        Slip(
            Mistake(
                "per_visit",
                "This comes from a model with `Occasion` in place of `age`. Take it from `first_visit_fit`, the model "
                "with `age`.",
            ),
            _per_visit,
        ),
    ),
)

# ---- what stays the same -----------------------------------------------------------------------------

#: A number that was copied with a name.
_VALUE = r"([ :=]*[-−]?\d+[.,]\d*)?"


def _unchanged(summaries: Sequence[Summary]) -> Rows:
    """Return the names of what stays the same, called as usual or as the summary of the notebook's model does."""
    own = [column.name for summary in summaries for column in summary.fit.fixed if column.role == "age" and column.name]
    own += [name for name in [own_name(summaries, "first_visit_fit", "age")] if name]
    age = "|".join([AGE, "x1", *(rf"{re.escape(plain(name))}\)?" for name in own)])
    return Rows(
        (
            f"(({age})|(average |fixed )?slope( of age)?){_VALUE}",
            f"(({age}|slope){VAR}|var(iance)? of (the )?(age|slopes?)|slopes?['’]? variance){_VALUE}",
            f"(scale|residual variance){_VALUE}",
            rf"(log[ -]?likelihood|llf|log[ -]?lik){_VALUE}",
        ),
        others=(
            (
                frozenset({"intercept", "group var", "group x age cov"}),
                Mistake("changed_ones", "These are the names of what changed. The task asks what stayed the same."),
            ),
        ),
    )


UNCHANGED = NamesQuestion(
    key="unchanged",
    title="What stays the same",
    where="Print both summaries, `fan.summary()` and `first_visit_fit.summary()`, and compare the seven numbers one by "
    'one. Write the names in quotation marks: `{"…", "…"}`.',
    fits=("first_visit_fit",),
    data=moved,
    rows=_unchanged,
    praise="Yes: all that is about the lines as a whole stays. Only what is about age 0 changes when zero is moved.",
    incomplete=Mistake(
        "name_forgotten",
        "These names are right, but there are more of them. Go through the seven again, also those that are printed "
        "above the table of coefficients.",
        0.5,
    ),
    slips={
        rf"intercept{_VALUE}": Mistake(
            "intercept_changes",
            "The intercept has changed: it is the average height at age 0, and age 0 is now at another visit.",
        ),
        f"({GROUP}|intercept){VAR}{_VALUE}": Mistake(
            "intercept_variance_changes",
            "The variance of the intercepts has changed: compare `Group Var` in both summaries. It says how much boys "
            "differ at age 0.",
        ),
        f"({GROUP}{TIMES}{AGE}|{AGE}{TIMES}{GROUP}){COV}{_VALUE}|covariance{_VALUE}": Mistake(
            "covariance_changes",
            "The covariance has changed: compare `Group x age Cov` in both summaries. It is about the heights at age "
            "0, and about how they go with the slopes.",
        ),
        r"(no\. ?|number of )?(observations|groups).*|method.*|converged.*|model.*|dependent variable.*|"
        r"m(in|ax|ean)\.? group size.*": Mistake(
            "not_among_the_seven",
            "This is the same in both, but it is none of the seven names of the task. Leave it out.",
            0.5,
        ),
    },
)

# ---- the variance between boys at any age --------------------------------------------------------------

_TWO_FORGOTTEN = Mistake(
    "two_forgotten",
    "The covariance counts once here. In the variance of a sum it counts twice: compare with the formula above, term "
    "by term.",
)
_COVARIANCE_FORGOTTEN = Mistake(
    "covariance_forgotten",
    "The covariance is missing: this would be right if heights and slopes had nothing to do with each other. Compare "
    "with the formula above, term by term.",
)
_SQUARE_FORGOTTEN = Mistake(
    "square_forgotten",
    "The variance of the slopes is multiplied by the age. A factor comes out of a variance as its square.",
)
_SQUARE_EVERYWHERE = Mistake(
    "square_in_covariance",
    "The covariance is multiplied by the square of the age. There the age stands once; the square belongs to the "
    "variance of the slopes.",
)
_SIGN = Mistake(
    "sign_of_age",
    "The age has the wrong sign here: for an earlier age, this returns the variance at a later one. Use `age` as it "
    "comes in.",
)
_WITH_RESIDUAL = Mistake(
    "with_residual_variance",
    "The residual variance is in it: this is how much single measurements differ at that age. The task asks how much "
    "the boys' own lines differ. Leave `scale` out.",
)
_STANDARD_DEVIATION = Mistake(
    "standard_deviation",
    "The function returns a standard deviation. The task asks for the variance: leave out the root.",
)
_PARAMS = Mistake(
    "params_as_variance",
    "The numbers were taken from `params`, where statsmodels keeps variances divided by the residual variance. "
    "`cov_re` has the variances themselves.",
)
_AGE_IGNORED = Mistake(
    "age_ignored",
    "The function returns the variance at age 0, whatever `age` is. At another age the slopes count too.",
)
_SLOPES_FORGOTTEN = Mistake(
    "slopes_forgotten",
    "The variance of the slopes is missing. Compare with the formula above, term by term: it has three.",
)
_SD_SUM = Mistake(
    "standard_deviations_added",
    "Standard deviations were added and then squared. That would be right only if height and growth went together "
    "perfectly: take the covariance that the model estimates.",
)
_CORRELATION = Mistake(
    "correlation_in_it",
    "The correlation stands where the covariance should be. Take the covariance itself, from `cov_re`.",
)
_SLOPES_ALONE = Mistake(
    "slopes_alone",
    "Only the slopes are in it. Boys differ at age 0 already: their variance there belongs to the sum.",
)


def _at(known: simulated_fans.Variances, age: float) -> dict[str, float]:
    """Return the variance between boys at an age, under "target", and what known mistakes make of it."""
    # A function that asks here leaves the work to the course.
    variance.helper_calls["between_variance"] += 1
    intercepts, covariance, slopes, residual = known
    target = intercepts + 2 * age * covariance + age**2 * slopes
    r = covariance / math.sqrt(intercepts * slopes)
    return {
        "target": target,
        _TWO_FORGOTTEN.name: target - age * covariance,
        _COVARIANCE_FORGOTTEN.name: intercepts + age**2 * slopes,
        _SQUARE_FORGOTTEN.name: intercepts + 2 * age * covariance + age * slopes,
        _SQUARE_EVERYWHERE.name: intercepts + 2 * age**2 * covariance + age**2 * slopes,
        _SIGN.name: target - 4 * age * covariance,
        _WITH_RESIDUAL.name: target + residual,
        _STANDARD_DEVIATION.name: math.sqrt(target),
        _PARAMS.name: target / residual,
        _AGE_IGNORED.name: intercepts,
        _SLOPES_FORGOTTEN.name: intercepts + 2 * age * covariance,
        _SD_SUM.name: (math.sqrt(intercepts) + age * math.sqrt(slopes)) ** 2,
        _CORRELATION.name: intercepts + 2 * age * r + age**2 * slopes,
        _SLOPES_ALONE.name: age**2 * slopes,
    }


#: The ages that the function is called with: none at which a square, or a sign, makes no difference.
_AGES = (-1.0, 0.5, 2.0)


def _probes(seed: int) -> tuple[Probe, ...]:
    return simulated_fans.probes(seed, _AGES)


def _probe_values(seed: int) -> tuple[dict[str, float], ...]:
    """Compute what the function should return for the probes; kept nowhere, so that it cannot be found."""
    return tuple(_at(known, age) for known in simulated_fans.variances(seed) for age in _AGES)


BETWEEN_VARIANCE = FunctionQuestion(
    key="between_variance",
    title="A function for the variance between boys at any age",
    where="`between_variance(results, age)` should return the variance of a sum: of a boy's deviation at age 0, and of "
    "`age` times the deviation of his slope. The three numbers that it needs stand in `results.cov_re`.",
    probes=_probes,
    values=_probe_values,
    helper_calls=variance.helper_calls,
    tolerance=0.0051,
    praise="`between_variance` is right for these models and ages, and for others.",
    slips=(
        _TWO_FORGOTTEN,
        _COVARIANCE_FORGOTTEN,
        _SQUARE_FORGOTTEN,
        _SQUARE_EVERYWHERE,
        _SIGN,
        _WITH_RESIDUAL,
        _STANDARD_DEVIATION,
        _PARAMS,
        _AGE_IGNORED,
        _SLOPES_FORGOTTEN,
        _SD_SUM,
        _CORRELATION,
        _SLOPES_ALONE,
    ),
    further=("age",),
)

# ---- how far the fan opens -----------------------------------------------------------------------------


def _between(age: float) -> float:
    return estimates.moved(age)[0]


def _ratio(of: Callable[[float], float] = _between) -> float:
    return of(_LAST) / of(_FIRST)


def _observed() -> float:
    """Return the ratio of the variances of the heights at the last and the first visit."""
    heights = reference.data().groupby("Occasion")["height"].var()
    return float(heights.iloc[-1] / heights.iloc[0])


def _average(age: float) -> float:
    effects = reference.fit("fit_random_slope").fe_params
    return float(effects["Intercept"] + age * effects["age"])


_TWO_AGES = "The task asks for the last visit (age 1) divided by the first (age −1)."
_HALF_WAY = Mistake(
    "half_the_way",
    f"This compares the middle of the study with one of its ends. {_TWO_AGES}",
)
_ONE_VARIANCE = Mistake("one_variance", f"This is the variance at one of the two visits. {_TWO_AGES}")
_ROOTS = "This is a ratio of standard deviations. Divide one variance by the other: leave out the roots."
_OBSERVED = Mistake(
    "observed_heights",
    "This comes from the heights as they were measured. The question is what the model says: use `between_variance` "
    "and `fan`.",
)

FAN_RATIO = NumberQuestion(
    key="fan_ratio",
    title="How far the fan opens",
    where="Call your `between_variance` twice, with `fan` and the ages of the last and the first visit, and divide. "
    "If both variances are the same, look for the covariance in your function: parallel lines have none, a fan has.",
    target=_ratio,
    # With the residual variance in both, or the ages of the ninth visit as they were, it is a little smaller.
    exact=0.009,
    typed=0.009,
    praise="Yes, the variance between boys has become that many times as large.",
    slips=(
        Slip(Mistake("standard_deviations", _ROOTS), lambda: math.sqrt(_ratio())),
        Slip(
            Mistake("inverse", f"This is the ratio turned round. {_TWO_AGES}"),
            lambda: 1 / _ratio(),
        ),
        Slip(
            Mistake("inverse_of_standard_deviations", f"{_ROOTS} Besides, it is turned round. {_TWO_AGES}"),
            lambda: 1 / math.sqrt(_ratio()),
        ),
        Slip(_OBSERVED, _observed),
        Slip(_OBSERVED, lambda: math.sqrt(_observed())),
        Slip(
            Mistake(
                "two_forgotten",
                "The covariance counts once in these variances. In the variance of a sum it counts twice.",
            ),
            lambda: _ratio(lambda age: _between(age) - age * estimates.part(1)),
        ),
        Slip(
            Mistake(
                "square_forgotten",
                "The variance of the slopes was multiplied by the age, not by its square.",
            ),
            lambda: _ratio(lambda age: estimates.part(0) + 2 * age * estimates.part(1) + age * estimates.part(2)),
        ),
        Slip(_HALF_WAY, lambda: _between(_LAST) / _between(_MIDDLE)),
        Slip(_HALF_WAY, lambda: _between(_MIDDLE) / _between(_FIRST)),
        Slip(
            Mistake("difference", "This is the difference of the two variances. Divide one by the other."),
            lambda: _between(_LAST) - _between(_FIRST),
        ),
        Slip(
            Mistake(
                "zero_moved_already",
                "Ages −1 and 1 were taken of a model whose age 0 is the first visit, so they lie elsewhere. Use `fan`, "
                "in which the first visit has age −1 and the last has age 1.",
            ),
            lambda: _between(_MIDDLE) / _between(2 * _FIRST),
        ),
        Slip(
            Mistake(
                "increase_only",
                "This says by how much the variance grows, as a share of the smaller one. The question is how many "
                "times as large it becomes.",
                0.5,
            ),
            lambda: _ratio() - 1,
        ),
        Slip(
            Mistake(
                "average_heights",
                "This is the ratio of the average heights. The question is how much the boys differ at both ages.",
            ),
            lambda: _ratio(_average),
        ),
        Slip(_ONE_VARIANCE, partial(_between, _LAST)),
        Slip(_ONE_VARIANCE, partial(_between, _FIRST)),
    ),
)

NARROWEST = ChoiceQuestion(
    key="narrowest",
    title="Where the fan is narrowest",
    where="For which ages do these data say anything at all? And is a variance that is smallest there also zero?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="7-where-is-zero",
    assignment="beyond",
    questions=(FIRST_VISIT_FIT, CORRELATION_AT_FIRST_VISIT, UNCHANGED, BETWEEN_VARIANCE, FAN_RATIO, NARROWEST),
    free_text=("zero_reflection",),
)
