"""Found an organization: a new key does it, with the token that this server handed out.

The founder certifies themselves and this server's own key with a root key that never comes here.
The certificates are checked against the statement; there is no other proof of them yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest
from secrets import token_bytes
from typing import Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import FOUNDER, Role
from assigncli.domain.member_names import (
    SERVICE_HANDLE,
    name_key,
    plain_device,
    require_handle,
    require_name,
)
from assigncli.protocol.attachments import NewCertificate, decode_certificates
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.certificate import SERVICE, SERVICE_TEXTS, TEXTS, Certificate
from assigncli.protocol.sealed_keys import USES, OrganizationWrap
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.server import coverage, organization_key_wraps, vouch
from assigncli.server.carrying import Carrying
from assigncli.server.certified import facts_of
from assigncli.server.projection import members as projected
from assigncli.server.projection.happening import Happening
from assigncli.server.record import record_new_key
from assigncli.server.refused import Refused, attachment_form, by_code
from assigncli.server.store import members, organizations
from assigncli.server.store.tables import Member, Organization
from assigncli.trust.envelopes import may_hold

_TOKEN_BYTES: Final = 16
_GOOD_FOR: Final = timedelta(hours=1)
_MAX_WITHDRAWN: Final = 1_000


@dataclass
class Offer:
    """Permission to found one organization here, once, for whoever has the token. In memory only.

    `hash` is the token's SHA-256; `until` is aware UTC, inclusive. `withdrawn` are hashes of
    founding statements that must not be carried out: they end with the offer, as without the token
    no founding can be carried out.
    """

    hash: bytes = field(repr=False)
    until: datetime
    withdrawn: set[bytes] = field(default_factory=set)

    def admits(self, token: bytes, now: datetime) -> bool:
        """Return whether this is the token, and still valid at `now` (aware UTC)."""
        is_same = compare_digest(self.hash, hashlib.sha256(token).digest())
        return is_same and now <= self.until

    def withdraw(self, statement_hash: bytes) -> None:
        """Remember that a statement must not be carried out; raises Refused `store_busy`."""
        if len(self.withdrawn) >= _MAX_WITHDRAWN:
            raise Refused("store_busy")
        self.withdrawn.add(statement_hash)


def offer(now: datetime) -> tuple[Offer, bytes]:
    """Return an offer that is valid for an hour from `now` (aware UTC), and its token."""
    token = token_bytes(_TOKEN_BYTES)
    return Offer(hashlib.sha256(token).digest(), now + _GOOD_FOR), token


@dataclass(frozen=True)
class _New:
    """A certificate to be checked, with its bytes as they came."""

    certificate: Certificate
    signed: Signed


def found_organization(doing: Carrying) -> None:
    """Create the organization, its founder and its service, from one statement."""
    with attachment_form():
        attached = decode_certificates(doing.request.attachments[0], 2)
    _require_new(doing)
    founder, helper = _decoded(doing, attached.certificates)
    _require_wraps(doing, founder.certificate, helper.certificate, attached.organization_wraps)
    _require_names(doing)
    are_good = _is_founder(doing, founder) and _is_service(doing, helper)
    if not are_good or founder.certificate.id == helper.certificate.id:
        raise Refused("certificate_invalid")
    _add_organization(doing)
    facts = facts_of(founder.certificate)
    facts["service_digest"] = facts_of(helper.certificate)["digest"]
    happened = doing.happening(Action.ORGANIZATION_FOUNDED, facts)
    _enrol(doing, happened, founder, Text(*doing.text("device")))
    _enrol(doing, happened, helper, SERVICE_TEXTS["device"])
    for wrap in attached.organization_wraps:
        organization_key_wraps.store(doing.turn, doing.tx, wrap)
    member_id, action = founder.certificate.member, Action.ORGANIZATION_FOUNDED
    record_new_key(doing.turn, doing.tx, member_id, action, doing.about, **facts)
    doing.afterwards = partial(coverage.current, doing.turn, doing.tx)


def _require_new(doing: Carrying) -> None:
    """Refuse an organization whose id is here, or whose name sounds like that of one here."""
    named = organizations.by_name(doing.tx, doing.text("name")[1])
    if named is not None or organizations.by_id(doing.tx, doing.about) is not None:
        raise Refused("organization_exists")


def _decoded(doing: Carrying, new: Sequence[NewCertificate]) -> tuple[_New, _New]:
    """Return the founder's certificate and the service's, both for this organization."""
    try:
        found = [
            _New(Certificate.decode(each.body), Signed(each.body, each.signature, {}))
            for each in new
        ]
    except Malformed:
        raise Refused("certificate_invalid") from None
    if any(each.certificate.organization != doing.about for each in found):
        raise Refused("organization_scope_isolation", place=None)
    return found[0], found[1]


def _require_wraps(
    doing: Carrying, founder: Certificate, helper: Certificate, wraps: Sequence[OrganizationWrap]
) -> None:
    """Refuse unless each use has one key, sealed by the founder to each device that may hold it."""
    wanted = {(use, each.id) for use in USES for each in (founder, helper) if may_hold(use, each)}
    given = [(each.use, each.wrap.certificate) for each in wraps]
    keys = {(each.use, each.key) for each in wraps}
    one_each = len(keys) == len({key for _use, key in keys}) == len(USES)
    if set(given) != wanted or len(given) != len(wanted) or not one_each:
        raise Refused("wrap_invalid", place=None)
    for each in wraps:
        is_signed = each.is_signed(doing.about, founder.keys.signing_key)
        if each.wrap.maker != founder.id or not is_signed:
            raise Refused("wrap_invalid", place=None)


def _require_names(doing: Carrying) -> None:
    """Refuse names not in normal form, an unknown time zone, and the service's handle."""
    for field_name, proper in (
        ("name", require_name),
        ("handle", require_handle),
        ("display_name", require_name),
        ("device", plain_device),
    ):
        doing.require_proper(field_name, proper)
    with by_code():
        local_day(doing.turn.now, doing.turn.zone)
    if doing.text("handle")[1] == SERVICE_HANDLE:
        raise Refused("handle_taken")


