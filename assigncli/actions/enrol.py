"""Become a member: ask to join, be invited, be approved after the fingerprint was compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import asking, find, membership, names, organization_keys, trust, vouch
from assigncli.actions.join import handle_taken
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.actions.standing import status_of
from assigncli.client.exchange import Device, Intent
from assigncli.crypto.identity import (
    Identity,
    PublicIdentity,
    fingerprints_match,
    spoken_fingerprint,
)
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.people import require_handle, require_name
from assigncli.errors import InvalidInput, Tampered
from assigncli.keychain import Keychain, SecretName
from assigncli.locale import _
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.store import members
from assigncli.store.tables import Member


@dataclass(frozen=True, repr=False)
class Newcomer:
    """Id and keys of a member to be enrolled, drawn before anything is written."""

    member_id: UUID = field(default_factory=uuid4)
    identity: Identity = field(default_factory=Identity.generate)


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


def invite(session: Session, handle: str, display_name: str, roles: frozenset[Role]) -> Invited:
    """Note that somebody may join under `handle`; raises InvalidInput `handle_taken`."""
    handle, display_name = require_handle(handle), require_name(display_name)
    with session.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        if members.by_handle(tx, session.organization_id, handle) is not None:
            raise handle_taken()
        member = _member(session, handle, display_name)
        tx.add(member)
        tx.flush()
        members.set_roles(tx, member.id, roles)
        record(session, tx, actor, Action.MEMBER_INVITED, member.id)
        return Invited(member.id, handle, display_name, roles)


def require_may_enrol(session: Session, handle: str, certified_until: date | None) -> None:
    """Ask what can be asked before anything is made: role, handle, and the certification's end.

    Raises as `invite` and `approve`.
    """
    membership.require_certification_ahead(session, certified_until)
    with session.store.read() as tx:
        _may_enrol(session, tx, require_handle(handle))


def enrol_here(
    session: Session,
    keychain: Keychain,
    handle: str,
    display_name: str,
    roles: frozenset[Role],
    certified_until: date | None,
    newcomer: Newcomer | None = None,
) -> Approved:
    """Invite, join and approve on one machine, where the members share it.

    The keys are made here and vouched for here, so there is nothing to compare. Raises as `invite`
    and `approve`.
    """
    handle, display_name = require_handle(handle), require_name(display_name)
    newcomer = newcomer or Newcomer()
    require_may_enrol(session, handle, certified_until)
    name = SecretName(session.organization_id, newcomer.member_id, "identity")
    keychain.save(name, newcomer.identity.to_bytes())
    member = _member(session, handle, display_name, newcomer.member_id)
    public = newcomer.identity.public
    member.status = MemberStatus.REQUESTED
    member.signing_key, member.encryption_key = public.signing_key, public.encryption_key
    vouch.name_device(member)
    with session.store.read() as tx:
        drawn = _drawn(session, tx, _may_enrol(session, tx, handle), member, public, roles)
    with session.write() as tx:
        actor = _may_enrol(session, tx, handle)
        member.created_at = member.updated_at = session.now
        tx.add(member)
        tx.flush()
        record(session, tx, actor, Action.MEMBER_INVITED, member.id)
    return _approve(session, drawn, certified_until)


def finish_here(
    session: Session,
    keychain: Keychain,
    handle: str,
    roles: frozenset[Role],
    certified_until: date | None,
) -> None:
    """Approve whom an `enrol_here` that was killed left waiting, for the keys on this machine.

    Raises as `approve`.
    """
    with session.store.read() as tx:
        member = find.member(session, tx, handle)
        name = SecretName(session.organization_id, member.id, "identity")
        own = Identity.from_bytes(keychain.load(name)).public
        if _requested_keys(tx, member) != own:
            raise _mismatch()
        actor = trust.acting(session, tx)
        drawn = _drawn(session, tx, actor, member, own, roles)
    _approve(session, drawn, certified_until)


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
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
        member = find.member(session, tx, handle)
        public = _requested_keys(tx, member)
        if not fingerprints_match(_fingerprint(session, member, public), fingerprint):
            raise _mismatch()
        membership.require_certification_ahead(session, certified_until)
        drawn = _drawn(session, tx, actor, member, public, roles)
    return _approve(session, drawn, certified_until)


@dataclass(frozen=True)
class _Drawn:
    """A certificate for a member who waits, the organization's keys for it, and who signs."""

    member: Member
    certificate: Certificate
    attachment: bytes = field(repr=False)
    signer: Device = field(repr=False)


def _drawn(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    member: Member,
    public: PublicIdentity,
    roles: frozenset[Role],
) -> _Drawn:
    certificate, signed = vouch.draw(session, tx, member, public, roles, actor)
    wraps = organization_keys.sealed(session, tx, actor, certificate)
    new = NewCertificate(signed.body, signed.signature)
    attachment = Certificates((new,), tuple(wraps)).encode()
    return _Drawn(member, certificate, attachment, asking.device(session, tx, actor))


def _approve(session: Session, drawn: _Drawn, certified_until: date | None) -> Approved:
    member, certificate = drawn.member, drawn.certificate
    said = {
        "certificate": str(certificate.id),
        "certified_until": None if certified_until is None else certified_until.isoformat(),
    }
    intent = Intent(Action.MEMBER_APPROVED.value, member.id, said, {}, (drawn.attachment,))
    asking.act(session, drawn.signer, intent)
    return Approved(
        member_id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        roles=frozenset(map(Role, certificate.roles)),
        certified_until=certified_until,
        certificate_id=certificate.id,
    )


def _mismatch() -> Tampered:
    return Tampered(
        _("The fingerprints are not the same, so the member is not approved."),
        _("Compare them once more by telephone. If they differ again, a key was swapped."),
        code="fingerprint_mismatch",
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
            _("{name} is not waiting for approval.").format(name=member.display_name),
            _("Run assign member list to see who is waiting for approval."),
            code="member_not_waiting",
        )
    return PublicIdentity(member.signing_key, member.encryption_key)


def _may_enrol(session: Session, tx: Transaction, handle: str) -> Certificate:
    """Return the acting member's certificate, once they may and the handle is free."""
    actor = trust.acting(session, tx)
    trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
    if members.by_handle(tx, session.organization_id, handle) is not None:
        raise handle_taken()
    return actor


def _member(
    session: Session, handle: str, display_name: str, member_id: UUID | None = None
) -> Member:
    return Member(
        id=member_id or uuid4(),
        organization_id=session.organization_id,
        handle=handle,
        handle_salt=names.new_salt(),
        display_name=display_name,
        display_name_salt=names.new_salt(),
        status=MemberStatus.INVITED,
        created_at=session.now,
        updated_at=session.now,
    )
