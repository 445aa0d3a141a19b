"""What files are called in a learning platform's download, kept for handing feedback back under the same names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from nbgrader.apps import ZipCollectApp

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.participants import Account
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import write_whole


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a notebook that was collected lay in the download.

    Attributes
    ----------
    platform, number
        Whose it is, as the platform has it.
    notebook
        Its name, without its ending.
    prefix
        What the platform puts before a file's own name, or the folder that it puts the file into.
    is_folder
        Whether that is a folder.
    """

    platform: str
    number: str
    notebook: str
    prefix: str
    is_folder: bool

    @property
    def account(self) -> Account:
        """Whose it is."""
        return Account(self.platform, self.number)

    def path_of(self, page: str) -> str:
        """Return the path in an archive of a file that goes back to the same place.

        >>> Place("Moodle", "23", "t", "Ada Lang_23_assignsubmission_file_", True).path_of("t.html")
        'Ada Lang_23_assignsubmission_file_/t.html'
        """
        return f"{self.prefix}/{page}" if self.is_folder and self.platform == "Moodle" else f"{self.prefix}{page}"


def downloads(course: Course, assignment: str) -> Path:
    """Return the folder into which downloads of an assignment are put, where ``nbgrader zip_collect`` looks."""
    app = ZipCollectApp(config=course.config)
    structure = app.collect_directory_structure.format(
        downloaded=app.downloaded_directory, assignment_id=assignment, collect_step=""
    )
    return Path(course.root, structure)


def read_places(folder: Path) -> list[Place]:
    """Read what is kept of earlier downloads; empty if nothing is.

    Raises
    ------
    GradingError
        If it is damaged.
    """
    path = folder / _FILE
    try:
        return _PLACES.decode(path.read_bytes())
    except FileNotFoundError:
        return []
    except msgspec.MsgspecError as error:
        raise GradingError(f"{path} is damaged ({error}); delete it, and collect again with --force") from None


def write_places(folder: Path, places: Iterable[Place]) -> None:
    """Keep the places of a download; those of an earlier one stay for participants who are not in this one."""
    new = set(places)
    accounts = {place.account for place in new}
    kept = [place for place in read_places(folder) if place.account not in accounts]
    _write(folder, [*kept, *new])


def forget_places(folder: Path, accounts: Collection[Account]) -> None:
    """Forget the places of some participants."""
    kept = [place for place in read_places(folder) if place.account not in accounts]
    _write(folder, kept)


def _write(folder: Path, places: Iterable[Place]) -> None:
    write_whole(folder / _FILE, msgspec.json.format(msgspec.json.encode(sorted(places))).decode() + "\n")


_FILE = "uploads.json"
_PLACES = msgspec.json.Decoder(list[Place])
