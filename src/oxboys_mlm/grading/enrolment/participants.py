"""Who a learning platform's participants are: find each one's id, and remember it for the next download.

A platform's names need not be unique: two students may share one, and blind marking calls everybody
"Participant". Its numbers are unique.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from nbgrader.api import Student

from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.names import MAX_ID_BYTES, composed, id_problem
from oxboys_mlm.grading.tables import read_table, text_cell


class Account(NamedTuple):
    """What a platform knows a participant by."""

    platform: str
    number: str


class Identity(NamedTuple):
    """A participant's id, and where it comes from.

    Attributes
    ----------
    name
        The platform's name.
    student
        The id, which is the name of the student's folder.
    origin
        "memory", an earlier download; "roster"; "name", the platform's name; "number", its name and number.
    """

    name: str
    student: str
    origin: Literal["memory", "roster", "name", "number"]


def identify(
    people: Mapping[Account, str], known: Mapping[Account, Identity], roster: Sequence[Student]
) -> dict[Account, Identity]:
    """Find everybody's id, so that no two get the same.

    Parameters
    ----------
    people
        Names of the participants of a download.
    known
        What was decided for earlier ones; it holds.
    roster
        The students of the course.

    Examples
    --------
    >>> ada, other = Account("Moodle", "1"), Account("Moodle", "2")
    >>> [identity.student for identity in identify({ada: "Ada Lang", other: "Béla Nagy"}, {}, []).values()]
    ['Ada Lang', 'Béla Nagy']
    >>> [identity.student for identity in identify({ada: "Ada Lang", other: "Ada Lang"}, {}, []).values()]
    ['Ada Lang 1', 'Ada Lang 2']
    """
    index = _Index(roster)
    new = {account: name for account, name in people.items() if account not in known}
    found = {account: index.find(account, name) for account, name in new.items()}
    wanted = {account: found[account] or _name_alone(account, name, index) for account, name in new.items()}
    claims = Counter(_folded(student) for student in wanted.values())
    used = {_folded(identity.student) for identity in known.values()}
    decided = {account: known[account] for account in people if account in known}
    for account, name in new.items():
        student = wanted[account]
        if student and claims[_folded(student)] == 1 and _folded(student) not in used:
            decided[account] = Identity(name, student, "roster" if found[account] else "name")
            continue
        student = f"{_as_id(name)} {account.number}".strip()
        while _folded(student) in used or _folded(student) in claims:
            student += f" {account.platform}"
        used.add(_folded(student))
        decided[account] = Identity(name, student, "number")
    return decided


def read_memory(path: Path) -> dict[Account, Identity]:
    """Read what was decided for earlier downloads; a person may have changed it.

    Raises
    ------
    GradingError
        If it is damaged, or gives one id to two participants.
    """
    if not path.exists():
        return {}
    known: dict[Account, Identity] = {}
    owners: dict[str, Account] = {}
    for line, row in read_table(path, _COLUMNS).items():
        platform, number, name, student = (composed(row.get(column, "")) for column in _COLUMNS)
        account = Account(platform, number)
        if problem := id_problem(student):
            raise GradingError(f"{path}, line {line}: {student[:60]!r} cannot be an id: {problem}")
        if owners.setdefault(_folded(student), account) != account:
            raise GradingError(f"{path}, line {line}: two participants cannot have the same id, {student!r}")
        known[account] = Identity(name, student, "memory")
    return known


def write_memory(path: Path, identities: Mapping[Account, Identity]) -> None:
    """Keep what was decided."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for account, identity in sorted(identities.items()):
        table.writerow([*account, text_cell(identity.name), identity.student])
    write_whole(path, text.getvalue())


_COLUMNS = ("platform", "number", "name", "student")


class _Index:
    """Finds the students of a roster by what platforms call them."""

    def __init__(self, roster: Sequence[Student]) -> None:
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._by_number: dict[str, set[str]] = defaultdict(set)
        for student in roster:
            first, last = student.first_name or "", student.last_name or ""
            for name in (student.id, first + last, last + first):
                self._by_name[_letters(name)].add(student.id)
            if student.lms_user_id:
                self._by_number[student.lms_user_id].add(student.id)
        self._by_name.pop("", None)

    def called(self, name: str) -> set[str]:
        """Return the ids of those who are called so, perhaps with a group before the name."""
        parts = name.split("-")
        for start in range(len(parts)):
            if same := self._by_name.get(_letters("-".join(parts[start:]))):
                return same
        return set()

    def find(self, account: Account, name: str) -> str:
        """Return the id of the one student who must be meant; empty if there is none."""
        same = (account.platform == "Canvas" and self._by_number.get(account.number)) or self.called(name)
        return next(iter(same)) if len(same) == 1 else ""


def _name_alone(account: Account, name: str, index: _Index) -> str:
    """Return the id that a name alone makes; empty if it is not enough, as "Participant" is not."""
    anonymous = not account.number.isdigit() or name.casefold() == "anonymous"
    if anonymous or index.called(name) or (account.platform == "Moodle" and " " not in name.strip()):
        return ""
    return _as_id(name)


def _as_id(name: str) -> str:
    printable = "".join(letter if letter.isprintable() and letter != "/" else " " for letter in name)
    # A dot would hide the folder; the others make a formula of the id in a spreadsheet.
    plain = " ".join(printable.split()).lstrip(".=+-@ ")
    short = plain.encode()[: MAX_ID_BYTES - 40].decode(errors="ignore")
    return composed(short).strip()


def _letters(name: str) -> str:
    """Reduce a name to its letters and digits, since platforms leave out blanks, marks and accents.

    >>> _letters("Grün-Müller, Zoë") == _letters("grunmullerzoe")
    True
    """
    return "".join(letter for letter in unicodedata.normalize("NFKD", name).casefold() if letter.isalnum())


def _folded(student: str) -> str:
    """Fold what some file systems take for the same name."""
    return composed(student).casefold()
