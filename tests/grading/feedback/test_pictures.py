"""Pictures are shown if they are what they say, and of a size that a browser can bear."""

from __future__ import annotations

import base64
import struct

import pytest

from oxboys_mlm.grading.feedback.pictures import data_url, take_out


def _png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\x00\x00\x00"


def _jpeg(width: int, height: int, before: bytes = b"\xff\xe0\x00\x04xx") -> bytes:
    return b"\xff\xd8" + before + struct.pack(">BBHBHHB", 0xFF, 0xC0, 17, 8, height, width, 3)


def _gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00"


@pytest.mark.parametrize(
    ("kind", "picture"),
    [
        ("image/png", _png(40, 30)),
        ("image/png", b"\x89PNG\r\n\x1a\n"),
        ("image/jpeg", _jpeg(4000, 3000)),
        ("image/jpeg", _jpeg(4, 3, b"\xff\xff\xff\xe1\x00\x06abcd")),
        ("image/gif", _gif(4, 3)),
    ],
)
def test_shown(kind: str, picture: bytes) -> None:
    """A picture in one of three formats is shown as it is, also where its base64 has line ends."""
    text = base64.b64encode(picture).decode()
    assert data_url(kind, f"{text[:8]}\n{text[8:]}\n") == f"data:{kind};base64,{text}"
    assert data_url(kind, [text[:4], text[4:]]) == f"data:{kind};base64,{text}"


@pytest.mark.parametrize(
    ("kind", "picture"),
    [
        ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='steal()'/>"),
        ("image/png", b"<svg onload='steal()'/>"),
        ("image/png", b"<html><script>steal()</script>"),
        ("image/png", _gif(4, 3)),
        ("image/png", _png(60_000, 60_000)),
        ("image/png", b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x04tEXtabcdefghijkl"),
        ("image/jpeg", _png(4, 3)),
        ("image/jpeg", _jpeg(60_000, 60_000)),
        ("image/jpeg", _jpeg(4, 3, b"hidden")),
        ("image/gif", _gif(65_000, 65_000)),
        ("text/html", b"<script>steal()</script>"),
        ("image/webp", b"RIFF\x00\x00\x00\x00WEBP"),
    ],
)
def test_refused(kind: str, picture: bytes) -> None:
    """What is no such picture by its first bytes, or has too many points, is refused whatever it is called."""
    assert data_url(kind, base64.b64encode(picture).decode()) is None


@pytest.mark.parametrize(
    "content", ['iVBORw0KGgo="><script>steal()</script>', "iVBORw0KGgo", "", None, 7, ["a", 7], {}]
)
def test_no_base64(content: object) -> None:
    """Content that is no base64 is refused."""
    assert data_url("image/png", content) is None


def test_large() -> None:
    """A picture larger than a page may hold is refused."""
    assert data_url("image/png", "iVBORw0KGgo" + "A" * 20_000_001) is None


def test_pasted_in_a_text() -> None:
    """Pictures that stand within a text are taken out of it, each under a name of its own."""
    text, found = take_out("a ![](data:image/png;base64,AAAA) <img src='data:image/gif;base64,BB=='>")

    assert text == "a ![](attachment:pasted-0) <img src='attachment:pasted-1'>"
    assert found == {"pasted-0": ("image/png", "AAAA"), "pasted-1": ("image/gif", "BB==")}
