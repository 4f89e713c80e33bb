"""One piece of the server's work at one moment: a message answered, a list read, a sweep.

Created by `server.handle` and `cli.session`.
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

    from assigncli.server.allowance import Allowance
    from assigncli.server.attempt_log import Counters
    from assigncli.server.host import Host, ServiceKey
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault

NOBODY: Final = UUID(int=0)


@dataclass(eq=False)
class Turn:
    """What the server holds, at one moment (`now`, aware UTC).

    `now` never moves back, and inside `write` it is not before the last entry of the log. Reads are
    for the member `member_id`, whose connection it is.
    """

    host: Host
    now: datetime
    member_id: UUID = NOBODY
    witness: Witness = field(default_factory=Witness, repr=False)
    """The head kept by whoever reads or sweeps; empty where the server answers a message."""
    allowance: Allowance | None = field(default=None, repr=False)
    """How many signed messages each member may send; None where that is not limited."""
    counters: Counters | None = field(default=None, repr=False)
    """What did not authenticate; None where nothing comes from elsewhere."""

    @property
    def store(self) -> Store:
        """The organisation's store."""
        return self.host.store

    @property
    def organization_id(self) -> UUID:
        """The id of the organisation."""
        return self.host.organization_id

    @property
    def root_public_key(self) -> bytes:
        """The pinned root key, which every chain of certificates must reach."""
        return self.host.root_public_key

    @property
    def zone(self) -> str:
        """The organisation's IANA time zone."""
        return self.host.zone

    @property
    def vault(self) -> Vault:
        """The vault; raises StoreUnavailable if it cannot be opened."""
        return self.host.vault

    @property
    def service(self) -> ServiceKey:
        """The service's private keys; raises IdentityUnavailable `service_key_missing`."""
        return self.host.service

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a write transaction, the only one at a time, for work that appends entries.

        After the commit the log's new head is kept by the witness. Work that appends no entry may
        use `Store.write` itself. Raises as `log_end.begin`.
        """
        from assigncli.server import log_end, service  # cryptography, which reading does not need

        with self.store.write() as tx:
            self.now = log_end.begin(tx, self.organization_id, self.now, self.witness.kept)
            service.require_certified(self, tx)
            yield tx
        self.witness.acted(log_end.of(tx).head())
