"""What notebook 9 asks: is growth a straight line, and what does a curve change."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from oxboys_mlm import models
from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Fit, Summary
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import NamesQuestion, Rows
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.vocabulary import OXBOYS

if TYPE_CHECKING:
    import pandas as pd

# ---- what straight lines leave over --------------------------------------------------------------------


@cache
def _visits(model: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the visits whose mean residual is above zero by a model, and those where it is below."""
    means = reference.fit(model).resid.groupby(reference.data()["Occasion"]).mean()
    above = frozenset(str(visit) for visit in means[means > 0].index)
    return above, frozenset(str(visit) for visit in means.index) - above


_FORGOTTEN = Mistake(
    "visit_forgotten",
    "These visits are right, but one is missing. Look at the sign of all nine means: a small one counts too.",
    0.5,
)
_EXTREMES = Mistake(
    "only_the_extremes",
    "The first and the last visit are right, but they are not the only ones. Look at the sign of all nine means.",
    0.5,
)
_TURNED = Mistake(
    "signs_turned",
    "These are all the visits whose mean residual is below zero. A residual is what was measured minus what the model "
    "fits, in this order: it is positive where boys are taller than their lines.",
)
_BY_POSITION = Mistake(
    "counted_from_zero",
    "These are the right visits, but counted from 0, as Python counts positions. Use the numbers in the column "
    "`Occasion`: the first visit is 1.",
    0.5,
)
_NULL_MODEL = Mistake(
    "no_growth_in_model",
    "By this answer the mean residual would rise with age: such residuals come from a model without `age`. Use those "
    "of `fan`.",
)
_ALL = Mistake(
    "all_visits",
    "The mean residual cannot be above zero at all visits: over all rows it is zero. Take the mean at each visit by "
    "itself.",
)


@cache
def _rows() -> Rows:
    above, below = _visits("fit_random_slope")
    visits = sorted(above | below)
    return Rows(
        wanted=tuple(sorted(above)),
        others=(
            *((above - {visit}, _FORGOTTEN) for visit in sorted(above)),
            (frozenset({visits[0], visits[-1]}), _EXTREMES),
            (below, _TURNED),
            (frozenset(str(int(visit) - 1) for visit in above), _BY_POSITION),
            (_visits("fit_null")[0], _NULL_MODEL),
            (above | below, _ALL),
        ),
    )


def _above(summaries: Sequence[Summary]) -> Rows:
    return _rows()


VISITS_ABOVE = NamesQuestion(
    key="visits_above",
    title="Visits with residuals above zero",
    where="Put `fan.resid` beside the data, group by `Occasion`, take the mean, and keep the numbers of the visits "
    "where it is above zero.",
    rows=_above,
    praise="Yes, at these visits the boys are taller, on average, than their straight lines.",
    incomplete=Mistake(
        "visits_forgotten",
        "These visits are right, but most are missing. Look at the sign of all nine means.",
    ),
    slips={
        r"[1-9]": Mistake(
            "visit_below",
            "At least one of these visits has a mean residual below zero. Print the nine means, one below the other, "
            "and look at their signs.",
        ),
        r"\d+": Mistake(
            "not_a_visit",
            "Some of these numbers are no visits: the column `Occasion` goes from 1 to 9. Group by `Occasion`, so that "
            "there are nine means, not one for each row or boy.",
        ),
    },
    whole_numbers=True,
)

# ---- curves --------------------------------------------------------------------------------------------

#: The square of age, under a name that no student's column has.
_SQUARE = "age squared"


@cache
def _data() -> pd.DataFrame:
    """Return the data with the square of age beside it. Shared: do not change it."""
    return reference.data().assign(**{_SQUARE: reference.data()["age"] ** 2})


@cache
def _described(name: str) -> Fit:
    described = collect_fit(reference.fit(name), _data())
    assert isinstance(described, Fit)
    return described


_HELPERS = {name: partial(_described, name) for name in (*reference.HELPERS, "fit_curve", "fit_random_bend")}

