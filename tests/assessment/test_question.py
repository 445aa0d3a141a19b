"""What all questions share: placeholders, the course's helpers, the names of types."""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass
from types import FunctionType
from typing import Any, ClassVar

import pytest
from classroom import ROOT

from oxboys_mlm import fit_null, icc, load_oxboys, questions
from oxboys_mlm.assessment.collecting import describe
from oxboys_mlm.assessment.collecting.objects import course_helper, describe_type
from oxboys_mlm.assessment.evidence import Evidence, Helper, Missing, Number, Text, Unusable
from oxboys_mlm.assessment.question import Mistake, Question
from oxboys_mlm.assessment.verdict import Judgement


@dataclass(frozen=True, kw_only=True)
class _Question(Question):
    answer: ClassVar = Number

    def judge_answer(self, evidence: Number) -> Judgement:
        return Judgement.right("Yes.")


QUESTION = _Question(key="q", title="", where="Look there.")


@pytest.mark.parametrize("placeholder", [None, ...])
def test_placeholder(placeholder: object) -> None:
    """A placeholder is no answer yet, whatever the question."""
    for notebook in questions.NOTEBOOKS:
        for question in notebook.questions:
            assert describe(question, placeholder) == Missing()


def test_a_kind_without_a_collector_is_the_programmers_mistake() -> None:
    """Whoever adds a kind of question is told that its answers cannot be described yet."""
    with pytest.raises(TypeError, match="_Question"):
        describe(QUESTION, 0)


def test_unusable_and_helper() -> None:
    """An unusable answer and a helper earn nothing and are told why."""
    assert QUESTION.judge(Unusable("wrong_type", "a list")).findings[0].name == "wrong_type"
    helper = QUESTION.judge(Helper("icc"))
    assert (helper.share, helper.findings[0].name) == (0.0, "course_helper")
    assert "`icc`" in helper.feedback


def test_a_mistake_with_a_share_is_partly_right() -> None:
    """A mistake's share decides the status."""
    assert Mistake("m", "M.", 0.5).judgement().status == "partly"
    assert Mistake("m", "M.").judgement().status == "wrong"


def test_every_question_refuses_evidence_of_another_kind() -> None:
    """Evidence of the wrong kind never earns points, and never breaks a judge."""
    wrong: list[Evidence] = [
        Missing(),
        Helper("icc"),
        Text("zz"),
        Number(1e6),
        Unusable("misbehaved"),
        Unusable("too_large", "x"),
    ]
    for notebook in questions.NOTEBOOKS:
        for question in notebook.questions:
            for evidence in wrong:
                judgement = question.judge(evidence)
                assert judgement.share == 0.0, (question.key, evidence)
                assert judgement.feedback


def test_helpers_are_recognised() -> None:
    """The course's functions and their fits are known, also in part or without the wrapper."""
    fit = fit_null(load_oxboys())

    assert course_helper(icc) == "icc"
    assert course_helper(functools.partial(functools.partial(icc))) == "icc"
    assert course_helper(fit) == course_helper(fit._results) == course_helper(fit.model.fit()) == "fit_null"


class _YesMan:
    course_helper = "fit_null"

    def __getattr__(self, name: str) -> str:
        return "fit_null"


def test_own_work_is_no_helper() -> None:
    """An author's own function or object is never taken for a helper."""
    own = FunctionType((lambda: None).__code__, {})

    assert course_helper(own) == course_helper(len) == course_helper(_YesMan()) == course_helper(3) == ""


class _Meta(type):
    def __getattribute__(cls, name: str) -> Any:
        return 3 if name == "__name__" else super().__getattribute__(name)


class _Nameless(metaclass=_Meta):
    pass


@pytest.mark.parametrize("part", ["assessment", "questions"])
def test_messages_are_not_markdown(part: str) -> None:
    """No text that is shown as it stands has emphasis written with asterisks."""
    for path in (ROOT / "src" / "oxboys_mlm" / part).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                assert not re.search(r"\*[^\W\d_][\w ]*\*", node.value), f"{path.name}, {node.lineno}: {node.value}"


def test_types_have_plain_names() -> None:
    """A type is named in words, by the truth and not by what the object says."""
    assert describe_type(True) == "a truth value (`True` or `False`)"
    assert describe_type(_Nameless()) == "an object"
    assert len(describe_type(type("x" * 500, (), {})())) < 100
