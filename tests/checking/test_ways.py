"""A script, ``%run``, an IPython terminal and ``jupyter execute`` say what a notebook says."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from expect import verdict_for
from nbformat.v4 import new_code_cell, new_notebook

RIGHT, WRONG = "icc = 0.7445", 'intercept_variance_row = "Scale"'

#: One right answer, one wrong one, one that is missing, and where the student stands.
STEPS = [
    "from oxboys_mlm import check, progress",
    RIGHT,
    "check('icc')",
    WRONG,
    "check('intercept_variance_row')",
    "check('null_fit')",
    "progress()",
]


def _python(folder: Path, *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        input=text,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "IPYTHONDIR": str(folder / "ipython"), "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _script(folder: Path) -> str:
    return _python(folder, "script.py")


def _magic(folder: Path) -> str:
    return _python(folder, "-m", "IPython", "-c", "%run script.py")


def _terminal(folder: Path) -> str:
    return _python(folder, "-m", "IPython", "--simple-prompt", "--no-banner", text="\n".join([*STEPS, "exit", ""]))


def _execute(folder: Path) -> str:
    """Run a notebook; return the text of the HTML that it shows."""
    nbformat.write(new_notebook(cells=list(map(new_code_cell, STEPS))), folder / "n.ipynb")
    _python(folder, "-c", "from nbclient.cli import main; main()", "--inplace", "n.ipynb")
    shown = []
    for cell in nbformat.read(folder / "n.ipynb", as_version=4).cells:
        for output in cell.outputs:
            page = re.sub("</?code>", "`", "".join(output.data["text/html"]))
            shown.append(html.unescape(re.sub("<[^>]+>", " ", page)))
    return "\n".join(shown)


WAYS = {"python script.py": _script, "%run": _magic, "an IPython terminal": _terminal, "jupyter execute": _execute}


@cache
def _expected(key: str, code: str) -> tuple[str, str]:
    """Return the headline and the feedback that a notebook shows."""
    verdict = verdict_for(key, code)
    return verdict._headline(), " ".join(verdict.feedback.split())


@pytest.mark.parametrize("way", WAYS)
def test_all_ways_say_the_same(way: str, tmp_path: Path) -> None:
    """Right, wrong and missing answers get the same words, and `progress` its table."""
    (tmp_path / "script.py").write_text("\n".join(STEPS), "utf-8")
    printed = WAYS[way](tmp_path)
    shown = " ".join(printed.split())

    for key, code in (("icc", RIGHT), ("intercept_variance_row", WRONG)):
        headline, feedback = _expected(key, code)
        assert headline in shown
        assert feedback in shown
    assert _expected("null_fit", "")[0] in shown
    assert "There is no `null_fit` yet" in shown
    assert shown.count("2-null-model: 1 of 5 checked answers done, and 1 to write") == 1
    assert shown.count("✘ not yet") == 1
    assert "Points by checks: 1 of 7" in shown
    assert "Next: Task 1" in shown
    assert "None" not in map(str.strip, printed.splitlines())
