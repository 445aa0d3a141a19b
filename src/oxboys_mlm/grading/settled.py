"""Skip a command that has nothing to do: nothing has changed since a run of it that changed nothing.

A run that leaves everything as it was is noted in ``.oxboys/settled``: what it read, the state of the files it wrote,
and what it said. The next run compares these before it imports anything of nbgrader. Files that are read are compared
by content, files that are written by size and time of change (the system sets one of these times itself). Where
something cannot be compared, such as a gradebook on a server or a folder that is a link, nothing is noted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import oxboys_mlm
from oxboys_mlm.grading.files import write_whole

if TYPE_CHECKING:
    from oxboys_mlm.grading.course import Course

#: A larger file counts by its size and times (bytes).
_LARGE = 64_000_000

#: Kinds of files in the course folder itself that may affect grading, besides the settings: modules, tables.
_KINDS = (".py", ".csv", ".json", ".toml")

_SQLITE = "sqlite:///"


class Said(msgspec.Struct, frozen=True):
    """What a command said.

    Attributes
    ----------
    warnings
        What it warned of.
    lines
        Its lines.
    """

    warnings: list[str] = []
    lines: list[str] = []


class _Places(msgspec.Struct, frozen=True):
    """Where the parts of a course lie, as its settings say.

    Attributes
    ----------
    source, release
        Folders of the assignment.
    submitted, autograded, feedback
        Folders of all students.
    gradebook
        The gradebook's file.
    """

    source: str
    release: str
    submitted: str
    autograded: str
    feedback: str
    gradebook: str


class _Note(msgspec.Struct, frozen=True):
    """A run that changed nothing.

    Attributes
    ----------
    asked
        The options that make a difference.
    places
        Where everything lies.
    code
        Modules that the course brings along.
    settings, read, written
        Digests of the settings, of what was read, and of the state of the files that were written.
    said
        What the command said.
    """

    asked: str
    places: _Places
    code: list[str]
    settings: str
    read: str
    written: str
    said: Said


class _Unsure(Exception):
    """Something cannot be compared."""


#: What is wrong with a file or a name is for the command itself to find and say.
_NOTHING_SAID = (OSError, UnicodeError, msgspec.MsgspecError, _Unsure)

#: Commands whose run has done all that another one does.
_INCLUDED = {"remark": ("grade",), "report": ("remark", "grade")}


def find(root: Path, assignment: str, command: str, asked: str = "") -> Said | None:
    """Return what a command said when it last found nothing to change, if nothing has changed since; else None.

    Parameters
    ----------
    root
        The course folder.
    assignment, command
        Which command for which assignment.
    asked
        The options that make a difference.
    """
    for name in (command, *_INCLUDED.get(command, ())):
        with contextlib.suppress(*_NOTHING_SAID):
            note = msgspec.json.decode(_path(root, assignment, name).read_bytes(), type=_Note)
            if (
                (name != command or note.asked == asked)
                and note.written == _written(root, assignment, name, note.places)
                and note.read == _read(root, assignment, note.places, note.code)
                and note.settings == _settings(root)
            ):
                return note.said
    return None


class Watch:
    """Watches the run of a command, to note it if it changes nothing.

    Parameters
    ----------
    course
        The course.
    assignment
        Name of the assignment.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self._course, self._assignment = course, assignment
        self._start = time.time()
        self._before: str | None = None
        with contextlib.suppress(*_NOTHING_SAID):
            self._before = _read(course.root, assignment, _places(course, assignment), [])

    def note(self, command: str, said: Said, asked: str = "") -> None:
        """Note a run that is over, if it changed nothing of what it read.

        Parameters
        ----------
        command
            The command.
        said
            What it said.
        asked
            The options that make a difference.
        """
        root, path = self._course.root, _path(self._course.root, self._assignment, command)
        with contextlib.suppress(*_NOTHING_SAID):
            path.unlink(missing_ok=True)
            places, code = _places(self._course, self._assignment), _code()
            if (
                self._before != _read(root, self._assignment, places, [])
                # Code is known only after it was imported.
                or any(Path(file).stat().st_mtime >= self._start for file in code)
            ):
                return
            note = _Note(
                asked,
                places,
                code,
                _digest(_plain(self._course.config)),
                _read(root, self._assignment, places, code),
                _written(root, self._assignment, command, places),
                said,
            )
            write_whole(path, msgspec.json.encode(note).decode())


def has_notes(root: Path, assignment: str) -> bool:
    """Return whether there are notes on an assignment. They name students."""
    return any(_path(root, assignment, "").parent.glob("*.json"))


def forget(root: Path, assignment: str) -> None:
    """Delete the notes on an assignment."""
    for path in _path(root, assignment, "").parent.glob("*.json"):
        path.unlink()


def _path(root: Path, assignment: str, command: str) -> Path:
    return root / ".oxboys" / "settled" / Path(assignment).name / f"{command}.json"


def _places(course: Course, assignment: str) -> _Places:
    directory = course.directory
    url = str(directory.db_url)
    if directory.directory_structure != "{nbgrader_step}/{student_id}/{assignment_id}" or not url.startswith(_SQLITE):
        raise _Unsure
    steps = {step: str(course.path(step, ".", assignment)) for step in ("source", "release")}
    students = {
        step: str(course.path(step, ".", assignment).parent) for step in ("submitted", "autograded", "feedback")
    }
    return _Places(**steps, **students, gradebook=url.removeprefix(_SQLITE))


