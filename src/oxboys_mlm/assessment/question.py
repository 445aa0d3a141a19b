"""What every kind of question has in common."""

from __future__ import annotations

import abc
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType, MappingProxyType
from typing import Any

from oxboys_mlm.assessment.evidence import Evidence, Helper, Missing, Unusable
from oxboys_mlm.assessment.verdict import Finding, Judgement

NOTHING_BESIDE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Mistake(Finding):
    """A foreseen mistake and the share of the points that an answer with it still earns."""

    share: float = 0.0

    def judgement(self) -> Judgement:
        """Judge an answer that shows this mistake."""
        return Judgement.found(Finding(self.name, self.text), self.share)


@dataclass(frozen=True, kw_only=True)
class Question(abc.ABC):
    """A question: how to describe an answer, and how to judge the description.

    `collect` runs in the kernel and only describes. `judge` is pure: the same evidence gives the
    same judgement in the student's kernel and in the grader's process.

    Attributes
    ----------
    key
        Name of the variable or function that answers it.
    title
        What it asks, in a few words.
    points
        Its points where no notebook says otherwise.
    where
        Where to look when the answer is wrong and nothing better can be said.
    """

    key: str
    title: str
    points: float
    where: str

    def describe(self, value: Any, seed: int, namespace: Mapping[str, Any] = NOTHING_BESIDE) -> Evidence:
        """Describe a value that was found under the question's name.

        Parameters
        ----------
        value
            Anything.
        seed
            Seed of the probes that a function is called with; other kinds do not use it.
        namespace
            What stands in the notebook beside it, for kinds that look at the author's own fit.
        """
        if value is None or value is Ellipsis:
            return Missing()
        if helper := course_helper(value):
            return Helper(name=helper)
        return self.collect(value, seed)

    @abc.abstractmethod
    def collect(self, value: Any, seed: int) -> Evidence:
        """Describe a value that is neither a placeholder nor one of the course's helpers."""

    def judge(self, evidence: Evidence, key: Evidence | None = None, seed: int | None = None) -> Judgement:
        """Judge evidence.

        Parameters
        ----------
        evidence
            What the answer states.
        key
            The solution's evidence, where the judge has it (a student's kernel never does).
        seed
            The seed that a function must have been probed with; None accepts any.
        """
        match evidence:
            case Missing():
                return self.judge_missing()
            case Helper(name=name):
                return Judgement.found(
                    Finding(
                        "course_helper",
                        f"`{self.key}` is the course's own `{name}`. It is there for later notebooks; here the "
                        "point is that you build it yourself, in a line or two.",
                    )
                )
            case Unusable():
                return self.judge_unusable(evidence)
            case _:
                return self.judge_answer(evidence, key, seed)

    def judge_missing(self) -> Judgement:
        """Judge the absence of an answer."""
        return Judgement.missing(
            f"There is no `{self.key}` yet, or it holds nothing (`None`). Write your answer in the cell above, under "
            "exactly this name, run it, then run this check again."
        )

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Judge something that cannot be an answer."""
        return self.wrong_type(evidence.description)

    @abc.abstractmethod
    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Judge evidence that describes an answer."""

    def wrong_type(self, description: str) -> Judgement:
        """Judge an answer of the wrong type."""
        return Judgement.found(
            Finding("wrong_type", f"`{self.key}` holds {description or 'something else'}. {self.where}")
        )

    def unrecognised(self) -> Judgement:
        """Judge a wrong answer without a name of its own."""
        return Judgement.wrong(self.where)


def course_helper(value: Any) -> str:
    """Name of the course's helper that a value is, or was made by; empty if it is the author's own.

    Fits that a helper made carry its name in an attribute ``course_helper``. Only functions and
    statsmodels' results are asked, by their true type: any other object could answer anything.
    """
    kind = type(value)
    if kind is functools.partial:
        value = value.func
        kind = type(value)
    if kind is FunctionType:
        home = str(value.__module__).partition(".")[0]  # None for a function that was made by hand
        return value.__name__[:100] if home == "oxboys_mlm" else ""
    if str(kind.__module__).partition(".")[0] == "statsmodels":
        for holder in (value, getattr(value, "model", None)):
            name = getattr(holder, "course_helper", "")
            if isinstance(name, str) and name:
                return name[:100]
    return ""


def describe_type(value: Any) -> str:
    """Name an object's true type for its author.

    >>> describe_type(1.5), describe_type([]), describe_type(print)
    ('a number', 'a list', 'a function')
    """
    kind = type(value)
    known = {
        "NoneType": "nothing (`None`)",
        "bool": "a truth value (`True` or `False`)",
        "int": "a number",
        "float": "a number",
        "str": "a text",
        "list": "a list",
        "tuple": "a tuple",
        "dict": "a dictionary",
        "set": "a set",
        "function": "a function",
        "method": "a method (are its parentheses missing?)",
        "builtin_function_or_method": "a function",
        "module": "a module",
        "type": "a class",
        "DataFrame": "a data frame",
        "Series": "a pandas Series",
        "ndarray": "a NumPy array",
        "coroutine": "a coroutine (write `def`, without `async`)",
        "generator": "a generator (write `return`, not `yield`)",
        "Summary": "a printed summary",
    }
    name = kind.__name__
    if not isinstance(name, str):  # a metaclass may answer anything
        return "an object"
    return known.get(name, f"an object of type `{name[:60]}`")
