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
    from assigncli.crypto.identity import Identity
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault


@dataclass(frozen=True)
class ServiceKey:
    """The service's member id, and the identity that signs the log's entries."""

    member_id: UUID
    identity: Identity = field(repr=False)


@dataclass(frozen=True, eq=False)
class Host:
    """An organisation's store, vault and service key; `zone` is its IANA time zone."""

    store: Store
    organization_id: UUID
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
