"""Notebook 2: answers as students write them, right and wrong."""

from __future__ import annotations

import numpy as np

from bank.case import Case, partly, right, wrong

#: statsmodels asks for the rank of a design matrix without columns, at which numpy stops before 2.4.
_RANK_OF_NOTHING = np.lib.NumpyVersion(np.__version__) >= "2.4.0"

# ---- null_fit ----------------------------------------------------------------------------------------

_N = "null_fit"
_FIT = "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject')"

NULL_FITS: list[Case] = [
    right(_N, "as in the notebook", "null_fit = smf.mixedlm('height ~ 1', data, groups=data['Subject']).fit()"),
    right(
        _N, "in two steps", "m = smf.mixedlm('height ~ 1', data, groups=data.Subject)\nnull_fit = m.fit(method='bfgs')"
    ),
    right(_N, "groups by name", f"{_FIT}.fit()"),
    right(
        _N, "groups as an array", "null_fit = smf.mixedlm('height ~ 1', data, groups=data['Subject'].to_numpy()).fit()"
    ),
    right(_N, "groups as a list", "null_fit = smf.mixedlm('height ~ 1', data, groups=list(data['Subject'])).fit()"),
    right(
        _N,
        "groups as a category",
        "null_fit = smf.mixedlm('height ~ 1', data, groups=data['Subject'].astype('category')).fit()",
    ),
    right(
        _N,
        "boys with labels",
        "data['Subject'] = 'boy ' + data['Subject'].astype(str)\n"
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
    ),
    right(
        _N,
        "numbers of boys as floats",
        "data['Subject'] = data['Subject'].astype(float)\n"
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
    ),
    right(
        _N,
        "shuffled rows",
        "d = data.sample(frac=1, random_state=3)\nnull_fit = smf.mixedlm('height ~ 1', d, groups=d['Subject']).fit()",
    ),
    right(
        _N,
        "sorted by height, renamed columns",
        "d = data.rename(columns={'Subject': 'boy', 'height': 'cm'}).sort_values('cm').reset_index(drop=True)\n"
        "null_fit = smf.mixedlm('cm ~ 1', d, groups='boy').fit()",
    ),
    right(
        _N,
        "arrays",
        "import statsmodels.api as sm\n"
        "null_fit = sm.MixedLM(data['height'], np.ones(len(data)), groups=data['Subject']).fit()",
    ),
    right(
        _N,
        "NumPy arrays only",
        "import statsmodels.api as sm\n"
        "null_fit = sm.MixedLM(data.height.values, np.ones((234, 1)), data.Subject.values).fit()",
    ),
    right(
        _N,
        "from_formula",
        "import statsmodels.api as sm\n"
        "null_fit = sm.MixedLM.from_formula('height ~ 1', data=data, groups='Subject').fit(reml=True)",
    ),
    right(
        _N,
        "re_formula spelled out",
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject', re_formula='~1').fit()",
    ),
    right(_N, "re_formula 1", "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject', re_formula='1').fit()"),
    right(
        _N,
        "a variance component within boys",
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject', re_formula='0', vc_formula={'boy': '1'}).fit()",
    ),
    right(
        _N,
        "a variance component over one group",
        "null_fit = smf.mixedlm('height ~ 1', data, groups=np.ones(234), re_formula='0',"
        " vc_formula={'s': '0 + C(Subject)'}).fit()",
    ),
    *(
        right(_N, f"optimiser {method}", f"{_FIT}.fit(method={method!r})")
        for method in ("bfgs", "lbfgs", "cg", "powell", "nm", ["powell", "lbfgs"], ["nm", "bfgs"])
    ),
    *(
        right(
            _N,
            f"without square roots, {method}",
            f"null_fit = smf.mixedlm('height ~ 1', data, groups='Subject', use_sqrt=False).fit(method={method!r})",
        )
        for method in ("bfgs", "lbfgs", "cg", "nm")
    ),
    right(_N, "pickled and loaded", f"import pickle\n{_FIT}.fit()\nnull_fit = pickle.loads(pickle.dumps(null_fit))"),
    right(_N, "a deep copy", f"import copy\n{_FIT}.fit()\nnull_fit = copy.deepcopy(null_fit)"),
    right(_N, "without its wrapper", f"{_FIT}.fit()._results"),
    right(_N, "its data removed", f"{_FIT}.fit()\nnull_fit.llf\nnull_fit.remove_data()"),
    right(
        _N,
        "its model fitted again by ML",
        "m = smf.mixedlm('height ~ 1', data, groups='Subject')\nnull_fit = m.fit()\nml_fit = m.fit(reml=False)",
    ),
    right(
        _N,
        "data renamed",
        "boys = data.copy()\nnull_fit = smf.mixedlm('height ~ 1', boys, groups=boys['Subject']).fit()",
    ),
    right(_N, "tracked variables and output", f"{_FIT}.fit(full_output=True, disp=False)\nprint(null_fit.summary())"),
    partly(_N, "maximum likelihood", f"{_FIT}.fit(reml=False)", 0.5, "ml_instead_of_reml"),
    partly(
        _N,
        "no numbers came out",
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject', use_sqrt=False).fit(method='powell')",
        0.5,
        "no_likelihood",
    ),
    partly(_N, "stopped after a step", f"{_FIT}.fit(method='nm', maxiter=1)", 0.5, "not_at_optimum"),
    partly(
        _N,
        "standardised height",
        "data['height'] = (data.height - data.height.mean()) / data.height.std()\n"
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
        0.5,
        "outcome_rescaled",
    ),
    partly(
        _N,
        "millimetres",
        "null_fit = smf.mixedlm('I(height * 10) ~ 1', data, groups='Subject').fit()",
        0.5,
        "outcome_rescaled",
    ),
    wrong(
        _N,
        "millimetres and no numbers, by occasion",
        "null_fit = smf.mixedlm('I(height * 10) ~ 1', data, groups='Occasion').fit()",
        "grouped_by_occasion",
    ),
    wrong(
        _N,
        "no numbers came out of another model",
        "null_fit = smf.mixedlm('height ~ age', data, groups='Subject', use_sqrt=False).fit(method='powell')",
        "predictor_in_null_model",
    ),
    wrong(_N, "nothing", ""),
    wrong(_N, "None", "null_fit = None"),
    wrong(_N, "an ellipsis", "null_fit = ..."),
    wrong(_N, "a typo in the name", "nul_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()"),
    wrong(_N, "a column that does not exist", "null_fit = smf.mixedlm('height ~ 1', data, groups='subject').fit()"),
    wrong(_N, "not fitted", _FIT, "not_fitted"),
    wrong(_N, "fit without parentheses", f"{_FIT}.fit", "not_a_fit"),
    wrong(_N, "the summary", f"{_FIT}.fit().summary()", "summary_instead_of_fit"),
    wrong(_N, "the summary printed", f"null_fit = print({_FIT.removeprefix('null_fit = ')}.fit().summary())"),
    wrong(_N, "the summary's table", f"{_FIT}.fit().summary().tables[1]", "not_a_fit"),
    wrong(_N, "the parameters", f"{_FIT}.fit().params", "not_a_fit"),
    wrong(_N, "model and fit", f"m = {_FIT.removeprefix('null_fit = ')}\nnull_fit = (m, m.fit())", "not_a_fit"),
    right(_N, "the fit in a list", f"null_fit = [{_FIT.removeprefix('null_fit = ')}.fit()]"),
    right(_N, "a comma too many", f"{_FIT}.fit(),"),
    wrong(_N, "two fits in a list", f"f = {_FIT.removeprefix('null_fit = ')}.fit()\nnull_fit = [f, f]", "not_a_fit"),
    wrong(
        _N, "a helper's fit in a list", "from oxboys_mlm import fit_null\nnull_fit = [fit_null(data)]", "course_helper"
    ),
    wrong(
        _N,
        "another helper",
        "from oxboys_mlm import fit_random_intercept\nnull_fit = fit_random_intercept(data)",
        "predictor_in_null_model",
    ),
    wrong(
        _N,
        "heights in whole centimetres",
        "data['height'] = data.height.round()\nnull_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
        "data_changed",
    ),
    wrong(
        _N,
        "two boys' heights set to their mean",
        "data.loc[data.Subject < 3, 'height'] = data.height.mean()\n"
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
        "data_changed",
    ),
    wrong(
        _N,
        "the logarithm of height",
        "null_fit = smf.mixedlm('np.log(height) ~ 1', data, groups='Subject').fit()",
        "other_outcome",
    ),
    wrong(_N, "the model's text", "null_fit = 'height ~ 1'", "not_a_fit"),
    wrong(_N, "a number", "null_fit = 63.3", "not_a_fit"),
    wrong(_N, "the data", "null_fit = data", "not_a_fit"),
    wrong(_N, "a module", "null_fit = smf", "not_a_fit"),
    wrong(_N, "a class", "from statsmodels.regression.mixed_linear_model import MixedLM as null_fit", "not_a_fit"),
    wrong(
        _N, "the course's helper, called", "from oxboys_mlm import fit_null\nnull_fit = fit_null(data)", "course_helper"
    ),
    wrong(_N, "the course's helper", "from oxboys_mlm import fit_null as null_fit", "course_helper"),
    wrong(
        _N,
        "the helper's model, fitted again",
        "from oxboys_mlm import fit_null\nnull_fit = fit_null(data).model.fit()",
        "course_helper",
    ),
    wrong(
        _N,
        "the helper's fit, copied",
        "import copy\nfrom oxboys_mlm import fit_null\nnull_fit = copy.deepcopy(fit_null(data))",
        "course_helper",
    ),
    wrong(_N, "an ordinary regression", "null_fit = smf.ols('height ~ 1', data).fit()", "no_random_effects"),
    wrong(_N, "a regression on boys", "null_fit = smf.ols('height ~ C(Subject)', data).fit()", "no_random_effects"),
    wrong(_N, "weighted least squares", "null_fit = smf.wls('height ~ 1', data).fit()", "no_random_effects"),
    wrong(_N, "a generalised linear model", "null_fit = smf.glm('height ~ 1', data).fit()", "not_a_fit"),
    wrong(_N, "a GEE", "null_fit = smf.gee('height ~ 1', 'Subject', data).fit()", "not_a_fit"),
    wrong(
        _N,
        "a Bayesian binomial model",
        "from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM as B\n"
        "data['tall'] = (data.height > 150).astype(int)\n"
        "null_fit = B.from_formula('tall ~ 1', {'s': '0 + C(Subject)'}, data).fit_vb()",
        "not_a_fit",
    ),
    wrong(
        _N,
        "grouped by occasion",
        "null_fit = smf.mixedlm('height ~ 1', data, groups=data['Occasion']).fit()",
        "grouped_by_occasion",
    ),
    wrong(_N, "grouped by age", "null_fit = smf.mixedlm('height ~ 1', data, groups=data['age']).fit()", "other_groups"),
    wrong(_N, "one group", "null_fit = smf.mixedlm('height ~ 1', data, groups=np.ones(234)).fit()", "other_groups"),
    wrong(
        _N,
        "random groups",
        "g = np.random.default_rng(1).permutation(data['Subject'])\n"
        "null_fit = smf.mixedlm('height ~ 1', data, groups=g).fit()",
        "other_groups",
    ),
    wrong(
        _N,
        "halves of each boy",
        "g = data['Subject'].astype(str) + (data['Occasion'] > 5).astype(str)\n"
        "null_fit = smf.mixedlm('height ~ 1', data, groups=g).fit()",
        "other_groups",
    ),
    wrong(
        _N,
        "boys and visits crossed",
        "null_fit = smf.mixedlm('height ~ 1', data, groups=np.ones(234), re_formula='0',"
        " vc_formula={'s': '0 + C(Subject)', 'o': '0 + C(Occasion)'}).fit()",
        "other_random_effects",
    ),
    wrong(
        _N,
        "age in it",
        "null_fit = smf.mixedlm('height ~ age', data, groups='Subject').fit()",
        "predictor_in_null_model",
    ),
    wrong(
        _N,
        "occasion in it",
        "null_fit = smf.mixedlm('height ~ Occasion', data, groups='Subject').fit()",
        "predictor_in_null_model",
    ),
    wrong(
        _N,
        "Subject as a number",
        "null_fit = smf.mixedlm('height ~ Subject', data, groups='Subject').fit()",
        "subject_as_number",
    ),
    wrong(
        _N,
        "boys as fixed effects",
        "null_fit = smf.mixedlm('height ~ C(Subject)', data, groups='Subject').fit()",
        "subject_dummies",
    ),
    wrong(
        _N, "R's bar", "null_fit = smf.mixedlm('height ~ 1 + (1|Subject)', data, groups='Subject').fit()", "lme4_syntax"
    ),
    wrong(
        _N,
        "random slopes already",
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject', re_formula='~age').fit()",
        "random_slope_added",
    ),
    *(
        [
            wrong(
                _N,
                "no fixed intercept",
                "null_fit = smf.mixedlm('height ~ 0', data, groups='Subject').fit()",
                "no_fixed_intercept",
            )
        ]
        if _RANK_OF_NOTHING
        else []
    ),
    wrong(_N, "age predicted", "null_fit = smf.mixedlm('age ~ 1', data, groups='Subject').fit()", "other_outcome"),
    wrong(
        _N,
        "log of height",
        "null_fit = smf.mixedlm('np.log(height) ~ 1', data, groups='Subject').fit()",
        "other_outcome",
    ),
    wrong(
        _N,
        "a subset of boys",
        "d = data[data['Subject'] <= 20]\nnull_fit = smf.mixedlm('height ~ 1', d, groups=d['Subject']).fit()",
        "other_data",
    ),
    wrong(
        _N,
        "one visit only",
        "d = data[data.Occasion < 9]\nnull_fit = smf.mixedlm('height ~ 1', d, groups='Subject').fit()",
        "other_data",
    ),
    wrong(
        _N,
        "every row twice",
        "d = pd.concat([data, data])\nnull_fit = smf.mixedlm('height ~ 1', d, groups=d['Subject']).fit()",
        "other_data",
    ),
    wrong(
        _N,
        "one height changed",
        "data.loc[0, 'height'] = 40.5\nnull_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
        "data_changed",
    ),
    wrong(
        _N,
        "shuffled heights",
        "data['height'] = np.random.default_rng(0).permutation(data.height)\n"
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
    ),
    wrong(
        _N,
        "an imitation",
        "from types import SimpleNamespace as S\n"
        "null_fit = S(cov_re=pd.DataFrame([[63.31533]]), scale=21.72702, llf=-733.29487, method='REML',"
        " fe_params=pd.Series({'Intercept': 149.5194}), model=S(k_re=1))",
        "not_a_fit",
    ),
    wrong(
        _N,
        "an imitation in a true wrapper",
        "from types import SimpleNamespace as S\n"
        "from statsmodels.regression.mixed_linear_model import MixedLMResultsWrapper as W\n"
        "null_fit = W(S(model=S(data=None), cov_re=pd.DataFrame([[63.31533]]), scale=21.72702, method='REML'))",
        "not_a_fit",
    ),
    wrong(
        _N,
        "a subclass that says what is wanted",
        "from statsmodels.regression.mixed_linear_model import MixedLMResults as R\n"
        "class Mine(R):\n    def __init__(self): self.scale = 21.72702\nnull_fit = Mine()",
        "not_a_fit",
    ),
    wrong(
        _N,
        "an object that says it is a fit",
        "from statsmodels.regression.mixed_linear_model import MixedLMResultsWrapper as W\n"
        "class Liar:\n    __class__ = property(lambda self: W)\nnull_fit = Liar()",
        "not_a_fit",
    ),
    wrong(_N, "a mock", "from unittest.mock import MagicMock\nnull_fit = MagicMock()", "not_a_fit"),
]

