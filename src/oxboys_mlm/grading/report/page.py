"""The report on a graded class: ``reports/<assignment>/index.html``, and its figures as CSV."""

from __future__ import annotations

import base64
import csv
import datetime
import hashlib
import io
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from oxboys_mlm.assessment.verdict import format_points, inline_html
from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.records.notes import Notes
from oxboys_mlm.grading.records.scores import Score
from oxboys_mlm.grading.report.agreement import FEW
from oxboys_mlm.grading.report.by_hand import Book, read_gradebook
from oxboys_mlm.grading.report.figures import Asked, Figures, QuestionFigures, analyse
from oxboys_mlm.grading.tables import text_cell

QUESTION_COLUMNS = (
    "notebook",
    "question",
    "points",
    "students",
    "difficulty",
    "discrimination",
    "missing",
    "error",
    "timeout",
    "killed",
    "unreadable",
    "suspicions",
)
MISTAKE_COLUMNS = ("notebook", "question", "mistake", "students", "share", "feedback")

#: Number of feedback texts that the page shows for a mistake.
_TEXTS = 3

#: Number of notes on a student that it shows.
_NOTES = 6

#: Number of answers that it lists of those that two people mark differently.
_APART = 20

#: Number of rows from which a table scrolls by itself, with its headers in sight.
_TALL = 30

# ---- the page -------------------------------------------------------------------------------------


def write_report(assignment: Assignment, scores: Sequence[Score], seconds: float | None = None) -> Path:
    """Write the report on a graded class.

    ``index.html``, ``questions.csv`` and ``mistakes.csv`` in ``reports/<assignment>/`` of the course folder.

    Parameters
    ----------
    assignment
        The assignment.
    scores
        The table of scores.
    seconds
        How long grading took, if that is known.

    Returns
    -------
    Path
        The page.
    """
    asked = [
        Asked(exercise.name, check.key, check.points) for exercise in assignment.exercises for check in exercise.checks
    ]
    figures = analyse(scores, asked)
    folder = assignment.course.root / "reports" / assignment.name
    write_whole(folder / "questions.csv", questions_csv(figures))
    write_whole(folder / "mistakes.csv", mistakes_csv(figures))
    page = folder / "index.html"
    write_whole(page, render(assignment, figures, read_gradebook(assignment), seconds))
    return page


def render(assignment: Assignment, figures: Figures, book: Book, seconds: float | None = None) -> str:
    """Return the page.

    Parameters
    ----------
    assignment
        The assignment.
    figures
        The class's figures.
    book
        What the gradebook says of the class.
    seconds
        How long grading took, if that is known.
    """
    here = assignment.course.root / "reports" / assignment.name

    def links(step: str, student: str, suffix: str) -> list[tuple[str, str]]:
        folder = assignment.course.path(step, student, assignment.name)
        return [
            (exercise.name, quote(Path(os.path.relpath(folder / f"{exercise.name}{suffix}", here)).as_posix()))
            for exercise in assignment.exercises
        ]

    script = _source("report.js")
    # The policy allows only this script and these styles, so nothing that students hand in can run.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _templates()
        .get_template("report.html")
        .render(
            assignment=assignment.name,
            course=str(assignment.course.directory.course_id),
            figures=figures,
            book=book,
            seconds=seconds,
            absent=[name for name in book.entries if name not in {student.name for student in figures.students}],
            autograded=lambda student: links("autograded", student, ".ipynb"),
            feedback=lambda student: links("feedback", student, ".html"),
            notes=Notes(assignment.course.root, assignment.name).by_student,
            notes_shown=_NOTES,
            texts=_TEXTS,
            apart_shown=_APART,
            few=FEW,
            tall=_TALL,
            script=Markup(script),
            styles=Markup(_source("report.css")),
            policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
            written=datetime.datetime.now().astimezone(),
        )
        + "\n"
    )


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("oxboys_mlm.grading.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "points": lambda points: "–" if points is None else format_points(points),
        "percent": percent,
        "decimal": decimal,
        "duration": duration,
        "feedback": lambda text: Markup(inline_html(text)),
        "short": lambda name: name.split("-")[0] if name.split("-")[0].isdigit() else name,
        "segments": segments,
    }
    return templates


def _source(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")


def percent(share: float | None) -> str:
    """Write a share as per cent.

    >>> percent(0.256), percent(0.025), percent(None)
    ('26 %', '3 %', '–')
    """
    # Halves go up, as readers expect: 1 of 40 is 3 %.
    return "–" if share is None else f"{math.floor(100 * share + 0.5)} %"


def decimal(number: float | None) -> str:
    """Write a number with two decimals and a true minus sign.

    >>> decimal(-0.123), decimal(-0.001), decimal(None)
    ('−0.12', '0.00', '–')
    """
    return "–" if number is None else f"{round(number, 2) + 0.0:.2f}".replace("-", "−")


def duration(seconds: float) -> str:
    """Write a time as people say it.

    >>> duration(0.4), duration(75), duration(3725)
    ('less than a second', '1 min 15 s', '1 h 2 min')
    """
    if seconds < 1:
        return "less than a second"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@dataclass(frozen=True)
class Segment:
    """A piece of a bar: its style, its meaning, the number of students, and its position in per cent of the bar."""

    kind: str
    label: str
    count: int
    start: float
    width: float


def segments(question: QuestionFigures) -> list[Segment]:
    """Divide a question's bar by the results of its answers."""
    failed = question.students - question.outcomes.get("scored", 0) - question.outcomes.get("missing", 0)
    parts = [
        ("right", "full points", question.right),
        ("partly", "some points", question.partly),
        ("wrong", "no points", question.wrong),
        ("failed", "stopped by an error or a limit", failed),
        ("missing", "no answer", question.outcomes.get("missing", 0)),
    ]
    found, start = [], 0.0
    for kind, label, count in parts:
        if count:
            width = 100 * count / question.students
            found.append(Segment(kind, label, count, round(start, 3), round(width, 3)))
            start += width
    return found


# ---- the same as tables ---------------------------------------------------------------------------


def questions_csv(figures: Figures) -> str:
    """Write the figures of all questions as CSV; what is not defined stays empty."""

    def number(value: float | None) -> str:
        return "" if value is None else f"{round(value, 4) + 0.0:g}"

    return _csv(
        QUESTION_COLUMNS,
        (
            [
                text_cell(question.notebook),
                text_cell(question.question),
                number(question.points),
                str(question.students),
                number(question.difficulty),
                number(question.discrimination),
                *(number(question.share(name)) for name in QUESTION_COLUMNS[6:11]),
                text_cell(" ".join(question.suspicions)),
            ]
            for question in figures.questions
        ),
    )


def mistakes_csv(figures: Figures) -> str:
    """Write the mistakes as CSV, each with the feedback that most students got."""
    return _csv(
        MISTAKE_COLUMNS,
        (
            [
                text_cell(mistake.notebook),
                text_cell(mistake.question),
                text_cell(mistake.name),
                str(mistake.students),
                f"{round(mistake.share, 4):g}",
                text_cell(" / ".join(text for text, _ in mistake.feedback[:_TEXTS])),
            ]
            for mistake in figures.mistakes
        ),
    )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