_PREDICTORS = (
    "The formula needs two predictors: `age`, and the square of `age`, both as they stand in `data`. Inside a formula, "
    "`age ** 2` alone is taken for `age`: what is to be calculated stands inside `I(…)`."
)
_THREE_EFFECTS = (
    "Three things should differ from boy to boy: intercept, slope and bend. In this model at least one of them is the "
    "same for all. `re_formula` needs the same two predictors as the formula; mind the `I(…)` there too."
)
_STOPPED = (
    "The model is specified correctly, but the search stopped before it reached the best fit. Fit it again with "
    '`method="lbfgs"` and with `"powell"`, and compare `.llf`: two that agree have found it; of two that differ, the '
    "lower one has not."
)

CURVE_FIT = FitQuestion(
    key="curve_fit",
    title="A fan with a bend",
    where="Start from the model of notebook 4 and add the square of `age` to the formula, inside `I(…)`. `re_formula` "
    "stays.",
    data=_data,
    outcome="height",
    fixed=("1", "age", _SQUARE),
    random=("1", "age"),
    by="Subject",
    reference=partial(_described, "fit_curve"),
    vocabulary=OXBOYS,
    helpers=_HELPERS,
    praise="Intercept and slope differ between boys, and all share one bend.",
    texts={
        "predictor_missing": _PREDICTORS,
        "age_missing": _PREDICTORS,
        "age_transformed": _PREDICTORS,
        "random_effect_added": "The bend differs between boys here. That comes in a later task: for now only intercept "
        "and slope vary, so `re_formula` stays as in notebook 4.",
        "extra_predictor": "The formula has more than `age` and its square. The task asks for one bend: no third "
        "power, no further column.",
    },
)

BEND_FIT = FitQuestion(
    key="bend_fit",
    title="A bend for each boy",
    where="The formula stays as in `curve_fit`. Add the square of `age` to `re_formula` too, inside `I(…)`.",
    data=_data,
    outcome="height",
    fixed=("1", "age", _SQUARE),
    random=("1", "age", _SQUARE),
    by="Subject",
    reference=partial(_described, "fit_random_bend"),
    vocabulary=OXBOYS,
    helpers=_HELPERS,
    praise="Every boy has a curve of his own: intercept, slope and bend.",
    texts={
        "predictor_missing": _PREDICTORS,
        "age_missing": _PREDICTORS,
        "age_transformed": _PREDICTORS,
        "random_effect_missing": _THREE_EFFECTS,
        "random_slope_missing": _THREE_EFFECTS,
        "random_slope_transformed": _THREE_EFFECTS,
        "extra_predictor": "The formula has more than `age` and its square. It stays as in `curve_fit`.",
        "uncorrelated_effects": "Intercept, slope and bend all vary, but the model forces covariances between them to "
        "zero. Put both predictors into one `re_formula`, then it estimates these too.",
        "not_at_optimum": _STOPPED,
        "no_likelihood": _STOPPED,
    },
)


def _fixed(name: str, which: int) -> float:
    return float(reference.fit(name).fe_params.iloc[which])


def _rate(age: float, name: str = "fit_curve") -> float:
    """Return the growth rate of the average boy's curve at an age."""
    return _fixed(name, 1) + 2 * _fixed(name, 2) * age


def _rate_between_visits() -> float:
    """Return the average boy's growth rate from visit 8 to visit 9."""
    ages = reference.data().groupby("Occasion")["age"].mean()
    return _fixed("fit_curve", 1) + _fixed("fit_curve", 2) * float(ages.iloc[-1] + ages.iloc[-2])


@cache
def _measured_rate() -> float:
    """Return the mean growth from visit 8 to visit 9 per year, as measured."""
    import numpy as np

    wide = reference.data().pivot_table(index="Subject", columns="Occasion", values=["age", "height"])
    last = wide.xs(9, axis=1, level=1) - wide.xs(8, axis=1, level=1)
    return float(np.mean(last["height"] / last["age"]))


