"""Notebook 5: answers as students write them, right and wrong."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

# ---- slope_only_fit ----------------------------------------------------------------------------------

_F = "slope_only_fit"


def _fit(
    formula: str = "height ~ age", random: str = "'~age - 1'", groups: str = "'Subject'", how: str = "", **more: str
) -> str:
    rest = "".join(f", {name}={value}" for name, value in more.items())
    return f"{_F} = smf.mixedlm({formula!r}, data, groups={groups}, re_formula={random}{rest}).fit({how})"


_POWELL = "method='powell'"

FITS: list[Case] = [
    right(_F, "as in the notebook", _fit(groups="data['Subject']", how=_POWELL)),
    right(_F, "the default optimiser, which stops early", _fit()),
    right(_F, "bfgs, which stops early", _fit(how="method='bfgs'")),
    *(
        right(_F, f"re_formula {spelling}", _fit(random=repr(spelling), how=_POWELL))
        for spelling in ("~age-1", "age - 1", "0 + age", "~0 + age", "~ 0+age", "-1 + age", "~ -1 + age", "~I(age) - 1")
    ),
    *(
        right(_F, f"optimiser {method}", _fit(how=f"method={method!r}"))
        for method in ("cg", "nm", ["nm", "bfgs"], ["powell", "nm"])
    ),
    *(
        right(_F, f"without square roots, {method}", _fit(use_sqrt="False", how=f"method={method!r}"))
        for method in ("bfgs", "nm")
    ),
    right(_F, "groups as an array", _fit(groups="data['Subject'].to_numpy()", how=_POWELL)),
    right(_F, "groups as a category", _fit(groups="data['Subject'].astype('category')", how=_POWELL)),
    right(_F, "boys with labels", f"data['Subject'] = 'b' + data['Subject'].astype(str)\n{_fit(how=_POWELL)}"),
    right(_F, "shuffled rows", f"data = data.sample(frac=1, random_state=1)\n{_fit(how=_POWELL)}"),
    right(_F, "stopped after few steps", _fit(how="method='nm', maxiter=2")),
    right(
        _F,
        "renamed columns",
        "d = data.rename(columns=dict(Subject='boy', age='years', height='cm'))\n"
        f"{_F} = smf.mixedlm('cm ~ years', d, groups='boy', re_formula='~years - 1').fit(method='powell')",
    ),
    right(
        _F,
        "arrays",
        "import statsmodels.api as sm\n"
        f"{_F} = sm.MixedLM(data.height, sm.add_constant(data.age), data.Subject, "
        "exog_re=data.age).fit(method='powell')",
    ),
    right(
        _F,
        "NumPy arrays, slope first",
        "import statsmodels.api as sm\nX = np.column_stack([data.age, np.ones(234)])\n"
        f"{_F} = sm.MixedLM(data.height.values, X, data.Subject.values, exog_re=data.age.values).fit(method='powell')",
    ),
    right(
        _F,
        "from_formula",
        "import statsmodels.api as sm\n"
        f"{_F} = sm.MixedLM.from_formula('height ~ age', data, groups='Subject', "
        "re_formula='0 + age').fit(method='powell')",
    ),
    right(_F, "a variance component within boys", _fit(random="'0'", vc_formula="{'age': '0 + age'}", how=_POWELL)),
    right(_F, "a variance component, default optimiser", _fit(random="'0'", vc_formula="{'age': '0 + age'}")),
    right(
        _F,
        "a variance component over one group",
        _fit(groups="np.ones(234)", random="'0'", vc_formula="{'a': '0 + C(Subject):age'}", how="maxiter=3"),
    ),
    right(_F, "pickled and loaded", f"import pickle\n{_fit(how=_POWELL)}\n{_F} = pickle.loads(pickle.dumps({_F}))"),
    partly(_F, "lbfgs, which runs away", _fit(how="method='lbfgs'"), 0.5, "no_likelihood"),
    partly(_F, "powell without square roots", _fit(use_sqrt="False", how=_POWELL), 0.5, "no_likelihood"),
    partly(_F, "maximum likelihood", _fit(how="method='powell', reml=False"), 0.5, "ml_instead_of_reml"),
    partly(_F, "age from the first visit", f"data['age'] = data['age'] + 1\n{_fit(how=_POWELL)}", 0.5, "age_shifted"),
    partly(_F, "height in metres", _fit("I(height / 100) ~ age", how=_POWELL), 0.5, "outcome_rescaled"),
    wrong(_F, "nothing", ""),
    wrong(_F, "an ellipsis", f"{_F} = ..."),
    wrong(_F, "not fitted", _fit().removesuffix(".fit()"), "not_fitted"),
    wrong(_F, "fit without parentheses", _fit().removesuffix("()"), "not_a_fit"),
    wrong(_F, "the summary", f"{_fit()}.summary()", "summary_instead_of_fit"),
    wrong(_F, "the parameters", f"{_fit()}.params", "not_a_fit"),
    wrong(
        _F,
        "the course's helper",
        f"from oxboys_mlm import fit_slope_only\n{_F} = fit_slope_only(data)",
        "course_helper",
    ),
    wrong(
        _F,
        "another helper",
        f"from oxboys_mlm import fit_random_slope\n{_F} = fit_random_slope(data)",
        "random_intercept_kept",
    ),
    wrong(_F, "an ordinary regression", f"{_F} = smf.ols('height ~ age', data).fit()", "no_random_effects"),
    wrong(
        _F,
        "the fixed intercept removed instead",
        f"{_F} = smf.mixedlm('height ~ age - 1', data, groups='Subject').fit()",
        "no_fixed_intercept",
    ),
    wrong(_F, "both intercepts removed", _fit("height ~ age - 1", how="maxiter=20"), "no_fixed_intercept"),
    wrong(
        _F,
        "both intercepts removed, zero first",
        _fit("height ~ 0 + age", "'0 + age'", how="maxiter=20"),
        "no_fixed_intercept",
    ),
    wrong(
        _F,
        "the random intercept model",
        f"{_F} = smf.mixedlm('height ~ age', data, groups='Subject').fit()",
        "random_slope_missing",
    ),
    wrong(_F, "re_formula 1", _fit(random="'1'"), "random_slope_missing"),
    wrong(_F, "the random slope model", _fit(random="'~age'"), "random_intercept_kept"),
    wrong(_F, "uncorrelated components", _fit(random="'1'", vc_formula="{'a': '0 + age'}"), "random_intercept_kept"),
    wrong(_F, "the null model", f"{_F} = smf.mixedlm('height ~ 1', data, groups='Subject').fit()", "age_missing"),
    wrong(_F, "no fixed slope", _fit("height ~ 1", how="maxiter=20"), "age_missing"),
    wrong(
        _F,
        "Occasion in place of age",
        _fit("height ~ Occasion", "'~Occasion - 1'", how="maxiter=20"),
        "occasion_instead_of_age",
    ),
    wrong(_F, "random slope of Occasion", _fit(random="'~Occasion - 1'", how="maxiter=20"), "random_slope_of_occasion"),
    wrong(_F, "grouped by occasion", _fit(groups="'Occasion'", how="maxiter=20"), "grouped_by_occasion"),
    wrong(_F, "one group", _fit(groups="np.ones(234)", how="maxiter=5"), "other_groups"),
    wrong(
        _F,
        "random groups",
        _fit(groups="np.random.default_rng(7).permutation(data.Subject)", how="maxiter=20"),
        "other_groups",
    ),
    wrong(_F, "R's bar", _fit("height ~ age + (1|Subject)", how="maxiter=20"), "lme4_syntax"),
    wrong(_F, "boys as fixed effects", _fit("height ~ age + C(Subject)", how="maxiter=5"), "subject_dummies"),
    wrong(_F, "Subject as a number", _fit("height ~ age + Subject", how="maxiter=20"), "subject_as_number"),
    wrong(_F, "age squared as well", _fit("height ~ age + I(age**2)", how="maxiter=20"), "extra_predictor"),
    wrong(
        _F, "random slopes of age squared", _fit(random="'~I(age**2) - 1'", how="maxiter=5"), "random_slope_transformed"
    ),
    wrong(_F, "swapped", _fit("age ~ height", "'~height - 1'", how="maxiter=5"), "outcome_and_predictor_swapped"),
    wrong(
        _F,
        "ages shuffled",
        f"data['age'] = np.random.default_rng(0).permutation(data['age'])\n{_fit(how='maxiter=5')}",
        "shuffled_data",
    ),
    wrong(_F, "a subset of boys", f"data = data[data['Subject'] < 10]\n{_fit(how='maxiter=5')}", "other_data"),
    wrong(_F, "every row twice", f"data = pd.concat([data, data])\n{_fit(how='maxiter=5')}", "other_data"),
    wrong(
        _F, "runs away, and is the wrong model", _fit("height ~ age - 1", how="method='lbfgs'"), "no_fixed_intercept"
    ),
    wrong(_F, "a number", f"{_F} = 0.216", "not_a_fit"),
    wrong(_F, "a mock", f"from unittest.mock import MagicMock\n{_F} = MagicMock(spec=smf.mixedlm)", "not_a_fit"),
]

# ---- vanished_rows -----------------------------------------------------------------------------------

_R = "vanished_rows"
_BOTH = (
    "from oxboys_mlm import fit_random_slope\nfan = fit_random_slope(data)\n"
    "f = smf.mixedlm('height ~ age', data, groups=data['Subject'], re_formula='~age - 1').fit(method='powell')\n"
)

_SLOPE = (
    "from oxboys_mlm import fit_random_slope\nfan = fit_random_slope(data)\n"
    "slope_only_fit = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='0',"
    " vc_formula={'slope': '0 + age'}).fit()\n"
)

ROWS: list[Case] = [
    right(
        _R, "as in the notebook", f"{_BOTH}{_R} = set(fan.summary().tables[1].index) - set(f.summary().tables[1].index)"
    ),
    right(_R, "the difference of the parameters", f"{_BOTH}{_R} = fan.params.index.difference(f.params.index)"),
    right(_R, "the keys of a dictionary", f"{_R} = {{'Group Var': 65.3, 'Group x age Cov': 8.7}}.keys()"),
    *(
        right(_R, code, f"{_R} = {code}")
        for code in (
            "{'Group Var', 'Group x age Cov'}",
            "['Group Var', 'Group x age Cov']",
            "('Group x age Cov', 'Group Var')",
            "frozenset(['Group Var', 'Group x age Cov'])",
            "np.array(['Group Var', 'Group x age Cov'])",
            "pd.Series(['Group Var', 'Group x age Cov'])",
            "pd.Series(['Group Var', 'Group x age Cov']).unique()",
            "pd.Index(['Group Var', 'Group x age Cov'])",
            "pd.Categorical(['Group Var', 'Group x age Cov'])",
            "['Subject Var', 'Subject x age Cov']",
            "['x_re1 Var', 'x_re1 x x_re2 Cov']",
            "['group var', 'GROUP X AGE COV']",
            "['Group Var', 'Group Var', 'Group x age Cov']",
            "['Group Var ', ' Group  x age  Cov']",
            "['`Group Var`', '`Group x age Cov`']",
            "['Group Var:', 'Group x age Cov:']",
            "['Group Variance', 'Group x age Covariance']",
            "['Group Var', 'age x Group Cov']",
            "['Group Var', 'Group × age Cov']",
            "['Group Var', 'Group:age Cov']",
            "'Group Var, Group x age Cov'",
            "'Group Var and Group x age Cov'",
            "'Group Var; Group x age Cov'",
            "'Group Var\\nGroup x age Cov'",
        )
    ),
    right(_R, "a generator", f"{_R} = (row for row in ['Group Var', 'Group x age Cov'])"),
    right(_R, "a Series of the rows", f"{_BOTH}{_R} = fan.params.drop(f.params.index)"),
    right(_R, "rows of the table", f"{_BOTH}{_R} = fan.summary().tables[1].loc[['Group Var', 'Group x age Cov']]"),
    right(
        _R,
        "of a model of one's own, grouped by another column",
        "data['ID'] = data['Subject']\nfan = smf.mixedlm('height ~ age', data, groups='ID', re_formula='~age').fit()\n"
        f"{_R} = ['ID Var', 'ID x age Cov']",
    ),
    right(_R, "beside a component of another name", f"{_SLOPE}{_R} = ['Group Var', 'Group x age Cov']"),
    right(
        _R,
        "what is not in the table of a component of another name",
        f"{_SLOPE}{_R} = set(fan.params.index) - set(slope_only_fit.params.index)",
    ),
    partly(_R, "the variance only", f"{_R} = {{'Group Var'}}", 0.5, "row_forgotten"),
    partly(_R, "the variance only, as a text", f"{_R} = 'Group Var'", 0.5, "row_forgotten"),
    partly(_R, "the covariance only", f"{_R} = ['Group x age Cov']", 0.5, "row_forgotten"),
    wrong(_R, "nothing", ""),
    wrong(_R, "an empty set", f"{_R} = set()"),
    wrong(_R, "an empty list", f"{_R} = []"),
    wrong(_R, "an empty text", f"{_R} = ''"),
    wrong(_R, "an ellipsis", f"{_R} = ..."),
    wrong(_R, "the difference the wrong way round", f"{_BOTH}{_R} = set(f.params.index) - set(fan.params.index)"),
    wrong(_R, "all variances", f"{_R} = ['Group Var', 'Group x age Cov', 'age Var']", "row_still_there"),
    wrong(_R, "the row that stays", f"{_R} = ['age Var']", "row_still_there"),
    wrong(_R, "one right, one that stays", f"{_R} = ['Group Var', 'age Var']", "row_still_there"),
    wrong(_R, "the intercept", f"{_R} = ['Intercept']", "fixed_effects_still_there"),
    wrong(
        _R,
        "the intercept as well",
        f"{_R} = ['Intercept', 'Group Var', 'Group x age Cov']",
        "fixed_effects_still_there",
    ),
    wrong(_R, "the scale as well", f"{_R} = ['Group Var', 'Group x age Cov', 'Scale']", "scale_still_there"),
    wrong(_R, "all rows", f"{_BOTH}{_R} = list(fan.params.index)"),
    wrong(_R, "something else as well", f"{_R} = ['Group Var', 'Group x age Cov', 'height']"),
    wrong(_R, "the values", f"{_R} = [65.303, 8.71]", "not_names"),
    wrong(_R, "how many", f"{_R} = 2", "not_names"),
    wrong(_R, "a truth value", f"{_R} = True", "not_names"),
    wrong(_R, "no usual names", f"{_R} = ['Intercept Var', 'Intercept x age Cov']"),
    wrong(_R, "an unusual name of no summary", f"{_BOTH}{_R} = ['ID Var', 'ID x age Cov']"),
    wrong(_R, "the row that stays, renamed", f"{_SLOPE}{_R} = ['age Var']", "row_still_there"),
    wrong(_R, "the row that stays, by its own name", f"{_SLOPE}{_R} = ['Group Var', 'Group x age Cov', 'slope Var']"),
    wrong(_R, "without end", f"import itertools\n{_R} = itertools.cycle(['Group Var'])", "not_names"),
    wrong(
        _R, "a very long list", f"{_R} = ['Group Var', 'Group x age Cov'] + [str(i) for i in range(10**6)]", "not_names"
    ),
    wrong(_R, "a list of lists", f"{_R} = [['Group Var'], ['Group x age Cov']]", "not_names"),
    wrong(_R, "a list that holds itself", f"{_R} = []\n{_R}.append({_R})", "not_names"),
    wrong(_R, "None in it", f"{_R} = ['Group Var', None]", "not_names"),
    wrong(
        _R,
        "a list that lies",
        f"class L(list):\n    def __iter__(self): return iter(['Group Var', 'Group x age Cov'])\n{_R} = L()",
        "not_names",
    ),
    wrong(_R, "the summary", f"{_BOTH}{_R} = fan.summary()", "not_names"),
    wrong(_R, "a mock", f"from unittest.mock import MagicMock\n{_R} = MagicMock()", "not_names"),
    wrong(_R, "<script>", f"{_R} = ['<script>alert(1)</script>']"),
]

CASES: list[Case] = FITS + ROWS

_T, _W = "slope_only_trustworthy", "why_singular"

#: With "no" and "c" as the keys.
CHOICES: list[Case] = [
    *(
        right(_T, repr(value), f"{_T} = {value!r}")
        for value in ("no", "No", "NO", " no ", "no.", "No!", "'no'", "n", False, ["no"], ("no",), {"no"})
    ),
    wrong(_T, "the other option", f"{_T} = 'yes'", "other_option"),
    wrong(_T, "the other option, in capitals", f"{_T} = 'YES'", "other_option"),
    *(
        wrong(_T, repr(value), f"{_T} = {value!r}", "no_option")
        for value in (0, "nope", "no idea", "not sure", ["yes", "no"], "noyes", 1.0)
    ),
    wrong(_T, "the placeholder", f"{_T} = ..."),
    *(
        right(_W, repr(value), f"{_W} = {value!r}")
        for value in ("c", "C", " c", "c)", "(c)", '"c"', "c:", ["c"], ("C",), {"c"})
    ),
    *(wrong(_W, repr(value), f"{_W} = {value!r}", "other_option") for value in ("a", "b", "d", "D)")),
    *(wrong(_W, repr(value), f"{_W} = {value!r}", "no_option") for value in ("e", "c or d", 3, 3.0, ["c", "d"], "¢")),
    wrong(_W, "a letter without quotes", f"{_W} = c"),
]
