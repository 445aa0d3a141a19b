"""A table of students is read however a spreadsheet writes it, or refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from classroom import make_tiny_course, run
from nbgrader.api import Gradebook

from oxboys_mlm.grading.enrolment.roster import read_roster
from oxboys_mlm.grading.errors import GradingError

PLAIN = "id,first_name,last_name,email\nada,Ada,Lang,ada@example.org\nbela,Béla,Nagy,\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("cp1252"),
        PLAIN.replace(",", ";").encode("cp1252"),
        PLAIN.replace(",", ";").encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        ("\n" + PLAIN.replace("\n", "\n\n")).encode(),
        PLAIN.replace("id,first_name", "ID , First_Name").encode(),
        PLAIN.replace("Béla", "Be\u0301la").encode(),
        '"id","first_name","last_name","email"\n"ada","Ada","Lang","ada@example.org"\n"bela","Béla","Nagy",""'.encode(),
    ],
    ids=[
        "utf-8",
        "mark",
        "utf-16",
        "cp1252",
        "excel",
        "excel-utf-8",
        "tabs",
        "crlf",
        "cr",
        "blank",
        "case",
        "nfd",
        "q",
    ],
)
def test_forms(tmp_path: Path, content: bytes) -> None:
    """Encodings, separators and line ends of spreadsheets give the same students."""
    (tmp_path / "students.csv").write_bytes(content)
    assert read_roster(tmp_path / "students.csv") == {
        "ada": {"first_name": "Ada", "last_name": "Lang", "email": "ada@example.org"},
        "bela": {"first_name": "Béla", "last_name": "Nagy", "email": None},
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "first line should name the columns"),
        (b"name,email\nAda,a@example.org\n", "with `id` among them"),
        (b"id,first_name\n,Ada\n", "cannot be an id: it is empty"),
        (b"id,first_name\nada,Ada\nada,Adam\n", "line 3: the id 'ada' is in line 2 already"),
        (b"id,first_name\n../x,Ada\n", "line 2: '../x' cannot be an id"),
        (b"id\n" + b"x" * 300 + b"\n", "longer than"),
        (b"id,first_name\nada,Ada,Lang\n", "there are 3 cells, but 2 columns"),
        (b"id,first_name,first_name\nada,Ada,Lang\n", "two columns `first_name`"),
        (b'id,first_name\nada,"Ada\n', "not a table in CSV"),
        (b"PK\x03\x04\0\0id", "is not a text file"),
        (b"\xff\xfei\0d", "is not a text file"),
    ],
)
def test_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """What is no such table is refused with the line and what is wrong there."""
    (tmp_path / "students.csv").write_bytes(content)
    with pytest.raises(GradingError, match=words.replace("(", r"\(")) as refused:
        read_roster(tmp_path / "students.csv")
    assert "\n" not in str(refused.value)


def test_command(tmp_path: Path) -> None:
    """`oxboys roster` adds and updates students, all or nothing, and says how many are new."""
    course = make_tiny_course(tmp_path / "course")
    table = tmp_path / "students.csv"
    table.write_bytes(PLAIN.replace(",", ";").encode("cp1252"))
    first = run("oxboys", "roster", str(table), cwd=course)
    table.write_text("id,email\nbela,bela@example.org\ncarl,\n", "utf-8")
    second = run("oxboys", "roster", str(table), cwd=course)
    table.write_text("id,email\ndora,\n,\nx/y,\n", "utf-8")
    third = run("oxboys", "roster", str(table), cwd=course)

    assert first.stdout == f"2 students in {table}, 2 of them new in the gradebook\n", first.stderr
    assert second.stdout == f"2 students in {table}, 1 of them new in the gradebook\n"
    assert (third.returncode, third.stderr.count("\n")) == (1, 1)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        found = {student.id: (student.first_name, student.email) for student in book.students}
    assert found == {
        "ada": ("Ada", "ada@example.org"),
        "bela": ("Béla", "bela@example.org"),
        "carl": (None, None),
    }
