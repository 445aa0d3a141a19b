"""Marks go to a spreadsheet and come back by the desk's rules, and what does not fit is refused by line."""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from free_texts import KEY, RUBRIC, Class
from nbgrader.api import Gradebook

from oxboys_mlm.cli import main
from oxboys_mlm.grading.marking.by_ticks import Entry
from oxboys_mlm.grading.records import by_hand
from oxboys_mlm.grading.records.by_hand import Standing
from oxboys_mlm.grading.tables import guarded_cell, plain_text

ANSWERS = {"ada": "Because of the lines.", "0012": "=1+1; @so\n\nZoë", "cem": "", "Jörg": "Boys differ."}
COMMENT = "=HYPERLINK(1)\n\n- τ is large; -1 😀\n  'twas, @ada"
A, B, C = (f"{KEY} {number}: {name}" for number, name in enumerate(RUBRIC, 1))


class Table:
    """The table of a class, and what a spreadsheet makes of it."""

    def __init__(self, tiny: Class, path: Path) -> None:
        self.tiny, self.path = tiny, path

    def to(self) -> int:
        """Write it, with names."""
        return main(["mark", "tiny", "--course", str(self.tiny.root), "--to", str(self.path), "--names"])

    def back(self) -> int:
        """Read it."""
        return main(["mark", "tiny", "--course", str(self.tiny.root), "--from", str(self.path)])

    @property
    def rows(self) -> list[dict[str, str]]:
        """All rows."""
        return list(csv.DictReader(io.StringIO(self.path.read_text("utf-8-sig"), newline="")))

    def save(
        self, rows: list[dict[str, str]], separator: str = ",", encoding: str = "utf-8-sig", end: str = "\n"
    ) -> None:
        """Save rows as a spreadsheet does."""
        text = io.StringIO()
        table = csv.DictWriter(text, list(rows[0]), delimiter=separator, lineterminator=end)
        table.writeheader()
        table.writerows(rows)
        self.path.write_bytes(text.getvalue().encode(encoding, "replace"))

    def fill(self, student: str, /, **cells: str) -> None:
        """Write into cells of a student's row; a, b and c are the statements."""
        rows = self.rows
        (row,) = [row for row in rows if plain_text(row["student"]) == student]
        row.update({{"a": A, "b": B, "c": C}.get(name, name): cell for name, cell in cells.items()})
        self.save(rows)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a class of four."""
    made = Class(tmp_path_factory.mktemp("class") / "course")
    made.assignment.register()
    with made.assignment.course.gradebook() as book:
        for student, answer in ANSWERS.items():
            made.hand_in(book, student, answer)
    return made.root


@pytest.fixture
def table(graded: Path, tmp_path: Path) -> Table:
    """Copy that class, and write its table."""
    shutil.copytree(graded, tmp_path / "course")
    table = Table(Class(tmp_path / "course"), tmp_path / "marks.csv")
    assert table.to() == 0
    return table


@pytest.fixture
def book(table: Table) -> Iterator[Gradebook]:
    """Open the gradebook."""
    with table.tiny.assignment.course.gradebook() as book:
        yield book


def _all(table: Table, book: Gradebook) -> dict[str, Standing]:
    book.db.rollback()
    found = by_hand.read_standings(book, "tiny", table.tiny.text).values()
    return {standing.student: standing for standing in found}


def test_table(table: Table) -> None:
    """A row for each answer says whose it is, what it says and whether it waits; a column for each statement."""
    assert [(plain_text(row["student"]), row["waits"], row["points"]) for row in table.rows] == [
        ("0012", "yes", ""),
        ("Jörg", "yes", ""),
        ("ada", "yes", ""),
        ("cem", "", ""),
    ]
    assert plain_text(table.rows[0]["answer"]) == ANSWERS["0012"]
    assert {A, B, C} <= set(table.rows[0])


def test_blind(table: Table, book: Gradebook, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in a table says whose an answer is unless names are asked for, its order neither; marks come back."""
    table.path.unlink()
    assert main(["mark", "tiny", "--course", str(table.tiny.root), "--to", str(table.path)]) == 0
    content = table.path.read_text("utf-8")
    assert not any(student in content for student in ANSWERS)
    standings = _all(table, book)
    grades = sorted(standing.grade for standing in standings.values())
    labels = [f"Answer {number} ({grade[:12]})" for number, grade in enumerate(grades, 1)]
    assert [row["student"] for row in table.rows] == labels

    own = labels[grades.index(standings["Jörg"].grade)]
    table.fill(own, a="x")
    table.save(table.rows[::-1])
    assert table.back() == 0
    assert {student: each.entry.score for student, each in _all(table, book).items()} == {
        "0012": None,
        "Jörg": 1.0,
        "ada": None,
        "cem": None,
    }

    table.save([*table.rows, *table.rows[:1]])
    capsys.readouterr()
    assert table.back() == 1
    assert "is in line" in capsys.readouterr().err
    table.save([table.rows[0] | {"student": f"Answer 1 ({'0' * 12})"}])
    assert table.back() == 1
    assert "there is no student 'Answer 1" in capsys.readouterr().err


