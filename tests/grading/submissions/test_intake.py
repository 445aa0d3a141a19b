"""Submitted files are read as data, in whatever shape they come, or set aside with a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oxboys_mlm.grading.errors import SetAside
from oxboys_mlm.grading.submissions import intake
from oxboys_mlm.grading.submissions.intake import Cell


def _notebook(*sources: str, **more: Any) -> dict[str, Any]:
    cells = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in sources]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}


def _read(folder: Path, content: bytes) -> tuple[Cell, ...]:
    path = folder / "n.ipynb"
    path.write_bytes(content)
    return intake.read(path)


def _reason(folder: Path, content: bytes) -> str:
    with pytest.raises(SetAside) as caught:
        _read(folder, content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """A file that an editor saved in another encoding is read all the same."""
    content = json.dumps(_notebook("größe = 1  # ½"), ensure_ascii=False).encode(encoding)

    assert _read(tmp_path, content) == (Cell("code", "größe = 1  # ½", ""),)


def test_line_ends(tmp_path: Path) -> None:
    """Line ends of other systems, in the file and in its cells, make no difference."""
    content = json.dumps(_notebook("a = 1\r\nb = 2\rc = 3"), indent=1).replace("\n", "\r\n").encode()

    assert _read(tmp_path, content)[0].source == "a = 1\nb = 2\nc = 3"


def test_format_3(tmp_path: Path) -> None:
    """A notebook of the old format has worksheets, inputs and headings; all become cells."""
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [
            {"cells": [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python"}]},
            {"cells": [{"cell_type": "heading", "level": 1, "source": "Title"}]},
        ],
    }

    assert _read(tmp_path, json.dumps(old).encode()) == (
        Cell("code", "x = 1\ny = 2", ""),
        Cell("markdown", "Title", ""),
    )


def test_missing_ids_and_metadata(tmp_path: Path) -> None:
    """A cell is read without id, metadata, outputs or counter."""
    content = json.dumps({"cells": [{"cell_type": "code", "source": "x"}], "nbformat": 4}).encode()

    assert _read(tmp_path, content) == (Cell("code", "x", ""),)


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "code", "source": None},
        {"cell_type": "code", "source": {"a": 1}},
        {"cell_type": "code", "source": [1, None, ["x"]]},
        {"cell_type": "code", "metadata": [], "source": ""},
        {"cell_type": "code", "metadata": {"nbgrader": 7}, "source": ""},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["icc"]}}, "source": ""},
    ],
    ids=str,
)
def test_malformed_cells(tmp_path: Path, cell: dict[str, Any]) -> None:
    """A cell whose parts have the wrong type counts as empty; it stops nothing."""
    assert _read(tmp_path, json.dumps({"cells": [cell]}).encode()) == (Cell("code", "", ""),)


def test_things_that_are_no_cells(tmp_path: Path) -> None:
    """What stands between the cells and is none is passed over; an unknown type is text."""
    cells = [None, 3, "x", {"cell_type": ["code"], "source": "a"}, {"cell_type": "raw", "source": "b"}]

    assert [cell.kind for cell in _read(tmp_path, json.dumps({"cells": cells}).encode())] == ["markdown", "raw"]


def test_lone_surrogate(tmp_path: Path) -> None:
    """What JSON can say and UTF-8 cannot is replaced, so that it can be written again."""
    (cell,) = _read(tmp_path, b'{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}')

    cell.source.encode()
    assert cell.source.startswith("x = '")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"hello", "not a notebook"),
        (b"%PDF-1.7 \xff\xfe", "not a notebook"),
        (b"PK\x03\x04zip", "not a notebook"),
        (b"[1, 2]", "not a notebook"),
        (b'"text"', "not a notebook"),
        (b"{}", "no cells"),
        (b'{"cells": 5}', "no cells"),
        (b'{"cells": {"a": 1}}', "no cells"),
        (b'{"worksheets": "x"}', "no cells"),
        (b'{"cells": [{"cell_type": "co', "damaged or cut off"),
    ],
)
def test_what_is_no_notebook(tmp_path: Path, content: bytes, reason: str) -> None:
    """A file that is not a notebook is set aside, and the reason says what it is instead."""
    assert reason in _reason(tmp_path, content)


@pytest.mark.parametrize("opening", [b'{"cells":', b"[", b'{"a":'])
def test_deep_nesting(tmp_path: Path, opening: bytes) -> None:
    """A file nested deeper than any notebook is set aside; it does not break the parser."""
    assert "nested too deeply" in _reason(tmp_path, opening * 200_000)


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a limit to the size of a file, to the number of its cells and to their length."""
    content = json.dumps(_notebook("a" * 50, "b")).encode()
    assert len(_read(tmp_path, content)) == 2
    with monkeypatch.context() as patch:
        patch.setattr(intake, "MAX_CELLS", 1)
        assert "cells" in _reason(tmp_path, content)
    with monkeypatch.context() as patch:
        patch.setattr(intake, "MAX_SOURCE", 49)
        assert "longer" in _reason(tmp_path, content)
    with monkeypatch.context() as patch:
        patch.setattr(intake, "MAX_BYTES", len(content) - 1)
        assert "larger" in _reason(tmp_path, content)


def test_huge_file(tmp_path: Path) -> None:
    """A file of gigabytes is set aside without being read."""
    path = tmp_path / "n.ipynb"
    with path.open("wb") as file:
        file.truncate(20_000_000_000)

    with pytest.raises(SetAside, match="larger"):
        intake.read(path)


