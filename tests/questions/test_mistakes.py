"""The mistakes that questions name are made by answers of the bank, and their texts belong to mistakes that exist."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import bank
import pytest

from oxboys_mlm import questions
from oxboys_mlm.assessment.fit_mistakes import MISTAKES
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.question import Mistake, Question

QUESTIONS = [question for notebook in questions.NOTEBOOKS for question in notebook.questions]
FITS = [question for question in QUESTIONS if isinstance(question, FitQuestion)]
FOUND = {key: {case.finding for case in cases} for key, cases in bank.all_cases().items()}


def mistakes_in(part: Any) -> Iterator[str]:
    """Find the names of the mistakes that a question, or a part of one, holds."""
    if isinstance(part, Mistake):
        yield part.name
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from mistakes_in(inner)
    elif isinstance(part, tuple | list | frozenset):
        for inner in part:
            yield from mistakes_in(inner)
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from mistakes_in(getattr(part, field.name))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
def test_every_mistake_is_made(question: Question) -> None:
    """For each mistake that a question names, the bank has an answer that makes it."""
    assert set(mistakes_in(question)) - FOUND[question.key] == set()


@pytest.mark.parametrize("question", FITS, ids=lambda question: question.key)
def test_texts_belong_to_mistakes(question: FitQuestion) -> None:
    """What a question or its course says of a mistake in a fit is said under a name that a judge gives."""
    words = question.vocabulary
    names = {words.names.get(name, name) for name in MISTAKES}

    assert set(words.names) <= set(MISTAKES)
    assert {*words.texts, *question.texts, *question.shares} <= names


def test_every_mistake_in_a_fit_is_made() -> None:
    """For each mistake in a fit that all courses share, an answer to some question of this course makes it."""
    made = set().union(*FOUND.values())

    assert {FITS[0].mistake(name).name for name in MISTAKES} <= made