def test_names_without_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """At the desk a key shows names, and no option does."""
    assert main(["mark", "core", "--names"]) == 1
    assert "use it with --to" in capsys.readouterr().err


def test_there_and_back(table: Table, book: Gradebook, capsys: pytest.CaptureFixture[str]) -> None:
    """Ticks, points and comments come into the gradebook, and show in the next table; the rest stays as it was."""
    table.fill("ada", a="x", c="1", comment=guarded_cell(COMMENT))
    table.fill("0012", b="X", points="1,5", reason="Well said.")
    table.fill("Jörg", points="0")
    before = _all(table, book)
    assert table.back() == 0
    assert capsys.readouterr().out.endswith("Marks: 3 saved, 1 as they were\n")
    after = _all(table, book)
    assert (after["ada"].entry, after["ada"].comment) == (Entry(1.5, False), COMMENT)
    assert after["0012"].entry == Entry(1.5, False)
    kept = after["0012"].kept
    assert kept is not None
    assert (kept.mark.ticks, kept.mark.difference, kept.mark.reason) == (("b",), 1.0, "Well said.")
    assert after["Jörg"].entry == Entry(0.0, False)
    assert after["cem"] == before["cem"]

    assert table.to() == 0, "what is in the gradebook already may be written over"
    row = next(row for row in table.rows if row["student"] == "ada")
    assert (row[A], row[B], row[C], row["points"], row["waits"]) == ("x", "", "x", "1.5", "")
    assert plain_text(row["comment"]) == COMMENT


@pytest.mark.parametrize(
    ("separator", "encoding", "end"),
    [
        (",", "utf-8", "\n"),
        (";", "cp1252", "\r\n"),
        (";", "utf-8-sig", "\r\n"),
        ("\t", "utf-16", "\r\n"),
    ],
)
def test_unchanged(table: Table, book: Gradebook, separator: str, encoding: str, end: str) -> None:
    """A table that only went through a spreadsheet changes nothing, whatever was marked before."""
    table.tiny.mark(book, "a", comment=COMMENT)
    table.tiny.mark(book, "a", "b", standing=table.tiny.standing(book, "Jörg"), waits=True)
    table.tiny.in_formgrader(book, 0.25, "0012")
    assert table.to() == 0
    before = _all(table, book)

    table.save(table.rows, separator, encoding, end)

    assert table.back() == 0
    assert _all(table, book) == before


def test_excel(table: Table, book: Gradebook) -> None:
    """A mark in Excel's own form comes back, and a comment that its file cannot hold stays as it was."""
    table.tiny.mark(book, "a", comment=COMMENT)
    table.to()
    table.fill("ada", b="x")
    table.save(table.rows, ";", "cp1252", "\r\n")
    assert table.back() == 0
    assert _all(table, book)["ada"].entry == Entry(1.5, False)
    assert _all(table, book)["ada"].comment == COMMENT


