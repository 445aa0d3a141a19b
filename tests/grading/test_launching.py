"""The repository's address gives links to Colab and Binder, and set-up cells that install; without it nothing does."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from classroom import (
    NOTEBOOKS,
    RIGHT,
    ROOT,
    filled,
    gradebook_scores,
    hand_in,
    make_course,
    make_tiny_course,
    read,
    release,
    run,
    settings,
)
from nbformat import NotebookNode

from oxboys_mlm.grading.course import Course

ADDRESS = "https://github.com/someone/course"


def _name_address(folder: Path, address: str | None = ADDRESS) -> Path:
    """Put the project's pyproject.toml into a folder, with an address of the repository, or without one."""
    text = (ROOT / "pyproject.toml").read_text("utf-8").replace("[project.urls]\n", "[project.urls-of-today]\n")
    urls = f'\n[project.urls]\nRepository = "{address}"\n' if address else ""
    (folder / "pyproject.toml").write_text(text + urls, "utf-8")
    return folder


def _setup(cells: list[NotebookNode]) -> str:
    (source,) = (cell.source for cell in cells if settings(cell)["grade_id"] == "setup")
    return str(source)


@pytest.fixture(scope="module")
def exercises() -> ModuleType:
    """Load the site's reader of notebooks."""
    spec = importlib.util.spec_from_file_location("exercises", ROOT / "docs" / "_ext" / "exercises.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
@pytest.mark.parametrize(
    ("address", "places"),
    [(ADDRESS, ["Colab", "Binder"]), ("https://git.example.org/course", ["Binder"]), (None, [])],
    ids=["GitHub", "elsewhere", "none"],
)
def test_links(
    exercises: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    assignment: str,
    name: str,
    address: str | None,
    places: list[str],
) -> None:
    """A page of the site leads to its notebook on Colab and Binder as far as the address allows."""
    monkeypatch.setattr(exercises, "PROJECT", _name_address(tmp_path, address))
    page = exercises.read((ROOT / "solutions" / assignment / f"{name}.ipynb").read_text("utf-8"))
    (said,) = (cell.source for cell in page.cells if cell.source.startswith("To do the exercise"))

    assert [place for place in ("Colab", "Binder") if f"[{place}](https://" in said] == places
    if "Colab" in places:
        assert f"/github/someone/course/blob/HEAD/notebooks/{assignment}/{name}.ipynb)" in said


def test_only_the_setup_cell_changes(tmp_path: Path) -> None:
    """With an address the set-up cell of each release has lines that install; every other cell stays what it is."""
    course = _name_address(make_course(tmp_path / "course"))
    for assignment in Course(course).assignments():
        for exercise in Course(course).assignment(assignment).exercises:
            today = release(assignment, exercise.name).cells
            assert _setup(exercise.release.cells) != _setup(today)
            for line in _setup(today).splitlines():
                assert line in _setup(exercise.release.cells)
            for cell, other in zip(exercise.release.cells, today, strict=True):
                assert cell.source == other.source or settings(cell)["grade_id"] == "setup"


def test_the_address_of_another_project(tmp_path: Path) -> None:
    """A course folder inside another project takes no address from it."""
    course = _name_address(make_tiny_course(tmp_path / "course"))
    path = course / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace('name = "oxboys-mlm"', 'name = "statistics-2"', 1), "utf-8")
    (exercise,) = Course(course).assignment("tiny").exercises

    assert _setup(exercise.release.cells) == "from oxboys_mlm import check"


def test_from_colab_to_the_gradebook(tmp_path: Path) -> None:
    """Nbgrader's command makes that release; what was done in it on Colab, or in an earlier one, earns full marks."""
    course = _name_address(make_tiny_course(tmp_path / "course"))
    made = run("nbgrader", "generate_assignment", "tiny", cwd=course)
    assert made.returncode == 0, made.stderr
    notebook = read(course / "notebooks" / "tiny" / "t.ipynb")
    assert f"git+{ADDRESS}" in _setup(notebook.cells)

    hand_in(course, "ada", "tiny", "t", filled(notebook, RIGHT))
    next(cell for cell in notebook.cells if cell.cell_type == "code").source = "from oxboys_mlm import check"
    hand_in(course, "bela", "tiny", "t", filled(notebook, RIGHT))
    graded = run("oxboys", "grade", "tiny", "--jobs", "1", cwd=course)

    assert graded.returncode == 0, graded.stderr
    assert set(gradebook_scores(course, "tiny").values()) == {1.0}


COLAB = """
import sys, types
if {colab}:
    sys.modules["google.colab"] = types.ModuleType("google.colab")
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "oxboys_mlm" and {missing}:
            raise ModuleNotFoundError("No module named 'oxboys_mlm'", name=name)
class Shell:
    def system(self, command):
        print("$", command)
        sys.meta_path.remove(finder)
get_ipython = Shell
finder = Missing()
sys.meta_path.insert(0, finder)
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "oxboys_mlm" and {missing} else find(name)
"""


@pytest.mark.parametrize(
    ("colab", "missing", "installs"),
    [(True, True, True), (True, False, False), (False, False, False)],
    ids=["Colab", "Colab, once more", "at home"],
)
def test_setup_cell_on_colab(tmp_path: Path, colab: bool, missing: bool, installs: bool) -> None:
    """On Colab alone, and only if the package is not there, the set-up cell says so and installs it, then goes on."""
    course = _name_address(make_tiny_course(tmp_path / "course"))
    (exercise,) = Course(course).assignment("tiny").exercises
    program = COLAB.format(colab=colab, missing=missing) + _setup(exercise.release.cells) + "\nprint(check.__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("check\n")
    assert (f"$ pip install git+{ADDRESS}\n" in done.stdout) is installs
    assert ("Installing it takes a minute" in done.stdout) is installs
    assert ("$" in done.stdout) is installs


def test_setup_cell_elsewhere_installs_nothing(tmp_path: Path) -> None:
    """Where somebody forgot to install the package at home, Python says that it is not there, as ever."""
    course = _name_address(make_tiny_course(tmp_path / "course"))
    (exercise,) = Course(course).assignment("tiny").exercises
    program = COLAB.format(colab=False, missing=True) + _setup(exercise.release.cells)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)

    assert done.stdout == ""
    assert "ModuleNotFoundError: No module named 'oxboys_mlm'" in done.stderr
