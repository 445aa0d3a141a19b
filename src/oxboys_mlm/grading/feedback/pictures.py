"""Pictures that a page may show: PNG, JPEG or GIF, in the page itself, not too large for a browser."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from oxboys_mlm.grading.feedback import limits

_BEGINNINGS = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_URL = re.compile(r"data:(image/(?:png|jpeg|gif));base64,([A-Za-z0-9+/=]+)")

#: Prefix of a picture's address in a text; an attachment's name follows, as nbformat writes it.
ATTACHMENT = "attachment:"


def data_url(kind: str, content: Any) -> str | None:
    """Return a picture as a data URL, or None if it is not a harmless picture.

    Parameters
    ----------
    kind
        Its claimed type, such as "image/png".
    content
        The picture in base64, as notebooks hold it.

    Examples
    --------
    >>> data_url("image/png", "iVBORw0KGgo=")
    'data:image/png;base64,iVBORw0KGgo='
    >>> data_url("image/png", base64.b64encode(b"<svg onload='go()'/>").decode()) is None
    True
    """
    if isinstance(content, list) and all(isinstance(part, str) for part in content):
        content = "".join(content)
    if kind not in _BEGINNINGS or not isinstance(content, str) or len(content) > limits.PICTURE:
        return None
    content = re.sub(r"\s+", "", content)
    if not _BASE64.fullmatch(content):
        return None
    try:
        picture = base64.b64decode(content, validate=True)
    except binascii.Error:
        return None
    if not picture.startswith(_BEGINNINGS[kind]):
        return None
    size = _size(kind, picture)
    if size is None or size[0] * size[1] > limits.PIXELS:
        return None
    return f"data:{kind};base64,{content}"


def _size(kind: str, picture: bytes) -> tuple[int, int] | None:
    """Read width and height; (0, 0) if the file ends before them, None if they are hidden."""

    def number(place: int, length: int, order: str) -> int:
        return int.from_bytes(picture[place : place + length], order)  # type: ignore[arg-type]

    if kind == "image/png":
        if len(picture) < 24:
            return 0, 0
        return (number(16, 4, "big"), number(20, 4, "big")) if picture[12:16] == b"IHDR" else None
    if kind == "image/gif":
        return number(6, 2, "little"), number(8, 2, "little")
    place = 2
    while place + 9 <= len(picture) and picture[place] == 0xFF:
        marker = picture[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return number(place + 7, 2, "big"), number(place + 5, 2, "big")
        # A marker may be padded with FF; other markers are followed by a length.
        place += 1 if marker == 0xFF else 2 if 0xD0 <= marker <= 0xD8 else 2 + number(place + 2, 2, "big")
    return None


def take_out(text: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """Take inline pictures, as Colab writes them, out of a text, before it is parsed as Markdown or HTML.

    Returns
    -------
    tuple
        The text, and kind and content of each picture, by the name that replaces it.
    """
    found: dict[str, tuple[str, str]] = {}

    def name(match: re.Match[str]) -> str:
        key = f"pasted-{len(found)}"
        found[key] = (match[1], match[2])
        return ATTACHMENT + key

    return _URL.sub(name, text), found
