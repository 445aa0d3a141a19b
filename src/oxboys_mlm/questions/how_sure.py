"""What notebook 10 asks: how sure, and how many boys."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import estimates, reference
from oxboys_mlm.questions.notebook import Notebook

_CM = r"cm|centimet(er|re)s?"

#: The age that the tasks ask about, and how many standard deviations a 95 % interval reaches.
_AGE, _Z = 0.5, 1.96


def _fan() -> Any:
    return reference.fit("fit_random_slope")


def _average(age: float = _AGE) -> float:
    effects = _fan().fe_params
    return float(effects["Intercept"] + effects["age"] * age)


def _average_se() -> float:
    """Return the standard error of the average height at the age of the task."""
    variances = _fan().cov_params().to_numpy()[:2, :2]
    return math.sqrt(variances[0, 0] + 2 * _AGE * variances[0, 1] + _AGE**2 * variances[1, 1])


# ---- the next measurement of a new boy -----------------------------------------------------------------


def _between(age: float = _AGE, covariances: float = 2.0) -> float:
    """Return the variance between boys at an age; other numbers than the usual are mistakes."""
    intercept, covariance, slope = estimates.covariance()
    return intercept + covariances * age * covariance + age**2 * slope


def _upper(variance: float, z: float = _Z, age: float = _AGE) -> float:
    return _average(age) + z * math.sqrt(variance)


@cache
def _sound_limits() -> tuple[float, float]:
    """Return the lowest and the highest of the limits that are sound.

    The residual variance matters little, and so does the standard error of the average; some take 2 for 1.96.
    """
    residual = estimates.residual_variance()
    return _upper(_between()), _upper(_between() + residual, z=2.0)


def _parallel(scale: bool = True) -> float:
    """Return the limit by the model with parallel lines."""
    fit = reference.fit("fit_random_intercept")
    variance = float(fit.cov_re.iloc[0, 0]) + (float(fit.scale) if scale else 0.0)
    average = float(fit.fe_params["Intercept"] + fit.fe_params["age"] * _AGE)
    return average + _Z * math.sqrt(variance)


def _null() -> float:
    fit = reference.fit("fit_null")
    return float(fit.fe_params["Intercept"]) + _Z * math.sqrt(float(fit.cov_re.iloc[0, 0]) + float(fit.scale))


def _t_limit(with_error: bool = False) -> float:
    from scipy import stats

    variance = _between() + estimates.residual_variance() + with_error * _average_se() ** 2
    return _upper(variance, z=float(stats.t.ppf(0.975, reference.data()["Subject"].nunique() - 1)))


_INTERCEPT_ALONE = Mistake(
    "intercept_variance_alone",
    "The variance between boys in this limit is that at age 0. The question is about age .5, where their slopes have "
    "moved the boys apart: take the covariance and the slope variance too.",
)
_NO_COVARIANCE = Mistake(
    "covariance_forgotten",
    "The covariance of intercepts and slopes is missing. The variance between boys at an age has three parts; look at "
    "the formula above Task 1.",
)
_PARALLEL_MODEL = Mistake(
    "random_intercept_model",
    "This is the limit of a model with parallel lines. Use `fan`, in which slopes vary too.",
)
_T = Mistake(
    "t_quantile",
    "The spread is right, but it was multiplied by a quantile of a t distribution. The task asks for 1.96.",
    0.5,
)

_OF_BOY_1 = Mistake(
    "of_boy_1", "This has something to do with boy 1. The question is about a boy of whom nothing is known."
)
_AT_AGE_ZERO = Mistake(
    "at_age_zero",
    "This is the limit at age 0, as in the worked example. The question is about age .5: average and variance between "
    "boys are others there.",
)
_LOWER_LIMIT = Mistake(
    "lower_limit", "This is the lower limit. The question is about the upper one: add, in place of −."
)

NEW_BOY_UPPER = NumberQuestion(
    key="new_boy_upper",
    title="The upper limit for a new boy",
    where="Add up the variances: that between boys at age .5 (all three parts of the formula), and that of one "
    "measurement. The limit is the average at age .5 plus 1.96 times the root of the sum.",
    target=lambda: sum(_sound_limits()) / 2,
    # A tenth of a millimetre or so beyond the sound limits, for those who round.
    exact=0.226,
    typed=0.226,
    close=0.00002,
    unit=_CM,
    praise="Yes. Nearly all of it is the difference between boys; the error of a single measurement hardly matters.",
    slips=(
        Slip(
            Mistake(
                "standard_error_of_average",
                "This is the upper limit for the average boy: it says how well the average is known. A single new boy "
                "may be far from the average. How much boys differ stands in `fan.cov_re`.",
            ),
            lambda: _average() + _Z * _average_se(),
        ),
        Slip(
            Mistake(
                "residual_alone",
                "Only the residual variance is in this limit: how far a measurement lies from a boy's own line. A new "
                "boy's line may lie far from the average line: add the variance between boys.",
            ),
            lambda: _upper(estimates.residual_variance()),
        ),
        Slip(_INTERCEPT_ALONE, lambda: _upper(estimates.part(0) + estimates.residual_variance())),
        Slip(_INTERCEPT_ALONE, lambda: _upper(estimates.part(0))),
        Slip(_NO_COVARIANCE, lambda: _upper(_between(covariances=0) + estimates.residual_variance())),
        Slip(_NO_COVARIANCE, lambda: _upper(_between(covariances=0))),
        Slip(
            Mistake(
                "covariance_counted_once",
                "The covariance was counted once. It goes twice into the variance of a sum: 2 · age · covariance.",
            ),
            lambda: _upper(_between(covariances=1) + estimates.residual_variance()),
        ),
        Slip(_PARALLEL_MODEL, _parallel),
        Slip(_PARALLEL_MODEL, partial(_parallel, scale=False)),
        Slip(
            Mistake(
                "null_model", "This is the limit of the null model, which knows of no growth. Use `fan`, at age .5."
            ),
            _null,
        ),
        Slip(_LOWER_LIMIT, lambda: _upper(_between() + estimates.residual_variance(), z=-_Z)),
        Slip(_LOWER_LIMIT, lambda: _upper(_between(), z=-_Z)),
        Slip(
            Mistake(
                "average_alone",
                "This is the height of the average boy at age .5, the middle of the interval. The upper limit lies "
                "1.96 standard deviations above it.",
            ),
            _average,
        ),
        Slip(
            Mistake(
                "variance_for_deviation",
                "Here the variance was multiplied by 1.96. Take its square root first: a limit is so many standard "
                "deviations away.",
            ),
            lambda: _average() + _Z * (_between() + estimates.residual_variance()),
        ),
        Slip(
            Mistake(
                "deviations_added",
                "Here the standard deviations of boys and of the measurement were added. Add the variances, and take "
                "the root of the sum.",
            ),
            lambda: _average() + _Z * (math.sqrt(_between()) + math.sqrt(estimates.residual_variance())),
        ),
        Slip(
            Mistake(
                "one_standard_deviation",
                "This lies one standard deviation above the average. A 95 % interval reaches 1.96 of them.",
            ),
            lambda: _upper(_between() + estimates.residual_variance(), z=1.0),
        ),
        Slip(
            Mistake(
                "ninety_percent",
                "Here the standard deviation was multiplied by 1.645, as for a 90 % interval. For 95 % take 1.96.",
            ),
            lambda: _upper(_between() + estimates.residual_variance(), z=1.645),
        ),
        Slip(_T, _t_limit),
        Slip(_T, partial(_t_limit, with_error=True)),
        Slip(_AT_AGE_ZERO, lambda: _upper(estimates.part(0) + estimates.residual_variance(), age=0.0)),
        Slip(_AT_AGE_ZERO, lambda: _upper(estimates.part(0), age=0.0)),
        Slip(
            Mistake("distance", "This is how far the limit lies above the average. Add the average at age .5."),
            lambda: _Z * math.sqrt(_between() + estimates.residual_variance()),
        ),
        Slip(
            Mistake(
                "standard_deviation",
                "This is the standard deviation of a new boy's measurement. The limit is the average plus 1.96 times "
                "it.",
            ),
            lambda: math.sqrt(_between() + estimates.residual_variance()),
        ),
        Slip(_OF_BOY_1, lambda: _boy()),
        Slip(_OF_BOY_1, lambda: _boy() + _Z * math.sqrt(estimates.residual_variance())),
    ),
)

# ---- a boy who is known ----------------------------------------------------------------------------------

_BOY = 1


@cache
def _deviations(boy: int = _BOY) -> tuple[float, float]:
    intercept, slope = _fan().random_effects[boy].to_numpy()
    return float(intercept), float(slope)


def _boy(intercept: float = 1.0, slope: float = 1.0, age: float = _AGE, boy: int = _BOY) -> float:
    """Return the average height plus shares of a boy's two deviations."""
    own = _deviations(boy)
    return _average(age) + intercept * own[0] + slope * own[1] * age


