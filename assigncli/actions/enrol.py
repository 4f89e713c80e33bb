"""Become a member: ask to join, be invited, be approved after the fingerprint was compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import find, membership, trust, vouch
from assigncli.actions.record import MEMBER, record
from assigncli.actions.session import Session
from assigncli.actions.standing import status_of
from assigncli.crypto.identity import (
    Identity,
    PublicIdentity,
    fingerprints_match,
    spoken_fingerprint,
)
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.people import require_handle, require_name
from assigncli.errors import InvalidInput, NotFound, Tampered
from assigncli.keychain import Keychain, SecretName
from assigncli.locale import _
from assigncli.store import members, organizations
from assigncli.store.engine import Store
from assigncli.store.tables import Member, Organization


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


@dataclass(frozen=True)
class Invited:
    """A member who may now join."""

    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Request:
    """A membership that waits for approval, and the digits to compare."""

    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    fingerprint: str


@dataclass(frozen=True)
class Approved:
    """A certified member. `certified_until` is the last local day it holds, None for open-ended."""

    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    certified_until: date | None
    certificate_id: UUID


def join(
    store: Store,
    keychain: Keychain,
    organization: str | None,
    handle: str,
    display_name: str,
    now: datetime,
) -> Joined:
    """Make keys on this machine and file the request; the store never sees a private key.

    `organization` names one where the store holds several. The root key found here is pinned, and
    counts once the fingerprint, which covers it, was compared. Raises NotFound
    `organization_not_found`, InvalidInput `organization_ambiguous`, `handle_taken`.
    """
    handle, display_name = require_handle(handle), require_name(display_name)
    with store.read() as tx:
        found = _organization(tx, organization)
        _require_free(tx, found.id, handle)
    identity = Identity.generate()
    with store.write() as tx:
        _require_free(tx, found.id, handle)
        member = members.by_handle(tx, found.id, handle) or Member(
            id=uuid4(),
            organization_id=found.id,
            handle=handle,
            display_name=display_name,
            status=MemberStatus.REQUESTED,
            created_at=now,
            updated_at=now,
        )
        keychain.save(SecretName(found.id, member.id, "identity"), identity.to_bytes())
        member.display_name, member.status = display_name, MemberStatus.REQUESTED
        member.signing_key = identity.public.signing_key
        member.encryption_key = identity.public.encryption_key
        member.updated_at = now
        tx.add(member)
        tx.flush()
        member_id = member.id
    return Joined(
        organization_id=found.id,
        organization=found.name,
        member_id=member_id,
        handle=handle,
        display_name=display_name,
        root_public_key=found.root_public_key,
        fingerprint=spoken_fingerprint(
            root_key=found.root_public_key,
            organization_id=found.id,
            member_id=member_id,
            public=identity.public,
        ),
    )


def invite(session: Session, handle: str, display_name: str, roles: frozenset[Role]) -> Invited:
    """Note that somebody may join under `handle`; raises InvalidInput `handle_taken`."""
    handle, display_name = require_handle(handle), require_name(display_name)
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = _new_member(session, tx, handle, display_name)
        members.set_roles(tx, member.id, roles)
        record(session, tx, actor, Action.MEMBER_INVITED, (MEMBER, member.id))
        return Invited(member.id, handle, display_name, roles)


def enrol_here(
    session: Session,
    keychain: Keychain,
    handle: str,
    display_name: str,
    roles: frozenset[Role],
    certified_until: date | None,
) -> Approved:
    """Invite, join and approve on one machine, where the members share it.

    The keys are made here and vouched for here, so there is nothing to compare. Raises as `invite`
    and `approve`.
    """
    handle, display_name = require_handle(handle), require_name(display_name)
    identity = Identity.generate()
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = _new_member(session, tx, handle, display_name)
        record(session, tx, actor, Action.MEMBER_INVITED, (MEMBER, member.id))
        approved = _approve(session, tx, member, identity.public, roles, certified_until)
        keychain.save(
            SecretName(session.organization_id, member.id, "identity"), identity.to_bytes()
        )
        return approved


def requested(session: Session, handle: str) -> Request:
    """Return a request with the fingerprint this side computes, from its own pinned root.

    Raises NotFound `member_not_found`, InvalidInput `member_not_waiting`.
    """
    with session.store.read() as tx:
        member = find.member(session, tx, handle)
        public = _requested_keys(tx, member)
        return Request(
            member_id=member.id,
            handle=member.handle,
            display_name=member.display_name,
            roles=members.roles_of(tx, member.id) or frozenset({Role.PEER_MENTOR}),
            fingerprint=_fingerprint(session, member, public),
        )


def approve(
    session: Session,
    handle: str,
    fingerprint: str,
    roles: frozenset[Role],
    certified_until: date | None,
) -> Approved:
    """Certify a member whose fingerprint was compared; `fingerprint` is what the member read out.

    It is checked against the keys in the store inside the transaction, so a key swapped after the
    comparison is not certified. Raises Tampered `fingerprint_mismatch`.
    """
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = find.member(session, tx, handle)
        public = _requested_keys(tx, member)
        if not fingerprints_match(_fingerprint(session, member, public), fingerprint):
            raise Tampered(
                _("The fingerprints are not the same, so the member is not approved."),
                _("Compare them once more by telephone. If they differ again, a key was swapped."),
                code="fingerprint_mismatch",
            )
        return _approve(session, tx, member, public, roles, certified_until)


def _approve(
    session: Session,
    tx: Transaction,
    member: Member,
    public: PublicIdentity,
    roles: frozenset[Role],
    certified_until: date | None,
) -> Approved:
    membership.require_certification_ahead(session, certified_until)
    actor = trust.acting(session, tx)
    certificate = vouch.certify(
        session, tx, member, public, roles, certified_until=certified_until, issuer=actor
    )
    vouch.share_organization_key(session, tx, actor, certificate)
    record(
        session,
        tx,
        actor,
        Action.MEMBER_APPROVED,
        (MEMBER, member.id),
        certificate=str(certificate.id),
    )
    return Approved(
        member_id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        roles=roles,
        certified_until=certified_until,
        certificate_id=certificate.id,
    )


def _fingerprint(session: Session, member: Member, public: PublicIdentity) -> str:
    return spoken_fingerprint(
        root_key=session.root_public_key,
        organization_id=session.organization_id,
        member_id=member.id,
        public=public,
    )


def _requested_keys(tx: Transaction, member: Member) -> PublicIdentity:
    if (
        status_of(tx, member) is not MemberStatus.REQUESTED
        or member.signing_key is None
        or member.encryption_key is None
    ):
        raise InvalidInput(
            _("{handle} is not waiting for approval.").format(handle=member.handle),
            _("Run assign member list to hear who is."),
            code="member_not_waiting",
        )
    return PublicIdentity(member.signing_key, member.encryption_key)


def _new_member(session: Session, tx: Transaction, handle: str, display_name: str) -> Member:
    if members.by_handle(tx, session.organization_id, handle) is not None:
        raise _handle_taken()
    member = Member(
        id=uuid4(),
        organization_id=session.organization_id,
        handle=handle,
        display_name=display_name,
        status=MemberStatus.INVITED,
        created_at=session.now,
        updated_at=session.now,
    )
    tx.add(member)
    tx.flush()
    return member


def _require_free(tx: Transaction, organization_id: UUID, handle: str) -> None:
    member = members.by_handle(tx, organization_id, handle)
    if member is not None and status_of(tx, member) is not MemberStatus.INVITED:
        raise _handle_taken()


def _handle_taken() -> InvalidInput:
    return InvalidInput(
        _("Another member already has this handle."),
        _("Choose another handle."),
        code="handle_taken",
    )


def _organization(tx: Transaction, name: str | None) -> Organization:
    found = [
        row
        for row in organizations.everyone(tx)
        if name is None or name.strip().casefold() in (row.name.casefold(), str(row.id))
    ]
    if len(found) > 1:
        raise InvalidInput(
            _("This store holds more than one organisation."),
            _("Say which with --organization and its name."),
            code="organization_ambiguous",
        )
    if not found:
        raise NotFound(
            _("There is no such organisation in this store."),
            _("Ask your coordinator for its exact name."),
            code="organization_not_found",
        )
    return found[0]
