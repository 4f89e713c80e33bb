"""A member's client and the server of a store, in one process; they exchange the same bytes."""

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
    """Client and server of one command; `turn` is the server's, at the client's moment."""

    client: Client
    host: Host

    @cached_property
    def server(self) -> Server:
        """The part that answers messages; it shares nothing with the member's keys."""
        from assigncli.server.handle import Server

        return Server(self.host)

    @property
    def turn(self) -> Turn:
        """The server's turn, for reading."""
        return Turn(self.host, self.client.now, self.client.member_id, self.client.witness)

    @property
    def now(self) -> datetime:
        """The moment of the command, or of its latest act (aware UTC)."""
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
    """Return the service beside the store, for a new key that has had no answer yet.

    Raises IdentityUnavailable and Tampered as `service.own`.
    """
    from assigncli.kept_heads import KnownService
    from assigncli.server import service

    with session.host.store.read() as tx:
        ours = service.own(session.turn, tx).certificate
    return KnownService(ours.id, ours.keys.signing_key)


@contextmanager
def _unasked(store: Store) -> Iterator[None]:
    """Hide changes of the store made in the block: no person asked for them."""
    before = store.has_saved
    try:
        yield
    finally:
        store.has_saved = before
