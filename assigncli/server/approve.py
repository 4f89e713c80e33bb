"""Approve whoever asked to join: check the certificate that a member issued to them, and keep it.

That the fingerprint was compared is the signer's word. The keys and names that asked to join are in
the store, and the certificate must be for exactly those.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF, MemberStatus
from assigncli.errors import Tampered
from assigncli.protocol.attachments import Certificates, NewCertificate, decode_certificates
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.certificate import SERVICE_ROLES, Certificate
from assigncli.protocol.sealed_keys import USES, OrganizationWrap
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.server import certification, names, organization_key_wraps, vouch
from assigncli.server.carrying import Carrying
from assigncli.server.certified import facts_of, issuer_lookup
from assigncli.server.member import (
    mark_certificates,
    require_certification_ahead,
    require_may_vouch,
    require_not_revoked,
    subject,
)
from assigncli.server.record import Act
from assigncli.server.refused import Refused, attachment_form
from assigncli.server.standing import status_of
from assigncli.server.store import invitations, members
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.tables import Member
from assigncli.trust.envelopes import may_hold, may_make
from assigncli.trust.people import MAX_DEVICES
from assigncli.trust.vouching import verify_chain


def approve(doing: Carrying) -> None:
    """Make a waiting person a member, with the device that they asked with."""
    attached = attached_to(doing)
    doing.require_role(*STAFF)
    member = subject(doing)
    certificate, signed = of_organization(doing, attached)
    if status_of(doing.tx, member) is not MemberStatus.REQUESTED:
        raise Refused("member_not_waiting")
    said = doing.arguments["certified_until"]
    require_certification_ahead(doing, None if said is None else date.fromisoformat(said))
    asked = _require_vouched(doing, member, certificate, signed, member.signing_key)
    if certificate.keys.encryption_key != member.encryption_key:
        raise Refused("certificate_invalid")
    facts = facts_of(certificate)
    happened = doing.happening(Action.MEMBER_APPROVED, facts)
    vouch.keep(doing.tx, member, happened, certificate, signed, asked)
    keep_wraps(doing, attached, certificate)
    doing.record([(Action.MEMBER_APPROVED, member.id, facts)])


def approve_device(doing: Carrying) -> None:
    """Approve one more device of a member; it replaces another if the statement says so.

    It gets the roles and names that the member already has.
    """
    attached = attached_to(doing)
    doing.require_role(*STAFF)
    member = subject(doing)
    certificate, signed = of_organization(doing, attached)
    require_not_revoked(doing, member)
    if status_of(doing.tx, member) is not MemberStatus.ACTIVE:
        raise Refused("member_not_waiting")
    held = certification.certificates_of(doing.turn, doing.tx, member)
    replaced = _replaced(doing, held)
    key = certificate.keys.signing_key
    asked = _require_vouched(doing, member, certificate, signed, key)
    roles = frozenset(role.value for role in members.roles_of(doing.tx, member.id))
    if certificate.roles != roles:
        raise Refused("certificate_invalid")
    if len(held) - (replaced is not None) >= MAX_DEVICES:
        raise Refused("devices_too_many")
    facts = facts_of(certificate)
    happened = doing.happening(Action.DEVICE_APPROVED, facts)
    vouch.keep_device(doing.tx, member, happened, certificate, signed, asked)
    keep_wraps(doing, attached, certificate)
    acts: list[Act] = [(Action.DEVICE_APPROVED, member.id, facts)]
    if replaced is not None:
        ended = {"certificate": str(replaced), "cause": "replaced"}
        mark_certificates(doing, doing.happening(Action.DEVICE_REVOKED, ended), [replaced])
        acts.append((Action.DEVICE_REVOKED, member.id, ended))
    doing.record(acts)


def _replaced(doing: Carrying, held: Sequence[Certificate]) -> UUID | None:
    """Return the certificate to replace, if any; Refused `device_not_found` if not in force."""
    said = doing.arguments["replaces"]
    if said is None:
        return None
    if UUID(said) not in {each.id for each in held}:
        raise Refused("device_not_found")
    return UUID(said)


def of_organization(doing: Carrying, attached: Certificates) -> tuple[Certificate, Signed]:
    """Check the one certificate's organization and its wrapped keys; return the certificate."""
    (new,) = attached.certificates
    certificate = _decoded(new)
    if certificate.organization != doing.turn.organization_id:
        raise Refused("organization_scope_isolation", place=None)
    _require_wraps(doing, certificate, attached.organization_wraps)
    return certificate, Signed(new.body, new.signature, {})


