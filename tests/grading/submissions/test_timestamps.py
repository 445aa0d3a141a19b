"""The time of handing in is read rightly, or it is not used and that is said: never as some other time."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.utils import parse_utc

from oxboys_mlm.grading.submissions import timestamps

READ = {
    "2026-07-01 13:30:00 UTC": "2026-07-01 13:30:00",
    "2026-07-01 13:30:00": "2026-07-01 13:30:00",  # as nbgrader zip_collect writes it
    "2026-07-01 13:30": "2026-07-01 13:30:00",
    "2026-07-01 13:30:00.678900 UTC": "2026-07-01 13:30:00.678900",  # as nbgrader's exchange writes it
    "2026-07-01T13:30:00Z": "2026-07-01 13:30:00",
    "2026-07-01 13:30:00 GMT": "2026-07-01 13:30:00",
    "2026-07-01 13:30:00 CEST": "2026-07-01 11:30:00",
    "2026-01-01 13:30:00 CET": "2026-01-01 12:30:00",
    "2026-07-01 13:30:00 cest": "2026-07-01 11:30:00",
    "2026-07-01 13:30:00 MESZ": "2026-07-01 11:30:00",
    "2026-07-01 13:30:00 +0200": "2026-07-01 11:30:00",
    "2026-07-01 13:30:00 +02:00": "2026-07-01 11:30:00",
    "2026-07-01 13:30:00+02": "2026-07-01 11:30:00",
    "2026-07-01T13:30:00.5-0330": "2026-07-01 17:00:00.500000",
    "2026-07-01 13:30:00 Europe/Berlin": "2026-07-01 11:30:00",
    "2026-01-01 13:30:00 Europe/Berlin": "2026-01-01 12:30:00",
    "2015-02-02 15:58:23.948203 America/Los_Angeles": "2015-02-02 23:58:23.948203",  # from nbgrader's documents
    "2026-07-01 13:30:00 America/Argentina/Buenos_Aires": "2026-07-01 16:30:00",
    "2026-07-01 13:30:00.123456789 UTC": "2026-07-01 13:30:00.123456",
    "\ufeff2026-07-01 13:30:00 UTC\r\n": "2026-07-01 13:30:00",
}

REFUSED = [
    "2026-07-01 13:30:00 CST",  # in America, Cuba or China
    "2026-07-01 13:30:00 IST",  # in Ireland, Israel or India
    "2026-07-01 13:30:00 PST",
    "2026-07-01 13:30:00 XYZ",
    "2026-07-01 13:30:00 ../x",
    "2026-07-01 13:30:00 ../../../etc/passwd",
    "2026-07-01 13:30:00 /etc/localtime",
    "2026-07-01 13:30:00 Europe/../../x",
    "2026-07-01 13:30:00 Europe/Nowhere",
    "2026-07-01 13:30:00 America/Argentina",
    "2026-07-01 13:30:00 :/etc/localtime",
    "2026-07-01 13:30:00 200",
    "2026-07-01 13:30:00 +200",
    "2026-07-01 13:30:00 +2300",
    "2026-07-01 13:30:00 PM",
    "2026-07-01 13:30:00 UTC UTC",
    "2026-07-01",
    "01.07.2026 13:30",
    "07/01/2026 13:30 UTC",
    "1 July 2026 13:30 UTC",
    "2026-02-30 13:30:00 UTC",
    "2026-07-01 25:30:00 UTC",
    "9999-12-31 23:59:59 -1200",
    "1767323045",
    "yesterday, I think",
    "२०२६-०७-०१ १३:३०:००",
]


def _folder(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "timestamp.txt").write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("text", READ)
def test_read(tmp_path: Path, text: str) -> None:
    """A time with a zone that is certain is read, in UTC, and nothing is said."""
    handed = timestamps.read(_folder(tmp_path, text.encode()))

    assert (str(handed.when), handed.note) == (READ[text], "")


@pytest.mark.parametrize("text", REFUSED)
def test_refused(tmp_path: Path, text: str) -> None:
    """What is no such time is not used, in one printable line that says so."""
    handed = timestamps.read(_folder(tmp_path, text.encode()))

    assert handed.when is None
    assert "timestamp.txt was not used" in handed.note
    assert handed.note.isprintable()


@pytest.mark.parametrize("content", [bytes(range(256)), b"2026-07-01 13:30:00 UTC" * 40, b"\0"])
def test_no_text(tmp_path: Path, content: bytes) -> None:
    """Bytes that are no text, and files too long for a time, are not used."""
    assert timestamps.read(_folder(tmp_path, content)).note


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_nothing_said(tmp_path: Path, content: bytes | None) -> None:
    """Where there is no time there is nothing to say of it."""
    folder = tmp_path if content is None else _folder(tmp_path, content)

    assert timestamps.read(folder) == timestamps.Handed()


def test_no_regular_file(tmp_path: Path) -> None:
    """A link is not followed, and a folder is not opened."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "timestamp.txt").symlink_to("/etc/hostname")
    (tmp_path / "b" / "timestamp.txt").mkdir(parents=True)

    assert all("not a regular file" in timestamps.read(tmp_path / name).note for name in "ab")


def test_short_names() -> None:
    """A short name is read only if every place that uses it means the same."""
    meant: dict[str, set[timedelta | None]] = {}
    for place in zoneinfo.available_timezones():
        if "/" in place and not place.startswith(("Etc/", "SystemV/")):
            for year, month in ((2014, 1), (2014, 7), (2026, 1), (2026, 7)):
                time = datetime(year, month, 15, tzinfo=zoneinfo.ZoneInfo(place))
                meant.setdefault(str(time.tzname()), set()).add(time.utcoffset())

    read = {name: hours for name, hours in timestamps.SHORT_NAMES.items() if name in meant}

    assert {name: meant[name] for name in read} == {name: {timedelta(hours=hours)} for name, hours in read.items()}
    assert set(timestamps.SHORT_NAMES) - set(read) == {"Z", "UTC", "MEZ", "MESZ"}


def test_written_as_read(tmp_path: Path) -> None:
    """What is written is read again, here and by nbgrader."""
    when = datetime(2026, 7, 1, 11, 30, 0, 500)
    timestamps.write(tmp_path, when)

    assert timestamps.read(tmp_path).when == when
    assert parse_utc((tmp_path / "timestamp.txt").read_text()) == when
