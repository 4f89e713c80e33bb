"""A member's client and the server of a store, in one process: the same bytes cross as ever.

Store and vault are opened here, and the service's key loaded, only as far as a command needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from assigncli.client.client import Client
from assigncli.server.turn import ServiceKey, Turn

if TYPE_CHECKING:
    from datetime import datetime

    from assigncli.kept_heads import KnownService, Witness
    from assigncli.server.handle import Server
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault


@dataclass(eq=False)
class Host:
    """The server's half: what it holds, and for which member it reads."""

    store: Store
    organization_id: UUID
    member_id: UUID
    root_public_key: bytes = field(repr=False)
    zone: str
    open_vault: Callable[[], Vault] = field(repr=False)
    load_service: Callable[[], ServiceKey] = field(repr=False)

    @cached_property
    def vault(self) -> Vault:
        """The vault, opened once; raises StoreUnavailable."""
        return self.open_vault()

    @cached_property
    def service(self) -> ServiceKey:
        """The service's key, loaded once; raises IdentityUnavailable `service_key_missing`."""
        return self.load_service()

    @cached_property
    def server(self) -> Server:
        """What answers messages; it shares nothing with the member's keys."""
        from assigncli.server.handle import Server

        return Server(
            store=self.store,
            organization_id=self.organization_id,
            root_public_key=self.root_public_key,
            zone=self.zone,
            open_vault=lambda: self.vault,
            load_service=lambda: self.service,
        )

    def turn(self, now: datetime, witness: Witness) -> Turn:
        """Return the server's half at this moment (aware UTC), to read by."""
        return Turn(
            store=self.store,
            now=now,
            organization_id=self.organization_id,
            root_public_key=self.root_public_key,
            zone=self.zone,
            open_vault=lambda: self.vault,
            load_service=lambda: self.service,
            member_id=self.member_id,
            witness=witness,
        )

    def number_of(self, about: UUID) -> int | None:
        """Return the number of an assignment; None where there is none with this id."""
        from assigncli.server.reads import find

        return find.number_of(self.store, self.organization_id, about)

    @contextmanager
    def unasked(self) -> Iterator[None]:
        """Forget that the store was changed in the block: nothing was that a person asked for."""
        before = self.store.has_saved
        try:
            yield
        finally:
            self.store.has_saved = before


@dataclass(frozen=True, eq=False)
class Session:
    """Both halves of one command; `turn` is the server's, at the moment that the client's has."""

    client: Client
    host: Host

    @property
    def turn(self) -> Turn:
        """The server's half, to read by."""
        return self.host.turn(self.client.now, self.client.witness)

    @property
    def now(self) -> datetime:
        """The moment of the command, or of what it did last (aware UTC)."""
        return self.client.now

    @property
    def zone(self) -> str:
        """The organisation's IANA time zone."""
        return self.client.zone


def find_service(host: Host, now: datetime, witness: Witness) -> KnownService:
    """Return the service beside the store, for a new key: it has had no answer yet.

    Raises IdentityUnavailable and Tampered as `service.own`.
    """
    from assigncli.kept_heads import KnownService
    from assigncli.server import service

    turn = host.turn(now, witness)
    with host.store.read() as tx:
        ours = service.own(turn, tx).certificate
    return KnownService(ours.id, ours.keys.signing_key)
