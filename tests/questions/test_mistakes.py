"""What is said of mistakes in fits belongs to mistakes that exist, and answers of the bank make them all."""

from __future__ import annotations

import bank
import pytest

from oxboys_mlm import questions
from oxboys_mlm.assessment.fit_mistakes import MISTAKES
from oxboys_mlm.assessment.fits import FitQuestion

QUESTIONS = [question for notebook in questions.NOTEBOOKS for question in notebook.questions]
FITS = [question for question in QUESTIONS if isinstance(question, FitQuestion)]
FOUND = {key: {case.finding for case in cases} for key, cases in bank.all_cases().items()}


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
