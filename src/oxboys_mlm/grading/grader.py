"""Grade a class: the solutions first, then every submission."""

from __future__ import annotations

import contextlib
import copy
import errno
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, InvalidEntry
from sqlalchemy.exc import InterfaceError, OperationalError

from oxboys_mlm.grading import judging, names
from oxboys_mlm.grading.course import Assignment, Exercise
from oxboys_mlm.grading.errors import GradingError, SetAside
from oxboys_mlm.grading.judging import Graded, Key, Submission, key_of
from oxboys_mlm.grading.names import Student
from oxboys_mlm.grading.records import gradebook, notebooks, notes
from oxboys_mlm.grading.records.notebooks import read_notebooks, write_notebooks
from oxboys_mlm.grading.records.receipts import Receipts
from oxboys_mlm.grading.records.scores import ScoreTable
from oxboys_mlm.grading.report.page import write_report
from oxboys_mlm.grading.running.cluster import Cluster
from oxboys_mlm.grading.running.pool import Pool, WorkerLost
from oxboys_mlm.grading.running.store import Kept, Store
from oxboys_mlm.grading.running.task import Result, Task
from oxboys_mlm.grading.submissions import rebuild, timestamps
from oxboys_mlm.grading.submissions.prepare import NotRun, prepare, solution

#: The solutions' name in the store; no student's folder can be called so.
SOLUTIONS = "."


def _silent(done: int, total: int) -> None:
    """Show no progress."""


#: What is wrong with the machine, and so with every submission: no room, no files, no leave to write anywhere.
_EVERYBODYS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE)


