"""Keep what runs gave, so that nothing is run twice: in ``.oxboys/runs`` of the course folder."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

import msgspec
import nbformat
from nbformat import NotebookNode

import oxboys_mlm
from oxboys_mlm.grading.files import keep_only, write_whole
from oxboys_mlm.grading.results import Answer
from oxboys_mlm.grading.running.task import Result, Task


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a run beside its notebook, which is large and seldom asked for.

    Attributes
    ----------
    digest
        Digest of everything that the result depends on; empty if the run was lost, and another will give another.
    run
        The run's own name, drawn at random.
    seed
        Seed of the models that functions were called with.
    answers
        What every check gave, by the question's key.
    size
        Length of the notebook (bytes).
    """

    digest: str
    run: str
    seed: int
    answers: dict[str, Answer]
    size: int


class Store:
    """Results of an assignment, one per student and notebook.

    A file's first line is what is judged, the rest is the notebook with its outputs: so a class is judged again
    without reading the pictures in it.

    Parameters
    ----------
    root
        The course folder.
    assignment
        Name of the assignment.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self.folder = root / ".oxboys" / "runs" / assignment

    def find(self, student: str, notebook: str, task: Task | None) -> Kept | None:
        """Return the result of a task if it was run before; without a task, the last result of the notebook.

        The seed is not compared: any seed that nobody could know beforehand is as good as another.
        """
        try:
            with self._path(student, notebook).open("rb") as file:
                line = file.readline()
                kept = _KEPT.decode(line)
                whole = os.fstat(file.fileno()).st_size == len(line) + kept.size
        except (OSError, msgspec.MsgspecError):
            return None
        return kept if whole and (task is None or kept.digest == digest(task)) else None

    def keep(self, student: str, notebook: str, task: Task, result: Result) -> Kept:
        """Keep a result; one that was lost to outside causes is not used again to grade, only to judge again."""
        kept = Kept(
            digest(task) if result.complete else "",
            secrets.token_hex(8),
            result.seed,
            result.answers,
            len(result.notebook.encode()),
        )
        write_whole(self._path(student, notebook), f"{_JSON.encode(kept).decode()}\n{result.notebook}")
        return kept

    def notebook(self, student: str, notebook: str) -> NotebookNode:
        """Return the notebook of the last result, with its outputs."""
        _, text = self._path(student, notebook).read_bytes().split(b"\n", 1)
        read: NotebookNode = nbformat.from_dict(json.loads(text))
        return read

    def forget(self, student: str, notebook: str) -> None:
        """Forget the result of a notebook that is not there any more."""
        self._path(student, notebook).unlink(missing_ok=True)

    def keep_only(self, names: Iterable[tuple[str, str]]) -> None:
        """Forget the results of all but these students and notebooks."""
        keep_only(self.folder, (self._path(*name) for name in names))

    def _path(self, student: str, notebook: str) -> Path:
        # Not the names: a student may be called like anything, and a name may be longer than a file's can be.
        return self.folder / f"{hashlib.sha256(json.dumps([student, notebook]).encode()).hexdigest()}.json"


_JSON = msgspec.json.Encoder()
_KEPT = msgspec.json.Decoder(Kept)


def digest(task: Task) -> str:
    """Digest everything that can change a task's result, except the seed."""
    whole = msgspec.structs.replace(task, seed=0)
    return hashlib.sha256(msgspec.json.encode([_surroundings(), whole])).hexdigest()


@cache
def _surroundings() -> list[str]:
    """List the versions of all packages, of Python, and the sources of this one."""
    package = Path(oxboys_mlm.__file__).parent
    sources = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        sources.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    versions = sorted(f"{item.metadata['Name']} {item.version}" for item in metadata.distributions())
    return [sys.version, sources.hexdigest(), *versions]
