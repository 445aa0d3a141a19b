"""No known mistake is known by a number that another one, or the right answer, gives as well."""

from __future__ import annotations

import itertools

import pytest

from oxboys_mlm import questions
from oxboys_mlm.assessment.collecting import describe
from oxboys_mlm.assessment.evidence import Call, Function, Number
from oxboys_mlm.assessment.functions import FunctionQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion
from oxboys_mlm.assessment.question import Question

QUESTIONS = [question for notebook in questions.NOTEBOOKS for question in notebook.questions]
FUNCTIONS = [question for question in QUESTIONS if isinstance(question, FunctionQuestion)]
NUMBERS = [question for question in QUESTIONS if isinstance(question, NumberQuestion)]


def fingerprints(question: NumberQuestion) -> list[tuple[str, float]]:
    """Compute the number of each known mistake."""
    return [(slip.mistake.name, slip.value()) for slip in question.slips]


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question.key)
def test_no_two_mistakes_give_the_same_number(question: NumberQuestion) -> None:
    """Two mistakes of different names lie further apart than the tolerance of each."""
    for (first, one), (second, other) in itertools.combinations(fingerprints(question), 2):
        near = question.close * max(abs(one), abs(other))
        assert first == second or abs(one - other) > near, (first, second, one, other)


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question.key)
def test_no_mistake_gives_the_right_number(question: NumberQuestion) -> None:
    """A mistake's number lies outside the tolerance of the right one, and the right one outside the mistake's."""
    target = question.target()
    for name, value in fingerprints(question):
        assert abs(value - target) > max(question.exact, question.close * abs(value)), (name, value, target)


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question.key)
def test_each_mistake_is_told_by_its_name(question: NumberQuestion) -> None:
    """The number that a mistake gives, computed, is called by this mistake's name alone."""
    for slip in question.slips:
        judgement = question.judge(describe(question, slip.value() * (1 + 1e-9)))

        assert [finding.name for finding in judgement.findings] == [slip.mistake.name], slip.value()
        assert judgement.share == slip.mistake.share


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question.key)
@pytest.mark.parametrize("digits", [3, 4, 5])
def test_a_rounded_mistake_is_told_by_its_name_too(question: NumberQuestion, digits: int) -> None:
    """Rounded to some digits, a mistake is among those that are named, unless it has become the right number.

    That may also be the right number with too few digits.
    """
    for slip in question.slips:
        judgement = question.judge(describe(question, float(f"{slip.value():.{digits}g}")))

        assert judgement.share == 1.0 or {slip.mistake.name, "rounded_too_much"} & {f.name for f in judgement.findings}


@pytest.mark.parametrize("question", FUNCTIONS, ids=lambda question: question.key)
@pytest.mark.parametrize("seed", range(5))
def test_a_function_is_not_taken_for_another(question: FunctionQuestion, seed: int) -> None:
    """For some probe, two known mistakes of a function, or one and the right function, give different numbers."""
    probes = question.values(seed)
    for first, second in itertools.combinations(probes[0], 2):
        gaps = [
            abs(values[first] - values[second]) / max(1.0, abs(values[first]), abs(values[second])) for values in probes
        ]
        assert max(gaps) > 2 * question.tolerance, (first, second)


@pytest.mark.parametrize("question", FUNCTIONS, ids=lambda question: question.key)
@pytest.mark.parametrize("off", [1 - 1e-4, 1 + 1e-4])
def test_a_mistake_is_known_where_an_optimiser_stopped_early(question: FunctionQuestion, off: float) -> None:
    """A mistake of a function is called by its name although the fits it is called with are a little off."""
    for slip in question.slips:
        calls = tuple(Call(Number(values[slip.name] * off)) for values in question.values(1))
        judgement = question.judge(Function(1, calls), seed=1)

        assert [finding.name for finding in judgement.findings] == [slip.name]


def test_every_number_has_fingerprints() -> None:
    """Questions for numbers know what typical mistakes give, at least a dozen each."""
    kinds: list[Question] = [question for question in NUMBERS if len(question.slips) < 12]

    assert len(NUMBERS) >= 4
    assert kinds == []