# ---- calculate_icc -----------------------------------------------------------------------------------

_C = "calculate_icc"
_BETWEEN = "    between = results.cov_re.iloc[0, 0]\n"
_COMPONENT = ", re_formula='0', vc_formula={'between': '1'}"


def _fitted(groups: str = "data['Subject']", how: str = "", more: str = "") -> str:
    """Fit a null model of one's own, grouped by some column; `ID` and `kind` are copies of `Subject`."""
    return (
        "data = data.assign(ID=data['Subject'], kind=data['Subject'])\n"
        f"null_fit = smf.mixedlm('height ~ 1', data, groups={groups}{more}).fit({how})"
    )


FUNCTIONS: list[Case] = [
    right(
        _C,
        "as in the notebook",
        f"def calculate_icc(results):\n{_BETWEEN}    return between / (between + results.scale)",
    ),
    right(
        _C,
        "the frame itself",
        "def calculate_icc(results):\n    return results.cov_re / (results.cov_re + results.scale)",
    ),
    right(
        _C,
        "rounded to four decimals",
        "def calculate_icc(results):\n    icc = results.cov_re / (results.cov_re + results.scale)\n"
        "    return round(icc.values[0, 0], 4)",
    ),
    *(
        right(_C, f"variance by {name}", f"def calculate_icc(r):\n    v = {code}\n    return v / (v + r.scale)")
        for name, code in {
            "values": "r.cov_re.values[0][0]",
            "iloc on an array's frame": "r.cov_re.iloc[0].iloc[0]",
            "float of the array": "float(np.asarray(r.cov_re).item())",
            "asarray": "np.asarray(r.cov_re)",
            "to_numpy": "r.cov_re.to_numpy()[0]",
            "squeeze": "r.cov_re.squeeze()",
            "the name Group": "r.cov_re['Group']['Group']",
            "loc": "r.cov_re.loc['Group', 'Group']",
            "the name Subject": "r.cov_re.loc['Subject', 'Subject']",
            "an array's index": "r.cov_re[0, 0]",
            "params times scale": "r.params['Group Var'] * r.scale",
            "params by position, times scale": "r.params.iloc[1] * r.scale",
            "the unscaled matrix": "r.cov_re_unscaled.iloc[0, 0] * r.scale",
            "the variance component": "r.vcomp[0]",
            "the summary's table": "float(r.summary().tables[1].loc['Group Var', 'Coef.'])",
            "the trace": "np.trace(r.cov_re)",
        }.items()
    ),
    right(_C, "a lambda", "calculate_icc = lambda r: float(r.cov_re.iloc[0, 0] / (r.cov_re.iloc[0, 0] + r.scale))"),
    right(
        _C,
        "without params or matrix: the ratio",
        "def calculate_icc(r):\n    ratio = r.params.iloc[-1]\n    return ratio / (1 + ratio)",
    ),
    right(
        _C,
        "one minus the rest",
        f"def calculate_icc(results):\n{_BETWEEN}    return 1 - results.scale / (between + results.scale)",
    ),
    right(
        _C, "in percent", f"def calculate_icc(results):\n{_BETWEEN}    return 100 * between / (between + results.scale)"
    ),
    partly(
        _C,
        "as a text in percent",
        f"def calculate_icc(results):\n{_BETWEEN}    return f'{{between / (between + results.scale):.2%}}'",
        0.5,
        "returns_text",
    ),
    partly(
        _C,
        "as a text",
        f"def calculate_icc(results):\n{_BETWEEN}    return '%.4f' % (between / (between + results.scale))",
        0.5,
        "returns_text",
    ),
    right(
        _C,
        "rounded to two decimals",
        f"def calculate_icc(results):\n{_BETWEEN}    return round(between / (between + results.scale), 2)",
    ),
    right(
        _C,
        "prints, then returns",
        f"def calculate_icc(results):\n{_BETWEEN}    icc = between / (between + results.scale)\n"
        "    print('The ICC is', icc)\n    return icc",
    ),
    right(
        _C,
        "warns, logs, then returns",
        "import warnings, logging\ndef calculate_icc(results):\n"
        "    warnings.warn('look')\n    logging.warning('look')\n"
        f"{_BETWEEN}    return between / (between + results.scale)",
    ),
    right(
        _C,
        "a default argument",
        "def calculate_icc(results, digits=6):\n"
        f"{_BETWEEN}    return round(between / (between + results.scale), digits)",
    ),
    right(
        _C,
        "functools.partial",
        "from functools import partial\ndef share(r, digits):\n    v = r.cov_re.iloc[0, 0]\n"
        "    return round(v / (v + r.scale), digits)\ncalculate_icc = partial(share, digits=4)",
    ),
    right(
        _C,
        "a callable object",
        "class Icc:\n    def __call__(self, r):\n        v = r.cov_re.iloc[0, 0]\n        return v / (v + r.scale)\n"
        "calculate_icc = Icc()",
    ),
    right(
        _C,
        "a method",
        "class Tools:\n    def icc(self, r):\n        v = r.cov_re.iloc[0, 0]\n        return v / (v + r.scale)\n"
        "calculate_icc = Tools().icc",
    ),
    right(
        _C,
        "decorated",
        "import functools\ndef shout(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        print('!')\n"
        "        return f(*a, **k)\n    return inner\n@shout\ndef calculate_icc(r):\n    v = r.cov_re.iloc[0, 0]\n"
        "    return v / (v + r.scale)",
    ),
    right(
        _C,
        "with a cache",
        "from functools import lru_cache\n@lru_cache\ndef calculate_icc(r):\n    v = r.cov_re.iloc[0, 0]\n"
        "    return v / (v + r.scale)",
    ),
    right(
        _C,
        "with a helper function of its own",
        "def between(r):\n    return r.cov_re.iloc[0, 0]\ndef calculate_icc(r):\n"
        "    return between(r) / (between(r) + r.scale)",
    ),
    right(
        _C,
        "with annotations and a docstring",
        "def calculate_icc(results: object) -> float:\n    '''ICC.'''\n"
        f"{_BETWEEN}    total = between + results.scale\n    return float(between / total)",
    ),
    right(
        _C,
        "for a fit of either form",
        "def calculate_icc(r):\n    v = r.cov_re.iloc[0, 0] if r.k_re else r.vcomp[0]\n    return v / (v + r.scale)",
    ),
    right(
        _C,
        "spoils its argument afterwards",
        "def calculate_icc(r):\n    v = float(r.cov_re.iloc[0, 0])\n    icc = v / (v + r.scale)\n"
        "    r.cov_re.iloc[0, 0] = 0\n    return icc",
    ),
    right(
        _C,
        "fits the model anew",
        "def calculate_icc(r):\n    f = r.model.fit(method='powell')\n"
        "    v = np.asarray(f.cov_re)[0, 0]\n    return v / (v + f.scale)",
    ),
    right(
        _C,
        "displays and plots, then returns",
        "from IPython.display import display\n"
        "def calculate_icc(results):\n    display(results.summary())\n"
        f"{_BETWEEN}    plt.bar(['between', 'within'], [between, results.scale])\n    plt.show()\n"
        "    return between / (between + results.scale)",
    ),
    *(
        right(
            _C,
            f"its own fit, {name}",
            f"{fit}\ndef calculate_icc(results):\n    v = {variance}\n    return v / (v + results.scale)",
        )
        for name, fit, variance in (
            ("grouped by a column", _fitted(), "results.cov_re.iloc[0, 0]"),
            ("grouped by name", _fitted("'Subject'"), "results.cov_re.loc['Subject', 'Subject']"),
            ("grouped by another name", _fitted("'ID'"), "results.cov_re.iloc[0, 0]"),
            ("by maximum likelihood", _fitted(how="reml=False"), "results.cov_re.iloc[0, 0]"),
            ("grouped by visit", _fitted("'Occasion'"), "results.cov_re.iloc[0, 0]"),
            ("as a component", _fitted("'Subject'", more=_COMPONENT), "results.vcomp[0]"),
            ("with random slopes", _fitted("'Subject'", more=", re_formula='~age'"), "float(results.cov_re.squeeze())"),
            ("an OLS", "null_fit = smf.ols('height ~ 1', data).fit()", "results.cov_re.iloc[0, 0]"),
            ("no fit", "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject')", "results.cov_re.iloc[0, 0]"),
        )
    ),
    *(
        wrong(
            _C,
            f"its own fit, {name}",
            f"{fit}\ndef calculate_icc(results):\n    v = {variance}\n    return v / (v + results.scale)",
            finding,
        )
        for name, fit, variance, finding in (
            ("KeyError: 0", _fitted(), "results.cov_re[0][0]", "raises"),
            ("KeyError: 'Subject'", _fitted(), "results.cov_re.loc['Subject', 'Subject']", "raises"),
            ("no components", _fitted(), "results.vcomp[0]", "raises"),
            ("no matrix", _fitted("'Subject'", more=_COMPONENT), "results.cov_re.iloc[0, 0]", "raises"),
            (
                "empty matrix",
                _fitted("'Subject'", more=_COMPONENT),
                "results.cov_re.to_numpy().sum()",
                "wrong_for_own_fit",
            ),
            ("by its own name", _fitted("'ID'"), "results.params['ID Var'] * results.scale", "only_for_own_fit"),
        )
    ),
    *(
        wrong(
            _C,
            name,
            f"def calculate_icc(r):\n    v, s = r.cov_re.iloc[0, 0], r.scale\n    icc = v / (v + s)\n    return {code}",
            finding,
        )
        for name, code, finding in (
            ("the larger share", "max(icc, 1 - icc)", "larger_share"),
            ("the larger variance", "max(v, s) / (v + s)", "larger_share"),
            ("one minus the smaller share", "1 - min(v, s) / (v + s)", "larger_share"),
            ("the larger share, in percent", "round(100 * max(icc, 1 - icc), 2)", "larger_share"),
            ("the smaller share", "min(icc, 1 - icc)", "smaller_share"),
            ("never below one half", "icc if icc > .5 else 0.5", "right_for_one_fit"),
            ("a typed scale", "v / (v + 21.727)", "right_for_one_fit"),
            ("whole percent of tens", "round(icc, 1)", "rounded_inside"),
            ("without parentheses", "v / v + s", "parentheses_missing"),
        )
    ),
    right(
        _C,
        "no module",
        "def calculate_icc(r):\n    v = r.cov_re.iloc[0, 0]\n    return v / (v + r.scale)\n"
        "calculate_icc.__module__ = None",
    ),
    wrong(_C, "nothing", ""),
    wrong(_C, "an ellipsis", "calculate_icc = ..."),
    wrong(_C, "a body left out", "def calculate_icc(results):\n    ...", "returns_nothing"),
    wrong(
        _C,
        "prints instead of returning",
        f"def calculate_icc(results):\n{_BETWEEN}    print(between / (between + results.scale))",
        "returns_nothing",
    ),
    wrong(_C, "a number", "calculate_icc = 0.7445", "not_a_function"),
    wrong(_C, "a text", "calculate_icc = 'cov_re / (cov_re + scale)'", "not_a_function"),
    wrong(
        _C, "a class", "class calculate_icc:\n    def __init__(self, r):\n        self.icc = .7445", "not_a_function"
    ),
    wrong(
        _C,
        "called at once",
        "def f(r):\n    v = r.cov_re.iloc[0, 0]\n    return v / (v + r.scale)\n"
        "calculate_icc = f(smf.mixedlm('height ~ 1', data, groups='Subject').fit())",
        "not_a_function",
    ),
    wrong(_C, "the same number for all", "def calculate_icc(results):\n    return 0.7445", "ignores_its_argument"),
    wrong(
        _C,
        "the notebook's fit instead of the argument",
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()\n"
        "def calculate_icc(results):\n    v = null_fit.cov_re.iloc[0, 0]\n    return v / (v + null_fit.scale)",
        "ignores_its_argument",
    ),
    wrong(
        _C,
        "half from the notebook's fit",
        "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()\n"
        "def calculate_icc(results):\n    v = null_fit.cov_re.iloc[0, 0]\n    return v / (v + results.scale)",
    ),
    wrong(
        _C,
        "standard deviations",
        f"def calculate_icc(results):\n{_BETWEEN}    return between**.5 / (between**.5 + results.scale**.5)",
        "standard_deviations",
    ),
    wrong(
        _C,
        "numerator swapped",
        f"def calculate_icc(results):\n{_BETWEEN}    return results.scale / (between + results.scale)",
        "shares_swapped",
    ),
    wrong(
        _C,
        "the ratio",
        f"def calculate_icc(results):\n{_BETWEEN}    return between / results.scale",
        "ratio_to_residual",
    ),
    wrong(_C, "params read as the ICC", "def calculate_icc(r):\n    return r.params['Group Var']", "ratio_to_residual"),
    wrong(
        _C,
        "params read as the variance",
        "def calculate_icc(r):\n    v = r.params['Group Var']\n    return v / (v + r.scale)",
        "params_as_variance",
    ),
    wrong(_C, "the variance", f"def calculate_icc(results):\n{_BETWEEN}    return between", "variance_itself"),
    wrong(
        _C, "the residual variance", "def calculate_icc(results):\n    return results.scale", "residual_variance_itself"
    ),
    wrong(
        _C,
        "brackets forgotten",
        f"def calculate_icc(results):\n{_BETWEEN}    return between / between + results.scale",
        "parentheses_missing",
    ),
    wrong(
        _C, "the variance of height", f"def calculate_icc(results):\n{_BETWEEN}    return between / data.height.var()"
    ),
    wrong(
        _C,
        "rounded to one decimal",
        f"def calculate_icc(results):\n{_BETWEEN}    return round(between / (between + results.scale), 1)",
        "rounded_inside",
    ),
    wrong(
        _C,
        "refits by maximum likelihood",
        "def calculate_icc(r):\n    f = r.model.fit(reml=False)\n    v = np.asarray(f.cov_re)[0, 0]\n"
        "    return v / (v + f.scale)",
    ),
    wrong(_C, "the course's helper", "from oxboys_mlm import icc\ncalculate_icc = icc", "course_helper"),
    wrong(
        _C,
        "the course's helper inside",
        "import oxboys_mlm\ndef calculate_icc(r):\n    return oxboys_mlm.icc(r)",
        "course_helper",
    ),
    wrong(
        _C,
        "the course's helper, partial",
        "from functools import partial\nfrom oxboys_mlm import icc\ncalculate_icc = partial(icc)",
        "course_helper",
    ),
    wrong(
        _C,
        "the course's helper behind a cache",
        "from functools import lru_cache\nfrom oxboys_mlm import icc\ncalculate_icc = lru_cache(icc)",
        "course_helper",
    ),
    wrong(_C, "no argument", "def calculate_icc():\n    return 0.7445", "raises"),
    wrong(
        _C, "two arguments", "def calculate_icc(between, within):\n    return between / (between + within)", "raises"
    ),
    wrong(
        _C, "a name that does not exist", "def calculate_icc(r):\n    return variance / (variance + r.scale)", "raises"
    ),
    wrong(
        _C, "an attribute that does not exist", "def calculate_icc(r):\n    return r.var / (r.var + r.scale)", "raises"
    ),
    wrong(_C, "raises <script>", "def calculate_icc(r):\n    raise ValueError('<script>alert(1)</script>')", "raises"),
    wrong(_C, "leaves the program", "def calculate_icc(r):\n    raise SystemExit", "raises"),
    wrong(_C, "interrupts", "def calculate_icc(r):\n    raise KeyboardInterrupt", "raises"),
    wrong(_C, "without end", "def calculate_icc(r):\n    return calculate_icc(r)", "raises"),
    wrong(
        _C,
        "asynchronous",
        f"async def calculate_icc(results):\n{_BETWEEN}    return between / (between + results.scale)",
        "returns_no_number",
    ),
    wrong(
        _C,
        "a generator",
        f"def calculate_icc(results):\n{_BETWEEN}    yield between / (between + results.scale)",
        "returns_no_number",
    ),
    wrong(
        _C,
        "several values",
        f"def calculate_icc(results):\n{_BETWEEN}    return between, results.scale",
        "returns_no_number",
    ),
    wrong(_C, "a sentence", "def calculate_icc(results):\n    return 'The ICC is high'", "returns_no_number"),
    wrong(_C, "a truth value", "def calculate_icc(results):\n    return True", "returns_no_number"),
    wrong(_C, "not a number", "def calculate_icc(results):\n    return float('nan')", "returns_no_number"),
    wrong(_C, "a mock", "from unittest.mock import MagicMock\ncalculate_icc = MagicMock()", "returns_no_number"),
    wrong(
        _C,
        "a number that lies",
        "class F(float):\n    pass\ndef calculate_icc(r):\n    return F(.7445)",
        "returns_no_number",
    ),
]

