"""The organisations of a store, before and after one is founded."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from assigncli.crypto.identity import PublicIdentity, spoken_fingerprint
from assigncli.domain.member_names import organization_exists
from assigncli.errors import NotFound
from assigncli.server.store import organizations
from assigncli.server.store.engine import Store
from assigncli.server.store.tables import Member


@dataclass(frozen=True)
class Founded:
    """The new organisation and its founder."""

    organization_id: UUID
    organization: str
    zone: str
    handle: str
    fingerprint: str
    cycle: str


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


def standing(store: Store, organization_id: UUID, member_id: UUID) -> Founded:
    """Return what was founded, as the store has it now.

    Raises NotFound `organization_not_found`: the store is not the one that was written to.
    """
    with store.read() as tx:
        organization = organizations.by_id(tx, organization_id)
        founder = tx.get(Member, member_id)
        if organization is None or founder is None or not founder.signing_key:
            raise NotFound("organization_not_found", "written")
        return Founded(
            organization_id=organization_id,
            organization=organization.name,
            zone=organization.time_zone,
            handle=founder.handle,
            fingerprint=spoken_fingerprint(
                root_key=organization.root_public_key,
                organization_id=organization_id,
                member_id=member_id,
                public=PublicIdentity(founder.signing_key, founder.encryption_key or b""),
            ),
            cycle=organizations.cycles(tx, organization_id)[-1].name,
        )
