"""Who acts, on which store, at which moment: what every action is given.

Composed by `cli.session`. Keys and vault are reached for only when an action needs them, so that
reading a list neither unlocks a key nor opens the vault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from assigncli.actions.heads import Witness

if TYPE_CHECKING:
    from sqlmodel import Session as Transaction

    from assigncli.actions.waiting import Waiting
    from assigncli.crypto.identity import Identity
    from assigncli.server.handle import Server
    from assigncli.store.engine import Store
    from assigncli.vault import Vault


@dataclass(frozen=True)
class ServiceKey:
    """The identity that signs the log's entries, and the member of the store that it is."""

    member_id: UUID
    identity: Identity = field(repr=False)


@dataclass(eq=False)
class Session:
    """One acting member. `now` is aware UTC; `zone` is the organisation's IANA time zone.

    `now` never moves back, and in a transaction of `write` it is not before the last entry.
    """

    store: Store
    now: datetime
    organization_id: UUID
    member_id: UUID
    root_public_key: bytes = field(repr=False)
    zone: str
    open_vault: Callable[[], Vault] = field(repr=False)
    load_identity: Callable[[], Identity] = field(repr=False)
    load_service: Callable[[], ServiceKey] = field(repr=False)
    witness: Witness = field(default_factory=Witness, repr=False)
    waiting: Waiting | None = field(default=None, repr=False)
    """What this profile has signed and has no answer to; None where nothing is noted."""

    @cached_property
    def vault(self) -> Vault:
        """The vault; raises StoreUnavailable where it cannot be opened."""
        return self.open_vault()

    @cached_property
    def identity(self) -> Identity:
        """The acting member's private keys; raises IdentityUnavailable."""
        return self.load_identity()

    @cached_property
    def service(self) -> ServiceKey:
        """The service's private keys; raises IdentityUnavailable `service_key_missing`."""
        return self.load_service()

    @cached_property
    def server(self) -> Server:
        """The server of this store, in this process; it shares nothing with the member's keys."""
        from assigncli.server.handle import Server

        return Server(
            store=self.store,
            organization_id=self.organization_id,
            root_public_key=self.root_public_key,
            zone=self.zone,
            open_vault=lambda: self.vault,
            load_service=lambda: self.service,
        )

    def connection(self, message: bytes) -> bytes:
        """Take a message to the server and bring its answer; raises as `Server.handle`."""
        return self.server.handle(message, self.now, self.member_id)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Write alone, with entries of the log; as `Store.write`.

        The head that the log then has is kept. What writes no entry may use the store's own. Raises
        as `log.begin`.
        """
        from assigncli.actions import log  # which needs cryptography; what only reads does not

        with self.store.write() as tx:
            self.now = log.begin(tx, self.organization_id, self.now, self.witness.kept)
            yield tx
        self.witness.acted(log.of(tx).head())
