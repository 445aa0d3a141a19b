"""Notebook 1: every figure of the bank gets what it deserves, and every choice."""

from __future__ import annotations

import pytest
from bank.case import Case
from bank.visualization import CASES, CHOICES
from expect import expect, verdict_for

from oxboys_mlm.assessment.evidence import Text
from oxboys_mlm.questions import visualization


@pytest.mark.parametrize("case", CASES, ids=str)
def test_figure(case: Case) -> None:
    """A figure earns what it shows; its mistake is called by its name, and no number is given away."""
    feedback = expect(case).feedback

    assert not any(character.isdigit() for character in feedback), feedback


@pytest.mark.parametrize("case", CHOICES, ids=str)
def test_choice(case: Case) -> None:
    """A choice is recorded in the notebook, and judged where the key is."""
    verdict = verdict_for(case.key, case.code)
    judgement = visualization.needs_multilevel.judge(verdict.record.evidence, key=Text("yes"))

    assert verdict.judgement.share == 0.0
    assert judgement.share == case.share
    if case.finding:
        assert judgement.findings[0].name == case.finding
