"""Approve who asked to join: the certificate that somebody issued is checked and kept.

That the fingerprint was compared is the word of who signs. Which keys asked to join, and by which
names, is what the store has from the request, and the certificate must be for exactly those.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from assigncli.actions import names, organization_keys, service, vouch
from assigncli.actions.certified import facts_of, issuer_lookup
from assigncli.actions.record import record
from assigncli.actions.standing import status_of
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import MemberStatus
from assigncli.errors import Tampered
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.certificate import PURPOSE, Certificate
from assigncli.protocol.signed import Signed
from assigncli.protocol.wraps import ORGANIZATION_PURPOSE, USES, OrganizationWrap
from assigncli.server.carrying import Carrying
from assigncli.server.membership import (
    STAFF,
    require_certification_ahead,
    require_may_vouch,
    subject,
)
from assigncli.server.refused import Refused, attachment_form
from assigncli.store import invitations, members
from assigncli.store.tables import Member
from assigncli.trust.envelopes import may_hold, may_make
from assigncli.trust.vouching import verify_chain


def approve(doing: Carrying) -> None:
    """Make a member of who waits, with the device that they asked with."""
    attached = _attached(doing)
    doing.require_role(*STAFF)
    member = subject(doing)
    (new,) = attached.certificates
    certificate = _decoded(new)
    if certificate.organization != doing.session.organization_id:
        raise Refused("organization_scope_isolation", place=None)
    _require_wraps(doing, certificate, attached.organization_wraps)
    _require_waiting(doing, member)
    said = doing.arguments["certified_until"]
    until = None if said is None else date.fromisoformat(said)
    require_certification_ahead(doing, until)
    if certificate.roles == service.ROLES:
        raise Refused("may_not_vouch")
    require_may_vouch(doing, member, certificate.roles)
    _require_as_asked(doing, member, certificate, new)
    signed = Signed(new.body, new.signature, {})
    _require_short_chain(doing, signed)
    asked = vouch.device_of(doing.tx, member)
    vouch.keep(doing.session, doing.tx, member, certificate, signed, asked, until)
    for wrap in attached.organization_wraps:
        organization_keys.store(doing.session, doing.tx, wrap)
    facts = facts_of(certificate)
    record(doing.session, doing.tx, doing.actor, Action.MEMBER_APPROVED, member.id, **facts)


def _attached(doing: Carrying) -> Certificates:
    with attachment_form():
        return Certificates.decode(doing.request.attachments[0], 1)


def _decoded(new: NewCertificate) -> Certificate:
    try:
        return Certificate.decode(new.body)
    except Malformed:
        raise Refused("certificate_invalid") from None


def _require_wraps(
    doing: Carrying, certificate: Certificate, wraps: Sequence[OrganizationWrap]
) -> None:
    """Refuse all but the keys that the signer has and the device may hold, sealed to it."""
    if {(each.use, each.key) for each in wraps} != _due(doing, certificate) or len(wraps) != len(
        {each.use for each in wraps}
    ):
        raise Refused("wrap_invalid", place=None)
    for each in wraps:
        body = each.body(doing.session.organization_id)
        named = (each.wrap.certificate, each.wrap.maker) == (certificate.id, doing.actor.id)
        keys = doing.actor.keys
        if not named or not keys.verify(ORGANIZATION_PURPOSE, body, each.wrap.signature):
            raise Refused("wrap_invalid", place=None)


def _due(doing: Carrying, certificate: Certificate) -> set[tuple[str, UUID]]:
    """Return use and id of the organization's keys that the new device is to be given."""
    due = set()
    for use in USES:
        own = members.organization_key_wrap(
            doing.tx, doing.session.organization_id, doing.actor.id, use
        )
        if own is not None and may_make(doing.actor) and may_hold(use, certificate):
            due.add((use, own.key_id))
    return due


def _require_waiting(doing: Carrying, member: Member) -> None:
    if status_of(doing.tx, member) is not MemberStatus.REQUESTED:
        raise Refused("member_not_waiting")


def _require_as_asked(
    doing: Carrying, member: Member, certificate: Certificate, new: NewCertificate
) -> None:
    """Refuse a certificate for other keys or names than those that asked, or by somebody else."""
    keys = certificate.keys
    asked = invitations.joined(doing.tx, member.id, member.signing_key)
    if asked is None or not (
        str(certificate.id) == doing.arguments["certificate"]
        and members.certificate(doing.tx, certificate.id) is None
        and certificate.member == member.id
        and certificate.issuer == doing.actor.id
        and (keys.signing_key, keys.encryption_key) == (member.signing_key, member.encryption_key)
        and names.are_of(certificate, member)
        and names.fits(certificate, "device", asked.device_salt, asked.device)
        and doing.actor.keys.verify(PURPOSE, new.body, new.signature)
    ):
        raise Refused("certificate_invalid")


def _require_short_chain(doing: Carrying, signed: Signed) -> None:
    try:
        verify_chain(
            signed,
            organization_id=doing.session.organization_id,
            root_public_key=doing.session.root_public_key,
            issuer_of=issuer_lookup(doing.tx),
        )
    except Tampered:
        raise Refused("certificate_chain_too_long") from None
