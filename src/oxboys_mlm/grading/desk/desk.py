"""What the desk shows, and what it saves. No word of the web here: `server` puts it behind addresses."""

from __future__ import annotations

import getpass
import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

import msgspec
from nbgrader.api import Gradebook

from oxboys_mlm.assessment.verdict import inline_html
from oxboys_mlm.grading.course import CHECK_SUFFIX, Assignment, Course
from oxboys_mlm.grading.desk.alike import normal_form
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.feedback.cleaning import clean
from oxboys_mlm.grading.feedback.rendering import Markup, render
from oxboys_mlm.grading.feedback.safe_outputs import pictures_of
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.by_ticks import Entry, HandMark
from oxboys_mlm.grading.marking.free_texts import FreeText
from oxboys_mlm.grading.records import by_hand
from oxboys_mlm.grading.records.by_hand import Change, Clash, Standing
from oxboys_mlm.grading.records.cells import NotebookCell, cells_of, graded_notebook
from oxboys_mlm.grading.records.marksheet import read_marksheets
from oxboys_mlm.grading.records.second import SecondMarks

#: Number of steps that can be taken back.
_STEPS = 1000


class Save(msgspec.Struct, forbid_unknown_fields=True):
    """What the page wants to save for an answer.

    Attributes
    ----------
    id
        Which answer.
    stamp
        What stood in the gradebook when it was decided.
    seen
        Digest of the answer that was shown.
    ticks, difference, reason, comment
        The mark.
    done
        Whether the answer does not wait any more.
    replace
        Whether points that were given in formgrader may be replaced.
    keep
        Whether points that were given in formgrader stay; the difference follows from them.
    """

    id: str
    stamp: str
    seen: str
    ticks: tuple[str, ...] = ()
    difference: float = 0.0
    reason: str = ""
    comment: str = ""
    done: bool = False
    replace: bool = False
    keep: bool = False


class Marks(Protocol):
    """Where marks are read and saved: `by_hand`, or `SecondMarks` for a second person."""

    def prepare(self, gradebook: Gradebook) -> None:
        """Make what is needed."""

    def read_standings(
        self, gradebook: Gradebook, assignment: str, text: FreeText, grades: Sequence[str] | None = None
    ) -> dict[str, Standing]:
        """Read where answers stand."""

    def save(
        self,
        course: Course,
        gradebook: Gradebook,
        assignment: str,
        text: FreeText,
        changes: Sequence[Change],
        marker: str,
    ) -> None:
        """Save marks, all or none."""


class Refused(Exception):
    """What was sent cannot be saved; the message is for the person who marks."""


class _Before(msgspec.Struct):
    """What stood there before a step: to take it back."""

    question: str
    standings: dict[str, Standing]
    after: dict[str, str]


