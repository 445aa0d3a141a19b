"""Find whose folder it is: nbgrader's id of the student, and how tables show the name."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

#: A folder's name has at most 255 bytes on common file systems, and what is made of an id needs some of them.
MAX_ID_BYTES = 150


@dataclass(frozen=True)
class Student:
    """Somebody who handed in.

    Attributes
    ----------
    name
        nbgrader's id; for a folder that is set aside, its name as it can be shown.
    folder
        Name of the folder in which it was handed in.
    reason
        Why the folder is set aside; empty if it is not.
    """

    name: str
    folder: str
    reason: str = ""


def identify(folders: Sequence[str], known: Callable[[], Iterable[str]]) -> list[Student]:
    """Find whose folders these are.

    Letters with accents can be written in two ways, as one sign (NFC, as most systems do) or as two (NFD, as macOS
    does): that is one name. Folders whose names differ in nothing else are both set aside, for a person to decide which
    counts.

    Parameters
    ----------
    folders
        Names of the folders.
    known
        Returns the ids that the gradebook has; not called where they make no difference.
    """
    alike: dict[str, list[str]] = {}
    for folder in folders:
        alike.setdefault(composed(folder), []).append(folder)
    ids: dict[str, list[str]] = {}
    if not all(folder.isascii() for folder in folders):
        for name in known():
            ids.setdefault(composed(name), []).append(name)
    found = []
    for name, same in alike.items():
        for folder in same:
            if reason := unfit(folder):
                found.append(Student(shown(folder), folder, reason))
            elif len(same) > 1:
                spelled = " and ".join(ascii(other) for other in same)
                found.append(
                    Student(
                        folder if folder == name else folder.encode("ascii", "backslashreplace").decode(),
                        folder,
                        f"there are {len(same)} folders of this name, which differ only in how letters with accents "
                        f"are stored: {spelled}. Leave one of them",
                    )
                )
            else:
                found.append(Student(_id(name, folder, ids.get(name, [])), folder))
    return sorted(found, key=lambda student: student.name)


def _id(name: str, folder: str, known: Sequence[str]) -> str:
    """Choose the spelling that the gradebook has."""
    return next((spelling for spelling in (name, folder) if spelling in known), next(iter(known), name))


def same(one: str, other: str) -> bool:
    """Return whether two names are the same, in whatever form letters with accents are stored.

    >>> same("Jo\u0308rg", "J\u00f6rg")
    True
    """
    return composed(one) == composed(other)


def composed(name: str) -> str:
    """Return a name with every accented letter as one character (NFC)."""
    return unicodedata.normalize("NFC", name)


def unfit(name: str) -> str:
    r"""Say why nbgrader cannot hold a folder's name; empty if it can.

    >>> unfit("Jörg +1"), unfit("two\nlines")
    ('', "the folder's name has a line end or another control character in it; rename it")
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "the folder's name is not UTF-8, so it was perhaps unpacked from an old zip file; rename it"
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in name):
        return "the folder's name has a line end or another control character in it; rename it"
    return ""


def id_problem(student: str) -> str:
    """Return why a text cannot be a new student's id, which names a folder; empty if it can.

    >>> id_problem("ada"), id_problem("a/b"), id_problem(".ada")
    ('', 'it has a / or a character that cannot be printed', 'it starts with a dot')
    """
    if not student:
        return "it is empty"
    if student.startswith("."):
        return "it starts with a dot"
    if "/" in student or unfit(student) or not student.isprintable():
        return "it has a / or a character that cannot be printed"
    if len(student.encode()) > MAX_ID_BYTES:
        return f"it is longer than {MAX_ID_BYTES} bytes"
    return ""


def shown(name: str) -> str:
    r"""Write a name so that any table, terminal and page can hold it.

    >>> shown("M\udcfcller"), shown("two\nlines")
    ('M\\xfcller', 'two\\nlines')
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(
        ascii(letter)[1:-1] if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text
    )
