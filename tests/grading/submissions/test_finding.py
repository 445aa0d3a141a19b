"""A notebook is found by its name, or by what is in it; what does not count is named, and nothing is guessed."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import pytest
from classroom import RIGHT, filled, make_tiny_course, tiny_release
from nbformat import NotebookNode
from nbformat.v4 import writes

from oxboys_mlm.grading.course import Course, Exercise
from oxboys_mlm.grading.errors import SetAside
from oxboys_mlm.grading.submissions.finding import Found, find


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """Read the tiny exercise."""
    return Course(make_tiny_course(tmp_path_factory.mktemp("course"))).assignment("tiny").exercises[0]


def _write(folder: Path, *names: str, notebook: NotebookNode | str = "") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(writes(notebook) if notebook else "{}", "utf-8")


SOLVED = filled(tiny_release(), RIGHT)


def _stripped() -> NotebookNode:
    notebook = copy.deepcopy(SOLVED)
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


@pytest.mark.parametrize(
    "name",
    ["t (1).ipynb", "t(1).ipynb", "t-Copy1.ipynb", "t - Copy.ipynb", "T.IPYNB", "t.ipynb.txt", "Kopie von t.ipynb"],
)
def test_a_browsers_copy(tmp_path: Path, exercise: Exercise, name: str) -> None:
    """A copy with the name that browsers and Jupyter give it counts, where it is the only file."""
    _write(tmp_path, name)

    assert find(tmp_path, exercise) == Found(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    ["t_Mueller_Abgabe.ipynb", "Aufgabe3 final.ipynb", "t-checkpoint.ipynb", "Untitled.ipynb", "t.final.ipynb.json"],
)
@pytest.mark.parametrize("notebook", [SOLVED, _stripped()], ids=["with names", "names lost"])
def test_another_name(tmp_path: Path, exercise: Exercise, name: str, notebook: NotebookNode) -> None:
    """A notebook under another name is recognised by its cells, and both sides are told."""
    _write(tmp_path, name, notebook=notebook)
    found = find(tmp_path, exercise)

    assert found.path == tmp_path / name
    assert name in found.remarks[0]
    assert "t.ipynb" in found.remarks[0]


def test_one_folder_deeper(tmp_path: Path, exercise: Exercise) -> None:
    """So is one in a folder of its own, as an unpacked archive leaves it."""
    _write(tmp_path, "core/t.ipynb", "__MACOSX/t.ipynb", "core/.ipynb_checkpoints/t-checkpoint.ipynb", notebook=SOLVED)
    found = find(tmp_path, exercise)

    assert found.path == tmp_path / "core" / "t.ipynb"
    assert "‘core’" in found.remarks[0]


def test_another_notebook(tmp_path: Path, exercise: Exercise) -> None:
    """A notebook that is not this one is not taken for it, but named."""
    notebook = copy.deepcopy(SOLVED)
    notebook.cells = notebook.cells[:2]
    _write(tmp_path, "notes.ipynb", notebook=notebook)
    _write(tmp_path, "broken.ipynb")
    found = find(tmp_path, exercise)

    assert found.path is None
    assert "notes.ipynb" in found.remarks[0]
    assert "broken.ipynb" in found.remarks[0]


def test_nothing(tmp_path: Path, exercise: Exercise) -> None:
    """Of other files, and of hidden ones, nothing is said."""
    _write(tmp_path, "data.csv", ".t.ipynb", "._t.ipynb", ".ipynb_checkpoints/t-checkpoint.ipynb")

    assert find(tmp_path, exercise) == Found(None)


@pytest.mark.parametrize("other", ["t (1).ipynb", "t_final.ipynb"])
def test_the_right_name_wins(tmp_path: Path, exercise: Exercise, other: str) -> None:
    """Of a file and another of it, the one with the right name counts, and the other is named."""
    _write(tmp_path, "t.ipynb", other, notebook=SOLVED)
    found = find(tmp_path, exercise)

    assert found.path == tmp_path / "t.ipynb"
    assert other in found.remarks[0]


@pytest.mark.parametrize("names", [["t (2).ipynb", "t (1).ipynb"], ["final.ipynb", "final2.ipynb"]], ids=str)
def test_never_guessed(tmp_path: Path, exercise: Exercise, names: list[str]) -> None:
    """Of several files none is picked by chance."""
    _write(tmp_path, *names, notebook=SOLVED)

    with pytest.raises(SetAside, match=r"there are 2 .*" + names[0].replace("(", r"\(").replace(")", r"\)")):
        find(tmp_path, exercise)


def test_files_of_other_notebooks(tmp_path: Path, exercise: Exercise) -> None:
    """A file with another notebook's name, or recognised as another's, is none of this one's."""
    other = Exercise("tiny", "u", exercise.solution, exercise.release, exercise.checks)
    _write(tmp_path, "u.ipynb", "u (1).ipynb", notebook=SOLVED)

    assert find(tmp_path, exercise, [exercise, other]) == Found(None)


def test_reasons_are_short(tmp_path: Path, exercise: Exercise) -> None:
    """A reason names some files, not hundreds, each shortly and on one line."""
    for number in range(600):
        (tmp_path / f"{' ' * 100}t ({number}){'0' * 100}.ipynb").touch()
        (tmp_path / f"t ({number}{'0' * 200}).ipynb").touch()
    (tmp_path / "a\nb;=1+1;`.ipynb").touch()

    with pytest.raises(SetAside, match="copies") as problem:
        find(tmp_path, exercise)
    assert len(str(problem.value)) < 300


def test_links_are_not_followed(tmp_path: Path, exercise: Exercise) -> None:
    """A student's folder that is a link, or lies in one, is set aside."""
    _write(tmp_path, "ada/tiny/t.ipynb", notebook=SOLVED)
    (tmp_path / "bela").symlink_to(tmp_path / "ada")
    (tmp_path / "carl").mkdir()
    (tmp_path / "carl" / "tiny").symlink_to(tmp_path / "ada" / "tiny")

    for student in ("bela", "carl"):
        with pytest.raises(SetAside, match="link"):
            find(tmp_path / student / "tiny", exercise)


def test_a_file_for_a_folder(tmp_path: Path, exercise: Exercise) -> None:
    """A file where the folder should be is set aside."""
    (tmp_path / "tiny").touch()

    with pytest.raises(SetAside, match="file where a folder"):
        find(tmp_path / "tiny", exercise)


def test_a_broken_link_is_found(tmp_path: Path, exercise: Exercise) -> None:
    """A link that leads nowhere is a file that cannot be read, not one that was never handed in."""
    (tmp_path / "t.ipynb").symlink_to(tmp_path / "nowhere")

    assert find(tmp_path, exercise).path == tmp_path / "t.ipynb"


def test_pipes_under_another_name(tmp_path: Path, exercise: Exercise) -> None:
    """A pipe that looks like a notebook under another name makes nobody wait."""
    os.mkfifo(tmp_path / "final.ipynb")

    assert find(tmp_path, exercise).path is None
