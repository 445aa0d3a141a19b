"""When a submission was handed in: ``timestamp.txt``, which is data from outside and read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from oxboys_mlm.grading.files import write_whole

_FILE = "timestamp.txt"

_TIME = re.compile(
    r"(?P<date>[12]\d{3}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<fraction>\d{1,9}))? ?(?P<zone>\S{0,60})",
    re.ASCII,
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>[0-5]\d)?", re.ASCII)
# No dots and no leading slash: a name of the tz database, never a path to some other file.
_PLACE = re.compile(r"[A-Z][A-Za-z_]*(?:/[A-Z][A-Za-z0-9_+-]*){1,2}", re.ASCII)

#: Hours before UTC of the short names that mean one thing all over the world; "CST", "IST" and their like do not.
SHORT_NAMES: dict[str, float] = {
    **{"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3},
    **{"MEZ": 1, "MESZ": 2},  # German
    **{"EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PDT": -7, "AKST": -9, "AKDT": -8, "NST": -3.5, "NDT": -2.5},
    **{"WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3, "PKT": 5, "HKT": 8, "JST": 9},
    **{"AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
}


@dataclass(frozen=True)
class Handed:
    """When a submission was handed in.

    Attributes
    ----------
    when
        In UTC, without a zone, as nbgrader has it; None if it is not known.
    note
        Why it is not known though there is a file that should say it.
    """

    when: datetime | None = None
    note: str = ""


def read(folder: Path) -> Handed:
    """Read when the submission in a folder was handed in.

    A time whose zone is not certain is no time: as UTC it would make a student hours late. What cannot be read costs
    nobody anything.
    """
    path = folder / _FILE
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            return Handed(note=_note("it is not a regular file"))
        if not path.exists():
            return Handed()
        if path.stat().st_size > 200:
            return Handed(note=_note("it is longer than a time"))
        text = path.read_text("utf-8-sig").strip()
        return Handed(parse(text)) if text else Handed()
    except OSError as error:
        return Handed(note=_note(error.strerror or "it cannot be read"))
    except UnicodeDecodeError:
        return Handed(note=_note("it is not text"))
    except (ValueError, OverflowError) as error:
        return Handed(note=_note(str(error)))


def _note(why: str) -> str:
    return f"{_FILE} was not used ({why}), so nothing is taken off for lateness"


def parse(text: str) -> datetime:
    """Read the time of a submission, in UTC where no zone is given.

    Raises
    ------
    ValueError
        If it is not a time, or its zone is not certain.

    Examples
    --------
    >>> print(parse("2026-07-01 13:30:00.5 CEST"), parse("2026-07-01T13:30:00+0200"), parse("2026-07-01 13:30"))
    2026-07-01 11:30:00.500000 2026-07-01 11:30:00 2026-07-01 13:30:00
    """
    local, zone = _parts(text, "2026-07-01 13:30:00 UTC")
    return local.replace(tzinfo=_zone(zone)).astimezone(UTC).replace(tzinfo=None)


def parse_deadline(text: str) -> datetime:
    """Read a time that a person sets: it must have a zone, and occur only once.

    Raises
    ------
    ValueError
        If it is not a time, its zone is missing or not certain, or clocks change around it.

    Examples
    --------
    >>> print(parse_deadline("2026-10-24 23:59 Europe/Berlin"), parse_deadline("2026-10-25 23:59 Europe/Berlin"))
    2026-10-24 21:59:00 2026-10-25 22:59:00
    """
    local, zone = _parts(text, "2026-11-20 12:00 Europe/Berlin")
    if not zone:
        raise ValueError(f"{_shown(text)} has no time zone; write it behind, as in {_shown(text + ' Europe/Berlin')}")
    first, second = (local.replace(tzinfo=_zone(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ValueError(f"clocks change at {_shown(text)}, so it does not say one time; write the zone as +01:00")
    return first.astimezone(UTC).replace(tzinfo=None)


def _parts(text: str, example: str) -> tuple[datetime, str]:
    """Read a time by the clock on the wall, and the name of its zone."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(f"{_shown(text)} is not a time like {example}")
    fraction = (found["fraction"] or "").ljust(6, "0")[:6]
    local = datetime.fromisoformat(f"{found['date']} {found['time']}") + timedelta(microseconds=int(fraction))
    return local, found["zone"]


def _zone(name: str) -> tzinfo:
    offset = _OFFSET.fullmatch(name)
    if offset and int(offset["hours"]) <= 14:
        size = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(-size if offset["sign"] == "-" else size)
    if not name:
        return UTC
    if name.upper() in SHORT_NAMES:
        return timezone(timedelta(hours=SHORT_NAMES[name.upper()]))
    if _PLACE.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, LookupError):  # no such name, or a folder of names
            pass
    raise ValueError(f"its time zone {_shown(name)} is not certain; write it as +02:00")


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 40 else f"{text[:40]}…")


def write(folder: Path, when: datetime | None) -> None:
    """Write down when a submission was handed in, so that nbgrader notices a newer one."""
    if when is not None:
        write_whole(folder / _FILE, f"{when:%Y-%m-%d %H:%M:%S.%f} UTC")
