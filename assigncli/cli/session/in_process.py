"""A member's client and the server of a store, in one process: the same bytes cross as ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from assigncli.client.client import Client
from assigncli.server.turn import Turn

if TYPE_CHECKING:
    from datetime import datetime

    from assigncli.kept_heads import KnownService
    from assigncli.server.handle import Server
    from assigncli.server.host import Host
    from assigncli.server.store.engine import Store


@dataclass(frozen=True, eq=False)
class Session:
    """Both halves of one command; `turn` is the server's, at the moment that the client's has."""

    client: Client
    host: Host

    @cached_property
    def server(self) -> Server:
        """What answers messages; it shares nothing with the member's keys."""
        from assigncli.server.handle import Server

        return Server(self.host)

    @property
    def turn(self) -> Turn:
        """The server's half, to read by."""
        return Turn(self.host, self.client.now, self.client.member_id, self.client.witness)

    @property
    def now(self) -> datetime:
        """The moment of the command, or of what it did last (aware UTC)."""
        return self.client.now

    @property
    def zone(self) -> str:
        """The organisation's IANA time zone."""
        return self.client.zone


def connected(client: Client, host: Host) -> Session:
    """Return a session in which the client's connection is the server of `host`."""
    session = Session(client, host)
    client.connection = lambda sent: session.server.handle(sent, client.now, client.member_id)
    client.find_service = lambda: find_service(session)
    client.unasked = partial(_unasked, host.store)
    return session


def find_service(session: Session) -> KnownService:
    """Return the service beside the store, for a new key: it has had no answer yet.

    Raises IdentityUnavailable and Tampered as `service.own`.
    """
    from assigncli.kept_heads import KnownService
    from assigncli.server import service

    with session.host.store.read() as tx:
        ours = service.own(session.turn, tx).certificate
    return KnownService(ours.id, ours.keys.signing_key)


@contextmanager
def _unasked(store: Store) -> Iterator[None]:
    """Forget that the store was changed in the block: nothing was that a person asked for."""
    before = store.has_saved
    try:
        yield
    finally:
        store.has_saved = before
