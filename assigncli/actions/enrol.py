"""Become a member: ask to join, be invited, be approved after the fingerprint was compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import (
    asking,
    find,
    invite,
    membership,
    names,
    organization_keys,
    trust,
    vouch,
)
from assigncli.actions.invite import Newcomer
from assigncli.actions.join import joining
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
from assigncli.errors import InvalidInput, Tampered
from assigncli.keychain import Keychain, SecretName
from assigncli.locale import _
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.texts import Text
from assigncli.store import members
from assigncli.store.tables import Member


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


def enrol_here(
    session: Session,
    keychain: Keychain,
    handle: str,
    display_name: str,
    roles: frozenset[Role],
    certified_until: date | None,
    newcomer: Newcomer,
) -> Approved:
    """Invite, join and approve on one machine, where the members share it.

    The keys are made here and vouched for here, so there is nothing to compare. Raises as `invite`
    and `approve`.
    """
    device = Text(names.new_salt(), names.this_device())
    with session.store.read() as tx:
        found = invite.wanted(session, tx, handle, display_name, roles, newcomer.member_id)
        member, public = found.member, newcomer.identity.public
        drawn = _drawn(session, tx, found.actor, member, public, device, roles)
        joiner = asking.new_key(session, tx, newcomer.identity)
    name = SecretName(session.organization_id, newcomer.member_id, "identity")
    keychain.save(name, newcomer.identity.to_bytes())
    token, _expires_at = invite.send(session, drawn.signer, found)
    asking.act(session, joiner, joining(member.id, public, token, device))
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
        device = vouch.device_of(tx, member)
        drawn = _drawn(session, tx, actor, member, own, device, roles)
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
        device = vouch.device_of(tx, member)
        drawn = _drawn(session, tx, actor, member, public, device, roles)
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
    device: Text,
    roles: frozenset[Role],
) -> _Drawn:
    certificate, signed = vouch.draw(session, tx, member, public, device, roles, actor)
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
