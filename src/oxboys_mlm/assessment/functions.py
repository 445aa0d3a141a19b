"""Answers that are a function of a fitted model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from oxboys_mlm.assessment.evidence import Call, Evidence, Function, Missing, Number, Unusable
from oxboys_mlm.assessment.guard import TOOK_TOO_LONG, attempt, name_problem
from oxboys_mlm.assessment.numbers import MISTAKE_TOLERANCE, collect_number, near, readings
from oxboys_mlm.assessment.question import Mistake, Question, describe_type
from oxboys_mlm.assessment.verdict import Finding, Judgement

#: How long one call may take (seconds). A call needs a millisecond; one that fits a model, a second.
CALL_SECONDS = 3.0


@dataclass(frozen=True)
class Probe:
    """A model to call the function with.

    Attributes
    ----------
    variants
        Ways to state the same model that name their rows differently; each call makes a new object.
        The function is called with the first that it can handle.
    values
        What the function should give, under "target", and what known mistakes would.
    """

    variants: tuple[Callable[[], Any], ...]
    values: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class FunctionQuestion(Question):
    """A question answered by a function from a fitted model to a number.

    Attributes
    ----------
    probes
        Gives the probes of a seed.
    helper_calls
        Counts the calls of the course's helpers, by name; a function that leaves the work to one of
        them is told so.
    tolerance
        Largest distance from the target; wide enough for a function that rounds to two decimals.
    praise
        What to say when it is right.
    slips
        Known mistakes, by the name of their value in `Probe.values`.
    """

    probes: Callable[[int], Sequence[Probe]]
    helper_calls: Counter[str]
    tolerance: float
    praise: str
    proportion: bool = False
    slips: tuple[Mistake, ...] = ()

    def collect(self, value: Any, seed: int) -> Evidence:
        """Call the function with every probe, and describe what it gives."""
        if issubclass(type(value), type):
            return Unusable("wrong_type", "a class")
        if not callable(value):
            return Unusable("wrong_type", describe_type(value))
        before = Counter(self.helper_calls)
        calls = []
        for probe in self.probes(seed):
            calls.append(Call(_call(value, probe)))
            if isinstance(calls[-1].value, Unusable) and calls[-1].value.description == TOOK_TOO_LONG:
                break
        used = [name for name, count in self.helper_calls.items() if count > before[name]]
        return Function(seed=seed, calls=tuple(calls), helper=used[0] if used else "")

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say why this is no function."""
        return Judgement.found(
            Finding(
                "not_a_function",
                f"`{self.key}` should be a function (`def {self.key}(results): …`), but holds "
                f"{evidence.description or 'something else'}.",
            )
        )

    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Judge what the function gave."""
        if not isinstance(evidence, Function):
            return self.wrong_type("something else")
        if seed is not None and evidence.seed != seed:
            return Judgement.wrong(f"`{self.key}` was not called with the models it should be called with.")
        if evidence.helper:
            return Judgement.found(
                Finding(
                    "course_helper",
                    f"`{self.key}` leaves the work to the course's own `{evidence.helper}`. Write the formula "
                    "yourself: it is one line.",
                )
            )
        for call in evidence.calls:
            match call.value:
                case Missing():
                    return Judgement.found(
                        Finding(
                            "returns_nothing",
                            f"`{self.key}` gives nothing back. End it with `return …`; `print` only shows a value.",
                        )
                    )
                case Unusable(problem="misbehaved", description=what) if what == TOOK_TOO_LONG:
                    return Judgement.found(
                        Finding(
                            "takes_too_long",
                            f"`{self.key}` had not come back after some seconds. Has it a loop without end, or does it "
                            "fit a model? All it needs to do is to take two numbers out of the fit that it is given.",
                        )
                    )
                case Unusable(problem="misbehaved", description=what):
                    return Judgement.found(
                        Finding(
                            "raises",
                            f"Called with a fitted model, `{self.key}` stops with an error: {what}. It is called with "
                            "one argument, the fit, and takes all it needs from there. Try it yourself.",
                        )
                    )
                case Unusable(description=what):
                    return Judgement.found(
                        Finding("returns_no_number", f"`{self.key}` should return one number, but returns {what}.")
                    )
        probes = self.probes(evidence.seed)
        if len(evidence.calls) != len(probes):
            return self.unrecognised()
        results = [
            readings(call.value, proportion=self.proportion)
            for call in evidence.calls
            if isinstance(call.value, Number)
        ]

        def all_near(name: str, tolerance: float) -> bool:
            return all(
                near(values, probe.values[name], tolerance) for values, probe in zip(results, probes, strict=True)
            )

        for tolerance in (MISTAKE_TOLERANCE, self.tolerance):
            if all_near("target", tolerance):
                return Judgement.right(self.praise)
            for slip in self.slips:
                if all_near(slip.name, tolerance):
                    return slip.judgement()
        if len(set(results)) == 1:
            return Judgement.found(
                Finding(
                    "ignores_its_argument",
                    f"`{self.key}` gives the same value for every model. Use the fit that it is given (its argument), "
                    "not a number or a variable of the notebook.",
                )
            )
        return self.unrecognised()


def _call(function: Callable[[Any], Any], probe: Probe) -> Number | Unusable | Missing:
    """Call a function with the first variant of a probe that it can handle."""
    problem: Unusable | None = None
    for variant in probe.variants:
        model = variant()
        given = attempt(partial(_outcome, function, model), CALL_SECONDS)
        if not isinstance(given, BaseException):
            return given
        problem = problem or Unusable("misbehaved", name_problem(given))
        if problem.description == TOOK_TOO_LONG:
            break
    return problem or Missing()


def _outcome(function: Callable[[Any], Any], model: Any) -> Number | Unusable | Missing:
    value = function(model)
    return Missing() if value is None else collect_number(value)