class Grader:
    """Grades the submissions of an assignment.

    Parameters
    ----------
    assignment
        What to grade.
    workers
        Who runs notebooks; None to run nothing, and judge what earlier runs recorded.
    sandboxed
        Whether notebooks run inside a sandbox.
    fresh
        Whether to run everything again, whatever is kept from earlier runs.

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
        self.receipts = Receipts(self.course.root, assignment.name)
        # One for the whole class, so that the probes made from it are made once.
        self.seed = judging.new_seed()
        self.unrecorded: list[str] = []
        self._folders: dict[str, str] = {}
        self._faults: dict[str, str] = {}
        self._lost = 0
        self._remarks: dict[tuple[str, str], tuple[str, ...]] = {}

    def grade(
        self, students: Sequence[Student], announce: Callable[[Submission], None], progress: Callable[[int, int], None]
    ) -> None:
        """Grade submissions and record their marks.

        Parameters
        ----------
        students
            Whose submissions.
        announce
            Called with every submission once its marks are recorded.
        progress
            Called with the number of notebooks done, and of all, whenever one is done.
        """
        with ThreadPoolExecutor(1) as beside, ExitStack() as stack:
            registered = beside.submit(self._register)  # a new gradebook takes seconds
            book: Gradebook | None = None
            rows: dict[str, str] = {}
            for submission in self.judged(students, progress):
                if book is None:
                    registered.result()
                    book = stack.enter_context(self.course.gradebook())
                    rows = gradebook.rows(book, self.assignment.name)
                announce(self._recorded(book, submission, rows))
            registered.result()

    def _register(self) -> None:
        """Bring the gradebook to what the assignment is today."""
        with self.course.gradebook() as book:
            gradebook.follow(book, self.assignment)
        self.assignment.register()

    @contextmanager
    def _barrier(self, student: str) -> Iterator[None]:
        """Make of whatever goes wrong for one submission that submission's own outcome; every step stands in here.

        What is wrong with the course or the machine goes wrong for everybody, and ends the run.
        """
        try:
            yield
        except (GradingError, WorkerLost):
            raise
        except Exception as error:
            if student == SOLUTIONS:
                raise GradingError(f"the solutions cannot be graded: {_reason(error)}") from error
            if _is_everybodys(error):
                raise
            self._faults.setdefault(student, _reason(error))

    def judged(
        self, students: Sequence[Student], progress: Callable[[int, int], None] = _silent
    ) -> Iterator[Submission]:
        """Run and judge submissions; each comes out when the last of its notebooks is done.

        Submissions begin to run while the last solutions do, but none is judged before all solutions are.

        Parameters
        ----------
        students
            Whose submissions.
        progress
            Called with the number of notebooks done, and of all, whenever one is done.

        Raises
        ------
        GradingError
            If the solutions do not earn full marks.
        """
        exercises = self.assignment.exercises
        self._folders = {student.name: student.folder for student in students}
        self._faults = {student.name: student.reason for student in students if student.reason}
        graded: dict[str, dict[str, Graded]] = {student.name: {} for student in students}

        def works() -> Iterator[tuple[str, str, Kept | Task]]:
            for student in (SOLUTIONS, *graded):
                for exercise in exercises:
                    if student in self._faults:
                        break
                    work: Kept | Task | NotRun | None = None
                    with self._barrier(student):
                        work = self._work(student, exercise)
                    if isinstance(work, NotRun):
                        marks = judging.all_marked(exercise, work.outcome, work.reason)
                        graded[student][exercise.name] = Graded(exercise, marks, "", work.remarks)
                    elif work is not None:
                        yield student, exercise.name, work

        def complete() -> Iterator[Submission]:
            for student, done in list(graded.items()):
                if len(done) == len(exercises) or student in self._faults:
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
                with self._barrier(student):
                    marks = judging.judge(exercise, kept.answers, key, kept.seed)
                    if student in graded:
                        remarks = self._remarks.pop((student, name), ())
                        graded[student][name] = Graded(exercise, marks, kept.run, remarks)
                left = sum(len(exercises) - len(done) for done in graded.values())
                total = len(students) * len(exercises)
                progress(total - left, total)
            yield from complete()
        yield from complete()

    def _complete(self, student: str, done: dict[str, Graded]) -> Submission:
        """Put a submission together from its notebooks, or say why it could not be graded."""
        exercises = self.assignment.exercises
        with self._barrier(student):
            if student not in self._faults:
                handed = timestamps.read(self._submitted(student))
                return Submission(student, tuple(done[exercise.name] for exercise in exercises), handed)
        return self._failed(student)

    def _failed(self, student: str) -> Submission:
        fault = self._faults[student]
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
        """Say what there is to do: judge what is kept of a notebook, run it first, or neither."""
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
        task = self._task(exercise, prepared)
        return (None if self.fresh else self.store.find(student, exercise.name, task)) or task

    def _results(self, works: Iterator[tuple[str, str, Kept | Task]]) -> Iterator[tuple[str, str, Kept]]:
        """Run what has to be run, a few ahead, and give what is kept of each as it comes."""
        running: dict[Future[Result], tuple[str, str, Task]] = {}
        again: list[tuple[str, str, Task]] = []
        while True:
            while again or len(running) < 2 * (self.workers.size if self.workers else 1):
                item = again.pop() if again else next(works, None)
                if item is None:
                    break
                student, name, work = item
                if isinstance(work, Kept):
                    yield student, name, work
                    continue
                with self._barrier(student):
                    assert self.workers is not None
                    running[self.workers.submit(work)] = (student, name, work)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                student, name, task = item = running.pop(future)
                assert self.workers is not None
                kept: Kept | None = None
                try:
                    with self._barrier(student):
                        kept = self.store.keep(student, name, task, self.workers.result(future))
                except WorkerLost:
                    # Killed from outside, and with it all that was under way: that is run again.
                    self._lost += 1
                    if self._lost > 3:
                        raise GradingError(
                            "workers are killed again and again; is memory short? Try --jobs 1"
                        ) from None
                    again += [item, *running.values()]
                    running.clear()
                    break
                if kept is not None:
                    yield student, name, kept

    def _task(self, exercise: Exercise, notebook: NotebookNode) -> Task:
        return Task(
            notebook=json.dumps(notebook),
            keys=tuple(check.key for check in exercise.checks),
            seed=self.seed,
            limits=self.course.limits.as_dict(),
            sandboxed=self.sandboxed,
            course=str(self.course.root),
            files=self.assignment.files,
            shared=rebuild.shared(exercise.release, notebook),
        )

    def _recorded(self, book: Gradebook, submission: Submission, rows: dict[str, str]) -> Submission:
        """Record a submission; gives one that says why, if that cannot be done."""
        student = submission.student
        if not submission.fault:
            with self._barrier(student):
                self.record(book, submission, rows.get(student))
            if student in self._faults:
                self.unrecorded.append(student)
                submission = self._failed(student)
        if submission.fault:
            withdrawn = False
            with self._barrier(student):
                self._withdraw(book, student)
                withdrawn = True
            if not withdrawn and student not in self.unrecorded:
                self.unrecorded.append(student)
        return submission

    def record(self, book: Gradebook, submission: Submission, rows: str | None) -> None:
        """Record a submission's marks and write its notebooks, unless they stand there already.

        Parameters
        ----------
        book
            The gradebook.
        submission
            What was graded.
        rows
            Digest of what the gradebook has of it.
        """
        name, student = self.assignment.name, submission.student
        written = self.course.path("autograded", student, name)
        content = submission.digest
        if self.receipts.holds(student, content, rows, written):
            return
        notebooks = [(graded.exercise.name, self._notebook(student, graded)) for graded in submission.notebooks]
        # The notebooks written last say what a mark by hand was given for. So they are replaced when the gradebook
        # has the new marks, and asks for that mark again where it has to; if not, all that is found out once more.
        gradebook.record(self.course, book, name, student, submission.handed, notebooks, read_notebooks(written))
        write_notebooks(written, notebooks, submission.handed)
        self.receipts.write(student, content, gradebook.rows(book, name, student).get(student), written)

    def _withdraw(self, book: Gradebook, student: str) -> None:
        """Take back what an earlier run recorded: it would pass for this submission's."""
        for name in {student, self._folders[student]}:
            if names.unfit(name):
                continue
            gradebook.withdraw(book, self.assignment.name, name)
            with contextlib.suppress(OSError):
                self.receipts.forget(name)
            shutil.rmtree(self.course.path("autograded", name, self.assignment.name), ignore_errors=True)

    def forget_others(self, students: Sequence[Student]) -> None:
        """Forget what is kept of those whose folder is not there any more: nothing of theirs should stay behind."""
        names = [student.name for student in students]
        exercises = self.assignment.exercises
        self.store.keep_only((name, exercise.name) for name in (SOLUTIONS, *names) for exercise in exercises)
        self.receipts.keep_only(names)

    def _notebook(self, student: str, graded: Graded) -> NotebookNode:
        """Give the notebook that was judged, or the release as it is, with the verdicts in it."""
        if graded.run:
            notebook = self.store.notebook(student, graded.exercise.name)
        else:
            notebook = copy.deepcopy(graded.exercise.release)
        return notebooks.write(notebook, graded.marks)


