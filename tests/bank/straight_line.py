"""Notebook 9: answers as students write them, right and wrong."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

_FAN = "from oxboys_mlm import fit_random_slope\nfan = fit_random_slope(data)\n"

# ---- visits_above ------------------------------------------------------------------------------------

_V = "visits_above"
_MEANS = f"{_FAN}means = data.assign(r=fan.resid).groupby('Occasion')['r'].mean()\n"

VISITS: list[Case] = [
    right(_V, "as in the notebook", f"{_MEANS}{_V} = set(means[means > 0].index)"),
    right(_V, "an index", f"{_MEANS}{_V} = means[means > 0].index"),
    right(_V, "a Series: its index holds the visits", f"{_MEANS}{_V} = means[means > 0]"),
    right(_V, "an array", f"{_MEANS}{_V} = means.index[means > 0].to_numpy()"),
    right(_V, "where, plus one", f"{_MEANS}{_V} = np.where(means > 0)[0] + 1"),
    right(_V, "a loop", f"{_MEANS}{_V} = [visit for visit in range(1, 10) if means[visit] > 0]"),
    right(_V, "keys of a dictionary", f"{_MEANS}{_V} = {{v: m for v, m in means.items() if m > 0}}"),
    right(
        _V,
        "residuals by hand",
        f"{_FAN}r = data.height - fan.fittedvalues\nm = r.groupby(data.Occasion).mean()\n{_V} = list(m.index[m > 0])",
    ),
    right(
        _V,
        "of parallel lines, which leave the same",
        "from oxboys_mlm import fit_random_intercept\n"
        f"m = fit_random_intercept(data).resid.groupby(data['Occasion']).mean()\n{_V} = m.index[m > 0]",
    ),
    right(
        _V,
        "from the average line",
        f"{_FAN}m = (data.height - fan.predict(data)).groupby(data.Occasion).mean()\n{_V} = set(m.index[m > 0])",
    ),
    right(_V, "a table", f"{_MEANS}t = means.reset_index()\n{_V} = t.loc[t['r'] > 0, 'Occasion']"),
    *(
        right(_V, code, f"{_V} = {code}")
        for code in (
            "{1, 2, 8, 9}",
            "[9, 8, 2, 1]",
            "(1, 2, 8, 9)",
            "{1.0, 2.0, 8.0, 9.0}",
            "'1, 2, 8, 9'",
            "['1', '2', '8', '9']",
            "'1 2 8 and 9'",
            "np.array([1, 2, 8, 9])",
        )
    ),
    partly(_V, "the extremes", f"{_V} = {{1, 9}}", 0.5, "only_the_extremes"),
    partly(_V, "the largest three", f"{_V} = {{1, 8, 9}}", 0.5, "visit_forgotten"),
    partly(_V, "one forgotten", f"{_V} = [1, 2, 9]", 0.5, "visit_forgotten"),
    partly(
        _V,
        "counted from 0",
        f"{_MEANS}{_V} = np.where(means > 0)[0]",
        0.5,
        "counted_from_zero",
    ),
    wrong(_V, "signs turned", f"{_MEANS}{_V} = set(means[means < 0].index)", "signs_turned"),
    wrong(
        _V,
        "fitted minus measured",
        f"{_FAN}m = (fan.fittedvalues - data['height']).groupby(data['Occasion']).mean()\n{_V} = set(m.index[m > 0])",
        "signs_turned",
    ),
    wrong(
        _V,
        "of the null model",
        "from oxboys_mlm import fit_null\n"
        f"m = fit_null(data).resid.groupby(data['Occasion']).mean()\n{_V} = set(m.index[m > 0])",
        "no_growth_in_model",
    ),
    wrong(_V, "all", f"{_V} = range(1, 10)", "all_visits"),
    wrong(_V, "one visit", f"{_V} = [9]", "visits_forgotten"),
    wrong(_V, "two visits", f"{_V} = {{8, 9}}", "visits_forgotten"),
    wrong(_V, "one too many", f"{_V} = {{1, 2, 3, 8, 9}}", "visit_below"),
    wrong(_V, "the middle", f"{_V} = [4, 5, 6]", "visit_below"),
    wrong(_V, "a mask", f"{_MEANS}{_V} = means > 0", "mask_instead_of_names"),
    wrong(
        _V,
        "boys in place of visits",
        f"{_FAN}m = data.assign(r=fan.resid).groupby('Subject')['r'].mean()\n{_V} = set(m.index[m > 0])",
    ),
    wrong(_V, "rows", f"{_FAN}{_V} = [3, 40, 41]", "visit_below"),
    wrong(_V, "no visits", f"{_V} = {{11, 12}}", "not_a_visit"),
    wrong(_V, "how many", f"{_V} = 4"),
    wrong(_V, "the means", f"{_MEANS}{_V} = list(means)", "not_names"),
    wrong(_V, "in words", f"{_V} = 'at both ends'", "not_names"),
    wrong(_V, "an empty set", f"{_V} = set()"),
    wrong(_V, "nothing", ""),
]

# ---- curve_fit and bend_fit --------------------------------------------------------------------------

_C, _B = "curve_fit", "bend_fit"
_CURVE, _BOTH = "height ~ age + I(age**2)", "~age + I(age**2)"


def _fit(key: str = _C, formula: str = _CURVE, random: str = "", groups: str = "data['Subject']", how: str = "") -> str:
    """Write a call; by default the right one for its key."""
    random = random or ("~age" if key == _C else _BOTH)
    how = how or ("" if key == _C else "method='lbfgs'")
    return f"{key} = smf.mixedlm({formula!r}, data, groups={groups}, re_formula={random!r}).fit({how})"


def _both(key: str) -> list[Case]:
    """List what students do to either of the two models."""
    square = "~age" if key == _C else "~age + age2"
    return [
        right(key, "as in the notebook", _fit(key)),
        right(key, "by name", _fit(key, groups="'Subject'")),
        right(key, "spaces and order", _fit(key, "height ~ I(age ** 2) + age")),
        right(key, "a product", _fit(key, "height ~ age + I(age * age)")),
        right(key, "np.square", _fit(key, "height ~ age + np.square(age)")),
        right(key, "np.power", _fit(key, "height ~ 1 + age + np.power(age, 2)")),
        right(key, "a column", f"data['age2'] = data['age'] ** 2\n{_fit(key, 'height ~ age + age2', square)}"),
        right(
            key,
            "a column of a copy",
            f"d = data.assign(age2=data.age**2)\n"
            f"{_fit(key, 'height ~ age + age2', square).replace('data,', 'd,').replace('data[', 'd[')}",
        ),
        right(key, "the random intercept spelled out", _fit(key, random=_random(key, "~1 + "))),
        right(key, "shuffled rows", f"data = data.sample(frac=1, random_state=3)\n{_fit(key)}"),
        right(key, "lbfgs", _fit(key, how="method='lbfgs'")),
        right(key, "powell", _fit(key, how="method='powell'")),
        right(key, "cg", _fit(key, how="method='cg'")),
        right(key, "plain", _fit(key, how="reml=True")),
        right(key, "in a list", f"{_fit(key)}\n{key} = [{key}]"),
        right(key, "pickled and loaded", f"import pickle\n{_fit(key)}\n{key} = pickle.loads(pickle.dumps({key}))"),
        right(
            key,
            "arrays",
            "X = np.column_stack([np.ones(len(data)), data.age, data.age**2])\n"
            f"{key} = sm.MixedLM(data.height, X, groups=data.Subject, exog_re=X[:, :{2 if key == _C else 3}])"
            ".fit(method='lbfgs')",
        ),
        partly(key, "ML", _fit(key, how="reml=False, method='lbfgs'"), 0.5, "ml_instead_of_reml"),
        partly(key, "nm stops early", _fit(key, how="method='nm'"), 0.5, "not_at_optimum"),
        partly(key, "three steps", _fit(key, how="method='bfgs', maxiter=3"), 0.5, "not_at_optimum"),
        partly(
            key, "age in months", f"data['age'] *= 12\n{_fit(key, how='method=' + repr('powell'))}", 0.5, "age_rescaled"
        ),
        partly(key, "height in metres", f"data['height'] /= 100\n{_fit(key)}", 0.5, "outcome_rescaled"),
        wrong(key, "no I()", _fit(key, "height ~ age + age**2"), "predictor_missing"),
        wrong(key, "a caret", _fit(key, "height ~ age + I(age)^2")),
        wrong(key, "the square alone", _fit(key, "height ~ I(age**2)"), "predictor_missing"),
        wrong(key, "a straight line", _fit(key, "height ~ age"), "predictor_missing"),
        wrong(key, "the null model", _fit(key, "height ~ 1"), "age_missing"),
        wrong(
            key, "age overwritten by its square", f"data['age'] = data['age'] ** 2\n{_fit(key, 'height ~ age', '~age')}"
        ),
        wrong(key, "a third power", _fit(key, f"{_CURVE} + I(age**3)"), "extra_predictor"),
        wrong(key, "exponential", _fit(key, "height ~ age + np.exp(age)"), "predictor_missing"),
        wrong(
            key,
            "exponential in place of age",
            _fit(key, "height ~ np.exp(age) + I(age**2)", how="method='powell', maxiter=20"),
            "age_transformed",
        ),
        wrong(
            key,
            "of Occasion",
            _fit(key, "height ~ Occasion + I(Occasion**2)", "~Occasion", how="method='powell'"),
            "occasion_instead_of_age",
        ),
        wrong(key, "no fixed intercept", _fit(key, "height ~ age + I(age**2) - 1"), "no_fixed_intercept"),
        wrong(key, "only intercepts vary", _fit(key, random="~1"), "random_slope_missing"),
        wrong(key, "grouped by visit", _fit(key, groups="data['Occasion']", random="~age"), "grouped_by_occasion"),
        wrong(key, "an ordinary regression", f"{key} = smf.ols({_CURVE!r}, data).fit()", "no_random_effects"),
        wrong(key, "eight visits", f"data = data[data.Occasion < 9]\n{_fit(key)}", "other_data"),
        wrong(key, "swapped", _fit(key, "age ~ height + I(height**2)", "~height"), "outcome_and_predictor_swapped"),
        wrong(key, "not fitted", _fit(key).partition(".fit")[0], "not_fitted"),
        wrong(key, "the summary", f"{_fit(key)}.summary()", "summary_instead_of_fit"),
        wrong(key, "its coefficients", f"{_fit(key)}.fe_params", "not_a_fit"),
        wrong(key, "np.polyfit", f"{key} = np.polyfit(data.age, data.height, deg=2)", "not_a_fit"),
        wrong(
            key,
            "the model of notebook 4, from the course",
            f"{_FAN}{key} = fan",
            "predictor_missing",
        ),
        wrong(key, "nothing", ""),
    ]


def _random(key: str, start: str) -> str:
    return start + ("age" if key == _C else "age + I(age**2)")


CURVES: list[Case] = [
    *_both(_C),
    right(_C, "bfgs", _fit(how="method='bfgs'")),
    wrong(_C, "the bend varies too", _fit(random=_BOTH, how="method='lbfgs'"), "random_effect_added"),
    wrong(_C, "the course's helper", f"from oxboys_mlm import fit_curve\n{_C} = fit_curve(data)", "course_helper"),
    wrong(
        _C,
        "the other helper",
        f"from oxboys_mlm import fit_random_bend\n{_C} = fit_random_bend(data)",
        "random_effect_added",
    ),
]

BENDS: list[Case] = [
    *_both(_B),
    right(_B, "powell, then bfgs", _fit(_B, how="method=['powell', 'bfgs']")),
    partly(_B, "bfgs stops early", _fit(_B, how="method='bfgs'"), 0.5, "not_at_optimum"),
    wrong(_B, "no I() among the random effects", _fit(_B, random="~age + age**2"), "random_effect_missing"),
    wrong(_B, "the model of Task 2", _fit(_B, random="~age"), "random_effect_missing"),
    wrong(_B, "no random slope", _fit(_B, random="~I(age**2)"), "random_effect_missing"),
    wrong(
        _B,
        "no random intercept",
        _fit(_B, random="~age + I(age**2) - 1", how="method='powell', maxiter=50"),
        "random_intercept_missing",
    ),
    wrong(
        _B,
        "exponential in place of the random slope",
        _fit(_B, random="~np.exp(age) + I(age**2)", how="method='powell', maxiter=20"),
        "random_slope_transformed",
    ),
    partly(
        _B,
        "no covariances",
        f"components = {{'slope': '0 + age', 'bend': '0 + I(age**2)'}}\n"
        f"{_B} = smf.mixedlm({_CURVE!r}, data, groups='Subject', re_formula='1', vc_formula=components)"
        ".fit(method='powell')",
        0.5,
        "uncorrelated_effects",
    ),
    wrong(_B, "no fixed bend", _fit(_B, "height ~ age"), "predictor_missing"),
    wrong(
        _B,
        "the course's helper",
        f"from oxboys_mlm import fit_random_bend\n{_B} = fit_random_bend(data)",
        "course_helper",
    ),
]

# ---- growth_at_last_visit ----------------------------------------------------------------------------

_G = "growth_at_last_visit"
# The course's helpers are quicker than a student's fit, and find the same.
_COEFS = f"from oxboys_mlm import fit_curve\n{_C} = fit_curve(data)\nb = {_C}.fe_params\n"

RATES: list[Case] = [
    right(_G, "by position", f"{_COEFS}{_G} = b.iloc[1] + 2 * b.iloc[2]"),
    right(_G, "by name", f"{_COEFS}{_G} = b['age'] + 2 * b['I(age ** 2)'] * 1"),
    right(_G, "from params", f"{_fit()}\n{_G} = {_C}.params['age'] + 2 * {_C}.params['I(age ** 2)']"),
    right(
        _G,
        "a derivative of NumPy",
        f"{_COEFS}{_G} = np.polynomial.Polynomial(b.to_numpy()).deriv()(1)",
    ),
    right(
        _G,
        "np.poly1d",
        f"{_COEFS}{_G} = np.poly1d(b.to_numpy()[::-1]).deriv()(1.0)",
    ),
    right(
        _G,
        "a small step",
        f"{_COEFS}h = 1e-4\nf = lambda a: b.to_numpy() @ [1, a, a * a]\n{_G} = (f(1 + h) - f(1 - h)) / (2 * h)",
    ),
    right(
        _G,
        "at the mean age of the last visit",
        f"{_COEFS}a = data.loc[data.Occasion == 9, 'age'].mean()\n{_G} = b.iloc[1] + 2 * b.iloc[2] * a",
    ),
    right(_G, "of the model with a random bend", f"{_fit(_B)}\nb = {_B}.fe_params\n{_G} = b.iloc[1] + 2 * b.iloc[2]"),
    right(
        _G, "powell", f"{_fit(how='method=' + repr('powell'))}\nb = {_C}.fe_params\n{_G} = b.iloc[1] + 2 * b.iloc[2]"
    ),
    right(_G, "a Series of one", f"{_COEFS}{_G} = b[['age']] + 2 * b.iloc[2]"),
    *(
        right(_G, code, f"{_G} = {code}")
        for code in (
            "8.0",
            "8.00",
            "8",
            "'8.00 cm per year'",
            "'8,0'",
            "6.517 + 2 * 0.742",
            "[8.0006]",
            "np.float32(8)",
        )
    ),
    partly(
        _G,
        "from visit 8 to visit 9",
        f"{_COEFS}a = data.groupby('Occasion').age.mean()\n"
        f"f = lambda a: b.to_numpy() @ [1, a, a * a]\n{_G} = (f(a[9]) - f(a[8])) / (a[9] - a[8])",
        0.5,
        "between_two_visits",
    ),
    wrong(_G, "at age 0", f"{_COEFS}{_G} = b['age']", "rate_at_age_zero"),
    wrong(_G, "the straight line", f"{_FAN}{_G} = fan.fe_params['age']", "straight_line"),
    wrong(_G, "not doubled", f"{_COEFS}{_G} = b.iloc[1] + b.iloc[2]", "bend_not_doubled"),
    wrong(_G, "not doubled, typed", f"{_G} = 7.259", "bend_not_doubled"),
    wrong(_G, "the first visit", f"{_COEFS}{_G} = b.iloc[1] - 2 * b.iloc[2]", "first_visit"),
    wrong(_G, "the first visit, typed", f"{_G} = 5.03", "first_visit"),
    wrong(_G, "subtracted once", f"{_COEFS}{_G} = b.iloc[1] - b.iloc[2]", "first_visit_not_doubled"),
    wrong(_G, "the bend alone", f"{_COEFS}{_G} = 2 * b.iloc[2]", "bend_alone"),
    wrong(_G, "the coefficient", f"{_COEFS}{_G} = b.iloc[2]", "bend_itself"),
    wrong(_G, "a height", f"{_COEFS}{_G} = b.sum()", "height"),
    wrong(_G, "visit 9", f"{_COEFS}{_G} = b.iloc[1] + 2 * b.iloc[2] * 9", "visit_for_age"),
    wrong(_G, "age from birth", f"{_COEFS}{_G} = b.iloc[1] + 2 * b.iloc[2] * 13.25", "age_in_years"),
    wrong(
        _G,
        "measured",
        "w = data.pivot(index='Subject', columns='Occasion')\n"
        f"{_G} = ((w.height[9] - w.height[8]) / (w.age[9] - w.age[8])).mean()",
        "measured",
    ),
    wrong(_G, "in mm", f"{_COEFS}{_G} = 10 * (b.iloc[1] + 2 * b.iloc[2])"),
    wrong(_G, "in percent", f"{_G} = '8 %'", "in_percent"),
    wrong(_G, "turned round", f"{_G} = -8.0", "wrong_sign"),
    wrong(_G, "all coefficients", f"{_COEFS}{_G} = b", "not_a_number"),
    wrong(_G, "two rates", f"{_G} = '5 to 8'", "not_a_number"),
    wrong(_G, "the function", f"{_COEFS}{_G} = lambda age: b.iloc[1] + 2 * b.iloc[2] * age", "not_a_number"),
    wrong(_G, "nothing", ""),
]

# ---- bend_se_ratio -----------------------------------------------------------------------------------

_S = "bend_se_ratio"
_TWO = f"from oxboys_mlm import fit_curve, fit_random_bend\n{_C}, {_B} = fit_curve(data), fit_random_bend(data)\n"

RATIOS: list[Case] = [
    right(_S, "by position", f"{_fit()}\n{_fit(_B)}\n{_S} = {_B}.bse_fe.iloc[2] / {_C}.bse_fe.iloc[2]"),
    right(_S, "by name", f"{_TWO}{_S} = {_B}.bse_fe['I(age ** 2)'] / {_C}.bse_fe['I(age ** 2)']"),
    right(_S, "bse", f"{_TWO}{_S} = {_B}.bse['I(age ** 2)'] / {_C}.bse['I(age ** 2)']"),
    right(_S, "the last entries", f"{_TWO}{_S} = {_B}.bse_fe.iloc[-1] / {_C}.bse_fe.iloc[-1]"),
    right(
        _S, "roots of variances", f"{_TWO}{_S} = ({_B}.cov_params().iloc[2, 2] / {_C}.cov_params().iloc[2, 2]) ** 0.5"
    ),
    right(
        _S,
        "plain fits",
        f"{_TWO}{_B} = smf.mixedlm({_CURVE!r}, data, groups='Subject', re_formula={_BOTH!r}).fit()\n"
        f"{_S} = {_B}.bse_fe.iloc[2] / {_C}.bse_fe.iloc[2]",
    ),
    right(_S, "rounded", f"{_TWO}{_S} = round({_B}.bse_fe.iloc[2] / {_C}.bse_fe.iloc[2], 2)"),
    *(
        right(_S, code, f"{_S} = {code}")
        for code in ("1.753", "1.75", "0.181 / 0.1031", "'1,753'", "'1.75'", "[1.7535]", "np.float32(1.7535)")
    ),
    partly(
        _S,
        "bfgs stops early",
        f"{_fit()}\n{_fit(_B, how='method=' + repr('bfgs'))}\n{_S} = {_B}.bse_fe.iloc[2] / {_C}.bse_fe.iloc[2]",
        0.5,
        "not_at_optimum",
    ),
    partly(_S, "how much larger", f"{_TWO}{_S} = {_B}.bse_fe.iloc[2] / {_C}.bse_fe.iloc[2] - 1", 0.5, "increase_only"),
    wrong(_S, "upside down", f"{_TWO}{_S} = {_C}.bse_fe.iloc[2] / {_B}.bse_fe.iloc[2]", "upside_down"),
    wrong(_S, "of age", f"{_TWO}{_S} = {_B}.bse_fe['age'] / {_C}.bse_fe['age']", "of_the_slope"),
    wrong(_S, "of the intercept", f"{_TWO}{_S} = {_B}.bse_fe.iloc[0] / {_C}.bse_fe.iloc[0]", "of_the_intercept"),
    wrong(_S, "a difference", f"{_TWO}{_S} = {_B}.bse_fe.iloc[2] - {_C}.bse_fe.iloc[2]", "difference"),
    wrong(_S, "squared", f"{_TWO}{_S} = ({_B}.bse_fe.iloc[2] / {_C}.bse_fe.iloc[2]) ** 2", "squared"),
    wrong(_S, "coefficients", f"{_TWO}{_S} = {_B}.fe_params.iloc[2] / {_C}.fe_params.iloc[2]"),
    wrong(_S, "z-values", f"{_TWO}{_S} = {_B}.tvalues['I(age ** 2)'] / {_C}.tvalues['I(age ** 2)']", "z_values"),
    wrong(_S, "one of them", f"{_TWO}{_S} = {_B}.bse_fe.iloc[2]", "one_standard_error"),
    wrong(_S, "the other, typed", f"{_S} = 0.103", "one_standard_error"),
    wrong(
        _S,
        "the ratio of notebook 4",
        f"{_FAN}from oxboys_mlm import fit_random_intercept\n"
        f"{_S} = fan.bse_fe['age'] / fit_random_intercept(data).bse_fe['age']",
        "ratio_of_notebook_4",
    ),
    wrong(_S, "all ratios", f"{_TWO}{_S} = {_B}.bse_fe / {_C}.bse_fe", "not_a_number"),
    wrong(_S, "too coarse", f"{_S} = 2"),
    wrong(_S, "a text", f"{_S} = 'larger'", "not_a_number"),
    wrong(_S, "nothing", ""),
]

# ---- rmse_curve --------------------------------------------------------------------------------------

_R = "rmse_curve"


def _forecast(
    formula: str = _CURVE, random: str = _BOTH, how: str | None = None, rows: str = "data.Occasion <= 8"
) -> str:
    """Write a fit to the visits that are known, by the course's helper if not said how, and forecasts by it."""
    fit = (
        "from oxboys_mlm import fit_random_bend\nfit = fit_random_bend(known)\n"
        if how is None
        else f"fit = smf.mixedlm({formula!r}, known, groups=known['Subject'], re_formula={random!r}).fit({how})\n"
    )
    return (
        f"known, last = data[{rows}], data[data.Occasion == 9].set_index('Subject')\n{fit}"
        "u, b, a, h = pd.DataFrame(fit.random_effects).T, fit.fe_params, last['age'], last['height']\n"
    )


