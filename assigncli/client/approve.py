"""Approve a member who has joined: compare the fingerprint, then certify their keys.

`enrol_here` does the invitation and the join as well, where members share one machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from assigncli.client import asking, directory, invite, salting
from assigncli.client.client import Client
from assigncli.client.exchange import Device, Intent
from assigncli.client.invite import Newcomer
from assigncli.client.issuing import draw
from assigncli.client.join import joining
from assigncli.client.keys import Keychain, SecretName
from assigncli.client.looking_after import to_approve
from assigncli.client.member import plain, require_certification_ahead
from assigncli.client.organization_keys import seal
from assigncli.crypto.identity import (
    Identity,
    PublicIdentity,
    fingerprints_match,
    spoken_fingerprint,
)
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.domain.member_names import require_handle, require_name
from assigncli.errors import Tampered
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.texts import Text
from assigncli.trust.envelopes import may_hold
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class JoinRequest:
    """A membership that waits for approval, and the digits to compare."""

    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    fingerprint: str


@dataclass(frozen=True)
class Approved:
    """A certified member; `certified_until` is the last (local) day, None for open-ended."""

    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    certified_until: date | None
    certificate_id: UUID


def enrol_here(
    client: Client,
    keychain: Keychain,
    handle: str,
    display_name: str,
    roles: frozenset[Role],
    certified_until: date | None,
    newcomer: Newcomer,
) -> Approved:
    """Invite, join and approve on one machine that the members share.

    The keys are generated and certified here, so there is no fingerprint to compare. Raises as
    `invite` and `approve`.
    """
    device = Text(salting.new_salt(), salting.this_device())
    handle, display_name = require_handle(handle), require_name(display_name)
    found = asking.members(client, handle, is_signed=True)
    actor = asking.own_certificate(client, found)
    whom = invite.wanted(found, actor, handle, display_name, roles, newcomer.member_id)
    public, texts = newcomer.identity.public, {**whom.texts, "device": device}
    made = drawn(client, found, whom.id, public, texts, roles)
    joiner = asking.joining_device(client, found, newcomer.identity)
    name = SecretName(client.organization_id, newcomer.member_id, "identity")
    keychain.save(name, newcomer.identity.to_bytes())
    token, _expires_at = invite.send(client, made.signer, whom)
    asking.act(client, joiner, joining(whom.id, public, token, device))
    return _approve(client, made, certified_until)


def finish_here(
    client: Client,
    keychain: Keychain,
    handle: str,
    roles: frozenset[Role],
    certified_until: date | None,
) -> None:
    """Approve a member whom a killed `enrol_here` left waiting, for the keys on this machine.

    Raises as `approve`.
    """
    handle = plain(handle)
    found = asking.members(client, handle, is_signed=True)
    member, keys = to_approve(found, asking.own_certificate(client, found), handle)
    name = SecretName(client.organization_id, member.id, "identity")
    if keys != Identity.from_bytes(keychain.load(name)).public:
        raise mismatch()
    made = drawn(client, found, member.id, keys, member.texts, roles)
    _approve(client, made, certified_until)


def requested(client: Client, handle: str) -> JoinRequest:
    """Return a request, with the fingerprint computed here from the pinned root.

    Needs no key. Raises NotFound `member_not_found`, InvalidInput `member_not_waiting`, NotAllowed
    `role_missing`.
    """
    handle = plain(handle)
    found = asking.members(client, handle)
    member, keys = to_approve(found, directory.devices(found, client.member_id)[-1], handle)
    return JoinRequest(
        member_id=member.id,
        handle=member.handle,
        display_name=member.display_name,
        roles=frozenset(map(Role, member.roles)) or frozenset({Role.PEER_MENTOR}),
        fingerprint=fingerprint_of(client, member.id, keys),
    )


def approve(
    client: Client,
    handle: str,
    fingerprint: str,
    roles: frozenset[Role],
    certified_until: date | None,
) -> Approved:
    """Certify a member after the comparison; `fingerprint` is what the member read out.

    It is checked against the keys that are certified, so keys swapped after the comparison are
    refused. Raises Tampered `fingerprint_mismatch`.
    """
    handle = plain(handle)
    found = asking.members(client, handle, is_signed=True)
    member, keys = to_approve(found, asking.own_certificate(client, found), handle)
    if not fingerprints_match(fingerprint_of(client, member.id, keys), fingerprint):
        raise mismatch()
    require_certification_ahead(client, certified_until)
    made = drawn(client, found, member.id, keys, member.texts, roles)
    return _approve(client, made, certified_until)


@dataclass(frozen=True)
class Drawn:
    """A certificate for a waiting member, the organisation's keys sealed to it, and the signer."""

    certificate: Certificate
    texts: Mapping[str, Text]
    attachment: bytes = field(repr=False)
    signer: Device = field(repr=False)


def drawn(
    client: Client,
    found: Verified,
    member: UUID,
    public: PublicIdentity,
    texts: Mapping[str, Text],
    roles: frozenset[Role],
) -> Drawn:
    """Draw a certificate with these texts, and seal to it the organisation's keys it may hold."""
    maker = asking.own_certificate(client, found)
    issuer, words = found.people.person(maker.id), frozenset(role.value for role in roles)
    certificate, signed = draw(issuer, client.identity, member, public, texts, words)
    wraps = tuple(
        seal(client.identity, key, each.key, each.use, maker, certificate)
        for each, key in asking.organization_keys(client, found)
        if may_hold(each.use, certificate)
    )
    attachment = Certificates((NewCertificate(signed.body, signed.signature),), wraps).encode()
    return Drawn(certificate, texts, attachment, asking.this_device(client, found))


def _approve(client: Client, made: Drawn, certified_until: date | None) -> Approved:
    certificate = made.certificate
    said = {
        "certificate": str(certificate.id),
        "certified_until": None if certified_until is None else certified_until.isoformat(),
    }
    about = certificate.member
    intent = Intent(Action.MEMBER_APPROVED.value, about, said, {}, (made.attachment,))
    asking.act(client, made.signer, intent)
    return Approved(
        member_id=about,
        handle=made.texts["handle"].text,
        display_name=made.texts["display_name"].text,
        roles=frozenset(map(Role, certificate.roles)),
        certified_until=certified_until,
        certificate_id=certificate.id,
    )


def mismatch() -> Tampered:
    """Return the error for digits that are not those of the keys to be certified."""
    return Tampered("fingerprint_mismatch")


def fingerprint_of(client: Client, member: UUID, public: PublicIdentity) -> str:
    """Return the digits of a member's keys, worked out from the pinned root."""
    return spoken_fingerprint(
        root_key=client.root_public_key,
        organization_id=client.organization_id,
        member_id=member,
        public=public,
    )
