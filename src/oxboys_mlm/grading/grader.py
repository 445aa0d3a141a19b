"""Grade a class: the solutions first, then every submission."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, nullcontext
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook

from oxboys_mlm.grading import judging
from oxboys_mlm.grading.barrier import SOLUTIONS, Barrier
from oxboys_mlm.grading.course import Assignment, Exercise
from oxboys_mlm.grading.enrolment.students import choose
from oxboys_mlm.grading.errors import GradingError, SetAside
from oxboys_mlm.grading.judging import Graded, Key, Submission, key_of
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.names import Student
from oxboys_mlm.grading.records import following, lateness
from oxboys_mlm.grading.records.by_hand import Followed
from oxboys_mlm.grading.records.extensions import read_extensions
from oxboys_mlm.grading.records.marksheet import read_marksheets
from oxboys_mlm.grading.records.notes import Notes
from oxboys_mlm.grading.records.receipts import digests
from oxboys_mlm.grading.records.recorder import Recorder
from oxboys_mlm.grading.records.scores import ScoreTable
from oxboys_mlm.grading.report.page import write_report
from oxboys_mlm.grading.running.cluster import Cluster
from oxboys_mlm.grading.running.pool import Pool
from oxboys_mlm.grading.running.store import Kept, Store
from oxboys_mlm.grading.running.task import Result, Task
from oxboys_mlm.grading.submissions import rebuild, timestamps
from oxboys_mlm.grading.submissions.prepare import NotRun, prepare, solution


def _silent(done: int, total: int, new: int) -> None:
    """Report no progress."""


def _unsaid(followed: Followed) -> None:
    """Say nothing of marks by hand."""


class Grader:
    """Grades the submissions of an assignment.

    Parameters
    ----------
    assignment
        What to grade.
    workers
        Where notebooks run; None to run nothing and judge the evidence of earlier runs.
    sandboxed
        Whether notebooks run inside a sandbox.
    fresh
        Whether to ignore cached results.

    Attributes
    ----------
    unrecorded
        Students whose marks could not be recorded.
    """

    def __init__(
        self,
        assignment: Assignment,
        workers: Pool | Cluster | None,
        *,
        sandboxed: bool = True,
        fresh: bool = False,
    ) -> None:
        self.assignment = assignment
        self.course = assignment.course
        self.workers = workers
        self.sandboxed = sandboxed
        self.fresh = fresh
        self.store = Store(self.course.root, assignment.name)
        self.recorder = Recorder(assignment, self._notebook)
        # One seed for the whole class, so that the probes that depend on it are made once.
        self.seed = judging.new_seed()
        self._run = 0
        self.unrecorded: list[str] = []
        self._folders: dict[str, str] = {}
        self._barrier = Barrier({})
        self._remarks: dict[tuple[str, str], tuple[str, ...]] = {}

    def grade(
        self,
        students: Sequence[Student],
        announce: Callable[[Submission], None],
        progress: Callable[[int, int, int], None],
    ) -> None:
        """Grade submissions and record their marks.

        Parameters
        ----------
        students
            Whose submissions.
        announce
            Called with every submission once its marks are recorded.
        progress
            Called with the number of finished notebooks, of all notebooks, and of those that were run now.
        """
        with ThreadPoolExecutor(1) as beside, ExitStack() as stack:
            ready = beside.submit(self.recorder.prepare)  # beside the first runs
            book: Gradebook | None = None
            earlier: dict[str, str] = {}
            for submission in self.judged(students, progress):
                if book is None:
                    ready.result()
                    book = stack.enter_context(self.course.gradebook())
                    lateness.settle(self.course, book, self.assignment.name)
                    earlier = digests(read_marksheets(book, self.assignment.name))
                announce(self._recorded(book, submission, earlier))
            ready.result()

    def judged(
        self, students: Sequence[Student], progress: Callable[[int, int, int], None] = _silent
    ) -> Iterator[Submission]:
        """Run and judge submissions; yield each when its last notebook is judged.

        Submissions start to run while the last solutions still run, but are judged after all solutions.

        Parameters
        ----------
        students
            Whose submissions.
        progress
            Called with the number of finished notebooks, of all notebooks, and of those that were run now.

        Raises
        ------
        GradingError
            If the solutions do not earn full marks.
        """
        exercises = self.assignment.exercises
        self._folders = {student.name: student.folder for student in students}
        self._barrier = Barrier({student.name: student.reason for student in students if student.reason})
        graded: dict[str, dict[str, Graded]] = {student.name: {} for student in students}

        def works() -> Iterator[tuple[str, str, Kept | Task]]:
            for student in (SOLUTIONS, *graded):
                for exercise in exercises:
                    if student in self._barrier.faults:
                        break
                    work: Kept | Task | NotRun | None = None
                    with self._barrier.around(student):
                        work = self._work(student, exercise)
                    if isinstance(work, NotRun):
                        marks = judging.all_marked(exercise, work.outcome, work.reason)
                        graded[student][exercise.name] = Graded(exercise, marks, "", work.remarks)
                    elif work is not None:
                        yield student, exercise.name, work

        def complete() -> Iterator[Submission]:
            for student, done in list(graded.items()):
                if len(done) == len(exercises) or student in self._barrier.faults:
                    del graded[student]
                    yield self._complete(student, done)

        solutions: dict[str, Kept] = {}
        early: list[tuple[str, str, Kept]] = []
        key: Key | None = None
        for result in self._results(works()):
            if key is None:
                student, name, kept = result
                if student == SOLUTIONS:
                    solutions[name] = kept
                else:
                    early.append(result)
                if len(solutions) < len(exercises):
                    continue
                key = key_of(exercises, [solutions[exercise.name] for exercise in exercises])
                ready = early
            else:
                ready = [result]
            for student, name, kept in ready:
                exercise = self.assignment.by_name[name]
                with self._barrier.around(student):
                    marks = judging.judge(exercise, kept.answers, key, kept.seed)
                    if student in graded:
                        remarks = self._remarks.pop((student, name), ())
                        graded[student][name] = Graded(exercise, marks, kept.run, remarks)
                left = sum(len(exercises) - len(done) for done in graded.values())
                total = len(students) * len(exercises)
                progress(total - left, total, self._run)
            yield from complete()
        yield from complete()

    def _complete(self, student: str, done: dict[str, Graded]) -> Submission:
        """Return a submission made of its notebooks, or one that says why it could not be graded."""
        exercises = self.assignment.exercises
        with self._barrier.around(student):
            if student not in self._barrier.faults:
                handed = timestamps.read(self._submitted(student))
                return Submission(student, tuple(done[exercise.name] for exercise in exercises), handed)
        return self._failed(student)

    def _failed(self, student: str) -> Submission:
        fault = self._barrier.faults[student]
        text = f"Not graded: {fault}. No mark was recorded."
        return Submission(
            student,
            tuple(
                Graded(exercise, judging.all_marked(exercise, "unreadable", text), "")
                for exercise in self.assignment.exercises
            ),
            fault=fault,
        )

    def _submitted(self, student: str) -> Path:
        return self.course.path("submitted", self._folders[student], self.assignment.name)

    def _work(self, student: str, exercise: Exercise) -> Kept | Task | NotRun:
        """Return what to do with a notebook: judge a cached run, run a task, or neither."""
        if self.workers is None:
            kept = self.store.find(student, exercise.name, None)
            if kept is not None:
                return kept
        if student == SOLUTIONS:
            prepared: NotebookNode | NotRun = solution(exercise)
        else:
            prepared = prepare(exercise, self._submitted(student), self.assignment.exercises)
        if isinstance(prepared, NotRun):
            self.store.forget(student, exercise.name)
            return prepared
        if self.workers is None:
            what = "there is nothing to judge again; use oxboys grade"
            if student == SOLUTIONS:
                raise GradingError(f"the solutions have not been graded yet, so {what}")
            raise SetAside(f"it has not been graded yet, so {what}")
        self._remarks[student, exercise.name] = tuple(rebuild.notes(prepared))
        task = make_task(self.assignment, exercise, prepared, self.seed, sandboxed=self.sandboxed)
        return (None if self.fresh else self.store.find(student, exercise.name, task)) or task

    def _results(self, works: Iterator[tuple[str, str, Kept | Task]]) -> Iterator[tuple[str, str, Kept]]:
        """Run tasks, a few in advance, and yield the result of each notebook as it is finished."""
        running: dict[Future[Result], tuple[str, str, Task]] = {}
        while True:
            while len(running) < 2 * (self.workers.size if self.workers else 1):
                item = next(works, None)
                if item is None:
                    break
                student, name, work = item
                if isinstance(work, Kept):
                    yield student, name, work
                    continue
                with self._barrier.around(student):
                    assert self.workers is not None
                    running[self.workers.submit(work)] = (student, name, work)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                student, name, task = running.pop(future)
                assert self.workers is not None
                kept: Kept | None = None
                with self._barrier.around(student):
                    kept = self.store.keep(student, name, task, self.workers.result(future))
                self._run += student != SOLUTIONS
                if kept is not None:
                    yield student, name, kept

    def _recorded(self, book: Gradebook, submission: Submission, earlier: Mapping[str, str]) -> Submission:
        """Record a submission; return it, or one that says why it could not be recorded."""
        student = submission.student
        if not submission.fault:
            with self._barrier.around(student):
                self.recorder.record(book, submission, earlier)
            if student in self._barrier.faults:
                self.unrecorded.append(student)
                submission = self._failed(student)
        if submission.fault:
            withdrawn = False
            with self._barrier.around(student):
                self.recorder.withdraw(book, {student, self._folders[student]})
                withdrawn = True
            if not withdrawn and student not in self.unrecorded:
                self.unrecorded.append(student)
        return submission

    def forget_others(self, students: Sequence[Student]) -> None:
        """Remove what is kept of students whose folder is gone."""
        names = [student.name for student in students]
        exercises = self.assignment.exercises
        self.store.keep_only((name, exercise.name) for name in (SOLUTIONS, *names) for exercise in exercises)
        self.recorder.keep_only(names)

    def _notebook(self, student: str, graded: Graded) -> NotebookNode:
        """Return the notebook that was judged, or the release if nothing was run."""
        if graded.run:
            return self.store.notebook(student, graded.exercise.name)
        return copy.deepcopy(graded.exercise.release)


def make_task(
    assignment: Assignment, exercise: Exercise, notebook: NotebookNode, seed: int, *, sandboxed: bool
) -> Task:
    """Return the task of running a rebuilt notebook of an exercise."""
    return Task(
        notebook=json.dumps(notebook),
        keys=tuple(check.key for check in exercise.checks),
        seed=seed,
        limits=assignment.course.limits.as_dict(),
        sandboxed=sandboxed,
        course=str(assignment.course.root),
        files=assignment.files,
        shared=rebuild.shared(exercise.release, notebook),
    )


def grade(
    assignment: Assignment,
    students: Sequence[str] | None,
    announce: Callable[[Submission], None],
    *,
    progress: Callable[[int, int, int], None] = _silent,
    workers: Pool | Cluster | None = None,
    sandboxed: bool = True,
    fresh: bool = False,
    followed: Callable[[Followed], None] = _unsaid,
) -> Path:
    """Grade a class, record the marks and write the table of scores.

    Parameters
    ----------
    assignment
        What to grade.
    students
        Whose submissions; None for everybody's.
    announce
        Called with every submission once its marks are recorded.
    progress
        Called with the number of finished notebooks, of all notebooks, and of those that were run now.
    workers
        Where notebooks run; None for this machine, one notebook per core at a time.
    sandboxed
        Whether notebooks run inside a sandbox.
    fresh
        Whether to ignore cached results.
    followed
        Called with what became of the marks by hand that follow from ticks.

    Returns
    -------
    Path
        The table of scores.
    """
    with nullcontext(workers) if workers else Pool() as chosen:
        grader = Grader(assignment, chosen, sandboxed=sandboxed, fresh=fresh)
        return _grade(grader, students, announce, progress, followed)


def remark(
    assignment: Assignment,
    announce: Callable[[Submission], None],
    followed: Callable[[Followed], None] = _unsaid,
) -> Path:
    """Judge the evidence of earlier runs again, with the current questions, rubrics and points; run nothing."""
    return _grade(Grader(assignment, None), None, announce, _silent, followed)


def _grade(
    grader: Grader,
    students: Sequence[str] | None,
    announce: Callable[[Submission], None],
    progress: Callable[[int, int, int], None],
    followed: Callable[[Followed], None],
) -> Path:
    start = time.monotonic()
    texts = free_texts(grader.assignment)  # a rubric that cannot be read is said before a class has been run
    read_extensions(grader.course)  # what is wrong there is said before anything runs
    chosen = choose(grader.assignment, students)
    table = ScoreTable(grader.assignment, keep_others=students is not None)
    notes = Notes(grader.assignment.course.root, grader.assignment.name)
    runs = grader.workers is not None  # otherwise no file is read, and earlier notes still hold
    if runs and students is None:
        notes.by_student.clear()

    def recorded(submission: Submission) -> None:
        table.add(submission)
        if runs:
            notes.add(submission)
        announce(submission)

    grader.grade(chosen, recorded, progress)
    if texts:
        with grader.course.gradebook() as book:
            followed(following.follow(grader.assignment, book, texts))
    if students is None:
        grader.forget_others(chosen)
    scores = table.write()
    notes.write()
    write_report(grader.assignment, table.scores, time.monotonic() - start)
    if grader.unrecorded:
        raise GradingError(f"not graded, for the reasons above: {', '.join(grader.unrecorded)}; start this again")
    return scores
