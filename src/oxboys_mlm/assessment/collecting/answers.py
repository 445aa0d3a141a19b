"""Describe an answer, by the kind of its question."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from types import MappingProxyType
from typing import Any

import msgspec

from oxboys_mlm.assessment.collecting.figures import collect_figure
from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.collecting.functions import collect_function
from oxboys_mlm.assessment.collecting.numbers import collect_number
from oxboys_mlm.assessment.collecting.objects import course_helper, describe_type
from oxboys_mlm.assessment.collecting.summaries import collect_summaries
from oxboys_mlm.assessment.collecting.texts import collect_names, collect_text
from oxboys_mlm.assessment.evidence import Evidence, Fit, Helper, Missing, Names, Text
from oxboys_mlm.assessment.figures import FigureQuestion
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.functions import FunctionQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.texts import ChoiceQuestion, NamesQuestion, TextQuestion

NOTHING_BESIDE: Mapping[str, Any] = MappingProxyType({})


def describe(question: Question, value: Any, seed: int = 0, namespace: Mapping[str, Any] = NOTHING_BESIDE) -> Evidence:
    """Describe a value that was found under a question's name.

    Parameters
    ----------
    question
        The question that it answers.
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
    return _collect(question, value, seed, namespace)


@singledispatch
def _collect(question: Question, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    """Describe a value that is neither a placeholder nor one of the course's helpers."""
    raise TypeError(f"no collector describes the answer to a {type(question).__name__}")


@_collect.register
def _(question: FitQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    if type(value) not in (list, tuple) or len(value) != 1:
        return collect_fit(value, question.data())
    if helper := course_helper(value[0]):
        return Helper(helper)
    inner = collect_fit(value[0], question.data())
    return msgspec.structs.replace(inner, held_by=describe_type(value)) if isinstance(inner, Fit) else inner


@_collect.register
def _(question: FigureQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    return collect_figure(value)


@_collect.register
def _(question: NumberQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    return collect_number(value, question.unit)


@_collect.register
def _(question: FunctionQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    return collect_function(question, value, seed, namespace)


@_collect.register
def _(question: ChoiceQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    return Text(str(value)) if type(value) is bool else collect_text(value)


@_collect.register
def _(question: TextQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    evidence = collect_text(value)
    if not isinstance(evidence, Text) or question.data is None:
        return evidence
    return msgspec.structs.replace(evidence, summaries=collect_summaries(namespace, (question.fit,), question.data))


@_collect.register
def _(question: NamesQuestion, value: Any, seed: int, namespace: Mapping[str, Any]) -> Evidence:
    evidence = collect_names(value, whole_numbers=question.whole_numbers)
    if not isinstance(evidence, Names) or question.data is None:
        return evidence
    return msgspec.structs.replace(evidence, summaries=collect_summaries(namespace, question.fits, question.data))
