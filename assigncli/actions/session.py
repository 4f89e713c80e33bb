"""Who acts, on which store, at which moment: what every action is given.

Composed by `cli.session`. Keys and vault are reached for only when an action needs them, so that
reading a list neither unlocks a key nor opens the vault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from assigncli.crypto.identity import Identity
    from assigncli.store.engine import Store
    from assigncli.vault import Vault


@dataclass(frozen=True)
class Session:
    """One acting member. `now` is aware UTC; `zone` is the organisation's IANA time zone."""

    store: Store
    now: datetime
    organization_id: UUID
    member_id: UUID
    root_public_key: bytes = field(repr=False)
    zone: str
    open_vault: Callable[[], Vault] = field(repr=False)
    load_identity: Callable[[], Identity] = field(repr=False)

    @cached_property
    def vault(self) -> Vault:
        """The vault; raises StoreUnavailable where it cannot be opened."""
        return self.open_vault()

    @cached_property
    def identity(self) -> Identity:
        """The acting member's private keys; raises IdentityUnavailable."""
        return self.load_identity()
