"""Every answer of the bank gets what it deserves, whichever notebook asks for it."""

from __future__ import annotations

import bank
import pytest
from bank.case import Case
from expect import expect, key_of, verdict_for

from oxboys_mlm import questions
from oxboys_mlm.assessment.figures import FigureQuestion
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.texts import ChoiceQuestion

QUESTIONS = [question for notebook in questions.NOTEBOOKS for question in notebook.questions]
NUMBERS = [question for question in QUESTIONS if isinstance(question, NumberQuestion)]
BANK = bank.all_cases()
CHOICES = [case for question in QUESTIONS if isinstance(question, ChoiceQuestion) for case in BANK[question.key]]
ANSWERS = [case for question in QUESTIONS if not isinstance(question, ChoiceQuestion) for case in BANK[question.key]]


def enough(question: Question) -> int:
    """Return how many right answers, and how many that lose points, a question must have in the bank."""
    return 14 if isinstance(question, FitQuestion | FigureQuestion) else 10


def test_every_answer_has_its_question() -> None:
    """The bank answers the questions that the notebooks ask, and no others."""
    assert sorted(BANK) == sorted(question.key for question in QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
def test_bank_is_large(question: Question) -> None:
    """Every question has many right and many wrong answers."""
    right = sum(case.share == 1.0 for case in BANK[question.key])

    assert min(right, len(BANK[question.key]) - right) >= enough(question), (
        f"{right} of {len(BANK[question.key])} right"
    )


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_answer(case: Case) -> None:
    """An answer earns its share, its mistake is called by its name, and nothing of it reaches the page as HTML."""
    verdict = expect(case)

    assert verdict.feedback
    assert "<script>" not in verdict._repr_html_()
    if isinstance(questions.find(case.key), FigureQuestion):
        assert not any(character.isdigit() for character in verdict.feedback), "no number is given away"


@pytest.mark.parametrize("case", CHOICES, ids=str)
def test_choice(case: Case) -> None:
    """A choice is recorded in the notebook, and judged where the key is."""
    verdict = verdict_for(case.key, case.code)
    judgement = questions.find(case.key).judge(verdict.record.evidence, key=key_of(case.key))

    assert verdict.judgement.share == 0.0
    assert verdict.judgement.status == (
        "recorded" if case.share or case.finding == "other_option" else judgement.status
    )
    assert judgement.share == case.share
    assert [finding.name for finding in judgement.findings] == ([case.finding] if case.finding else [])


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question.key)
def test_numbers_are_not_given_away(question: NumberQuestion) -> None:
    """No feedback on a wrong answer holds the number that was asked for."""
    mistakes = [slip.mistake.text for slip in question.slips]

    for text in [question.where, question.title, question.judge_missing().feedback, *mistakes]:
        assert f"{question.target():.2f}"[-4:] not in text