def test_twice(table: Table, book: Gradebook) -> None:
    """The same table can be read again."""
    table.fill("ada", a="x", comment="Good.")
    table.fill("Jörg", comment="Later.")
    assert table.back() == 0
    before = _all(table, book)
    assert table.back() == 0
    assert _all(table, book) == before


def _twice(table: Table, book: Gradebook) -> None:
    table.save([*table.rows, table.rows[2]])


def _other_text(table: Table, book: Gradebook) -> None:
    table.tiny.hand_in(book, "ada", "Another text.")


def _other_question(table: Table, book: Gradebook) -> None:
    table.tiny.set_rubric(RUBRIC, "# Why not?")


def _other_rubric(table: Table, book: Gradebook) -> None:
    table.tiny.set_rubric(RUBRIC | {"b": (0.5, "Says something else.")})


def _other_order(table: Table, book: Gradebook) -> None:
    table.tiny.set_rubric({name: RUBRIC[name] for name in "bac"})


def _at_the_desk(table: Table, book: Gradebook) -> None:
    table.tiny.mark(book, "b")


def _formgrader(table: Table, book: Gradebook) -> None:
    table.tiny.in_formgrader(book, 0.25)
    table.path.unlink()
    assert table.to() == 0
    table.fill("ada", b="x")


def _swapped(table: Table, book: Gradebook) -> None:
    rows = table.rows
    rows[1]["seen"], rows[2]["seen"] = rows[2]["seen"], rows[1]["seen"]
    rows[2][A] = "x"
    table.save(rows)


def _cells(**cells: str) -> Callable[[Table, Gradebook], None]:
    return lambda table, book: table.fill("ada", **cells)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_cells(student="adam"), "there is no student 'adam'"),
        (_cells(question="icc"), "there is no question 'icc'"),
        (_cells(points="2.5", reason="Fine."), "2.5 is out of range; this question gives 0 to 2"),
        (_cells(points="-1", reason="Bad."), "-1 is out of range"),
        (_cells(points="'-0,5", reason="Bad."), "-0.5 is out of range"),
        (_cells(points="nan"), "'nan' is not a number"),
        (_cells(points="01. Mai"), "'01. Mai' is not a number"),
        (_cells(points="1.75", a="x"), "need a reason"),
        (_cells(points="0.5"), "need a reason"),
        (_cells(a="yes"), "'yes' under"),
        (_cells(waits="", a=""), "write 0 under points"),
        (_cells(seen=""), "not as it was written"),
        (_cells(seen="seen:1.5E+10"), "not as it was written"),
        (_twice, "is in line"),
        (_other_text, "the answer has changed since"),
        (_other_question, "the question has changed since"),
        (_other_rubric, "the rubric has changed since"),
        (_other_order, "the rubric has changed since"),
        (_at_the_desk, "was marked at the desk, in formgrader or by somebody else"),
        (_formgrader, "formgrader gave 0.25 points, and the ticks give 1.5"),
        (_swapped, "has changed since"),
    ],
)
def test_refused(
    table: Table,
    book: Gradebook,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Table, Gradebook], None],
    words: str,
) -> None:
    """What cannot be saved is named by line and student, and nothing of the table is saved."""
    table.fill("Jörg", a="x")
    table.fill("ada", a="x")
    if spoil is _formgrader:
        table.back()
    spoil(table, book)
    table.fill("0012", b="x")
    before = _all(table, book)
    capsys.readouterr()

    assert table.back() == 1

    *lines, last = capsys.readouterr().err.splitlines()
    assert any(words in line and f"{table.path}, line " in line for line in lines), lines
    assert "nothing was changed" in last
    assert _all(table, book) == before


