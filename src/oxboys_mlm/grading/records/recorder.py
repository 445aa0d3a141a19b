"""Record graded submissions: marks in the gradebook, notebooks in ``autograded/``, a receipt for both."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Mapping

from nbformat import NotebookNode
from nbgrader.api import Gradebook

from oxboys_mlm.grading import names
from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.judging import Graded, Submission
from oxboys_mlm.grading.records import gradebook, notebooks
from oxboys_mlm.grading.records.marksheet import read_marksheets
from oxboys_mlm.grading.records.notebooks import read_notebooks, write_notebooks
from oxboys_mlm.grading.records.receipts import Receipts, digests


class Recorder:
    """Records the submissions of an assignment.

    Parameters
    ----------
    assignment
        The assignment.
    notebook_of
        Returns the notebook of a graded notebook's run, or the release where nothing was run.
    """

    def __init__(self, assignment: Assignment, notebook_of: Callable[[str, Graded], NotebookNode]) -> None:
        self._assignment = assignment
        self._course = assignment.course
        self._notebook_of = notebook_of
        self._receipts = Receipts(self._course.root, assignment.name)

    def prepare(self) -> None:
        """Bring the gradebook up to date with the assignment."""
        with self._course.gradebook() as book:
            gradebook.follow(book, self._assignment)
        self._assignment.register()

    def record(self, book: Gradebook, submission: Submission, recorded: Mapping[str, str]) -> None:
        """Record a submission's marks and write its notebooks, unless both are already there.

        Parameters
        ----------
        book
            The gradebook.
        submission
            What was graded.
        recorded
            Digests of what the gradebook holds, by student.
        """
        name, student = self._assignment.name, submission.student
        folder = self._course.path("autograded", student, name)
        content = submission.digest
        if self._receipts.holds(student, content, recorded.get(student), folder):
            return
        new = [
            (graded.exercise.name, notebooks.write(self._notebook_of(student, graded), graded.marks))
            for graded in submission.notebooks
        ]
        # The notebooks of the last run hold the answers that marks by hand were given for, so they are replaced after
        # the gradebook. If a run stops between the two, the next run compares them again.
        gradebook.record(self._course, book, name, student, submission.handed, new, read_notebooks(folder))
        write_notebooks(folder, new, submission.handed)
        self._receipts.write(student, content, digests(read_marksheets(book, name, student)).get(student), folder)

    def withdraw(self, book: Gradebook, students: Iterable[str]) -> None:
        """Remove what an earlier run recorded: its marks would pass for marks of a submission that is not graded."""
        for student in students:
            if names.unfit(student):
                continue
            gradebook.withdraw(book, self._assignment.name, student)
            with contextlib.suppress(OSError):
                self._receipts.forget(student)
            shutil.rmtree(self._course.path("autograded", student, self._assignment.name), ignore_errors=True)

    def keep_only(self, students: Iterable[str]) -> None:
        """Remove the receipts of all other students."""
        self._receipts.keep_only(students)
