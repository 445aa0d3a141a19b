"""Functions are judged by what they return for models that they had not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from oxboys_mlm import icc
from oxboys_mlm.assessment.evidence import Call, Function, Missing, Number, Unusable
from oxboys_mlm.assessment.functions import FunctionQuestion, Probe
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.questions import null_model

HELPERS: Counter[str] = Counter()


def _probes(seed: int) -> tuple[Probe, ...]:
    """Put lists in place of models: the first variant is a list, the second a dictionary."""
    return tuple(
        Probe((lambda n=n: [n], lambda n=n: {"n": n}), {"target": n / 100, "double": n / 50}) for n in (seed, seed + 7)
    )


QUESTION = FunctionQuestion(
    key="f",
    title="",
    points=1,
    where="Look there.",
    probes=_probes,
    helper_calls=HELPERS,
    tolerance=0.005,
    praise="Yes.",
    proportion=True,
    slips=(Mistake("double", "Twice."),),
)


def _judge(function: Any, seed: int = 20) -> tuple[float, str]:
    judgement = QUESTION.judge(QUESTION.describe(function, seed), seed=seed)
    return judgement.share, next((finding.name for finding in judgement.findings), "")


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda model: model[0] / 100, (1.0, "")),
        (lambda model: model[0], (1.0, "")),  # in percent
        (lambda model: f"{model[0]} %", (1.0, "")),
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
    evidence = QUESTION.describe(lambda model: model[0] / 100, 20)

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
    monkeypatch.setattr("oxboys_mlm.assessment.functions.CALL_SECONDS", 0.05)
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
        assert null_model.CALCULATE_ICC.judge(null_model.CALCULATE_ICC.describe(_spoil, 5)).share == 1.0


@pytest.mark.parametrize("seed", [0, 1, 2, 2**53 - 1])
def test_probes_of_any_seed_tell_formulas_apart(seed: int) -> None:
    """For every seed all ways to state a model agree, and no known mistake gives the right value."""
    for number, probe in enumerate(null_model.probes(seed)):
        target = probe.values["target"]
        assert 0.15 < target < 0.98
        assert [icc(variant()) for variant in probe.variants] == pytest.approx([target] * len(probe.variants), abs=1e-6)
        if number == 0:
            assert all(abs(v - target) > 0.05 for name, v in probe.values.items() if name != "target")


def test_other_seeds_make_other_models() -> None:
    """Values learnt from one seed's models are no use for another's."""
    first, second = ([probe.values["target"] for probe in null_model.probes(seed)][1:] for seed in (1, 2))
    assert all(abs(a - b) > 0.01 for a in first for b in second)


def test_misbehaving_return_values() -> None:
    """What a function returns is looked at as carefully as any answer."""

    class Rude(float):
        def __float__(self) -> float:
            raise SystemExit

    answer: Callable[[Any], Any] = lambda model: Rude(1)  # noqa: E731
    evidence = QUESTION.describe(answer, 20)
    assert isinstance(evidence, Function)
    assert all(isinstance(call.value, Unusable) for call in evidence.calls)