# ---- what is read ---------------------------------------------------------------------------------


def _read(root: Path, assignment: str, places: _Places, code: Iterable[str]) -> str:
    """Return a digest of everything that a mark, the report or a page depends on, besides the settings."""
    book = Path(places.gradebook)
    if any(book.with_name(book.name + ending).exists() for ending in ("-journal", "-wal")):
        raise _Unsure  # somebody is writing to it
    kept = root / ".oxboys"
    return _digest(
        [
            surroundings(),
            [
                (ascii(path.name), _content(path))
                for path in sorted(root.iterdir())
                if path.suffix in _KINDS and path.is_file()
            ],
            [_content(Path(file)) for file in code],
            _content(book) if book.exists() else None,
            _tree(places.source, read=True),
            _tree(places.release, read=True),
            _of_students(places.submitted, assignment, read=True),
            _of_students(places.autograded, assignment, read=True),
            # A run that was lost to outside causes is run again every time, and rewritten.
            _tree(kept / "runs" / assignment, read=False),
            _tree(root / "reports" / assignment / "scores.csv", read=True),
        ]
    )


def _written(root: Path, assignment: str, command: str, places: _Places) -> str:
    """Return a digest of the state of the files that a command wrote."""
    if command == "feedback":
        return _digest(_of_students(places.feedback, assignment, read=False))
    kept = root / ".oxboys"
    return _digest(
        [
            _tree(root / "reports" / assignment, read=False),
            _tree(kept / "receipts" / assignment, read=False),
            _tree(kept / "notes" / f"{assignment}.json", read=False),
        ]
    )


def _of_students(folder: str, assignment: str, *, read: bool) -> object:
    """Describe what students have for an assignment, and what else lies there by its name."""
    if not Path(folder).exists():
        return None
    found: dict[str, object] = {}
    for path in Path(folder).iterdir():
        kind = _kind(path.lstat())
        inside = sorted(ascii(entry.name) for entry in path.iterdir()) if stat.S_ISDIR(kind) else []
        found[ascii(path.name)] = [kind, inside, _tree(path / assignment, read=read) if inside else None]
    return sorted(found.items())


def _tree(path: str | Path, *, read: bool) -> object:
    """Describe a file, or a folder with all that is in it; None if there is nothing."""
    try:
        info = os.lstat(path)
    except FileNotFoundError:
        return None
    kind = _kind(info)
    if stat.S_ISDIR(kind):
        return [kind, [(ascii(inner.name), _tree(inner, read=read)) for inner in sorted(Path(path).iterdir())]]
    if stat.S_ISREG(kind):
        if read and info.st_size <= _LARGE:
            return [kind, info.st_nlink, _content(Path(path))]
        return [kind, info.st_size, info.st_mtime_ns, info.st_ctime_ns]
    return kind


def _kind(info: os.stat_result) -> int:
    if stat.S_ISLNK(info.st_mode):
        raise _Unsure  # what it leads to may change
    return info.st_mode


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- settings and code ----------------------------------------------------------------------------


def _settings(root: Path) -> str:
    """Return a digest of the settings, read as nbgrader reads them."""
    from jupyter_core.application import JupyterApp
    from traitlets.config import Application

    app = JupyterApp(config_file_name="nbgrader_config", log_level="ERROR", raise_config_file_errors=True)
    try:
        app.initialize(argv=[])
        Application.load_config_file(app, "nbgrader_config.py", path=str(root))
    except (Exception, SystemExit) as error:
        raise _Unsure from error
    return _digest(_plain(app.config))


def _plain(config: Any) -> object:
    """Describe settings; an object without a description of its own is another one in every process."""
    try:
        sections: dict[str, Any] = json.loads(json.dumps(config, default=_described))
    except (TypeError, ValueError, RecursionError) as error:
        raise _Unsure from error
    return {name: section for name, section in sections.items() if section}  # whoever asks for one makes it


def _described(value: object) -> object:
    """Describe a setting that JSON does not know. What is added to a list reads the same before and after that."""
    from traitlets.config.loader import LazyConfigValue

    return value.to_dict() if isinstance(value, LazyConfigValue) else repr(value)


@cache
def surroundings() -> list[object]:
    """List the versions of Python and of all packages, and the files of this one."""
    package = Path(oxboys_mlm.__file__).parent
    files = [path for path in sorted(package.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    data = package.parents[1] / "data" / "oxboys.csv"  # where it lies in a clone
    files += [data] if data.is_file() else []
    # Names of these folders hold the versions; to read what is in them takes longer than all the rest.
    versions = {
        path.name
        for folder in map(Path, sys.path)
        if folder.name in ("site-packages", "dist-packages") and folder.is_dir()
        for path in folder.iterdir()
        if path.suffix in (".dist-info", ".egg-info")
    }
    return [sys.version, sorted(versions), [(str(path), _content(path)) for path in files]]


def _code() -> list[str]:
    """List the modules in use that belong neither to Python, nor to an installed package, nor to this one."""
    installed = [sys.prefix, sys.base_prefix, str(Path(oxboys_mlm.__file__).parent)]
    files = {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    return sorted(
        file
        for file in files
        if file and "site-packages" not in file and not any(Path(file).is_relative_to(folder) for folder in installed)
    )


def _digest(content: object) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
