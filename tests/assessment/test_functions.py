"""Functions are judged by what they return for models that they had not seen."""

from __future__ import annotations

import gc
import itertools
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from statsmodels.regression.mixed_linear_model import MixedLM

from oxboys_mlm import icc, load_oxboys
from oxboys_mlm.assessment.collecting import describe
from oxboys_mlm.assessment.evidence import Call, Function, Missing, Number, Unusable
from oxboys_mlm.assessment.functions import FunctionQuestion, Probe
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.questions import null_model, simulated

HELPERS: Counter[str] = Counter()


def _probes(seed: int) -> tuple[Probe, ...]:
    """Put lists in place of models: the first variant is a list, the second a dictionary."""
    return tuple(Probe((partial(list, [n]), partial(dict, n=n))) for n in (seed, seed + 7))


def _values(seed: int) -> tuple[dict[str, float], ...]:
    return tuple({"target": n / 100, "double": n / 50} for n in (seed, seed + 7))


QUESTION = FunctionQuestion(
    key="f",
    title="",
    where="Look there.",
    probes=_probes,
    values=_values,
    helper_calls=HELPERS,
    tolerance=0.005,
    praise="Yes.",
    proportion=True,
    slips=(Mistake("double", "Twice."),),
)


def _judge(function: Any, seed: int = 20) -> tuple[float, str]:
    judgement = QUESTION.judge(describe(QUESTION, function, seed), seed=seed)
    return judgement.share, next((finding.name for finding in judgement.findings), "")


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda model: model[0] / 100, (1.0, "")),
        (lambda model: model[0], (1.0, "")),  # in percent
        (lambda model: f"{model[0]} %", (0.5, "returns_text")),
        (lambda model: str(model[0] / 100), (0.5, "returns_text")),
        (lambda model: round(model[0] / 100, 1), (0.0, "rounded_inside")),
        (lambda model: round(model[0] / 100), (0.0, "ignores_its_argument")),
        (lambda model: model[0] / 100 if model[0] == 20 else 0.9, (0.0, "right_for_one_fit")),
        (lambda model: np.array([[model[0] / 100]]), (1.0, "")),
        (lambda model: model["n"] / 100, (1.0, "")),  # the second variant
        (lambda model: model[0] / 50, (0.0, "double")),
        (lambda model: 0.2, (0.0, "ignores_its_argument")),
        (lambda model: model[0] / 70, (0.0, "")),
        (lambda model: None, (0.0, "returns_nothing")),
        (lambda model: True, (0.0, "returns_no_number")),
        (lambda model: model, (1.0, "")),  # a list that holds one number is that number
        (lambda model: 1 / 0, (0.0, "raises")),
        (lambda: 0.2, (0.0, "raises")),
        (lambda model: exit(), (0.0, "raises")),
        (0.2, (0.0, "not_a_function")),
        (float, (0.0, "not_a_function")),
    ],
)
def test_functions(function: Any, expected: tuple[float, str]) -> None:
    """A function earns its points by its values, and its mistake has a name."""
    assert _judge(function) == expected


def test_the_probes_must_be_the_graders() -> None:
    """Values for other probes than the judge's own earn nothing."""
    evidence = describe(QUESTION, lambda model: model[0] / 100, 20)

    assert QUESTION.judge(evidence, seed=20).share == 1.0
    assert QUESTION.judge(evidence, seed=21).share == 0.0


def test_a_call_too_few_earns_nothing() -> None:
    """Evidence must hold one value per probe."""
    assert QUESTION.judge(Function(20, (Call(Number(0.2)),))).share == 0.0
    assert QUESTION.judge(Function(20, ())).share == 0.0
    assert QUESTION.judge(Function(20, (Call(Number(0.2)), Call(Missing())))).share == 0.0


def test_helpers_are_noticed() -> None:
    """A function that lets a helper do the work is told so."""

    def leave_it(model: list[int]) -> float:
        HELPERS["icc"] += 1
        return model[0] / 100

    assert _judge(leave_it) == (0.0, "course_helper")
    assert _judge(lambda model: model[0] / 100) == (1.0, "")