# ---- icc ---------------------------------------------------------------------------------------------

_I = "icc"
_FITTED = "f = smf.mixedlm('height ~ 1', data, groups='Subject').fit()\n"
_V = "v = f.cov_re.iloc[0, 0]\n"


def _icc(name: str, code: str, finding: str = "", share: float = 0.0) -> Case:
    return Case(_I, name, code, share, finding)


NUMBERS: list[Case] = [
    right(_I, "computed", f"{_FITTED}{_V}icc = v / (v + f.scale)"),
    right(_I, "the frame", f"{_FITTED}icc = f.cov_re / (f.cov_re + f.scale)"),
    right(_I, "the array", f"{_FITTED}icc = (f.cov_re / (f.cov_re + f.scale)).to_numpy()"),
    right(_I, "the column", f"{_FITTED}icc = (f.cov_re / (f.cov_re + f.scale)).iloc[0]"),
    right(_I, "a comma too many", "icc = 0.7445,"),
    *(
        right(_I, code, f"icc = {code}")
        for code in (
            "0.74",
            ".745",
            "0.744",
            "0.7445",
            "0.74452",
            "0.744515",
            "74.45",
            "74.5",
            "74.4515",
            "74",
            "'0.7445'",
            "'74.45%'",
            "'74,45 %'",
            "'0,74'",
            "np.float64(0.7445)",
            "np.float32(0.7445)",
            "np.float16(0.7445)",
            "np.array(0.7445)",
            "np.array([[0.7445]])",
            "pd.Series([0.7445])",
            "pd.DataFrame([[0.7445]])",
            "__import__('decimal').Decimal('0.7445')",
            "__import__('fractions').Fraction(7445, 10000)",
            "63.315 / (63.315 + 21.727)",
            "round(63.3153 / 85.04235 * 100, 1)",
            "np.str_('0.7445')",
        )
    ),
    _icc("nothing", ""),
    _icc("None", "icc = None"),
    _icc("standard deviations", f"{_FITTED}{_V}icc = v**.5 / (v**.5 + f.scale**.5)", "standard_deviations"),
    _icc("standard deviations, typed", "icc = .63", "standard_deviations"),
    _icc("standard deviations, in percent", "icc = 63.06", "standard_deviations"),
    _icc("the variance, rounded", "icc = 63.3", "variance_itself"),
    _icc("the variance", f"{_FITTED}icc = f.cov_re", "variance_itself"),
    _icc("the residual variance", "icc = 21.727", "residual_variance_itself"),
    _icc("the other share", "icc = 1 - 0.7445", "shares_swapped"),
    _icc("the other share, in percent", "icc = 25.55", "shares_swapped"),
    _icc("the ratio", "icc = 63.315 / 21.727", "ratio_to_residual"),
    _icc("the ratio, typed", "icc = 2.91", "ratio_to_residual"),
    _icc("params", f"{_FITTED}icc = f.params['Subject Var']", "ratio_to_residual"),
    _icc(
        "params as the variance", f"{_FITTED}v = f.params['Subject Var']\nicc = v / (v + f.scale)", "params_as_variance"
    ),
    _icc("maximum likelihood", "icc = 0.7367", "ml_instead_of_reml", 0.5),
    _icc(
        "maximum likelihood, computed",
        "f = smf.mixedlm('height ~ 1', data, groups='Subject').fit(reml=False)\nicc = f.cov_re / (f.cov_re + f.scale)",
        "ml_instead_of_reml",
        0.5,
    ),
    _icc(
        "1 minus the share of scale in the heights' variance",
        f"{_FITTED}icc = 1 - f.scale / data.height.var()",
        "total_from_heights",
        0.5,
    ),
    _icc(
        "the same by np.var, which is what ML gives",
        f"{_FITTED}icc = 1 - f.scale / np.var(data.height)",
        "ml_instead_of_reml",
        0.5,
    ),
    _icc(
        "of the predicted effects",
        f"{_FITTED}v = np.var([e.iloc[0] for e in f.random_effects.values()], ddof=1)\nicc = v / (v + f.scale)",
        "predicted_effects",
        0.5,
    ),
    _icc("omega squared", "icc = 0.73698", "omega_squared", 0.5),
    _icc("one of three: it cannot be told", "icc = 0.737", "ml_instead_of_reml", 0.5),
    _icc("from rounded pieces", "icc = 63 / (63 + 22)", "not_exact", 0.5),
    _icc(
        "of 25 boys",
        "d = data[data.Subject != 26]\nf = smf.mixedlm('height ~ 1', d, groups='Subject').fit()\n"
        f"{_V}icc = v / (v + f.scale)",
    ),
    _icc("of 25 boys, .733", "icc = 0.733"),
    _icc("of a GEE", "icc = 0.7343240914377446"),
    _icc("eta squared", f"{_FITTED}icc = smf.ols('height ~ C(Subject)', data).fit().rsquared", "eta_squared"),
    _icc(
        "of the boys' means",
        f"{_FITTED}v = data.groupby('Subject').height.mean().var()\nicc = v / (v + f.scale)",
        "variance_of_means",
    ),
    _icc("over the heights' variance", f"{_FITTED}{_V}icc = v / data.height.var()", "divided_by_variance_of_heights"),
    _icc("of predictions", f"{_FITTED}icc = f.fittedvalues.var() / data.height.var()", "variance_of_predictions"),
    _icc("brackets forgotten", f"{_FITTED}{_V}icc = v / v + f.scale", "brackets_missing"),
    _icc("brackets forgotten, typed", "icc = 22.73", "brackets_missing"),
    _icc("the total", "icc = 85.04", "total_variance"),
    _icc("the variance of the heights", "icc = data.height.var()", "variance_of_heights"),
    _icc("63 % or 63 cm²: it cannot be told", "icc = 63", "standard_deviations"),
    _icc("of the random intercept model", "icc = 0.9745", "age_adjusted"),
    _icc("grouped by occasion", "icc = 0.207", "grouped_by_occasion"),
    _icc("the column of standard errors", "icc = 4.221 / (4.221 + 21.7271)", "standard_error_column"),
    _icc("one decimal", "icc = 0.7", "rounded_too_much", 0.5),
    _icc("rounded up", "icc = 0.75", "variance_of_means"),
    _icc("one", "icc = 1"),
    _icc("a hundred", "icc = 100"),
    _icc("zero", "icc = 0"),
    _icc("a negative share", "icc = -0.7445", "wrong_sign"),
    _icc("far too large", "icc = 7445"),
    _icc("a thousandth", "icc = 0.007445"),
    _icc("percent twice", "icc = '0.7445%'"),
    _icc("a truth value", "icc = True", "not_a_number"),
    _icc("NumPy's truth value", "icc = np.bool_(True)", "not_a_number"),
    _icc("not a number", "icc = float('nan')", "not_finite"),
    _icc("NumPy's NaN", "icc = np.nan", "not_finite"),
    _icc("infinite", "icc = np.inf", "not_finite"),
    _icc("a signalling NaN", "icc = __import__('decimal').Decimal('sNaN')", "not_finite"),
    _icc("a huge number", "icc = 10**5000", "not_finite"),
    _icc("a word", "icc = 'high'", "not_a_number"),
    _icc("NaN in words", "icc = 'nan'", "not_a_number"),
    _icc("a sentence", "icc = 'The ICC is 0.7445'", "not_a_number"),
    _icc("empty", "icc = ''", "not_a_number"),
    _icc("complex", "icc = 0.7445 + 0j", "not_a_number"),
    _icc("a time", "icc = np.timedelta64(1, 'ns')", "not_a_number"),
    _icc("missing value", "icc = pd.NA", "not_a_number"),
    _icc("two numbers", "icc = [0.7445, 0.2555]", "not_a_number"),
    _icc("a decimal comma", "icc = 0,7445", "decimal_comma"),
    _icc("a decimal comma, in percent", "icc = 74,45", "decimal_comma"),
    _icc("two numbers with decimals", "icc = 0.7445, 0.2555", "not_a_number"),
    _icc("a dictionary", "icc = {'icc': 0.7445}", "not_a_number"),
    _icc("a function", "def icc(r):\n    return 0.7445", "not_a_number"),
    _icc("the course's helper", "from oxboys_mlm import icc", "course_helper"),
    _icc("a fit", "icc = smf.mixedlm('height ~ 1', data, groups='Subject').fit()", "not_a_number"),
    _icc("a float of its own kind", "class F(float):\n    pass\nicc = F(.7445)", "not_a_number"),
    _icc("a NumPy float of its own kind", "class F(np.float64):\n    pass\nicc = F(.7445)", "not_a_number"),
    _icc(
        "pretends to come from NumPy",
        "class F:\n    __module__ = 'numpy'\n    def __float__(self): return .7445\nicc = F()",
        "not_a_number",
    ),
    _icc(
        "pretends to be a float",
        "class F:\n    __class__ = float\n    def __float__(self): return .7445\nicc = F()",
        "not_a_number",
    ),
    _icc(
        "equal to everything",
        "class F:\n    def __eq__(self, other): return True\n    __hash__ = None\nicc = F()",
        "not_a_number",
    ),
    _icc("turns into a number", "class F:\n    def __float__(self): return .7445\nicc = F()", "not_a_number"),
    _icc("a mock", "from unittest.mock import MagicMock\nicc = MagicMock()", "not_a_number"),
    _icc(
        "answers with errors",
        "class F:\n    def __getattribute__(self, n): raise SystemExit\nicc = F()",
        "not_a_number",
    ),
    _icc("an iterator without end", "import itertools\nicc = itertools.count()", "not_a_number"),
]

