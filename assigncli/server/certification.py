"""Verify members against the pinned root. Names, roles and keys in the database are never trusted.

A row that differs from the certificate is tampering: it raises Tampered, and the row is not used. A
signature does not say when it was made, and a former member still has the keys. Therefore the order
of the audit log decides which certificates are in force and who could issue them. That the log
itself is whole is not checked here: `verify` does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.actions import CERTIFYING, Action
from assigncli.domain.lifecycle import NOT_YET_MEMBER, Role
from assigncli.domain.permitted import (
    certificate_suspended,
    key_not_certified,
    membership_revoked,
    not_approved,
    only_coordinator,
    role_missing,
)
from assigncli.protocol.certificate import SERVICE_ROLES, Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.statement import Statement
from assigncli.server import names, stated
from assigncli.server.certified import chained, is_named
from assigncli.server.held_certificates import held, in_force
from assigncli.server.record import (
    about_standing,
    certificate_given,
    details_of,
    entry_of,
    is_of_root,
    statement_of,
)
from assigncli.server.standing import status_of
from assigncli.server.store import members
from assigncli.server.store.tables import AuditEntry, CertificateRow, Member
from assigncli.server.turn import Turn
from assigncli.trust.signers import ACTORS
from assigncli.trust.tampering import certificate_invalid
from assigncli.trust.vouching import may_vouch

_VERIFIED: Final = "assigncli_verified"
_SIGNERS: Final = "assigncli_signers"


def acting(turn: Turn, tx: Transaction) -> Certificate:
    """Return the certificate, in force, of the service's key.

    Raises IdentityUnavailable `not_approved`, `membership_revoked` or `key_not_certified`, or
    Tampered `certificate_invalid`.
    """
    key = turn.service
    for certificate in _live_certificates(turn, tx, key.member_id):
        if key.of(certificate.keys) is not None:
            return certificate
    raise key_not_certified()


def own_certificate(turn: Turn, tx: Transaction) -> Certificate:
    """Return the newest certificate of the turn's member, verified; needs no private key.

    Enough to look at the member's own data. Raises IdentityUnavailable `not_approved` or
    `membership_revoked`, Tampered `certificate_invalid`.
    """
    return own_certificates(turn, tx)[-1]


def own_certificates(turn: Turn, tx: Transaction) -> list[Certificate]:
    """Return the certificates of all devices of the turn's member; raises as `own_certificate`."""
    return _live_certificates(turn, tx, turn.member_id)


def _live_certificates(turn: Turn, tx: Transaction, member_id: UUID) -> list[Certificate]:
    member = members.by_id(tx, turn.organization_id, member_id)
    if member is None or status_of(tx, member) in NOT_YET_MEMBER:
        raise not_approved()
    certificates = in_force_of(turn, tx, member)
    if not certificates and certificates_of(turn, tx, member):
        raise certificate_suspended()
    if not certificates:
        raise membership_revoked()
    return certificates


def require_role(certificate: Certificate, *roles: Role) -> None:
    """Refuse a certificate with none of `roles`; raises NotAllowed `role_missing`."""
    if not certificate.roles & {role.value for role in roles}:
        raise role_missing(*roles)


def require_asker(turn: Turn, tx: Transaction, *roles: Role) -> None:
    """Refuse a turn whose member has none of `roles` by a certificate that counts now.

    Unlike the rows of roles, the database cannot change a certificate. Raises NotAllowed
    `role_missing`.
    """
    member = members.by_id(tx, turn.organization_id, turn.member_id)
    counting = [] if member is None else in_force_of(turn, tx, member)
    if not counting:
        raise role_missing(*roles)
    require_role(counting[-1], *roles)


def require_coordinator(certificate: Certificate) -> None:
    """Refuse anyone but a coordinator (rule `only_coordinator_can_dispatch`), for drafts too."""
    if Role.COORDINATOR.value not in certificate.roles:
        raise only_coordinator()


def certificate_of(turn: Turn, tx: Transaction, member: Member) -> Certificate | None:
    """Return the newest of the member's certificates, as `certificates_of`; None without any."""
    return next(reversed(certificates_of(turn, tx, member)), None)


