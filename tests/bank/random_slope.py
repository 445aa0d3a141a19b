"""Notebook 4: answers as students write them, right and wrong."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

# ---- random_slope_fit --------------------------------------------------------------------------------

_F = "random_slope_fit"


def _fit(
    formula: str = "height ~ age", random: str = "'~age'", groups: str = "'Subject'", how: str = "", **more: str
) -> str:
    rest = "".join(f", {name}={value}" for name, value in more.items())
    return f"{_F} = smf.mixedlm({formula!r}, data, groups={groups}, re_formula={random}{rest}).fit({how})"


FITS: list[Case] = [
    right(_F, "as in the notebook", _fit(groups="data['Subject']")),
    *(
        right(_F, f"re_formula {spelling}", _fit(random=repr(spelling)))
        for spelling in ("age", "~age", "~ age", "1 + age", "~1+age", "~ 1 + age", "age + 1", "~I(age)")
    ),
    right(_F, "groups as an array", _fit(groups="data['Subject'].to_numpy()")),
    right(_F, "groups as a list", _fit(groups="list(data['Subject'])")),
    right(_F, "groups as a category", _fit(groups="data['Subject'].astype('category')")),
    right(_F, "boys with labels", f"data['Subject'] = ['boy' + str(s) for s in data['Subject']]\n{_fit()}"),
    right(_F, "shuffled rows", f"data = data.sample(frac=1, random_state=5)\n{_fit(groups='data.Subject')}"),
    right(_F, "sorted by height", f"data = data.sort_values('height')\n{_fit()}"),
    right(
        _F,
        "renamed columns",
        "d = data.rename(columns=dict(Subject='boy', age='years', height='cm'))\n"
        f"{_F} = smf.mixedlm('cm ~ years', d, groups='boy', re_formula='~years').fit()",
    ),
    right(
        _F,
        "arrays",
        "import statsmodels.api as sm\nX = sm.add_constant(data['age'])\n"
        f"{_F} = sm.MixedLM(data['height'], X, groups=data['Subject'], exog_re=X).fit()",
    ),
    right(
        _F,
        "NumPy arrays, slope first",
        "import statsmodels.api as sm\nX = np.column_stack([data.age, np.ones(234)])\n"
        f"{_F} = sm.MixedLM(data.height.values, X, groups=data.Subject.values, exog_re=X).fit()",
    ),
    right(
        _F,
        "from_formula",
        "import statsmodels.api as sm\n"
        f"{_F} = sm.MixedLM.from_formula('height ~ age', data, groups='Subject', re_formula='~age').fit()",
    ),
    *(
        right(_F, f"optimiser {method}", _fit(how=f"method={method!r}"))
        for method in ("bfgs", "lbfgs", "cg", "powell", ["lbfgs", "nm"], ["powell", "bfgs"])
    ),
    *(
        right(_F, f"without square roots, {method}", _fit(use_sqrt="False", how=f"method={method!r}"))
        for method in ("bfgs", "lbfgs", "cg", ["nm", "bfgs"])
    ),
    right(_F, "pickled and loaded", f"import pickle\n{_fit()}\n{_F} = pickle.loads(pickle.dumps({_F}))"),
    right(_F, "its data removed", f"{_fit()}\n{_F}.llf\n{_F}.remove_data()"),
    right(
        _F,
        "its model fitted again by ML",
        f"m = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age')\n{_F} = m.fit()\n"
        "m.fit(reml=False)",
    ),
    right(
        _F,
        "started elsewhere",
        "from statsmodels.regression.mixed_linear_model import MixedLMParams as P\n"
        "m = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age')\n"
        f"{_F} = m.fit(start_params=P.from_components(np.array([150., 6.]), np.eye(2)), method='bfgs')",
    ),
    partly(_F, "optimiser nm", _fit(how="method='nm'"), 0.5, "not_at_optimum"),
    partly(_F, "optimiser nm, then bfgs", _fit(how="method=['nm', 'bfgs']"), 0.5, "not_at_optimum"),
    partly(_F, "optimiser nm without square roots", _fit(use_sqrt="False", how="method='nm'"), 0.5, "not_at_optimum"),
    *(
        partly(
            _F,
            f"stopped after {steps} steps, {method}",
            _fit(how=f"method={method!r}, maxiter={steps}"),
            0.5,
            "not_at_optimum",
        )
        for method, steps in (
            ("bfgs", 5),
            ("bfgs", 12),
            ("bfgs", 15),
            ("lbfgs", 5),
            ("lbfgs", 8),
            ("cg", 8),
            ("cg", 10),
        )
    ),
    partly(_F, "no numbers came out", _fit(use_sqrt="False", how="method='powell'"), 0.5, "no_likelihood"),
    partly(_F, "maximum likelihood", _fit(how="reml=False"), 0.5, "ml_instead_of_reml"),
    partly(_F, "age from birth", _fit("height ~ I(age + 12)", "'~I(age + 12)'"), 0.5, "age_shifted"),
    partly(_F, "age from the first visit, random part only", _fit(random="'~I(age + 1)'"), 0.5, "age_shifted"),
    partly(
        _F,
        "standardised age",
        f"data['age'] = (data.age - data.age.mean()) / data.age.std()\n{_fit()}",
        0.5,
        "age_rescaled",
    ),
    partly(_F, "height in metres", f"data['height'] = data['height'] / 100\n{_fit()}", 0.5, "outcome_rescaled"),
    partly(
        _F,
        "two components without covariance",
        _fit(random="'0'", vc_formula="{'i': '1', 'a': '0 + age'}"),
        0.5,
        "uncorrelated_effects",
    ),
    partly(
        _F,
        "an intercept and a component",
        _fit(random="'1'", vc_formula="{'a': '0 + age'}"),
        0.5,
        "uncorrelated_effects",
    ),
    partly(
        _F,
        "the covariance held at zero",
        "from statsmodels.regression.mixed_linear_model import MixedLMParams as P\n"
        "m = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age')\n"
        f"{_F} = m.fit(free=P.from_components(np.ones(2), np.eye(2)))",
        0.5,
        "uncorrelated_effects",
    ),
    wrong(_F, "nothing", ""),
    wrong(_F, "an ellipsis", f"{_F} = ..."),
    wrong(_F, "not fitted", _fit().removesuffix(".fit()"), "not_fitted"),
    wrong(_F, "fit without parentheses", _fit().removesuffix("()"), "not_a_fit"),
    wrong(_F, "the summary", f"{_fit()}.summary()", "summary_instead_of_fit"),
    wrong(_F, "the matrix", f"{_fit()}.cov_re", "not_a_fit"),
    wrong(_F, "the random effects", f"{_fit()}.random_effects", "not_a_fit"),
    wrong(
        _F,
        "the course's helper",
        f"from oxboys_mlm import fit_random_slope\n{_F} = fit_random_slope(data)",
        "course_helper",
    ),
    wrong(
        _F,
        "the helper's fit, pickled",
        "import pickle\nfrom oxboys_mlm import fit_random_slope\n"
        f"{_F} = pickle.loads(pickle.dumps(fit_random_slope(data)))",
        "course_helper",
    ),
    wrong(_F, "an ordinary regression", f"{_F} = smf.ols('height ~ age', data).fit()", "no_random_effects"),
    wrong(
        _F,
        "a regression per boy",
        f"{_F} = [smf.ols('height ~ age', b).fit() for _, b in data.groupby('Subject')]",
        "not_a_fit",
    ),
    wrong(
        _F,
        "re_formula forgotten",
        f"{_F} = smf.mixedlm('height ~ age', data, groups='Subject').fit()",
        "random_slope_missing",
    ),
    wrong(_F, "re_formula 1", _fit(random="'~1'"), "random_slope_missing"),
    wrong(
        _F,
        "re_formula forgotten, age from birth",
        f"{_F} = smf.mixedlm('height ~ I(age + 12)', data, groups='Subject').fit()",
        "random_slope_missing",
    ),
    wrong(
        _F,
        "re_formula forgotten, by maximum likelihood",
        f"{_F} = smf.mixedlm('height ~ age', data, groups='Subject').fit(reml=False)",
        "random_slope_missing",
    ),
    wrong(_F, "random intercept removed", _fit(random="'~age - 1'"), "random_intercept_missing"),
    wrong(_F, "random intercept removed, other spelling", _fit(random="'0 + age'"), "random_intercept_missing"),
    wrong(_F, "one component only", _fit(random="'0'", vc_formula="{'a': '0 + age'}"), "random_intercept_missing"),
    wrong(_F, "no fixed slope", _fit("height ~ 1"), "age_missing"),
    wrong(_F, "the null model", f"{_F} = smf.mixedlm('height ~ 1', data, groups='Subject').fit()", "age_missing"),
    wrong(_F, "no fixed intercept", _fit("height ~ age - 1"), "no_fixed_intercept"),
    wrong(_F, "Occasion in place of age", _fit("height ~ Occasion", "'~Occasion'"), "occasion_instead_of_age"),
    wrong(_F, "random slope of Occasion", _fit(random="'~Occasion'"), "random_slope_of_occasion"),
    wrong(
        _F,
        "random slopes of age squared",
        _fit("height ~ age", "'~I(age**2)'", how="maxiter=5"),
        "random_slope_transformed",
    ),
    wrong(_F, "age squared as well", _fit("height ~ age + I(age**2)"), "extra_predictor"),
    wrong(_F, "a step in place of a slope", _fit(random="'~C(age > 0)'", how="maxiter=5"), "random_slope_transformed"),
    wrong(
        _F,
        "a step of its own column",
        f"data['late'] = (data.age > 0) * 1\n{_fit(random=repr('~late'), how='maxiter=5')}",
    ),
    wrong(_F, "age overwritten", f"data['age'] = data.age.round()\n{_fit(how='maxiter=5')}", "data_changed"),
    wrong(_F, "a spline of age", _fit("height ~ bs(age, df=3)", how="maxiter=5"), "age_transformed"),
    wrong(_F, "a height changed", f"data.loc[7, 'height'] = 15.1\n{_fit(how='maxiter=5')}", "data_changed"),
    wrong(
        _F,
        "the random intercept model's helper",
        f"from oxboys_mlm import fit_random_intercept\n{_F} = fit_random_intercept(data)",
        "random_slope_missing",
    ),
    wrong(_F, "a third random effect", _fit(random="'~age + I(age**2)'", how="maxiter=5"), "other_random_effects"),
    wrong(
        _F,
        "R's bar, which raises",
        f"{_F} = smf.mixedlm('height ~ age + (1 + age | Subject)', data, groups='Subject').fit()",
    ),
    wrong(
        _F, "R's bar", f"{_F} = smf.mixedlm('height ~ age + (1|Subject)', data, groups='Subject').fit()", "lme4_syntax"
    ),
    wrong(_F, "R's bar and re_formula", _fit("height ~ age + (1|Subject)"), "lme4_syntax"),
    wrong(_F, "boys as fixed effects", _fit("height ~ age + C(Subject)", how="maxiter=5"), "subject_dummies"),
    wrong(_F, "Subject as a number", _fit("height ~ age + Subject"), "subject_as_number"),
    wrong(_F, "swapped", _fit("age ~ height", "'~height'", how="maxiter=5"), "outcome_and_predictor_swapped"),
    wrong(_F, "grouped by occasion", _fit(groups="'Occasion'", how="maxiter=20"), "grouped_by_occasion"),
    wrong(
        _F,
        "random groups",
        _fit(groups="np.random.default_rng(7).permutation(data.Subject)", how="maxiter=20"),
        "other_groups",
    ),
    wrong(_F, "a subset of visits", f"data = data[data['Occasion'] > 2]\n{_fit()}", "other_data"),
    wrong(_F, "one boy left out", f"data = data[data['Subject'] != 26]\n{_fit()}", "other_data"),
    wrong(
        _F,
        "ages shuffled",
        f"data['age'] = np.random.default_rng(0).permutation(data['age'])\n{_fit()}",
        "shuffled_data",
    ),
    wrong(_F, "ages of another boy", f"data['age'] = np.roll(data['age'], 9)\n{_fit()}", "shuffled_data"),
    wrong(
        _F,
        "no numbers came out of another model",
        f"{_F} = smf.mixedlm('height ~ age', data, groups='Subject', use_sqrt=False).fit(method='powell')",
        "random_slope_missing",
    ),
    wrong(_F, "a number", f"{_F} = 2.825", "not_a_fit"),
    wrong(_F, "a mock", f"from unittest.mock import Mock\n{_F} = Mock()", "not_a_fit"),
]

# ---- slope_variance and intercept_slope_correlation --------------------------------------------------

_V, _C = "slope_variance", "intercept_slope_correlation"
_RS = "f = smf.mixedlm('height ~ age', data, groups=data['Subject'], re_formula='~age').fit()\nc = f.cov_re\n"
_ML = _RS.replace(".fit()", ".fit(reml=False)")

VARIANCES: list[Case] = [
    right(_V, "by position", f"{_RS}{_V} = c.iloc[1, 1]"),
    right(_V, "by name", f"{_RS}{_V} = c.loc['age', 'age']"),
    right(_V, "by values", f"{_RS}{_V} = c.values[1][1]"),
    right(_V, "params times scale", f"{_RS}{_V} = f.params['age Var'] * f.scale"),
    right(_V, "from the summary", f"{_RS}{_V} = f.summary().tables[1].loc['age Var', 'Coef.']"),
    right(_V, "the last of the diagonal", f"{_RS}{_V} = np.diag(c)[-1:]"),
    right(_V, "of a fit by powell", _RS.replace(".fit()", ".fit(method='powell')") + f"{_V} = c.iloc[1, 1]"),
    *(
        right(_V, code, f"{_V} = {code}")
        for code in (
            "2.825",
            "2.82",
            "2.8248",
            "2.83",
            "'2.825'",
            "'2,825'",
            "1.6807**2",
            "np.float32(2.8248)",
            "[2.825]",
        )
    ),
    partly(_V, "the standard deviation", f"{_RS}{_V} = c.iloc[1, 1] ** .5", 0.5, "standard_deviation"),
    partly(_V, "the standard deviation, typed", f"{_V} = 1.68", 0.5, "standard_deviation"),
    partly(_V, "maximum likelihood", f"{_ML}{_V} = c.iloc[1, 1]", 0.5, "ml_instead_of_reml"),
    partly(_V, "one decimal", f"{_V} = 2.8", 0.5, "rounded_too_much"),
    wrong(_V, "nothing", ""),
    wrong(_V, "params", f"{_RS}{_V} = f.params['age Var']", "params_as_variance"),
    wrong(_V, "params, typed", f"{_V} = 6.49", "params_as_variance"),
    wrong(_V, "the covariance", f"{_RS}{_V} = c.iloc[0, 1]", "covariance"),
    wrong(_V, "the intercept variance", f"{_RS}{_V} = c.iloc[0, 0]", "intercept_variance"),
    wrong(_V, "the intercept variance, typed", f"{_V} = 65.3", "intercept_variance"),
    wrong(_V, "the residual variance", f"{_RS}{_V} = f.scale", "residual_variance"),
    wrong(_V, "the average slope", f"{_V} = 6.525", "fixed_slope"),
    *(
        right(_V, f"with its unit: {text}", f"{_V} = {text!r}")
        for text in ("2.82 cm²", "2.82 cm^2/year^2", "2,82 (cm/year)²")
    ),
    wrong(_V, "with a wrong unit", f"{_V} = '2.82 m²'", "not_a_number"),
    partly(
        _V,
        "of the predicted effects",
        f"{_RS}{_V} = pd.DataFrame(f.random_effects).T['age'].var()",
        0.5,
        "predicted_effects",
    ),
    partly(
        _V,
        "of the predicted effects, by NumPy",
        f"{_RS}{_V} = np.var([e['age'] for e in f.random_effects.values()])",
        0.5,
        "predicted_effects",
    ),
    partly(_V, "of the predicted effects, typed", f"{_V} = 2.72", 0.5, "predicted_effects"),
    partly(_V, "maximum likelihood, typed", f"{_V} = 2.712", 0.5, "ml_instead_of_reml"),
    partly(
        _V,
        "maximum likelihood or predicted effects: it cannot be told",
        _ML.replace("reml=False", "reml=False, method='powell'") + f"{_V} = c.iloc[1, 1]",
        0.5,
        "ml_instead_of_reml",
    ),
    partly(
        _V,
        "of separate lines",
        f"{_V} = np.var([np.polyfit(b.age, b.height, 1)[0] for _, b in data.groupby('Subject')], ddof=1)",
        0.5,
        "separate_lines",
    ),
    wrong(_V, "the standard error of the slope", f"{_V} = 0.336", "standard_error"),
    wrong(_V, "the column of standard errors", f"{_V} = 1.344", "standard_error_column"),
    wrong(_V, "per visit", f"{_RS.replace('age', 'Occasion')}{_V} = c.iloc[1, 1]", "per_visit"),
    wrong(_V, "per month", f"{_RS}{_V} = c.iloc[1, 1] / 12**2", "per_month"),
    wrong(_V, "per month, typed", f"{_V} = .0196", "per_month"),
    wrong(
        _V,
        "per standard deviation",
        f"data['age'] /= data.age.std()\n{_RS}{_V} = c.iloc[1, 1]",
        "per_standard_deviation",
    ),
    wrong(_V, "in metres", f"{_RS}{_V} = c.iloc[1, 1] / 100**2", "in_metres"),
    wrong(_V, "in millimetres", f"{_RS}{_V} = c.iloc[1, 1] * 100", "in_millimetres"),
    wrong(_V, "of the heights", f"{_V} = data.height.var()", "variance_of_heights"),
    wrong(_V, "of the ages", f"{_V} = data.age.var()", "variance_of_age"),
    wrong(_V, "of the predictions", f"{_RS}{_V} = f.fittedvalues.var()", "variance_of_predictions"),
    wrong(_V, "the correlation", f"{_V} = 0.641", "correlation"),
    wrong(_V, "three", f"{_V} = 3"),
    wrong(_V, "the whole matrix", f"{_RS}{_V} = c", "not_a_number"),
    wrong(_V, "a row", f"{_RS}{_V} = c.loc['age']", "not_a_number"),
    wrong(_V, "negative", f"{_V} = -2.825", "wrong_sign"),
    wrong(_V, "a truth value", f"{_V} = True", "not_a_number"),
    wrong(_V, "not a number", f"{_V} = float('nan')", "not_finite"),
    wrong(_V, "a percentage", f"{_V} = '2.825%'", "in_percent"),
]

CORRELATIONS: list[Case] = [
    right(_C, "as in the notebook", f"{_RS}c = c.to_numpy()\n{_C} = c[0, 1] / np.sqrt(c[0, 0] * c[1, 1])"),
    right(_C, "by position", f"{_RS}{_C} = c.iloc[0, 1] / (c.iloc[0, 0] ** .5 * c.iloc[1, 1] ** .5)"),
    right(
        _C,
        "from params: the scale cancels",
        f"{_RS}p = f.params\n{_C} = p['Group x age Cov'] / np.sqrt(p['Group Var'] * p['age Var'])",
    ),
    right(_C, "a matrix product", f"{_RS}d = np.diag(np.diag(c) ** -.5)\n{_C} = (d @ c.values @ d)[0, 1]"),
    right(
        _C,
        "of a fit by lbfgs",
        _RS.replace(".fit()", ".fit(method='lbfgs')") + f"{_C} = c.iloc[0, 1] / (c.iloc[0, 0] * c.iloc[1, 1]) ** .5",
    ),
    *(
        right(_C, code, f"{_C} = {code}")
        for code in (
            "0.641",
            ".64",
            "0.6413",
            "0.641276",
            "8.710 / (65.303 * 2.825) ** .5",
            "'0.64'",
            "'0,641'",
            "np.float32(0.641)",
            "np.array([[0.641]])",
        )
    ),
    *(
        partly(_C, f"in percent: {code}", f"{_C} = {code}", 0.5, "in_percent")
        for code in ("64.1", "64", "'64 %'", "'64,1%'")
    ),
    partly(
        _C,
        "in percent, computed",
        f"{_RS}{_C} = 100 * c.iloc[0, 1] / (c.iloc[0, 0] * c.iloc[1, 1]) ** .5",
        0.5,
        "in_percent",
    ),
    partly(
        _C,
        "of the estimates, from cov_params",
        f"{_RS}p = f.cov_params().to_numpy()\n{_C} = p[0, 1] / np.sqrt(p[0, 0] * p[1, 1])",
        0.5,
        "separate_lines",
    ),
    partly(_C, "computed from rounded pieces", f"{_C} = 8.7 / (65 * 2.8) ** .5", 0.5, "not_exact"),
    wrong(_C, "another percentage", f"{_C} = '105 %'", "in_percent"),
    wrong(
        _C,
        "brackets forgotten",
        f"{_RS}{_C} = c.iloc[0, 1] / c.iloc[0, 0] ** .5 * c.iloc[1, 1] ** .5",
        "brackets_missing",
    ),
    wrong(_C, "brackets forgotten, typed", f"{_C} = 1.81", "brackets_missing"),
    wrong(_C, "one standard deviation", f"{_RS}{_C} = c.iloc[0, 1] / c.iloc[0, 0] ** .5", "divided_by_one_sd"),
    wrong(
        _C,
        "of ranks of the predicted effects",
        f"{_RS}{_C} = pd.DataFrame(f.random_effects).T.corr(method='spearman').iloc[0, 1]",
        "rank_correlation",
    ),
    wrong(
        _C,
        "of ranks of separate lines",
        "l = [np.polyfit(b.age, b.height, 1) for _, b in data.groupby('Subject')]\n"
        f"{_C} = pd.DataFrame(l).corr(method='kendall').iloc[0, 1]",
        "rank_correlation",
    ),
    wrong(
        _C,
        "with age 0 at the first visit",
        f"data['age'] += 1\n{_RS}{_C} = c.iloc[0, 1] / (c.iloc[0, 0] * c.iloc[1, 1]) ** .5",
        "other_zero_of_age",
    ),
    wrong(
        _C,
        "of a model with Occasion",
        f"{_RS.replace('age', 'Occasion')}{_C} = c.iloc[0, 1] / (c.iloc[0, 0] * c.iloc[1, 1]) ** .5",
        "per_visit",
    ),
    wrong(
        _C,
        "variances from params",
        f"{_RS}p = f.params\n{_C} = c.iloc[0, 1] / np.sqrt(p['Group Var'] * p['age Var'])",
        "mixed_scales",
    ),
    wrong(_C, "the covariance of the estimates", f"{_RS}{_C} = f.cov_params().iloc[0, 1]", "covariance_of_estimates"),
    partly(
        _C,
        "of the predicted effects",
        f"{_RS}{_C} = pd.DataFrame(f.random_effects).T.corr().iloc[0, 1]",
        0.5,
        "predicted_effects",
    ),
    partly(
        _C,
        "of separate regressions",
        "l = [np.polyfit(b.age, b.height, 1) for _, b in data.groupby('Subject')]\n"
        f"{_C} = np.corrcoef(np.transpose(l))[0, 1]",
        0.5,
        "separate_lines",
    ),
    partly(_C, "squared", f"{_C} = 0.4112", 0.5, "squared"),
    partly(_C, "one decimal", f"{_C} = 0.6", 0.5, "rounded_too_much"),
    wrong(_C, "nothing", ""),
    wrong(_C, "the sheet's slip", f"{_C} = 0.105", "divided_by_variance_of_height"),
    wrong(
        _C,
        "the sheet's slip, computed",
        f"{_RS}{_C} = c.iloc[0, 1] / data.height.var()",
        "divided_by_variance_of_height",
    ),
    wrong(
        _C,
        "divided by the variances",
        f"{_RS}{_C} = c.iloc[0, 1] / (c.iloc[0, 0] * c.iloc[1, 1])",
        "divided_by_variances",
    ),
    wrong(_C, "the covariance", f"{_RS}{_C} = c.iloc[0, 1]", "covariance"),
    wrong(_C, "the covariance, typed", f"{_C} = 8.71", "covariance"),
    wrong(_C, "the covariance from params", f"{_RS}{_C} = f.params['Group x age Cov']", "params_as_covariance"),
    wrong(_C, "the wrong sign", f"{_C} = -0.641", "wrong_sign"),
    wrong(_C, "one", f"{_C} = 1"),
    wrong(_C, "zero", f"{_C} = 0.0"),
    partly(_C, "of the predicted effects, typed", f"{_C} = 0.65", 0.5, "predicted_effects"),
    wrong(_C, "rounded wrongly", f"{_C} = 0.67"),
    wrong(_C, "more than perfect", f"{_C} = 6.41"),
    wrong(_C, "of age and height", f"{_C} = data['age'].corr(data['height'])", "correlation_of_data"),
    wrong(
        _C,
        "divided by the intercept variance",
        f"{_RS}{_C} = c.iloc[0, 1] / c.iloc[0, 0]",
        "divided_by_one_variance",
    ),
    wrong(_C, "divided by the slope variance", f"{_RS}{_C} = c.iloc[0, 1] / c.iloc[1, 1]", "divided_by_one_variance"),
    wrong(_C, "statsmodels' frame of correlations", f"{_RS}{_C} = c.corr()", "not_a_number"),
    wrong(_C, "a matrix", f"{_RS}{_C} = np.corrcoef(c)", "not_a_number"),
    wrong(_C, "the course's helper", f"from oxboys_mlm import intercept_slope_correlation as {_C}", "course_helper"),
    wrong(_C, "a truth value", f"{_C} = False", "not_a_number"),
    wrong(_C, "not a number", f"{_C} = np.sqrt(-1)", "not_finite"),
    wrong(_C, "positive", f"{_C} = 'positive'", "not_a_number"),
]

# ---- se_ratio ----------------------------------------------------------------------------------------

_R = "se_ratio"
_TWO = (
    "f = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit()\n"
    "p = smf.mixedlm('height ~ age', data, groups='Subject').fit()\n"
)

RATIOS: list[Case] = [
    right(_R, "by name", f"{_TWO}{_R} = f.bse_fe['age'] / p.bse_fe['age']"),
    right(_R, "from bse", f"{_TWO}{_R} = f.bse['age'] / p.bse['age']"),
    right(_R, "by position", f"{_TWO}{_R} = f.bse_fe.iloc[1] / p.bse_fe.iloc[1]"),
    right(
        _R,
        "from the summaries",
        f"{_TWO}{_R} = float(f.summary().tables[1].loc['age', 'Std.Err.']) "
        "/ float(p.summary().tables[1].loc['age', 'Std.Err.'])",
    ),
    right(
        _R,
        "from covariances",
        f"{_TWO}{_R} = np.sqrt(f.cov_params().loc['age', 'age'] / p.cov_params().loc['age', 'age'])",
    ),
    right(_R, "rounded", f"{_TWO}{_R} = round(f.bse_fe['age'] / p.bse_fe['age'], 2)"),
    right(
        _R,
        "from the course's helpers",
        f"from oxboys_mlm import fit_random_intercept, fit_random_slope\n"
        f"{_R} = fit_random_slope(data).bse_fe['age'] / fit_random_intercept(data).bse_fe['age']",
    ),
    *(right(_R, code, f"{_R} = {code}") for code in ("2.54", "2.538", "'2.54'", "[2.54]", "np.float32(2.5376)")),
    partly(_R, "turned round", f"{_TWO}{_R} = p.bse_fe['age'] / f.bse_fe['age']", 0.5, "inverse"),
    partly(_R, "turned round, typed", f"{_R} = 0.394", 0.5, "inverse"),
    partly(_R, "of z values", f"{_TWO}{_R} = f.tvalues['age'] / p.tvalues['age']", 0.5, "inverse"),
    partly(_R, "of variances", f"{_TWO}{_R} = (f.bse_fe['age'] / p.bse_fe['age']) ** 2", 0.5, "squared"),
    partly(_R, "one decimal", f"{_R} = 2.5", 0.5, "rounded_too_much"),
    wrong(_R, "of the intercepts", f"{_TWO}{_R} = f.bse_fe['Intercept'] / p.bse_fe['Intercept']", "of_the_intercepts"),
    wrong(_R, "the difference", f"{_TWO}{_R} = f.bse_fe['age'] - p.bse_fe['age']", "difference"),
    wrong(_R, "one standard error", f"{_TWO}{_R} = f.bse_fe['age']", "one_standard_error"),
    wrong(_R, "the other standard error", f"{_TWO}{_R} = p.bse_fe['age']", "other_standard_error"),
    wrong(_R, "of the slopes", f"{_TWO}{_R} = f.fe_params['age'] / p.fe_params['age']"),
    wrong(
        _R,
        "compared with a regression",
        f"{_TWO}{_R} = f.bse_fe['age'] / smf.ols('height ~ age', data).fit().bse['age']",
        "compared_with_regression",
    ),
    partly(_R, "by how much it grew", f"{_TWO}{_R} = f.bse_fe['age'] / p.bse_fe['age'] - 1", 0.5, "increase_only"),
    wrong(
        _R,
        "a regression compared with the model",
        f"{_TWO}{_R} = smf.ols('height ~ age', data).fit().bse['age'] / f.bse_fe['age']",
        "regression_compared_with_model",
    ),
    wrong(_R, "of the residual variances", f"{_TWO}{_R} = f.scale / p.scale", "residual_variances"),
    wrong(_R, "spread of the slopes", f"{_TWO}{_R} = np.sqrt(f.cov_re.iloc[1, 1])", "standard_deviation_of_slopes"),
    wrong(_R, "all of them", f"{_TWO}{_R} = f.bse_fe / p.bse_fe", "not_a_number"),
    wrong(_R, "the wrong sign", f"{_R} = -2.54", "wrong_sign"),
    wrong(_R, "a text", f"{_R} = 'larger'", "not_a_number"),
    wrong(_R, "not a number", f"{_R} = np.inf", "not_finite"),
    wrong(_R, "the placeholder", f"{_R} = ..."),
]

CASES: list[Case] = FITS + VARIANCES + CORRELATIONS + RATIOS

_M = "correlation_meaning"

#: With "a" as the key.
CHOICES: list[Case] = [
    *(
        right(_M, repr(value), f"{_M} = {value!r}")
        for value in ("a", "A", " a ", "a)", "[a]", "a,", '"A"', ["A"], ("a",), frozenset("a"))
    ),
    *(wrong(_M, repr(text), f"{_M} = {text!r}", "other_option") for text in ("b", "C", "d.")),
    *(
        wrong(_M, repr(value), f"{_M} = {value!r}", "no_option")
        for value in (
            "aa",
            "α",
            "taller boys grow faster",
            1,
            0.641,
            True,
            {"a": "boys"},
            {"a": "c"},
            [["a"]],
            ["b", "a"],
        )
    ),
    wrong(_M, "a letter without quotes", f"{_M} = a"),
    wrong(_M, "the placeholder", f"{_M} = ''"),
]
