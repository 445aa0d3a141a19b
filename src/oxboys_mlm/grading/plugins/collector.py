"""Collect a learning platform's download: a plugin for ``nbgrader zip_collect``.

Moodle puts the files of each participant into a folder ``<full name>_<number>_assignsubmission_file_``, or, without
folders, this before each file's name; with groups, ``<group>-`` stands first. Canvas calls each file
``<name>[_LATE]_<number of the student>_<number of the file>_<file>``.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbgrader.plugins import FileNameCollectorPlugin

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.download_names import Place, write_places
from oxboys_mlm.grading.enrolment.participants import Account, Identity, identify, read_memory, write_memory
from oxboys_mlm.grading.enrolment.roster import students_of
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.submissions.finding import is_copy

_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file_?(?P<file>.*)")
#: An anonymous student's number is five letters and digits.
_CANVAS = re.compile(r"(?P<name>.+?)(?:_LATE)?_(?P<number>\d+|[A-Za-z0-9]{5})_(?P<attachment>\d+)_(?P<file>.+)")
#: Some browsers add another file extension.
_NOTEBOOK = re.compile(r"(?P<stem>.+)\.ipynb(?P<more>\.txt|\.json)?", re.IGNORECASE)
_COPY = re.compile(r"\((\d+)\)|copy ?(\d*)", re.IGNORECASE)


@dataclass(frozen=True)
class Upload:
    """A notebook in a platform's download.

    Attributes
    ----------
    path
        Where it was extracted to.
    account, name
        Its owner.
    file
        Its own name, without what the platform puts before it.
    prefix
        What the platform puts before that, or the folder that it puts the file into.
    is_folder
        Whether that is a folder.
    attachment
        Canvas's number of the file, which grows with every upload; 0 elsewhere.
    """

    path: Path
    account: Account
    name: str
    file: str
    prefix: str
    is_folder: bool
    attachment: int = 0


def read_upload(path: Path, parts: tuple[str, ...]) -> Upload | None:
    """Read the owner of a file from its name, or from the name of a folder that contains it.

    Parameters
    ----------
    path
        The file.
    parts
        The parts of its path in the download.

    Examples
    --------
    >>> upload = read_upload(Path(), ("Ada Lang_23_assignsubmission_file_", "1-visualization.ipynb"))
    >>> upload.account.number, upload.name, upload.file
    ('23', 'Ada Lang', '1-visualization.ipynb')
    >>> read_upload(Path(), ("langada_LATE_7_91_1-visualization-1.ipynb",)).attachment
    91
    """
    for place, part in enumerate(parts):
        is_folder = place < len(parts) - 1
        if found := _MOODLE.fullmatch(part):
            file, prefix = (parts[-1], part) if is_folder else (found["file"], part[: found.start("file")])
            return Upload(path, Account("Moodle", found["number"]), found["name"], file, prefix, is_folder)
        if found := _CANVAS.fullmatch(part):
            file, prefix = parts[-1] if is_folder else found["file"], part[: found.start("file")]
            account, attachment = Account("Canvas", found["number"]), int(found["attachment"])
            return Upload(path, account, found["name"], file, prefix, is_folder, attachment)
    return None


class PlatformCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Collects downloads of Moodle and Canvas, and never mixes up two students.

    Of several files for one notebook it takes the newest, with a warning. Ids are found as
    `participants.identify` says; they are kept in ``collected.csv`` beside the archives, for later downloads, and the
    names of the files in ``uploads.json``, for handing back. Where a course sets ``named_regexp``, names are read as
    nbgrader does.
    """

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the owner and the notebook of a file; None if it is not to be collected.

        Parameters
        ----------
        submitted_file
            Path of an extracted file.
        """
        if self.named_regexp:
            found: dict[str, str] | None = super().collect(submitted_file)
            return found
        return self._plan.get(Path(submitted_file))

    @cached_property
    def _plan(self) -> dict[Path, dict[str, str]]:
        """Decide about all files together: only then is it known whether a name is unique."""
        uploads = list(self._uploads())
        try:
            identities = self._identities(uploads)
        except GradingError as error:
            self.parent.fail("%s", error)
        files = defaultdict(list)
        for upload in uploads:
            files[identities[upload.account].student, self._file_id(upload.file)].append(upload)
        plan, places = {}, []
        for (student, file_id), same in files.items():
            *older, newest = sorted(same, key=self._age)
            plan[newest.path] = {"student_id": student, "file_id": file_id}
            notebook = file_id.removesuffix(".x").removesuffix(".ipynb")
            places.append(Place(*newest.account, notebook, newest.prefix, newest.is_folder))
            if older:
                names = _listed(repr(upload.path.name) for upload in older)
                self.log.warning("%s: the newest file counts, %r; left out: %s", student, newest.path.name, names)
        write_places(self._folder(""), places)
        return plan

    def _folder(self, step: str) -> Path:
        app = self.parent
        structure = app.collect_directory_structure.format(
            downloaded=app.downloaded_directory, assignment_id=app.coursedir.assignment_id, collect_step=step
        )
        return Path(app.coursedir.root, structure)

    @property
    def _extracted(self) -> Path:
        return self._folder(self.parent.extracted_directory)

    def _uploads(self) -> Iterator[Upload]:
        foreign = []
        for folder, _, files in sorted(os.walk(self._extracted)):
            for file in sorted(files):
                path = Path(folder, file)
                parts = path.relative_to(self._extracted).parts
                if not _NOTEBOOK.fullmatch(file) or "__MACOSX" in parts or ".ipynb_checkpoints" in parts:
                    continue
                if upload := read_upload(path, parts):
                    yield upload
                else:
                    foreign.append(repr("/".join(parts)))
        if foreign:
            self.log.warning(
                "%d notebook(s) are left out, because their names do not say who handed them in, as names from Moodle "
                "and Canvas do: %s",
                len(foreign),
                _listed(foreign),
            )

    def _identities(self, uploads: list[Upload]) -> dict[Account, Identity]:
        memory = self._folder("collected.csv")
        known = read_memory(memory)
        with Course.of(self.parent).gradebook() as book:
            roster = students_of(book)
        found = identify({upload.account: upload.name for upload in uploads}, known, roster)
        write_memory(memory, known | found)
        apart = [identity for identity in found.values() if identity.origin == "number"]
        if apart:
            self.log.warning(
                "%d student(s) have a name that is not unique, and are collected with the platform's number: %s. To "
                "change an id, edit the column `student` in %s, delete these folders in submitted, and collect again "
                "with --force.",
                len(apart),
                _listed(repr(identity.student) for identity in apart),
                memory.relative_to(self.parent.coursedir.root),
            )
        strangers = [identity for identity in found.values() if identity.origin == "name"]
        if strangers:
            self.log.warning(
                "%d student(s) are not in the roster (oxboys roster FILE), and get the platform's name as their id: %s",
                len(strangers),
                _listed(repr(identity.student) for identity in strangers),
            )
        return found

    @cached_property
    def _notebooks(self) -> list[str]:
        """Names of the assignment's notebooks, the longest first."""
        coursedir = self.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.source_directory, ".", coursedir.assignment_id))
        return sorted((path.stem for path in folder.glob("*.ipynb")), key=len, reverse=True)

    def _file_id(self, file: str) -> str:
        """Return the notebook that a file is, or is a second copy of; any other keeps its own name."""
        parts = _NOTEBOOK.fullmatch(file)
        assert parts
        names = [name for name in self._notebooks if file == f"{name}.ipynb"]
        names = names or [name for name in self._notebooks if is_copy(file, name)]
        # nbgrader puts the file's own last ending in place of the last one here.
        return f"{names[0] if names else parts['stem']}.ipynb" + (".x" if parts["more"] else "")

    def _age(self, upload: Upload) -> tuple[object, ...]:
        """Sort files from old to new."""
        archive, *inside = upload.path.relative_to(self._extracted).parts
        when, dates = self._archives.get(archive, (0.0, {}))
        copy = _COPY.search(upload.file)
        number = int(copy[1] or copy[2] or 1) if copy else 0
        return upload.attachment, when, dates.get("/".join(inside), ()), number, str(upload.path)

    @cached_property
    def _archives(self) -> dict[str, tuple[float, dict[str, tuple[int, ...]]]]:
        """When each archive was downloaded, and the times that it gives its files, by the folder it is extracted to."""
        found = {}
        for path in self._folder(self.parent.archive_directory).glob("*"):
            dates: dict[str, tuple[int, ...]] = {}
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    dates = {entry.filename: entry.date_time for entry in archive.infolist()}
            name = path.name if path.is_dir() else path.stem.removesuffix(".tar")
            found[name] = (path.stat().st_mtime, dates)
        return found


def _listed(names: Iterable[str]) -> str:
    """Name up to ten things in a line.

    >>> _listed(["a", "b"]), _listed(str(number) for number in range(12))
    ('a, b', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more')
    """
    every = list(names)
    return ", ".join(every[:10]) + (f" and {len(every) - 10} more" if len(every) > 10 else "")