def test_symbolic_link(tmp_path: Path) -> None:
    """A link is set aside: it could lead to a file that its author may not read."""
    (tmp_path / "secret").write_text(json.dumps(_notebook("x")))
    (tmp_path / "n.ipynb").symlink_to(tmp_path / "secret")

    with pytest.raises(SetAside, match="link"):
        intake.read(tmp_path / "n.ipynb")


def test_hard_link(tmp_path: Path) -> None:
    """A second name of a file elsewhere is set aside, for the same reason."""
    (tmp_path / "secret").write_text(json.dumps(_notebook("x")))
    (tmp_path / "n.ipynb").hardlink_to(tmp_path / "secret")

    with pytest.raises(SetAside, match="link"):
        intake.read(tmp_path / "n.ipynb")


def test_pipe(tmp_path: Path) -> None:
    """A pipe that nobody writes to does not make the grader wait."""
    os.mkfifo(tmp_path / "n.ipynb")

    with pytest.raises(SetAside, match="regular"):
        intake.read(tmp_path / "n.ipynb")


def test_folder(tmp_path: Path) -> None:
    """A folder called like a notebook is set aside."""
    (tmp_path / "n.ipynb").mkdir()

    with pytest.raises(SetAside):
        intake.read(tmp_path / "n.ipynb")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    """A file without permission to read is set aside."""
    (tmp_path / "n.ipynb").write_text("{}")
    (tmp_path / "n.ipynb").chmod(0)

    with pytest.raises(SetAside, match="opened"):
        intake.read(tmp_path / "n.ipynb")


@pytest.mark.parametrize("lines", [["x = 1", "y = 2"], ["x = 1\n", "y = 2"]], ids=["without", "with"])
def test_format_3_lines(tmp_path: Path, lines: list[str]) -> None:
    """Lines of the old format are lines, whether the program that wrote them kept their ends or not."""
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": lines}]}]}

    assert _read(tmp_path, json.dumps(old).encode()) == (Cell("code", "x = 1\ny = 2", ""),)


PICTURE = "iVBORw0KGgo="


def _pictures(folder: Path, attachments: object, source: str = "![](attachment:a%20b.png)") -> Any:
    cells = [{"cell_type": "markdown", "source": source, "attachments": attachments}]
    (cell,) = _read(folder, json.dumps({"cells": cells}).encode())
    return cell.attachments


def test_pasted_pictures(tmp_path: Path) -> None:
    """Pictures pasted into a text come along, if it shows them: one of each name, in base64."""
    data = {"image/png": [PICTURE[:5], PICTURE[5:] + "\n"], "text/html": "<script>", "image/svg+xml": "<svg/>"}

    assert _pictures(tmp_path, {"a b.png": data, "c.png": data}) == {"a b.png": {"image/png": PICTURE}}
    assert _pictures(tmp_path, {"a(1).png": data}, "![](attachment:a(1).png)![](attachment:x)") == {
        "a(1).png": {"image/png": PICTURE}
    }


@pytest.mark.parametrize(
    "data",
    [{}, {"image/svg+xml": "<svg/>"}, {"image/png": 5}, {"image/png": "no base64!"}, {"image/png": "é"}],
    ids=str,
)
def test_what_is_no_picture(tmp_path: Path, data: object) -> None:
    """What is no picture, or may hold a program, stays behind; that it was there is known."""
    assert _pictures(tmp_path, {"a b.png": data}) == {"a b.png": {}}


@pytest.mark.parametrize("attachments", [None, 5, [], {"a b.png": 3}], ids=str)
def test_malformed_attachments(tmp_path: Path, attachments: object) -> None:
    """Attachments of a wrong type stop nothing."""
    assert _pictures(tmp_path, attachments) == {}


def test_pictures_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a limit to the pictures of a text."""
    monkeypatch.setattr(intake, "MAX_PICTURES", len(PICTURE) - 1)

    assert _pictures(tmp_path, {"a b.png": {"image/png": PICTURE}}) == {"a b.png": {}}


def test_many_values_that_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs of many lines, and junk beside the cells, cost a notebook nothing, in either format."""
    monkeypatch.setattr(intake, "MAX_VALUES", 100)
    cell = {"cell_type": "code", "outputs": [{"text": ["x\n"] * 200}], "metadata": {"nbgrader": {"grade_id": "icc"}}}

    for document in (
        {"junk": [{}] * 200, "cells": [cell | {"source": ["x\n", "y"]}]},
        {"worksheets": [{"cells": [cell | {"input": ["x", "y"]}], "junk": [{}] * 200}]},
    ):
        assert _read(tmp_path, json.dumps(document).encode()) == (Cell("code", "x\ny", "icc"),)


HEAVY = {
    "objects beside the cells": b'{"a": [' + b"{}," * 15_000_000 + b'{}], "cells": [{"source": "x"}]}',
    "objects in place of cells": b'{"cells": [' + b"{}," * 15_000_000 + b"{}]}",
    "a source in small pieces": b'{"cells": [{"source": [' + b'"ab",' * 9_000_000 + b'""]}]}',
    "as many values as there may be": b'{"cells": [{"metadata": [' + b'{"a":1},' * 499_000 + b"{}]}]}",
    "one long string with one rare character": '{"cells": [{"source": "😀'.encode() + b"x" * 49_000_000 + b'"}]}',
}


@pytest.mark.parametrize("content", HEAVY.values(), ids=HEAVY)
def test_memory_of_reading(tmp_path: Path, content: bytes) -> None:
    """Reading a file takes no more than 500 MB, whatever is in it."""
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    program = f"""
import contextlib, pathlib
from oxboys_mlm.grading.submissions import intake
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1000
before = peak()
with contextlib.suppress(intake.SetAside):
    intake.read(pathlib.Path({str(path)!r}))
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert int(done.stdout) < 500
