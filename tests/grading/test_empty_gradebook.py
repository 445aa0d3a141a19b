"""A gradebook made here is the one that nbgrader makes."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from oxboys_mlm.grading.empty_gradebook import make_where_there_is_none


def _tables(path: Path) -> tuple[list[str], list[str]]:
    """Return the statements that make the tables, and the revision of the whole."""
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT sql FROM sqlite_master WHERE name != 'alembic_version' AND sql NOT NULL")
        made = sorted(sql for (sql,) in tables)
        revisions = [revision for (revision,) in connection.execute("SELECT version_num FROM alembic_version")]
    connection.close()
    return made, revisions


def test_the_same_as_nbgrader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables and their revision are those of a gradebook that nbgrader has made."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"

    make_where_there_is_none(f"sqlite:///{ours}")
    Gradebook(f"sqlite:///{theirs}").close()

    tables, revisions = _tables(ours)
    assert len(revisions) == 1
    assert (tables, revisions) == _tables(theirs)


def test_one_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """A gradebook that holds something stays as it is, byte for byte."""
    path = tmp_path / "gradebook.db"
    make_where_there_is_none(f"sqlite:///{path}")
    with Gradebook(f"sqlite:///{path}") as book:
        book.add_student("ada")
    before = path.read_bytes()

    make_where_there_is_none(f"sqlite:///{path}")

    assert path.read_bytes() == before
