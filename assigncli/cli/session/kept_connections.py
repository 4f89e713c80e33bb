"""Connections to servers that stay open while one process runs several commands.

A stream that has broken meanwhile is begun again, and nobody is told: what a command sends first is
a question, which changes nothing and may be sent once more. An act is never sent twice, and never
as the first message of a stream that an earlier command has used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol
from uuid import UUID

from assigncli.client.connection import ServerConnection, open_server
from assigncli.errors import StoreUnavailable
from assigncli.protocol.greeting import Welcome
from assigncli.protocol.message import MessageKind
from assigncli.server_address import Server

_BROKEN: Final = ("lost", "ended")
"""Why a server is unreachable whose stream has ended after it was begun."""


class UsedConnection(Protocol):
    """A connection as one command uses it."""

    def __call__(self, message: bytes, /) -> bytes:
        """Send a message and return its answer; raises as `ServerConnection` does."""

    def welcome(self) -> Welcome:
        """Return what the server said when the stream began."""


class KeptConnections:
    """The connections of a process, each by its server and by the member it answers for."""

    def __init__(self) -> None:
        """Begin without any."""
        self._kept: dict[tuple[Server, UUID | None], ServerConnection] = {}

    def resumed(
        self, server: Server, member: UUID | None, environ: Mapping[str, str]
    ) -> UsedConnection:
        """Return the connection to a server, for one command; it is begun when first used."""
        key = server, member
        if key not in self._kept:
            self._kept[key] = open_server(server, member, environ, is_shared=True)
        return _ResumedConnection(self._kept[key])

    def close(self) -> None:
        """End all; the next command begins its own."""
        while self._kept:
            self._kept.popitem()[1].close()


class _ResumedConnection:
    """A kept connection during one command."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._is_earlier = connection.has_begun

    def __call__(self, message: bytes) -> bytes:
        is_earlier, is_act = self._is_earlier, message[1] == MessageKind.ACT
        if is_act:
            self._begin_anew()
        self._is_earlier = False
        try:
            return self._connection(message)
        except StoreUnavailable as problem:
            if is_act or not is_earlier or problem.why not in _BROKEN:
                raise
        return self._connection(message)

    def welcome(self) -> Welcome:
        self._begin_anew()
        return self._connection.welcome()

    def _begin_anew(self) -> None:
        """End the stream if an earlier command has begun it."""
        if self._is_earlier:
            self._connection.begin_anew()
            self._is_earlier = False


_in_use: ContextVar[KeptConnections | None] = ContextVar("connections", default=None)


@contextmanager
def connections_kept(kept: KeptConnections) -> Iterator[None]:
    """Let what is connected inside the block stay so, in `kept`."""
    token = _in_use.set(kept)
    try:
        yield
    finally:
        _in_use.reset(token)


@contextmanager
def connected_to(
    server: Server, member: UUID | None, environ: Mapping[str, str]
) -> Iterator[UsedConnection]:
    """Yield a connection to a server; it is closed afterwards if it is not kept."""
    kept = _in_use.get()
    if kept is not None:
        yield kept.resumed(server, member, environ)
        return
    with open_server(server, member, environ) as connection:
        yield connection