def _is_founder(doing: Carrying, new: _New) -> bool:
    """Return whether the certificate is for the signing key, as administrator, with these names."""
    said, certificate = doing.arguments, new.certificate
    roles = certificate.roles
    return (
        certificate.member == UUID(said["founder"])
        and Role.ORG_ADMIN.value in roles
        and roles <= FOUNDER
        and certificate.keys.signing_key.hex() == said["signing_key"]
        and certificate.keys.encryption_key.hex() == said["encryption_key"]
        and all(certificate.texts[name] == Text(*doing.text(name)).digest() for name in TEXTS)
        and _is_of_root(doing, new)
    )


def _is_service(doing: Carrying, new: _New) -> bool:
    """Return whether the certificate is the one the statement names, for this server's own key."""
    certificate, said = new.certificate, doing.request.statement
    return (
        certificate.id == said.service
        and certificate.member == UUID(said.arguments["service_member"])
        and said.arguments["service_member"] != said.arguments["founder"]
        and certificate.roles == {SERVICE}
        and doing.turn.service.of(certificate.keys) is not None
        and all(certificate.texts[name] == text.digest() for name, text in SERVICE_TEXTS.items())
        and _is_of_root(doing, new)
    )


def _is_of_root(doing: Carrying, new: _New) -> bool:
    root = doing.turn.root_public_key
    is_free = members.certificate(doing.tx, new.certificate.id) is None
    is_free = is_free and doing.tx.get(Member, new.certificate.member) is None
    is_signed = Certificate.is_signed(new.signed.body, new.signed.signature, root)
    return new.certificate.issuer is None and is_free and is_signed


def _add_organization(doing: Carrying) -> None:
    salt, name = doing.text("name")
    doing.tx.add(
        Organization(
            id=doing.about,
            name=name,
            name_salt=salt,
            name_key=name_key(name),
            time_zone=doing.turn.zone,
            root_public_key=doing.turn.root_public_key,
            created_at=doing.turn.now,
        )
    )
    doing.tx.flush()


def _enrol(doing: Carrying, happened: Happening, new: _New, device: Text) -> None:
    """Add the certificate's member, with their one device."""
    certificate = new.certificate
    member = Member(**projected.change(happened, certificate.member, certificate))
    doing.tx.add(member)
    doing.tx.flush()
    vouch.keep(doing.tx, member, happened, certificate, new.signed, device)
