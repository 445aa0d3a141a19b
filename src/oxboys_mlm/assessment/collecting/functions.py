"""Describe functions by what they return."""

from __future__ import annotations

import copy
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from oxboys_mlm.assessment.collecting.numbers import collect_number
from oxboys_mlm.assessment.collecting.objects import describe_type
from oxboys_mlm.assessment.collecting.summaries import collect_summaries
from oxboys_mlm.assessment.evidence import Call, Evidence, Function, Missing, OwnCall, Unusable
from oxboys_mlm.assessment.functions import IN_A_TEXT, FunctionQuestion, Probe
from oxboys_mlm.assessment.guard import TOOK_TOO_LONG, attempt, figures_apart, name_problem

#: How long one call may take (seconds). A call needs a millisecond; one that fits a model, a second.
CALL_SECONDS = 3.0

#: How Python says that a function wants other arguments.
_ARGUMENTS = re.compile(r"\b(missing|takes)\b.*\bargument")


def collect_function(question: FunctionQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    """Describe a function by what it returns for every probe, and for the author's own fit where there is one."""
    if issubclass(type(value), type):
        return Unusable("wrong_type", "a class")
    if not callable(value):
        return Unusable("wrong_type", describe_type(value))
    before = Counter(question.helper_calls)
    calls, own = _call_each(value, question.probes(seed)), None
    if question.data is not None and not _too_long(calls):
        for summary in collect_summaries(namespace, (question.fit,), question.data):
            fit = partial(_copied, namespace[question.fit])
            own = OwnCall(
                summary, _call_each(value, [Probe([fit], further) for further in question.further_arguments(seed)])
            )
    helper = next((name for name, count in question.helper_calls.items() if count > before[name]), "")
    return Function(seed=seed, calls=calls, helper=helper, own=own)


def _too_long(calls: Sequence[Call]) -> bool:
    """Return whether the last call was given up."""
    last = calls[-1].value if calls else None
    return isinstance(last, Unusable) and last.description == TOOK_TOO_LONG


def _call_each(function: Callable[..., Any], probes: Sequence[Probe]) -> tuple[Call, ...]:
    """Call a function with each probe, until it takes too long."""
    calls: list[Call] = []
    for probe in probes:
        calls.append(_call(function, probe))
        if _too_long(calls):
            break
    return tuple(calls)


def _call(function: Callable[..., Any], probe: Probe) -> Call:
    """Call a function with the first variant of a probe that it can handle."""
    problem: Unusable | None = None
    for variant in probe.variants:
        model = variant()
        given = attempt(partial(_outcome, function, model, *probe.further), CALL_SECONDS)
        if isinstance(given, Call):
            return given
        problem = problem or _describe_problem(given)
        if problem.description == TOOK_TOO_LONG:
            break
    return Call(problem or Missing())


def _outcome(function: Callable[..., Any], *arguments: Any) -> Call:
    with figures_apart():
        value = function(*arguments)
    return Call(Missing()) if value is None else Call(collect_number(value), _held_by(value))


def _describe_problem(problem: BaseException) -> Unusable:
    """Describe an error; one of the call itself, not of what happens inside, is about the arguments."""
    name, trace = name_problem(problem), problem.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    at_the_call = trace is not None and trace.tb_frame.f_code is _outcome.__code__
    if at_the_call and isinstance(problem, TypeError) and _ARGUMENTS.search(name):
        return Unusable("other_arguments", name)
    return Unusable("misbehaved", name)


def _held_by(value: Any) -> str:
    """Name what holds a number that does not stand alone; empty for a plain one."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    kind = type(value)
    if issubclass(kind, str):
        return IN_A_TEXT
    if (
        kind in (list, tuple)
        or (numpy and issubclass(kind, numpy.ndarray))
        or (pandas and issubclass(kind, (pandas.DataFrame, pandas.Series, pandas.Index)))
    ):
        return describe_type(value)
    return ""


def _copied(fit: Any) -> Any:
    """Copy a fit, so that the function cannot spoil the notebook's own."""
    copied = attempt(partial(copy.deepcopy, fit), CALL_SECONDS)
    return fit if isinstance(copied, BaseException) else copied
