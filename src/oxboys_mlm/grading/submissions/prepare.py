"""From a student's folder to the notebook that is run, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from oxboys_mlm.grading.course import Exercise
from oxboys_mlm.grading.errors import SetAside
from oxboys_mlm.grading.results import Outcome
from oxboys_mlm.grading.submissions import finding, intake
from oxboys_mlm.grading.submissions.rebuild import rebuild


@dataclass(frozen=True)
class NotRun:
    """Why a notebook is not run: it was not handed in, or cannot be read."""

    outcome: Outcome
    reason: str
    remarks: tuple[str, ...] = ()


# ---- one notebook ---------------------------------------------------------------------------------


def prepare(exercise: Exercise, folder: Path, exercises: Sequence[Exercise]) -> NotebookNode | NotRun:
    """Return the notebook to run for a student, or why there is none.

    Parameters
    ----------
    exercise
        The exercise.
    folder
        The student's folder of the assignment.
    exercises
        All exercises of the assignment.
    """
    try:
        found = finding.find(folder, exercise, exercises)
        if found.path is None:
            reason = " ".join(["This notebook was not handed in.", *found.remarks])
            return NotRun("missing", reason, (reason,) if found.remarks else ())
        return rebuild(exercise.release, intake.read(found.path), found.remarks)
    except SetAside as reason:
        return NotRun("unreadable", f"The file was set aside: {reason}.")


def solution(exercise: Exercise) -> NotebookNode:
    """Rebuild an exercise's solution the way a submission is rebuilt."""
    return rebuild(exercise.release, intake.cells_of(exercise.solution))
