"""What every kind of question has in common."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any, ClassVar

from oxboys_mlm.assessment.evidence import Evidence, Helper, Missing, Unusable
from oxboys_mlm.assessment.verdict import Finding, Judgement


@dataclass(frozen=True)
class Mistake(Finding):
    """A foreseen mistake and the share of the points that an answer with it still earns."""

    share: float = 0.0

    def judgement(self) -> Judgement:
        """Judge an answer that shows this mistake."""
        return Judgement.found(Finding(self.name, self.text), self.share)


@dataclass(frozen=True, kw_only=True)
class Question(abc.ABC):
    """A question: what is asked, and how to judge an answer that is described as evidence.

    `judge` is pure: the same evidence gets the same judgement in the student's kernel and in the grader's process.
    How an answer is described is the matter of `assessment.collecting`, which runs in kernels only.

    Attributes
    ----------
    answer
        Type of the evidence that describes an answer to this kind of question.
    key
        Name of the variable or function that answers it.
    title
        What it asks, in a few words.
    where
        Where to look when the answer is wrong and nothing better can be said.
    """

    answer: ClassVar[type]

    key: str
    title: str
    where: str

    def judge(self, evidence: Evidence, key: Evidence | None = None, seed: int | None = None) -> Judgement:
        """Judge evidence.

        Parameters
        ----------
        evidence
            What the answer states.
        key
            The solution's evidence, where the judge has it (a student's kernel never does). Choices need it.
        seed
            The seed that a function must have been probed with; None accepts any. Other kinds do not use it.
        """
        match evidence:
            case Missing():
                return self.judge_missing()
            case Helper(name=name):
                return Judgement.found(
                    Finding(
                        "course_helper",
                        f"`{self.key}` is the course's own `{name}`. It is there for later notebooks; here the point "
                        "is that you build it yourself, in a line or two.",
                    )
                )
            case Unusable():
                return self.judge_unusable(evidence)
            case _ if isinstance(evidence, self.answer):
                return self.judge_answer(evidence)
            case _:  # of a record that was made up
                return self.judge_unusable(Unusable("wrong_type", "something else"))

    def judge_missing(self) -> Judgement:
        """Judge the absence of an answer."""
        return Judgement.missing(
            f"There is no `{self.key}` yet, or it holds nothing (`None`). Write your answer in the cell above, under "
            "exactly this name, run it, then run this check again."
        )

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Judge something that cannot be an answer."""
        return self.wrong_type(evidence.description)

    @abc.abstractmethod
    def judge_answer(self, evidence: Any) -> Judgement:
        """Judge evidence of the type `answer`."""

    def wrong_type(self, description: str) -> Judgement:
        """Judge an answer of the wrong type."""
        return Judgement.found(
            Finding("wrong_type", f"`{self.key}` holds {description or 'something else'}. {self.where}")
        )

    def unrecognised(self) -> Judgement:
        """Judge a wrong answer without a name of its own."""
        return Judgement.wrong(self.where)