def test_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that does not come back is stopped once, and told so."""
    monkeypatch.setattr("oxboys_mlm.assessment.collecting.functions.CALL_SECONDS", 0.05)
    calls = []

    def forever(model: list[int]) -> float:
        calls.append(model)
        while True:
            pass

    assert _judge(forever) == (0.0, "takes_too_long")
    assert len(calls) == 1


def _spoil(results: Any) -> float:
    share = float(np.ravel(results.cov_re)[0] / (np.ravel(results.cov_re)[0] + results.scale))
    results._results.scale = 0.0
    results.cov_re.iloc[0, 0] = 0.0
    results.model.endog[:] = 0.0
    return share


def test_no_call_spoils_the_next() -> None:
    """A function gets copies of the models: whatever it does to them, the next check finds them whole."""
    for _ in range(2):
        assert null_model.CALCULATE_ICC.judge(describe(null_model.CALCULATE_ICC, _spoil, 5)).share == 1.0


@pytest.mark.parametrize("seed", [0, 1, 2, 2**53 - 1])
def test_probes_of_any_seed_tell_formulas_apart(seed: int) -> None:
    """For every seed all ways to state a model agree, and no known mistake gives the right values."""
    expected = null_model.probe_values(seed)
    # Optimisers stop within this distance of the optimum, which the judge computes in closed form.
    for probe, values in zip(simulated.probes(seed), expected, strict=True):
        assert [icc(variant()) for variant in probe.variants] == pytest.approx([values["target"]] * 4, abs=1e-4)
    # Some probe tells each mistake from the right function, and from every other mistake, by far.
    names = [slip.name for slip in null_model.CALCULATE_ICC.slips]
    for one, other in itertools.combinations(["target", *names], 2):
        assert max(abs(values[one] - values[other]) for values in expected) > 0.05, (one, other)


@pytest.mark.parametrize("seed", range(10))
def test_shares_do_not_depend_on_luck(seed: int) -> None:
    """Whatever the seed, one simulated ICC is above one half and the other below."""
    high, low = (values["target"] for values in null_model.probe_values(seed)[1:])
    assert 0.59 < high < 0.91
    assert 0.14 < low < 0.41


def test_other_seeds_make_other_models() -> None:
    """Values learnt from one seed's models are no use for another's."""
    first, second = ([values["target"] for values in null_model.probe_values(seed)][1:] for seed in (1, 2))
    assert all(abs(a - b) > 0.01 for a, b in zip(first, second, strict=True))


# ---- the author's own fit -------------------------------------------------------------------------

DATA = load_oxboys().assign(ID=lambda data: data["Subject"], one=1)


def _own(how: str) -> Any:
    """Fit the null model in some way, or another model than that."""
    constant = pd.DataFrame({"constant": np.ones(len(DATA))})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        match how:
            case "series":
                return smf.mixedlm("height ~ 1", DATA, groups=DATA["Subject"]).fit()
            case "name" | "ML":
                return smf.mixedlm("height ~ 1", DATA, groups="Subject").fit(reml=how == "name")
            case "ID":
                return smf.mixedlm("height ~ 1", DATA, groups="ID").fit()
            case "component":
                components = {"between": "0 + C(Subject)"}
                return smf.mixedlm("height ~ 1", DATA, groups="one", re_formula="0", vc_formula=components).fit()
            case "arrays":
                return MixedLM(DATA["height"].to_numpy(), np.ones(len(DATA)), groups=DATA["Subject"].to_numpy()).fit()
            case "frames":
                return MixedLM(DATA["height"], constant, exog_re=constant, groups=DATA["Subject"]).fit()
            case "slopes":
                return smf.mixedlm("height ~ age", DATA, groups="Subject", re_formula="~age").fit()
            case _:
                return smf.ols("height ~ 1", DATA).fit()


def _share(variance: str) -> Callable[[Any], Any]:
    return eval(f"lambda r: ({variance}) / (({variance}) + r.scale)", {"np": np})


FIRST = "r.cov_re.iloc[0, 0]"


@pytest.mark.parametrize(
    ("how", "variance", "expected"),
    [
        ("series", FIRST, (1.0, "")),
        ("name", FIRST, (1.0, "")),
        ("ID", FIRST, (1.0, "")),
        ("ML", FIRST, (1.0, "")),
        ("frames", FIRST, (1.0, "")),
        ("arrays", "np.asarray(r.cov_re)[0, 0]", (1.0, "")),
        ("arrays", "r.cov_re[0, 0]", (1.0, "")),
        ("component", "r.vcomp[0]", (1.0, "")),
        ("series", "r.cov_re.loc['Group', 'Group']", (1.0, "")),
        ("name", "r.cov_re.loc['Subject', 'Subject']", (1.0, "")),
        ("series", "r.cov_re.loc['Subject', 'Subject']", (0.0, "raises")),
        ("name", "r.cov_re.loc['Group', 'Group']", (0.0, "raises")),
        ("series", "r.cov_re[0, 0]", (0.0, "raises")),
        ("series", "r.cov_re[0][0]", (0.0, "raises")),
        ("series", "r.vcomp[0]", (0.0, "raises")),
        ("component", FIRST, (0.0, "raises")),
        ("arrays", FIRST, (0.0, "raises")),
        ("component", "np.sum(np.asarray(r.cov_re))", (0.0, "wrong_for_own_fit")),
        ("ID", "r.params['ID Var'] * r.scale", (0.0, "only_for_own_fit")),
        ("ID", "r.cov_re.loc['ID', 'ID']", (0.0, "only_for_own_fit")),
        ("ID", "r.params['ID Var']", (0.0, "raises")),  # not right for the own fit either
        # What is no null model at all makes no function wrong.
        ("slopes", "r.cov_re.squeeze()", (1.0, "")),
        ("slopes", "float(r.cov_re.squeeze())", (1.0, "")),
        ("ols", FIRST, (1.0, "")),
    ],
)
def test_own_fit(how: str, variance: str, expected: tuple[float, str]) -> None:
    """A function has to work for its author's own fit, and for others."""
    question = null_model.CALCULATE_ICC
    evidence = describe(question, _share(variance), 5, {"null_fit": _own(how)})
    judgement = question.judge(evidence, seed=5)

    assert (judgement.share, next((found.name for found in judgement.findings), "")) == expected, judgement.feedback
    if expected[1] == "raises" and variance != "r.params['ID Var']":
        assert "your own `null_fit`" in judgement.feedback
    if expected[1] == "only_for_own_fit":
        assert "`ID Var`" in judgement.feedback


