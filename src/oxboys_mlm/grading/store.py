"""Keep what runs gave, so that nothing is run twice: in ``.oxboys/runs`` of the course folder."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import msgspec

import oxboys_mlm
from oxboys_mlm.grading.report import write_whole
from oxboys_mlm.grading.workers import Result, Task


class _Kept(msgspec.Struct, frozen=True):
    """A result and the digest of everything that it depends on; no digest if another run might give another."""

    digest: str
    result: Result


class Store:
    """Results of an assignment, one per student and notebook.

    Parameters
    ----------
    root
        The course folder.
    assignment
        Name of the assignment.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self.folder = root / ".oxboys" / "runs" / assignment

    def find(self, student: str, notebook: str, task: Task | None) -> Result | None:
        """Give the result of a task if it was run before; without a task, the last result of the notebook.

        The seed is not compared: any seed that nobody could know beforehand is as good as another.
        """
        try:
            kept = msgspec.json.decode(self._path(student, notebook).read_bytes(), type=_Kept)
        except (OSError, msgspec.MsgspecError):
            return None
        return kept.result if task is None or kept.digest == digest(task) else None

    def keep(self, student: str, notebook: str, task: Task, result: Result) -> None:
        """Keep a result; one that might come out otherwise is not used again to grade, only to judge again."""
        kept = _Kept(digest(task) if result.complete else "", result)
        write_whole(self._path(student, notebook), msgspec.json.encode(kept).decode())

    def forget(self, student: str, notebook: str) -> None:
        """Forget the result of a notebook that is not there any more."""
        self._path(student, notebook).unlink(missing_ok=True)

    def _path(self, student: str, notebook: str) -> Path:
        return self.folder / student / f"{notebook}.json"


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
