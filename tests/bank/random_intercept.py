"""Notebook 3: answers as students write them, right and wrong."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

# ---- random_intercept_fit ----------------------------------------------------------------------------

_F = "random_intercept_fit"


def _fit(formula: str = "height ~ age", groups: str = "'Subject'", how: str = "", **more: str) -> str:
    rest = "".join(f", {name}={value}" for name, value in more.items())
    return f"{_F} = smf.mixedlm({formula!r}, data, groups={groups}{rest}).fit({how})"


FITS: list[Case] = [
    right(_F, "as in the notebook", _fit(groups="data['Subject']")),
    right(_F, "groups by name", _fit()),
    right(_F, "groups as an array", _fit(groups="data['Subject'].values")),
    right(_F, "groups as a list", _fit(groups="data['Subject'].tolist()")),
    right(_F, "groups as texts", _fit(groups="data['Subject'].astype(str)")),
    right(_F, "groups as floats", _fit(groups="data['Subject'].astype(float)")),
    right(_F, "groups as a category", _fit(groups="data['Subject'].astype('category')")),
    right(_F, "re_formula 1", _fit(re_formula="'1'")),
    right(_F, "re_formula ~1", _fit(re_formula="'~1'")),
    right(_F, "fixed intercept spelled out", _fit("height ~ 1 + age")),
    right(_F, "I(age)", _fit("height ~ I(age)")),
    right(_F, "Q('age')", _fit("Q('height') ~ Q('age')")),
    right(_F, "shuffled rows", f"data = data.sample(frac=1, random_state=0)\n{_fit()}"),
    right(_F, "shuffled rows, groups as a column", f"data = data.sample(frac=1)\n{_fit(groups='data.Subject')}"),
    right(_F, "sorted by age", f"data = data.sort_values('age', ascending=False)\n{_fit()}"),
    right(
        _F,
        "renamed columns",
        f"d = data.rename(columns=dict(Subject='boy', age='years', height='cm'))\n"
        f"{_F} = smf.mixedlm('cm ~ years', d, groups='boy').fit()",
    ),
    right(_F, "age kept as 32-bit numbers", f"data['age'] = data['age'].astype('float32')\n{_fit()}"),
    right(
        _F,
        "arrays with add_constant",
        f"import statsmodels.api as sm\n"
        f"{_F} = sm.MixedLM(data['height'], sm.add_constant(data['age']), groups=data['Subject']).fit()",
    ),
    right(
        _F,
        "arrays, constant last",
        f"import statsmodels.api as sm\nX = np.column_stack([data.age, np.ones(234)])\n"
        f"{_F} = sm.MixedLM(data.height.values, X, groups=data.Subject.values).fit()",
    ),
    right(
        _F,
        "arrays, random part spelled out",
        f"import statsmodels.api as sm\n{_F} = sm.MixedLM(data.height, sm.add_constant(data.age), data.Subject,"
        " exog_re=np.ones(234)).fit()",
    ),
    right(
        _F,
        "from_formula",
        f"import statsmodels.api as sm\n{_F} = sm.MixedLM.from_formula('height ~ age', data, groups='Subject').fit()",
    ),
    right(_F, "a variance component within boys", _fit(re_formula="'0'", vc_formula="{'b': '1'}")),
    right(
        _F,
        "a variance component over one group",
        _fit(groups="np.ones(234)", re_formula="'0'", vc_formula="{'s': '0 + C(Subject)'}"),
    ),
    *(
        right(_F, f"optimiser {method}", _fit(how=f"method={method!r}"))
        for method in ("bfgs", "lbfgs", "cg", "powell", "nm", ["nm", "bfgs"])
    ),
    *(
        right(_F, f"without square roots, {method}", _fit(use_sqrt="False", how=f"method={method!r}"))
        for method in ("bfgs", "lbfgs", "cg", "nm")
    ),
    right(_F, "reml named", _fit(how="reml=True")),
    right(_F, "pickled and loaded", f"import pickle\n{_fit()}\n{_F} = pickle.loads(pickle.dumps({_F}))"),
    right(_F, "its data removed", f"{_fit()}\n{_F}.llf\n{_F}.remove_data()"),
    right(
        _F,
        "its model fitted again by ML",
        f"m = smf.mixedlm('height ~ age', data, groups='Subject')\n{_F} = m.fit()\nother = m.fit(reml=False)",
    ),
    right(
        _F,
        "the last of two fits of one model",
        f"m = smf.mixedlm('height ~ age', data, groups='Subject')\nother = m.fit(reml=False)\n{_F} = m.fit()",
    ),
    partly(_F, "maximum likelihood", _fit(how="reml=False"), 0.5, "ml_instead_of_reml"),
    partly(
        _F,
        "maximum likelihood, then the model fitted by REML",
        f"m = smf.mixedlm('height ~ age', data, groups='Subject')\n{_F} = m.fit(reml=False)\nother = m.fit()",
        0.5,
        "ml_instead_of_reml",
    ),
    partly(_F, "age from birth", _fit("height ~ I(age + 12)"), 0.5, "age_shifted"),
    partly(_F, "age in years since birth", f"data['age'] += 12.25\n{_fit()}", 0.5, "age_shifted"),
    partly(_F, "centred age", _fit("height ~ center(age)"), 0.5, "age_shifted"),
    partly(_F, "age upside down", _fit("height ~ I(-age)"), 0.5, "age_rescaled"),
    partly(_F, "standardised age", _fit("height ~ standardize(age)"), 0.5, "age_rescaled"),
    partly(_F, "age in months, a new column", f"data['age'] = data['age'] * 12\n{_fit()}", 0.5, "age_rescaled"),
    partly(_F, "standardised height", _fit("standardize(height) ~ age"), 0.5, "outcome_rescaled"),
    partly(_F, "height in metres, upside down", _fit("I(-height / 100) ~ age"), 0.5, "outcome_rescaled"),
    partly(_F, "no numbers came out", _fit(use_sqrt="False", how="method='powell'"), 0.5, "no_likelihood"),
    partly(_F, "stopped after a step", _fit(how="method='nm', maxiter=1"), 0.5, "not_at_optimum"),
    wrong(_F, "nothing", ""),
    wrong(_F, "an ellipsis", f"{_F} = ..."),
    wrong(_F, "not fitted", _fit().removesuffix(".fit()"), "not_fitted"),
    wrong(_F, "fit without parentheses", _fit().removesuffix("()"), "not_a_fit"),
    wrong(_F, "the summary", f"{_fit()}.summary()", "summary_instead_of_fit"),
    wrong(_F, "summary without parentheses", f"{_fit()}.summary", "not_a_fit"),
    wrong(_F, "the fixed effects", f"{_fit()}.fe_params", "not_a_fit"),
    right(_F, "the fit in a tuple", f"{_fit()},"),
    wrong(_F, "another fit in a tuple", f"{_fit('height ~ 1')},", "age_missing"),
    wrong(_F, "the null model's helper", f"from oxboys_mlm import fit_null\n{_F} = fit_null(data)", "age_missing"),
    wrong(
        _F,
        "the random slope model's helper",
        f"from oxboys_mlm import fit_random_slope\n{_F} = fit_random_slope(data)",
        "random_slope_added",
    ),
    wrong(
        _F,
        "the course's helper",
        f"from oxboys_mlm import fit_random_intercept\n{_F} = fit_random_intercept(data)",
        "course_helper",
    ),
    wrong(_F, "an ordinary regression", f"{_F} = smf.ols('height ~ age', data).fit()", "no_random_effects"),
    wrong(
        _F,
        "an ordinary regression with robust errors",
        f"{_F} = smf.ols('height ~ age', data).fit(cov_type='cluster', cov_kwds=dict(groups=data['Subject']))",
        "no_random_effects",
    ),
    wrong(
        _F,
        "a regression with boys as dummies",
        f"{_F} = smf.ols('height ~ age + C(Subject)', data).fit()",
        "no_random_effects",
    ),
    wrong(_F, "a GEE", f"{_F} = smf.gee('height ~ age', 'Subject', data).fit()", "not_a_fit"),
    wrong(
        _F, "a logistic regression", f"{_F} = smf.logit('I(1.0*(height > 150)) ~ age', data).fit(disp=0)", "not_a_fit"
    ),
    wrong(_F, "still the null model", _fit("height ~ 1"), "age_missing"),
    wrong(_F, "grouped by occasion", _fit(groups="data['Occasion']"), "grouped_by_occasion"),
    wrong(_F, "one group", _fit(groups="np.ones(234)"), "other_groups"),
    wrong(_F, "every row a group", _fit(groups="data.index"), "other_groups"),
    wrong(_F, "random groups", _fit(groups="np.random.default_rng(2).permutation(data['Subject'])"), "other_groups"),
    wrong(_F, "outcome and predictor swapped", _fit("age ~ height"), "outcome_and_predictor_swapped"),
    wrong(_F, "no fixed intercept", _fit("height ~ age - 1"), "no_fixed_intercept"),
    wrong(_F, "no fixed intercept, other spelling", _fit("height ~ 0 + age"), "no_fixed_intercept"),
    wrong(_F, "Subject as a number", _fit("height ~ age + Subject"), "subject_as_number"),
    wrong(_F, "boys as fixed effects", _fit("height ~ age + C(Subject)"), "subject_dummies"),
    wrong(_F, "a slope for every boy, fixed", _fit("height ~ age * C(Subject)"), "too_many_effects"),
    wrong(_F, "R's bar", _fit("height ~ age + (1|Subject)"), "lme4_syntax"),
    wrong(_F, "R's bar, without spaces", _fit("height ~ age + (1 | Subject)"), "lme4_syntax"),
    wrong(_F, "Occasion in place of age", _fit("height ~ Occasion"), "occasion_instead_of_age"),
    wrong(_F, "occasions as categories", _fit("height ~ C(Occasion)"), "occasion_dummies"),
    wrong(_F, "Occasion as well", _fit("height ~ age + Occasion"), "extra_predictor"),
    wrong(_F, "age squared as well", _fit("height ~ age + I(age**2)"), "extra_predictor"),
    wrong(_F, "age squared only", _fit("height ~ I(age**2)"), "age_transformed"),
    wrong(_F, "a spline of age", _fit("height ~ bs(age, df=4)"), "age_transformed"),
    wrong(_F, "age cubed", _fit("height ~ I(age**3)"), "age_transformed"),
    wrong(_F, "the logarithm of age", _fit("height ~ np.log(age + 2)"), "age_transformed"),
    wrong(_F, "older or younger", _fit("height ~ C(age > 0)"), "age_transformed"),
    wrong(_F, "rounded age in the formula", _fit("height ~ np.round(age)"), "age_transformed"),
    wrong(_F, "age in whole years", f"data['age'] = data.age.round()\n{_fit()}", "data_changed"),
    wrong(_F, "age cut off", f"data['age'] = data.age.clip(-.5, .5)\n{_fit()}", "data_changed"),
    wrong(_F, "one age mistyped", f"data.loc[5, 'age'] = 12.5\n{_fit()}", "data_changed"),
    wrong(_F, "age overwritten with its square", f"data['age'] = data.age ** 2\n{_fit()}", "data_changed"),
    wrong(_F, "three heights changed", f"data.loc[:2, 'height'] += 10\n{_fit()}", "data_changed"),
    wrong(_F, "random slopes already", _fit(re_formula="'~age'"), "random_slope_added"),
    wrong(_F, "random slopes only", _fit(re_formula="'0 + age'"), "random_intercept_missing"),
    wrong(
        _F,
        "random slopes only, as a component",
        _fit(re_formula="'0'", vc_formula="{'a': '0 + age'}"),
        "random_intercept_missing",
    ),
    wrong(
        _F,
        "rescaled age and random slopes",
        _fit("height ~ I(age + 12)", re_formula="'~I(age + 12)'"),
        "random_slope_added",
    ),
    wrong(
        _F,
        "rescaled height, grouped by occasion",
        _fit("I(height / 100) ~ age", groups="'Occasion'"),
        "grouped_by_occasion",
    ),
    wrong(_F, "a subset of boys", f"data = data[data.Subject > 1]\n{_fit()}", "other_data"),
    wrong(
        _F,
        "boys' means",
        f"data = data.groupby(['Subject', data.Occasion > 4])[['age', 'height']].mean().reset_index()\n{_fit()}",
        "other_data",
    ),
    wrong(_F, "every row twice", f"data = pd.concat([data, data])\n{_fit()}", "other_data"),
    wrong(
        _F,
        "ages shuffled",
        f"data['age'] = np.random.default_rng(0).permutation(data['age'])\n{_fit()}",
        "shuffled_data",
    ),
    wrong(_F, "heights sorted by themselves", f"data['height'] = np.sort(data['height'])\n{_fit()}"),
    wrong(_F, "height of another unit and age missing", _fit("I(height / 100) ~ 1"), "age_missing"),
    wrong(_F, "heights rounded", f"data['height'] = data['height'].round(-1)\n{_fit()}", "data_changed"),
    wrong(_F, "a number", f"{_F} = 6.52", "not_a_fit"),
    wrong(_F, "a mock", f"from unittest.mock import MagicMock\n{_F} = MagicMock()", "not_a_fit"),
    wrong(
        _F,
        "an object whose repr raises",
        f"class X:\n    def __repr__(self): raise ValueError\n{_F} = X()",
        "not_a_fit",
    ),
    wrong(
        _F,
        "an object that says yes to all",
        f"class X:\n    def __getattr__(self, name): return self\n    def __call__(self, *a): return self\n{_F} = X()",
        "not_a_fit",
    ),
    wrong(
        _F,
        "an object that is slow to answer",
        f"import time\nclass X:\n    @property\n    def model(self): time.sleep(60)\n{_F} = X()",
        "not_a_fit",
    ),
    wrong(_F, "a type with a strange name", f"{_F} = type('<script>alert(1)</script>', (), {{}})()", "not_a_fit"),
]

# ---- average_slope -----------------------------------------------------------------------------------

_S = "average_slope"
_RI = "f = smf.mixedlm('height ~ age', data, groups='Subject').fit()\n"

SLOPES: list[Case] = [
    right(_S, "from fe_params", f"{_RI}{_S} = f.fe_params['age']"),
    right(_S, "from params", f"{_RI}{_S} = f.params['age']"),
    right(_S, "by position", f"{_RI}{_S} = f.params.iloc[1]"),
    right(_S, "from the summary", f"{_RI}{_S} = f.summary().tables[1].loc['age', 'Coef.']"),
    right(_S, "as a series", f"{_RI}{_S} = f.fe_params[['age']]"),
    right(_S, "rounded", f"{_RI}{_S} = round(f.fe_params['age'], 3)"),
    right(
        _S,
        "the mean of the boys' own slopes",
        f"{_S} = np.mean([np.polyfit(b.age, b.height, 1)[0] for _, b in data.groupby('Subject')])",
    ),
    *(
        right(_S, code, f"{_S} = {code}")
        for code in (
            "6.52",
            "6.524",
            "6.5239",
            "6.523916",
            "'6.52'",
            "'6,524'",
            "np.float32(6.524)",
            "np.array([6.524])",
            "[6.524]",
            "+6.524",
        )
    ),
    partly(_S, "one decimal", f"{_S} = 6.5", 0.5, "rounded_too_much"),
    wrong(_S, "nothing", ""),
    wrong(
        _S, "of the ordinary regression", f"{_S} = smf.ols('height ~ age', data).fit().params['age']", "pooled_slope"
    ),
    wrong(_S, "of the ordinary regression, typed", f"{_S} = 6.521", "pooled_slope"),
    wrong(_S, "the intercept", f"{_RI}{_S} = f.fe_params['Intercept']", "intercept_instead_of_slope"),
    wrong(_S, "the intercept, typed", f"{_S} = 149.37", "intercept_instead_of_slope"),
    wrong(_S, "the z value", f"{_S} = 49.228", "z_value"),
    wrong(_S, "a decimal comma", f"{_S} = 6,52", "decimal_comma"),
    wrong(_S, "the standard error", f"{_S} = 0.133", "standard_error"),
    wrong(_S, "the variance", f"{_S} = 65.554", "variance_instead_of_slope"),
    wrong(_S, "the residual variance", f"{_S} = 1.7181", "residual_variance"),
    wrong(_S, "the correlation", f"{_S} = data['age'].corr(data['height'])", "correlation_instead_of_slope"),
    wrong(_S, "swapped", f"{_S} = 0.1397", "predictor_and_outcome_swapped"),
    wrong(_S, "per occasion", f"{_RI.replace('age', 'Occasion')}{_S} = f.fe_params['Occasion']", "per_occasion"),
    wrong(_S, "the wrong sign", f"{_S} = -6.524", "wrong_sign"),
    wrong(_S, "a whole number", f"{_S} = 7"),
    wrong(_S, "six", f"{_S} = 6"),
    wrong(_S, "rounded wrongly", f"{_S} = 6.53", "rounded_wrongly"),
    wrong(_S, "of the ordinary regression, to five places", f"{_S} = 6.52102", "pooled_slope"),
    wrong(_S, "all coefficients", f"{_RI}{_S} = f.fe_params", "not_a_number"),
    wrong(_S, "a percentage", f"{_S} = '6.52%'", "in_percent"),
    *(
        right(_S, f"with its unit: {text}", f"{_S} = {text!r}")
        for text in (
            "6.52 cm",
            "6.52 cm per year",
            "6,52 cm/Jahr",
            "6.524 cm per unit of age",
            "6.52 centimetres a year.",
        )
    ),
    wrong(_S, "the intercept with a unit", f"{_S} = '149.37 cm'", "intercept_instead_of_slope"),
    *(
        wrong(_S, f"with a wrong unit: {text}", f"{_S} = {text!r}", "not_a_number")
        for text in ("6.52 m", "6.52 cm per month", "6.52 years", "6.52 or so", "between 6 and 7 cm")
    ),
    wrong(_S, "per month", f"data['age'] *= 12\n{_RI}{_S} = f.fe_params['age']", "per_month"),
    wrong(_S, "per month, typed", f"{_S} = .544", "per_month"),
    wrong(
        _S,
        "per standard deviation",
        f"{_RI.replace('age', 'standardize(age)')}{_S} = f.params.iloc[1]",
        "per_standard_deviation",
    ),
    wrong(_S, "per standard deviation, typed", f"{_S} = 4.227", "per_standard_deviation"),
    wrong(_S, "in metres", f"data['height'] /= 100\n{_RI}{_S} = f.fe_params['age']", "in_metres"),
    wrong(_S, "in millimetres", f"{_RI}{_S} = 10 * f.fe_params['age']", "in_millimetres"),
    wrong(
        _S,
        "standardised",
        f"{_RI.replace('height ~ age', 'standardize(height) ~ standardize(age)')}{_S} = f.params.iloc[1]",
        "standardised_slope",
    ),
    wrong(_S, "standardised or the correlation: it cannot be told", f"{_S} = .464", "correlation_instead_of_slope"),
    wrong(_S, "a rank correlation", f"{_S} = data.age.corr(data.height, method='spearman')", "rank_correlation"),
    wrong(_S, "an end of the interval", f"{_RI}{_S} = f.conf_int().loc['age', 0]", "confidence_limit"),
    wrong(_S, "the variance of the heights", f"{_S} = data.height.var()", "variance_of_heights"),
    wrong(_S, "a truth value", f"{_S} = True", "not_a_number"),
    wrong(_S, "not a number", f"{_S} = np.nan", "not_finite"),
    wrong(_S, "the fit", f"{_RI}{_S} = f", "not_a_number"),
]

# ---- within_explained --------------------------------------------------------------------------------

_W = "within_explained"
_BOTH = (
    "n = smf.mixedlm('height ~ 1', data, groups='Subject').fit()\n"
    "f = smf.mixedlm('height ~ age', data, groups='Subject').fit()\n"
)

SHARES: list[Case] = [
    right(_W, "one minus the ratio", f"{_BOTH}{_W} = 1 - f.scale / n.scale"),
    right(_W, "difference by what was there", f"{_BOTH}{_W} = (n.scale - f.scale) / n.scale"),
    right(_W, "in percent", f"{_BOTH}{_W} = 100 * (1 - f.scale / n.scale)"),
    right(_W, "in percent, as text", f"{_BOTH}{_W} = f'{{1 - f.scale / n.scale:.1%}}'"),
    right(_W, "rounded", f"{_BOTH}{_W} = round(1 - f.scale / n.scale, 2)"),
    right(
        _W,
        "from the course's helpers",
        f"from oxboys_mlm import fit_null, fit_random_intercept\n"
        f"{_W} = 1 - fit_random_intercept(data).scale / fit_null(data).scale",
    ),
    right(
        _W,
        "by means of squares",
        f"{_BOTH}{_W} = 1 - np.var(f.resid) / np.var(n.resid)",
    ),
    *(
        right(_W, code, f"{_W} = {code}")
        for code in ("0.92", "0.921", "0.9209", "'92.1 %'", "92.09", "np.array([0.921])")
    ),
    partly(_W, "what is left", f"{_BOTH}{_W} = f.scale / n.scale", 0.5, "share_left"),
    partly(_W, "what is left, typed", f"{_W} = 0.0791", 0.5, "share_left"),
    partly(_W, "one decimal", f"{_W} = 0.9", 0.5, "rounded_too_much"),
    wrong(
        _W,
        "of the total variance",
        f"{_BOTH}{_W} = 1 - (f.scale + f.cov_re.iloc[0, 0]) / (n.scale + n.cov_re.iloc[0, 0])",
        "of_total_variance",
    ),
    wrong(
        _W,
        "divided by the total variance",
        f"{_BOTH}{_W} = (n.scale - f.scale) / (n.scale + n.cov_re.iloc[0, 0])",
        "divided_by_total_variance",
    ),
    wrong(
        _W, "between boys", f"{_BOTH}{_W} = 1 - f.cov_re.iloc[0, 0] / n.cov_re.iloc[0, 0]", "between_instead_of_within"
    ),
    wrong(_W, "R² of a regression", f"{_W} = smf.ols('height ~ age', data).fit().rsquared", "r_squared_of_regression"),
    wrong(_W, "of the standard deviations", f"{_BOTH}{_W} = 1 - np.sqrt(f.scale / n.scale)", "standard_deviations"),
    wrong(_W, "the difference", f"{_BOTH}{_W} = n.scale - f.scale", "difference_of_variances"),
    wrong(_W, "how many times", f"{_BOTH}{_W} = n.scale / f.scale", "ratio_of_variances"),
    wrong(
        _W, "what is left, standard deviations", f"{_BOTH}{_W} = np.sqrt(f.scale / n.scale)", "standard_deviation_left"
    ),
    wrong(
        _W,
        "the ICC of the new model",
        f"{_BOTH}b = f.cov_re.iloc[0, 0]\n{_W} = b / (b + f.scale)",
        "icc_of_this_model",
    ),
    wrong(
        _W,
        "the ICC of the null model",
        f"{_BOTH}b = n.cov_re.iloc[0, 0]\n{_W} = b / (b + n.scale)",
        "icc_of_null_model",
    ),
    wrong(_W, "the new residual variance", f"{_BOTH}{_W} = f.scale", "residual_variance"),
    wrong(_W, "the old residual variance", f"{_BOTH}{_W} = n.scale", "residual_variance_of_null_model"),
    wrong(_W, "the wrong sign", f"{_BOTH}{_W} = f.scale / n.scale - 1", "wrong_sign"),
    wrong(_W, "both variances", f"{_BOTH}{_W} = [n.scale, f.scale]", "not_a_number"),
    wrong(_W, "a text", f"{_W} = 'most of it'", "not_a_number"),
    wrong(_W, "not a number", f"{_W} = np.nan", "not_finite"),
    wrong(_W, "the placeholder", f"{_W} = None"),
]

CASES: list[Case] = FITS + SLOPES + SHARES

_M = "slope_meaning"

#: With "d" as the key.
CHOICES: list[Case] = [
    *(
        right(_M, repr(value), f"{_M} = {value!r}")
        for value in ("d", "D", " d", "d)", "(D).", "'d'", ["d"], {"d"}, ("d",))
    ),
    right(_M, "the only element of an array", f"{_M} = np.array('d')"),
    *(wrong(_M, repr(text), f"{_M} = {text!r}", "other_option") for text in ("a", "b", "c")),
    *(
        wrong(_M, repr(value), f"{_M} = {value!r}", "no_option")
        for value in ("e", "dd", "cm", 4, 6.52, False, ["a", "d"], {"d": 1, "a": 2})
    ),
    wrong(_M, "a very long text", f"{_M} = 'd' * 10**6", "no_option"),
    wrong(_M, "a letter without quotes", f"{_M} = d"),
    wrong(_M, "the placeholder", f"{_M} = None"),
]
