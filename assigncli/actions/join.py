"""Ask to join an organisation: make keys here and file a request, which somebody approves later."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import names
from assigncli.actions.standing import status_of
from assigncli.crypto.identity import Identity, PublicIdentity, spoken_fingerprint
from assigncli.domain.lifecycle import MemberStatus
from assigncli.domain.people import name_key, require_handle, require_name
from assigncli.errors import InvalidInput, NotFound
from assigncli.keychain import Keychain, SecretName
from assigncli.locale import _
from assigncli.store import members, organizations
from assigncli.store.engine import Store
from assigncli.store.tables import Member, Organization


@dataclass(frozen=True, repr=False)
class Joining:
    """A request to join that is not filed yet, with the keys it is for."""

    organization_id: UUID
    organization: str
    member_id: UUID
    handle: str
    display_name: str
    root_public_key: bytes
    identity: Identity
    device: str = field(default_factory=names.this_device)


@dataclass(frozen=True)
class Joined:
    """A request to join, and what the joiner's profile needs. The fingerprint is to be read out."""

    organization_id: UUID
    organization: str
    member_id: UUID
    handle: str
    display_name: str
    root_public_key: bytes
    fingerprint: str


def joining(store: Store, organization: str | None, handle: str, display_name: str) -> Joining:
    """Return what a request to join will hold, with keys just made; nothing is written.

    `organization` names one where the store holds several. Raises NotFound
    `organization_not_found`, InvalidInput `organization_ambiguous`, `handle_taken`.
    """
    handle, display_name = require_handle(handle), require_name(display_name)
    with store.read() as tx:
        found = _organization(tx, organization)
        _require_free(tx, found.id, handle)
        invited = members.by_handle(tx, found.id, handle)
    return Joining(
        organization_id=found.id,
        organization=found.name,
        member_id=uuid4() if invited is None else invited.id,
        handle=handle,
        display_name=display_name,
        root_public_key=found.root_public_key,
        identity=Identity.generate(),
    )


def join(store: Store, keychain: Keychain, wanted: Joining, now: datetime) -> Joined:
    """File the request; the store never sees a private key. `now` is aware UTC.

    The root key found here is pinned, and counts once the fingerprint, which covers it, was
    compared. Raises InvalidInput `handle_taken`.
    """
    name = SecretName(wanted.organization_id, wanted.member_id, "identity")
    keychain.save(name, wanted.identity.to_bytes())
    with store.write() as tx:
        _require_free(tx, wanted.organization_id, wanted.handle)
        member = members.by_handle(tx, wanted.organization_id, wanted.handle)
        if (wanted.member_id if member is None else member.id) != wanted.member_id:
            raise handle_taken()  # invited only now, as somebody with another id
        member = member or Member(
            id=wanted.member_id,
            organization_id=wanted.organization_id,
            handle=wanted.handle,
            handle_salt=names.new_salt(),
            display_name=wanted.display_name,
            display_name_salt=names.new_salt(),
            status=MemberStatus.REQUESTED,
            created_at=now,
            updated_at=now,
        )
        member.display_name, member.status = wanted.display_name, MemberStatus.REQUESTED
        member.signing_key = wanted.identity.public.signing_key
        member.encryption_key = wanted.identity.public.encryption_key
        member.device, member.device_salt = wanted.device, names.new_salt()
        member.updated_at = now
        tx.add(member)
        tx.flush()
    return joined(store, wanted.organization_id, wanted.member_id)


def joined(store: Store, organization_id: UUID, member_id: UUID) -> Joined:
    """Return the request as the store has it; raises NotFound `organization_not_found`."""
    with store.read() as tx:
        organization, member = organizations.by_id(tx, organization_id), tx.get(Member, member_id)
        if organization is None or member is None or not member.signing_key:
            raise _no_organization()
        public = PublicIdentity(member.signing_key, member.encryption_key or b"")
        return Joined(
            organization_id=organization_id,
            organization=organization.name,
            member_id=member_id,
            handle=member.handle,
            display_name=member.display_name,
            root_public_key=organization.root_public_key,
            fingerprint=spoken_fingerprint(
                root_key=organization.root_public_key,
                organization_id=organization_id,
                member_id=member_id,
                public=public,
            ),
        )


def is_in(store: Store, organization_id: UUID, member_id: UUID, signing_key: bytes) -> bool:
    """Say whether the store holds this member with this public key."""
    with store.read() as tx:
        member = tx.get(Member, member_id)
        return (
            member is not None
            and member.organization_id == organization_id
            and member.signing_key == signing_key
        )


def _require_free(tx: Transaction, organization_id: UUID, handle: str) -> None:
    member = members.by_handle(tx, organization_id, handle)
    if member is not None and status_of(tx, member) is not MemberStatus.INVITED:
        raise handle_taken()


def handle_taken() -> InvalidInput:
    """Return the error for a handle that another member has."""
    return InvalidInput(
        _("Another member already has this handle."),
        _("Choose another handle."),
        code="handle_taken",
    )


def _organization(tx: Transaction, name: str | None) -> Organization:
    key = None if name is None else name_key(name)
    found = [
        row
        for row in organizations.everyone(tx)
        if key is None or key in (row.name_key, str(row.id))
    ]
    if len(found) > 1:
        raise InvalidInput(
            _("This store holds more than one organisation."),
            _("Say which with --organization and its name."),
            code="organization_ambiguous",
        )
    if not found:
        raise _no_organization()
    return found[0]


def _no_organization() -> NotFound:
    return NotFound(
        _("There is no such organisation in this store."),
        _("Ask your coordinator for its exact name."),
        code="organization_not_found",
    )
