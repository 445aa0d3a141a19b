"""Parse a kernel's messages: known fields of known types, bounded in size, depth and number.

A message can be made to cost much more than its size: millions of objects, nested lists that are indented when they are
written, lines that take a list entry each. Therefore the parser builds only the fields named here and skips the rest,
and each output that is kept has a price (bytes), an upper bound of the memory and the disk space that it will need.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec

_DELIMITER = b"<IDS|MSG>"
#: Longest content that is repaired where it is not quite JSON (bytes).
_MENDED = 1 << 18
#: Longest traceback, name and text of an error (bytes, characters).
_TRACEBACK, _NAME, _VALUE = 1 << 18, 200, 10_000
#: Price of an output in addition to its text, and of a further part of the same output.
FORM, PART = 1000, 100
#: Price of a line: in a file it is an indented entry of a list.
_LINE = 12
#: Where nbformat splits a text into lines.
_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

_Form = TypeVar("_Form")
_Number = Annotated[int, msgspec.Meta(ge=0)] | None
_Short = Annotated[str, msgspec.Meta(max_length=_NAME)]


class _Header(msgspec.Struct):
    msg_type: _Short


class _Parent(msgspec.Struct):
    msg_id: str = ""


class _Printed(msgspec.Struct):
    name: Literal["stdout", "stderr"]
    text: str


class _Transient(msgspec.Struct):
    display_id: str | None = None


class _Display(msgspec.Struct):
    data: _Bundle
    metadata: msgspec.Raw
    transient: _Transient | None = None


class _Result(_Display):
    execution_count: _Number = None


class _Bundle(
    msgspec.Struct,
    rename={
        "text": "text/plain",
        "html": "text/html",
        "markdown": "text/markdown",
        "latex": "text/latex",
        "svg": "image/svg+xml",
        "png": "image/png",
        "jpeg": "image/jpeg",
        "gif": "image/gif",
        "evidence": "application/vnd.oxboys.evidence+json",
    },
):
    """The kinds of content that a page can show, and a check's record; each is a text."""

    text: msgspec.Raw = msgspec.Raw()
    html: msgspec.Raw = msgspec.Raw()
    markdown: msgspec.Raw = msgspec.Raw()
    latex: msgspec.Raw = msgspec.Raw()
    svg: msgspec.Raw = msgspec.Raw()
    png: msgspec.Raw = msgspec.Raw()
    jpeg: msgspec.Raw = msgspec.Raw()
    gif: msgspec.Raw = msgspec.Raw()
    evidence: msgspec.Raw = msgspec.Raw()


class _Size(msgspec.Struct, omit_defaults=True):
    width: int | float | None = None
    height: int | float | None = None


class _Sizes(msgspec.Struct, omit_defaults=True, rename={"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif"}):
    png: _Size | None = None
    jpeg: _Size | None = None
    gif: _Size | None = None


class _Error(msgspec.Struct):
    ename: str
    evalue: str
    traceback: msgspec.Raw


class _Status(msgspec.Struct):
    execution_state: _Short


class _Clear(msgspec.Struct):
    wait: bool = False


class _Input(msgspec.Struct):
    execution_count: _Number = None


class _Reply(msgspec.Struct):
    status: _Short
    ename: str = ""
    evalue: str = ""


_CONTENTS: dict[str, type[msgspec.Struct]] = {
    "stream": _Printed,
    "display_data": _Display,
    "update_display_data": _Display,
    "execute_result": _Result,
    "error": _Error,
    "status": _Status,
    "clear_output": _Clear,
    "execute_input": _Input,
    "execute_reply": _Reply,
}

#: The messages that become part of a notebook.
OUTPUTS = frozenset({"stream", "display_data", "update_display_data", "execute_result", "error"})


def parse(parts: Sequence[bytes], parent: str) -> dict[str, Any] | None:
    """Read a message from the parts in which jupyter_client sends it.

    Parameters
    ----------
    parts
        The parts.
    parent
        The request that is waited for.

    Returns
    -------
    dict
        What nbclient needs of it; None if it answers no such request, or is of a kind that is not kept.

    Raises
    ------
    ValueError, RecursionError
        If it is no such message.
    """
    header, answered, _, content = parts[parts.index(_DELIMITER) + 2 :][:4]
    kind = msgspec.json.decode(header, type=_Header).msg_type
    if kind not in _CONTENTS or msgspec.json.decode(answered, type=_Parent).msg_id != parent:
        return None
    return message(kind, parent, _kept(_decode(content, _CONTENTS[kind])))


def message(kind: str, parent: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return a message in the form that nbclient reads."""
    return {"header": {"msg_type": kind}, "msg_type": kind, "parent_header": {"msg_id": parent}, "content": content}


def _decode(content: bytes, form: type[_Form]) -> _Form:
    try:
        return msgspec.json.decode(content, type=form)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Half of a surrogate pair, or an invalid byte: Python prints them, but JSON does not allow them.
        if len(content) > _MENDED:
            raise
        content = content.decode("utf-8", "replace").encode()
        content = re.sub(rb"(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}", rb"\1?", content)
        return msgspec.json.decode(content, type=form)


def _kept(content: msgspec.Struct) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(content, name) for name in content.__struct_fields__}
    match content:
        case _Display():
            kept["data"] = _texts(content.data) or {"text/plain": "(an output of a kind that is not shown here)"}
            kept["metadata"] = _sizes(content.metadata)
            kept["transient"] = {"display_id": content.transient and content.transient.display_id}
        case _Error():
            short = len(content.traceback) <= _TRACEBACK
            kept["traceback"] = _decode(bytes(content.traceback), list[str]) if short else []
    if isinstance(content, _Error | _Reply):
        kept |= {"ename": content.ename[:_NAME], "evalue": content.evalue[:_VALUE]}
    return kept


def _texts(bundle: _Bundle) -> dict[str, str]:
    """Return a bundle's parts that are text, as all of these kinds are."""
    named = zip(bundle.__struct_encode_fields__, msgspec.structs.astuple(bundle), strict=True)
    return {kind: _decode(bytes(raw), str) for kind, raw in named if memoryview(raw)[:1].tobytes() == b'"'}


def _sizes(metadata: msgspec.Raw) -> dict[str, Any]:
    try:
        sizes: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(metadata, type=_Sizes))
    except msgspec.MsgspecError:
        return {}
    return sizes


def price(content: dict[str, Any]) -> int:
    r"""Return what an output costs to keep (bytes), besides its form.

    >>> price({"name": "stdout", "text": "one\ntwo\n"})
    68
    """
    texts = [content.get("text", ""), content.get("ename", ""), content.get("evalue", "")]
    texts += [*content.get("traceback", ()), *content.get("data", {}).values()]
    return _LINE * len(texts) + sum(map(text_price, texts))


def text_price(text: str) -> int:
    """Return what a text costs to keep (bytes)."""
    size = len(text) if text.isascii() else len(text.encode())
    return size + _LINE * sum(map(text.count, _ENDS))


def overwritten(text: str) -> str:
    r"""Leave out what a carriage return writes over, as in a terminal.

    >>> overwritten("10 %\r20 %\r\ndone")
    '20 %\r\ndone'
    """
    if "\r" not in text:
        return text
    return "\n".join(line[line.rfind("\r", 0, len(line) - 1) + 1 :] if line else line for line in text.split("\n"))