def test_own_fit_is_not_spoilt() -> None:
    """The function gets a copy of the notebook's own fit."""
    own = _own("series")
    evidence = describe(null_model.CALCULATE_ICC, _spoil, 5, {"null_fit": own})

    assert null_model.CALCULATE_ICC.judge(evidence, seed=5).share == 1.0
    assert own.scale > 0
    assert own.cov_re.iloc[0, 0] > 0


def _numbers_in_reach() -> list[float]:
    """Collect the numbers that a function can find in its callers and in everything that the process holds."""
    found: list[float] = []
    things: list[Any] = [thing for thing in gc.get_objects() if type(thing) in (dict, list, tuple)]
    frame = sys._getframe(1)
    while frame:
        things.append(dict(frame.f_locals))
        frame = frame.f_back  # type: ignore[assignment]
    for thing in things:
        found += [value for value in (thing.values() if type(thing) is dict else thing) if type(value) is float]
    return found


def test_no_target_in_reach() -> None:
    """While a function runs there is nowhere to read what it should give, not even after an earlier check."""
    seen: set[float] = set()

    def look(results: Any) -> float:
        seen.update(_numbers_in_reach())
        return float(results.scale)

    question = null_model.CALCULATE_ICC
    for _ in range(2):
        evidence = describe(question, look, 9, {"null_fit": _own("series")})
        question.judge(evidence, seed=9)
    # The first model is that of the Oxboys data, whose ICC is also what other questions compute.
    asked = [values["target"] for values in null_model.probe_values(9)[1:]]

    assert seen
    assert [value for value in asked if any(abs(value - other) < 1e-9 for other in seen)] == []


def test_asking_the_judge_is_no_answer() -> None:
    """A function that calls what computes the target leaves the work to the course."""
    question = null_model.CALCULATE_ICC
    for look in (
        lambda r: null_model.probe_values(5)[0]["target"],
        lambda r: null_model._shares_of(r)["target"],
        lambda r: question.values(5)[0]["target"],
    ):
        assert question.judge(describe(question, look, 5)).findings[0].name == "course_helper"


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        (lambda model: round(model[0] / 100, 2), "rounds"),
        (lambda model: np.array([[model[0] / 100]]), "a NumPy array"),
        (lambda model: pd.DataFrame([[model[0] / 100]]), "a data frame"),
        (lambda model: [model[0] / 100], "a list"),
    ],
)
def test_remarks(answer: Any, remark: str) -> None:
    """What is right but inconvenient is said."""
    judgement = QUESTION.judge(describe(QUESTION, answer, 21), seed=21)
    assert judgement.share == 1.0
    assert remark in judgement.feedback


def test_advice_on_arguments_is_for_arguments() -> None:
    """Only a function that cannot be called with one argument is told so."""

    def two(between: float, within: float) -> float:
        return between / within

    def inside(model: Any) -> float:
        return two(model)  # type: ignore[call-arg]

    told = [
        QUESTION.judge(describe(QUESTION, answer, 20)).feedback for answer in (two, lambda: 1, inside, lambda m: 1 / 0)
    ]
    assert ["one argument" in feedback for feedback in told] == [True, True, False, False]


