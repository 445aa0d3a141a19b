"""Hand pages back in one step: a zip file with the file names of a learning platform's own download.

Moodle ("Upload multiple feedback files in a zip") and Canvas (re-upload of submissions) read the owner of a page from
its file name: Moodle from the number after the first underscore, Canvas from the first two numbers between underscores,
which are those of the student and of the uploaded file. So a page gets the same name that its notebook had.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.enrolment.download_names import Place, downloads, read_places
from oxboys_mlm.grading.enrolment.participants import read_memory
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import numbered, replacing
from oxboys_mlm.grading.names import composed

Receiver = Literal["moodle", "canvas", "folders"]


@dataclass
class Archive:
    """An archive of pages.

    Attributes
    ----------
    path
        The file.
    students
        Number of students with at least one page in it.
    pages
        Number of pages.
    left_out
        Students, or pages, that are not in it, by the reason.
    """

    path: Path
    students: int = 0
    pages: int = 0
    left_out: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class HandingBack:
    """Packs pages under the names that a platform expects.

    Parameters
    ----------
    course, assignment
        What was collected and graded.
    receiver
        The platform; "folders" for one folder per student.

    Raises
    ------
    GradingError
        If nothing was collected from this platform, or the records of collecting cannot be read.
    """

    def __init__(self, course: Course, assignment: str, receiver: Receiver) -> None:
        self._course, self._assignment, self._receiver = course, assignment, receiver
        self._platform = receiver.capitalize()
        self._places: dict[str, list[Place]] = {}
        if receiver != "folders":
            self._read(downloads(course, assignment))

    def _read(self, folder: Path) -> None:
        """Read the places in the platform's download, by the student's id."""
        owners = read_memory(folder / "collected.csv")
        for place in read_places(folder):
            if place.platform == self._platform and place.account in owners:
                self._places.setdefault(composed(owners[place.account].student), []).append(place)
        if not self._places:
            raise GradingError(
                f"nothing was collected from {self._platform} in {folder}, so the names of its folders are not known. "
                f"Put the download into {folder / 'archive'} and run nbgrader zip_collect "
                f"{self._assignment} --force, or use --for folders"
            )

    def pack(self, students: Sequence[str]) -> Archive:
        """Write the archive of these students' pages.

        Parameters
        ----------
        students
            Names of their folders in ``feedback/``.
        """
        archive = Archive(
            self._course.root / "reports" / self._assignment / f"feedback-for-{self._receiver}.zip",
        )
        alike: dict[str, list[str]] = defaultdict(list)
        for student in students:
            # Without capitals where pages are unpacked: many computers take two such names for one folder.
            name = composed(student)
            alike[name.casefold() if self._receiver == "folders" else name].append(student)
        with replacing(archive.path) as new, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as file:
            for same in alike.values():
                if len(same) > 1:
                    archive.left_out["as their names differ too little to tell whose folder is meant"] += same
                    continue
                pages = sorted(self._course.path("feedback", same[0], self._assignment).glob("*.html"), key=numbered)
                before = archive.pages
                for page, path in self._paths(same[0], pages, archive):
                    file.write(page, path)
                    archive.pages += 1
                archive.students += archive.pages > before
        if without := sorted(self._places.keys() - self._with_pages()):
            archive.left_out["as there are no pages for them, though they handed in there"] = without
        return archive

    def _with_pages(self) -> set[str]:
        folder = self._course.path("feedback", ".", self._assignment).parent
        return {composed(path.parent.parent.name) for path in folder.glob(f"*/{self._assignment}/*.html")}

    def _paths(self, student: str, pages: Sequence[Path], archive: Archive) -> Iterator[tuple[Path, str]]:
        """Yield each page with its path in the archive."""
        if self._receiver == "folders":
            yield from ((page, f"{student}/{page.name}") for page in pages)
            return
        places = [place for place in self._places.get(composed(student), []) if _is_read_as_meant(place)]
        if not places:
            archive.left_out[f"as {self._platform}'s download has no folder or file of theirs"].append(student)
        elif self._receiver == "moodle":
            yield from ((page, places[0].path_of(page.name)) for page in pages)
        else:
            # Canvas attaches a page to an uploaded file, so each file takes one: its own, or that of a notebook under
            # another name.
            own = {place.notebook: place for place in places}
            others = [place for place in places if place.notebook not in {page.stem for page in pages}]
            for page in pages:
                place = own.get(page.stem) or (others.pop(0) if others else None)
                if place is None:
                    why = "as Canvas takes a page only for a file that was uploaded there"
                    archive.left_out[why].append(f"{student} ({page.stem})")
                else:
                    yield page, place.path_of(page.name)


def _is_read_as_meant(place: Place) -> bool:
    """Return whether the platform will read the number that the name was collected by.

    >>> _is_read_as_meant(Place("Moodle", "23", "t", "Ada Lang_23_assignsubmission_file_", True))
    True
    >>> _is_read_as_meant(Place("Moodle", "23", "t", "Ada_5_23_assignsubmission_file_", True))
    False
    """
    parts = place.prefix.split("_")
    if place.platform == "Moodle":
        return parts[1] == place.number
    return next((part for part in parts if part.isdigit()), "") == place.number or not place.number.isdigit()
