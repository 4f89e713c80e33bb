"""One connection: a hello, then requests, each answered before the next is taken.

It holds the bytes of one request at most, and of one answer. What is allowed is `Limits`' to say;
the `Listener` decides who gives way. Nothing here reads what a request says, but for its kind.
"""

from __future__ import annotations

import asyncio
import socket
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from assigncli.protocol.canonical import Malformed, VersionUnknown
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
from assigncli.server.serve.desk import refusal
from assigncli.server.serve.socket_file import peer_uid

if TYPE_CHECKING:
    from assigncli.server.serve.listener import Listener

_LENGTH: Final = 4
_KIND: Final = 1
_SHORTEST: Final = 2


class State(Enum):
    """What a connection waits for."""

    GREETING = auto()
    READING = auto()
    WORKING = auto()
    ANSWERING = auto()
    CLOSING = auto()


class Stream(asyncio.Protocol):
    """One connection, in the listener's event loop. `since` is when its state began."""

    def __init__(self, listener: Listener) -> None:
        """Wait to be connected."""
        self.listener = listener
        self.state = State.GREETING
        self.uid = -1
        self.member: UUID | None = None
        self.since = listener.time()
        self.buffer = bytearray()
        self.held = 0
        self.unread = 0
        self._taken = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a place among the connections, or be refused as `store_busy`."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=0)
        self.uid = peer_uid(cast(socket.socket, transport.get_extra_info("socket")))
        if not self.listener.enter(self):
            self.refuse("store_busy")

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back; an act that was begun is carried out all the same."""
        self.state = State.CLOSING
        self.listener.leave(self)

    def eof_received(self) -> bool:
        """Keep the connection open for an answer that is on its way; else close it."""
        return self.state in (State.WORKING, State.ANSWERING)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived, and the request that it completes."""
        if self.state is State.CLOSING:
            return
        if not self.buffer and self.state is State.READING:
            self.listener.busy(self)
        self.buffer += data
        self.count()
        if self.state in (State.GREETING, State.READING):
            self._next()

    def pause_writing(self) -> None:
        """Note that an answer waits to be read."""
        self.listener.unread(self, self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Take the next request, once the answer was read."""
        self.listener.unread(self, 0)
        if self.state is State.ANSWERING:
            self._ready()

    def count(self) -> None:
        """Tell the listener how many bytes of requests are held."""
        self.listener.hold(self, len(self.buffer))

    def refuse(self, code: str, **facts: int) -> None:
        """Answer with a refusal, and close."""
        self.send(refusal(code, self.listener.clock(), **facts))
        self.end()

    def end(self) -> None:
        """Close once what was written is read, or soon."""
        self._become(State.CLOSING)
        self.buffer.clear()
        self.count()
        self.transport.close()

    def drop(self) -> None:
        """Close at once; what was not read is lost."""
        self._become(State.CLOSING)
        self.transport.abort()

    def send(self, answer: bytes) -> None:
        """Write an answer."""
        if not self.transport.is_closing():
            self.transport.write(framed(answer))

    def answered(self, answer: bytes | None) -> None:
        """Send the answer of the request that was handed in; None closes."""
        if self.state is not State.WORKING:
            return
        self.buffer = self.buffer[self._taken :]
        self._taken = 0
        if answer is None:
            self.drop()
            return
        self._become(State.ANSWERING)
        self.send(answer)
        self.count()
        if self.listener.is_stopping:
            self.end()
        elif not self.transport.get_write_buffer_size():
            self._ready()

    def is_late(self, now: float) -> bool:
        """Return whether what this connection waits for takes too long."""
        limits, elapsed = self.listener.limits, now - self.since
        if self.state is State.GREETING:
            return elapsed > limits.hello_within
        if self.state is State.CLOSING:
            return elapsed > limits.goodbye
        if self.state is State.ANSWERING:
            read = self.unread - self.transport.get_write_buffer_size()
            return limits.is_slow(read, elapsed)
        if self.state is State.READING and self.buffer:
            return limits.is_slow(len(self.buffer), elapsed)
        return False

    def _ready(self) -> None:
        """Wait for the next request; it may have arrived already."""
        self._become(State.READING)
        self.transport.resume_reading()
        self.listener.rest(self)
        if self.buffer:
            self.listener.busy(self)
            self._next()

    def _next(self) -> None:
        """Take the first message of the buffer, once it is complete."""
        limit = limit_of(MessageKind.HELLO) if self.state is State.GREETING else MAX_REQUEST
        try:
            if len(self.buffer) < _LENGTH:
                return
            size = frame_size(bytes(self.buffer[:_LENGTH]), limit)
        except TooLarge:
            is_hello = self.state is State.GREETING
            self.refuse("message_malformed" if is_hello else "message_too_large")
            return
        if len(self.buffer) < _LENGTH + size:
            return
        data = bytes(self.buffer[_LENGTH : _LENGTH + size])
        self._taken = _LENGTH + size
        self._greeted(data) if self.state is State.GREETING else self._requested(data)

    def _greeted(self, data: bytes) -> None:
        try:
            hello = Hello.decode(Message.decode(data, (MessageKind.HELLO,)).parts[0])
        except VersionUnknown:
            self.refuse("version_unknown", newest=VERSION)
        except Malformed:
            self.refuse("message_malformed")
        else:
            self._become(State.WORKING)
            self.transport.pause_reading()
            self.listener.greet(self, hello.member)

    def _requested(self, data: bytes) -> None:
        if len(data) < _SHORTEST or data[_KIND] == MessageKind.HELLO:
            self.refuse("message_malformed")
            return
        self._become(State.WORKING)
        self.transport.pause_reading()
        self.listener.ask(self, data)

    def _become(self, state: State) -> None:
        self.state, self.since = state, self.listener.time()
        self.listener.watch(self)
