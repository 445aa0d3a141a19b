"""Answers that are a function of a fitted model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from oxboys_mlm.assessment.evidence import Call, Evidence, Fit, Function, Missing, Number, OwnCall, Unusable
from oxboys_mlm.assessment.guard import TOOK_TOO_LONG
from oxboys_mlm.assessment.numbers import MISTAKE_TOLERANCE, near, readings
from oxboys_mlm.assessment.question import Mistake, Question
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import pandas as pd

#: What holds a number that was returned as a text.
IN_A_TEXT = "a text"


@dataclass(frozen=True)
class Probe:
    """What a function is called with: a fitted model, and further arguments.

    Attributes
    ----------
    variants
        Ways to state the model that name its rows differently; each call makes a new object. The function is called
        with the first that it can handle.
    further
        What stands behind the model in the call.
    """

    variants: Sequence[Callable[[], Any]]
    further: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FunctionQuestion(Question):
    """A question answered by a function of a fitted model, and perhaps of more, that returns a number.

    The kernel only calls the function. What it should have given is not there to be found while it runs: the judge
    computes it afterwards.

    Attributes
    ----------
    probes
        Returns what the function is called with, by seed. The author's own fit is called with the same further
        arguments.
    values
        Returns what the function should return for each probe, under "target", and what known mistakes would.
    helper_calls
        Counts the calls of the course's helpers, by name; a function that leaves the work to one of
        them is told so.
    tolerance
        Largest distance from the target; wide enough for a function that rounds to two decimals.
    praise
        What to say when it is right.
    proportion
        Whether the number is a proportion, which may be given in percent.
    slips
        Known mistakes, by the name of their value in `values`.
    advice
        Returns what to say of an error, such as "KeyError: 0", with the own fit where that was the argument.
    fit
        The variable that holds the author's own fit. Where there is one, the function has to work for it too.
    data
        Returns the data that the own fit is described by.
    own_values
        The same as `values` for a fit and further arguments, or None where the function does not apply to the fit: a
        wrong fit makes no function wrong.
    further
        Names of the arguments after the fit.
    """

    answer: ClassVar = Function

    probes: Callable[[int], Sequence[Probe]]
    values: Callable[[int], Sequence[Mapping[str, float]]]
    helper_calls: Counter[str]
    tolerance: float
    praise: str
    proportion: bool = False
    slips: tuple[Mistake, ...] = ()
    advice: Callable[[str, Fit | None], str] = lambda error, fit: ""
    fit: str = ""
    data: Callable[[], pd.DataFrame] | None = None
    own_values: Callable[..., Mapping[str, float] | None] = lambda fit, *further: None
    further: tuple[str, ...] = ()

    def further_arguments(self, seed: int) -> tuple[tuple[float, ...], ...]:
        """Return the further arguments of the probes, each once."""
        return tuple(dict.fromkeys(probe.further for probe in self.probes(seed)))

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Return what is wrong with something that is not a function."""
        return Judgement.found(
            Finding(
                "not_a_function",
                f"`{self.key}` should be a function (`def {self._signature()}: …`), but holds "
                f"{evidence.description or 'something else'}.",
            )
        )

    def judge(self, evidence: Evidence, key: Evidence | None = None, seed: int | None = None) -> Judgement:
        """Judge evidence, if it was made with the probes of this seed."""
        if seed is not None and isinstance(evidence, Function) and evidence.seed != seed:
            return Judgement.wrong(f"`{self.key}` was not called with the models it should be called with.")
        return super().judge(evidence)

    def judge_answer(self, evidence: Function) -> Judgement:
        """Judge what the function returned."""
        if evidence.helper:
            return Judgement.found(
                Finding(
                    "course_helper",
                    f"`{self.key}` leaves the work to the course's own `{evidence.helper}`. Write the formula "
                    "yourself: it is one line.",
                )
            )
        own = _Own(evidence.own, self, self.further_arguments(evidence.seed))
        problem = own.problem() or self._problem(evidence, own)
        if problem:
            return Judgement.found(problem)
        values = self.values(evidence.seed)
        numbers = [call.value for call in evidence.calls if isinstance(call.value, Number)]
        if not len(numbers) == len(evidence.calls) == len(values):
            return self.unrecognised()
        return self._judge_numbers(evidence.seed, evidence.calls, numbers, values, own)

    def _problem(self, evidence: Function, own: _Own) -> Finding | None:
        """Return why a call with a probe gave no number."""
        for call in evidence.calls:
            if isinstance(call.value, Number):
                continue
            if isinstance(call.value, Unusable) and call.value.problem == "misbehaved" and own.is_right():
                return Finding(
                    "only_for_own_fit",
                    f"`{self.key}` works for your own `{self.fit}`, but stops with an error for fits that were written "
                    f"in another way: {call.value.description}. It relies on something that only your fit has, such "
                    f"as the name of its row{own.named_row()}. {self._advice(call.value)}",
                )
            return self.no_number(call.value, "a fitted model")
        return None

    def no_number(self, value: Missing | Unusable, model: str, fit: Fit | None = None) -> Finding:
        """Return why a call gave no number."""
        further = "".join(f" and a number for `{name}`" for name in self.further)
        match value:
            case Missing():
                return Finding(
                    "returns_nothing",
                    f"`{self.key}` returns nothing. End it with `return …`; `print` only shows a value.",
                )
            case Unusable(problem="misbehaved", description=what) if what == TOOK_TOO_LONG:
                return Finding(
                    "takes_too_long",
                    f"`{self.key}` did not finish within some seconds. Does it have a loop that never ends, or does it "
                    "fit a model? It only has to take a few numbers out of the fit that it is given.",
                )
            case Unusable(problem="other_arguments", description=what):
                if self.further:
                    names = ", ".join(f"`{name}`" for name in self.further)
                    call = f"is called as `{self._signature()}`: first the fit, then {names}"
                else:
                    call = "is called with one argument, the fit, and takes all it needs from there"
                return Finding("raises", f"`{self.key}` {call}. Called like that it stops with an error: {what}.")
            case Unusable(problem="misbehaved", description=what):
                return Finding(
                    "raises",
                    f"Called with {model}{further}, `{self.key}` stops with an error: {what}. "
                    f"{self._advice(value, fit)}",
                )
            case Unusable(description=what):
                return Finding("returns_no_number", f"`{self.key}` should return one number, but returns {what}.")

    def _signature(self) -> str:
        return f"{self.key}({', '.join(('results', *self.further))})"

    def _advice(self, value: Unusable, fit: Fit | None = None) -> str:
        call = ", ".join((self.fit or "…", *("…" for _ in self.further)))
        usual = f"Try it yourself: run `{self.key}({call})` in a cell of its own."
        return self.advice(value.description, fit) or usual

    def _judge_numbers(
        self,
        seed: int,
        calls: Sequence[Call],
        numbers: Sequence[Number],
        values: Sequence[Mapping[str, float]],
        own: _Own,
    ) -> Judgement:
        """Judge numbers, one per probe."""
        results = [readings(number, proportion=self.proportion) for number in numbers]
        targets = [value["target"] for value in values]

        def all_near(name: str, tolerance: float, *, relative: bool = False) -> bool:
            """Return whether all numbers are near; if `relative`, large ones may be off by a share of themselves."""
            return all(
                near(result, value[name], tolerance * (max(1.0, abs(value[name])) if relative else 1.0))
                for result, value in zip(results, values, strict=True)
            )

        for tolerance in (MISTAKE_TOLERANCE, self.tolerance):
            if all_near("target", tolerance):
                return self._judge_right(calls, numbers, own)
            for slip in self.slips:
                # Mistakes give numbers of any size, such as variances, and an optimiser stops a share away from them.
                if all_near(slip.name, tolerance, relative=True):
                    return slip.judgement()
        if len(set(results)) == 1:
            return Judgement.found(
                Finding(
                    "ignores_its_argument",
                    f"`{self.key}` returns the same value for every model. Use the fit that it is given (its "
                    "argument), not a number or a variable of the notebook.",
                )
            )
        if any(
            all(near(result, round(target, digits), 1e-9) for result, target in zip(results, targets, strict=True))
            for digits in (0, 1)
        ):
            return Judgement.found(
                Finding(
                    "rounded_inside",
                    f"The formula is right, but `{self.key}` rounds so much that different fits get the same result. "
                    "Return the number as it is; whoever uses the function can round.",
                )
            )
        right = [near(result, target, self.tolerance) for result, target in zip(results, targets, strict=True)]
        if self._right_for_some_arguments(right, seed):
            names = " and ".join(f"`{name}`" for name in self.further)
            return Judgement.found(
                Finding(
                    "right_for_some_arguments",
                    f"`{self.key}` is right for some values of {names}, but not for others. Does the formula use "
                    f"{names} in the right place, and not a typed number or a variable of the notebook instead?",
                )
            )
        if right[0]:
            return Judgement.found(
                Finding(
                    "right_for_one_fit",
                    f"`{self.key}` is right for one model, but not for others. Everything it computes with should come "
                    "from its argument: a variable of the notebook (such as `data`) or a typed number stays the same "
                    "for all models.",
                )
            )
        return self.unrecognised()

    def _right_for_some_arguments(self, right: Sequence[bool], seed: int) -> bool:
        """Return whether all models get the right number with some further arguments, and with others not."""
        outcomes: dict[tuple[float, ...], list[bool]] = {}
        for probe, is_right in zip(self.probes(seed), right, strict=True):
            outcomes.setdefault(probe.further, []).append(is_right)
        return len(outcomes) > 1 and any(all(found) and len(found) > 1 for found in outcomes.values())

    def _judge_right(self, calls: Sequence[Call], numbers: Sequence[Number], own: _Own) -> Judgement:
        """Judge a function that is right for every probe."""
        if not own.is_right(where_there_is_none=True):
            return Judgement.found(
                Finding(
                    "wrong_for_own_fit",
                    f"`{self.key}` is right for other fits, but for your own `{self.fit}` it does not return what "
                    f"that fit says. {self.where}",
                )
            )
        held_by = next((call.held_by for call in calls if call.held_by), "")
        if held_by == IN_A_TEXT:
            return Judgement.found(
                Finding(
                    "returns_text",
                    f"The formula is right, but `{self.key}` returns a text, and nothing can be computed with a text. "
                    "Return the number itself; whoever uses the function can write it as they like.",
                ),
                0.5,
            )
        remarks = [self.praise]
        if held_by:
            remarks.append(
                f"One thing: what it returns is {held_by} that holds the number. Take the number out, so that it can "
                "be used like any other."
            )
        if all(number.value == round(number.value, 6) for number in numbers):
            remarks.append("One thing: it rounds. Leave that to whoever uses the function.")
        return Judgement.right(" ".join(remarks))