def _require_vouched(
    doing: Carrying, member: Member, certificate: Certificate, signed: Signed, key: bytes | None
) -> Text:
    """Refuse a certificate that the signer may not give, or that is not for `key`.

    Return the name of the device that asked.
    """
    if certificate.roles == SERVICE_ROLES:
        raise Refused("may_not_vouch")
    require_may_vouch(doing, member, certificate.roles)
    asked = invitations.joined(doing.tx, member.id, key)
    if asked is None or not _is_as_asked(doing, member, certificate, signed, asked):
        raise Refused("certificate_invalid")
    require_short_chain(doing, signed)
    return Text(asked.device_salt or b"", asked.device or "")


def keep_wraps(doing: Carrying, attached: Certificates, certificate: Certificate) -> None:
    """Keep the keys sealed to a device; for who the root approves, the service seals its own."""
    for wrap in attached.organization_wraps:
        organization_key_wraps.store(doing.turn, doing.tx, wrap)
    if doing.is_of_root:
        organization_key_wraps.give(doing.turn, doing.tx, certificate)


def attached_to(doing: Carrying) -> Certificates:
    """Return the statement's one certificate and its wraps; Refused `attachment_malformed`."""
    with attachment_form():
        return decode_certificates(doing.request.attachments[0], 1)


def _decoded(new: NewCertificate) -> Certificate:
    try:
        return Certificate.decode(new.body)
    except Malformed:
        raise Refused("certificate_invalid") from None


def _require_wraps(
    doing: Carrying, certificate: Certificate, wraps: Sequence[OrganizationWrap]
) -> None:
    """Refuse unless the wraps are the keys that are due, sealed to the device by the signer."""
    if {(each.use, each.key) for each in wraps} != _due(doing, certificate) or len(wraps) != len(
        {each.use for each in wraps}
    ):
        raise Refused("wrap_invalid", place=None)
    for each in wraps:
        named = (each.wrap.certificate, each.wrap.maker) == (certificate.id, doing.issuer)
        key = doing.signing_key
        if not named or not each.is_signed(doing.turn.organization_id, key):
            raise Refused("wrap_invalid", place=None)


def _due(doing: Carrying, certificate: Certificate) -> set[tuple[str, UUID]]:
    """Return use and id of the organization keys that the signer may pass on to the device.

    The root key holds none.
    """
    due: set[tuple[str, UUID]] = set()
    if doing.is_of_root:
        return due
    for use in USES:
        own = members.organization_key_wrap(
            doing.tx, doing.turn.organization_id, doing.actor.id, use
        )
        if own is not None and may_make(use, doing.actor) and may_hold(use, certificate):
            due.add((use, own.key_id))
    return due


def _is_as_asked(
    doing: Carrying, member: Member, certificate: Certificate, signed: Signed, asked: Invitation
) -> bool:
    """Return whether it has the keys and names of who asked, and was issued by the signer."""
    keys = certificate.keys
    return (
        str(certificate.id) == doing.arguments["certificate"]
        and members.certificate(doing.tx, certificate.id) is None
        and certificate.member == member.id
        and certificate.issuer == doing.issuer
        and (keys.signing_key, keys.encryption_key) == (asked.signing_key, asked.encryption_key)
        and names.are_of(certificate, member)
        and names.fits(certificate, "device", asked.device_salt, asked.device)
        and Certificate.is_signed(signed.body, signed.signature, doing.signing_key)
    )


def require_short_chain(doing: Carrying, signed: Signed) -> None:
    """Refuse a certificate that nobody could verify: `certificate_chain_too_long`."""
    try:
        verify_chain(
            signed,
            organization_id=doing.turn.organization_id,
            root_public_key=doing.turn.root_public_key,
            issuer_of=issuer_lookup(doing.tx),
        )
    except Tampered:
        raise Refused("certificate_chain_too_long") from None