def _parallel_boy() -> float:
    fit = reference.fit("fit_random_intercept")
    return float(fit.fe_params @ [1.0, _AGE] + fit.random_effects[_BOY].iloc[0])


def _own_line(age: float = _AGE) -> float:
    import numpy as np

    boy = reference.data()
    boy = boy[boy["Subject"] == _BOY]
    return float(np.polyval(np.polyfit(boy["age"], boy["height"], 1), age))


def _nearest_visit() -> float:
    """Return the age of the boy's visit that is nearest to that of the task."""
    data = reference.data()
    ages = data.loc[data["Subject"] == _BOY, "age"]
    return min((float(age) for age in ages), key=lambda age: abs(age - _AGE))


BOY1_PREDICTION = NumberQuestion(
    key="boy1_prediction",
    title="The height of boy 1 at age .5",
    where="The line of boy 1 is the average line (`fan.fe_params`) plus his two deviations (`fan.random_effects[1]`). "
    "Take its height at age .5.",
    target=_boy,
    exact=0.01,
    typed=0.01,
    close=0.00003,
    unit=_CM,
    praise="Yes. The model knows this boy from nine visits, and says what is left to say: ± 1.4 cm.",
    slips=(
        Slip(
            Mistake(
                "average_line",
                "This is the average boy's height at age .5: `predict` leaves the random effects out. Add boy 1's own "
                "deviations, `fan.random_effects[1]`.",
            ),
            _average,
        ),
        Slip(
            Mistake(
                "slope_deviation_forgotten",
                "The boy's intercept has his deviation, his slope has not. `random_effects[1]` holds two deviations: "
                "the second belongs to the slope.",
            ),
            partial(_boy, slope=0.0),
        ),
        Slip(
            Mistake(
                "intercept_deviation_forgotten",
                "The boy's slope has his deviation, his intercept has not. `random_effects[1]` holds two deviations: "
                "the first belongs to the intercept.",
            ),
            partial(_boy, intercept=0.0),
        ),
        Slip(
            Mistake(
                "deviation_not_times_age",
                "The deviation of his slope was added as it is. Like the average slope it is a rate, in cm per year: "
                "multiply it with the age.",
            ),
            partial(_boy, slope=1 / _AGE),
        ),
        Slip(
            Mistake(
                "random_intercept_model",
                "This is the prediction of a model with parallel lines. Use `fan`, in which slopes vary too.",
            ),
            _parallel_boy,
        ),
        Slip(
            Mistake(
                "own_line",
                "This is the boy's own regression line, without the model. With nine visits it comes near; but the "
                "task asks for the line that the model predicts, average and deviations.",
                0.5,
            ),
            _own_line,
        ),
        Slip(
            Mistake(
                "deviation_alone",
                "This is only how far the boy is from the average at age .5. Add the average line.",
            ),
            lambda: _boy() - _average(),
        ),
        Slip(
            Mistake("deviations_subtracted", "His deviations were subtracted from the average line. Add them."),
            partial(_boy, intercept=-1.0, slope=-1.0),
        ),
        Slip(
            Mistake(
                "at_age_zero",
                "This is the boy's predicted height at age 0. Go on along his line to age .5.",
            ),
            partial(_boy, age=0.0),
        ),
        Slip(
            Mistake("at_other_age", "This is the boy's predicted height at age −.5. The task asks for age +.5."),
            partial(_boy, age=-_AGE),
        ),
        Slip(
            Mistake(
                "at_other_age",
                "Here 12.75 was put in for the age. In `data`, age is counted from the middle of the study, near 12¼ "
                "years: there 12¾ is .5.",
            ),
            partial(_boy, age=12.75),
        ),
        Slip(
            Mistake(
                "at_a_visit",
                "This is his fitted height at the visit that is nearest to age .5. Go along his line to exactly .5.",
            ),
            lambda: _boy(age=_nearest_visit()),
        ),
        Slip(
            Mistake("other_boy", "These are the deviations of boy 2. Take those with the label 1."),
            partial(_boy, boy=2),
        ),
        Slip(
            Mistake(
                "upper_limit",
                "This is an upper limit. The task asks for the middle: the prediction itself.",
            ),
            lambda: _boy() + _Z * math.sqrt(estimates.residual_variance()),
        ),
    ),
)

