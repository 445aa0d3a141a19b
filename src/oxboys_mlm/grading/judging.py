"""Judge what runs recorded: marks of questions, graded notebooks, graded submissions."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from oxboys_mlm.assessment.evidence import Evidence, Missing, Record
from oxboys_mlm.assessment.verdict import Judgement, Verdict
from oxboys_mlm.grading.course import Check, Exercise
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.results import Answer, Outcome, Recorded
from oxboys_mlm.grading.submissions.timestamps import Handed

#: The solution's evidence by question, and the key of every closed question.
Key = Mapping[str, Evidence]


@dataclass(frozen=True)
class CheckMark:
    """The mark of one question of one student."""

    check: Check
    outcome: Outcome
    verdict: Verdict

    @property
    def score(self) -> float:
        """Points earned."""
        return self.verdict.score


def judge(exercise: Exercise, answers: Mapping[str, Answer], key: Key, seed: int) -> list[CheckMark]:
    """Judge the answers of a run.

    Parameters
    ----------
    exercise
        The exercise, with the points of its checks.
    answers
        What the run gave, by question.
    key
        The solution's evidence.
    seed
        The seed that functions had to be called with.
    """
    return [_mark(check, answers[check.key], key.get(check.key), seed) for check in exercise.checks]


def _mark(check: Check, answer: Answer, key: Evidence | None, seed: int) -> CheckMark:
    evidence = answer.evidence if answer.evidence is not None else Missing()
    if answer.outcome == "scored" or (answer.outcome == "missing" and answer.evidence is not None):
        judgement = check.question.judge(evidence, key, seed)
        outcome: Outcome = "missing" if judgement.status == "missing" else answer.outcome
    else:
        judgement = Judgement.wrong(answer.reason) if answer.outcome != "missing" else Judgement.missing(answer.reason)
        outcome = answer.outcome
    return CheckMark(check, outcome, Verdict(Record(check.key, evidence), judgement, check.points))


def all_marked(exercise: Exercise, outcome: Outcome, reason: str) -> list[CheckMark]:
    """Return the same outcome for every question of a notebook that was not run."""
    return [_mark(check, Answer(outcome, None, reason), None, 0) for check in exercise.checks]


def new_seed() -> int:
    """Draw the seed of a class's probes; nobody can know it beforehand."""
    return secrets.randbelow(2**48)


@dataclass(frozen=True)
class Graded:
    """One graded notebook of one student.

    Attributes
    ----------
    exercise
        The exercise.
    marks
        What the judge gave for its questions.
    run
        Name of the run that was judged; empty where nothing was run.
    remarks
        The grader's notes on the file.
    """

    exercise: Exercise
    marks: list[CheckMark]
    run: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """A graded submission, or one that could not be graded.

    Attributes
    ----------
    student
        Whose it is.
    notebooks
        Its notebooks; all set aside if it could not be graded.
    handed
        When it was handed in.
    fault
        Why it could not be graded and no mark is recorded; empty if it was.
    """

    student: str
    notebooks: tuple[Graded, ...]
    handed: Handed = field(default_factory=Handed)
    fault: str = ""

    @property
    def score(self) -> float:
        """Points that checks gave."""
        return sum(mark.score for graded in self.notebooks for mark in graded.marks)

    @property
    def max_score(self) -> float:
        """Points that checks could give."""
        return sum(mark.check.points for graded in self.notebooks for mark in graded.marks)

    @property
    def digest(self) -> str:
        """Digest of all that is recorded of it."""
        whole = [
            (
                graded.exercise.name,
                graded.exercise.digest,
                graded.run,
                [
                    (mark.check.key, mark.check.points, mark.outcome, asdict(mark.verdict.judgement))
                    for mark in graded.marks
                ],
            )
            for graded in self.notebooks
        ]
        handed = [str(self.handed.when), self.handed.note]
        return hashlib.sha256(json.dumps([handed, whole]).encode()).hexdigest()

    @property
    def notes(self) -> list[str]:
        """What the instructor should know: files set aside, runs that ended early, an unknown time of handing in."""
        if self.fault:
            return [f"Not graded: {self.fault}."]
        found = {f"{graded.exercise.name}: {remark}": None for graded in self.notebooks for remark in graded.remarks}
        found |= {
            f"{graded.exercise.name}: {mark.verdict.feedback}": None
            for graded in self.notebooks
            for mark in graded.marks
            if mark.outcome in ("unreadable", "timeout", "killed")
        }
        return [*found, *filter(None, [self.handed.note])]


def key_of(exercises: Sequence[Exercise], runs: Sequence[Recorded]) -> Key:
    """Judge the solutions' runs and return their evidence.

    Raises
    ------
    GradingError
        If they do not earn full marks; it names the answers at fault.
    """
    key: dict[str, Evidence] = {}
    short: list[str] = []
    for exercise, run in zip(exercises, runs, strict=True):
        own = {name: answer.evidence for name, answer in run.answers.items() if answer.evidence is not None}
        short += [
            f"{exercise.name}/{mark.check.key}: {mark.verdict.feedback}"
            for mark in judge(exercise, run.answers, own, run.seed)
            if mark.score < mark.check.points
        ]
        key |= own
    if short:
        raise GradingError("the solutions do not earn full marks, so nothing was graded: " + " | ".join(short))
    return key
