"""Record marks in nbgrader's gradebook, a submission at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties

from oxboys_mlm.grading.course import Course


@contextmanager
def transaction(gradebook: Gradebook) -> Iterator[None]:
    """Make one transaction of the block: all of it is recorded, or nothing.

    nbgrader's gradebook commits after every step of its own; inside the block these commits only send
    their changes to the database.
    """
    session = gradebook.db
    session.commit = session.flush
    try:
        yield
    except BaseException:
        del session.commit
        session.rollback()
        raise
    del session.commit
    session.commit()


def record(
    course: Course,
    gradebook: Gradebook,
    assignment: str,
    student: str,
    timestamp: datetime | None,
    notebooks: Sequence[tuple[str, NotebookNode]],
) -> None:
    """Record a submission's marks; marks given by hand and comments stay.

    Parameters
    ----------
    course, gradebook
        Where to.
    assignment, student
        Whose.
    timestamp
        When it was handed in, if that is known.
    notebooks
        Name and marked notebook of every exercise, with the verdicts in its check cells.
    """
    with transaction(gradebook):
        gradebook.update_or_create_student(student)
        when = {"timestamp": timestamp} if timestamp else {}
        with gradebook.db.no_autoflush:  # nbgrader looks things up while its new rows are half made
            submission = gradebook.update_or_create_submission(assignment, student, **when)
        saved = {notebook.name: notebook for notebook in submission.notebooks}
        penalties = AssignLatePenalties(parent=course.parent)
        penalties.init_plugin()
        for name, notebook in notebooks:
            _record_cells(saved[name], notebook)
            gradebook.db.flush()
            gradebook.db.expire(saved[name])
            saved[name].late_submission_penalty = _late_penalty(penalties, student, submission, saved[name])


def _record_cells(saved: Any, notebook: NotebookNode) -> None:
    grades = {grade.name: grade for grade in saved.grades}
    comments = {comment.name: comment for comment in saved.comments}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_grade(cell):
            score, _ = utils.determine_grade(cell)
            grades[name].auto_score = score
            grades[name].needs_manual_grade = grades[name].manual_score is not None or score is None
        if utils.is_solution(cell) or utils.is_task(cell):
            untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
            comments[name].auto_comment = "No response." if untouched and not utils.is_task(cell) else None


def _late_penalty(penalties: Any, student: str, submission: Any, notebook: Any) -> float | None:
    late = submission.total_seconds_late
    if late <= 0:
        return None
    penalty = penalties.plugin_inst.late_submission_penalty(student, notebook.score, late)
    return None if penalty is None else penalties._check_late_penalty(notebook, penalty)