# ---- whose limit is it -----------------------------------------------------------------------------------

WHICH_INTERVAL = ChoiceQuestion(
    key="which_interval",
    title="Which limit the bed maker needs",
    where="Ask of each number what lies around it: where the average is, where boys are, or where the measurements of "
    "one boy are. Who is to sleep in the beds?",
    options=("a", "b", "c", "d"),
)

# ---- what a wrong model costs ----------------------------------------------------------------------------

_BOYS, _VISITS = 26, 9


def _spread_of_ages(visits: int = _VISITS) -> float:
    """Return the sum of the squared ages of so many visits, evenly between −1 and 1."""
    import numpy as np

    return float((np.linspace(-1, 1, visits) ** 2).sum())


@cache
def _errors() -> Any:
    """Return standard errors of the parallel-lines model in studies simulated by the fan.

    Its residual sum of squares holds what scatters about the boys' own lines, and what these lines differ from
    parallel ones. Both are multiples of chi-square variables, and neither depends on the slope that is estimated.
    """
    import numpy as np

    noise, slopes, spread = estimates.residual_variance(), estimates.part(2), _spread_of_ages()
    rng = np.random.default_rng(1)
    about_own_lines = noise * rng.chisquare(_BOYS * (_VISITS - 2), 100_000)
    between_lines = (noise + slopes * spread) * rng.chisquare(_BOYS - 1, 100_000)
    df = _BOYS * _VISITS - _BOYS - 1
    return np.sqrt((about_own_lines + between_lines) / df / (_BOYS * spread))


