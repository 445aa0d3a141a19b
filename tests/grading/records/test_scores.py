"""The report's table says what was graded, and is never found half written."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import Missing, Record
from oxboys_mlm.assessment.verdict import Finding, Judgement, Verdict
from oxboys_mlm.grading import files
from oxboys_mlm.grading.course import Check
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.judging import CheckMark
from oxboys_mlm.grading.records import scores


def _mark(judgement: Judgement, points: float = 2, outcome: str = "scored") -> CheckMark:
    check = Check(questions.find("icc"), points)
    return CheckMark(check, outcome, Verdict(Record("icc", Missing()), judgement, points))  # type: ignore[arg-type]


def test_columns() -> None:
    """The columns are those that other people's scripts rely on."""
    assert ",".join(scores.COLUMNS) == "student,notebook,question,score,max_score,outcome,findings,feedback"


def test_a_row() -> None:
    """A row holds points, what they are out of, the outcome, the names of findings and the feedback."""
    found = Judgement("partly", 0.5, "Nearly.", (Finding("first", ""), Finding("second", "")))
    (row,) = scores.scores_of("ada", "2-null-model", [_mark(found, points=3)])

    assert row == scores.Score("ada", "2-null-model", "icc", 1.5, 3, "scored", ("first", "second"), "Nearly.")


def test_round_trip(tmp_path: Path) -> None:
    """What was written is read again, but for line ends: commas, quotation marks and other scripts included."""
    table = scores.scores_of(
        "zoë, jr.", "2-null-model", [_mark(Judgement.wrong('Says "1,5; 2",\nthen ½ · größer \N{SNOWMAN}'))]
    )
    scores.write_scores(tmp_path / "reports" / "core" / "scores.csv", table)

    (row,) = scores.read_scores(tmp_path / "reports" / "core" / "scores.csv")

    assert row == msgspec.structs.replace(table[0], feedback='Says "1,5; 2", then ½ · größer \N{SNOWMAN}')


FORMULAS = [
    *(
        "=1+1",
        ";=1+1;",
        "x; =1+1",
        'x;"=1+1"',
        "x\t=1+1",
        "x\n=1+1",
        "x\r\n@sum(1)",
        "a,=1+1",
        "a|=1+1",
        "＝1+1",
        "-1+1",
    ),
    *(
        '";=1+1',
        '","=1',
        ";+1;",
        "\ufeff=1",
        "\x0b=1",
        "\u2028=1",
        ";\N{NO-BREAK SPACE}=1",
        "='file'#$Sheet1.A1",
        "+cmd|'/C x'!A0",
    ),
]


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
@pytest.mark.parametrize("column", ["student", "feedback", "findings"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_no_formula(tmp_path: Path, text: str, column: str, separator: str) -> None:
    """However a spreadsheet splits the table, no cell of it is a formula."""
    (row,) = scores.scores_of("ada", "2-null-model", [_mark(Judgement.wrong("Wrong."))])
    scores.write_scores(
        tmp_path / "scores.csv", [msgspec.structs.replace(row, **{column: (text,) if column == "findings" else text})]
    )

    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell.strip().lstrip('"').strip() for line in csv.reader(file, delimiter=separator) for cell in line]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]


@pytest.mark.parametrize("student", ["=1+1", "-dash", "+49", "@home", "ada", "Jörg Müßig"])
def test_students_are_found_again(tmp_path: Path, student: str) -> None:
    """A table read again knows its students, and writing it again changes nothing."""
    path = tmp_path / "scores.csv"
    scores.write_scores(path, scores.scores_of(student, "2-null-model", [_mark(Judgement.wrong("x; =1"))]))
    before = path.read_bytes()

    table = scores.read_scores(path)
    scores.write_scores(path, table)

    assert [row.student for row in table] == [student]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: text.encode("cp1252"),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("question", "Frage").encode(),
        lambda text: (text + "ada,t\n").encode(),
        lambda text: (text + '"ada').encode(),
        lambda text: b"",
        lambda text: b"\0" * 100,
    ],
    ids=["semicolons", "tabs", "cp1252", "bom", "renamed", "cut row", "open quote", "empty", "zeros"],
)
def test_saved_by_another_program(tmp_path: Path, change: Callable[[str], bytes]) -> None:
    """A table that is not as it was written is said to be so in one line, or read rightly; nothing is lost."""
    path = tmp_path / "scores.csv"
    table = scores.scores_of("Zoë", "2-null-model", [_mark(Judgement.wrong("größer"))])
    scores.write_scores(path, table)
    content = change(path.read_text("utf-8"))
    path.write_bytes(content)

    said = ""
    found = []
    try:
        found = scores.read_scores(path)
    except GradingError as error:
        said = str(error)

    assert found == table or "not as it was written" in said or content == b""
    assert "\n" not in said
    assert path.read_bytes() == content


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_rights(tmp_path: Path, mask: int) -> None:
    """A file gets the rights that the person who grades leaves to new files."""
    before = os.umask(mask)
    try:
        files.write_whole(tmp_path / "new", "x")
    finally:
        os.umask(before)

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o666 & ~mask


def test_no_earlier_report(tmp_path: Path) -> None:
    """Where there is no report yet, there are no rows."""
    assert scores.read_scores(tmp_path / "scores.csv") == []


def test_a_failure_leaves_the_old_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that cannot be written to its end leaves the earlier one, and nothing beside it."""
    path = tmp_path / "scores.csv"
    files.write_whole(path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        files.write_whole(path, "new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("column", "value"), [("score", "nan"), ("score", ""), ("max_score", "inf"), ("outcome", "perhaps")]
)
def test_damaged_row(tmp_path: Path, column: str, value: str) -> None:
    """A row that cannot be counted with is refused, not counted wrongly."""
    row = dict(zip(scores.COLUMNS, ("ada", "n", "q", "1", "1", "scored", "", "…"), strict=True)) | {column: value}
    (tmp_path / "scores.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n", "utf-8")

    with pytest.raises(GradingError, match="not as it was written"):
        scores.read_scores(tmp_path / "scores.csv")