def certificates_of(turn: Turn, tx: Transaction, member: Member) -> list[Certificate]:
    """Verify and return the certificates that a member holds, one for each device, in log order.

    Each equals its row, and they are exactly those that the log gave and did not end: neither an
    older certificate nor an ended membership can be brought back. A suspended one is among them.
    Raises Tampered `certificate_invalid`.
    """
    rows = {row.id: row for row in members.live_certificates(tx, member.id)}
    entries = about_standing(turn, tx, member.id)
    given, suspended = held(tx, member.id, entries)
    marked = {each for each, row in rows.items() if row.suspended_at is not None}
    if rows.keys() != set(given) or marked != suspended:
        raise certificate_invalid()
    certificates = [verified(turn, tx, rows[each]) for each in given]
    roles = frozenset(role.value for role in members.roles_of(tx, member.id)) if given else None
    for certificate in certificates:
        named = certificate.member == member.id and names.are_of(certificate, member)
        if not named or certificate.roles != roles:
            raise certificate_invalid()
    if certificates:
        keys = certificates[-1].keys
        if (member.signing_key, member.encryption_key) != (keys.signing_key, keys.encryption_key):
            raise certificate_invalid()
        _require_certification(turn, tx, certificates[-1], entries)
    return certificates


def in_force_of(turn: Turn, tx: Transaction, member: Member) -> list[Certificate]:
    """Return those of the member's certificates that count now; raises as `certificates_of`."""
    certificates = certificates_of(turn, tx, member)
    _given, suspended = held(tx, member.id, about_standing(turn, tx, member.id))
    return [each for each in certificates if each.id not in suspended]


def _require_certification(
    turn: Turn, tx: Transaction, certificate: Certificate, entries: Sequence[AuditEntry]
) -> None:
    """Refuse a mentor's profile whose last day is not that of the last entry to set one."""
    if Role.PEER_MENTOR.value not in certificate.roles:
        return
    profile = members.profile_of(tx, certificate.member)
    if profile is None:
        return
    said = [row for row in entries if row.action in CERTIFYING][-1]
    signer = signer_of(turn, tx, said)
    if signer is not None and (
        signer.member == certificate.member or not may_vouch(signer.roles, certificate.roles)
    ):
        raise certificate_invalid()
    until = _last_day_of(tx, said)
    if until != (None if profile.certified_until is None else profile.certified_until.isoformat()):
        raise certificate_invalid()


def _last_day_of(tx: Transaction, said: AuditEntry) -> object:
    """Return the last day of a certification by the statement of a verified entry, or None."""
    kept = statement_of(tx, said)
    arguments = {} if kept is None else Statement.decode(kept.body).arguments
    return arguments.get("certified_until", arguments.get("until"))


def verified(turn: Turn, tx: Transaction, row: CertificateRow) -> Certificate:
    """Return a certificate, in force or not, after checking that its issuer could issue it.

    What counts is what the issuer could do when it was recorded. Verified once in a transaction,
    since the answer cannot change. Raises Tampered `certificate_invalid`.
    """
    known: dict[UUID, Certificate] = tx.info.setdefault(_VERIFIED, {})
    if row.id not in known:
        certificate = chained(turn, tx, row)
        _require_recorded(turn, tx, certificate)
        known[row.id] = certificate
    return known[row.id]


def verified_by_id(turn: Turn, tx: Transaction, certificate_id: UUID) -> Certificate:
    """Return the certificate with this id, verified; Tampered `certificate_invalid` if none."""
    row = members.certificate(tx, certificate_id)
    if row is None:
        raise certificate_invalid()
    return verified(turn, tx, row)


def signer_of(turn: Turn, tx: Transaction, row: AuditEntry) -> Certificate | None:
    """Verify an entry's signatures, and return its actor's certificate; None for the root key.

    The service must have signed the entry, the actor its statement; what the service states by
    itself has no statement. The certificate must have been in force at that place in the log, with
    a role that may do the act. Raises Tampered `certificate_invalid`.
    """
    known: dict[tuple[UUID, int], Certificate | None] = tx.info.setdefault(_SIGNERS, {})
    place = (row.organization_id, row.sequence)
    if place not in known:
        known[place] = _verified_signer(turn, tx, row)
    return known[place]


