"""What students use needs no Linux: it runs where that is taken away, and says the same in a code page of Windows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import ROOT, answers_of, read, settings

#: Nothing is UTF-8 unless somebody says so: files are ASCII, pipes those of western Europe, as on Windows.
ELSEWHERE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}


def _run(program: str, folder: Path, **environment: str) -> str:
    """Run a program in another Python's place; return what it prints."""
    (folder / "program.py").write_text(f"import taken_away\ntaken_away.everything()\n{program}", "utf-8")
    names = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_"))}
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env={**names, **ELSEWHERE, "PYTHONPATH": str(ROOT / "tests"), "MPLBACKEND": "agg", **environment},
        capture_output=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr.decode("cp1252")[-3000:]
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "cp1252"))


def _solved(assignment: str, name: str) -> str:
    """Return the program that a solved notebook is, with a hint, and with `progress` at its end."""
    solution = read(ROOT / "solutions" / assignment / f"{name}.ipynb")
    answers = answers_of(solution)
    code = [
        answers.get(settings(cell).get("grade_id", ""), cell.source)
        for cell in solution.cells
        if cell.cell_type == "code"
    ]
    return "\n".join(
        [*code, "from oxboys_mlm import hint, progress", "hint('icc')", "progress()", "progress(all=True)"]
    )


@pytest.mark.parametrize(
    ("assignment", "name"), [("core", "1-visualization"), ("core", "2-null-model"), ("voluntary", "5-slope-only")]
)
def test_solutions_are_right_elsewhere(assignment: str, name: str, tmp_path: Path) -> None:
    """Without fork, alarms, /proc and UTF-8, every answer of the solutions is right or recorded."""
    notebook = tmp_path / f"{name}.ipynb"
    notebook.write_bytes((ROOT / "notebooks" / assignment / notebook.name).read_bytes())
    shown = _run(_solved(assignment, name), tmp_path)

    assert "Right" in shown
    assert "Not yet" not in shown
    assert "Partly" not in shown
    assert "Hint 1 of 2 (icc)" in shown
    assert "- answers done" not in shown
    assert f"{name}: " in shown
    assert "All notebooks in this folder" in shown


def test_an_answer_that_never_ends(tmp_path: Path) -> None:
    """A function that never returns is given up, without an alarm."""
    program = (
        "from oxboys_mlm import check\nfrom oxboys_mlm.checking import checks\nchecks.COLLECT_SECONDS = 1.0\n"
        "def calculate_icc(results):\n    while True:\n        pass\ncheck('calculate_icc')\n"
    )

    assert "x Not yet" in _run(program, tmp_path)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_the_terminal_has_the_signs_or_others(encoding: str, tmp_path: Path) -> None:
    """A check writes signs where the terminal has them, and letters where it has not."""
    program = "from oxboys_mlm import check\nneeds_multilevel = 'yes'\ncheck('needs_multilevel')\nicc = 1\ncheck('icc')"
    shown = _run(program, tmp_path, PYTHONIOENCODING=encoding)

    assert ("x Not yet" in shown) is (encoding != "utf-8")
    assert "?" not in shown.replace("[Y/n]?", "").partition("Not yet")[0]


def test_students_tests_need_no_linux(tmp_path: Path) -> None:
    """The tests that the workflow runs on Windows and macOS can be read where Linux is taken away."""
    program = (
        "import sys, pytest\nsys.exit(pytest.main(['-q', '--collect-only', '-p', 'no:cacheprovider', *sys.argv[1:]]))"
    )
    (tmp_path / "program.py").write_text(f"import taken_away\ntaken_away.modules()\n{program}")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), "tests", "-m", "students"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        timeout=500,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert "tests/checking/test_checks.py" in done.stdout
    assert "tests/grading" not in done.stdout
