"""The report's table says what was graded, and is never found half written."""

from __future__ import annotations

from pathlib import Path

import pytest

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import Missing, Record
from oxboys_mlm.assessment.verdict import Finding, Judgement, Verdict
from oxboys_mlm.grading import report
from oxboys_mlm.grading.course import Check
from oxboys_mlm.grading.marking import Mark


def _mark(judgement: Judgement, points: float = 2, outcome: str = "scored") -> Mark:
    check = Check(questions.find("icc"), points)
    return Mark(check, outcome, Verdict(Record("icc", Missing()), judgement, points))  # type: ignore[arg-type]


def test_columns() -> None:
    """The columns are those that other people's scripts rely on."""
    assert ",".join(report.COLUMNS) == "student,notebook,question,score,max_score,outcome,findings,feedback"


def test_a_row() -> None:
    """A row holds points, what they are out of, the outcome, the names of findings and the feedback."""
    found = Judgement("partly", 0.5, "Nearly.", (Finding("first", ""), Finding("second", "")))
    (row,) = report.rows("ada", "2-null-model", [_mark(found, points=3)])

    assert row == {
        "student": "ada",
        "notebook": "2-null-model",
        "question": "icc",
        "score": "1.5",
        "max_score": "3",
        "outcome": "scored",
        "findings": "first;second",
        "feedback": "Nearly.",
    }


def test_round_trip(tmp_path: Path) -> None:
    """What was written is read again: commas, quotation marks, line ends and other scripts included."""
    text = 'Says "1,5; 2",\nthen ½ · größer \N{SNOWMAN}'
    table = report.rows("zoë, jr.", "2-null-model", [_mark(Judgement.wrong(text))])
    report.write_scores(tmp_path / "reports" / "core" / "scores.csv", table)

    assert report.read_scores(tmp_path / "reports" / "core" / "scores.csv") == table


def test_no_earlier_report(tmp_path: Path) -> None:
    """Where there is no report yet, there are no rows."""
    assert report.read_scores(tmp_path / "scores.csv") == []


def test_a_failure_leaves_the_old_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that cannot be written to its end leaves the earlier one, and nothing beside it."""
    path = tmp_path / "scores.csv"
    report.write_whole(path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        report.write_whole(path, "new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