_BEND_ALONE = Mistake(
    "bend_alone",
    "This is the part of the rate that the bend adds. The rate at age 1 has two parts: the coefficient of `age` is the "
    "other.",
)

GROWTH_AT_LAST_VISIT = NumberQuestion(
    key="growth_at_last_visit",
    title="The growth rate at the last visit",
    where="Take the two coefficients from `curve_fit.fe_params`, and put them into the formula for the slope of a "
    "curve, with age 1.",
    target=partial(_rate, 1.0),
    exact=0.01,
    typed=0.01,
    praise="Yes, that is how fast the average boy grows at the last visit, by this curve.",
    unit=r"(cm|centimet(er|re)s?)( ?(/|per|a) ?(year|yr|y|unit( of age)?))?",
    slips=(
        Slip(
            Mistake(
                "rate_at_age_zero",
                "This is the coefficient of `age`: the rate at age 0, in the middle of the study. With a curve, the "
                "rate is another one at every age.",
            ),
            lambda: _fixed("fit_curve", 1),
        ),
        Slip(
            Mistake(
                "straight_line",
                "This is the slope of the straight line of notebook 4, the same at all ages. Use `curve_fit`.",
            ),
            lambda: _fixed("fit_random_slope", 1),
        ),
        Slip(
            Mistake(
                "bend_not_doubled",
                "Here the bend was added once. The slope of a curve has the bend twice: look at the 2 in the formula.",
            ),
            lambda: _fixed("fit_curve", 1) + _fixed("fit_curve", 2),
        ),
        Slip(
            Mistake(
                "first_visit", "This is the rate at the first visit, age −1. The task asks for the last one, age 1."
            ),
            partial(_rate, -1.0),
        ),
        Slip(
            Mistake(
                "first_visit_not_doubled",
                "Here the bend was subtracted once. At the last visit age is 1, so it is added; and the slope of a "
                "curve has the bend twice.",
            ),
            lambda: _fixed("fit_curve", 1) - _fixed("fit_curve", 2),
        ),
        Slip(_BEND_ALONE, lambda: 2 * _fixed("fit_curve", 2)),
        Slip(
            Mistake("bend_itself", "This is the coefficient of the squared age. What is the rate at age 1?"),
            lambda: _fixed("fit_curve", 2),
        ),
        Slip(
            Mistake(
                "height",
                "This is the height of the average boy at age 1. The task asks how fast he grows then.",
            ),
            lambda: sum(_fixed("fit_curve", which) for which in range(3)),
        ),
        Slip(
            Mistake(
                "visit_for_age",
                "Here the number of the visit, 9, was taken for an age. At the last visit `age` is 1.",
            ),
            partial(_rate, 9.0),
        ),
        Slip(
            Mistake(
                "age_in_years",
                "Here the age was counted from birth. `age` is 0 in the middle of the study, and 1 at the last visit.",
            ),
            partial(_rate, 13.25),
        ),
        Slip(
            Mistake(
                "between_two_visits",
                "This is the mean rate between visits 8 and 9, half a step too early. Take the slope of the curve at "
                "age 1 itself.",
                0.5,
            ),
            _rate_between_visits,
        ),
        Slip(
            Mistake(
                "measured",
                "This is how fast the boys were measured to grow from visit 8 to visit 9. The task asks what the curve "
                "says.",
            ),
            _measured_rate,
        ),
    ),
)


def _error(name: str, which: int = 2) -> float:
    return float(reference.fit(name).bse_fe.iloc[which])


def _error_ratio(which: int) -> float:
    return _error("fit_random_bend", which) / _error("fit_curve", which)


@cache
def _stopped_error(method: str) -> float:
    """Return the standard error of the bend where one of statsmodels' optimisers stops early."""
    import statsmodels.formula.api as smf

    data = reference.data()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = smf.mixedlm("height ~ age + I(age**2)", data, groups=data["Subject"], re_formula="~age + I(age**2)")
        return float(model.fit(method=method).bse_fe.iloc[2])