class _Own:
    """What a function returned for its author's own fit, as the judge sees it."""

    def __init__(self, own: OwnCall | None, question: FunctionQuestion, further: Sequence[tuple[float, ...]]) -> None:
        self.question = question
        self.own = own
        values = [question.own_values(own.summary.fit, *arguments) for arguments in further] if own else []
        self.values = [value["target"] for value in values if value]
        if len(self.values) < len(values):
            self.own = None

    def problem(self) -> Finding | None:
        """Return why it gave no number."""
        for call in self.own.calls if self.own else ():
            if not isinstance(call.value, Number):
                return self.question.no_number(call.value, f"your own `{self.question.fit}`", self._fit())
        return None

    def _fit(self) -> Fit | None:
        return self.own.summary.fit if self.own else None

    def is_right(self, *, where_there_is_none: bool = False) -> bool:
        """Return whether it gave what the fit says."""
        if self.own is None:
            return where_there_is_none
        given = [call.value for call in self.own.calls]
        return len(given) == len(self.values) and all(
            isinstance(number, Number)
            and near(readings(number, proportion=self.question.proportion), target, self.question.tolerance)
            for number, target in zip(given, self.values, strict=True)
        )

    def named_row(self) -> str:
        """Name the first row of the fit's summary that is no fixed effect."""
        rows = self.own.summary.rows[len(self.own.summary.fit.fixed) :] if self.own else ()
        return f", `{rows[0].replace('`', '')}`" if rows else ""
