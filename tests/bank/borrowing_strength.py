"""Notebook 6: answers and what they deserve."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

_O = "own_slope_variance"
_LINES = "lines = np.array([np.polyfit(b.age, b.height, 1) for _, b in data.groupby('Subject')])\n"
_FAN = "fan = smf.mixedlm('height ~ age', data, groups=data['Subject'], re_formula='~age').fit()\n"

OWN_SLOPES: list[Case] = [
    right(_O, "as in the notebook", f"{_LINES}{_O} = lines[:, 0].var(ddof=1)"),
    right(_O, "by pandas", f"{_LINES}{_O} = pd.Series(lines[:, 0]).var()"),
    right(
        _O,
        "by covariance over variance",
        f"{_O} = data.groupby('Subject').apply(lambda b: b.age.cov(b.height) / b.age.var(), "
        "include_groups=False).var()",
    ),
    right(
        _O,
        "by OLS fits",
        f"{_O} = np.var([smf.ols('height ~ age', b).fit().params['age'] for _, b in data.groupby('Subject')], ddof=1)",
    ),
    right(
        _O,
        "by scipy",
        "from scipy.stats import linregress\n"
        f"{_O} = np.var([linregress(b.age, b.height).slope for _, b in data.groupby('Subject')], ddof=1)",
    ),
    right(
        _O, "by the statistics module", f"import statistics\n{_LINES}{_O} = statistics.variance(lines[:, 0].tolist())"
    ),
    right(_O, "from the covariance matrix", f"{_LINES}{_O} = np.cov(lines.T)[0, 0]"),
    right(
        _O,
        "from a regression with interactions",
        "f = smf.ols('height ~ 0 + C(Subject) + C(Subject):age', data).fit()\n"
        f"{_O} = f.params.filter(like=':age').var()",
    ),
    *(right(_O, code, f"{_O} = {code}") for code in ("2.941", "2.94", "'2.94'", "'2,941'", "[2.9408]", "2.9408")),
    partly(_O, "divided by 26", f"{_LINES}{_O} = np.var(lines[:, 0])", 0.5, "divided_by_n"),
    partly(_O, "divided by 26, typed", f"{_O} = 2.828", 0.5, "divided_by_n"),
    partly(_O, "one decimal", f"{_O} = 2.9", 0.5, "rounded_too_much"),
    wrong(_O, "standard deviation", f"{_LINES}{_O} = lines[:, 0].std(ddof=1)", "standard_deviation"),
    wrong(_O, "standard deviation, n", f"{_LINES}{_O} = lines[:, 0].std()", "standard_deviation"),
    wrong(_O, "standard deviation, typed", f"{_O} = 1.715", "standard_deviation"),
    wrong(_O, "of the model", f"{_FAN}{_O} = fan.cov_re.iloc[1, 1]", "model_variance"),
    wrong(
        _O,
        "of predicted slopes",
        f"{_FAN}{_O} = np.var([e['age'] for e in fan.random_effects.values()], ddof=1)",
        "predicted_effects",
    ),
    wrong(_O, "of intercepts", f"{_LINES}{_O} = lines[:, 1].var(ddof=1)", "of_the_intercepts"),
    wrong(_O, "of intercepts, n", f"{_LINES}{_O} = lines[:, 1].var()", "of_the_intercepts"),
    wrong(_O, "standard error of the mean", f"{_LINES}{_O} = lines[:, 0].std(ddof=1) / 26**.5", "standard_error"),
    wrong(_O, "mean slope", f"{_LINES}{_O} = lines[:, 0].mean()", "mean_slope"),
    wrong(_O, "covariance", f"{_LINES}{_O} = np.cov(lines.T)[0, 1]", "covariance"),
    wrong(_O, "slopes and intercepts", f"{_LINES}{_O} = lines.var(ddof=1)", "slopes_and_intercepts"),
    wrong(
        _O,
        "sum of squares",
        f"{_LINES}b = lines[:, 0]\n{_O} = ((b - b.mean()) ** 2).sum()",
        "sum_of_squares",
    ),
    wrong(_O, "all slopes", f"{_LINES}{_O} = lines[:, 0]", "not_a_number"),
    wrong(_O, "nothing", ""),
    wrong(_O, "not a number", f"{_O} = float('nan')", "not_finite"),
    partly(_O, "percent", f"{_O} = '294 %'", 0.5, "in_percent"),
    wrong(_O, "negative", f"{_O} = -2.941", "wrong_sign"),
    wrong(_O, "a guess", f"{_O} = 3"),
]

_N = "noise_variance"
_SS = "ss = data.groupby('Subject')['age'].agg(lambda a: ((a - a.mean())**2).sum())\n"

NOISE: list[Case] = [
    right(_N, "as in the notebook", f"{_FAN}{_SS}{_N} = (fan.scale / ss).mean()"),
    right(
        _N,
        "in a loop",
        f"{_FAN}noise = []\nfor _, b in data.groupby('Subject'):\n"
        f"    noise.append(fan.scale / sum((b.age - b.age.mean())**2))\n{_N} = sum(noise) / len(noise)",
    ),
    right(
        _N, "by the variance of the ages", f"{_FAN}{_N} = (fan.scale / (8 * data.groupby('Subject').age.var())).mean()"
    ),
    right(_N, "mean of the sums first", f"{_FAN}{_SS}{_N} = fan.scale / ss.mean()"),
    right(_N, "uncentred", f"{_FAN}{_N} = (fan.scale / (data.age**2).groupby(data.Subject).sum()).mean()"),
    right(_N, "powell", _FAN.replace(".fit()", ".fit(method='powell')") + f"{_SS}{_N} = (fan.scale / ss).mean()"),
    right(
        _N,
        "from the course's fit",
        f"from oxboys_mlm import fit_random_slope\n{_SS}{_N} = (fit_random_slope(data).scale / ss).mean()",
    ),
    *(right(_N, code, f"{_N} = {code}") for code in ("0.1157", "0.116", ".12", "'0,1157'", "[0.1157]")),
    wrong(
        _N,
        "parallel lines",
        f"f = smf.mixedlm('height ~ age', data, groups='Subject').fit()\n{_SS}{_N} = (f.scale / ss).mean()",
        "scale_of_parallel_lines",
    ),
    wrong(_N, "parallel lines, typed", f"{_N} = .457", "scale_of_parallel_lines"),
    wrong(
        _N,
        "the null model",
        f"f = smf.mixedlm('height ~ 1', data, groups='Subject').fit()\n{_SS}{_N} = (f.scale / ss).mean()",
        "scale_of_null_model",
    ),
    wrong(
        _N,
        "a regression",
        f"f = smf.ols('height ~ age', data).fit()\n{_SS}{_N} = (f.scale / ss).mean()",
        "scale_of_regression",
    ),
    wrong(_N, "of a mean", f"{_FAN}{_N} = fan.scale / 9", "noise_of_a_mean"),
    wrong(_N, "the residual variance", f"{_FAN}{_N} = fan.scale", "residual_variance"),
    wrong(
        _N,
        "what remains",
        f"{_FAN}{_LINES}{_SS}{_N} = lines[:, 0].var(ddof=1) - (fan.scale / ss).mean()",
        "what_remains",
    ),
    wrong(_N, "what remains, of the model", f"{_FAN}{_N} = fan.cov_re.iloc[1, 1]", "what_remains"),
    wrong(_N, "its root", f"{_FAN}{_SS}{_N} = (fan.scale / ss).mean()**.5", "standard_error"),
    wrong(_N, "the sum", f"{_FAN}{_SS}{_N} = (fan.scale / ss).sum()", "summed"),
    wrong(
        _N,
        "by the variance of age",
        f"{_FAN}{_N} = (fan.scale / data.groupby('Subject').age.var()).mean()",
        "divided_by_variance_of_age",
    ),
    wrong(_N, "over all boys", f"{_FAN}{_N} = fan.scale / ((data.age - data.age.mean())**2).sum()", "over_all_boys"),
    wrong(_N, "root of the scale", f"{_FAN}{_SS}{_N} = (fan.scale**.5 / ss).mean()", "root_of_scale"),
    wrong(_N, "as a share", f"{_FAN}{_LINES}{_SS}{_N} = (fan.scale / ss).mean() / lines[:, 0].var(ddof=1)", "share"),
    wrong(_N, "a Series", f"{_FAN}{_SS}{_N} = fan.scale / ss", "not_a_number"),
    wrong(_N, "nothing", f"{_N} = None"),
    wrong(_N, "a truth value", f"{_N} = True", "not_a_number"),
    wrong(_N, "negative", f"{_N} = -.1157", "wrong_sign"),
]

_S = "shrinkage_factor"


def _function(formula: str, *, name: str = _S, arguments: str = "results, n") -> str:
    return f"def {name}({arguments}):\n    t, s = results.cov_re.iloc[0, 0], results.scale\n    return {formula}"


FUNCTIONS: list[Case] = [
    right(_S, "as in the notebook", _function("t / (t + s / n)")),
    right(_S, "one minus the noise", _function("1 - (s / n) / (t + s / n)")),
    right(_S, "Spearman and Brown", _function("n * (t / (t + s)) / (1 + (n - 1) * (t / (t + s)))")),
    right(_S, "n times the variance", _function("n * t / (n * t + s)")),
    right(_S, "from the ratio", f"def {_S}(fit, n):\n    r = fit.params.iloc[-1]\n    return r / (r + 1 / n)"),
    right(
        _S, "a lambda", f"{_S} = lambda r, k: np.asarray(r.cov_re)[0, 0] / (np.asarray(r.cov_re)[0, 0] + r.scale / k)"
    ),
    right(_S, "other names", _function("t / (t + s / number)", arguments="results, number")),
    right(_S, "a default", _function("t / (t + s / n)", arguments="results, n=9")),
    right(_S, "a frame of one number", f"def {_S}(m, n):\n    return m.cov_re / (m.cov_re + m.scale / n)"),
    right(_S, "rounded to three", _function("round(t / (t + s / n), 3)")),
    right(_S, "in percent", _function("100 * t / (t + s / n)")),
    right(_S, "needs a whole number", _function("t / (t + s / len(range(n)))")),
    wrong(_S, "n ignored", _function("t / (t + s)"), "n_ignored"),
    wrong(_S, "times n", _function("t / (t + s * n)"), "times_n"),
    wrong(_S, "the rest", _function("(s / n) / (t + s / n)"), "complement"),
    wrong(_S, "root of n", _function("t / (t + s / n**.5)"), "root_of_n"),
    wrong(_S, "standard deviations", _function("t**.5 / (t**.5 + (s / n)**.5)"), "standard_deviations"),
    wrong(_S, "standard deviation by n", _function("t**.5 / (t**.5 + s**.5 / n)"), "standard_deviation_by_n"),
    wrong(
        _S,
        "params",
        f"def {_S}(results, n):\n    t = results.params.iloc[-1]\n    return t / (t + results.scale / n)",
        "params_as_variance",
    ),
    wrong(_S, "no brackets", _function("t / t + s / n"), "brackets_missing"),
    wrong(_S, "ratio", _function("t / (s / n)"), "ratio_to_noise"),
    wrong(_S, "always nine", _function("t / (t + s / 9)"), "right_for_some_arguments"),
    wrong(
        _S, "typed numbers", f"def {_S}(results, n):\n    return 63.315 / (63.315 + 21.727 / n)", "right_for_one_fit"
    ),
    wrong(_S, "prints", _function("print(t / (t + s / n))"), "returns_nothing"),
    wrong(_S, "one argument", _function("t / (t + s / 9)", arguments="results"), "raises"),
    wrong(_S, "arguments turned round", _function("t / (t + s / n)", arguments="n, results"), "raises"),
    wrong(_S, "a number", f"{_S} = .9633", "not_a_function"),
    wrong(
        _S,
        "the course's ICC",
        f"from oxboys_mlm import icc\ndef {_S}(results, n):\n    return icc(results)",
        "course_helper",
    ),
    wrong(_S, "nothing", ""),
    wrong(_S, "a text of words", _function("'much'"), "returns_no_number"),
]

_F = "sparse_fit"
_FEW = "few = data[(data['Subject'] != 4) | (data['Occasion'] <= 2)]\n"


def _fit(formula: str = "height ~ age", more: str = "re_formula='~age'", fit: str = "", rows: str = _FEW) -> str:
    return f"{rows}{_F} = smf.mixedlm('{formula}', few, groups=few['Subject'], {more}).fit({fit})"


FITS: list[Case] = [
    right(_F, "as in the notebook", _fit()),
    *(right(_F, f"by {method}", _fit(fit=f"method='{method}'")) for method in ("bfgs", "powell", "lbfgs")),
    right(_F, "several optimisers", _fit(fit="method=['lbfgs', 'bfgs']")),
    right(_F, "by query", _fit(rows="few = data.query('Subject != 4 or Occasion < 3')\n")),
    right(_F, "by drop", _fit(rows="few = data.drop(data.index[(data.Subject == 4) & (data.Occasion > 2)])\n")),
    right(
        _F, "put together", _fit(rows="few = pd.concat([data[data.Subject != 4], data[data.Subject == 4].head(2)])\n")
    ),
    right(
        _F,
        "in place",
        _fit(rows="data = data[~((data.Subject == 4) & (data.Occasion >= 3))].reset_index(drop=True)\nfew = data\n"),
    ),
    right(
        _F,
        "by missing values",
        _fit(
            rows="few = data.copy()\nfew.loc[(few.Subject == 4) & (few.Occasion > 2), 'height'] = np.nan\n"
            "few = few.dropna()\n"
        ),
    ),
    right(_F, "by age", _fit(rows="few = data[(data.Subject != 4) | (data.age < -.7)]\n")),
    right(_F, "shuffled", _fit(rows=f"{_FEW}few = few.sample(frac=1, random_state=1)\n")),
    right(
        _F,
        "groups by name",
        f"{_FEW}{_F} = smf.mixedlm('height ~ age', few, groups='Subject', re_formula='1 + age').fit()",
    ),
    right(
        _F,
        "from arrays",
        f"{_FEW}x = sm.add_constant(few['age'])\n"
        f"{_F} = sm.MixedLM(few['height'], x, groups=few['Subject'], exog_re=x).fit()",
    ),
    right(
        _F,
        "from_formula",
        f"{_FEW}{_F} = sm.MixedLM.from_formula('height ~ age', few, groups='Subject', re_formula='age').fit()",
    ),
    right(_F, "subjects as text", _fit(rows=f"{_FEW}few = few.assign(Subject=few.Subject.astype(str))\n")),
    right(_F, "in a list", _fit() + f"\n{_F} = [{_F}]"),
    wrong(_F, "all rows", _fit(rows="few = data\n"), "other_data"),
    wrong(_F, "boy 4 left out", _fit(rows="few = data[data.Subject != 4]\n"), "other_data"),
    wrong(_F, "one visit", _fit(rows="few = data[(data.Subject != 4) | (data.Occasion < 2)]\n"), "other_data"),
    wrong(_F, "visit 3 kept", _fit(rows="few = data[(data.Subject != 4) | (data.Occasion <= 3)]\n"), "other_data"),
    wrong(_F, "two visits of everybody", _fit(rows="few = data[data.Occasion <= 2]\n"), "other_data"),
    wrong(_F, "boy 4 alone", _fit(rows="few = data[(data.Subject == 4) & (data.Occasion <= 2)]\n")),
    wrong(_F, "another boy", _fit(rows="few = data[(data.Subject != 5) | (data.Occasion <= 2)]\n"), "data_changed"),
    wrong(
        _F, "the last two visits", _fit(rows="few = data[(data.Subject != 4) | (data.Occasion >= 8)]\n"), "data_changed"
    ),
    wrong(_F, "parallel lines", _fit(more="re_formula='1'"), "random_slope_missing"),
    wrong(_F, "no random intercept", _fit(more="re_formula='~age - 1'"), "random_intercept_missing"),
    wrong(_F, "no age", _fit("height ~ 1", "re_formula='1'"), "age_missing"),
    wrong(_F, "Occasion", _fit("height ~ Occasion", "re_formula='~Occasion'"), "occasion_instead_of_age"),
    wrong(_F, "OLS", f"{_FEW}{_F} = smf.ols('height ~ age', few).fit()", "no_random_effects"),
    wrong(
        _F,
        "grouped by visit",
        f"{_FEW}{_F} = smf.mixedlm('height ~ age', few, groups='Occasion', re_formula='~age').fit()",
        "grouped_by_occasion",
    ),
    wrong(_F, "swapped", _fit("age ~ height", "re_formula='~height'"), "outcome_and_predictor_swapped"),
    wrong(
        _F,
        "not fitted",
        f"{_FEW}{_F} = smf.mixedlm('height ~ age', few, groups='Subject', re_formula='~age')",
        "not_fitted",
    ),
    wrong(_F, "a summary", _fit() + f"\n{_F} = {_F}.summary()", "summary_instead_of_fit"),
    wrong(
        _F,
        "the course's helper",
        f"from oxboys_mlm import fit_random_slope\n{_FEW}{_F} = fit_random_slope(few)",
        "course_helper",
    ),
    wrong(_F, "the rows", f"{_FEW}{_F} = few", "not_a_fit"),
    wrong(_F, "nothing", ""),
    partly(_F, "ML", _fit(fit="reml=False"), 0.5, "ml_instead_of_reml"),
    partly(_F, "nm stops early", _fit(fit="method='nm'"), 0.5, "not_at_optimum"),
    partly(_F, "moved zero", _fit(rows=f"{_FEW}few = few.assign(age=few.age + 1)\n"), 0.5, "age_shifted"),
]

_B = "boy4_forecast"
_SPARSE = (
    _fit() + f"\nb, u = {_F}.fe_params, {_F}.random_effects[4]\n"
    "age = data[(data.Subject == 4) & (data.Occasion == 9)].age.item()\n"
)

FORECASTS: list[Case] = [
    right(_B, "by position", f"{_SPARSE}{_B} = b.iloc[0] + u.iloc[0] + (b.iloc[1] + u.iloc[1]) * age"),
    right(_B, "by name", f"{_SPARSE}{_B} = b['Intercept'] + u['Group'] + (b['age'] + u['age']) * age"),
    right(
        _B,
        "predict plus deviations",
        f"{_SPARSE}{_B} = {_F}.predict(pd.DataFrame({{'age': [age]}})) + u.iloc[0] + u.iloc[1] * age",
    ),
    right(_B, "a product", f"{_SPARSE}{_B} = (b.values + u.values) @ [1, age]"),
    right(_B, "rounded", f"{_SPARSE}{_B} = round(float((b.values + u.values) @ [1, age]), 1)"),
    right(
        _B,
        "from fitted values",
        f"{_SPARSE}f = {_F}.fittedvalues[few.Subject == 4].to_numpy()\na = few.age[few.Subject == 4].to_numpy()\n"
        f"{_B} = f[1] + (f[1] - f[0]) / (a[1] - a[0]) * (age - a[1])",
    ),
    right(
        _B, "by powell", _SPARSE.replace(".fit()", ".fit(method='powell')") + f"{_B} = (b.values + u.values) @ [1, age]"
    ),
    *(
        right(_B, code, f"{_B} = {code}")
        for code in ("173.01", "173.0", "'173,01 cm'", "[173.01]", "np.float32(173.01)")
    ),
    wrong(
        _B,
        "own line",
        f"{_FEW}k = few[few.Subject == 4]\n{_B} = np.polyval(np.polyfit(k.age, k.height, 1), .9945)",
        "own_line",
    ),
    wrong(_B, "own line, typed", f"{_B} = 179.43", "own_line"),
    wrong(_B, "predict", f"{_SPARSE}{_B} = {_F}.predict(pd.DataFrame({{'age': [age]}}))", "average_line"),
    wrong(
        _B, "slope forgotten", f"{_SPARSE}{_B} = b.iloc[0] + u.iloc[0] + b.iloc[1] * age", "slope_deviation_forgotten"
    ),
    wrong(
        _B,
        "intercept forgotten",
        f"{_SPARSE}{_B} = b.iloc[0] + (b.iloc[1] + u.iloc[1]) * age",
        "intercept_deviation_forgotten",
    ),
    wrong(
        _B,
        "parallel lines",
        _fit(more="re_formula='1'") + f"\n{_B} = {_F}.fe_params @ [1, .9945] + {_F}.random_effects[4].iloc[0]",
        "random_intercept_model",
    ),
    wrong(
        _B,
        "all visits",
        f"{_FAN}{_B} = (fan.fe_params.values + fan.random_effects[4].values) @ [1, .9945]",
        "all_nine_visits",
    ),
    wrong(_B, "measured", f"{_B} = data[(data.Subject == 4) & (data.Occasion == 9)].height.item()", "measured_height"),
    wrong(_B, "deviation alone", f"{_SPARSE}{_B} = u.iloc[0] + u.iloc[1] * age", "deviation_alone"),
    wrong(_B, "at age 0", f"{_SPARSE}{_B} = b.iloc[0] + u.iloc[0]", "at_age_zero"),
    wrong(
        _B,
        "at the second visit",
        f"{_SPARSE}{_B} = (b.values + u.values) @ [1, few[few.Subject == 4].age.iloc[-1]]",
        "other_visit",
    ),
    wrong(_B, "visit taken for age", f"{_SPARSE}{_B} = (b.values + u.values) @ [1, 9]", "nine_years"),
    wrong(_B, "percent", f"{_B} = '173 %'", "in_percent"),
    wrong(_B, "nothing", f"{_B} = ..."),
    wrong(_B, "deviations", f"{_SPARSE}{_B} = u", "not_a_number"),
    wrong(_B, "in metres", f"{_B} = 1.73"),
]

CASES: list[Case] = OWN_SLOPES + NOISE + FUNCTIONS + FITS + FORECASTS

_W = "why_less_spread"

#: With "d" as the key.
CHOICES: list[Case] = [
    *(
        right(_W, repr(value), f"{_W} = {value!r}")
        for value in ("d", "D", " d ", "d)", "[d]", "d,", '"D"', ["D"], ("d",), frozenset("d"))
    ),
    *(wrong(_W, repr(text), f"{_W} = {text!r}", "other_option") for text in ("a", "B", "c.")),
    *(
        wrong(_W, repr(value), f"{_W} = {value!r}", "no_option")
        for value in ("dd", "shrinkage", 4, 2.72, True, ["a", "d"], {"a": "c"})
    ),
    wrong(_W, "the placeholder", f"{_W} = ''"),
]
