"""Notebook 7: answers and what they deserve."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

# ---- first_visit_fit ---------------------------------------------------------------------------------

_F = "first_visit_fit"
_MOVED = "moved = data.assign(age=data['age'] + 1)\n"


def _fit(
    formula: str = "height ~ age",
    random: str = "~age",
    how: str = "",
    *,
    rows: str = _MOVED,
    table: str = "moved",
    groups: str = "'Subject'",
) -> str:
    return (
        f"{rows}{_F} = smf.mixedlm({formula!r}, {table}, groups={table}[{groups}], re_formula={random!r}).fit({how})\n"
    )


FITS: list[Case] = [
    right(_F, "as in the notebook", _fit()),
    *(right(_F, f"by {method}", _fit(how=f"method={method!r}")) for method in ("bfgs", "powell", "lbfgs", "cg")),
    right(_F, "less the first age", _fit(rows="moved = data.assign(age=data['age'] - data['age'].min())\n")),
    right(
        _F,
        "less each boy's first age",
        _fit(rows="moved = data.assign(age=data.age - data.groupby('Subject').age.transform('first'))\n"),
    ),
    right(_F, "in place", _fit(rows="data['age'] += 1\n", table="data")),
    right(_F, "a copy", _fit(rows="moved = data.copy()\nmoved['age'] = moved['age'] + 1\n")),
    right(_F, "a new column", _fit("height ~ age1", "~age1", rows="data['age1'] = data['age'] + 1\n", table="data")),
    right(_F, "in the formulas", _fit("height ~ I(age + 1)", "~I(age + 1)", rows="", table="data")),
    right(
        _F, "names of one's own", _fit("height ~ start", "1 + start", rows="moved = data.assign(start=data.age + 1)\n")
    ),
    right(_F, "sklearn's way", _fit(rows="moved = data.assign(age=(data.age + 1).to_numpy())\n")),
    right(
        _F,
        "groups by name",
        f"{_MOVED}{_F} = smf.mixedlm('height ~ age', moved, groups='Subject', re_formula='age').fit()",
    ),
    right(_F, "shuffled rows", _fit(rows=f"{_MOVED}moved = moved.sample(frac=1, random_state=3)\n")),
    right(
        _F,
        "arrays",
        "X = sm.add_constant(data['age'] + 1)\n"
        f"{_F} = sm.MixedLM(data['height'], X, groups=data['Subject'], exog_re=X).fit()",
    ),
    right(
        _F,
        "from_formula",
        f"{_MOVED}{_F} = sm.MixedLM.from_formula('height ~ age', moved, groups='Subject', re_formula='~age').fit()",
    ),
    right(_F, "Subject as text", _fit(rows=f"{_MOVED}moved['Subject'] = moved['Subject'].astype(str)\n")),
    right(_F, "in a list", f"{_fit()}{_F} = [{_F}]"),
    partly(_F, "maximum likelihood", _fit(how="reml=False"), 0.5, "ml_instead_of_reml"),
    partly(_F, "nm stops early", _fit(how="method='nm'"), 0.5, "not_at_optimum"),
    partly(_F, "stopped after two steps", _fit(how="method='bfgs', maxiter=2"), 0.5, "not_at_optimum"),
    partly(
        _F,
        "no covariance",
        f"{_MOVED}{_F} = smf.mixedlm('height ~ age', moved, groups='Subject', re_formula='1', "
        "vc_formula={'slope': '0 + age'}).fit()",
        0.5,
        "uncorrelated_effects",
    ),
    wrong(_F, "nothing", ""),
    wrong(_F, "an ellipsis", f"{_F} = ..."),
    wrong(_F, "not moved", _fit(rows="", table="data"), "not_moved"),
    wrong(_F, "not moved, by ML", _fit(how="reml=False", rows="", table="data"), "not_moved"),
    wrong(_F, "the new table not used", _fit(table="data"), "not_moved"),
    wrong(_F, "moved in the random part only", _fit(random="~I(age + 1)", rows="", table="data"), "not_moved"),
    wrong(_F, "moved in the formula only", _fit("height ~ I(age + 1)", rows="", table="data"), "age_shifted"),
    wrong(_F, "a formula that only looks moved", _fit("height ~ age + 1", rows="", table="data"), "not_moved"),
    wrong(_F, "the wrong way", _fit(rows="moved = data.assign(age=data['age'] - 1)\n"), "moved_the_wrong_way"),
    wrong(_F, "to the last age", _fit(rows="moved = data.assign(age=data.age - data.age.max())\n"), "age_shifted"),
    wrong(_F, "twice", _fit(rows="data['age'] += 1\ndata['age'] += 1\n", table="data"), "moved_twice"),
    wrong(_F, "to birth", _fit(rows="moved = data.assign(age=data['age'] + 12.25)\n"), "age_shifted"),
    wrong(_F, "years of age", _fit(rows="moved = data.assign(age=data['age'] + 11.25)\n"), "age_shifted"),
    wrong(_F, "visits", _fit("height ~ Occasion", "~Occasion"), "occasion_instead_of_age"),
    wrong(
        _F,
        "visits from 0",
        _fit(rows="moved = data.assign(age=data['Occasion'] - 1)\n"),
        "occasion_instead_of_age",
    ),
    wrong(_F, "in months", _fit(rows="moved = data.assign(age=12 * (data['age'] + 1))\n"), "age_rescaled"),
    wrong(
        _F,
        "standardised",
        _fit(rows="moved = data.assign(age=(data.age - data.age.mean()) / data.age.std())\n"),
        "age_rescaled",
    ),
    wrong(_F, "squared", _fit("height ~ I(age**2)", "~I(age**2)"), "age_transformed"),
    wrong(_F, "squared in the random part", _fit(random="~I(age**2)"), "random_slope_transformed"),
    wrong(
        _F,
        "ages in another order than heights",
        _fit(rows="moved = data.assign(age=np.sort(data['age']) + 1)\n"),
        "shuffled_data",
    ),
    wrong(_F, "parallel lines", _fit(random="1"), "random_slope_missing"),
    wrong(_F, "slopes alone", _fit(random="~age - 1", how="maxiter=20"), "random_intercept_missing"),
    wrong(_F, "the first visit alone", _fit(rows=f"{_MOVED}moved = moved[moved.Occasion <= 3]\n"), "other_data"),
    wrong(
        _F,
        "each boy about his own mean",
        _fit(rows="moved = data.assign(age=data.age - data.groupby('Subject').age.transform('mean'))\n"),
        "data_changed",
    ),
    wrong(_F, "an ordinary regression", f"{_MOVED}{_F} = smf.ols('height ~ age', moved).fit()", "no_random_effects"),
    wrong(_F, "no fixed intercept", _fit("height ~ age - 1", how="maxiter=20"), "no_fixed_intercept"),
    wrong(
        _F,
        "the course's helper",
        f"from oxboys_mlm import fit_random_slope\n{_MOVED}{_F} = fit_random_slope(moved)",
        "course_helper",
    ),
    wrong(_F, "not fitted", _fit().replace(".fit()", ""), "not_fitted"),
    wrong(_F, "the summary", f"{_fit()}{_F} = {_F}.summary()", "summary_instead_of_fit"),
    wrong(_F, "the table", f"{_MOVED}{_F} = moved", "not_a_fit"),
    wrong(_F, "a number", f"{_F} = 142.85", "not_a_fit"),
]

# ---- correlation_at_first_visit ------------------------------------------------------------------------

_R = "correlation_at_first_visit"
_G = f"{_fit()}G = {_F}.cov_re.to_numpy()\n"
_FAN = "fan = smf.mixedlm('height ~ age', data, groups=data['Subject'], re_formula='~age').fit()\n"
_LINES = "b, a = np.array([np.polyfit(r.age, r.height, 1) for _, r in data.groupby('Subject')]).T\n"

CORRELATIONS: list[Case] = [
    right(_R, "as in the notebook", f"{_G}{_R} = G[0, 1] / np.sqrt(G[0, 0] * G[1, 1])"),
    right(_R, "by iloc", f"{_fit()}c = {_F}.cov_re\n{_R} = c.iloc[0, 1] / (c.iloc[0, 0] * c.iloc[1, 1]) ** 0.5"),
    right(_R, "by standard deviations", f"{_G}sd = np.sqrt(np.diag(G))\n{_R} = G[0, 1] / sd[0] / sd[1]"),
    right(_R, "two roots", f"{_G}{_R} = G[1, 0] / (np.sqrt(G[0, 0]) * np.sqrt(G[1, 1]))"),
    right(_R, "from params", f"{_fit()}p = {_F}.params\n{_R} = p.iloc[3] / (p.iloc[2] * p.iloc[4]) ** 0.5"),
    right(
        _R,
        "the course's function",
        f"from oxboys_mlm import intercept_slope_correlation\n{_fit()}{_R} = intercept_slope_correlation({_F})",
    ),
    right(
        _R,
        "from the fit in mid-study, by the formula",
        f"{_FAN}G = fan.cov_re.to_numpy()\nv = G[0, 0] - 2 * G[0, 1] + G[1, 1]\n"
        f"{_R} = (G[0, 1] - G[1, 1]) / np.sqrt(v * G[1, 1])",
    ),
    *(right(_R, code, f"{_R} = {code}") for code in ("0.4917", "0.492", "0.49", "'0,49'", "[0.4917]")),
    right(_R, "rounded", f"{_G}{_R} = round(G[0, 1] / np.sqrt(G[0, 0] * G[1, 1]), 2)"),
    partly(
        _R,
        "separate lines",
        f"{_LINES}{_R} = np.corrcoef(a - b, b)[0, 1]",
        0.5,
        "separate_lines",
    ),
    partly(
        _R,
        "predicted effects",
        f"{_fit()}{_R} = pd.DataFrame({_F}.random_effects).T.corr().iloc[0, 1]",
        0.5,
        "predicted_effects",
    ),
    partly(_R, "squared", f"{_G}{_R} = G[0, 1] ** 2 / (G[0, 0] * G[1, 1])", 0.5, "squared"),
    partly(_R, "in percent", f"{_R} = '49.2 %'", 0.5, "in_percent"),
    wrong(
        _R, "not moved", f"{_FAN}G = fan.cov_re.to_numpy()\n{_R} = G[0, 1] / np.sqrt(G[0, 0] * G[1, 1])", "not_moved"
    ),
    wrong(_R, "not moved, typed", f"{_R} = 0.641", "not_moved"),
    wrong(_R, "the wrong way, typed", f"{_R} = 0.742", "moved_the_wrong_way"),
    wrong(_R, "twice, typed", f"{_R} = 0.282", "moved_twice"),
    wrong(_R, "at birth, typed", f"{_R} = -0.928", "at_birth"),
    wrong(_R, "the covariance", f"{_G}{_R} = G[0, 1]", "covariance"),
    wrong(_R, "by both variances", f"{_G}{_R} = G[0, 1] / (G[0, 0] * G[1, 1])", "divided_by_variances"),
    wrong(_R, "by one variance", f"{_G}{_R} = G[0, 1] / G[0, 0]", "divided_by_one_variance"),
    wrong(_R, "by one standard deviation", f"{_G}{_R} = G[0, 1] / np.sqrt(G[0, 0])", "divided_by_one_sd"),
    wrong(_R, "no brackets", f"{_G}{_R} = G[0, 1] / np.sqrt(G[0, 0]) * np.sqrt(G[1, 1])", "brackets_missing"),
    wrong(
        _R,
        "the covariance from cov_re, the variances from params",
        f"{_G}p = {_F}.params\n{_R} = G[0, 1] / np.sqrt(p.iloc[2] * p.iloc[4])",
        "mixed_scales",
    ),
    wrong(_R, "the covariance from params", f"{_fit()}{_R} = {_F}.params.iloc[3]", "params_as_covariance"),
    wrong(
        _R,
        "visits",
        "f = smf.mixedlm('height ~ Occasion', data, groups='Subject', re_formula='~Occasion').fit(method='bfgs')\n"
        f"G = f.cov_re.to_numpy()\n{_R} = G[0, 1] / np.sqrt(G[0, 0] * G[1, 1])",
        "per_visit",
    ),
    wrong(_R, "its sign", f"{_R} = -0.4917", "wrong_sign"),
    wrong(_R, "the table", f"{_fit()}{_R} = {_F}.cov_re", "not_a_number"),
    wrong(_R, "nothing", f"{_R} = None"),
    wrong(_R, "a truth value", f"{_R} = True", "not_a_number"),
    wrong(_R, "a guess", f"{_R} = 0.55"),
]

# ---- unchanged -----------------------------------------------------------------------------------------

_U = "unchanged"

NAMES: list[Case] = [
    right(_U, "as in the notebook", f"{_U} = {{'age', 'age Var', 'Scale', 'Log-Likelihood'}}"),
    *(
        right(_U, code, f"{_U} = {code}")
        for code in (
            "['age', 'age Var', 'Scale', 'Log-Likelihood']",
            "('Scale', 'Log-Likelihood', 'age', 'age Var')",
            "'age, age Var, Scale, Log-Likelihood'",
            "'age; age Var; Scale; Log-Likelihood'",
            "['AGE', 'AGE VAR', 'SCALE', 'log-likelihood']",
            "['age', 'age Var', 'Scale:', 'Log-Likelihood:']",
            "['`age`', '`age Var`', '`Scale`', '`Log-Likelihood`']",
            "['age 6.525', 'age Var 2.825', 'Scale 0.4355', 'Log-Likelihood -362.0455']",
            "['age', 'age variance', 'scale', 'log likelihood']",
            "['age', 'age Var', 'Scale', 'llf']",
            "np.array(['age', 'age Var', 'Scale', 'Log-Likelihood'])",
            "pd.Index(['age', 'age Var', 'Scale', 'Log-Likelihood'])",
            "frozenset(['age', 'age Var', 'Scale', 'Log-Likelihood'])",
            "dict.fromkeys(['age', 'age Var', 'Scale', 'Log-Likelihood'], True)",
        )
    ),
    right(
        _U,
        "as one's own summary calls them",
        _fit("height ~ I(age + 1)", "~I(age + 1)", rows="", table="data")
        + f"{_U} = ['I(age + 1)', 'I(age + 1) Var', 'Scale', 'Log-Likelihood']",
    ),
    right(_U, "of arrays", f"{_U} = ['x1', 'x_re2 Var', 'Scale', 'Log-Likelihood']"),
    partly(_U, "log-likelihood forgotten", f"{_U} = ['age', 'age Var', 'Scale']", 0.5, "name_forgotten"),
    partly(_U, "scale forgotten", f"{_U} = {{'age', 'age Var', 'Log-Likelihood'}}", 0.5, "name_forgotten"),
    partly(_U, "the coefficients alone", f"{_U} = {{'age', 'age Var'}}", 0.5, "name_forgotten"),
    partly(
        _U,
        "the method as well",
        f"{_U} = ['age', 'age Var', 'Scale', 'Log-Likelihood', 'Method']",
        0.5,
        "not_among_the_seven",
    ),
    partly(
        _U,
        "the number of observations as well",
        f"{_U} = ['age', 'age Var', 'Scale', 'Log-Likelihood', 'No. Observations']",
        0.5,
        "not_among_the_seven",
    ),
    wrong(_U, "one name", f"{_U} = ['age']", "name_forgotten"),
    wrong(_U, "what changed", f"{_U} = {{'Intercept', 'Group Var', 'Group x age Cov'}}", "changed_ones"),
    wrong(
        _U,
        "the intercept as well",
        f"{_U} = ['age', 'age Var', 'Scale', 'Log-Likelihood', 'Intercept']",
        "intercept_changes",
    ),
    wrong(_U, "the fixed effects", f"{_U} = ['Intercept', 'age']", "intercept_changes"),
    wrong(_U, "the variances", f"{_U} = ['Group Var', 'age Var', 'Scale']", "intercept_variance_changes"),
    wrong(_U, "grouped by name", f"{_U} = ['Subject Var', 'age Var', 'Scale']", "intercept_variance_changes"),
    wrong(_U, "the covariance as well", f"{_U} = ['age', 'age Var', 'Scale', 'Group x age Cov']", "covariance_changes"),
    wrong(
        _U,
        "all seven",
        f"{_U} = ['Intercept', 'age', 'Group Var', 'Group x age Cov', 'age Var', 'Scale', 'Log-Likelihood']",
        "intercept_changes",
    ),
    wrong(_U, "numbers", f"{_U} = [6.525, 2.825, 0.4355, -362.0455]", "not_names"),
    wrong(_U, "a mask", f"{_U} = [False, True, False, False, True, True, True]", "not_names"),
    wrong(_U, "how many", f"{_U} = 4", "not_names"),
    wrong(_U, "an empty set", f"{_U} = set()"),
    wrong(_U, "nothing", f"{_U} = ..."),
    wrong(_U, "something else", f"{_U} = ['height']"),
    wrong(_U, "one name and something else", f"{_U} = ['age', 'height']"),
    wrong(_U, "<script>", f"{_U} = ['<script>alert(1)</script>']"),
]

# ---- between_variance ----------------------------------------------------------------------------------

_B = "between_variance"


def _function(formula: str, *, arguments: str = "results, age", name: str = _B) -> str:
    return (
        f"def {name}({arguments}):\n    G = np.asarray(results.cov_re)\n"
        f"    t0, c, t1, s = G[0, 0], G[0, 1], G[1, 1], results.scale\n    return {formula}\n"
    )


_RIGHT = _function("t0 + 2 * age * c + age**2 * t1")

FUNCTIONS: list[Case] = [
    right(_B, "as in the notebook", _RIGHT),
    right(_B, "a product of matrices", _function("np.array([1, age]) @ G @ np.array([1, age])")),
    right(_B, "the sum of a table", _function("(G * np.outer([1, age], [1, age])).sum()")),
    right(_B, "the covariance twice", _function("t0 + age * c + age * c + age * age * t1")),
    right(_B, "nested", _function("t0 + age * (2 * c + age * t1)")),
    right(_B, "the covariance from the other corner", _function("t0 + 2 * age * G[1, 0] + age**2 * t1")),
    right(
        _B,
        "by iloc",
        f"def {_B}(fit, a):\n    v = fit.cov_re\n    return v.iloc[0, 0] + 2 * a * v.iloc[0, 1] + a**2 * v.iloc[1, 1]",
    ),
    right(
        _B,
        "by name",
        f"def {_B}(r, age):\n    v = r.cov_re\n    return (v.loc['Group', 'Group'] + 2 * age * v.loc['Group', 'age']"
        " + age**2 * v.loc['age', 'age'])",
    ),
    right(
        _B,
        "by the correlation",
        _function("t0 + 2 * age * (c / (t0 * t1) ** 0.5) * t0**0.5 * t1**0.5 + age**2 * t1"),
    ),
    right(
        _B,
        "params times scale",
        f"def {_B}(r, age):\n    p = np.asarray(r.params) * r.scale\n    return p[2] + 2 * age * p[3] + age**2 * p[4]",
    ),
    right(_B, "a lambda", f"{_B} = lambda r, a: np.array([1, a]) @ np.asarray(r.cov_re) @ [1, a]"),
    right(_B, "a default", _function("t0 + 2 * age * c + age**2 * t1", arguments="results, age=0")),
    right(_B, "rounded", _function("round(t0 + 2 * age * c + age**2 * t1, 2)")),
    wrong(_B, "2 forgotten", _function("t0 + age * c + age**2 * t1"), "two_forgotten"),
    wrong(_B, "covariance forgotten", _function("t0 + age**2 * t1"), "covariance_forgotten"),
    wrong(_B, "square forgotten", _function("t0 + 2 * age * c + age * t1"), "square_forgotten"),
    wrong(_B, "square at the covariance too", _function("t0 + 2 * age**2 * c + age**2 * t1"), "square_in_covariance"),
    wrong(_B, "sign", _function("t0 - 2 * age * c + age**2 * t1"), "sign_of_age"),
    wrong(_B, "with the residual variance", _function("t0 + 2 * age * c + age**2 * t1 + s"), "with_residual_variance"),
    wrong(_B, "standard deviation", _function("(t0 + 2 * age * c + age**2 * t1) ** 0.5"), "standard_deviation"),
    wrong(
        _B,
        "params",
        f"def {_B}(r, age):\n    p = np.asarray(r.params)\n    return p[2] + 2 * age * p[3] + age**2 * p[4]",
        "params_as_variance",
    ),
    wrong(_B, "age ignored", _function("t0"), "age_ignored"),
    wrong(_B, "slopes forgotten", _function("t0 + 2 * age * c"), "slopes_forgotten"),
    wrong(_B, "standard deviations", _function("(t0**0.5 + age * t1**0.5) ** 2"), "standard_deviations_added"),
    wrong(_B, "correlation", _function("t0 + 2 * age * c / (t0 * t1) ** 0.5 + age**2 * t1"), "correlation_in_it"),
    wrong(_B, "slopes alone", _function("age**2 * t1"), "slopes_alone"),
    wrong(_B, "age typed", _function("t0 + 2 * 1 * c + 1 * t1"), ""),
    wrong(
        _B,
        "numbers typed",
        f"def {_B}(results, age):\n    return 65.3038 + 2 * age * 8.7098 + age**2 * 2.8248",
        "right_for_one_fit",
    ),
    wrong(
        _B,
        "a variable of the notebook",
        f"{_FAN}def {_B}(results, age):\n    G = fan.cov_re.to_numpy()\n"
        "    return G[0, 0] + 2 * age * G[0, 1] + age**2 * G[1, 1]",
        "right_for_one_fit",
    ),
    wrong(_B, "prints", _function("print(t0 + 2 * age * c + age**2 * t1)"), "returns_nothing"),
    wrong(_B, "one argument", _function("t0", arguments="results"), "raises"),
    wrong(
        _B, "arguments turned round", _function("t0 + 2 * age * c + age**2 * t1", arguments="age, results"), "raises"
    ),
    wrong(_B, "a number", f"{_B} = 65.3", "not_a_function"),
    wrong(
        _B,
        "the course's own",
        f"from oxboys_mlm.centring import move_zero\ndef {_B}(results, age):\n"
        "    return move_zero(results, age).intercept_variance",
        "course_helper",
    ),
    wrong(_B, "a text", _function("'much'"), "returns_no_number"),
    wrong(_B, "nothing", ""),
]

# ---- fan_ratio -----------------------------------------------------------------------------------------

_Q = "fan_ratio"
_CALL = f"{_FAN}{_RIGHT}"

RATIOS: list[Case] = [
    right(_Q, "as in the notebook", f"{_CALL}{_Q} = {_B}(fan, 1) / {_B}(fan, -1)"),
    right(
        _Q,
        "from two fits",
        f"{_fit()}last = data.assign(age=data.age - 1)\n"
        "l = smf.mixedlm('height ~ age', last, groups='Subject', re_formula='~age').fit()\n"
        f"{_Q} = l.cov_re.iloc[0, 0] / {_F}.cov_re.iloc[0, 0]",
    ),
    right(_Q, "with the residual variance", f"{_CALL}{_Q} = ({_B}(fan, 1) + fan.scale) / ({_B}(fan, -1) + fan.scale)"),
    right(
        _Q,
        "at the ages of the ninth visit",
        f"{_CALL}{_Q} = {_B}(fan, data[data.Occasion == 9].age.mean()) / {_B}(fan, -1)",
    ),
    right(_Q, "counted from the first visit", f"{_fit()}{_RIGHT}{_Q} = {_B}({_F}, 2) / {_B}({_F}, 0)"),
    right(
        _Q,
        "of scaled numbers",
        f"{_FAN}p = fan.params\nv = lambda a: p.iloc[2] + 2 * a * p.iloc[3] + a**2 * p.iloc[4]\n{_Q} = v(1) / v(-1)",
    ),
    right(_Q, "rounded", f"{_CALL}{_Q} = round({_B}(fan, 1) / {_B}(fan, -1), 2)"),
    *(right(_Q, code, f"{_Q} = {code}") for code in ("1.687", "1.69", "'1,687'", "85.548 / 50.709", "[1.687]", "1.68")),
    partly(_Q, "one decimal", f"{_Q} = 1.7", 0.5, "rounded_too_much"),
    partly(_Q, "the increase", f"{_CALL}{_Q} = {_B}(fan, 1) / {_B}(fan, -1) - 1", 0.5, "increase_only"),
    wrong(_Q, "standard deviations", f"{_CALL}{_Q} = ({_B}(fan, 1) / {_B}(fan, -1)) ** 0.5", "standard_deviations"),
    wrong(_Q, "turned round", f"{_CALL}{_Q} = {_B}(fan, -1) / {_B}(fan, 1)", "inverse"),
    wrong(
        _Q,
        "standard deviations turned round",
        f"{_CALL}{_Q} = ({_B}(fan, -1) / {_B}(fan, 1)) ** 0.5",
        "inverse_of_standard_deviations",
    ),
    wrong(
        _Q,
        "observed variances",
        f"v = data.groupby('Occasion').height.var()\n{_Q} = v[9] / v[1]",
        "observed_heights",
    ),
    wrong(
        _Q,
        "observed standard deviations",
        f"v = data.groupby('Occasion').height.std()\n{_Q} = v[9] / v[1]",
        "observed_heights",
    ),
    wrong(_Q, "parallel lines", f"{_Q} = 65.555 / 65.555"),
    wrong(
        _Q,
        "covariance forgotten",
        f"{_FAN}{_function('t0 + age**2 * t1')}{_Q} = {_B}(fan, 1) / {_B}(fan, -1)",
    ),
    wrong(
        _Q,
        "2 forgotten",
        f"{_FAN}{_function('t0 + age * c + age**2 * t1')}{_Q} = {_B}(fan, 1) / {_B}(fan, -1)",
        "two_forgotten",
    ),
    wrong(
        _Q,
        "square forgotten",
        f"{_FAN}{_function('t0 + 2 * age * c + age * t1')}{_Q} = {_B}(fan, 1) / {_B}(fan, -1)",
        "square_forgotten",
    ),
    wrong(_Q, "from the middle", f"{_CALL}{_Q} = {_B}(fan, 1) / {_B}(fan, 0)", "half_the_way"),
    wrong(_Q, "to the middle", f"{_CALL}{_Q} = {_B}(fan, 0) / {_B}(fan, -1)", "half_the_way"),
    wrong(_Q, "the difference", f"{_CALL}{_Q} = {_B}(fan, 1) - {_B}(fan, -1)", "difference"),
    wrong(_Q, "zero moved already", f"{_fit()}{_RIGHT}{_Q} = {_B}({_F}, 1) / {_B}({_F}, -1)", "zero_moved_already"),
    wrong(_Q, "average heights", f"{_FAN}{_Q} = fan.fe_params @ [1, 1] / (fan.fe_params @ [1, -1])", "average_heights"),
    wrong(_Q, "one variance", f"{_CALL}{_Q} = {_B}(fan, 1)", "one_variance"),
    wrong(_Q, "both", f"{_CALL}{_Q} = [{_B}(fan, 1), {_B}(fan, -1)]", "not_a_number"),
    partly(_Q, "percent", f"{_Q} = '169 %'", 0.5, "in_percent"),
    wrong(_Q, "the function", f"{_RIGHT}{_Q} = {_B}", "not_a_number"),
    wrong(_Q, "a guess", f"{_Q} = 2"),
    wrong(_Q, "nothing", f"{_Q} = None"),
]

CASES: list[Case] = FITS + CORRELATIONS + NAMES + FUNCTIONS + RATIOS

_N = "narrowest"

#: With "c" as the key.
CHOICES: list[Case] = [
    *(
        right(_N, repr(value), f"{_N} = {value!r}")
        for value in ("c", "C", " c ", "c)", "(c)", "c.", '"C"', ["c"], ("C",), {"c"})
    ),
    *(wrong(_N, repr(text), f"{_N} = {text!r}", "other_option") for text in ("a", "B", "d)")),
    *(
        wrong(_N, repr(value), f"{_N} = {value!r}", "no_option")
        for value in ("e", "nine", 3, -3.08, True, ["b", "c"], "b or c")
    ),
    wrong(_N, "the placeholder", f"{_N} = ''"),
]
