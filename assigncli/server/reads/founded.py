"""The organisations of a store, before and after one is founded."""

from __future__ import annotations

from uuid import UUID

from assigncli.domain.member_names import organization_exists
from assigncli.server.store import organizations
from assigncli.server.store.engine import Store


def require_name_free(store: Store, name: str) -> None:
    """Refuse the name of an organisation in the store: InvalidInput `organization_exists`."""
    with store.read() as tx:
        if organizations.by_name(tx, name) is not None:
            raise organization_exists()


def is_named(store: Store, organization_id: UUID, name: str) -> bool:
    """Return whether the organisation is there under this name, or one that sounds the same."""
    with store.read() as tx:
        organization = organizations.by_name(tx, name)
        return organization is not None and organization.id == organization_id


def holds_any(store: Store) -> bool:
    """Return whether the store has any organisation."""
    with store.read() as tx:
        return bool(organizations.everyone(tx))