_STOPPED_ERROR = Mistake(
    "not_at_optimum",
    "The division is right, but the search for `bend_fit` stopped before it reached the best fit. Fit that model again "
    'with `method="lbfgs"`, then divide again.',
    0.5,
)

_ONE_STANDARD_ERROR = Mistake(
    "one_standard_error", "This is the standard error of one model. How many times as large is the one as the other?"
)

BEND_SE_RATIO = NumberQuestion(
    key="bend_se_ratio",
    title="The standard error of the bend",
    where="`bend_fit.bse_fe` and `curve_fit.bse_fe` hold the standard errors of the two models. Take the last entry of "
    "each, and divide the first by the second.",
    target=partial(_error_ratio, 2),
    exact=0.01,
    typed=0.01,
    praise="Yes, that is how much the uncertainty of the bend was understated.",
    slips=(
        Slip(
            Mistake("upside_down", "The ratio is upside down: divide the standard error of `bend_fit` by the other."),
            lambda: 1 / _error_ratio(2),
        ),
        Slip(
            Mistake("of_the_slope", "This compares the standard errors of `age`. Take those of the squared age."),
            partial(_error_ratio, 1),
        ),
        Slip(
            Mistake("of_the_intercept", "This compares the standard errors of the intercept. Take the last entries."),
            partial(_error_ratio, 0),
        ),
        Slip(
            Mistake(
                "difference",
                "This is the difference of the two standard errors. How many times as large is the one as the other?",
            ),
            lambda: _error("fit_random_bend") - _error("fit_curve"),
        ),
        Slip(_ONE_STANDARD_ERROR, partial(_error, "fit_curve")),
        Slip(_ONE_STANDARD_ERROR, partial(_error, "fit_random_bend")),
        Slip(
            Mistake(
                "increase_only",
                "This says by how much the standard error grew, as a share of the smaller one. The question is how "
                "many times as large it is.",
                0.5,
            ),
            lambda: _error_ratio(2) - 1,
        ),
        Slip(
            Mistake("squared", "This is the ratio of the squared standard errors. Divide the standard errors."),
            lambda: _error_ratio(2) ** 2,
        ),
        Slip(
            Mistake(
                "z_values",
                "This divides the z-values (coefficient by standard error). Divide the standard errors.",
            ),
            lambda: (
                _fixed("fit_random_bend", 2)
                / _error("fit_random_bend")
                / (_fixed("fit_curve", 2) / _error("fit_curve"))
            ),
        ),
        Slip(
            Mistake(
                "ratio_of_notebook_4",
                "This is the ratio of notebook 4, for the slope of straight lines with and without random slopes. Here "
                "it is about the bend.",
            ),
            lambda: _error("fit_random_slope", 1) / _error("fit_random_intercept", 1),
        ),
        Slip(_STOPPED_ERROR, lambda: _stopped_error("bfgs") / _error("fit_curve")),
        Slip(_STOPPED_ERROR, lambda: _stopped_error("nm") / _error("fit_curve")),
    ),
)

# ---- forecasts -----------------------------------------------------------------------------------------


@cache
def _known() -> pd.DataFrame:
    """Return visits 1 to 8. Shared: do not change them."""
    data = reference.data()
    return data[data["Occasion"] <= 8]


def _last(column: str, visit: int = 9) -> Any:
    data = reference.data()
    return data.loc[data["Occasion"] == visit, column].to_numpy()


@cache
def _known_fit(name: str) -> Any:
    return getattr(models, name)(_known())


def _forecasts(results: Any, own: Sequence[float] = (1, 1, 1)) -> Any:
    """Forecast the last heights by a fit, with shares of the boys' own deviations in intercept, slope and bend."""
    import numpy as np

    ages = _last("age")
    powers = np.array([ages**power for power in range(3)])
    fixed = np.asarray(results.fe_params)
    deviations = np.array([effects.to_numpy() for effects in results.random_effects.values()])
    shares = np.asarray(own[: deviations.shape[1]], dtype=float)
    return fixed @ powers[: len(fixed)] + np.einsum("ik,ki->i", deviations * shares, powers[: deviations.shape[1]])


