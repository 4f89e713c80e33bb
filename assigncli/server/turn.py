"""One piece of the server's work at one moment: a message answered, a list read, a sweep.

Composed by `server.handle` and `cli.session`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from assigncli.kept_heads import Witness

if TYPE_CHECKING:
    from sqlmodel import Session as Transaction

    from assigncli.server.host import Host, ServiceKey
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault

NOBODY: Final = UUID(int=0)


@dataclass(eq=False)
class Turn:
    """What the server holds, at one moment (`now`, aware UTC).

    `now` never moves back, and in a transaction of `write` it is not before the last entry. What is
    read is read for the member `member_id`, whose connection it is.
    """

    host: Host
    now: datetime
    member_id: UUID = NOBODY
    witness: Witness = field(default_factory=Witness, repr=False)
    """The head that whoever reads or sweeps has kept; empty where the server answers."""

    @property
    def store(self) -> Store:
        """The organisation's store."""
        return self.host.store

    @property
    def organization_id(self) -> UUID:
        """Whose store it is."""
        return self.host.organization_id

    @property
    def root_public_key(self) -> bytes:
        """The pinned root, to which every certificate leads."""
        return self.host.root_public_key

    @property
    def zone(self) -> str:
        """The organisation's IANA time zone."""
        return self.host.zone

    @property
    def vault(self) -> Vault:
        """The vault; raises StoreUnavailable where it cannot be opened."""
        return self.host.vault

    @property
    def service(self) -> ServiceKey:
        """The service's private keys; raises IdentityUnavailable `service_key_missing`."""
        return self.host.service

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Write alone, with entries of the log; as `Store.write`.

        The head that the log then has is kept. What writes no entry may use the store's own. Raises
        as `log.begin`.
        """
        from assigncli.server import log_end  # which needs cryptography; what only reads does not

        with self.store.write() as tx:
            self.now = log_end.begin(tx, self.organization_id, self.now, self.witness.kept)
            yield tx
        self.witness.acted(log_end.of(tx).head())