def _standard_error(boys: int = _BOYS, visits: int = _VISITS) -> float:
    """Return the true standard error of the average slope."""
    return math.sqrt((estimates.part(2) + estimates.residual_variance() / _spread_of_ages(visits)) / boys)


def _coverage(z: float = _Z) -> float:
    """Return how often an interval of parallel lines, so many standard errors to each side, holds the true slope."""
    from scipy import stats

    distances = z * _errors() / _standard_error()
    return float((2 * stats.norm.cdf(distances) - 1).mean())


def _fan_coverage() -> float:
    """Return how often the fan's interval holds the true slope: its estimate of the error has 25 degrees of freedom."""
    from scipy import stats

    return float(1 - 2 * stats.t.sf(_Z, _BOYS - 1))


def _regression_coverage() -> float:
    """Return how often the interval of an ordinary regression holds the true slope."""
    from scipy import stats

    return float(2 * stats.norm.cdf(_Z * float(reference.ols().bse["age"]) / _standard_error()) - 1)


def _count(studies: int) -> float:
    """Return how many of so many studies have an interval of parallel lines that holds the true slope."""
    return studies * _coverage()


_COUNT = Mistake(
    "count",
    "This is how many studies have an interval that holds the true slope. Divide by the number of studies.",
)

COVERAGE_PARALLEL = NumberQuestion(
    key="coverage_parallel",
    title="How often the wrong model is right",
    where="In each simulated study: does the true slope (`true_slope`) lie between slope − 1.96 · error and slope + "
    "1.96 · error of `parallel_lines`? Store the share of the studies in which it does. Simulate 500 studies or more: "
    "with few, chance moves the share.",
    target=_coverage,
    # Any seed must do, with 500 studies or more: from .50 to .62.
    exact=0.0645,
    typed=0.0645,
    proportion=True,
    praise="Yes, about that often. (Another seed gives a slightly other share.) It should be 95 %.",
    slips=(
        Slip(
            Mistake(
                "right_model",
                "This is how often an interval of the right model holds the true slope. The task is about the wrong "
                "one: `parallel_lines`, in studies whose slopes vary, as `simulate` makes them.",
            ),
            _fan_coverage,
            within=0.04,
        ),
        Slip(
            Mistake(
                "misses",
                "Is this the share of intervals that miss the true slope? The task asks for those that hold it. If you "
                "did count those, simulate more studies (500 or more): with few, chance moves the share.",
            ),
            lambda: 1 - _coverage(),
            within=0.058,
        ),
        Slip(
            Mistake(
                "few_studies",
                "The share is a little too large. If it comes from fewer than 500 studies, chance has moved it: "
                "simulate more. If not, look whether your interval reaches 1.96 standard errors to each side.",
            ),
            lambda: _coverage() + 0.11,
            within=0.0455,
        ),
        Slip(
            Mistake(
                "one_standard_error",
                "This is about what an interval of one standard error to each side would hold. A 95 % interval "
                "reaches 1.96 of them.",
            ),
            partial(_coverage, 1.0),
            within=0.06,
        ),
        Slip(
            Mistake(
                "ordinary_regression",
                "Nearly every interval holds the true slope. The intervals of an ordinary regression are that wide, "
                "because it forgets the boys. Or the interval was compared with its own estimate, which always lies "
                "inside. Take `parallel_lines` and `true_slope`.",
            ),
            _regression_coverage,
            within=0.008,
        ),
        Slip(
            Mistake(
                "none",
                "No interval holds the number that it was compared with. Compare each one with `true_slope`, the slope "
                "that the simulation began with.",
            ),
            lambda: 0.0,
            within=0.01,
        ),
        Slip(
            Mistake(
                "standard_error",
                "This is a standard error. The task asks for the share of studies whose interval holds the true slope.",
            ),
            lambda: float(_errors().mean()),
            within=0.02,
        ),
        Slip(
            Mistake(
                "slope", "This is a slope. The task asks for the share of studies whose interval holds the true slope."
            ),
            lambda: float(_fan().fe_params["age"]),
            within=0.3,
        ),
        *(
            Slip(_COUNT, partial(_count, studies), within=0.0645 * studies)
            for studies in (500, 1000, 2000, 5000, 10_000, 20_000)
        ),
    ),
)

