"""The ``oxboys`` command."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Imports of the grader stand inside the commands: printing the help must not wait for Jupyter.
if TYPE_CHECKING:
    from oxboys_mlm.grading.course import Assignment, Course
    from oxboys_mlm.grading.feedback.pages import Pages
    from oxboys_mlm.grading.judging import Submission
    from oxboys_mlm.grading.records.by_hand import Followed
    from oxboys_mlm.grading.settled import Said


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    main = argparse.ArgumentParser(
        prog="oxboys", description="Grade the course on multilevel models with the Oxboys data."
    )
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")

    course = argparse.ArgumentParser(add_help=False)
    course.add_argument(
        "--course", metavar="DIR", type=Path, default=Path(), help="course folder (default: this folder)"
    )
    assignment = argparse.ArgumentParser(add_help=False, parents=[course])
    assignment.add_argument("assignment", metavar="ASSIGNMENT", help="such as core")

    grade = commands.add_parser("grade", parents=[course], help="grade the submissions of assignments")
    grade.add_argument(
        "assignments", metavar="ASSIGNMENT", nargs="+", help="such as core; several run one after another"
    )
    grade.add_argument("--student", metavar="ID", action="append", help="grade only this student; may be repeated")
    where = grade.add_mutually_exclusive_group()
    where.add_argument("--jobs", metavar="N", type=_count, help="notebooks to run at a time (default: one per core)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="run notebooks on the Dask cluster of this scheduler")
    grade.add_argument("--fresh", action="store_true", help="ignore cached results")
    grade.add_argument(
        "--sandbox", choices=("bwrap", "none"), default="bwrap", help="where students' code runs (default: bwrap)"
    )
    grade.set_defaults(run=_grade)

    remark = commands.add_parser("remark", parents=[assignment], help="judge stored evidence again; run nothing")
    remark.set_defaults(run=_remark)

    report = commands.add_parser("report", parents=[assignment], help="rewrite the report")
    report.set_defaults(run=_report)

    mark = commands.add_parser("mark", parents=[assignment], help="mark free texts in the browser, by question")
    mark.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    way = mark.add_mutually_exclusive_group()
    way.add_argument(
        "--to",
        metavar="FILE.csv",
        type=Path,
        help="open no desk; write answers and marks into a table for a spreadsheet",
    )
    way.add_argument(
        "--from",
        dest="origin",
        metavar="FILE.csv",
        type=Path,
        help="read the marks of such a table: all of them, or none if one is wrong",
    )
    way.add_argument(
        "--second",
        action="store_true",
        help="give another person a random share of the answers, without the first marks",
    )
    mark.add_argument(
        "--share", metavar="SHARE", type=_share, help="with --second: how large it is, such as 0.5 (default: a fifth)"
    )
    mark.add_argument("--names", action="store_true", help="with --to: say whose the answers are")
    mark.set_defaults(run=_mark)

    feedback = commands.add_parser("feedback", parents=[assignment], help="make the feedback pages of a graded class")
    feedback.add_argument(
        "--student", metavar="ID", action="append", help="make only this student's pages; may be repeated"
    )
    feedback.add_argument(
        "--jobs", metavar="N", type=_count, help="pages to make at a time (default: one per core if there are many)"
    )
    feedback.add_argument(
        "--solutions", action="store_true", help="also show, folded, the model answer of each question that is marked"
    )
    feedback.add_argument(
        "--for",
        dest="receiver",
        choices=("moodle", "canvas", "folders"),
        help="also put the pages into one zip file, named for the platform's upload, or in a folder for each student",
    )
    feedback.set_defaults(run=_feedback)

    roster = commands.add_parser("roster", parents=[course], help="put a table of students into the gradebook")
    roster.add_argument("file", metavar="FILE", type=Path, help="CSV with a column id, and others as nbgrader has them")
    roster.set_defaults(run=_roster)

    forget = commands.add_parser(
        "forget", parents=[course], help="delete everything that this course folder keeps about a student"
    )
    forget.add_argument("student", metavar="STUDENT", help="the student's id")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    forget.set_defaults(run=_forget)

    demo = commands.add_parser(
        "demo", parents=[course], help="build a small class, grade it, print where the results are"
    )
    demo.add_argument(
        "folder",
        metavar="DIR",
        type=Path,
        nargs="?",
        default=Path("demo"),
        help="folder for it (default: demo)",
    )
    demo.set_defaults(run=_demo)

    doctor = commands.add_parser("doctor", help="say what works on this machine and in this course folder")
    doctor.add_argument("--course", metavar="DIR", type=Path, help="course folder (default: this folder, if it is one)")
    return main


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 it failed, 2 wrong arguments, 130 stopped."""
    if argv is None and sys.getfilesystemencoding() != "utf-8":
        # In a locale of plain ASCII, names of files and what is printed could not hold students' names.
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "PYTHONUTF8": "1"})
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # nbgrader shows tracebacks of what is said in a line below.
    logging.getLogger("tornado.application").addHandler(logging.NullHandler())
    options = parser().parse_args(argv)
    if options.command == "doctor":  # which says, too, whether there is anything to grade with
        from oxboys_mlm import doctor

        return doctor.run(options.course or Path(), named=options.course is not None)
    try:
        from oxboys_mlm.grading.errors import GradingError
    except ModuleNotFoundError as error:
        return _failed(_what_to_install(error))
    try:
        options.run(options)
    except GradingError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error.strerror or error}: {error.filename or 'no file'}")
    except KeyboardInterrupt:
        print("oxboys: stopped. What was recorded stays; run the same command again to continue.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "oxboys_mlm":
            raise
        return _failed(_what_to_install(error))
    except Exception as error:
        from nbgrader.api import InvalidEntry
        from sqlalchemy.exc import SQLAlchemyError

        if not isinstance(error, InvalidEntry | SQLAlchemyError):
            raise
        what = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return _failed(
            f"the gradebook cannot be used: {what}. Is another program using it? What was recorded stays; run the same "
            "command again to continue"
        )
    return 0


def _what_to_install(error: ModuleNotFoundError) -> str:
    """Return how to get the packages for grading, which students do not need."""
    if sys.platform != "linux":
        return f"grading needs Linux, and this is {sys.platform} ({error.name} is missing); Windows has one in WSL"
    return (
        f"grading needs packages that are not installed here ({error.name}); in this environment, run: "
        f"{sys.executable} -m pip install 'oxboys-mlm[grading]' (in a clone of the repository: '.[grading]')"
    )


def _failed(reason: str) -> int:
    print("oxboys:", " ".join(reason.split()), file=sys.stderr)
    return 1


def _grade(options: argparse.Namespace) -> None:
    sandboxed = options.sandbox != "none"
    if not sandboxed:
        print("oxboys: warning: without a sandbox, students' code can do whatever you can", file=sys.stderr)
    names, alone = list(dict.fromkeys(options.assignments)), len(set(options.assignments)) == 1
    if not options.fresh and options.student is None and (before := _settled(options, names, options.sandbox)):
        _say_marks(options.course, before)
        return
    with ExitStack() as stack:
        supervisor = None
        if not options.scheduler:
            # Its zygote is another process, and takes as long to get ready as the imports below.
            from oxboys_mlm.grading.running.supervisor import Supervisor

            supervisor = Supervisor(options.course.resolve(), sandboxed=sandboxed)
            stack.callback(supervisor.close)
        from oxboys_mlm.grading import grader, lock, settled
        from oxboys_mlm.grading.course import Course
        from oxboys_mlm.grading.running.cluster import Cluster
        from oxboys_mlm.grading.running.pool import Pool

        course = Course(options.course)
        stack.enter_context(lock.hold(course.root, f"oxboys grade {' '.join(options.assignments)}"))
        watches = [settled.Watch(course, name) for name in names]
        assignments = [course.assignment(name) for name in names]
        said: list[Said | None] = []
        workers: Pool | Cluster = Pool(options.jobs, supervisor) if supervisor else Cluster(options.scheduler)
        stack.enter_context(workers)
        for assignment in assignments:
            if not alone:
                print(f"{assignment.name}:", flush=True)
            warnings = _outdated(assignment)
            if options.student is None and (others := assignment.passed_over()):
                few = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
                warnings.append(f"not graded, because it is not a submission: {few}")
            for warning in warnings:
                _warn(warning)
            with _Show(last="graded, now the report") as show:
                scores = grader.grade(
                    assignment,
                    options.student,
                    show.submission,
                    progress=show.progress,
                    workers=workers,
                    sandboxed=sandboxed,
                    fresh=options.fresh,
                    followed=show.by_hand,
                )
            _say_where(scores)
            said.append(None if show.faults else settled.Said(warnings, show.lines))
        for stranger in (strangers := _strangers(course)):
            _warn(stranger)
        if options.student is None:
            for watch, of_all in zip(watches, said, strict=True):
                if of_all:
                    watch.note("grade", settled.Said(of_all.warnings + strangers, of_all.lines), options.sandbox)


def _remark(options: argparse.Namespace) -> None:
    if before := _settled(options, [options.assignment]):
        _say_marks(options.course, before)
        return
    from oxboys_mlm.grading import grader, lock, settled
    from oxboys_mlm.grading.course import Course

    course = Course(options.course)
    assignment = course.assignment(options.assignment)
    with lock.hold(course.root, f"oxboys remark {assignment.name}"):
        watch = settled.Watch(course, assignment.name)
        for warning in (outdated := _outdated(assignment)):
            _warn(warning)
        with _Show() as show:
            scores = grader.remark(assignment, show.submission, show.by_hand)
        _say_where(scores)
        for stranger in (strangers := _strangers(course)):
            _warn(stranger)
        if not show.faults:
            watch.note("remark", settled.Said(outdated + strangers, show.lines))


def _mark(options: argparse.Namespace) -> None:
    from oxboys_mlm.grading.course import Course
    from oxboys_mlm.grading.desk.server import serve
    from oxboys_mlm.grading.errors import GradingError
    from oxboys_mlm.grading.marking.share import SHARE

    if options.share is not None and not options.second:
        raise GradingError("--share says how many answers are marked a second time; use it with --second")
    if options.names and not options.to:
        raise GradingError("--names puts the students' names into a table; use it with --to (at the desk, press i)")
    share = (options.share or SHARE) if options.second else None
    assignment = Course(options.course).assignment(options.assignment)
    if options.to or options.origin:
        _mark_in_spreadsheet(assignment, options.to, options.origin, names=options.names)
        return
    with _Show() as show:
        serve(assignment, show.line, show.by_hand, browser=not options.no_browser, share=share)


def _mark_in_spreadsheet(assignment: Assignment, to: Path | None, origin: Path | None, *, names: bool) -> None:
    from oxboys_mlm.grading.desk.desk import this_person
    from oxboys_mlm.grading.desk.spreadsheet import Faulty, Spreadsheet
    from oxboys_mlm.grading.files import near
    from oxboys_mlm.grading.marking.free_texts import free_texts
    from oxboys_mlm.grading.records import by_hand

    texts = free_texts(assignment)
    with assignment.course.gradebook() as book, _Show() as show:
        if to:
            show.by_hand(by_hand.follow(assignment, book, texts))
        table = Spreadsheet(assignment, book, texts, this_person())
        if to:
            answers, waiting = table.write(to, names=names)
            show.line(f"Table: {near(to)}, {answers} answers, {waiting} of them wait")
        if origin:
            try:
                read = table.read(origin)
            except Faulty as faulty:
                for line in faulty.lines:
                    print("oxboys:", line, file=sys.stderr)
                raise
            show.line(f"Marks: {read.saved} saved, {read.unchanged} as they were")


def _report(options: argparse.Namespace) -> None:
    from oxboys_mlm.grading.files import near

    if _settled(options, [options.assignment]):
        print(f"Report: {near(options.course / 'reports' / options.assignment / 'index.html')}")
        return
    from oxboys_mlm.grading import lock, settled
    from oxboys_mlm.grading.course import Course
    from oxboys_mlm.grading.errors import GradingError
    from oxboys_mlm.grading.records.lateness import settle
    from oxboys_mlm.grading.records.scores import read_scores
    from oxboys_mlm.grading.report.page import write_report

    course = Course(options.course)
    assignment = course.assignment(options.assignment)
    with lock.hold(course.root, f"oxboys report {assignment.name}"):
        watch = settled.Watch(course, assignment.name)
        rows = read_scores(course.root / "reports" / assignment.name / "scores.csv")
        if not rows:
            raise GradingError(f"{assignment.name!r} has not been graded yet; use oxboys grade")
        with course.gradebook() as book:
            settle(course, book, assignment.name)
        print(f"Report: {near(write_report(assignment, rows))}")
        watch.note("report", settled.Said())


_SAME_PAGES = {"command", "run", "course", "assignment", "jobs"}


def _feedback(options: argparse.Namespace) -> None:
    # Any other option makes more than pages.
    plain = not any(vars(options)[name] for name in vars(options).keys() - _SAME_PAGES)
    if plain and (before := _settled(options, [options.assignment])):
        where, number = before[options.assignment].lines
        _say_pages(Path(where), options.assignment, 0, int(number))
        return
    from oxboys_mlm.grading import lock, settled
    from oxboys_mlm.grading.course import Course
    from oxboys_mlm.grading.errors import GradingError
    from oxboys_mlm.grading.feedback.handing_back import HandingBack
    from oxboys_mlm.grading.feedback.pages import make_pages
    from oxboys_mlm.grading.files import near
    from oxboys_mlm.grading.records.extensions import FILE, read_extensions

    course = Course(options.course)
    if options.solutions and (table := read_extensions(course)):
        now = datetime.now(UTC).replace(tzinfo=None)
        if running := table.running(options.assignment, now):
            print(
                f"oxboys: warning: these may still hand in, by {FILE}, and others would have the solutions: "
                f"{', '.join(running)}",
                file=sys.stderr,
            )
    back = HandingBack(course, options.assignment, options.receiver) if options.receiver else None
    finished: list[Pages] = []
    with (
        lock.hold(course.root, f"oxboys feedback {options.assignment}"),
        _Show("reading marks", "made", "pages") as show,
    ):
        watch = settled.Watch(course, options.assignment)

        def announce(pages: Pages) -> None:
            finished.append(pages)
            show.pages(pages)

        folder = make_pages(
            course,
            options.assignment,
            options.student,
            announce,
            progress=show.progress,
            jobs=options.jobs,
            solutions=options.solutions,
        )
        archive = back.pack([pages.student for pages in finished]) if back else None
        written, unchanged = sum(pages.written for pages in finished), sum(pages.unchanged for pages in finished)
        failed = [pages.student for pages in finished if pages.problems]
        if plain and not failed:
            watch.note("feedback", settled.Said([], [str(folder), str(written + unchanged)]))
    _say_pages(folder, options.assignment, written, unchanged)
    if archive:
        print(f"To hand back: {near(archive.path)}, {archive.pages} pages of {archive.students} students")
        for reason, names in archive.left_out.items():
            print(f"oxboys: warning: left out of it, {reason}: {', '.join(names)}", file=sys.stderr)
    if failed:
        raise GradingError(f"some pages could not be made, for the reasons above: {', '.join(failed)}")


def _say_pages(folder: Path, assignment: str, written: int, unchanged: int) -> None:
    from oxboys_mlm.grading.files import near

    print(f"Feedback: {near(folder)}{os.sep}<student>{os.sep}{assignment}, ", end="")
    print(f"{written} {'page' if written == 1 else 'pages'} written, {unchanged} unchanged")


def _roster(options: argparse.Namespace) -> None:
    from oxboys_mlm.grading import lock
    from oxboys_mlm.grading.course import Course
    from oxboys_mlm.grading.enrolment.roster import import_roster

    course = Course(options.course)
    with lock.hold(course.root, "oxboys roster"):
        students, new = import_roster(course, options.file)
    print(f"{students} student{'' if students == 1 else 's'} in {options.file}, {new} of them new in the gradebook")


def _forget(options: argparse.Namespace) -> None:
    from oxboys_mlm.grading import forgetting, lock
    from oxboys_mlm.grading.course import Course
    from oxboys_mlm.grading.errors import GradingError

    course = Course(options.course)
    with lock.hold(course.root, "oxboys forget"):
        found = forgetting.find(course, options.student)
        print(f"This folder keeps about {options.student!r}:", *(f"- {what}" for what in found.kept), sep="\n")
        if not options.yes:
            try:
                said = input("Delete all of this for good? Type the id to agree: ")
            except EOFError:
                said = ""
            if said.strip() != options.student:
                raise GradingError("nothing was deleted; to agree, type the id, or give --yes")
        found.delete()
    print("Deleted. What this command does not touch:", *(f"- {what}" for what in found.left), sep="\n")


def _demo(options: argparse.Namespace) -> None:
    from oxboys_mlm.grading import demo

    with _Show() as show:
        demo.build(options.course, options.folder, show.submission)


def _settled(options: argparse.Namespace, assignments: Sequence[str], asked: str = "") -> dict[str, Said]:
    """Return what a command said of each assignment, if nothing has changed since it found nothing to change."""
    root, names = options.course.resolve(), list(dict.fromkeys(assignments))
    if not (root / ".oxboys" / "settled").is_dir():
        return {}
    from oxboys_mlm.grading import lock, settled

    with lock.hold(root, f"oxboys {options.command} {' '.join(names)}"):
        found = {name: settled.find(root, name, options.command, asked) for name in names}
    return {name: said for name, said in found.items() if said} if all(found.values()) else {}


def _say_marks(course: Path, before: Mapping[str, Said]) -> None:
    """Say what `oxboys grade` or `oxboys remark` said of each assignment."""
    for warning in dict.fromkeys(warning for said in before.values() for warning in said.warnings):
        _warn(warning)
    for name, said in before.items():
        print(*([f"{name}:"] if len(before) > 1 else []), *said.lines, sep="\n")
        _say_where(course / "reports" / name / "scores.csv")


def _outdated(assignment: Assignment) -> list[str]:
    """Return a warning if students have other notebooks than those that are graded."""
    outdated = assignment.outdated()
    return [
        f"the release of {', '.join(outdated)} is not what the solutions make today, so students may see other tasks "
        f"and points; run nbgrader generate_assignment {assignment.name} --force"
    ] * bool(outdated)


def _warn(warning: str) -> None:
    print("oxboys: warning:", warning, file=sys.stderr)


def _strangers(course: Course) -> list[str]:
    """Return a warning for every extension of nobody."""
    from oxboys_mlm.grading.records.extensions import read_extensions

    if not (extensions := read_extensions(course)):
        return []
    with course.gradebook() as book:
        students = [student.id for student in book.students]
    return [f"{line}, in the gradebook; the extension is nobody's" for line in extensions.strangers(students)]


def _say_where(scores: Path) -> None:
    from oxboys_mlm.grading.files import near

    print(f"Scores: {near(scores)}")
    print(f"Report: {near(scores.parent / 'index.html')}")


class _Show:
    """Shows progress: a line per submission and, on a terminal, a bar with the time left.

    Attributes
    ----------
    lines
        The lines on submissions and on marks by hand that were shown.
    faults
        Whether one of them could not be recorded.
    """

    def __init__(
        self,
        first: str = "solutions first",
        done: str = "graded",
        unit: str = "notebooks",
        last: str = "",
    ) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._console = Console(highlight=False, soft_wrap=True, markup=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TextColumn("{task.fields[to_go]}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(first, total=None, to_go="-:--:--")
        self._done = done
        self._last = last or done
        self._time = TimeToGo()
        self.lines: list[str] = []
        self.faults = False

    def __enter__(self) -> _Show:
        self._bar.start()
        return self

    def __exit__(self, *problem: Any) -> None:
        self._bar.stop()

    def submission(self, submission: Submission) -> None:
        """Show a submission that has been recorded."""
        points = f"{submission.score:6g} of {submission.max_score:g} points"
        lines = [f"{submission.student:20} {'no mark recorded' if submission.fault else points}"]
        lines += [f"{'':20} {note}" for note in submission.notes]
        for line in lines:
            self._console.print(line)
        sys.stdout.flush()
        self.lines += lines
        self.faults |= bool(submission.fault)

    def line(self, text: str) -> None:
        """Show a line."""
        self._console.print(text)
        sys.stdout.flush()

    def by_hand(self, followed: Followed) -> None:
        """Show what became of marks by hand that follow from ticks."""
        for number, what in (
            (followed.changed, "marked again, because rubrics have changed"),
            (followed.waiting, "wait again, because the answer, its question or its rubric has changed"),
            (followed.conflicts, "with other points in formgrader than the ticks give; oxboys mark shows them"),
        ):
            if number:
                line = f"Free texts: {number} {what}"
                self._console.print(line)
                self.lines.append(line)

    def pages(self, pages: Pages) -> None:
        """Show a student whose pages are new, or cannot be made."""
        if pages.written:
            self._console.print(f"{pages.student:20} {pages.written} {'page' if pages.written == 1 else 'pages'}")
        for problem in pages.problems:
            self._console.print(f"{pages.student:20} {problem}")
        sys.stdout.flush()

    def progress(self, done: int, total: int, new: int | None = None) -> None:
        """Show how far the class is; of those `done`, `new` were made now, or all."""
        to_go = self._time.to_go(total - done, done if new is None else new, time.monotonic())
        if to_go is not None:
            self._bar.update(self._task, to_go=str(to_go))
        description = self._done if done < total else self._last
        self._bar.update(self._task, description=description, completed=done, total=total)


class TimeToGo:
    """Computes the time to go from the average of all that was done.

    rich's own column knows the last half minute alone, in which heavy notebooks may have come together, and takes
    what is cached from an earlier run for work done.
    """

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None

    def to_go(self, left: int, new: int, now: float) -> timedelta | None:
        """Return the time to go, or None before the second one is done.

        Parameters
        ----------
        left
            Number of those to do.
        new
            Number of those that were done now, without what is cached.
        now
            The time, in seconds, of a clock that is never set.
        """
        if self._first is None and new:
            self._first = new, now
        if self._first is None or new == self._first[0]:
            return None
        before, since = self._first
        return timedelta(seconds=round((now - since) / (new - before) * left))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"a share is a number above 0 and not above 1, such as 0.5, and not {text!r}")
    return share


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
