"""One piece of the server's work at one moment: a message answered, a list read, a sweep.

Composed by `server.handle` and `cli.session`. The vault and the service's key are reached for only
when they are needed, so that reading a list opens neither. There is no member's key here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final
from uuid import UUID

from assigncli.kept_heads import Witness

if TYPE_CHECKING:
    from sqlmodel import Session as Transaction

    from assigncli.crypto.identity import Identity
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault

NOBODY: Final = UUID(int=0)


@dataclass(frozen=True)
class ServiceKey:
    """The identity that signs the log's entries, and the member of the store that it is."""

    member_id: UUID
    identity: Identity = field(repr=False)


@dataclass(eq=False)
class Turn:
    """The organisation's store, vault and service key, at one moment (`now`, aware UTC).

    `now` never moves back, and in a transaction of `write` it is not before the last entry. `zone`
    is the organisation's IANA time zone. What is read is read for the member `member_id`, whose
    connection it is.
    """

    store: Store
    now: datetime
    organization_id: UUID
    root_public_key: bytes = field(repr=False)
    zone: str
    open_vault: Callable[[], Vault] = field(repr=False)
    load_service: Callable[[], ServiceKey] = field(repr=False)
    member_id: UUID = NOBODY
    witness: Witness = field(default_factory=Witness, repr=False)
    """The head that whoever reads or sweeps has kept; empty where the server answers."""

    @cached_property
    def vault(self) -> Vault:
        """The vault; raises StoreUnavailable where it cannot be opened."""
        return self.open_vault()

    @cached_property
    def service(self) -> ServiceKey:
        """The service's private keys; raises IdentityUnavailable `service_key_missing`."""
        return self.load_service()

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
