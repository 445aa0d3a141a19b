"""A course folder: its settings, assignments, exercises and their points."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from sqlalchemy.exc import SQLAlchemyError
from traitlets import List, Unicode
from traitlets.config import Configurable
from traitlets.utils.importstring import import_item

from oxboys_mlm import questions
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.grading.empty_gradebook import make_where_there_is_none
from oxboys_mlm.grading.errors import GradingError, shown
from oxboys_mlm.grading.files import numbered
from oxboys_mlm.grading.results import Limits

CHECK_SUFFIX = "-check"


@dataclass(frozen=True)
class Check:
    """A check cell: the question it asks, and the points that the notebook gives it."""

    question: Question
    points: float

    @property
    def key(self) -> str:
        """The question's key."""
        return self.question.key

    @property
    def grade_id(self) -> str:
        """Nbgrader's name of the check cell."""
        return self.question.key + CHECK_SUFFIX


@dataclass(frozen=True)
class Exercise:
    """One notebook of an assignment.

    Attributes
    ----------
    assignment
        Name of the assignment that it is part of.
    name
        nbgrader's id of the notebook.
    solution
        The instructor's source.
    release
        What students get, generated from the source.
    checks
        Its check cells, in order.
    """

    assignment: str
    name: str
    solution: NotebookNode
    release: NotebookNode
    checks: tuple[Check, ...]

    @cached_property
    def digest(self) -> str:
        """Digest of the release."""
        return hashlib.sha256(json.dumps(self.release).encode()).hexdigest()


class Materials(Configurable):
    """What a run finds beside its notebook; set as ``c.Materials.…`` in nbgrader_config.py."""

    files = List(
        Unicode(),
        help="Names of files in an assignment's folder of solutions that are put beside each of its notebooks. Files "
        "that students hand in never are.",
    ).tag(config=True)


class _App(NbGrader):  # type: ignore[misc]
    """Reads a course folder's nbgrader_config.py as nbgrader's own commands do."""

    name = "oxboys"
    load_cwd_config = False

    def init_syspath(self) -> None:
        """Leave ``sys.path`` alone: nothing in a course folder is to be imported by its name."""