def _reason(error: Exception) -> str:
    """Say in one printable line what went wrong."""
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror
    else:
        lines = str(error).strip().splitlines()
        text = lines[0] if lines else ""
    kind = "" if isinstance(error, SetAside) else f"{type(error).__name__}: "
    return names.shown(f"{kind}{text}".removesuffix(": "))[:300]


def _is_everybodys(error: BaseException) -> bool:
    """Tell whether an error is one of the machine or the gradebook, and not of one submission."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    if isinstance(error, OSError) and error.errno in _EVERYBODYS:
        return True
    # nbgrader makes an error of its own of one of the gradebook's.
    return isinstance(error, InvalidEntry) and error.__context__ is not None and _is_everybodys(error.__context__)


def everybody(assignment: Assignment) -> list[Student]:
    """List all who handed in."""

    def known() -> list[str]:
        with assignment.course.gradebook() as book:
            return [student.id for student in book.students]

    return names.identify(assignment.students(), known)


def choose(assignment: Assignment, students: Sequence[str] | None) -> list[Student]:
    """List the students to grade: those asked for, or everybody who handed in.

    Raises
    ------
    GradingError
        If one of them, or everybody, has not handed in.
    """
    found = everybody(assignment)
    for name in students or ():
        if not any(names.same(name, student.name) for student in found):
            raise GradingError(f"{name!r} has not handed in {assignment.name!r}")
    if not found:
        where = assignment.course.path("submitted", "<student>", assignment.name)
        raise GradingError(f"nobody has handed in {assignment.name!r}: there is no folder {where}")
    return [
        student for student in found if students is None or any(names.same(name, student.name) for name in students)
    ]


def grade(
    assignment: Assignment,
    students: Sequence[str] | None,
    announce: Callable[[Submission], None],
    *,
    progress: Callable[[int, int], None] = _silent,
    workers: Pool | Cluster | None = None,
    sandboxed: bool = True,
    fresh: bool = False,
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
        Called with the number of notebooks done, and of all, whenever one is done.
    workers
        Who runs notebooks; None for one notebook at a time per core of this machine.
    sandboxed
        Whether notebooks run inside a sandbox.
    fresh
        Whether to run everything again, whatever is kept from earlier runs.

    Returns
    -------
    Path
        The table of scores.
    """
    with nullcontext(workers) if workers else Pool() as chosen:
        return _grade(Grader(assignment, chosen, sandboxed=sandboxed, fresh=fresh), students, announce, progress)


def remark(assignment: Assignment, announce: Callable[[Submission], None]) -> Path:
    """Judge what earlier runs recorded again, by today's questions and points; no notebook is run."""
    return _grade(Grader(assignment, None), None, announce, _silent)


def _grade(
    grader: Grader,
    students: Sequence[str] | None,
    announce: Callable[[Submission], None],
    progress: Callable[[int, int], None],
) -> Path:
    start = time.monotonic()
    chosen = choose(grader.assignment, students)
    table = ScoreTable(grader.assignment, keep_others=students is not None)
    said = notes.Notes(grader.assignment.course.root, grader.assignment.name)
    runs = grader.workers is not None  # else no file is read, and what was said of it is still so
    if runs and students is None:
        said.by_student.clear()

    def recorded(submission: Submission) -> None:
        table.add(submission)
        if runs:
            said.by_student[submission.student] = [
                *(f"{graded.exercise.name}: {remark}" for graded in submission.notebooks for remark in graded.remarks),
                *filter(None, [submission.handed.note]),
            ]
        announce(submission)

    grader.grade(chosen, recorded, progress)
    if students is None:
        grader.forget_others(chosen)
    scores = table.write()
    said.write()
    write_report(grader.assignment, table.rows, time.monotonic() - start)
    if grader.unrecorded:
        raise GradingError(f"not graded, for the reasons above: {', '.join(grader.unrecorded)}; start this again")
    return scores
