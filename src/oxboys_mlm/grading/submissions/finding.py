"""Find the file of a notebook in a student's folder: by its name, else by its content."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from oxboys_mlm.grading.course import Exercise
from oxboys_mlm.grading.errors import SetAside, shown
from oxboys_mlm.grading.submissions import intake
from oxboys_mlm.grading.submissions.rebuild import likeness, signature

#: What browsers, desktops and web pages make of the name of a second copy; between these parts stands the name.
_BEFORE = re.compile(r"(?:copy of |kopie von )?")
_AFTER = re.compile(r"(?:[ _-]*\(\d+\)|[ _-]+\d+|[ _-]+(?:copy|kopie)[ _-]*(?:\d+|\(\d+\))?)?\.ipynb(?:\.json|\.txt)?")

_NOTEBOOK = re.compile(r".*\.ipynb(?:\.json|\.txt)?", re.IGNORECASE | re.DOTALL)

#: How much of a notebook's answer and check cells a file must have to be taken for it under another name.
#: Checks alone, which a file without names can still be known by, are nearly half of them.
_ENOUGH = 0.4

#: How many files under other names are read, and how many entries of a folder are looked at.
_READ = 10
_ENTRIES = 1_000


@dataclass(frozen=True)
class Found:
    """The file of a notebook in a student's folder.

    Attributes
    ----------
    path
        The file that counts; None if there is none.
    remarks
        What both the student and the marker should know of it.
    """

    path: Path | None
    remarks: tuple[str, ...] = ()


def find(folder: Path, exercise: Exercise, exercises: Sequence[Exercise] = ()) -> Found:
    """Find the file of a notebook in a student's folder.

    A file of the right name counts. Else the one that is called as a second copy of it would be (a browser that
    downloads a file twice calls it ``name (1).ipynb``). Else the one that has the notebook's cells, in the folder or
    in one below it. Files that do not count are named.

    Parameters
    ----------
    folder
        The student's folder.
    exercise
        The notebook to find.
    exercises
        All notebooks of the assignment: files with their names are theirs.

    Raises
    ------
    SetAside
        If several files may be the one, or the folder cannot be read.
    """
    exact = folder / f"{exercise.name}.ipynb"
    try:
        if folder.is_symlink() or folder.parent.is_symlink():
            raise SetAside("the student's folder is a link, which is not followed")
        files = [path for path in _entries(folder) if _NOTEBOOK.fullmatch(path.name) and path != exact]
    except NotADirectoryError:
        raise SetAside("there is a file where a folder with notebooks should be") from None
    except OSError as error:
        if os.path.lexists(exact):
            return Found(exact)
        raise SetAside(f"the folder cannot be read: {error.strerror}") from None
    copies = [path for path in files if is_copy(path.name, exercise.name)]
    names = {exercise.name} | {other.name for other in exercises}
    strays = [path for path in files if not any(is_copy(path.name, name) for name in names)]
    if os.path.lexists(exact):
        others = copies + [path for path in strays[:_READ] if _is_like(path, exercise)]
        return Found(exact, _others(exact, others))
    if len(copies) == 1:
        return Found(copies[0], _others(copies[0], [path for path in strays[:_READ] if _is_like(path, exercise)]))
    if copies:
        raise SetAside(f"there are {len(copies)} copies ({shown(copies)}), none named {exact.name}")
    strays += [path for path in _below(folder) if _NOTEBOOK.fullmatch(path.name)]
    alike = [path for path in strays[:_READ] if _is_like(path, exercise)]
    if len(alike) > 1:
        raise SetAside(f"there are {len(alike)} notebooks for it ({shown(alike)}), none named {exact.name}")
    if alike:
        place = "" if alike[0].parent == folder else f", in the folder {shown([alike[0].parent])}"
        return Found(
            alike[0],
            (f"The file is called {shown(alike)}{place} and was recognised by its cells; it should be {exact.name}.",),
        )
    # What belongs to another notebook is named there.
    strays = [path for path in strays if not any(_is_like(path, other) for other in exercises)]
    return Found(
        None, (f"In the folder, but not graded, because it is not this notebook: {shown(strays)}.",) if strays else ()
    )


def _others(counts: Path, others: Sequence[Path]) -> tuple[str, ...]:
    return (f"Only {shown([counts])} was graded. Beside it lies {shown(others)}.",) if others else ()


def _entries(folder: Path) -> list[Path]:
    """List what is in a folder and not hidden, up to a number, in the order of names."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                found.append(folder / entry.name)
            if len(found) == _ENTRIES:
                break
    return sorted(found)


def _below(folder: Path) -> Iterator[Path]:
    """List what lies one folder deeper, as in an archive that was unpacked."""
    for path in _entries(folder):
        if path.is_dir() and not path.is_symlink() and not path.name.startswith("__"):
            try:
                yield from _entries(path)
            except OSError:
                continue


def _is_like(path: Path, exercise: Exercise) -> bool:
    try:
        state = path.lstat()
    except OSError:
        return False
    return likeness(exercise.release, _read(path, state.st_mtime_ns, state.st_size)) >= _ENOUGH


@lru_cache(maxsize=64)  # looked at for every notebook of the assignment
def _read(path: Path, time: int, size: int) -> frozenset[str]:
    try:
        return signature(intake.read(path))
    except SetAside:
        return frozenset()


def is_copy(file: str, name: str) -> bool:
    """Return whether a file's name is that of a notebook, or what is made of it for a second copy.

    >>> [is_copy(file, "t1") for file in ("t1 (1).ipynb", "t1-Copy1.ipynb", "Copy of T1.IPYNB", "t1.ipynb.txt")]
    [True, True, True, True]
    >>> [is_copy(file, "t1") for file in ("t12.ipynb", "t1-old.ipynb", "t1.txt", "._t1.ipynb")]
    [False, False, False, False]
    """
    before, found, after = file.casefold().partition(name.casefold())
    return bool(found and _BEFORE.fullmatch(before) and _AFTER.fullmatch(after))