def _size(errors: Any) -> float:
    """Return the root of the mean square."""
    import numpy as np

    return float(np.sqrt(np.mean(np.square(errors))))


def _errors(name: str = "fit_random_bend", own: Sequence[float] = (1, 1, 1)) -> Any:
    return _last("height") - _forecasts(_known_fit(name), own)


def _informed_errors(name: str) -> Any:
    """Return the errors of a model that was fitted to all visits, the last one too."""
    return _last("height") - _forecasts(reference.fit(name))


@cache
def _separate_errors(degree: int) -> float:
    """Return the typical error of separate polynomials, one for each boy."""
    import numpy as np

    ages = dict(zip(_last("Subject"), _last("age"), strict=True))
    forecasts = [
        np.polyval(np.polyfit(boy["age"], boy["height"], degree), ages[number])
        for number, boy in _known().groupby("Subject")
    ]
    return _size(_last("height") - np.array(forecasts))


def _naive_errors(slope: float) -> float:
    """Return the typical error of the height before the last, with average growth added."""
    return _size(_last("height") - _last("height", 8) - slope * (_last("age") - _last("age", 8)))


@cache
def _stopped_forecast() -> float:
    """Return the typical error where a search stops far from the optimum."""
    import statsmodels.formula.api as smf

    known = _known()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = smf.mixedlm("height ~ age + I(age**2)", known, groups=known["Subject"], re_formula="~age + I(age**2)")
        return _size(_last("height") - _forecasts(model.fit(method="nm")))


_AVERAGE = Mistake(
    "average_curve",
    "This is the error of the average boy's curve or line: `predict` knows nothing of single boys. Add each boy's own "
    "deviations (`random_effects`).",
)
_IN_SAMPLE = Mistake(
    "in_sample",
    "This is the typical size of residuals, at visits that the model has seen. Forecast visit 9, which it has not.",
)
_INFORMED = Mistake(
    "last_visit_known",
    "This model was fitted to all nine visits, so it knows already what it forecasts. Fit it to visits 1 to 8 only.",
)

_DEVIATION_FORGOTTEN = Mistake(
    "deviation_forgotten",
    "One of the boys' own deviations was left out. Each boy has three, in this order: intercept, slope and bend. The "
    "last one counts with the squared age.",
)

