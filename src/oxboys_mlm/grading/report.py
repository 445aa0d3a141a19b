"""What a graded class looks like on paper: ``reports/<assignment>/scores.csv``."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from oxboys_mlm.grading.marking import Mark

COLUMNS = ("student", "notebook", "question", "score", "max_score", "outcome", "findings", "feedback")

Row = dict[str, str]


def rows(student: str, notebook: str, marks: Iterable[Mark]) -> list[Row]:
    """Write marks as rows of the table."""
    return [
        {
            "student": student,
            "notebook": notebook,
            "question": mark.check.key,
            "score": f"{mark.score:g}",
            "max_score": f"{mark.check.points:g}",
            "outcome": mark.outcome,
            "findings": ";".join(mark.verdict.findings),
            "feedback": mark.verdict.feedback,
        }
        for mark in marks
    ]


def read_scores(path: Path) -> list[Row]:
    """Read the table of an earlier run; empty if there is none."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_scores(path: Path, table: Sequence[Row]) -> None:
    """Write the table, whole or not at all."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    write_whole(path, text.getvalue())


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever finds half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
