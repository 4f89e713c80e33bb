"""A member's client and the server of a store, in one process; they exchange the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from assigncli.client.client import Client
from assigncli.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from assigncli.lookups import Asked, Look, Lookup, Shown
    from assigncli.server.handle import Server
    from assigncli.server.host import Host
    from assigncli.server.store.engine import Store
    from assigncli.server.turn import Turn


@dataclass(frozen=True, eq=False)
class Session:
    """The acting member's side of one command; `hosting` is the server's, if it is in this process.

    Only what needs the server's machine asks for `host`, `server` or `turn`.
    """

    client: Client
    hosting: Host | None

    @property
    def host(self) -> Host:
        """What the server holds; raises InvalidInput `needs_server_machine` if it is elsewhere."""
        if self.hosting is None:
            raise InvalidInput("needs_server_machine", address=self.client.address)
        return self.hosting

    @cached_property
    def server(self) -> Server:
        """The part that answers messages; it shares nothing with the member's keys."""
        from assigncli.server.handle import Server

        return Server(self.host)

    @property
    def turn(self) -> Turn:
        """The server's turn, for reading."""
        from assigncli.server.turn import Turn

        return Turn(self.host, self.client.now, self.client.member_id, self.client.witness)

    @property
    def look(self) -> Look:
        """Looks up what is shown to people."""
        return self.client.look

    @property
    def store_path(self) -> Path | None:
        """The store's file, if it is on this machine."""
        return None if self.hosting is None else self.hosting.store.path

    def require_vault(self) -> None:
        """Open the vault, if it is in this process; raises StoreUnavailable."""
        if self.hosting is not None:
            _opened = self.hosting.vault

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
    client.look = partial(_look, session)
    client.unasked = partial(_unasked, host.store)
    return session


def _look(session: Session, lookup: Lookup[Asked, Shown], asked: Asked, /) -> Shown:
    from assigncli.server.lookup import shown

    return shown(session.turn, lookup, asked)


@contextmanager
def _unasked(store: Store) -> Iterator[None]:
    """Hide changes of the store made in the block: no person asked for them."""
    before = store.has_saved
    try:
        yield
    finally:
        store.has_saved = before
