"""Notebook 10: answers as students write them, right and wrong."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

# ---- new_boy_upper -----------------------------------------------------------------------------------

_U = "new_boy_upper"

#: The fan, what it says at age .5, and the variances.
_FAN = (
    "fan = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit()\n"
    "b, G, s2 = fan.fe_params.to_numpy(), fan.cov_re.to_numpy(), fan.scale\n"
    "x = np.array([1, 0.5])\nm = x @ b\nv = x @ G @ x\n"
)
_PARALLEL = "p = smf.mixedlm('height ~ age', data, groups='Subject').fit()\n"

LIMITS: list[Case] = [
    right(
        _U,
        "term by term",
        f"{_FAN}age = .5\nv = G[0, 0] + 2 * age * G[0, 1] + age ** 2 * G[1, 1]\n{_U} = m + 1.96 * np.sqrt(v + s2)",
    ),
    right(_U, "as a product of matrices", f"{_FAN}{_U} = m + 1.96 * (v + s2) ** .5"),
    right(
        _U,
        "the course's helper",
        "from oxboys_mlm import fit_random_slope\nfan = fit_random_slope(data)\n"
        "c = fan.cov_re\nv = c.loc['Group', 'Group'] + c.loc['Group', 'age'] + c.loc['age', 'age'] / 4\n"
        f"{_U} = fan.predict({{'age': [.5]}})[0] + 1.96 * np.sqrt(v + fan.scale)",
    ),
    right(_U, "predict, a Series", f"{_FAN}{_U} = fan.predict(pd.DataFrame({{'age': [.5]}})) + 1.96 * np.sqrt(v + s2)"),
    right(_U, "scipy's quantile", f"{_FAN}from scipy import stats\n{_U} = m + stats.norm.ppf(.975) * np.sqrt(v + s2)"),
    right(
        _U,
        "an interval of scipy",
        f"{_FAN}from scipy import stats\n{_U} = stats.norm.interval(.95, m, (v + s2) ** .5)[1]",
    ),
    right(_U, "two standard deviations", f"{_FAN}{_U} = m + 2 * np.sqrt(v + s2)"),
    right(_U, "boys, without the error of the measurement", f"{_FAN}{_U} = m + 1.96 * np.sqrt(v)"),
    right(
        _U,
        "with the standard error of the average",
        f"{_FAN}e = x @ fan.cov_params().to_numpy()[:2, :2] @ x\n{_U} = m + 1.96 * np.sqrt(v + s2 + e)",
    ),
    right(_U, "by powell", _FAN.replace(".fit()", ".fit(method='powell')") + f"{_U} = m + 1.96 * np.sqrt(v + s2)"),
    right(
        _U,
        "simulated",
        f"{_FAN}rng = np.random.default_rng(3)\n"
        "h = rng.multivariate_normal(b, G, 400_000) @ x + rng.normal(0, s2 ** .5, 400_000)\n"
        f"{_U} = np.quantile(h, .975)",
    ),
    *(
        right(_U, code, f"{_U} = {code}")
        for code in (
            "169.63",
            "169.6",
            "169.58",
            "169.95",
            "'169.63 cm'",
            "'169,63'",
            "[169.626]",
            "170.0",
            "np.float32(169.63)",
        )
    ),
    partly(
        _U, "t", f"{_FAN}from scipy import stats\n{_U} = m + stats.t.ppf(.975, 25) * np.sqrt(v + s2)", 0.5, "t_quantile"
    ),
    wrong(
        _U,
        "of the average",
        f"{_FAN}e = x @ fan.cov_params().to_numpy()[:2, :2] @ x\n{_U} = m + 1.96 * np.sqrt(e)",
        "standard_error_of_average",
    ),
    wrong(_U, "of the average, typed", f"{_U} = 155.96", "standard_error_of_average"),
    wrong(_U, "the residual alone", f"{_FAN}{_U} = m + 1.96 * np.sqrt(s2)", "residual_alone"),
    wrong(
        _U, "the intercept variance alone", f"{_FAN}{_U} = m + 1.96 * np.sqrt(G[0, 0] + s2)", "intercept_variance_alone"
    ),
    wrong(_U, "without the residual, too", f"{_FAN}{_U} = m + 1.96 * np.sqrt(G[0, 0])", "intercept_variance_alone"),
    wrong(
        _U,
        "the covariance forgotten",
        f"{_FAN}{_U} = m + 1.96 * np.sqrt(G[0, 0] + G[1, 1] / 4 + s2)",
        "covariance_forgotten",
    ),
    wrong(_U, "the covariance forgotten, typed", f"{_U} = 168.61", "covariance_forgotten"),
    wrong(
        _U,
        "the covariance once",
        f"{_FAN}{_U} = m + 1.96 * np.sqrt(G[0, 0] + G[0, 1] / 2 + G[1, 1] / 4 + s2)",
        "covariance_counted_once",
    ),
    wrong(
        _U,
        "parallel lines",
        f"{_PARALLEL}{_U} = p.fe_params @ [1, .5] + 1.96 * np.sqrt(p.cov_re.iloc[0, 0] + p.scale)",
        "random_intercept_model",
    ),
    wrong(_U, "parallel lines, typed", f"{_U} = 168.71", "random_intercept_model"),
    wrong(
        _U,
        "the null model",
        "n = smf.mixedlm('height ~ 1', data, groups='Subject').fit()\n"
        f"{_U} = n.fe_params.iloc[0] + 1.96 * np.sqrt(n.cov_re.iloc[0, 0] + n.scale)",
        "null_model",
    ),
    wrong(_U, "the lower limit", f"{_FAN}{_U} = m - 1.96 * np.sqrt(v + s2)", "lower_limit"),
    wrong(_U, "the lower limit of boys", f"{_FAN}{_U} = m - 1.96 * np.sqrt(v)", "lower_limit"),
    wrong(_U, "the middle", f"{_FAN}{_U} = m", "average_alone"),
    wrong(_U, "the variance", f"{_FAN}{_U} = m + 1.96 * (v + s2)", "variance_for_deviation"),
    wrong(_U, "deviations added", f"{_FAN}{_U} = m + 1.96 * (v ** .5 + s2 ** .5)", "deviations_added"),
    wrong(_U, "one deviation", f"{_FAN}{_U} = m + np.sqrt(v + s2)", "one_standard_deviation"),
    wrong(_U, "90 %", f"{_FAN}{_U} = m + 1.645 * np.sqrt(v + s2)", "ninety_percent"),
    wrong(_U, "at age 0", f"{_FAN}{_U} = b[0] + 1.96 * np.sqrt(G[0, 0] + s2)", "at_age_zero"),
    wrong(_U, "at age 0, from the table", f"{_U} = 165.21", "at_age_zero"),
    wrong(_U, "the distance", f"{_FAN}{_U} = 1.96 * np.sqrt(v + s2)", "distance"),
    wrong(_U, "the deviation", f"{_FAN}{_U} = np.sqrt(v + s2)", "standard_deviation"),
    wrong(_U, "of boy 1", f"{_FAN}{_U} = (b + fan.random_effects[1].to_numpy()) @ x", "of_boy_1"),
    wrong(_U, "both limits", f"{_FAN}{_U} = m - 1.96 * (v + s2) ** .5, m + 1.96 * (v + s2) ** .5", "not_a_number"),
    wrong(_U, "the highest that was measured", f"{_U} = data.height.max()"),
    wrong(_U, "in metres", f"{_U} = 1.6963"),
    wrong(_U, "nothing", f"{_U} = ..."),
]

# ---- boy1_prediction ---------------------------------------------------------------------------------

_B = "boy1_prediction"
_BOY = f"{_FAN}u = fan.random_effects[1]\n"
_OF_1 = "o = data[data.Subject == 1]\n"

PREDICTIONS: list[Case] = [
    right(_B, "as in the notebook", f"{_BOY}i, s = b + u.to_numpy()\n{_B} = i + s * .5"),
    right(_B, "as a product", f"{_BOY}{_B} = (b + u.values) @ [1, .5]"),
    right(
        _B,
        "by name",
        _BOY.replace("'Subject'", "data['Subject']") + f"{_B} = b[0] + u['Group'] + (b[1] + u['age']) * .5",
    ),
    right(_B, "predict plus deviations", f"{_BOY}{_B} = fan.predict({{'age': [.5]}})[0] + u.iloc[0] + u.iloc[1] / 2"),
    right(
        _B,
        "from fitted values",
        f"{_FAN}{_OF_1}{_B} = np.interp(.5, o.age, fan.fittedvalues[o.index])",
    ),
    right(
        _B,
        "predicted_line",
        f"{_FAN}from oxboys_mlm.pooling import predicted_line\n{_OF_1}{_B} = predicted_line(fan, o.age, o.height) @ x",
    ),
    right(
        _B,
        "the course's helper",
        "from oxboys_mlm import fit_random_slope\nfan = fit_random_slope(data)\n"
        f"{_B} = (fan.fe_params.values + fan.random_effects[1].values) @ [1, .5]",
    ),
    right(_B, "by powell", _BOY.replace(".fit()", ".fit(method='powell')") + f"{_B} = (b + u.values) @ x"),
    right(_B, "a Series", f"{_BOY}{_B} = pd.Series([(b + u.values) @ x])"),
    right(_B, "rounded", f"{_BOY}{_B} = round((b + u.values) @ x, 2)"),
    *(
        right(_B, code, f"{_B} = {code}")
        for code in ("151.69", "151.688", "'151.69 cm'", "'151,69'", "[151.69]", "np.float32(151.688)")
    ),
    partly(_B, "his own line", f"{_OF_1}{_B} = np.polyval(np.polyfit(o.age, o.height, 1), .5)", 0.5, "own_line"),
    partly(_B, "his own line, typed", f"{_B} = 151.709", 0.5, "own_line"),
    partly(
        _B,
        "his own line by statsmodels",
        f"{_OF_1}{_B} = smf.ols('height ~ age', o).fit().predict({{'age': [.5]}})",
        0.5,
        "own_line",
    ),
    partly(_B, "one decimal", f"{_B} = 151.7", 0.5, "rounded_too_much"),
    wrong(_B, "predict", f"{_FAN}{_B} = fan.predict({{'age': [.5]}})", "average_line"),
    wrong(_B, "predict, typed", f"{_B} = 152.63", "average_line"),
    wrong(_B, "slope forgotten", f"{_BOY}{_B} = b[0] + u.iloc[0] + b[1] * .5", "slope_deviation_forgotten"),
    wrong(_B, "intercept forgotten", f"{_BOY}{_B} = b[0] + (b[1] + u.iloc[1]) * .5", "intercept_deviation_forgotten"),
    wrong(_B, "deviation not times age", f"{_BOY}{_B} = m + u.sum()", "deviation_not_times_age"),
    wrong(
        _B,
        "parallel lines",
        f"{_PARALLEL}{_B} = p.fe_params @ [1, .5] + p.random_effects[1].iloc[0]",
        "random_intercept_model",
    ),
    wrong(_B, "the deviation alone", f"{_BOY}{_B} = u.values @ x", "deviation_alone"),
    wrong(_B, "subtracted", f"{_BOY}{_B} = (b - u.values) @ x", "deviations_subtracted"),
    wrong(_B, "at age 0", f"{_BOY}{_B} = b[0] + u.iloc[0]", "at_age_zero"),
    wrong(_B, "at age -.5", f"{_BOY}{_B} = (b + u.values) @ [1, -.5]", "at_other_age"),
    wrong(_B, "at age 12.75", f"{_BOY}{_B} = (b + u.values) @ [1, 12.75]", "at_other_age"),
    wrong(_B, "at the nearest visit", f"{_FAN}{_B} = fan.fittedvalues[6]", "at_a_visit"),
    wrong(_B, "boy 2", f"{_FAN}{_B} = (b + fan.random_effects[2].values) @ x", "other_boy"),
    wrong(_B, "another boy", f"{_FAN}{_B} = (b + fan.random_effects[4].values) @ x"),
    wrong(_B, "upper limit", f"{_BOY}{_B} = (b + u.values) @ x + 1.96 * s2**.5", "upper_limit"),
    wrong(_B, "both deviations", f"{_BOY}{_B} = u", "not_a_number"),
    wrong(_B, "boy 0, who does not exist", f"{_FAN}{_B} = fan.random_effects[0]"),
    wrong(_B, "percent", f"{_B} = '151.69 %'", "in_percent"),
    wrong(_B, "nothing", f"{_B} = None"),
]

# ---- coverage_parallel -------------------------------------------------------------------------------

_C = "coverage_parallel"


def _studies(seed: int, studies: int = 500, formula: str = "parallel_lines") -> str:
    """Write the code that simulates studies; `s` and `e` hold the slopes and their standard errors."""
    return (
        f"{_FAN}from oxboys_mlm.studies import fan_of_lines, parallel_lines\n"
        f"ages, true_slope, rng = np.linspace(-1, 1, 9), b[1], np.random.default_rng({seed})\n"
        "def simulate(rng):\n"
        "    lines = rng.multivariate_normal(b, G, size=26)\n"
        "    return lines[:, [0]] + lines[:, [1]] * ages + rng.normal(scale=s2 ** .5, size=(26, 9))\n"
        f"s, e = np.transpose([{formula}(ages, simulate(rng)) for _ in range({studies})])\n"
    )


_SHARE = f"{_C} = np.mean(abs(s - true_slope) <= 1.96 * e)"

COVERAGES: list[Case] = [
    *(right(_C, f"500 studies, seed {seed}", _studies(seed) + _SHARE) for seed in range(6)),
    *(right(_C, f"{studies} studies", _studies(1987, studies) + _SHARE) for studies in (600, 1000, 3000)),
    right(
        _C,
        "counted in a loop",
        f"{_studies(11)}n = 0\nfor slope, error in zip(s, e):\n"
        f"    if slope - 1.96 * error < true_slope < slope + 1.96 * error:\n        n += 1\n{_C} = n / 500",
    ),
    right(_C, "a Series", f"{_studies(12)}{_C} = pd.Series(abs((s - true_slope) / e) < 1.96).mean()"),
    right(_C, "two standard errors", f"{_studies(13)}{_C} = np.mean(abs(s - true_slope) < 2 * e)"),
    right(_C, "in percent", f"{_studies(14)}{_C} = 100 * np.mean(abs(s - true_slope) < 1.96 * e)"),
    right(
        _C,
        "the real ages, and a normal quantile",
        _studies(15).replace("np.linspace(-1, 1, 9)", "data.groupby('Occasion').age.mean().to_numpy()")
        + f"from scipy import stats\n{_C} = np.mean(abs(s - true_slope) < stats.norm.ppf(.975) * e)",
    ),
    right(_C, "one minus the misses", f"{_studies(16)}{_C} = 1 - np.mean(abs(s - true_slope) > 1.96 * e)"),
    *(
        right(_C, code, f"{_C} = {code}")
        for code in ("0.5", "0.62", ".56", "0.6", "'56 %'", "'0,57'", "55.6", "[0.541]", "278 / 500", "np.float32(.55)")
    ),
    wrong(_C, "the fan", _studies(1, formula="fan_of_lines") + _SHARE, "right_model"),
    wrong(_C, "the fan, other seed", _studies(2, 1000, "fan_of_lines") + _SHARE, "right_model"),
    wrong(
        _C,
        "boys who all grow at one rate",
        _studies(3).replace("b, G, size=26", "b, G * [[1, 0], [0, 0]], size=26") + _SHARE,
        "right_model",
    ),
    wrong(_C, "what it should be", f"{_C} = .95", "right_model"),
    wrong(_C, "misses", f"{_studies(4)}{_C} = np.mean(abs(s - true_slope) > 1.96 * e)", "misses"),
    wrong(_C, "misses, other seed", f"{_studies(5, 1000)}{_C} = np.mean(abs(s - true_slope) > 1.96 * e)", "misses"),
    wrong(_C, "misses, typed", f"{_C} = .44", "misses"),
    wrong(_C, "a few studies", f"{_C} = 13 / 20", "few_studies"),
    wrong(_C, "twenty studies", f"{_C} = 9 / 20", "misses"),
    wrong(_C, "one standard error", f"{_studies(6)}{_C} = np.mean(abs(s - true_slope) < e)", "one_standard_error"),
    wrong(_C, "its own estimate", f"{_studies(7)}{_C} = np.mean(abs(s - s) < 1.96 * e)", "ordinary_regression"),
    wrong(
        _C,
        "an ordinary regression",
        "def regression(ages, heights):\n"
        "    fit = sm.OLS(heights.ravel(), sm.add_constant(np.tile(ages, 26))).fit()\n"
        "    return fit.params[1], fit.bse[1]\n" + _studies(8, formula="regression") + _SHARE,
        "ordinary_regression",
    ),
    wrong(_C, "does it hold zero", f"{_studies(9)}{_C} = np.mean(abs(s) < 1.96 * e)", "none"),
    wrong(_C, "a count", f"{_studies(10)}{_C} = np.sum(abs(s - true_slope) < 1.96 * e)", "count"),
    wrong(_C, "a count of a thousand", f"{_C} = 561", "count"),
    wrong(_C, "the mean standard error", f"{_studies(17)}{_C} = e.mean()", "standard_error"),
    wrong(_C, "the mean slope", f"{_studies(18)}{_C} = s.mean()", "slope"),
    wrong(_C, "one for each study", f"{_studies(19)}{_C} = abs(s - true_slope) < 1.96 * e", "not_a_number"),
    wrong(_C, "one study", f"{_studies(20)}{_C} = bool(abs(s[0] - true_slope) < 1.96 * e[0])", "not_a_number"),
    wrong(_C, "a word", f"{_C} = 'about half'", "not_a_number"),
    wrong(_C, "more than all", f"{_C} = 1.4"),
    wrong(_C, "three quarters", f"{_C} = .8"),
    wrong(_C, "nothing", ""),
]

# ---- boys_needed -------------------------------------------------------------------------------------

_N = "boys_needed"

SIZES: list[Case] = [
    right(_N, "as in the notebook", f"{_FAN}{_N} = int(np.ceil((G[1, 1] + s2 / 2) / .2 ** 2))"),
    right(_N, "a float", f"{_FAN}{_N} = np.ceil((G[1, 1] + s2 / 2) / .04)"),
    right(_N, "math.ceil", f"{_FAN}import math\n{_N} = math.ceil((G[1, 1] + s2 / 2) / .04)"),
    right(_N, "minus floor of minus", f"{_FAN}{_N} = -((G[1, 1] + s2 / 2) // -.04)"),
    right(
        _N,
        "tried one by one",
        f"{_FAN}{_N} = 1\nwhile np.sqrt((G[1, 1] + s2 / 2) / {_N}) > .2:\n    {_N} += 1",
    ),
    right(_N, "a search", f"{_FAN}n = np.arange(1, 1000)\n{_N} = n[np.sqrt((G[1, 1] + s2 / 2) / n) <= .2][0]"),
    right(_N, "smallest of a list", f"{_FAN}{_N} = min(n for n in range(1, 999) if (G[1, 1] + s2 / 2) / n <= .04)"),
    right(
        _N,
        "the course's helper",
        "from oxboys_mlm import fit_random_slope\nfan = fit_random_slope(data)\n"
        f"{_N} = round((fan.cov_re.loc['age', 'age'] + fan.scale / 2) / .04 + .5)",
    ),
    *(
        right(_N, code, f"{_N} = {code}")
        for code in ("77", "77.0", "'77'", "'77 boys'", "[77]", "np.int64(77)", "np.array(77)", "'77 children'")
    ),
    partly(_N, "not rounded", f"{_FAN}{_N} = (G[1, 1] + s2 / 2) / .04", 0.5, "not_rounded"),
    partly(_N, "not rounded, typed", f"{_N} = 76.06", 0.5, "not_rounded"),
    wrong(_N, "rounded down", f"{_FAN}{_N} = int((G[1, 1] + s2 / 2) / .04)", "rounded_down"),
    wrong(_N, "rounded", f"{_FAN}{_N} = round((G[1, 1] + s2 / 2) / .04)", "rounded_down"),
    wrong(
        _N,
        "nine visits",
        f"{_FAN}{_N} = np.ceil((G[1, 1] + s2 / (np.linspace(-1, 1, 9) ** 2).sum()) / .04)",
        "nine_visits",
    ),
    wrong(_N, "nine visits, not rounded", f"{_FAN}{_N} = (G[1, 1] + s2 / 3.75) / .04", "nine_visits"),
    wrong(_N, "the noise forgotten", f"{_FAN}{_N} = int(np.ceil(G[1, 1] / .04))", "noise_forgotten"),
    wrong(_N, "the noise forgotten, not rounded", f"{_FAN}{_N} = G[1, 1] / .04", "noise_forgotten"),
    wrong(_N, "squared ages are 1", f"{_FAN}{_N} = np.ceil((G[1, 1] + s2) / .04)", "sum_of_squares"),
    wrong(_N, "the noise multiplied", f"{_FAN}{_N} = np.ceil((G[1, 1] + s2 * 2) / .04)", "noise_multiplied"),
    wrong(_N, "parallel lines", f"{_PARALLEL}{_N} = np.ceil(p.scale / 2 / .04)", "random_intercept_model"),
    wrong(_N, "noise alone", f"{_FAN}{_N} = np.ceil(s2 / 2 / .04)", "slope_variance_forgotten"),
    wrong(_N, "a standard deviation", f"{_FAN}{_N} = np.ceil(np.sqrt(G[1, 1]) / .04)", "standard_deviation"),
    wrong(
        _N,
        "a standard deviation and noise",
        f"{_FAN}{_N} = np.ceil((G[1, 1] ** .5 + s2 / 2) / .04)",
        "standard_deviation",
    ),
    wrong(_N, "the residual deviation", f"{_FAN}{_N} = np.ceil((G[1, 1] + s2 ** .5 / 2) / .04)", "residual_deviation"),
    wrong(_N, "the intercept variance", f"{_FAN}{_N} = np.ceil((G[0, 0] + s2 / 2) / .04)", "intercept_variance"),
    wrong(_N, "the interval", f"{_FAN}{_N} = np.ceil(1.96 ** 2 * (G[1, 1] + s2 / 2) / .04)", "width_of_interval"),
    wrong(_N, "measurements", f"{_FAN}{_N} = 2 * int(np.ceil((G[1, 1] + s2 / 2) / .04))", "measurements"),
    wrong(_N, "the error not squared", f"{_FAN}{_N} = np.ceil((G[1, 1] + s2 / 2) / .2)", "error_not_squared"),
    wrong(_N, "one more", f"{_N} = 78"),
    wrong(_N, "those of Oxford", f"{_N} = data.Subject.nunique()"),
    wrong(_N, "the error of so many", f"{_FAN}{_N} = np.sqrt((G[1, 1] + s2 / 2) / 77)"),
    wrong(_N, "a range", f"{_N} = '76-78'", "not_a_number"),
    wrong(_N, "percent", f"{_N} = '77 %'"),
    wrong(_N, "a truth value", f"{_N} = 77 > 76", "not_a_number"),
    wrong(_N, "nothing", ""),
]

CASES: list[Case] = LIMITS + PREDICTIONS + COVERAGES + SIZES

_W = "which_interval"

#: With "c" as the key.
CHOICES: list[Case] = [
    *(
        right(_W, repr(value), f"{_W} = {value!r}")
        for value in ("c", "C", " c ", "c)", "(c)", "[c]", "c.", '"C"', ["c"], ("c",), {"c"})
    ),
    *(wrong(_W, repr(text), f"{_W} = {text!r}", "other_option") for text in ("a", "B", "d.")),
    *(
        wrong(_W, repr(value), f"{_W} = {value!r}", "no_option")
        for value in ("cc", "e", "с", 165.21, 3, True, ["a", "c"], {"c": "d"}, "boys")
    ),
    wrong(_W, "a letter without quotes", f"{_W} = c"),
    wrong(_W, "the placeholder", f"{_W} = ''"),
]
