"""A connection to a server in another process (PROTOCOL.md section 3.6), over any stream.

Opened when the first message is sent, and kept until it is closed. What goes wrong before a
message was wholly sent is StoreUnavailable: nothing was done. Where an act was sent and no answer
came, it is OutcomeUnknown, and `outcome` asks later, on a fresh stream. Nothing here looks into an
answer or sends anything twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Timer
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from assigncli.client.streams import ByteStream, connect, start_ssh
from assigncli.client.unreachable import unreachable
from assigncli.errors import AssignError, OutcomeUnknown, StoreUnavailable
from assigncli.protocol.canonical import Malformed, VersionUnknown
from assigncli.protocol.greeting import Hello, Welcome
from assigncli.protocol.message import (
    GREETINGS,
    Message,
    MessageKind,
    frame_size,
    framed,
    limit_of,
)
from assigncli.protocol.refusal import Refusal
from assigncli.server_address import Server, SshServer, UnixServer, written

CLOCKS_MAY_DIFFER: Final = timedelta(minutes=5)
"""By more than this the server refuses every act (`clock_apart`)."""

_LENGTH: Final = 4
_ANSWER: Final = limit_of(MessageKind.REPLY)
_GREETING: Final = max(map(limit_of, GREETINGS))
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class Patience:
    """Seconds to wait: for the welcome, and for sending a message and reading its answer."""

    begin: float
    answer: float


NEARBY: Final = Patience(begin=20, answer=120)
BY_SSH: Final = Patience(begin=300, answer=300)
"""At the beginning the person may be typing the passphrase of their SSH key."""


class ServerConnection:
    """A `Connection` of `exchange`; close it, or use it as a context manager."""

    def __init__(
        self, address: str, begin: Callable[[], ByteStream], hello: bytes | None, patience: Patience
    ) -> None:
        """Take how a stream begins; `hello` is None where the other end of the stream says it."""
        self._address = address
        self._begin = begin
        self._hello = hello
        self._patience = patience
        self._stream: ByteStream | None = None
        self._welcome: Welcome | None = None

    def __call__(self, message: bytes) -> bytes:
        """Send a message and return its answer, which is not verified.

        Raises StoreUnavailable as `welcome`. Once all was sent, OutcomeUnknown
        `store_outcome_unknown` for an act without an answer; for a question `server_unreachable`.
        """
        stream = self._open()
        try:
            with _within(self._patience.answer, stream) as too_late:
                return self._exchanged(stream, message, too_late)
        except BaseException:
            stream.cut()  # what came now could be taken for the answer to a later message
            self.close()
            raise

    def welcome(self) -> Welcome:
        """Return what the server said when the newest stream began; begins the first if need be.

        Raises StoreUnavailable `server_unreachable`, `server_version`, `store_busy` or
        `ssh_missing`.
        """
        if self._welcome is None:
            self._open()
        assert self._welcome is not None  # noqa: S101 - a stream that has begun has one
        return self._welcome

    @property
    def has_begun(self) -> bool:
        """Whether there is a stream; the server may have ended it meanwhile."""
        return self._stream is not None

    def begin_anew(self) -> None:
        """End the stream, and forget what the server said when it began."""
        self.close()
        self._welcome = None

    def close(self) -> None:
        """End the stream; the next message begins another."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> ByteStream:
        """Return the stream, or a new one where there is none or the server has ended it."""
        if self._stream is not None and self._stream.is_over():
            self._stream.cut()
            self.close()
        if self._stream is None:
            self._stream = self._begun()
        return self._stream

    def _begun(self) -> ByteStream:
        stream = self._begin()
        try:
            with _within(self._patience.begin, stream) as too_late:
                self._welcome = self._greeted(stream, too_late)
        except BaseException:
            stream.cut()
            stream.close()
            raise
        return stream

    def _greeted(self, stream: ByteStream, too_late: Event) -> Welcome:
        try:
            if self._hello is not None:
                _try_to_send(stream, self._hello)
            return _welcome_of(_received(stream, _GREETING))
        except VersionUnknown:
            raise StoreUnavailable("server_version", address=self._address) from None
        except Malformed:
            raise unreachable(self._address, "other") from None
        except _StreamOverError:
            why = "slow" if too_late.is_set() else stream.why_over()
            raise unreachable(self._address, why) from None

    def _exchanged(self, stream: ByteStream, message: bytes, too_late: Event) -> bytes:
        try:
            stream.send(framed(message))
        except OSError:
            return self._refusal_left(stream, too_late)
        try:
            return _received(stream, _ANSWER)
        except (_StreamOverError, Malformed):
            raise self._unanswered(message, "slow" if too_late.is_set() else "lost") from None

    def _refusal_left(self, stream: ByteStream, too_late: Event) -> bytes:
        """Return the refusal with which the server ended the stream before it read the message."""
        try:
            left = _received(stream, _ANSWER)
            Message.decode(left, (MessageKind.REFUSAL,))
        except (_StreamOverError, Malformed):
            why = "slow" if too_late.is_set() else "ended"
            raise unreachable(self._address, why) from None
        return left

    def _unanswered(self, message: bytes, why: str) -> StoreUnavailable:
        """Return the error for a message that was sent: only an act can have been carried out."""
        if message[1] == MessageKind.ACT:
            return OutcomeUnknown("store_outcome_unknown", "server")
        return unreachable(self._address, why)