# ---- planning --------------------------------------------------------------------------------------------

#: The standard error that is wanted.
_WANTED = 0.2


def _slips(mistake: Mistake, variance: Callable[[], float]) -> tuple[Slip, Slip]:
    """Return the numbers of boys that a mistaken variance of one boy's slope gives, whole and as computed."""

    def computed() -> float:
        return variance() / _WANTED**2

    return Slip(mistake, lambda: float(math.ceil(computed()))), Slip(mistake, computed)


def _own_variance(visits: int = 2) -> float:
    """Return the variance of one boy's estimated slope."""
    return estimates.part(2) + estimates.residual_variance() / _spread_of_ages(visits)


def _needed() -> float:
    return _own_variance() / _WANTED**2


_PER_ERROR = Mistake(
    "error_not_squared",
    "The variance was divided by the standard error. A standard error is a root: square it first.",
)

_STANDARD_DEVIATION = Mistake(
    "standard_deviation",
    "A standard deviation was put in for the slope variance. `fan.cov_re` has the variance itself: no root.",
)

BOYS_NEEDED = NumberQuestion(
    key="boys_needed",
    title="How many boys",
    where="Put the two ages, −1 and 1, and the standard error that is wanted into the formula above the task, and "
    "solve it for n. Then round up: a study has whole boys.",
    target=lambda: float(math.ceil(_needed())),
    exact=0.01,
    typed=0.01,
    counted=True,
    unit="boys?|child(ren)?|participants?|subjects?",
    praise="Yes. With only two visits each, three times as many boys as Oxford had, and fewer measurements than there.",
    slips=(
        Slip(
            Mistake(
                "rounded_down",
                "With one boy fewer than needed, the standard error is still a little above the one that is wanted. "
                "Round up, and compute with numbers that are not rounded.",
            ),
            lambda: float(math.floor(_needed())),
        ),
        Slip(
            Mistake("not_rounded", "The formula is right. But a study has whole boys: round up.", 0.5),
            _needed,
        ),
        *_slips(
            Mistake(
                "nine_visits",
                "This many boys are needed if each is measured nine times. Here each is measured twice, at ages −1 and "
                "1: then the sum of the squared ages is another.",
            ),
            partial(_own_variance, _VISITS),
        ),
        *_slips(
            Mistake(
                "noise_forgotten",
                "The residual variance is missing. Two measurements give a boy's slope with an error: add `scale` "
                "divided by the sum of the squared ages.",
            ),
            partial(estimates.part, 2),
        ),
        *_slips(
            Mistake(
                "sum_of_squares",
                "The residual variance was not divided by the right number. The ages are −1 and 1: square each, and "
                "add the squares.",
            ),
            lambda: estimates.part(2) + estimates.residual_variance(),
        ),
        *_slips(
            Mistake(
                "noise_multiplied",
                "The residual variance was multiplied by the sum of the squared ages. Divide: ages that lie further "
                "apart make a slope surer.",
            ),
            lambda: estimates.part(2) + 2 * estimates.residual_variance(),
        ),
        *_slips(
            Mistake(
                "random_intercept_model",
                "The slope variance is missing. So few boys would be enough only if all of them grew at the same rate.",
            ),
            lambda: float(reference.fit("fit_random_intercept").scale) / _spread_of_ages(2),
        ),
        *_slips(
            Mistake(
                "slope_variance_forgotten",
                "The slope variance is missing. So few boys would be enough only if all of them grew at the same rate.",
            ),
            lambda: estimates.residual_variance() / _spread_of_ages(2),
        ),
        *_slips(
            _STANDARD_DEVIATION,
            lambda: math.sqrt(estimates.part(2)),
        ),
        *_slips(
            _STANDARD_DEVIATION,
            lambda: math.sqrt(estimates.part(2)) + estimates.residual_variance() / _spread_of_ages(2),
        ),
        *_slips(
            Mistake(
                "residual_deviation",
                "The residual standard deviation was put in for the variance. `fan.scale` is the variance: no root.",
            ),
            lambda: estimates.part(2) + math.sqrt(estimates.residual_variance()) / _spread_of_ages(2),
        ),
        *_slips(
            Mistake(
                "intercept_variance",
                "The intercept variance was put in for the slope variance. How sure a slope is depends on how much "
                "slopes differ.",
            ),
            lambda: estimates.part(0) + estimates.residual_variance() / _spread_of_ages(2),
        ),
        *_slips(
            Mistake(
                "width_of_interval",
                "This makes the 95 % interval reach .2 to each side. The task asks for a standard error of .2, without "
                "1.96.",
            ),
            lambda: _Z**2 * _own_variance(),
        ),
        Slip(
            Mistake("measurements", "This is the number of measurements. Each boy has two: how many boys are that?"),
            lambda: 2.0 * math.ceil(_needed()),
        ),
        *_slips(_PER_ERROR, lambda: _own_variance() * _WANTED),
    ),
)

NOTEBOOK = Notebook(
    name="10-how-sure",
    assignment="beyond",
    questions=(NEW_BOY_UPPER, BOY1_PREDICTION, WHICH_INTERVAL, COVERAGE_PARALLEL, BOYS_NEEDED),
    free_text=("design_reflection",),
)
