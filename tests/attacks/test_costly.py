"""Outputs that cost more than their size: the grader keeps within its memory, and everybody has marks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from attacks.catalogue import COSTLY
from attacks.test_messages import SEND
from classroom import RIGHT, filled, hand_in, make_tiny_course, scores, tiny_release

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux"),
]

#: What the grader's process may have (kilobytes): docs/security.md promises that this is enough.
_ADDRESS_SPACE = 4 << 20
#: A graded notebook is no larger than this (bytes): what is kept of outputs, and the rest.
_LARGEST = 21_000_000


@pytest.fixture(scope="session")
def costly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class in which everybody is right and shows something costly, in little memory."""
    course = make_tiny_course(tmp_path_factory.mktemp("costly"))
    for number, code in enumerate(["1", *COSTLY.values()]):
        notebook = filled(tiny_release(), RIGHT)
        notebook.cells.insert(2, nbformat.v4.new_code_cell(SEND + code))
        hand_in(course, f"s{number}", "tiny", "t", notebook)
    command = f"ulimit -v {_ADDRESS_SPACE}; exec {sys.executable} -m oxboys_mlm.cli grade tiny --jobs 2"
    finished = subprocess.run(
        ["bash", "-c", command], cwd=course, env=os.environ, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    return course


@pytest.mark.parametrize("name", COSTLY)
def test_costly_output(name: str, costly: Path) -> None:
    """The submission has an outcome, and marks unless its own messages were none; what is kept of it is small."""
    student = f"s{list(COSTLY).index(name) + 1}"
    rows = [row for (handed_in, _), row in scores(costly, "tiny").items() if handed_in == student]

    assert len(rows) == 2
    assert {(row["outcome"], row["score"]) for row in rows} <= {("scored", "1"), ("killed", "0")}
    assert all(row["feedback"] for row in rows)
    assert (costly / "autograded" / student / "tiny" / "t.ipynb").stat().st_size < _LARGEST


def test_costly_neighbour(costly: Path) -> None:
    """Who shows nothing costly has full marks."""
    assert {row["score"] for (student, _), row in scores(costly, "tiny").items() if student == "s0"} == {"1"}
