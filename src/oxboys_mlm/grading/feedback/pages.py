"""Make the feedback pages of a class in parallel, and skip those that would not change."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.students import select
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.feedback import rendering
from oxboys_mlm.grading.feedback.model_answers import ModelAnswer, model_answers
from oxboys_mlm.grading.feedback.page import FeedbackExporter, hand_on_secret, made_from
from oxboys_mlm.grading.feedback.statements import Statements, read_statements
from oxboys_mlm.grading.files import numbered, write_whole
from oxboys_mlm.grading.processes import cores, follow
from oxboys_mlm.grading.records.lateness import settle
from oxboys_mlm.grading.records.marksheet import Marksheet, read_marksheets


@dataclass
class Pages:
    """Results for one student's pages.

    Attributes
    ----------
    student
        nbgrader's id of the student.
    written, unchanged
        Number of pages.
    problems
        Why no page could be made, for each notebook where that failed.
    """

    student: str
    written: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Task:
    """A page to make: the graded notebook, and its marks."""

    student: str
    notebook: Path
    sheet: Marksheet
    solutions: Mapping[str, ModelAnswer] | None = None
    statements: Statements | None = None


@dataclass(frozen=True)
class _Problem:
    """Reason why there is no page, in one line."""

    text: str


class Maker:
    """Makes pages as ``nbgrader generate_feedback`` does, with the same settings.

    Parameters
    ----------
    root
        The course folder.
    """

    def __init__(self, root: Path) -> None:
        rendering.start()  # loads its modules in the background
        course = Course(root)
        self.converter = GenerateFeedback(coursedir=course.directory, parent=course.parent)
        self.exporter = self.converter.exporter_class(parent=self.converter, config=self.converter.config)
        if not isinstance(self.exporter, FeedbackExporter):
            raise GradingError(
                "oxboys feedback makes its own pages, but nbgrader_config.py sets another exporter; use nbgrader "
                "generate_feedback, or set c.GenerateFeedback.exporter_class as in this package's nbgrader_config.py"
            )
        for preprocessor in self.converter.preprocessors:
            self.exporter.register_preprocessor(preprocessor)  # type: ignore[no-untyped-call]

    def page(self, task: _Task) -> str:
        """Make one page."""
        resources: dict[str, Any] = self.converter.init_single_notebook_resources(str(task.notebook))
        resources["nbgrader"] |= {
            "marksheet": task.sheet,
            "solutions": task.solutions,
            "statements": task.statements,
        }
        page, _ = self.exporter.from_filename(str(task.notebook), resources=resources)
        return str(page)


def make_pages(
    course: Course,
    assignment: str,
    students: Sequence[str] | None,
    announce: Callable[[Pages], None],
    *,
    progress: Callable[[int, int], None],
    jobs: int | None = None,
    solutions: bool = False,
) -> Path:
    """Make the pages of a class.

    Parameters
    ----------
    course
        The course.
    assignment
        Name of the assignment.
    students
        Whose pages; None for all students who have been graded.
    announce
        Called with the results for a student, once all pages of that student are written.
    progress
        Called with the number of pages done, and the number of all pages.
    jobs
        Number of processes; None for one per available core, if there are enough pages.
    solutions
        Whether to show the model answers to marked questions.

    Returns
    -------
    Path
        The folder with all feedback.

    Raises
    ------
    GradingError
        If one of the students, or everybody, has not been graded, or workers are killed.
    """
    chosen = _choose(course, assignment, students)
    maker = Maker(course.root)
    answers = model_answers(course.assignment(assignment)) if solutions else {}
    with course.gradebook() as gradebook:
        settle(course, gradebook, assignment)
        sheets = read_marksheets(gradebook, assignment)
        ticked = read_statements(course, gradebook, assignment)
    done = {student: Pages(student) for student in chosen}
    left = dict.fromkeys(chosen, 0)
    tasks = []
    for student in chosen:
        source, target = (course.path(step, student, assignment) for step in ("autograded", "feedback"))
        notebooks = sorted(source.glob("*.ipynb"), key=numbered)
        for page in target.glob("*.html"):
            if page.stem not in {notebook.stem for notebook in notebooks}:
                page.unlink()
        for notebook in notebooks:
            sheet = sheets.get((student, notebook.stem))
            page = target / f"{notebook.stem}.html"
            if sheet is None:
                done[student].problems.append(f"{notebook.stem}: it is not in the gradebook; grade it again")
                page.unlink(missing_ok=True)
                continue
            shown = answers.get(notebook.stem), ticked.get((student, notebook.stem))
            if made_from(page, maker.exporter.origin(notebook.read_bytes(), sheet, *shown)):
                done[student].unchanged += 1
            else:
                tasks.append(_Task(student, notebook, sheet, *shown))
                left[student] += 1

    def finish(student: str) -> None:
        if course.path("feedback", student, assignment).is_dir():
            _copy_timestamp(course, assignment, student)
            hand_on_secret(course.directory, student, assignment)
            maker.converter.set_permissions(assignment, student)
        announce(done[student])

    for student, number in left.items():
        if not number:
            finish(student)
    with contextlib.closing(_make(course.root, maker, tasks, jobs)) as results:
        for count, (task, made) in enumerate(results, 1):
            page = course.path("feedback", task.student, assignment) / f"{task.notebook.stem}.html"
            if isinstance(made, str):
                write_whole(page, made)
                done[task.student].written += 1
            else:
                # The old page is out of date.
                page.unlink(missing_ok=True)
                done[task.student].problems.append(f"{task.notebook.stem}: its page could not be made ({made.text})")
            progress(count, len(tasks))
            left[task.student] -= 1
            if not left[task.student]:
                finish(task.student)
    return course.path("feedback", ".", assignment).parent


def _choose(course: Course, assignment: str, students: Sequence[str] | None) -> list[str]:
    """List the students whose pages to make: those asked for, or all who have been graded."""
    folder = course.path("autograded", ".", assignment).parent
    folders = folder.iterdir() if folder.is_dir() and "/" not in assignment else ()
    everybody = sorted(path.name for path in folders if any((path / assignment).glob("*.ipynb")))
    chosen = select(everybody, students, f"has not been graded in {assignment!r}; use oxboys grade")
    if not everybody:
        raise GradingError(f"{assignment!r} has not been graded yet; use oxboys grade")
    return chosen


def _copy_timestamp(course: Course, assignment: str, student: str) -> None:
    """Write the time of handing in beside the pages, so that nbgrader sees when newer notebooks arrive."""
    source, target = (course.path(step, student, assignment) / "timestamp.txt" for step in ("autograded", "feedback"))
    if not source.is_file():
        target.unlink(missing_ok=True)
    elif not target.is_file() or target.read_bytes() != source.read_bytes():
        write_whole(target, source.read_text("utf-8"))


# ---- in parallel ----------------------------------------------------------------------------------

#: Number of pages that take as long as starting a process; for fewer, another process does not save time.
_WORTH_A_PROCESS = 40


def _make(
    root: Path, maker: Maker, tasks: Sequence[_Task], jobs: int | None
) -> Generator[tuple[_Task, str | _Problem]]:
    """Yield every page, or what is wrong, in the order in which they finish."""
    size = min(jobs or min(cores(), len(tasks) // _WORTH_A_PROCESS), len(tasks))
    if size <= 1:
        for task in tasks:
            yield task, _page(maker, task)
        return
    executor = ProcessPoolExecutor(
        size, mp_context=get_context("spawn"), initializer=_start, initargs=(os.getpid(), root)
    )
    try:
        running: dict[Future[str | _Problem], _Task] = {executor.submit(_work, task): task for task in tasks}
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    except BrokenProcessPool:
        raise GradingError("a worker was killed, perhaps for lack of memory; try --jobs 1") from None
    finally:
        # Python 3.14 has terminate_workers() for this.
        for process in list((executor._processes or {}).values()):
            process.terminate()
        executor.shutdown(wait=True, cancel_futures=True)


def _page(maker: Maker, task: _Task) -> str | _Problem:
    """Return a page, or what is wrong."""
    try:
        return maker.page(task)
    except Exception as error:  # noqa: BLE001 (no fault of one notebook may stop the others)
        lines = str(error).strip().splitlines()
        return _Problem(lines[0][:200] if lines else type(error).__name__)


_own: list[Maker] = []


def _start(parent: int, root: Path) -> None:
    """Leave Ctrl-C to the parent process, and exit with it."""
    follow(parent, lambda: os._exit(1))
    _own.append(Maker(root))


def _work(task: _Task) -> str | _Problem:
    return _page(_own[0], task)
