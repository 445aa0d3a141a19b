"""Hints lead on, a step at a time, and give nothing away."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from expect import verdict_for

from oxboys_mlm import hint, questions
from oxboys_mlm.assessment.numbers import NumberQuestion
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.checking import hints
from oxboys_mlm.questions.hints import HINTS

CHECKED = [question for notebook in questions.NOTEBOOKS for question in notebook.questions]
TEXTS = [(key, text) for key, texts in HINTS.items() for text in texts]


@pytest.fixture(autouse=True)
def _none_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "_shown", Counter())


def test_every_question_has_hints() -> None:
    """Each question and each free text has two hints, and nothing else has."""
    keys = {question.key for question in CHECKED} | {key for book in questions.NOTEBOOKS for key in book.free_text}

    assert set(HINTS) == keys
    assert all(len(texts) == 2 for texts in HINTS.values())
    assert len(set(TEXTS)) == len(TEXTS)


def test_hints_come_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Each call shows the next hint, the last one again and again; another question begins with its first."""
    for _ in range(3):
        hint("icc")
    hint("null_fit")
    shown = capsys.readouterr().out.splitlines()

    assert [line.partition(":")[0] for line in shown] == [
        "Hint 1 of 2 (icc)",
        "Hint 2 of 2 (icc)",
        "Hint 2 of 2 (icc)",
        "Hint 1 of 2 (null_fit)",
    ]
    assert HINTS["icc"][0] in shown[0]
    assert shown[0].endswith('For the next one, run hint("icc") again.')
    assert shown[1].endswith("This is the last one.")


def test_hint_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where HTML is shown, the hint is the cell's value, with code as code."""
    monkeypatch.setattr(hints.checks, "shows_html", lambda frame: True)
    given = hint("icc")
    assert given is not None
    shown = given._repr_html_()

    assert "<strong>Hint 1 of 2</strong>" in shown
    assert "`" not in shown


def test_a_question_that_is_none() -> None:
    """A wrong key is answered with the nearest one."""
    with pytest.raises(ValueError, match=r'Did you mean hint\("null_fit"\)'):
        hint("nul_fit")


@pytest.mark.parametrize("question", CHECKED, ids=lambda question: question.key)
def test_hints_give_no_answer_away(question: Question) -> None:
    """What a hint writes as code earns no full points; it names no number that is asked for, and no option."""
    for text in HINTS[question.key]:
        for code in re.findall(r"`([^`]+)`", text):
            for source in (code, f"{question.key} = {code}"):
                try:
                    compile(source, "hint", "exec")
                except SyntaxError:
                    continue
                assert verdict_for(question.key, source).judgement.share < 1, source
        if isinstance(question, NumberQuestion):
            numbers = [float(number) for number in re.findall(r"\d+\.\d+|\d+", text)]
            assert not any(abs(abs(number) - abs(question.target())) <= question.typed for number in numbers), text
        if isinstance(question, ChoiceQuestion):
            assert not set(re.findall(r'"(\w+)"', text)) & set(question.options), text
