"""Marks by hand in a table for a spreadsheet, and back: by the desk's rules, and all or nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from oxboys_mlm.grading.course import Assignment
from oxboys_mlm.grading.desk.desk import Desk, Refused, Save, check_has_answers
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.free_texts import FreeText
from oxboys_mlm.grading.names import composed, shown
from oxboys_mlm.grading.records import by_hand
from oxboys_mlm.grading.records.by_hand import Change, Clash, Standing
from oxboys_mlm.grading.records.cells import NotebookCell, cells_of
from oxboys_mlm.grading.tables import digest_of_cell, guarded_cell, plain_text, read_table, same_text

#: Longest answer that is shown (characters); Excel breaks a cell of more than 32767 into two.
_LONGEST = 30_000

_BEFORE = ("student", "notebook", "question", "answer")
_IDENTITY = ("student", "question")
_AFTER = ("points", "comment", "reason", "waits", "seen")

#: What stands under a statement that is ticked, and under one that is not.
_TICKED, _NOT_TICKED = {"x", "1"}, {"", "0"}

_TINY = 1e-6

#: What stands for a student: the number that the answer has at the desk, and the beginning of nbgrader's random id.
_LABEL = re.compile(r"Answer \d+ \(([0-9a-f]{12})\)")


@dataclass(frozen=True)
class Read:
    """What became of a table's rows.

    Attributes
    ----------
    saved, unchanged
        Number of answers.
    """

    saved: int
    unchanged: int


class Faulty(GradingError):
    """A table that cannot be read as marks; nothing was changed.

    Attributes
    ----------
    lines
        What is wrong, line by line.
    """

    def __init__(self, path: Path, lines: Sequence[str]) -> None:
        number = "one line" if len(lines) == 1 else f"{len(lines)} lines"
        super().__init__(f"{path}: nothing was changed, as {number} cannot be read as marks")
        self.lines = [f"{path}, {line}" for line in lines]


@dataclass(frozen=True)
class _Written:
    """What a row said when it was written, and what it was about: its cell ``seen``.

    Attributes
    ----------
    answer, question, rubric
        Digests of what there was to mark.
    stamp
        What the gradebook said.
    ticks
        Numbers of the statements that were ticked.
    points
        Points that stood there.
    comment, reason
        Digests of these cells.
    waits
        Whether somebody had to look at it.
    """

    answer: str
    question: str
    rubric: str
    stamp: str
    ticks: tuple[int, ...]
    points: str
    comment: str
    reason: str
    waits: bool


@dataclass(frozen=True)
class _Row:
    """A row as it came back."""

    text: FreeText
    standing: Standing
    written: _Written
    ticks: tuple[int, ...]
    points: float | None
    comment: str
    reason: str
    waits: bool

    @property
    def points_changed(self) -> bool:
        before = _number(self.written.points)
        return (self.points is None) != (before is None) or abs((self.points or 0) - (before or 0)) > 1e-4

    @property
    def ticks_changed(self) -> bool:
        return self.ticks != self.written.ticks

    @property
    def marked(self) -> bool:
        """Whether the row says more than another comment."""
        looked_at = self.written.waits and not self.waits
        reason = digest_of_cell(self.reason) != self.written.reason
        return self.ticks_changed or self.points_changed or reason or looked_at

    @property
    def changed(self) -> bool:
        return self.marked or digest_of_cell(self.comment) != self.written.comment


class _Wrong(Exception):
    """What is wrong with a row, in words."""


class Spreadsheet:
    """The free texts of an assignment as a table, a row for each answer.

    Parameters
    ----------
    assignment
        The assignment.
    gradebook
        The gradebook.
    texts
        Its free texts.
    marker
        Who marks.
    """

    def __init__(self, assignment: Assignment, gradebook: Gradebook, texts: Sequence[FreeText], marker: str) -> None:
        self._assignment, self._gradebook, self._texts, self._marker = assignment, gradebook, texts, marker
        self._desk = Desk(assignment, gradebook, texts, marker)

    # ---- there --------------------------------------------------------------------------------------

    def write(self, path: Path, *, names: bool = False) -> tuple[int, int]:
        """Write the table; return how many answers it has, and how many of them wait.

        Parameters
        ----------
        path
            The file.
        names
            Whether it says whose the answers are, and is sorted by that; otherwise they are called, and sorted, as at
            the desk.

        Raises
        ------
        GradingError
            If there is such a file already with something else in it, or with marks that the gradebook does not have.
        """
        check_has_answers(self._desk)
        self._check_nothing_is_lost(path)
        columns = [_heading(text, number) for text in self._texts for number in _numbers(text)]
        rows, waiting = [], 0
        for text in self._texts:
            standings = self._standings(text)
            label = {grade: f"Answer {number} ({grade[:12]})" for number, grade in enumerate(sorted(standings), 1)}
            if names:
                label = {grade: guarded_cell(standing.student) for grade, standing in standings.items()}
            for standing in sorted(standings.values(), key=lambda each: each.student if names else each.grade):
                if cell := self._cell(text, standing.student):
                    rows.append({"student": label[standing.grade], **self._row(text, standing, cell)})
                    waiting += standing.entry.waits
        table = io.StringIO()
        writer = csv.DictWriter(table, [*_BEFORE, *columns, *_AFTER], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        # Without the mark Excel would not take it for UTF-8.
        write_whole(path, "\ufeff" + table.getvalue())
        return len(rows), waiting

    def _row(self, text: FreeText, standing: Standing, cell: NotebookCell) -> dict[str, str]:
        kept = standing.kept
        ticks = _ticks(text, standing)
        points = _in_cell(standing.entry.score)
        comment, reason = guarded_cell(standing.comment), guarded_cell(kept.mark.reason if kept else "")
        written = _Written(
            *_about(text, cell),
            standing.stamp,
            ticks,
            points,
            digest_of_cell(comment),
            digest_of_cell(reason),
            standing.entry.waits,
        )
        answer = "" if text.is_empty(cell.source) else cell.source
        if len(answer) > _LONGEST:
            answer = answer[:_LONGEST] + " … (the rest is at the desk)"
        return {
            "notebook": guarded_cell(text.notebook),
            "question": text.key,
            "answer": guarded_cell(answer),
            **{_heading(text, number): "x" for number in ticks},
            "points": points,
            "comment": comment,
            "reason": reason,
            "waits": "yes" if standing.entry.waits else "",
            "seen": _encode(written),
        }

    def _check_nothing_is_lost(self, path: Path) -> None:
        if not path.exists():
            return
        try:
            table = read_table(path, (*_IDENTITY, "seen"))
            rows, _ = self._rows(table)
        except GradingError:
            raise GradingError(f"{path} exists already and is another file; choose another name") from None
        if any(row.changed and not self._is_saved(row) for row in rows.values()):
            raise GradingError(
                f"{path} exists already, with marks that are not in the gradebook; read them first with --from, or "
                "move the file away"
            )

    # ---- and back -----------------------------------------------------------------------------------

    def read(self, path: Path) -> Read:
        """Save the marks of a table, all of them or none.

        Raises
        ------
        Faulty
            If some rows cannot be saved: which, and why.
        GradingError
            If it is no such table.
        """
        table = read_table(path, (*_IDENTITY, *_AFTER))
        headings = {column for cells in table.values() for column in cells}
        missing = [
            f"{text.key} {number}"
            for text in self._texts
            for number in _numbers(text)
            if not any(_belongs(column, text, number) for column in headings)
        ]
        if table and missing:
            raise GradingError(
                f"{path}: the columns of the statements {', '.join(missing)} are missing; write a new table with --to"
            )
        rows, problems = self._rows(table)
        places = {
            line: f"line {line} ({', '.join(_brief(cells.get(name, '')) for name in _IDENTITY)})"
            for line, cells in table.items()
        }
        changes: dict[str, list[Change]] = {}
        lines: dict[str, int] = {}
        for line, row in rows.items():
            try:
                if change := self._change(row):
                    changes.setdefault(row.text.key, []).append(change)
                    lines[change.grade] = line
            except _Wrong as wrong:
                problems[line] = str(wrong)
        if not problems:
            try:
                self._save(changes)
            except Clash as clash:
                problems = {lines[grade]: _ELSEWHERE for grade in clash.grades}
        if problems:
            raise Faulty(path, [f"{places[line]}: {problems[line]}" for line in sorted(problems)])
        return Read(len(lines), len(rows) - len(lines))

    def _save(self, changes: Mapping[str, Sequence[Change]]) -> None:
        course, name = self._assignment.course, self._assignment.name
        by_text = [(text, changes[text.key]) for text in self._texts if text.key in changes]
        if by_text:
            by_hand.save_all(course, self._gradebook, name, by_text, self._marker)

    def _rows(self, table: Mapping[int, Mapping[str, str]]) -> tuple[dict[int, _Row], dict[int, str]]:
        """Return the rows that can be read, and what is wrong with the others, by line."""
        standings = {
            (name, text.key): (text, standing)
            for text in self._texts
            for standing in self._standings(text).values()
            for name in (standing.grade[:12], composed(standing.student))
        }
        rows: dict[int, _Row] = {}
        problems: dict[int, str] = {}
        lines: dict[tuple[str, str], int] = {}
        for line, cells in table.items():
            student, question = composed(plain_text(cells.get("student", ""))), cells.get("question", "")
            label = _LABEL.fullmatch(student)
            found = standings.get((label[1] if label else student, question))
            key = (found[1].student if found else student), question
            if key in lines:
                problems[line] = f"this answer is in line {lines[key]} already; delete one of the two"
            elif found is None:
                problems[line] = self._unknown(student, question, {name for name, _ in standings})
            else:
                try:
                    rows[line] = _read(*found, cells)
                except _Wrong as wrong:
                    problems[line] = str(wrong)
            lines.setdefault(key, line)
        return rows, problems

    def _unknown(self, student: str, question: str, students: set[str]) -> str:
        if question not in {text.key for text in self._texts}:
            return f"there is no question {_brief(question)!r} to mark by hand in {self._assignment.name!r}"
        if student not in students:
            return f"there is no student {_brief(student)!r} with an answer in {self._assignment.name!r}"
        return "this student has not answered this question"

    def _change(self, row: _Row) -> Change | None:
        """Return what is to be written for a row; None if there is nothing.

        Raises
        ------
        _Wrong
            If it is none that can be saved.
        """
        text, standing = row.text, row.standing
        cell = self._cell(text, standing.student)
        if cell is None:
            raise _Wrong("the answer is not there any more; delete this line")
        was = row.written.answer, row.written.question, row.written.rubric
        for what, before, now in zip(("answer", "question", "rubric"), was, _about(text, cell), strict=True):
            if before != now:
                raise _Wrong(
                    f"the {what} has changed since the table was written; delete this line, and mark this answer in a "
                    "new table (--to) or at the desk"
                )
        if not row.changed or self._is_saved(row):
            return None
        if row.written.stamp != standing.stamp:
            raise _Wrong(_ELSEWHERE)
        comment = standing.comment if same_text(row.comment, standing.comment) else plain_text(row.comment)
        if not row.marked:
            return Change(
                standing.grade, standing.stamp, standing.kept.mark if standing.kept else None, standing.entry, comment
            )
        before = standing.kept.mark.reason if standing.kept else ""
        reason = before if same_text(row.reason, before) else plain_text(row.reason)
        save = Save(
            standing.grade,
            standing.stamp,
            by_ticks.digest_of_answer(cell.source, cell.attachments),
            tuple(text.rubric.statements[number - 1].name for number in row.ticks),
            _difference(row, reason),
            reason,
            comment,
            done=True,
            replace=True,  # what stood there was in the row
        )
        try:
            return self._desk.change(text, standing, save)
        except Refused as refused:
            said = str(refused)
            raise _Wrong(said[0].lower() + said[1:].rstrip(".")) from None
        except Clash:
            raise _Wrong(_ELSEWHERE) from None

    def _is_saved(self, row: _Row) -> bool:
        """Return whether the gradebook says what the row says: the table was read before."""
        standing = row.standing
        if not row.marked:
            return same_text(row.comment, standing.comment)
        try:
            points = _ticked(row) + _difference(row, row.reason)
        except _Wrong:
            return False
        score = standing.entry.score
        return (
            score is not None
            and standing.kept is not None
            and not standing.entry.waits
            and abs(score - points) < 1e-4
            and _ticks(row.text, standing) == row.ticks
            and same_text(row.comment, standing.comment)
            and same_text(row.reason, standing.kept.mark.reason)
        )

    def _standings(self, text: FreeText) -> dict[str, Standing]:
        self._gradebook.db.rollback()  # others write, too
        return by_hand.read_standings(self._gradebook, self._assignment.name, text)

    def _cell(self, text: FreeText, student: str) -> NotebookCell | None:
        return cells_of(self._assignment, student, text.notebook).get(text.key)


_ELSEWHERE = (
    "this answer was marked at the desk, in formgrader or by somebody else since the table was written; delete this "
    "line, or write a new table (--to)"
)


# ---- rows ---------------------------------------------------------------------------------------------


def _brief(cell: str) -> str:
    """Return a cell as a line on a terminal can show it."""
    return " ".join(shown(plain_text(cell))[:60].split())


def _numbers(text: FreeText) -> range:
    return range(1, len(text.rubric.statements) + 1)


def _heading(text: FreeText, number: int) -> str:
    """Name the column of a statement; back from a spreadsheet counts what stands before the colon."""
    return f"{text.key} {number}: {' '.join(guarded_cell(text.rubric.statements[number - 1].name).split())}"


def _belongs(column: str, text: FreeText, number: int) -> bool:
    return column.partition(":")[0].strip() == f"{text.key} {number}".casefold()


def _ticks(text: FreeText, standing: Standing) -> tuple[int, ...]:
    ticked = standing.kept.mark.ticks if standing.kept else ()
    return tuple(number for number in _numbers(text) if text.rubric.statements[number - 1].name in ticked)


def _about(text: FreeText, cell: NotebookCell) -> tuple[str, str, str]:
    """Return digests of what there is to mark; with the order of statements, as columns have their numbers."""
    seen = by_ticks.seen(text, cell.source, cell.attachments)
    names = "\n".join(statement.name for statement in text.rubric.statements)
    return seen.answer[:12], seen.question[:12], seen.rubric[:12] + digest_of_cell(names)


def _in_cell(points: float | None) -> str:
    return "" if points is None else f"{points:.4f}".rstrip("0").rstrip(".")


def _number(cell: str) -> float | None:
    """Read points; None if there are none."""
    plain = plain_text(cell).replace(",", ".")
    if not plain:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,6}(\.[0-9]{0,6})?", plain):
        raise _Wrong(f"points: {_brief(cell)!r} is not a number; write one such as 1.5")
    return float(plain)


def _encode(written: _Written) -> str:
    """Write as text that no spreadsheet takes for anything else."""
    ticks = "".join(str(number) for number in written.ticks)
    rest = (written.points, written.comment, written.reason, "waits" if written.waits else "done")
    return "seen:" + ":".join((written.answer, written.question, written.rubric, written.stamp, ticks, *rest))


def _decode(cell: str) -> _Written:
    parts = cell.split(":")
    if len(parts) != 10 or parts[0] != "seen" or not re.fullmatch("[1-9]*", parts[5]):
        raise _Wrong("the cell in the column `seen` is not as it was written; write a new table with --to")
    _, answer, question, rubric, stamp, ticks, points, comment, reason, waits = parts
    numbers = tuple(int(number) for number in ticks)
    return _Written(answer, question, rubric, stamp, numbers, points, comment, reason, waits == "waits")


def _read(text: FreeText, standing: Standing, cells: Mapping[str, str]) -> _Row:
    written = _decode(cells.get("seen", ""))
    points = _number(cells.get("points", ""))
    if points is not None and not -_TINY <= points <= text.points + _TINY:
        raise _Wrong(f"points: {points:g} is out of range; this question gives 0 to {text.points:g}")
    return _Row(
        text,
        standing,
        written,
        tuple(_ticked_in(text, cells)),
        points,
        cells.get("comment", ""),
        cells.get("reason", ""),
        bool(cells.get("waits")),
    )


def _ticked_in(text: FreeText, cells: Mapping[str, str]) -> Iterator[int]:
    """Read which statements are ticked."""
    own = {column: number for number in _numbers(text) for column in cells if _belongs(column, text, number)}
    for column, cell in cells.items():
        tick = cell.casefold()
        if column in own:
            if tick not in _TICKED | _NOT_TICKED:
                raise _Wrong(f"{_brief(cell)!r} under `{column}` is no tick; write x or 1, or leave it empty")
            if tick in _TICKED:
                yield own[column]
        elif re.match(r"\w+ [1-9]\s*:", column) and tick not in _NOT_TICKED:
            raise _Wrong(f"`{column}` is ticked, which is a statement of another question")


def _ticked(row: _Row) -> float:
    return sum(row.text.rubric.statements[number - 1].points for number in row.ticks)


def _difference(row: _Row, reason: str) -> float:
    """Return the points above what the ticks give.

    Points follow from ticks, as at the desk, where only ticks were changed; what somebody wrote under points counts.
    """
    standing, ticked = row.standing, _ticked(row)
    if row.points is None:
        if not row.ticks:
            raise _Wrong(
                "no statement is ticked and there are no points; if the answer gives none, write 0 under points"
            )
        return 0.0
    foreign = standing.conflict or (standing.kept is None and standing.entry.score is not None)
    if not row.points_changed and foreign and not reason and abs(ticked - row.points) > _TINY:
        raise _Wrong(
            f"formgrader gave {row.points:g} points, and the ticks give {ticked:g}; delete the points if the ticks "
            "count, or write a reason if the points stay"
        )
    if not row.points_changed and not foreign and row.ticks_changed:
        return standing.kept.mark.difference if standing.kept else 0.0
    return round(row.points - ticked, 4)