# ---- intercept_variance_row and icc_meaning ----------------------------------------------------------

_R = "intercept_variance_row"
_CONSTANT = (
    "from statsmodels.regression.mixed_linear_model import MixedLM\n"
    "constant = pd.DataFrame({'constant': np.ones(len(data))})\n"
    "null_fit = MixedLM(data['height'], constant, exog_re=constant, groups=data['Subject']).fit()"
)

ROWS: list[Case] = [
    *(
        right(_R, repr(text), f"{_R} = {text!r}")
        for text in (
            "Group Var",
            "Subject Var",
            "group var",
            "GROUP VAR",
            " Group  Var ",
            "'Group Var'",
            "`Group Var`",
            "Group Var:",
            "the `Group Var` row",
            "Group Var row",
            "Group Variance",
            "Group_Var",
            "Group Var 63.314",
            "x_re1 Var",
            "boy Var",
        )
    ),
    right(_R, "from the summary", f"f = {_FITTED[4:-1]}\n{_R} = f.summary().tables[1].index[1]"),
    right(_R, "from the parameters", f"f = {_FITTED[4:-1]}\n{_R} = f.params.index[-1]"),
    right(_R, "the only element of an index", f"f = {_FITTED[4:-1]}\n{_R} = f.params.index[1:]"),
    right(_R, "in a list", f"{_R} = ['Group Var']"),
    right(_R, "in a set", f"{_R} = {{'Group Var'}}"),
    right(_R, "in an array", f"{_R} = np.array(['Group Var'])"),
    right(_R, "NumPy's text", f"{_R} = np.str_('Group Var')"),
    *(
        right(_R, f"of the own summary: {row}", f"{fit}\n{_R} = {row}")
        for fit, row in (
            (_fitted(), "'Group Var'"),
            (_fitted(), "'the row Group Variance'"),
            (_fitted("'Subject'"), "'Subject Var'"),
            (_fitted("'ID'"), "null_fit.summary().tables[1].index[1]"),
            (_fitted("'ID'"), "'ID Var'"),
            (_fitted("'ID'"), "'id_var: 63.314'"),
            (_fitted("data['kind']"), "'Group Var'"),
            (_fitted("'kind'"), "'kind Var'"),
            (_fitted("'kind'"), "null_fit.params.index[-1]"),
            (_fitted("'kind'"), "null_fit.params[1:]"),
            (_fitted("'kind'"), "null_fit.summary().tables[1].iloc[[1]]"),
            (_fitted("'kind'"), "(row for row in null_fit.params.index if 'Var' in row)"),
            (_fitted("'Subject'", more=_COMPONENT), "'between Var'"),
            (_fitted("'Subject'", more=", re_formula='0', vc_formula={'Intercept': '1'}"), "'Intercept Var'"),
            (_fitted("'ID'", more=", re_formula='~age'"), "'ID Var'"),
            (_CONSTANT, "'constant Var'"),
            ("null_fit = 5", "'Group Var'"),
            ("null_fit = smf.ols('height ~ 1', data).fit()", "'Group Var'"),
        )
    ),
    *(
        wrong(_R, f"not of the own summary: {row}", f"{fit}\n{_R} = {row!r}", "not_in_own_summary")
        for fit, row in (
            (_fitted(), "Intercept Var"),
            (_fitted(), "const Var"),
            (_fitted(), "Subject Var"),
            (_fitted("'Subject'"), "Group Var"),
            (_fitted("'ID'"), "Group Var"),
            (_fitted("'ID'"), "x_re1 Var"),
            (_fitted("'ID'", more=", re_formula='~age'"), "age Var"),
            (_fitted("'Subject'", more=_COMPONENT), "Subject Variance"),
            (_CONSTANT, "Group Var"),
        )
    ),
    wrong(_R, "no usual name: Intercept Var", f"{_R} = 'Intercept Var'"),
    wrong(_R, "no usual name: const Var", f"{_R} = 'const Var'"),
    wrong(_R, "the intercept, of the own summary", f"{_fitted()}\n{_R} = 'Intercept'", "fixed_intercept_row"),
    wrong(_R, "half of the own name", f"{_fitted()}\n{_R} = 'Group'", "not_the_full_name"),
    wrong(_R, "nothing", ""),
    wrong(_R, "empty", f"{_R} = ''"),
    wrong(_R, "dots", f"{_R} = '...'"),
    wrong(_R, "the intercept", f"{_R} = 'Intercept'", "fixed_intercept_row"),
    wrong(_R, "the scale", f"{_R} = 'Scale'", "residual_variance_row"),
    wrong(_R, "the scale with its value", f"{_R} = 'Scale: 21.7271'", "residual_variance_row"),
    wrong(_R, "the residuals", f"{_R} = 'Residual'", "residual_variance_row"),
    wrong(_R, "a column", f"{_R} = 'Coef.'", "column_instead_of_row"),
    wrong(_R, "the column of standard errors", f"{_R} = 'Std.Err.'", "column_instead_of_row"),
    wrong(_R, "half of the name", f"{_R} = 'Group'", "not_the_full_name"),
    wrong(_R, "the number of groups", f"{_R} = 'No. Groups'", "not_the_full_name"),
    wrong(_R, "the slope's variance", f"{_R} = 'age Var'"),
    wrong(_R, "height", f"{_R} = 'height'"),
    wrong(_R, "its position", f"{_R} = 1", "not_a_text"),
    wrong(_R, "its value", f"{_R} = 63.314", "not_a_text"),
    wrong(_R, "two rows", f"{_R} = ['Intercept', 'Group Var']", "not_a_text"),
    wrong(_R, "a truth value", f"{_R} = True", "not_a_text"),
    wrong(_R, "a very long text", f"{_R} = 'Group Var ' * 10000", "not_a_text"),
    wrong(_R, "a number of texts without end", f"import itertools\n{_R} = itertools.repeat('Group Var')", "not_a_text"),
    wrong(_R, "<script>", f"{_R} = '<script>alert(1)</script>'"),
]

CASES: list[Case] = NULL_FITS + FUNCTIONS + NUMBERS + ROWS

_M = "icc_meaning"

_NO_OPTIONS: tuple[object, ...] = (
    *("e", "ab", "a or b", 2, True, ["a", "b"], {}, b"b", "<script>alert(1)</script>", "\ud800"),
)
#: With "b" as the key.
CHOICES: list[Case] = [
    *(
        right(_M, repr(text), f"{_M} = {text!r}")
        for text in ("b", "B", " b ", "b)", "(b)", "b.", '"b"', "`b`", ["b"], ("b",))
    ),
    right(_M, "NumPy's text", f"{_M} = np.str_('b')"),
    *(wrong(_M, repr(text), f"{_M} = {text!r}", "other_option") for text in ("a", "c", "D")),
    *(wrong(_M, repr(value), f"{_M} = {value!r}", "no_option") for value in _NO_OPTIONS),
    wrong(_M, "a letter without quotes", f"{_M} = b"),
    wrong(_M, "empty", f"{_M} = ''"),
    wrong(_M, "the placeholder", f"{_M} = ..."),
]