def _verified_signer(turn: Turn, tx: Transaction, row: AuditEntry) -> Certificate | None:
    # Check the signers first. Their entries are older than this one, so the recursion ends.
    host = _service_of(turn, tx, row)
    if is_of_root(row):
        signed = _is_signed(tx, row, host.keys, turn.root_public_key)
        if row.actor_id != turn.organization_id or not signed:
            raise certificate_invalid()
        return None
    named = row.actor_certificate_id
    if row.action == Action.ORGANIZATION_FOUNDED:  # gives the founder's certificate
        named = certificate_given(tx, row, row.actor_id)
    signer = host
    if row.statement_hash is not None:
        entries = about_standing(turn, tx, row.actor_id)
        if named is None or named not in in_force(tx, row.actor_id, entries, row.sequence):
            raise certificate_invalid()
        signer = verified_by_id(turn, tx, named)
    allowed = ACTORS[Action(row.action)]
    if (
        (signer.id, signer.member) != (named, row.actor_id)
        or not allowed & signer.roles
        or not _is_signed(tx, row, host.keys, signer.keys.signing_key)
    ):
        raise certificate_invalid()
    return signer


def _is_signed(tx: Transaction, row: AuditEntry, host: PublicIdentity, key: bytes) -> bool:
    try:
        entry = entry_of(row)
        if not Entry.is_signed(entry.encode(), row.signature, host.signing_key):
            return False
    except (ValueError, TypeError, AttributeError):
        return False
    if entry.statement is None:
        return stated.stands_alone(entry)
    said = statement_of(tx, row)
    if said is None or said.organization_id != row.organization_id:
        return False
    return stated.fault_of(entry, said.body, said.signature, key) is None


def _service_of(turn: Turn, tx: Transaction, row: AuditEntry) -> Certificate:
    """Return the service's certificate that signed an entry; it must be in force at that place."""
    certificate_row = members.certificate(tx, row.service_certificate_id)
    if certificate_row is None:
        raise certificate_invalid()
    member_id = certificate_row.member_id
    entries = about_standing(turn, tx, member_id)
    if certificate_row.id not in in_force(tx, member_id, entries, row.sequence):
        raise certificate_invalid()
    if row.action == Action.SERVICE_REPLACED:  # gives the certificate of its own signer
        certificate = chained(turn, tx, certificate_row)
        if not is_named(certificate, details_of(row.details)):
            raise certificate_invalid()
    else:
        certificate = verified(turn, tx, certificate_row)
    if certificate.roles != SERVICE_ROLES:
        raise certificate_invalid()
    return certificate


def _require_recorded(turn: Turn, tx: Transaction, certificate: Certificate) -> None:
    """Refuse a certificate unless an entry gives it, signed by someone who could issue it there."""
    for row in about_standing(turn, tx, certificate.member):
        given = certificate_given(tx, row, certificate.member) == certificate.id
        if given and is_named(certificate, details_of(row.details)):
            if not _could_give(turn, tx, row, certificate):
                break
            return
    raise certificate_invalid()


def given_at(turn: Turn, tx: Transaction, certificate: Certificate) -> int:
    """Return the sequence of the entry that approved a verified certificate."""
    for row in about_standing(turn, tx, certificate.member):
        if certificate_given(tx, row, certificate.member) == certificate.id:
            return row.sequence
    raise certificate_invalid()


def _could_give(turn: Turn, tx: Transaction, row: AuditEntry, certificate: Certificate) -> bool:
    """Return whether the entry's signer could; the root gives a service only at the founding."""
    if row.action == Action.ORGANIZATION_FOUNDED:
        return certificate.issuer is None
    signer = signer_of(turn, tx, row)
    if certificate.issuer is None:
        return signer is None and certificate.roles != SERVICE_ROLES
    issuer = members.certificate(tx, certificate.issuer)
    return (
        signer is not None
        and issuer is not None
        and issuer.member_id == signer.member
        and may_vouch(signer.roles, certificate.roles)
    )
