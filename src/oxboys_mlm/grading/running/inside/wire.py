"""Length-prefixed frames between kernel and grader, over one socket."""

from __future__ import annotations

import socket
import struct
from typing import Annotated

import msgspec

#: The length of a frame (bytes).
LENGTH = struct.Struct("!I")


class Request(msgspec.Struct, frozen=True):
    """What a kernel is told before it starts.

    Attributes
    ----------
    folder
        Where it works; made if it is not there.
    files
        Files that lie there, by name.
    env
        What is added to the environment.
    limits
        What it may use, by the names of `results.Limits`.
    parent
        Whether it will run the course's own cells alone, and then be forked for every student.
    """

    folder: str
    files: dict[str, bytes]
    env: dict[str, str]
    limits: dict[str, int]
    parent: bool = False


class MessageFrame(msgspec.Struct, frozen=True, array_like=True):
    """A message of Jupyter's protocol, in the parts in which jupyter_client sends it, and the channel it is sent on."""

    channel: str
    parts: Annotated[list[bytes], msgspec.Meta(max_length=32)]


#: The channel on which a kernel is told to become a parent of runs that check some questions, and says whether it can.
FORK = "fork"

_ENCODER = msgspec.msgpack.Encoder()
_REQUEST = msgspec.msgpack.Decoder(Request)
_FRAME = msgspec.msgpack.Decoder(MessageFrame)


def framed(content: Request | MessageFrame) -> bytes:
    """Write a frame, its length included."""
    body = _ENCODER.encode(content)
    return LENGTH.pack(len(body)) + body


def parse(body: bytes) -> MessageFrame:
    """Read a frame without its length.

    Raises
    ------
    msgspec.MsgspecError
        If it is none.
    """
    return _FRAME.decode(body)


def begins_with(body: bytes, channel: str) -> bool:
    """Return whether a frame, of which this is the beginning, is of a channel."""
    return body[1:].startswith(_ENCODER.encode(channel))


def receive_request(run: socket.socket) -> Request:
    """Wait for the request that a run begins with."""
    return _REQUEST.decode(_receive(run))


def receive(run: socket.socket) -> MessageFrame:
    """Wait for a frame.

    Raises
    ------
    EOFError
        If the other side has gone.
    """
    return parse(_receive(run))


def _receive(run: socket.socket) -> bytes:
    (length,) = LENGTH.unpack(_exactly(run, LENGTH.size))
    return _exactly(run, length)


def _exactly(run: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        part = run.recv(length - len(received))
        if not part:
            raise EOFError
        received += part
    return bytes(received)