RMSE_CURVE = NumberQuestion(
    key="rmse_curve",
    title="How far forecasts by curves miss",
    where="Fit the model of Task 4 to visits 1 to 8. For each boy, add his deviations to the three fixed effects, and "
    "follow his curve to his age at visit 9. Then take the root of the mean squared error.",
    target=lambda: _size(_errors()),
    # The likelihood is flat here: plain `.fit()` stops a little early, and its forecasts are as good.
    exact=0.0115,
    typed=0.0115,
    unit=r"cm|centimet(er|re)s?",
    praise="Yes, that is the typical error of the forecasts by curves.",
    slips=(
        Slip(
            Mistake("straight_lines", "This is the error of straight lines. Let the model have a bend, as in Task 4."),
            lambda: _size(_errors("fit_random_slope")),
        ),
        Slip(
            Mistake(
                "bend_not_random",
                "Here all boys share one bend, as in Task 2. Let the bend vary between boys too, as in Task 4.",
                0.5,
            ),
            lambda: _size(_errors("fit_curve")),
        ),
        Slip(
            Mistake("parallel_lines", "This is the error of parallel straight lines. Use the model of Task 4."),
            lambda: _size(_errors("fit_random_intercept")),
        ),
        Slip(_AVERAGE, lambda: _size(_errors(own=(0, 0, 0)))),
        Slip(_AVERAGE, lambda: _size(_errors("fit_random_slope", (0, 0)))),
        Slip(_IN_SAMPLE, lambda: _size(_known_fit("fit_random_bend").resid)),
        Slip(_IN_SAMPLE, lambda: _size(reference.fit("fit_random_bend").resid)),
        Slip(_IN_SAMPLE, lambda: _size(reference.fit("fit_curve").resid)),
        Slip(_INFORMED, lambda: _size(_informed_errors("fit_random_bend"))),
        Slip(_INFORMED, lambda: _size(_informed_errors("fit_curve"))),
        Slip(_INFORMED, lambda: _size(_informed_errors("fit_random_slope"))),
        Slip(_DEVIATION_FORGOTTEN, lambda: _size(_errors(own=(1, 1, 0)))),
        Slip(_DEVIATION_FORGOTTEN, lambda: _size(_errors(own=(1, 0, 1)))),
        Slip(_DEVIATION_FORGOTTEN, lambda: _size(_errors(own=(0, 1, 1)))),
        Slip(_DEVIATION_FORGOTTEN, lambda: _size(_errors(own=(1, 0, 0)))),
        Slip(
            Mistake(
                "mean_squared_error",
                "This is the mean of the squared errors, in cm². Take its root.",
            ),
            lambda: _size(_errors()) ** 2,
        ),
        Slip(
            Mistake(
                "sum_of_squares",
                "This is the sum of the squared errors. Divide it by the number of boys, then take the root.",
            ),
            lambda: float((_errors() ** 2).sum()),
        ),
        Slip(
            Mistake(
                "root_of_sum",
                "This is the root of the sum of the squared errors. Take their mean first, then the root.",
            ),
            lambda: math.sqrt(float((_errors() ** 2).sum())),
        ),
        Slip(
            Mistake(
                "mean_absolute_error",
                "This is the mean size of the errors, without squares. RMSE is the root of the mean of the squared "
                "errors.",
                0.5,
            ),
            lambda: float(abs(_errors()).mean()),
        ),
        Slip(
            Mistake(
                "mean_error",
                "This is the mean of the errors: those above and those below zero cancel. Square them before you take "
                "the mean.",
            ),
            lambda: float(_errors().mean()),
        ),
        Slip(
            Mistake(
                "standard_deviation",
                "This is the standard deviation of the errors: how far they lie from their own mean. RMSE measures how "
                "far they lie from zero.",
                0.5,
            ),
            lambda: float(_errors().std(ddof=1)),
        ),
        Slip(
            Mistake(
                "own_curves",
                "This comes from separate curves, one for each boy, without the model. Use the model's predictions of "
                "the boys (`random_effects`).",
            ),
            partial(_separate_errors, 2),
        ),
        Slip(
            Mistake(
                "own_lines",
                "This comes from separate straight lines, one for each boy. Use the model of Task 4 and its "
                "`random_effects`.",
            ),
            partial(_separate_errors, 1),
        ),
        Slip(
            Mistake(
                "naive_forecast",
                "This is the error of the forecast that adds average growth to the height before. Use the model of "
                "Task 4.",
            ),
            lambda: _naive_errors(float(_known_fit("fit_random_slope").fe_params.iloc[1])),
        ),
        Slip(
            Mistake("last_height", "This takes the height at visit 8 as the forecast. Use the model of Task 4."),
            partial(_naive_errors, 0.0),
        ),
        Slip(
            Mistake(
                "not_at_optimum",
                "The forecasts are computed correctly, but the search for the model stopped before it reached the best "
                'fit. Fit it with `method="lbfgs"`, then forecast again.',
                0.5,
            ),
            _stopped_forecast,
        ),
    ),
)

NOTEBOOK = Notebook(
    name="9-is-the-line-straight",
    assignment="beyond",
    questions=(VISITS_ABOVE, CURVE_FIT, GROWTH_AT_LAST_VISIT, BEND_FIT, BEND_SE_RATIO, RMSE_CURVE),
    free_text=("curve_reflection",),
)