class Desk:
    """The free texts of an assignment, and the gradebook.

    Parameters
    ----------
    assignment
        The assignment.
    gradebook
        The gradebook.
    texts
        Its free texts.
    marker
        Who marks here.
    second
        Second marks, if this is where a second person marks.

    Raises
    ------
    GradingError
        If two free texts have the same name, under which one of them would not be found.
    """

    def __init__(
        self,
        assignment: Assignment,
        gradebook: Gradebook,
        texts: Sequence[FreeText],
        marker: str,
        second: SecondMarks | None = None,
    ) -> None:
        self._assignment = assignment
        self._gradebook = gradebook
        self._texts = {text.key: text for text in texts}
        for text in texts:
            if self._texts[text.key] is not text:
                raise GradingError(
                    f"two free texts are called {text.key!r}, in {text.notebook} and in "
                    f"{self._texts[text.key].notebook}; give one of them another name (its cell's grade_id: Create "
                    "Assignment, at the right edge of JupyterLab)"
                )
        self._marker = marker
        self._steps: dict[str, _Before] = {}
        self._second = second is not None
        self._marks: Marks = second or by_hand
        self._marks.prepare(gradebook)

    # ---- what it shows ------------------------------------------------------------------------------

    def overview(self) -> dict[str, Any]:
        """Return all questions, with what waits, and the steps that can be taken back, the last one last."""
        found = []
        for text in self._texts.values():
            standings = self._standings(text).values()
            waiting = [standing for standing in standings if standing.entry.waits]
            found.append(
                {
                    "key": text.key,
                    "notebook": text.notebook,
                    "title": text.title,
                    "answers": len(standings),
                    # What was withdrawn waits for its student, and not for who marks.
                    "waiting": sum(self._notebook(text, standing.student).exists() for standing in waiting),
                }
            )
        return {
            "assignment": self._assignment.name,
            "course": self._course_id,
            "marker": self._marker,
            "second": self._second,
            "steps": list(self._steps),
            "questions": found,
        }

    @cached_property
    def _course_id(self) -> str:
        """A name for this course folder under which a browser may keep what is not saved yet."""
        return hashlib.sha256(str(self._assignment.course.root).encode()).hexdigest()[:12]

    def text(self, key: str) -> FreeText:
        """Return a question.

        Raises
        ------
        Refused
            If there is none of this name.
        """
        if key not in self._texts:
            raise Refused("There is no such question.")
        return self._texts[key]

    def question(self, key: str) -> dict[str, Any]:
        """Return a question, its rubric and where its answers stand; not yet the answers."""
        text = self.text(key)
        return {
            "key": key,
            "title": text.title,
            "points": text.points,
            "question": _html(text.question),
            "statements": [
                {
                    **msgspec.structs.asdict(statement),
                    "text": _line(statement.text),
                    "accepted": [_line(example) for example in statement.accepted],
                    "refused": [_line(example) for example in statement.refused],
                    "note": _line(statement.note),
                }
                for statement in text.rubric.statements
            ],
            "model": _html(text.rubric.model),
            "advice": _html(text.rubric.advice),
            "states": self.states(key),
        }

    def states(self, key: str) -> dict[str, dict[str, Any]]:
        """Return where the answers to a question stand, by id, in an order that is random and stays."""
        text = self.text(key)
        found = self._standings(text)
        # nbgrader drew these ids at random, one for each student and question.
        return _states(text, {grade: found[grade] for grade in sorted(found)})

    def students(self, key: str) -> dict[str, str]:
        """Return whose answers these are, by id: only for those who ask."""
        sheets = read_marksheets(self._gradebook, self._assignment.name, notebook=self.text(key).notebook)
        names = {student: sheet.name for (student, _), sheet in sheets.items()}
        return {
            grade: " ".join(filter(None, (names.get(standing.student), f"({standing.student})")))
            for grade, standing in self._standings(self.text(key)).items()
        }

    def owners(self, key: str) -> dict[str, str]:
        """Return the students of answers, by id; for `answers`, not for the page."""
        return {grade: standing.student for grade, standing in self._standings(self.text(key)).items()}

    def answers(self, key: str, owners: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Return answers as they are shown, by id. Reads files alone, so that it may be called in another thread."""
        text = self.text(key)
        found = {}
        for grade, student in owners.items():
            cell = self._cell(text, student)
            if cell is None:
                found[grade] = {"gone": True, "html": "", "text": "", "alike": "", "seen": ""}
                continue
            empty = text.is_empty(cell.source)
            pictures = tuple(sorted(pictures_of(cell.attachments).items()))
            alike = [normal_form(cell.source), pictures]
            found[grade] = {
                "html": "" if empty else _answer(cell.source, pictures),
                "text": "" if empty else cell.source[:2000],
                "alike": "" if empty else hashlib.sha256(repr(alike).encode()).hexdigest(),
                "seen": by_ticks.digest_of_answer(cell.source, cell.attachments),
            }
        return found

    def checks(self, key: str, grade: str) -> list[dict[str, Any]]:
        """Return what checks found in the notebook of an answer."""
        text = self.text(key)
        student = self.owners(key).get(grade)
        if student is None:
            raise Refused("There is no such answer.")
        sheet = read_marksheets(self._gradebook, self._assignment.name, student, text.notebook)[student, text.notebook]
        found = []
        for name, cell in cells_of(self._assignment, student, text.notebook).items():
            mark = sheet.marks.get(name)
            if name.endswith(CHECK_SUFFIX) and mark is not None:
                said = clean(inline_html(cell.metadata.feedback))
                found.append(
                    {
                        "name": name.removesuffix(CHECK_SUFFIX),
                        "points": mark.score,
                        "most": mark.max_score,
                        "said": said,
                    }
                )
        return found

    def _standings(self, text: FreeText, grades: Sequence[str] | None = None) -> dict[str, Standing]:
        self._gradebook.db.rollback()  # others write, too
        return self._marks.read_standings(self._gradebook, self._assignment.name, text, grades)

    def _cell(self, text: FreeText, student: str) -> NotebookCell | None:
        return cells_of(self._assignment, student, text.notebook).get(text.key)

    def _notebook(self, text: FreeText, student: str) -> Path:
        return graded_notebook(self._assignment, student, text.notebook)

    # ---- what it saves ------------------------------------------------------------------------------

    def save(self, key: str, saves: Sequence[Save]) -> dict[str, Any]:
        """Save marks, all or none; return where the answers stand now, and what takes it back.

        Raises
        ------
        Clash
            If somebody else has changed one of them, or its text, meanwhile.
        Refused
            If a mark is none that can be given.
        """
        text = self.text(key)
        standings = self._standings(text, [save.id for save in saves])
        changes = [self.change(text, standings.get(save.id), save) for save in saves]
        after = self._write(text, changes)
        step = secrets.token_urlsafe(8)
        stamps = {grade: standing.stamp for grade, standing in after.items()}
        self._steps[step] = _Before(text.key, {grade: standings[grade] for grade in after}, stamps)
        if len(self._steps) > _STEPS:
            del self._steps[next(iter(self._steps))]
        return {"states": _states(text, after), "step": step}

    def undo(self, step: str) -> dict[str, Any]:
        """Take a step back; return the question, and where its answers stand now.

        Raises
        ------
        Clash
            If somebody else has changed one of its answers since.
        Refused
            If it was taken back already.
        """
        before = self._steps.get(step)
        if before is None:
            raise Refused("This step cannot be taken back any more.")
        text = self.text(before.question)
        changes = [
            Change(grade, before.after[grade], old.kept.mark if old.kept else None, old.entry, old.comment)
            for grade, old in before.standings.items()
        ]
        after = self._write(text, changes)
        del self._steps[step]
        # Earlier steps left behind what stands there again.
        for earlier in self._steps.values():
            for grade, old in before.standings.items():
                if earlier.after.get(grade) == old.stamp:
                    earlier.after[grade] = after[grade].stamp
        return {"states": _states(text, after), "question": text.key}

    def _write(self, text: FreeText, changes: Sequence[Change]) -> dict[str, Standing]:
        """Write marks; return where the answers stand now."""
        course, name = self._assignment.course, self._assignment.name
        self._marks.save(course, self._gradebook, name, text, changes, self._marker)
        return self._standings(text, [change.grade for change in changes])

    def change(self, text: FreeText, standing: Standing | None, save: Save) -> Change:
        """Return what is to be written for a mark.

        Raises
        ------
        Clash
            If somebody else has changed it, or its text, meanwhile.
        Refused
            If it is none that can be given.
        """
        if standing is None:
            raise Clash([save.id])
        if standing.stamp != save.stamp:
            raise Clash([save.id])
        cell = self._cell(text, standing.student)
        if cell is None or by_ticks.digest_of_answer(cell.source, cell.attachments) != save.seen:
            raise Clash([save.id])
        foreign = standing.conflict or (standing.kept is None and standing.entry.score is not None)
        if foreign and not (save.replace or save.keep):
            raise Refused("Points were given in formgrader. Say first whether they stay.")
        statements = {statement.name for statement in text.rubric.statements}
        if not statements.issuperset(save.ticks):
            raise Refused("The rubric has changed. Stop oxboys mark (Ctrl-C) and start it again.")
        difference, reason = save.difference, save.reason.strip()
        ticked = by_ticks.ticked(text.rubric, save.ticks)
        if save.keep:
            difference = round((standing.entry.score or 0.0) - ticked, 4)
            reason = reason or "points given in formgrader"
        if statements and difference and not reason:
            raise Refused("Points above or below what the statements give need a reason.")
        if not -1e-6 <= ticked + difference <= text.points + 1e-6:
            raise Refused(f"That would be {ticked + difference:g} points; this question gives 0 to {text.points:g}.")
        if not (save.ticks or difference or save.done or standing.kept):
            # A comment alone, or nothing yet.
            return Change(save.id, save.stamp, None, standing.entry, save.comment)
        score = by_ticks.points(text.rubric, text.points, save.ticks, difference)
        # In the rubric's order; what the rubric has no longer is kept, should it come back.
        ticks = tuple(each.name for each in text.rubric.statements if each.name in save.ticks)
        mark = HandMark(ticks, difference, reason, by_ticks.seen(text, cell.source, cell.attachments), score)
        return Change(save.id, save.stamp, mark, Entry(score, not save.done), save.comment)


def _states(text: FreeText, standings: Mapping[str, Standing]) -> dict[str, dict[str, Any]]:
    """Return where answers stand, as the page has it."""
    return {grade: _state(text, standing) for grade, standing in standings.items()}


def _state(text: FreeText, standing: Standing) -> dict[str, Any]:
    kept = standing.kept
    return {
        "stamp": standing.stamp,
        "ticks": [each.name for each in text.rubric.statements if kept and each.name in kept.mark.ticks],
        "difference": kept.mark.difference if kept else 0,
        "reason": kept.mark.reason if kept else "",
        "comment": standing.comment,
        "points": standing.entry.score,
        "waits": standing.entry.waits,
        "empty": standing.empty,
        "conflict": standing.conflict,
        "ticked": kept.mark.score if kept else None,
        "elsewhere": kept is None and standing.entry.score is not None,
        "marker": kept.marker if kept else "",
        "marked": f"{kept.marked:%Y-%m-%d %H:%M} UTC" if kept else "",
        "changed": list(kept.mark.changed) if kept and standing.entry.waits else [],
    }


def _html(markdown: str) -> str:
    """Lay out the course's own text."""
    return render([Markup("markdown", markdown)])[0]


def _line(text: str) -> str:
    """Lay out a line of a rubric: plain, with words in backticks as code."""
    return clean(inline_html(text))


@lru_cache(maxsize=4096)
def _answer(source: str, pictures: tuple[tuple[str, tuple[str, str]], ...]) -> str:
    """Lay out an answer by itself, so that none takes the time of another."""
    return render([Markup("markdown", source, dict(pictures))])[0]


def this_person() -> str:
    """Return who marks here: the name under which somebody is logged in, or the number where a machine has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # such as a container
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"


def check_has_answers(desk: Desk) -> None:
    """Say so if nothing has been graded that could be marked.

    Raises
    ------
    GradingError
        If there are no free texts, or nobody's are in the gradebook.
    """
    overview = desk.overview()
    if not overview["questions"]:
        raise GradingError(f"{overview['assignment']!r} has no free texts, so there is nothing to mark by hand")
    if not any(question["answers"] for question in overview["questions"]):
        raise GradingError(f"{overview['assignment']!r} has not been graded yet; use oxboys grade")