class Course:
    """A course folder.

    Parameters
    ----------
    root
        Folder with ``solutions/`` and ``nbgrader_config.py``.

    Raises
    ------
    GradingError
        If it is not a course folder, or its settings cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not (self.root / "nbgrader_config.py").is_file():
            raise GradingError(
                f"{root} is not a course folder: it has no nbgrader_config.py. Go to the course folder, or name it "
                "with --course."
            )
        self._app = _App(log_level=logging.ERROR, raise_config_file_errors=True)
        try:
            self._app.initialize(argv=[], root=str(self.root))
        except (Exception, SystemExit) as error:
            raise GradingError(f"the settings in {root / 'nbgrader_config.py'} cannot be read: {error}") from error
        # Settings may name the folder too; what was asked for wins.
        self._app.coursedir = CourseDirectory(parent=self._app, root=str(self.root))

    @classmethod
    def of(cls, converter: Any) -> Course:
        """Make the course that one of nbgrader's converters works in."""
        course = cls.__new__(cls)
        course.root = Path(converter.coursedir.root)
        course._app = converter
        return course

    @property
    def directory(self) -> CourseDirectory:
        """Nbgrader's view of the folder."""
        return self._app.coursedir

    @property
    def config(self) -> Any:
        """Settings, from nbgrader_config.py."""
        return self._app.config

    @property
    def parent(self) -> Any:
        """What nbgrader's own parts take their settings and their logger from."""
        return self._app

    def path(self, step: str, student: str, assignment: str) -> Path:
        """Folder of a step such as "submitted", for a student ("." for none) and an assignment."""
        directory = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(directory, student, assignment))

    @cached_property
    def limits(self) -> Limits:
        """Limits of a run, as the settings have them."""
        return Limits(parent=self.parent)

    def gradebook(self) -> Gradebook:
        """Open the gradebook.

        Raises
        ------
        GradingError
            If it cannot be opened.
        """
        try:
            make_where_there_is_none(self.directory.db_url)
            return Gradebook(self.directory.db_url, self.directory.course_id)
        except (ImportError, SQLAlchemyError) as error:
            # Without the address, which may hold a password.
            raise GradingError(
                f"the gradebook cannot be opened (CourseDirectory.db_url in nbgrader_config.py): {_first_line(error)}"
            ) from error

    def assignments(self) -> list[str]:
        """List the assignments that have solutions."""
        parent = self.path("source", ".", "core").parent
        return sorted(path.name for path in parent.glob("*") if any(path.glob("*.ipynb")))

    def assignment(self, name: str) -> Assignment:
        """Read an assignment.

        Raises
        ------
        GradingError
            If there is none of this name, or a notebook of it cannot be graded.
        """
        folder = self.path("source", ".", name)
        found = (
            sorted(folder.glob("*.ipynb"), key=numbered) if name and "/" not in name and name not in (".", "..") else []
        )
        if not found:
            names = self.assignments()
            raise GradingError(
                f"there is no assignment {name!r} in {self.path('source', '.', 'core').parent}"
                + (f"; there {'are' if len(names) > 1 else 'is'}: {', '.join(names)}" if names else "")
            )
        return Assignment(self, name, tuple(self._exercise(name, path) for path in found))

    def _exercise(self, assignment: str, path: Path) -> Exercise:
        try:
            solution = nbformat.read(path, as_version=4)
            release = self.generate(solution, assignment, path.stem, register=False)
        except Exception as error:
            raise GradingError(f"{path} cannot be made into an assignment: {_first_line(error)}") from error
        checks = []
        for cell in release.cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade") and not settings.get("solution"):
                key = settings["grade_id"].removesuffix(CHECK_SUFFIX)
                if settings["grade_id"] != key + CHECK_SUFFIX or cell.source.strip() != f'check("{key}")':
                    raise GradingError(
                        f"{path}: the graded cell {settings['grade_id']!r} is not a check cell: it should be called "
                        f'"<key>{CHECK_SUFFIX}" and hold nothing but check("<key>")'
                    )
                try:
                    question = questions.find(key)
                except ValueError as error:
                    raise GradingError(f"{path}: {error}") from None
                checks.append(Check(question, float(settings["points"])))
        return Exercise(assignment, path.stem, solution, release, tuple(checks))

    def generate(self, solution: NotebookNode, assignment: str, name: str, *, register: bool) -> NotebookNode:
        """Make the release of a solution notebook as ``nbgrader generate_assignment`` does.

        With `register`, its cells are also saved in the gradebook.
        """
        notebook = copy.deepcopy(solution)
        resources = {
            "unique_key": name,
            "nbgrader": {
                "student": ".",
                "assignment": assignment,
                "notebook": name,
                "db_url": self.directory.db_url,
            },
        }
        for named in GenerateAssignment(coursedir=self.directory, parent=self.parent).preprocessors:
            step = import_item(named) if isinstance(named, str) else named
            if register or step is not SaveCells:
                notebook, resources = step(parent=self.parent).preprocess(notebook, resources)
        return notebook