def open_unix(
    server: UnixServer, member: UUID | None, patience: Patience = NEARBY
) -> ServerConnection:
    """Return a connection to a socket; unsigned questions are to be answered for `member`."""
    hello = framed(Message(MessageKind.HELLO, (Hello(member).encode(),)).encode())
    return ServerConnection(
        written(server), lambda: connect(server, patience.begin), hello, patience
    )


def open_ssh(
    server: SshServer,
    environ: Mapping[str, str],
    patience: Patience = BY_SSH,
    *,
    is_shared: bool = False,
) -> ServerConnection:
    """Return a connection through the person's own `ssh`, started with this environment.

    The relay at the other end says for whom unsigned questions are answered. See `start_ssh`.
    """

    def begin() -> ByteStream:
        return start_ssh(server, environ, is_shared=is_shared)

    return ServerConnection(written(server), begin, None, patience)


def open_server(
    server: Server, member: UUID | None, environ: Mapping[str, str], *, is_shared: bool = False
) -> ServerConnection:
    """Return a connection to the server, shared by several commands or for one.

    Nothing is sent before it is used.
    """
    if isinstance(server, UnixServer):
        return open_unix(server, member)
    return open_ssh(server, environ, is_shared=is_shared)


def clocks_apart(welcome: Welcome, now: datetime) -> timedelta | None:
    """Return by how much the server's clock is ahead of `now` (aware), if acts are refused for it.

    `now` is this device's clock right after the welcome came.
    """
    ahead = welcome.now - now
    return ahead if abs(ahead) > CLOCKS_MAY_DIFFER else None


class _StreamOverError(Exception):
    """The stream ended where more should have come."""


@contextmanager
def _within(seconds: float, stream: ByteStream) -> Iterator[Event]:
    """Cut the stream if the block takes longer, which ends whatever waits; the event says so."""
    too_late = Event()

    def cut() -> None:
        too_late.set()
        stream.cut()

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield too_late
    finally:
        timer.cancel()


def _try_to_send(stream: ByteStream, hello: bytes) -> None:
    """Send the hello; a server that has ended the stream may have said why before."""
    try:
        stream.send(hello)
    except OSError:
        return


def _received(stream: ByteStream, limit: int) -> bytes:
    """Return one message; raises _StreamOverError, or Malformed for one over `limit`."""
    size = frame_size(_exactly(stream, _LENGTH), limit)
    return _exactly(stream, size)


def _exactly(stream: ByteStream, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        try:
            piece = stream.receive(min(size - len(found), _PIECE))
        except OSError:
            piece = b""
        if not piece:
            raise _StreamOverError
        found += piece
    return bytes(found)


def _welcome_of(data: bytes) -> Welcome:
    """Return the welcome; raises Malformed, or StoreUnavailable for what a refusal says."""
    answer = Message.decode(data, GREETINGS)
    if answer.kind is MessageKind.REFUSAL:
        raise _refused(Refusal.decode(answer.parts[0]))
    return Welcome.decode(answer.parts[0])


def _refused(refusal: Refusal) -> AssignError:
    if refusal.code == "version_unknown":
        raise VersionUnknown("version")
    if refusal.code == "store_busy":
        return StoreUnavailable("store_busy", "server")
    return StoreUnavailable(refusal.code, "refused")
