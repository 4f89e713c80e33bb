"""One connection: a hello, then requests, each answered before the next is taken.

It holds the bytes of one request at most, and of one answer. Who may stay is the `Listener`'s to
decide. Nothing here reads what a request says, but for its kind.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from assigncli.protocol.canonical import Malformed, VersionUnknown
from assigncli.protocol.codes import CODES, COUNTED
from assigncli.protocol.greeting import Hello
from assigncli.protocol.message import (
    MAX_REQUEST,
    VERSION,
    Message,
    MessageKind,
    TooLarge,
    frame_size,
    framed,
    limit_of,
)
from assigncli.protocol.refusal import Refusal
from assigncli.server.serve.desk import refusal
from assigncli.server.serve.room import Guest, State
from assigncli.server.serve.socket_file import peer_uid

if TYPE_CHECKING:
    from assigncli.server.serve.listener import Listener

_LENGTH: Final = 4
_KIND: Final = 1
_SHORTEST: Final = 2
_MOST_COUNTED: Final = 20
"""So many requests that do not authenticate end a connection (PROTOCOL.md 8.4)."""


class Stream(Guest, asyncio.Protocol):
    """One connection, in the listener's event loop.

    `member` is the one named in the hello. Whether unsigned questions are answered for them is
    decided for each: a device may join or be revoked meanwhile.
    """

    def __init__(self, listener: Listener) -> None:
        """Wait to be connected."""
        super().__init__(since=listener.time())
        self.member: UUID | None = None
        self._listener = listener
        self._greeted = False
        self._counted = 0
        self._buffer = bytearray()
        self._taken = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a place among the connections, or be refused as `store_busy`."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)
        self.uid = peer_uid(cast(socket.socket, transport.get_extra_info("socket")))
        if not self._listener.enter(self):
            self.refuse("store_busy")

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back; an act that was begun is carried out all the same."""
        self._listener.leave(self)
        self.state = State.CLOSING
        self._buffer.clear()

    def data_received(self, data: bytes) -> None:
        """Take what has arrived, and the message that it completes."""
        if self.state is State.CLOSING:
            return
        self._buffer += data
        if self.state is State.RESTING:
            self._become(State.ARRIVING)
        if self.state in (State.GREETING, State.ARRIVING):
            self._next()
        self._listener.hold(self, len(self._buffer) + self._taken)

    def pause_writing(self) -> None:
        """Note that an answer waits to be read."""
        self._listener.leave_unread(self, self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Take the next request, once the answer was read."""
        self._listener.leave_unread(self, 0)
        if self.state is State.ANSWERING:
            self._rest()

    def refuse(self, code: str, **facts: int) -> None:
        """Answer with a refusal, and close."""
        self._listener.refused(code)
        self._send(refusal(code, self._listener.clock(), **facts))
        self.end()

    def end(self) -> None:
        """Close once what was written is read; the listener does not wait long for that."""
        self._become(State.CLOSING)
        self._buffer.clear()
        self._taken = 0
        self._listener.hold(self, 0)
        self._transport.close()

    def drop(self) -> None:
        """Close at once; what was not read is lost."""
        self._become(State.CLOSING)
        self._transport.abort()

    def answered(self, answer: bytes | None) -> None:
        """Send the answer to what was handed in; None closes."""
        if self.state is not State.WORKING:
            return
        self._taken = 0
        self._listener.hold(self, len(self._buffer))
        if answer is None:
            self.drop()
            return
        self._become(State.ANSWERING)
        self._send(answer)
        self._counted += _is_counted(answer)
        if self._listener.is_stopping or self._counted >= _MOST_COUNTED:
            self.end()
        elif not self._transport.get_write_buffer_size():
            self._rest()

    def is_slow_reader(self, now: float) -> bool:
        """Return whether the answer is read too slowly."""
        read = self.unread - self._transport.get_write_buffer_size()
        return self._listener.limits.is_slow(read, now - self.since)

    def _rest(self) -> None:
        """Wait for the next request; it may have arrived already."""
        self._become(State.RESTING)
        self._transport.resume_reading()
        if self._buffer:
            self._become(State.ARRIVING)
            self._next()

    def _next(self) -> None:
        """Take the first message of the buffer, once it is complete."""
        data = self._frame()
        if data is None:
            return
        if not self._greeted:
            self._hello(data)
        elif len(data) < _SHORTEST or data[_KIND] == MessageKind.HELLO:
            self.refuse("message_malformed")
        else:
            self._work()
            self._listener.ask(self, data)

    def _frame(self) -> bytes | None:
        """Return the first message and take it from the buffer; None until it is complete."""
        if len(self._buffer) < _LENGTH:
            return None
        try:
            limit = MAX_REQUEST if self._greeted else limit_of(MessageKind.HELLO)
            end = _LENGTH + frame_size(bytes(self._buffer[:_LENGTH]), limit)
        except TooLarge:
            self.refuse("message_too_large" if self._greeted else "message_malformed")
            return None
        if len(self._buffer) < end:
            return None
        data = bytes(memoryview(self._buffer)[_LENGTH:end])
        del self._buffer[:end]
        self._taken = end
        return data

    def _hello(self, data: bytes) -> None:
        try:
            hello = Hello.decode(Message.decode(data, (MessageKind.HELLO,)).parts[0])
        except VersionUnknown:
            self.refuse("version_unknown", newest=VERSION)
        except Malformed:
            self.refuse("message_malformed")
        else:
            self._greeted = True
            self._work()
            self._listener.greet(self, hello.member)

    def _work(self) -> None:
        self._become(State.WORKING)
        self._transport.pause_reading()

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(framed(answer))

    def _become(self, state: State) -> None:
        self._listener.become(self, state)


def _is_counted(answer: bytes) -> bool:
    """Return whether this answers a request that does not authenticate."""
    if answer[_KIND] != MessageKind.REFUSAL:
        return False
    found = Refusal.decode(Message.decode(answer, (MessageKind.REFUSAL,)).parts[0])
    return CODES[found.code].recorded == COUNTED
