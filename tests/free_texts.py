"""A class of the tiny course whose free text is marked: at the desk, in formgrader, by the commands."""

from __future__ import annotations

import copy
import inspect
import json
from pathlib import Path
from types import SimpleNamespace

import nbformat
from classroom import make_tiny_course, tiny_solution
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader.apihandlers import GradeHandler

from oxboys_mlm.assessment.evidence import Missing, Record
from oxboys_mlm.assessment.verdict import Judgement, Verdict
from oxboys_mlm.grading.course import Assignment, Course
from oxboys_mlm.grading.judging import CheckMark
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.by_ticks import Entry, HandMark
from oxboys_mlm.grading.marking.free_texts import FreeText, free_texts
from oxboys_mlm.grading.records import by_hand, gradebook, notebooks
from oxboys_mlm.grading.records.by_hand import Change, Standing
from oxboys_mlm.grading.records.cells import read_cells
from oxboys_mlm.grading.submissions.timestamps import Handed

KEY = "needs_multilevel_why"


def _rubric(statements: dict[str, tuple[float, str]]) -> str:
    blocks = [
        f'[[statement]]\nname = "{name}"\npoints = {points}\ntext = "{text}"\n'
        for name, (points, text) in statements.items()
    ]
    return "### BEGIN SOLUTION\nSo.\n\n```toml\n" + "\n".join(blocks) + "```\n### END SOLUTION"


RUBRIC = {"a": (1.0, "Says a."), "b": (0.5, "Says b."), "c": (0.5, "Says c.")}


class Class:
    """A graded class of the tiny course, as desk, formgrader and the commands find it."""

    def __init__(self, folder: Path) -> None:
        self.root = make_tiny_course(folder)
        self.set_rubric(RUBRIC)

    def at(self, root: Path) -> Class:
        """Return the class of a copy of this one's folder."""
        found = copy.copy(self)
        found.root, found._read = root, None
        return found

    def set_rubric(self, statements: dict[str, tuple[float, str]], question: str = "# Why?") -> None:
        """Change the rubric, and what is asked, in the solution."""
        self.set_text(_rubric(statements), question)

    def set_text(self, source: str, question: str) -> None:
        """Write the solution's free-text cell, and what is asked."""
        notebook = tiny_solution()
        notebook.cells[-1].source = source
        task = nbformat.v4.new_markdown_cell(question)
        task.id = "task"
        locked = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
        task.metadata["nbgrader"] = {**locked, "grade_id": "task"}
        notebook.cells.insert(-1, task)
        nbformat.write(notebook, self.root / "solutions" / "tiny" / "t.ipynb")
        self._read: Assignment | None = None

    def ask_twice(self) -> None:
        """Ask the free text once more, under another name."""
        path = self.root / "solutions" / "tiny" / "t.ipynb"
        notebook = nbformat.read(path, as_version=4)
        second = copy.deepcopy(notebook.cells[-1])
        second.id = second.metadata.nbgrader["grade_id"] = f"{KEY}_again"
        notebook.cells.append(second)
        nbformat.write(notebook, path)
        self._read = None

    @property
    def assignment(self) -> Assignment:
        """The assignment as it stands in the folder now."""
        if self._read is None:
            self._read = Course(self.root).assignment("tiny")
        return self._read

    @property
    def text(self) -> FreeText:
        """The free text as it stands in the folder now."""
        (text,) = free_texts(self.assignment)
        return text

    def hand_in(self, book: Gradebook, student: str, answer: str) -> None:
        """Record a submission with this answer, as grading does."""
        (exercise,) = self.assignment.exercises
        marks = [
            CheckMark(check, "scored", Verdict(Record(check.key, Missing()), Judgement("right", 1, "…"), check.points))
            for check in exercise.checks
        ]
        notebook = notebooks.write(copy.deepcopy(exercise.release), marks)
        for cell in notebook.cells:
            if cell.id.startswith(KEY):
                cell.source = answer
        course, handed = self.assignment.course, Handed(None)
        folder = course.path("autograded", student, "tiny")
        before = notebooks.read_notebooks(folder)
        gradebook.record(course, book, "tiny", student, handed, [("t", notebook)], before)
        notebooks.write_notebooks(folder, [("t", notebook)], handed)

    def standing(self, book: Gradebook, student: str = "ada") -> Standing:
        """Return where a student's answer stands."""
        book.db.rollback()
        found = by_hand.read_standings(book, "tiny", self.text).values()
        return next(standing for standing in found if standing.student == student)

    def mark(
        self, book: Gradebook, *ticks: str, standing: Standing | None = None, waits: bool = False, comment: str = ""
    ) -> None:
        """Tick statements at the desk, seeing what stands there now (or what is given)."""
        standing = standing or self.standing(book)
        answer = read_cells(self.root / "autograded" / standing.student / "tiny" / "t.ipynb")[KEY].source
        text = self.text
        score = by_ticks.points(text.rubric, text.points, ticks)
        mark = HandMark(ticks, 0.0, "", by_ticks.seen(text, answer), score)
        change = Change(standing.grade, standing.stamp, mark, Entry(score, waits), comment)
        by_hand.save(self.assignment.course, book, "tiny", text, [change], "marker")

    def in_formgrader(self, book: Gradebook, score: float | None, student: str = "ada") -> None:
        """Enter points in formgrader: what its page sends goes through its own code."""
        book.db.rollback()
        grades = book.find_submission_notebook("t", "tiny", student).grades
        (grade,) = [each.id for each in grades if each.name == KEY]
        book.db.expire_all()
        sent = {"manual_score": None if score is None else str(score), "extra_credit": None}
        request = SimpleNamespace(gradebook=book, get_json_body=lambda: sent, write=json.loads)
        inspect.unwrap(GradeHandler.put)(request, grade)

    def remark(self, book: Gradebook) -> by_hand.Followed:
        """Bring marks up to date, as oxboys remark does."""
        assignment = self.assignment
        return by_hand.follow(assignment, book, free_texts(assignment))
