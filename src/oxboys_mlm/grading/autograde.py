"""Put the grader behind ``nbgrader autograde``, through nbgrader's own settings.

nbgrader converts a submitted notebook in two stages: it sanitises the file into ``autograded/``, then runs
and marks what it wrote there. `SubmissionExporter` rebuilds the notebook in the first stage; in the second,
`RunAndJudge` runs and judges it and `SaveMarks` records the marks. See nbgrader_config.py.
"""

from __future__ import annotations

import atexit
import copy
import fnmatch
import glob
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from oxboys_mlm.grading import classes, gradebook, marking
from oxboys_mlm.grading.course import Assignment, Course, Exercise
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.forks import Zygote
from oxboys_mlm.grading.kernels import Run, Runner
from oxboys_mlm.grading.rebuild import shared

#: Notebook metadata in which the first stage tells the second why a file was set aside.
_NOTE = "oxboys_set_aside"


class _Session:
    """What one run of ``nbgrader autograde`` reads once: the assignment and the solutions' evidence."""

    def __init__(self, converter: Any) -> None:
        self.course = Course.of(converter)
        self.seed = marking.new_seed()
        zygote = Zygote(self.course.root, sandboxed=True)
        atexit.register(zygote.close)
        self.runner = Runner(zygote, self.course.limits)
        self._assignments: dict[str, Assignment] = {}
        self._keys: dict[str, marking.Key | GradingError] = {}

    def exercise(self, assignment: str, notebook: str) -> Exercise:
        if assignment not in self._assignments:
            self._assignments[assignment] = self.course.assignment(assignment)
        return self._assignments[assignment].by_name[notebook]

    def key(self, assignment: str) -> marking.Key:
        """Grade the solutions once; if they failed, fail for every submission in the same words."""
        if assignment not in self._keys:
            try:
                exercises = self._assignments[assignment].exercises
                runs = [self.run(exercise, classes.solution(exercise)) for exercise in exercises]
                self._keys[assignment] = classes.key_of(exercises, runs)
            except GradingError as error:
                self._keys[assignment] = error
        key = self._keys[assignment]
        if isinstance(key, GradingError):
            raise key
        return key

    def run(self, exercise: Exercise, notebook: NotebookNode) -> Run:
        """Run a rebuilt notebook."""
        files = self._assignments[exercise.assignment].files
        keys = [check.key for check in exercise.checks]
        return self.runner.run(notebook, keys, self.seed, files, shared(exercise.release, notebook))


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
        """Give the rebuilt notebook of a submitted file; any other file is read as it is."""
        path, ids = Path(filename), resources["nbgrader"]
        session = _session(self.parent)
        folder = session.course.path("submitted", ids["student"], ids["assignment"])
        if path.parent == folder:
            notebook = self._rebuilt(session.exercise(ids["assignment"], ids["notebook"]), folder)
        else:
            notebook = nbformat.read(path, as_version=4)
        return self.from_notebook_node(notebook, resources=resources, **kwargs)  # type: ignore[no-untyped-call]

    def _rebuilt(self, exercise: Exercise, folder: Path) -> NotebookNode:
        prepared = classes.prepare(exercise, folder)
        if isinstance(prepared, NotebookNode):
            return prepared
        self.log.warning("%s/%s: %s", folder, exercise.name, prepared.reason)
        notebook = copy.deepcopy(exercise.release)
        notebook.metadata[_NOTE] = [prepared.outcome, prepared.reason]
        return notebook


def _be_careful(converter: Any) -> None:
    """Keep nbgrader from trusting what lies in a submitted folder.

    nbgrader makes its exporter when it knows what it will convert and before it does, so here is the
    place: there is no setting for it.
    """
    directory = converter.coursedir
    # Files beside the notebooks would be copied, links followed, into folders that go back to students.
    directory.ignore = ["*"]
    # A timestamp that is no time would stop the submission.
    directory.get_existing_timestamp = lambda folder: classes.read_timestamp(Path(folder))
    course = _session(converter).course
    listed = converter.assignments
    converter.assignments = {}
    for folder in {*listed, *glob.glob(converter._format_source(directory.assignment_id, directory.student_id))}:  # noqa: PTH207
        path = Path(folder)
        if path.is_symlink() or path.parent.is_symlink() or not path.is_dir():
            converter.log.warning("%s was left out: it is no folder, or a link", folder)
            continue
        # Notebooks under another name, and those that are not there, are listed under their right name.
        names = [exercise.name for exercise in course.assignment(path.name).exercises]
        wanted = fnmatch.filter(names, directory.notebook_id)
        converter.assignments[folder] = sorted({*listed.get(folder, ()), *(f"{path / name}.ipynb" for name in wanted)})


class RunAndJudge(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs a rebuilt notebook and writes the judge's verdicts into its check cells."""

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Run and judge one notebook."""
        session, ids = _session(self.parent.parent), resources["nbgrader"]
        exercise = session.exercise(ids["assignment"], ids["notebook"])
        note = notebook.metadata.pop(_NOTE, None)
        if note is not None:
            marks = marking.all_marked(exercise, *note)
        else:
            key = session.key(ids["assignment"])
            run = session.run(exercise, notebook)
            marks = marking.judge(exercise, run.answers, key, run.seed)
        for mark in marks:
            self.log.info("%s: %g of %g (%s)", mark.check.key, mark.score, mark.check.points, mark.outcome)
        return marking.write(notebook, marks), resources


class SaveMarks(NbGraderPreprocessor):  # type: ignore[misc]
    """Records a judged notebook's marks in one transaction."""

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Record one notebook."""
        session, ids = _session(self.parent.parent), resources["nbgrader"]
        with session.course.gradebook() as book:
            marked = [(ids["notebook"], notebook)]
            gradebook.record(session.course, book, ids["assignment"], ids["student"], None, marked)
        submitted = session.course.path("submitted", ids["student"], ids["assignment"])
        graded = session.course.path("autograded", ids["student"], ids["assignment"])
        classes.write_timestamp(graded, classes.read_timestamp(submitted))
        return notebook, resources
