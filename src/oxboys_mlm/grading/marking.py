"""Judge what a run recorded, and write the verdicts where people and nbgrader look for them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_output

from oxboys_mlm.assessment.evidence import Evidence, Missing, Record
from oxboys_mlm.assessment.verdict import Judgement, Verdict
from oxboys_mlm.grading import outputs
from oxboys_mlm.grading.course import Check, Exercise
from oxboys_mlm.grading.kernels import Answer, Outcome

#: The solution's evidence by question, and the key of every closed question.
Key = Mapping[str, Evidence]


@dataclass(frozen=True)
class Mark:
    """The mark of one question of one student."""

    check: Check
    outcome: Outcome
    verdict: Verdict

    @property
    def score(self) -> float:
        """Points earned."""
        return self.verdict.score


def judge(exercise: Exercise, answers: Mapping[str, Answer], key: Key, seed: int) -> list[Mark]:
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


def _mark(check: Check, answer: Answer, key: Evidence | None, seed: int) -> Mark:
    evidence = answer.evidence if answer.evidence is not None else Missing()
    if answer.outcome == "scored" or (answer.outcome == "missing" and answer.evidence is not None):
        judgement = check.question.judge(evidence, key, seed)
        outcome: Outcome = "missing" if judgement.status == "missing" else answer.outcome
    else:
        judgement = Judgement.wrong(answer.reason) if answer.outcome != "missing" else Judgement.missing(answer.reason)
        outcome = answer.outcome
    return Mark(check, outcome, Verdict(Record(check.key, evidence), judgement, check.points))


def all_marked(exercise: Exercise, outcome: Outcome, reason: str) -> list[Mark]:
    """Give every question of a notebook that was not run the same outcome."""
    return [_mark(check, Answer(outcome, None, reason), None, 0) for check in exercise.checks]


def write(notebook: NotebookNode, marks: Sequence[Mark]) -> NotebookNode:
    """Replace the outputs of all check cells by the judge's own.

    nbgrader reads the points from the plain text; whatever a kernel left in these cells is dropped. What it left in
    others is made valid.
    """
    outputs.make_valid(notebook)
    by_cell = {mark.check.grade_id: mark for mark in marks}
    for cell in notebook.cells:
        mark = by_cell.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if mark is not None:
            cell.metadata.nbgrader["points"] = mark.check.points
            cell.execution_count = None
            cell.outputs = [
                new_output(
                    "execute_result",
                    data={"text/plain": f"{mark.score:g}", "text/html": mark.verdict._repr_html_()},
                    execution_count=None,
                )
            ]
    return notebook


def new_seed() -> int:
    """Draw the seed of the probes of a class, which nobody could have known before."""
    return secrets.randbelow(2**48)
