"""Notebook 2: every answer of the bank gets what it deserves."""

from __future__ import annotations

from collections import Counter

import pytest
from bank.case import Case
from bank.null_model import CASES, CHOICES
from expect import expect, verdict_for

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import Text
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.questions.null_model import NOTEBOOK

KEYS = {"icc_meaning": "b"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_answer(case: Case) -> None:
    """An answer earns its share, its mistake is called by its name, and nothing of it reaches the page as HTML."""
    verdict = expect(case)

    assert verdict.feedback
    assert "<script>" not in verdict._repr_html_()


@pytest.mark.parametrize("case", CHOICES, ids=str)
def test_choice(case: Case) -> None:
    """A choice is recorded in the notebook, and judged where the key is."""
    verdict = verdict_for(case.key, case.code)
    judgement = questions.find(case.key).judge(verdict.record.evidence, key=Text(KEYS[case.key]))

    assert verdict.judgement.share == 0.0
    assert verdict.judgement.status == (
        "recorded" if case.share or case.finding == "other_option" else judgement.status
    )
    assert judgement.share == case.share
    assert [finding.name for finding in judgement.findings] == ([case.finding] if case.finding else [])


@pytest.mark.parametrize("question", NOTEBOOK.questions, ids=lambda question: question.key)
def test_bank_is_large(question: Question) -> None:
    """Every question has many right and many wrong answers."""
    counts = Counter(case.share == 1.0 for case in [*CASES, *CHOICES] if case.key == question.key)

    assert min(counts[True], counts[False]) >= (14 if isinstance(question, FitQuestion) else 10), counts


@pytest.mark.parametrize(
    "question", [q for q in NOTEBOOK.questions if isinstance(q, NumberQuestion)], ids=lambda q: q.key
)
def test_numbers_are_not_given_away(question: NumberQuestion) -> None:
    """No feedback on a wrong answer holds the number that was asked for."""
    mistakes = [slip.mistake.text for slip in question.slips]

    for text in [question.where, question.title, question.judge_missing().feedback, *mistakes]:
        assert f"{question.target():.2f}"[-4:] not in text
