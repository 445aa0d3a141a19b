"""Notebook 8: answers as students write them, right and wrong."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

# ---- parallel_ml -------------------------------------------------------------------------------------

_F = "parallel_ml"


def _fit(formula: str = "height ~ age", groups: str = "'Subject'", how: str = "reml=False", **more: str) -> str:
    rest = "".join(f", {name}={value}" for name, value in more.items())
    return f"{_F} = smf.mixedlm({formula!r}, data, groups={groups}{rest}).fit({how})"


FITS: list[Case] = [
    right(_F, "as in the notebook", _fit(groups="data['Subject']")),
    right(_F, "reml=0", _fit(how="reml=0")),
    right(_F, "groups as an array", _fit(groups="data.Subject.to_numpy()")),
    right(_F, "groups as a category", _fit(groups="data.Subject.astype('category')")),
    right(_F, "boys with labels", _fit(groups="['boy ' + str(s) for s in data.Subject]")),
    right(_F, "re_formula spelled out", _fit(re_formula="'~1'")),
    right(_F, "the intercept spelled out", _fit("height ~ 1 + age")),
    right(_F, "I(age)", _fit("height ~ I(age)")),
    right(_F, "as a variance component", _fit(re_formula="'0'", vc_formula="{'boy': '1'}")),
    right(_F, "shuffled rows", f"data = data.sample(frac=1, random_state=5)\n{_fit(groups='data.Subject')}"),
    right(
        _F,
        "renamed columns",
        "d = data.rename(columns=dict(Subject='boy', age='years', height='cm'))\n"
        f"{_F} = smf.mixedlm('cm ~ years', d, groups='boy').fit(reml=False)",
    ),
    right(
        _F,
        "arrays",
        "X = sm.add_constant(data['age'])\n"
        f"{_F} = sm.MixedLM(data['height'], X, groups=data['Subject']).fit(reml=False)",
    ),
    right(
        _F, "from_formula", f"{_F} = sm.MixedLM.from_formula('height ~ age', data, groups='Subject').fit(reml=False)"
    ),
    *(
        right(_F, f"optimiser {method}", _fit(how=f"reml=False, method={method!r}"))
        for method in ("bfgs", "lbfgs", "cg", "powell", ["powell", "bfgs"])
    ),
    right(
        _F,
        "the model kept",
        f"model = smf.mixedlm('height ~ age', data, groups='Subject')\n{_F} = model.fit(reml=False)",
    ),
    right(_F, "in a list", f"{_fit()}\n{_F} = [{_F}]"),
    right(_F, "pickled and loaded", f"import pickle\n{_fit()}\n{_F} = pickle.loads(pickle.dumps({_F}))"),
    right(_F, "its data removed", f"{_fit()}\n{_F}.llf\n{_F}.remove_data()"),
    partly(_F, "REML, the default", _fit(how=""), 0.5, "reml_instead_of_ml"),
    partly(_F, "reml=True", _fit(how="reml=True"), 0.5, "reml_instead_of_ml"),
    partly(_F, "REML by another optimiser", _fit(how="method='powell'"), 0.5, "reml_instead_of_ml"),
    partly(_F, "a wrong keyword, which is only warned of", _fit(how="REML=False"), 0.5, "reml_instead_of_ml"),
    partly(_F, "age from the first visit", _fit("height ~ I(age + 1)"), 0.5, "age_shifted"),
    partly(_F, "age in months", f"data['age'] *= 12\n{_fit()}", 0.5, "age_rescaled"),
    partly(_F, "height in metres", f"data['height'] /= 100\n{_fit()}", 0.5, "outcome_rescaled"),
    partly(_F, "stopped after three steps", _fit(how="reml=False, method='bfgs', maxiter=3"), 0.5, "not_at_optimum"),
    wrong(_F, "nothing", ""),
    wrong(_F, "an ellipsis", f"{_F} = ..."),
    wrong(_F, "not fitted", _fit().removesuffix(".fit(reml=False)"), "not_fitted"),
    wrong(_F, "the summary", f"{_fit()}.summary()", "summary_instead_of_fit"),
    wrong(_F, "its log-likelihood", f"{_fit()}.llf", "not_a_fit"),
    wrong(_F, "the null model", _fit("height ~ 1"), "age_missing"),
    wrong(_F, "the fan", _fit(re_formula="'~age'"), "random_slope_added"),
    wrong(_F, "slopes only", _fit(re_formula="'~age - 1'")),
    wrong(_F, "an ordinary regression", f"{_F} = smf.ols('height ~ age', data).fit()", "no_random_effects"),
    wrong(_F, "grouped by occasion", _fit(groups="'Occasion'"), "grouped_by_occasion"),
    wrong(_F, "Occasion in place of age", _fit("height ~ Occasion"), "occasion_instead_of_age"),
    wrong(_F, "swapped", _fit("age ~ height"), "outcome_and_predictor_swapped"),
    wrong(_F, "no fixed intercept", _fit("height ~ age - 1"), "no_fixed_intercept"),
    wrong(_F, "a curve", _fit("height ~ age + I(age**2)"), "extra_predictor"),
    wrong(
        _F, "boys as fixed effects", _fit("height ~ age + C(Subject)", how="reml=False, maxiter=5"), "subject_dummies"
    ),
    wrong(_F, "Subject as a number", _fit("height ~ age + Subject"), "subject_as_number"),
    wrong(_F, "R's bar", _fit("height ~ age + (1|Subject)"), "lme4_syntax"),
    wrong(_F, "three visits", f"data = data[data.Occasion <= 3]\n{_fit()}", "other_data"),
    wrong(_F, "one boy left out", f"data = data[data.Subject != 4]\n{_fit()}", "other_data"),
    wrong(
        _F,
        "the course's helper, which uses REML",
        f"from oxboys_mlm import fit_random_intercept\n{_F} = fit_random_intercept(data)",
        "course_helper",
    ),
    wrong(_F, "a number", f"{_F} = -470.28", "not_a_fit"),
    wrong(_F, "a text", f"{_F} = 'ML'", "not_a_fit"),
]

# ---- lr_age ------------------------------------------------------------------------------------------

_L = "lr_age"


def _two(smaller: str = "height ~ 1", larger: str = "height ~ age", how: str = "reml=False") -> str:
    return (
        f"n = smf.mixedlm({smaller!r}, data, groups='Subject').fit({how})\n"
        f"p = smf.mixedlm({larger!r}, data, groups='Subject').fit({how})\n"
    )


RATIOS: list[Case] = [
    right(_L, "as in the notebook", f"{_two()}{_L} = 2 * (p.llf - n.llf)"),
    right(_L, "a sum of deviances", f"{_two()}{_L} = -2 * n.llf - -2 * p.llf"),
    right(_L, "-2 times the difference", f"{_two()}{_L} = -2 * (n.llf - p.llf)"),
    right(_L, "without its sign", f"{_two()}{_L} = abs(2 * (n.llf - p.llf))"),
    right(_L, "from AICs", f"{_two()}{_L} = (n.aic - p.aic) + 2 * (4 - 3)"),
    right(_L, "the logarithm of a ratio", f"{_two()}{_L} = 2 * np.log(np.exp(p.llf - n.llf))"),
    right(_L, "other optimisers", _two(how="reml=False, method='powell'") + f"{_L} = 2 * (p.llf - n.llf)"),
    right(_L, "lbfgs", _two(how="reml=False, method='lbfgs'") + f"{_L} = 2 * (p.llf - n.llf)"),
    right(_L, "age in months: ML does not mind", f"data['age'] *= 12\n{_two()}{_L} = 2 * (p.llf - n.llf)"),
    right(_L, "rounded", f"{_two()}{_L} = round(2 * (p.llf - n.llf), 2)"),
    *(
        right(_L, code, f"{_L} = {code}")
        for code in (
            "528.766",
            "528.77",
            "528.8",
            "'528.77'",
            "'528,77'",
            "2 * (-470.2845 + 734.6677)",
            "2 * (734.67 - 470.28)",
            "[528.766]",
            "np.float32(528.766)",
        )
    ),
    wrong(_L, "by REML", _two(how="") + f"{_L} = 2 * (p.llf - n.llf)", "reml_likelihoods"),
    wrong(_L, "by REML, typed", f"{_L} = 526.56", "reml_likelihoods"),
    wrong(
        _L,
        "by REML, of the course's helpers",
        f"from oxboys_mlm import fit_null, fit_random_intercept\n"
        f"{_L} = 2 * (fit_random_intercept(data).llf - fit_null(data).llf)",
        "reml_likelihoods",
    ),
    wrong(_L, "not doubled", f"{_two()}{_L} = p.llf - n.llf", "not_doubled"),
    wrong(_L, "not doubled, by REML", _two(how="") + f"{_L} = p.llf - n.llf", "reml_and_not_doubled"),
    wrong(_L, "turned round", f"{_two()}{_L} = 2 * (n.llf - p.llf)", "wrong_sign"),
    wrong(_L, "turned round, typed", f"{_L} = -528.77", "wrong_sign"),
    wrong(_L, "brackets forgotten", f"{_two()}{_L} = 2 * p.llf - n.llf", "brackets_missing"),
    wrong(_L, "a quotient", f"{_two()}{_L} = n.llf / p.llf", "quotient"),
    wrong(_L, "the other quotient", f"{_two()}{_L} = p.llf / n.llf", "quotient"),
    wrong(_L, "a sum", f"{_two()}{_L} = p.llf + n.llf"),
    wrong(_L, "of AICs", f"{_two()}{_L} = n.aic - p.aic", "aic_difference"),
    wrong(_L, "of BICs", f"{_two()}{_L} = n.bic - p.bic", "bic_difference"),
    wrong(
        _L,
        "one by ML, the other by REML",
        f"{_two()}p = smf.mixedlm('height ~ age', data, groups='Subject').fit()\n{_L} = 2 * (p.llf - n.llf)",
        "mixed_methods",
    ),
    wrong(
        _L,
        "parallel lines against the fan",
        f"{_two()}f = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit(reml=False)\n"
        f"{_L} = 2 * (f.llf - p.llf)",
        "other_models",
    ),
    wrong(_L, "parallel lines against the fan, by REML, typed", f"{_L} = 215.94", "other_models"),
    wrong(_L, "the null model against the fan, typed", f"{_L} = 743.37", "other_models"),
    wrong(
        _L,
        "a regression against parallel lines",
        f"{_two()}{_L} = 2 * (p.llf - smf.ols('height ~ age', data).fit().llf)",
        "compared_with_regression",
    ),
    wrong(_L, "one log-likelihood", f"{_two()}{_L} = p.llf", "one_model"),
    wrong(_L, "its p-value", f"from scipy import stats\n{_two()}{_L} = stats.chi2.sf(2 * (p.llf - n.llf), 1)"),
    wrong(_L, "a truth value", f"{_two()}{_L} = p.llf > n.llf", "not_a_number"),
    wrong(_L, "of AICs by REML", _two(how="") + f"{_L} = n.aic - p.aic", "not_finite"),
    wrong(_L, "both", f"{_two()}{_L} = [n.llf, p.llf]", "not_a_number"),
    wrong(_L, "a text", f"{_L} = 'large'", "not_a_number"),
    wrong(_L, "in percent", f"{_L} = '528.77 %'"),
    wrong(_L, "nothing", ""),
]

# ---- aic_gain ----------------------------------------------------------------------------------------

_A = "aic_gain"


def _both(how: str = "reml=False") -> str:
    return (
        f"p = smf.mixedlm('height ~ age', data, groups='Subject').fit({how})\n"
        f"f = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit({how})\n"
    )


GAINS: list[Case] = [
    right(_A, "as in the notebook", f"{_both()}{_A} = p.aic - f.aic"),
    right(_A, "by hand", f"{_both()}{_A} = (-2 * p.llf + 2 * 4) - (-2 * f.llf + 2 * 6)"),
    right(_A, "likelihood ratio less its price", f"{_both()}{_A} = 2 * (f.llf - p.llf) - 2 * 2"),
    right(_A, "k counted by statsmodels", f"{_both()}{_A} = 2 * (f.llf - p.llf) - 2 * (len(f.params) - len(p.params))"),
    right(_A, "without its sign", f"{_both()}{_A} = abs(f.aic - p.aic)"),
    right(_A, "powell", _both("reml=False, method='powell'") + f"{_A} = p.aic - f.aic"),
    right(_A, "bfgs", _both("reml=False, method='bfgs'") + f"{_A} = p.aic - f.aic"),
    right(_A, "from info_criteria", f"{_both()}{_A} = sum([p.aic, -f.aic])"),
    right(_A, "rounded", f"{_both()}{_A} = round(p.aic - f.aic, 2)"),
    *(
        right(_A, code, f"{_A} = {code}")
        for code in (
            "210.601",
            "210.6",
            "210.60",
            "'210.6'",
            "'210,60'",
            "948.569 - 737.968",
            "948.57 - 737.97",
            "(210.601,)",
        )
    ),
    partly(
        _A,
        "corrected for small samples",
        f"{_both()}c = lambda r, k: r.aic + 2 * k * (k + 1) / (234 - k - 1)\n{_A} = c(p, 4) - c(f, 6)",
        0.5,
        "small_sample_correction",
    ),
    wrong(_A, "by REML, by hand", _both("") + f"{_A} = (-2 * p.llf + 8) - (-2 * f.llf + 12)", "reml_likelihoods"),
    wrong(_A, "by REML, typed", f"{_A} = 211.94", "reml_likelihoods"),
    wrong(_A, "by REML", _both("") + f"{_A} = p.aic - f.aic", "not_finite"),
    wrong(_A, "turned round", f"{_both()}{_A} = f.aic - p.aic", "wrong_sign"),
    wrong(_A, "turned round, typed", f"{_A} = -210.6", "wrong_sign"),
    wrong(_A, "BIC", f"{_both()}{_A} = p.bic - f.bic", "bic_difference"),
    wrong(_A, "BIC of 26 boys", f"{_both()}{_A} = 2 * (f.llf - p.llf) - 2 * np.log(26)", "bic_difference"),
    wrong(_A, "the likelihood ratio", f"{_both()}{_A} = 2 * (f.llf - p.llf)", "likelihood_ratio"),
    wrong(_A, "the likelihood ratio by REML", _both("") + f"{_A} = 2 * (f.llf - p.llf)", "reml_likelihood_ratio"),
    wrong(_A, "of log-likelihoods", f"{_both()}{_A} = f.llf - p.llf", "difference_of_likelihoods"),
    wrong(
        _A,
        "the covariance not counted",
        f"{_both()}{_A} = (-2 * p.llf + 8) - (-2 * f.llf + 10)",
        "parameters_miscounted",
    ),
    wrong(_A, "a price of one each", f"{_both()}{_A} = 2 * (f.llf - p.llf) - 2", "parameters_miscounted"),
    wrong(_A, "one parameter too many", f"{_both()}{_A} = 2 * (f.llf - p.llf) - 6", "parameters_miscounted"),
    wrong(_A, "the price turned round", f"{_both()}{_A} = (-2 * p.llf - 8) - (-2 * f.llf - 12)", "price_as_reward"),
    wrong(_A, "log-likelihoods not doubled", f"{_both()}{_A} = (-p.llf + 8) - (-f.llf + 12)", "not_doubled"),
    wrong(_A, "half", f"{_both()}{_A} = (p.aic - f.aic) / 2", "half"),
    wrong(_A, "of the null model, typed", f"{_A} = 526.77", "other_models"),
    wrong(_A, "of the null model and the fan, typed", f"{_A} = 737.37", "other_models"),
    wrong(_A, "one AIC", f"{_both()}{_A} = f.aic", "one_model"),
    wrong(_A, "the other AIC, typed", f"{_A} = 948.57", "one_model"),
    wrong(_A, "a quotient", f"{_both()}{_A} = p.aic / f.aic", "quotient"),
    wrong(
        _A,
        "one by ML, the other by REML",
        f"{_both()}r = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit()\n"
        f"{_A} = p.aic - (-2 * r.llf + 12)",
        "mixed_methods",
    ),
    wrong(_A, "the better model's name", f"{_A} = 'fan'", "not_a_number"),
    wrong(_A, "a truth value", f"{_both()}{_A} = f.aic < p.aic", "not_a_number"),
    wrong(_A, "nothing", ""),
]

# ---- p_slopes ----------------------------------------------------------------------------------------

_P = "p_slopes"
_EARLY = (
    "from scipy import stats\nfrom scipy.stats import chi2\n"
    "from oxboys_mlm import fit_random_intercept, fit_random_slope\n"
    "early = data[data['Occasion'] <= 3]\n"
    "lr_early = 2 * (fit_random_slope(early).llf - fit_random_intercept(early).llf)\n"
)


def _search(method: str) -> str:
    """Write the code of a student who fits both models anew."""
    return (
        "from scipy.stats import chi2\ne = data[data['Occasion'] <= 3]\n"
        "p = smf.mixedlm('height ~ age', e, groups=e['Subject']).fit()\n"
        f"f = smf.mixedlm('height ~ age', e, groups=e['Subject'], re_formula='~age').fit({method})\n"
        "lr = 2 * (f.llf - p.llf)\n"
    )


_MIXTURE = f"{_P} = (chi2.sf(lr, 1) + chi2.sf(lr, 2)) / 2"

P_VALUES: list[Case] = [
    right(_P, "as in the notebook", f"{_EARLY}{_P} = (stats.chi2.sf(lr_early, 1) + stats.chi2.sf(lr_early, 2)) / 2"),
    right(_P, "by halves", f"{_EARLY}{_P} = .5 * stats.chi2(1).sf(lr_early) + .5 * stats.chi2(2).sf(lr_early)"),
    right(_P, "a mean", f"{_EARLY}{_P} = stats.chi2.sf(lr_early, [1, 2]).mean()"),
    right(_P, "np.mean", f"{_EARLY}{_P} = np.mean([chi2.sf(lr_early, df) for df in (1, 2)])"),
    right(_P, "one minus cdf", f"{_EARLY}{_P} = 1 - (chi2.cdf(lr_early, 1) + chi2.cdf(lr_early, 2)) / 2"),
    right(_P, "the exponential", f"{_EARLY}{_P} = (2 * stats.norm.sf(lr_early ** .5) + np.exp(-lr_early / 2)) / 2"),
    right(
        _P,
        "the course's test",
        f"{_EARLY}from oxboys_mlm import likelihood_ratio\n"
        f"{_P} = likelihood_ratio(fit_random_intercept(early), fit_random_slope(early)).p_value",
    ),
    right(_P, "fitted anew, plain", _search("") + _MIXTURE),
    right(_P, "fitted anew, powell", _search("method='powell'") + _MIXTURE),
    right(_P, "from the printed ratio", f"from scipy.stats import chi2\nlr = 5.452\n{_MIXTURE}"),
    *(
        right(_P, code, f"{_P} = {code}")
        for code in (
            "0.0425",
            "0.043",
            ".042",
            "'0.0425'",
            "'0,043'",
            "'4.3 %'",
            "4.25e-2",
            "np.float32(0.0425)",
            "[0.0425]",
        )
    ),
    partly(_P, "a search that stops early", _search("method='lbfgs'") + _MIXTURE, 0.5, "not_at_optimum"),
    partly(_P, "a search that stops early, typed", f"{_P} = .0946", 0.5, "not_at_optimum"),
    partly(
        _P,
        "by ML",
        _search("reml=False, method='powell'").replace("['Subject']).fit()", "['Subject']).fit(reml=False)") + _MIXTURE,
        0.5,
        "ml_instead_of_reml",
    ),
    wrong(_P, "two degrees", f"{_EARLY}{_P} = stats.chi2.sf(lr_early, 2)", "two_degrees"),
    wrong(_P, "two degrees, typed", f"{_P} = 0.0655", "two_degrees"),
    wrong(
        _P,
        "two degrees, and a search that stops early",
        _search("method='lbfgs'") + f"{_P} = chi2.sf(lr, 2)",
        "two_degrees_not_at_optimum",
    ),
    wrong(_P, "one degree", f"{_EARLY}{_P} = stats.chi2.sf(lr_early, 1)", "one_degree"),
    wrong(_P, "half of two degrees", f"{_EARLY}{_P} = stats.chi2.sf(lr_early, 2) / 2", "half_of_two_degrees"),
    wrong(_P, "half of one degree", f"{_EARLY}{_P} = stats.chi2.sf(lr_early, 1) / 2", "half_of_one_degree"),
    wrong(_P, "half of one degree, typed", f"{_P} = .0098", "half_of_one_degree"),
    wrong(
        _P,
        "not doubled",
        f"{_EARLY}lr = fit_random_slope(early).llf - fit_random_intercept(early).llf\n{_MIXTURE}",
        "not_doubled",
    ),
    wrong(_P, "doubled twice", f"{_EARLY}lr = 2 * lr_early\n{_MIXTURE}", "doubled_twice"),
    wrong(_P, "two and three degrees", f"{_EARLY}{_P} = chi2.sf(lr_early, [2, 3]).mean()", "other_degrees"),
    wrong(_P, "all parameters of the models", f"{_EARLY}{_P} = chi2.sf(lr_early, [4, 6]).mean()", "other_degrees"),
    wrong(_P, "added", f"{_EARLY}{_P} = chi2.sf(lr_early, 1) + chi2.sf(lr_early, 2)", "sum"),
    wrong(_P, "brackets forgotten", f"{_EARLY}{_P} = chi2.sf(lr_early, 1) + chi2.sf(lr_early, 2) / 2"),
    wrong(_P, "the other tail", f"{_EARLY}{_P} = chi2.cdf(lr_early, [1, 2]).mean()", "other_tail"),
    wrong(_P, "the density", f"{_EARLY}{_P} = chi2.pdf(lr_early, [1, 2]).mean()", "density"),
    wrong(_P, "the ratio", f"{_EARLY}{_P} = lr_early", "likelihood_ratio"),
    wrong(
        _P,
        "all nine visits",
        f"{_EARLY}lr = 2 * (fit_random_slope(data).llf - fit_random_intercept(data).llf)\n{_MIXTURE}",
        "all_visits",
    ),
    wrong(
        _P,
        "the whole test",
        f"{_EARLY}from oxboys_mlm import likelihood_ratio\n"
        f"{_P} = likelihood_ratio(fit_random_intercept(early), fit_random_slope(early))",
        "not_a_number",
    ),
    wrong(_P, "both", f"{_EARLY}{_P} = chi2.sf(lr_early, [1, 2])", "not_a_number"),
    wrong(_P, "below a limit", f"{_P} = 'p < .05'", "not_a_number"),
    wrong(_P, "a truth value", f"{_EARLY}{_P} = chi2.sf(lr_early, 1) < .05", "not_a_number"),
    wrong(_P, "the limit", f"{_P} = .05"),
    wrong(_P, "nothing", ""),
]

CASES: list[Case] = FITS + RATIOS + GAINS + P_VALUES

_M = "negative_share"

#: With "b" as the key.
CHOICES: list[Case] = [
    *(
        right(_M, repr(value), f"{_M} = {value!r}")
        for value in ("b", "B", " b ", "b)", "(b)", "[b]", "b.", '"B"', ["b"], ("b",), {"b"})
    ),
    *(wrong(_M, repr(text), f"{_M} = {text!r}", "other_option") for text in ("a", "C", "d.")),
    *(
        wrong(_M, repr(value), f"{_M} = {value!r}", "no_option")
        for value in ("bb", "e", "β", -3.5, -0.035, True, ["a", "b"], {"b": "c"}, "negative")
    ),
    wrong(_M, "a letter without quotes", f"{_M} = b"),
    wrong(_M, "the placeholder", f"{_M} = ''"),
]