def test_every_fault_is_named(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """Several faults are told at once, each by its line."""
    table.fill("ada", points="3")
    table.fill("Jörg", student="jo\x1brg")
    capsys.readouterr()
    assert table.back() == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("(")[2].partition(")")[0] for line in lines[:-1]] == [f"jo\\x1brg, {KEY}", f"ada, {KEY}"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"id,email\nada,\n", "first line should name the columns"),
        (b"PK\x03\x04\0\0", "is not a text file"),
        (b"student,question,points,comment,reason,waits,seen\nada,x,,,,,\n", "columns of the statements"),
    ],
)
def test_another_file(table: Table, capsys: pytest.CaptureFixture[str], content: bytes, words: str) -> None:
    """A file that is no such table is refused in one line, and not written over."""
    table.path.write_bytes(content)
    assert table.back() == 1
    assert words in capsys.readouterr().err
    assert table.to() == 1 or b"question" in content
    assert table.path.read_bytes() == content or b"question" in content


def test_not_written_over(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """Marks in a table that nobody has read yet are not lost to a new table."""
    table.fill("ada", a="x")
    content = table.path.read_bytes()
    assert table.to() == 1
    assert "with marks that are not in the gradebook" in capsys.readouterr().err
    assert table.path.read_bytes() == content


def test_formgraders_points(table: Table, book: Gradebook) -> None:
    """Points that formgrader gave stay where only a comment is written, and go where the row says so."""
    table.tiny.in_formgrader(book, 0.25)
    table.tiny.in_formgrader(book, 0.25, "Jörg")
    table.tiny.in_formgrader(book, 0.25, "0012")
    table.to()
    table.fill("ada", comment="See me.")
    table.fill("Jörg", a="x", points="")
    table.fill("0012", a="x", reason="Half of it.")
    assert table.back() == 0
    after = _all(table, book)
    assert (after["ada"].entry, after["ada"].comment, after["ada"].kept) == (Entry(0.25, False), "See me.", None)
    assert after["Jörg"].entry == Entry(1.0, False)
    assert after["0012"].entry == Entry(0.25, False)


def test_points_follow_from_ticks(table: Table, book: Gradebook) -> None:
    """Where only ticks are changed, points follow, with the difference that had a reason; emptied waits says done."""
    table.fill("ada", a="x", points="0.75", reason="Half said.")
    table.tiny.mark(book, "b", standing=table.tiny.standing(book, "Jörg"), waits=True)
    assert table.back() == 0
    table.to()
    table.fill("ada", b="x")
    table.fill("Jörg", waits="")
    assert table.back() == 0
    assert _all(table, book)["ada"].entry == Entry(1.25, False)
    assert _all(table, book)["Jörg"].entry == Entry(0.5, False)


def test_another_questions_statement(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """A tick in a column of another question is no mark."""
    rows: list[Mapping[str, str]] = [{"other 1: z": "x" * (row["student"] == "ada"), **row} for row in table.rows]
    table.save([dict(row) for row in rows])
    assert table.back() == 1
    assert "a statement of another question" in capsys.readouterr().err


def test_cells_come_back() -> None:
    """Any text comes back from its cell, and nothing in it starts a formula."""
    signs, drawn = "=+-@＝'\n ;,|\"0125e.ajn/τ", random.Random(1)
    for _ in range(3000):
        text = "".join(drawn.choices(signs, k=drawn.randint(0, 9))).strip()
        cell = guarded_cell(text)
        assert plain_text(cell) == "\n".join(text.splitlines())
        assert not any(part.strip(' "').startswith(tuple("=+-@＝")) for part in cell.replace(";", "\n").splitlines())


@pytest.mark.parametrize("text", ["0012", "1e5", "mar1", "1-2", "12345678901234567", "TRUE", "3/4", "10 %"])
def test_values_stay_texts(text: str) -> None:
    """What a spreadsheet would make a number or a date of is marked as text."""
    assert guarded_cell(text) == f"'{text}"
    assert plain_text(guarded_cell(text)) == text