def test_nothing_of_a_function_is_seen() -> None:
    """What a function displays, plots or leaves open is not in the notebook; figures open before stay as they are."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.close("all")
    before = plt.figure()

    def draws(model: list[int]) -> float:
        plt.plot([1, 2])
        plt.subplots()
        plt.close(1)
        plt.hist([1, 2])
        return model[0] / 100

    try:
        assert _judge(draws) == (1.0, "")
        assert plt.get_fignums() == [before.number]
        assert plt.gcf() is before
        assert before.axes == []
    finally:
        plt.close("all")


def test_displays_in_a_kernel() -> None:
    """In a notebook the check of a function that displays and plots shows the verdict alone."""
    answer = (
        "import matplotlib.pyplot as plt\nimport statsmodels.formula.api\n"
        "from IPython.display import clear_output, display\n"
        "from oxboys_mlm import check\n"
        "def calculate_icc(results):\n"
        "    display(results.summary())\n    print('hello')\n    fig, ax = plt.subplots()\n    ax.bar([0, 1], [2, 3])\n"
        "    plt.show()\n    plt.plot([1, 2])\n    clear_output()\n    display(fig)\n"
        "    return results.cov_re.iloc[0, 0] / (results.cov_re.iloc[0, 0] + results.scale)\n"
    )
    notebook = new_notebook(cells=[new_code_cell(answer), new_code_cell("check('calculate_icc')"), new_code_cell("1")])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()

    (shown,) = notebook.cells[1].outputs
    assert shown.output_type == "execute_result"
    assert shown.data["text/plain"] == "2"
    assert len(notebook.cells[2].outputs) == 1


def test_misbehaving_return_values() -> None:
    """What a function returns is looked at as carefully as any answer."""

    class Rude(float):
        def __float__(self) -> float:
            raise SystemExit

    answer: Callable[[Any], Any] = lambda model: Rude(1)  # noqa: E731
    evidence = describe(QUESTION, answer, 20)
    assert isinstance(evidence, Function)
    assert all(isinstance(call.value, Unusable) for call in evidence.calls)


# ---- further arguments ----------------------------------------------------------------------------


def _two_values(seed: int) -> tuple[dict[str, float], ...]:
    return tuple({"target": model / n, "n_ignored": float(model)} for model in (seed, seed + 7) for n in (1, 4))


TWO_ARGUMENTS = FunctionQuestion(
    key="f",
    title="",
    where="Look there.",
    probes=lambda seed: tuple(Probe((partial(list, [m]),), (n,)) for m in (seed, seed + 7) for n in (1, 4)),
    values=_two_values,
    helper_calls=HELPERS,
    tolerance=0.005,
    praise="Yes.",
    slips=(Mistake("n_ignored", "No `n`."),),
    further=("n",),
    fit="null_fit",
    data=load_oxboys,
    own_values=lambda fit, n: {"target": (fit.residual_variance or 0.0) / n},
)


def _first(model: Any) -> float:
    return float(model[0] if type(model) is list else model.scale)


@pytest.mark.parametrize(
    ("function", "share", "finding"),
    [
        (lambda results, n: _first(results) / n, 1.0, None),
        (lambda results, n=1: _first(results) / n, 1.0, None),
        (lambda *both: _first(both[0]) / both[1], 1.0, None),
        (lambda results, n: _first(results), 0.0, "n_ignored"),
        (lambda results, n: _first(results) / 4, 0.0, "right_for_some_arguments"),
        (lambda results, n: _first(results) / n**2, 0.0, "right_for_some_arguments"),
        (lambda results, n: 20 / n, 0.0, "right_for_one_fit"),
        (lambda results: _first(results), 0.0, "raises"),
        (lambda n, results: _first(results) / n, 0.0, "raises"),
        (lambda results, n: results[0] / n, 0.0, "raises"),
        (lambda results, n: _first(results) / (n - 4), 0.0, "raises"),
        (lambda results, n: _first(results) / (n if n == 1 or type(results) is list else 9), 0.0, "wrong_for_own_fit"),
        (lambda results, n: None, 0.0, "returns_nothing"),
        (0.2, 0.0, "not_a_function"),
    ],
)
def test_further_arguments(function: Any, share: float, finding: str | None) -> None:
    """A function is called with each model and each further argument, its author's own fit included."""
    evidence = describe(TWO_ARGUMENTS, function, 20, {"null_fit": _own("series")})
    judgement = TWO_ARGUMENTS.judge(evidence, seed=20)
    found = next((found.name for found in judgement.findings), None)
    assert (judgement.share, found) == (share, finding), judgement.feedback
    if finding in ("raises", "not_a_function"):
        assert "`n`" in judgement.feedback or "f(results, n)" in judgement.feedback


def test_calls_with_the_own_fit_are_counted() -> None:
    """Evidence must hold one value of the own fit for each further argument."""
    whole = describe(TWO_ARGUMENTS, lambda results, n: _first(results) / n, 20, {"null_fit": _own("series")})
    assert isinstance(whole, Function)
    assert whole.own
    short = msgspec.structs.replace(whole, own=msgspec.structs.replace(whole.own, calls=whole.own.calls[:1]))

    assert TWO_ARGUMENTS.judge(short).findings[0].name == "wrong_for_own_fit"