@dataclass(frozen=True)
class Assignment:
    """An assignment of a course."""

    course: Course
    name: str
    exercises: tuple[Exercise, ...]

    @cached_property
    def by_name(self) -> dict[str, Exercise]:
        """Exercises by the name of their notebook."""
        return {exercise.name: exercise for exercise in self.exercises}

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Files that are put beside every notebook, by name.

        Raises
        ------
        GradingError
            If a setting names a file in another folder.
        """
        folder = self.course.path("source", ".", self.name)
        found = {}
        for name in Materials(parent=self.course.parent).files:
            if Path(name).name != name:
                raise GradingError(f"c.Materials.files: {name!r} should be a name without a folder")
            if (folder / name).is_file():
                found[name] = (folder / name).read_bytes()
        return found

    def students(self) -> list[str]:
        """List the students who handed in something for this assignment, sorted.

        A link counts, and so does a folder that may not be entered: such a submission is set aside with a reason.
        """
        return sorted(folder.name for folder in self._submitted() if self._holds_this(folder))

    def passed_over(self) -> list[str]:
        """List what lies among the submissions and is none of any assignment: loose files, folders of another shape."""
        names = {path.name for path in self.course.path("source", ".", self.name).parent.glob("*/")}
        return sorted(
            f"{shown([path])} ({'no folder of an assignment in it' if path.is_dir() else 'not a folder'})"
            for path in self._submitted()
            if not self._holds_this(path) and not (path.is_dir() and any((path / name).exists() for name in names))
        )

    def _submitted(self) -> list[Path]:
        if self.course.directory.directory_structure != "{nbgrader_step}/{student_id}/{assignment_id}":
            pattern = self.course.path("submitted", "*", self.name)
            raise GradingError(f"the setting CourseDirectory.directory_structure is not supported ({pattern})")
        parent = self.course.path("submitted", ".", self.name).parent
        return [path for path in parent.iterdir() if not path.name.startswith(".")] if parent.is_dir() else []

    def _holds_this(self, folder: Path) -> bool:
        if folder.is_symlink() and not folder.exists():
            return True
        return folder.is_dir() and (not os.access(folder, os.X_OK) or os.path.lexists(folder / self.name))

    def register(self) -> None:
        """Save the assignment in the gradebook if it is not there in just this form."""
        with self.course.gradebook() as gradebook:
            if self._is_registered(gradebook):
                return
            gradebook.update_or_create_assignment(self.name)
        for exercise in self.exercises:
            try:
                self.course.generate(exercise.solution, self.name, exercise.name, register=True)
            except RuntimeError as error:
                raise GradingError(self._changed(exercise)) from error

    def _changed(self, exercise: Exercise) -> str:
        """Say which cells are others than the graded ones, and what can be done."""
        with self.course.gradebook() as gradebook:
            saved = {cell.name for cell in gradebook.find_notebook(exercise.name, self.name).source_cells}
        now = {cell.metadata.nbgrader["grade_id"] for cell in exercise.release.cells if "nbgrader" in cell.metadata}
        changes = [
            f"{names} {'was' if len(cells) == 1 else 'were'} {what}"
            for cells, what in ((saved - now, "taken out"), (now - saved, "added"))
            for names in [", ".join(sorted(cells))]
            if cells
        ] or ["cells have changed their kind"]
        return (
            f"{exercise.name}: {' and '.join(changes)} after submissions were graded, and nbgrader's gradebook cannot "
            f"follow. Change that back (a question of 0 points does not count), or delete all marks of {self.name}, "
            f"those by hand too, and grade again: nbgrader db assignment remove {self.name} --force"
        )

    def _is_registered(self, gradebook: Gradebook) -> bool:
        for exercise in self.exercises:
            try:
                notebook = gradebook.find_notebook(exercise.name, self.name)
            except MissingEntry:
                return False
            saved = {cell.name: cell.checksum for cell in notebook.source_cells}
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            for cell in exercise.release.cells:
                settings = cell.metadata.get("nbgrader", {})
                name = settings.get("grade_id")
                if name and saved.pop(name, None) != settings.get("checksum"):
                    return False
                if settings.get("grade") and points.pop(name, None) != float(settings["points"]):
                    return False
            if saved or points:
                return False
        return True

    def outdated(self) -> list[str]:
        """List the notebooks whose release, as students have it, is not what the solutions make today."""
        folder = self.course.path("release", ".", self.name)
        found = []
        for exercise in self.exercises if folder.is_dir() else ():
            try:
                there = nbformat.read(folder / f"{exercise.name}.ipynb", as_version=4).cells
            except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not that release
                there = None
            if there is None or list(map(_asked, there)) != list(map(_asked, exercise.release.cells)):
                found.append(exercise.name)
        return found


def _asked(cell: NotebookNode) -> tuple[str, Any]:
    """Return what a student sees of a cell, and what nbgrader has in it."""
    return cell.source, cell.metadata.get("nbgrader")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
