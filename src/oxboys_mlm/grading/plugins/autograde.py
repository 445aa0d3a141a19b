"""Let ``nbgrader autograde`` use this grader, through nbgrader's own settings.

nbgrader converts a submitted notebook in two stages: it sanitises the file into ``autograded/``, then runs
and marks what it wrote there. `SubmissionExporter` rebuilds the notebook in the first stage; in the second,
`RunAndJudge` runs and judges it and `SaveMarks` records the marks. See nbgrader_config.py.
"""

from __future__ import annotations

import copy
import fnmatch
import glob
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor

from oxboys_mlm.grading import grader, judging, lock
from oxboys_mlm.grading.course import Assignment, Course, Exercise
from oxboys_mlm.grading.enrolment.students import everybody
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import numbered
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.names import Student
from oxboys_mlm.grading.records import following, gradebook, notebooks
from oxboys_mlm.grading.running import supervisor
from oxboys_mlm.grading.running.task import Result
from oxboys_mlm.grading.submissions import prepare, timestamps
from oxboys_mlm.grading.submissions.rebuild import notes

#: Key of the notebook metadata in which the first stage tells the second why a file was set aside.
_NOTE = "oxboys_set_aside"


class _Session:
    """Data that one run of ``nbgrader autograde`` reads only once: the assignment and the solutions' evidence."""

    def __init__(self, converter: Any) -> None:
        self.course = Course.of(converter)
        self.seed = judging.new_seed()
        self._places: dict[Path, Path] = {}
        self._students: dict[str, dict[str, Student]] = {}
        self._assignments: dict[str, Assignment] = {}
        self._keys: dict[str, judging.Key | GradingError] = {}

    def assignment(self, name: str) -> Assignment:
        if name not in self._assignments:
            self._assignments[name] = self.course.assignment(name)
        return self._assignments[name]

    def exercise(self, assignment: str, notebook: str) -> Exercise:
        return self.assignment(assignment).by_name[notebook]

    def exercises(self, assignment: str) -> Sequence[Exercise]:
        return self._assignments[assignment].exercises

    def key(self, assignment: str) -> judging.Key:
        """Grade the solutions once; if they failed, raise the same error for every submission."""
        if assignment not in self._keys:
            try:
                exercises = self._assignments[assignment].exercises
                runs = [self.run(exercise, prepare.solution(exercise)) for exercise in exercises]
                self._keys[assignment] = judging.key_of(exercises, runs)
            except GradingError as error:
                self._keys[assignment] = error
        key = self._keys[assignment]
        if isinstance(key, GradingError):
            raise key
        return key

    def follow(self, say: Callable[[str], None]) -> None:
        """Bring marks by hand up to date, as ``oxboys grade`` does: answers, or rubrics, may have changed."""
        for assignment in self._assignments.values():
            try:
                texts = free_texts(assignment)
            except GradingError as error:
                say(f"marks by hand were not brought up to date: {error}")
                continue
            if texts:
                with self.course.gradebook() as book:
                    following.follow(assignment, book, texts)

    def run(self, exercise: Exercise, notebook: NotebookNode) -> Result:
        """Run a rebuilt notebook."""
        assignment = self._assignments[exercise.assignment]
        return supervisor.run_here(grader.make_task(assignment, exercise, notebook, self.seed, sandboxed=True))

    def student(self, folder: Path) -> Student | None:
        """Return the student whose folder it is; None if it is not a student's folder."""
        if folder.name not in self._students:
            found = everybody(self.assignment(folder.name))
            self._students[folder.name] = {student.folder: student for student in found}
        return self._students[folder.name].get(folder.parent.name)

    def place(self, student: Student, assignment: str) -> Path:
        """Return the path that nbgrader should use for a student's folder: it contains nbgrader's id of the student."""
        path = self.course.path("submitted", student.name, assignment)
        self._places[path] = self.course.path("submitted", student.folder, assignment)
        return path

    def folder(self, path: Path) -> Path:
        """Return the real folder of a path that `place` returned."""
        return self._places.get(path, path)


_sessions: WeakKeyDictionary[Any, _Session] = WeakKeyDictionary()


def _session(converter: Any) -> _Session:
    if converter not in _sessions:
        _sessions[converter] = _Session(converter)
    return _sessions[converter]