_OWN = "c = u.to_numpy() + b.to_numpy()\n"
_ERRORS = f"{_OWN}e = h - (c[:, 0] + c[:, 1] * a + c[:, 2] * a**2)\n"
_ROOT = f"{_R} = np.sqrt((e**2).mean())"

FORECASTS: list[Case] = [
    right(_R, "as in the notebook", _forecast(how="method='lbfgs'") + _ERRORS + _ROOT),
    right(_R, "plain fit", _forecast(how="") + _ERRORS + _ROOT),
    right(_R, "powell", _forecast(how="method='powell'") + _ERRORS + _ROOT),
    right(_R, "by ML", _forecast(how="reml=False, method='lbfgs'") + _ERRORS + _ROOT),
    right(
        _R,
        "predict plus deviations",
        _forecast()
        + f"f = fit.predict(last).to_numpy() + (u.to_numpy() * np.column_stack([a**0, a, a**2])).sum(axis=1)\n"
        f"{_R} = np.mean((f - h) ** 2) ** 0.5",
    ),
    right(
        _R,
        "boy by boy",
        _forecast()
        + "f = [np.polyval((b.to_numpy() + fit.random_effects[s].to_numpy())[::-1], a[s]) for s in last.index]\n"
        f"{_R} = np.sqrt(np.mean((np.array(f) - h.to_numpy()) ** 2))",
    ),
    right(
        _R,
        "scikit-learn's way",
        _forecast() + _ERRORS + f"{_R} = np.linalg.norm(e) / np.sqrt(len(e))",
    ),
    right(_R, "forecast minus truth", _forecast() + _ERRORS.replace("e = h -", "e = -h +") + _ROOT),
    right(
        _R,
        "a column",
        _forecast("height ~ age + np.square(age)", "~age + np.square(age)", "method='lbfgs'") + _ERRORS + _ROOT,
    ),
    *(
        right(_R, code, f"{_R} = {code}")
        for code in ("0.8236", "0.824", "0.82", "'0.82 cm'", "'0,824'", "[0.8236]", "np.float32(0.8236)", ".818")
    ),
    partly(
        _R,
        "one bend for all",
        _forecast(random="~age", how="") + "c = u.to_numpy() + b.to_numpy()[:2]\n"
        "e = h - (c[:, 0] + c[:, 1] * a + b.iloc[2] * a**2)\n" + _ROOT,
        0.5,
        "bend_not_random",
    ),
    partly(_R, "mean size of errors", _forecast() + _ERRORS + f"{_R} = e.abs().mean()", 0.5, "mean_absolute_error"),
    partly(_R, "standard deviation", _forecast() + _ERRORS + f"{_R} = e.std()", 0.5, "standard_deviation"),
    partly(_R, "nm stops early", _forecast(how="method='nm'") + _ERRORS + _ROOT, 0.5, "not_at_optimum"),
    wrong(
        _R,
        "straight lines",
        _forecast("height ~ age", "~age", "") + f"{_OWN}e = h - (c[:, 0] + c[:, 1] * a)\n{_ROOT}",
        "straight_lines",
    ),
    wrong(_R, "straight lines, typed", f"{_R} = 1.092", "straight_lines"),
    wrong(
        _R,
        "parallel lines",
        _forecast("height ~ age", "~1", "") + f"e = h - (b.iloc[0] + u.iloc[:, 0] + b.iloc[1] * a)\n{_ROOT}",
        "parallel_lines",
    ),
    wrong(_R, "predict", _forecast() + f"e = h - fit.predict(last)\n{_ROOT}", "average_curve"),
    wrong(_R, "in sample", _forecast() + f"e = fit.resid\n{_ROOT}", "in_sample"),
    wrong(_R, "in sample, all visits", f"{_fit(_B)}\ne = {_B}.resid\n{_ROOT}", "in_sample"),
    wrong(
        _R,
        "the last visit was known",
        _forecast(rows="data.Occasion <= 9") + _ERRORS + _ROOT,
        "last_visit_known",
    ),
    wrong(
        _R,
        "the bend's deviation forgotten",
        _forecast() + f"{_OWN}e = h - (c[:, 0] + c[:, 1] * a + b.iloc[2] * a**2)\n{_ROOT}",
        "deviation_forgotten",
    ),
    wrong(
        _R,
        "the slope's deviation forgotten",
        _forecast() + f"{_OWN}e = h - (c[:, 0] + b.iloc[1] * a + c[:, 2] * a**2)\n{_ROOT}",
        "deviation_forgotten",
    ),
    wrong(_R, "no root", _forecast() + _ERRORS + f"{_R} = (e**2).mean()", "mean_squared_error"),
    wrong(_R, "a sum", _forecast() + _ERRORS + f"{_R} = (e**2).sum()", "sum_of_squares"),
    wrong(_R, "the root of a sum", _forecast() + _ERRORS + f"{_R} = np.linalg.norm(e)", "root_of_sum"),
    wrong(_R, "the mean error", _forecast() + _ERRORS + f"{_R} = e.mean()", "mean_error"),
    wrong(
        _R,
        "separate curves",
        "known, last = data[data.Occasion <= 8], data[data.Occasion == 9]\n"
        "e = last.height.to_numpy() - np.array([np.polyval(np.polyfit(k.age, k.height, 2), a) "
        f"for (_, k), a in zip(known.groupby('Subject'), last.age)])\n{_ROOT}",
        "own_curves",
    ),
    wrong(_R, "separate lines, typed", f"{_R} = 1.0765", "own_lines"),
    wrong(
        _R,
        "the naive forecast",
        f"{_FAN}k, l = data[data.Occasion == 8].set_index('Subject'), data[data.Occasion == 9].set_index('Subject')\n"
        "s = fit_random_slope(data[data.Occasion <= 8]).fe_params['age']\n"
        f"e = l.height - k.height - s * (l.age - k.age)\n{_ROOT}",
        "naive_forecast",
    ),
    wrong(_R, "the last height", f"{_R} = 1.7028", "last_height"),
    wrong(_R, "the errors", _forecast() + _ERRORS + f"{_R} = e", "not_a_number"),
    partly(_R, "in percent", f"{_R} = '82 %'", 0.5, "in_percent"),
    wrong(_R, "not at all", f"{_R} = 0"),
    wrong(_R, "nothing", ""),
]

CASES: list[Case] = VISITS + CURVES + RATES + BENDS + RATIOS + FORECASTS
