"""Write marks to nbgrader's gradebook, one submission at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry

from oxboys_mlm.grading.course import Assignment, Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.waiting import needs_manual_grade
from oxboys_mlm.grading.records import by_hand
from oxboys_mlm.grading.records.by_hand import KeptMark
from oxboys_mlm.grading.records.lateness import LatePenalties
from oxboys_mlm.grading.records.transaction import transaction
from oxboys_mlm.grading.submissions.timestamps import Handed


def record(
    course: Course,
    gradebook: Gradebook,
    assignment: str,
    student: str,
    handed: Handed,
    notebooks: Sequence[tuple[str, NotebookNode]],
    before: Mapping[str, NotebookNode] | None = None,
) -> None:
    """Record a submission's marks; marks given by hand and comments stay.

    A mark given by hand is asked for again where its answer, its points or the check's mark have changed. One that was
    ticked at the marking desk knows its answer, and its points follow from the rubric: see `by_hand.follow`.

    Parameters
    ----------
    course, gradebook
        The course and its gradebook.
    assignment, student
        Whose submission.
    handed
        When it was handed in. An earlier time stays where there is no time now, and goes where the time is not known.
    notebooks
        Name and marked notebook of every exercise, with the verdicts in its check cells.
    before
        What was recorded last, by name; without it, all marks given by hand are asked for again.
    """
    with transaction(gradebook):
        gradebook.update_or_create_student(student)
        when = {"timestamp": handed.when} if handed.when or handed.note else {}
        with gradebook.db.no_autoflush:  # nbgrader looks things up while its new rows are half made
            submission = gradebook.update_or_create_submission(assignment, student, **when)
        saved = {notebook.name: notebook for notebook in submission.notebooks}
        penalties = LatePenalties(course)
        penalties.extend(submission)
        for name, notebook in notebooks:
            ticked = by_hand.read_kept(gradebook, [grade.id for grade in saved[name].grades])
            _record_cells(saved[name], notebook, (before or {}).get(name), ticked)
            gradebook.db.flush()
            gradebook.db.expire(saved[name])
            saved[name].late_submission_penalty = penalties.of(student, submission, saved[name])


def withdraw(gradebook: Gradebook, assignment: str, student: str) -> None:
    """Remove the marks of checks from a submission that could not be graded: they were for an earlier one.

    Marks by hand and comments stay, and all wait for a person.
    """
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return
    with transaction(gradebook):
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score, grade.needs_manual_grade = None, True


def follow(gradebook: Gradebook, assignment: Assignment) -> None:
    """Remove notebooks from the gradebook that are no longer part of an assignment.

    Raises
    ------
    GradingError
        If a person has marked one, or commented on it.
    """
    try:
        saved = gradebook.find_assignment(assignment.name)
    except MissingEntry:
        return
    gone = [notebook for notebook in saved.notebooks if notebook.name not in assignment.by_name]
    for notebook in gone:
        marked = [
            submission.student.id
            for submission in notebook.submissions
            if any(grade.manual_score is not None or grade.extra_credit for grade in submission.grades)
            or any((comment.manual_comment or "").strip() for comment in submission.comments)
        ]
        if marked:
            source = assignment.course.path("source", ".", assignment.name) / f"{notebook.name}.ipynb"
            raise GradingError(
                f"{notebook.name} is no longer part of {assignment.name}, and the gradebook has marks or comments by "
                f"hand for it, of {len(marked)} student(s). Put {source} back (with 0 points, if it should not "
                f"count), or delete all marks of {assignment.name}, those by hand too, and grade again: nbgrader db "
                f"assignment remove {assignment.name} --force"
            )
    with transaction(gradebook):
        for notebook in gone:
            gradebook.remove_notebook(notebook.name, assignment.name)


def _record_cells(
    saved: Any, notebook: NotebookNode, before: NotebookNode | None, ticked: Mapping[str, KeptMark]
) -> None:
    asked = {cell.metadata.get("nbgrader", {}).get("grade_id"): _asked(cell) for cell in before.cells} if before else {}
    grades = {grade.name: grade for grade in saved.grades}
    comments = {comment.name: comment for comment in saved.comments}
    released = {cell.name: cell.source.split() for cell in saved.notebook.source_cells}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_grade(cell):
            score, _ = utils.determine_grade(cell)
            if utils.is_solution(cell) and cell.source.split() in ([], released.get(name)):
                score = 0.0  # nbgrader takes a cell that was emptied, or has another blank, for an answer
            grade = grades[name]
            kept = ticked.get(grade.id)
            if kept is None:
                changed = grade.auto_score != score or asked.get(name) != _asked(cell)
            else:
                changed = by_ticks.digest_of_answer(cell.source, cell.get("attachments")) != kept.mark.seen.answer
            grade.needs_manual_grade = needs_manual_grade(
                by_check=score, by_hand=grade.manual_score, waited=bool(grade.needs_manual_grade), changed=changed
            )
            grade.auto_score = score
        if utils.is_solution(cell) or utils.is_task(cell):
            untouched = cell.source.split() in ([], released.get(name))
            comments[name].auto_comment = "No response." if untouched and not utils.is_task(cell) else None


def _asked(cell: NotebookNode) -> tuple[str, Any, Any]:
    """Return what a mark by hand depends on: an answer, its pictures, and its points."""
    return cell.source, cell.get("attachments"), cell.metadata.get("nbgrader", {}).get("points")
