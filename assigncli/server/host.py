"""What the server holds for one organisation: its store, its vault and the service's key.

The vault and the key are opened on first use only, so reading a list opens neither. No member's key
is here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from assigncli.crypto.identity import Identity, PublicIdentity
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault


def _nothing() -> None:
    """Delete nothing."""


@dataclass(frozen=True)
class ServiceKey:
    """The service's member id, and the keys that sign the log's entries.

    `new` is a key that waits for an administrator's certificate, or has just got it. The
    certificate in force decides which of the two signs.
    """

    member_id: UUID
    identity: Identity = field(repr=False)
    new: Identity | None = field(default=None, repr=False)

    def of(self, public: PublicIdentity) -> Identity | None:
        """Return the private keys that belong to these public keys, or None."""
        held = (each for each in (self.identity, self.new) if each is not None)
        return next((each for each in held if each.public == public), None)


@dataclass(frozen=True, eq=False)
class Host:
    """An organisation's store, vault and service key; `zone` is its IANA time zone."""

    store: Store
    organization_id: UUID
    root_public_key: bytes = field(repr=False)
    zone: str
    open_vault: Callable[[], Vault] = field(repr=False)
    load_service: Callable[[], ServiceKey] = field(repr=False)
    settle_service: Callable[[], object] = field(default=_nothing, repr=False)
    """Deletes the old service key once the new one is certified."""

    @cached_property
    def vault(self) -> Vault:
        """The vault, opened once; raises StoreUnavailable."""
        return self.open_vault()

    @cached_property
    def service(self) -> ServiceKey:
        """The service's key, loaded once; raises IdentityUnavailable `service_key_missing`."""
        return self.load_service()
