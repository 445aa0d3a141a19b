"""The connection to a forked kernel, as nbclient needs it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
from collections.abc import Callable
from typing import Any

from jupyter_client.session import Session
from nbclient.exceptions import DeadKernelError

from oxboys_mlm.grading.running import messages
from oxboys_mlm.grading.running.allowance import Allowance
from oxboys_mlm.grading.running.fork import Fork
from oxboys_mlm.grading.running.inside import wire

#: Messages that may wait until they are looked at: a kernel that sends faster has to wait.
_WAITING = 8


#: A message of this length (bytes) may be no output, and is read whatever else is left out.
_SMALL = 1 << 16


class _Inbox:
    """Messages of one channel, as nbclient asks for them."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[dict[str, Any] | Exception] = asyncio.Queue(_WAITING)

    async def put(self, message: dict[str, Any] | Exception) -> None:
        """Add a message, or why no more will come; wait while others are waiting."""
        await self._messages.put(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the next message.

        Raises
        ------
        queue.Empty
            If none comes in time (seconds).
        """
        try:
            message = await asyncio.wait_for(self._messages.get(), timeout)
        except TimeoutError:
            raise queue.Empty from None
        if isinstance(message, Exception):
            raise message
        return message


class Connection:
    """Talks to a forked kernel; what nbclient needs of jupyter_client's client and manager.

    Parameters
    ----------
    fork
        The kernel.
    weigh
        Called with the size of every message (bytes), on whatever channel and of whatever cell, before it is read.
    allowance
        What may still be kept.
    """

    def __init__(self, fork: Fork, weigh: Callable[[int], None], allowance: Allowance) -> None:
        self._fork = fork
        self._weigh = weigh
        self._allowance = allowance
        self._session = Session(key=b"")
        self._request = ""
        self.shell_channel, self.iopub_channel = _Inbox(), _Inbox()

    async def open(self) -> None:
        """Begin to read."""
        self._reader, self._writer = await asyncio.open_unix_connection(sock=self._fork.connection.dup())
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Stop reading."""
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        self._writer.close()

    def execute(self, code: str, *, store_history: bool, stop_on_error: bool) -> str:
        """Have the kernel run a cell; return the message's id."""
        content = {"code": code, "silent": False, "store_history": store_history, "stop_on_error": stop_on_error}
        message = self._session.msg("execute_request", content)
        self._writer.write(wire.framed(wire.MessageFrame("shell", self._session.serialize(message))))
        self._request = str(message["header"]["msg_id"])
        return self._request

    def is_alive(self) -> bool:
        """Return whether the kernel runs."""
        return self._fork.alive()

    def interrupt_kernel(self) -> None:
        """Interrupt the cell that runs."""
        self._fork.interrupt()

    async def _read(self) -> None:
        """Read until there is no more, or something that cannot be read."""
        channels = {"shell": self.shell_channel, "iopub": self.iopub_channel}
        try:
            while True:
                (length,) = wire.LENGTH.unpack(await self._reader.readexactly(wire.LENGTH.size))
                self._weigh(length)
                if length <= max(_SMALL, self._allowance.left):
                    frame = wire.parse(await self._reader.readexactly(length))
                    channel, message = channels[frame.channel], messages.parse(frame.parts, self._request)
                else:
                    channel, message = self.shell_channel, await self._pass_over(length)
                if message is not None:
                    await channel.put(message)
                await asyncio.sleep(0)  # a kernel that sends without end must leave the others a turn
        except (EOFError, OSError):
            await self.shell_channel.put(DeadKernelError("Kernel died"))
        except Exception as error:  # noqa: BLE001 - a kernel may send what no client expects
            await self.shell_channel.put(error)

    async def _pass_over(self, length: int) -> dict[str, Any] | None:
        """Pass over an output; of what says how the cell ended, say that it was too long."""
        part = await self._reader.readexactly(_SMALL)
        length -= len(part)
        while length:
            length -= len(await self._reader.readexactly(min(length, _SMALL)))
        if not wire.begins_with(part, "shell"):
            self._allowance.use_up()
            return None
        reply = {"status": "error", "ename": "Error", "evalue": "its text is too long to be shown"}
        return messages.message("execute_reply", self._request, reply)