class SubmissionExporter(NotebookExporter):
    """Reads submitted files as data and rebuilds them from the release."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        if self.parent is not None:
            _be_careful(self.parent)

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> Any:
        """Return the rebuilt notebook of a submitted file; other files are read unchanged."""
        path, ids = Path(filename), resources["nbgrader"]
        session = _session(self.parent)
        if path.parent == session.course.path("submitted", ids["student"], ids["assignment"]):
            folder = session.folder(path.parent)
            exercise = session.exercise(ids["assignment"], ids["notebook"])
            notebook = self._rebuilt(exercise, folder, session.exercises(ids["assignment"]))
        else:
            notebook = nbformat.read(path, as_version=4)
        return self.from_notebook_node(notebook, resources=resources, **kwargs)  # type: ignore[no-untyped-call]

    def _rebuilt(self, exercise: Exercise, folder: Path, exercises: Sequence[Exercise]) -> NotebookNode:
        prepared = prepare.prepare(exercise, folder, exercises)
        if isinstance(prepared, NotebookNode):
            for note in notes(prepared):
                self.log.warning("%s/%s: %s", folder, exercise.name, note)
            return prepared
        self.log.warning("%s/%s: %s", folder, exercise.name, prepared.reason)
        notebook = copy.deepcopy(exercise.release)
        notebook.metadata[_NOTE] = [prepared.outcome, prepared.reason]
        return notebook


def _be_careful(converter: Any) -> None:
    """Keep nbgrader from trusting the contents of a submitted folder.

    nbgrader has no setting for this. It creates its exporter when it knows what it will convert, but before it
    converts, so this is called from there.
    """
    directory = converter.coursedir
    # nbgrader would copy files beside the notebooks, and follow links, into folders that go back to students.
    directory.ignore = ["*"]
    session = _session(converter)
    course = session.course

    # An invalid timestamp would stop the submission.
    def when(folder: str) -> datetime | None:
        handed = timestamps.read(session.folder(Path(folder)))
        if handed.note:
            converter.log.warning("%s: %s", folder, handed.note)
        return handed.when

    directory.get_existing_timestamp = when
    listed = {session.folder(Path(folder)): names for folder, names in converter.assignments.items()}
    converter.assignments = {}
    found = map(Path, glob.glob(converter._format_source(directory.assignment_id, directory.student_id)))  # noqa: PTH207
    for path in {*listed, *found}:
        student = session.student(path)
        if path.is_symlink() or path.parent.is_symlink() or not path.is_dir() or student is None:
            converter.log.warning("%s was left out: it is not a folder, or it is a link", ascii(str(path)))
            continue
        if student.reason:
            converter.log.warning("%s was left out: %s", ascii(str(path)), student.reason)
            continue
        place = session.place(student, path.name)
        # Notebooks with another name, and missing ones, are listed under their right name.
        names = [exercise.name for exercise in course.assignment(path.name).exercises]
        wanted = [*map(Path, listed.get(path, ())), *fnmatch.filter(names, directory.notebook_id)]
        converter.assignments[str(place)] = sorted(
            {str(place / f"{Path(name).stem}.ipynb") for name in wanted}, key=numbered
        )
    converter.convert_notebooks = _alone(session, converter, converter.convert_notebooks)


#: How long formgrader waits for a command that writes to the course folder (seconds).
_PATIENCE = 30.0


def _alone(session: _Session, converter: Any, work: Callable[[], None]) -> Callable[[], None]:
    """Hold the course folder's lock while nbgrader works, and while marks by hand are brought up to date."""

    def convert() -> None:
        try:
            with lock.hold(session.course.root, "nbgrader autograde", patience=_PATIENCE):
                try:
                    work()
                finally:  # where it failed for some, it is done for the others
                    session.follow(converter.log.warning)
        except GradingError as error:
            converter.log.error(str(error))  # noqa: TRY400 - one line is enough
            raise NbGraderException(str(error)) from error

    return convert


class RunAndJudge(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs a rebuilt notebook and writes the judge's verdicts into its check cells."""

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Run and judge one notebook."""
        session, ids = _session(self.parent.parent), resources["nbgrader"]
        exercise = session.exercise(ids["assignment"], ids["notebook"])
        note = notebook.metadata.pop(_NOTE, None)
        if note is not None:
            marks = judging.all_marked(exercise, *note)
        else:
            key = session.key(ids["assignment"])
            run = session.run(exercise, notebook)
            notebook = nbformat.from_dict(json.loads(run.notebook))
            marks = judging.judge(exercise, run.answers, key, run.seed)
        for mark in marks:
            self.log.info("%s: %g of %g (%s)", mark.check.key, mark.score, mark.check.points, mark.outcome)
        return notebooks.write(notebook, marks), resources


class SaveMarks(NbGraderPreprocessor):  # type: ignore[misc]
    """Records a judged notebook's marks in one transaction."""

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Record one notebook."""
        session, ids = _session(self.parent.parent), resources["nbgrader"]
        handed = timestamps.read(session.folder(session.course.path("submitted", ids["student"], ids["assignment"])))
        with session.course.gradebook() as book:
            marked = [(ids["notebook"], notebook)]
            gradebook.record(session.course, book, ids["assignment"], ids["student"], handed, marked)
        timestamps.write(session.course.path("autograded", ids["student"], ids["assignment"]), handed.when)
        return notebook, resources
