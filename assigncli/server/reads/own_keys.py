"""The keys of a member's devices: their certificates, and the fingerprint that others compare."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.crypto.identity import PublicIdentity, spoken_fingerprint
from assigncli.domain.lifecycle import STAFF, is_staff
from assigncli.domain.permitted import role_missing
from assigncli.errors import NotFound
from assigncli.lookups.about_members import Key, Keys, WantedKeys
from assigncli.server import certification, names
from assigncli.server.reads import find
from assigncli.server.record import about_standing, certificate_given
from assigncli.server.store import invitations, members
from assigncli.server.store.tables import CertificateRow, Member
from assigncli.server.turn import Turn


def list_keys(turn: Turn, asked: WantedKeys) -> Keys:
    """Return a member's keys: each certificate, and each device that waits for approval.

    A member sees their own, a coordinator or an administrator everybody's. Raises NotAllowed
    `role_missing`, NotFound `member_not_found`, Tampered `certificate_invalid`.
    """
    with turn.store.read() as tx:
        member = _asked_for(turn, tx, asked.handle)
        certified = list(_certified(turn, tx, member))
        waiting = list(_waiting(turn, tx, member))
        if not certified and not waiting:
            waiting = list(_joined_first(turn, member))
        return Keys((*certified, *waiting))


def _asked_for(turn: Turn, tx: Transaction, handle: str | None) -> Member:
    if handle is None:
        own = members.by_id(tx, turn.organization_id, turn.member_id)
        if own is None:
            raise NotFound("member_not_found", "own")
        return own
    found = find.member(turn, tx, handle)
    if found.id != turn.member_id and not is_staff(members.roles_of(tx, turn.member_id)):
        raise role_missing(*STAFF, has_inbox=True)
    return found


def _certified(turn: Turn, tx: Transaction, member: Member) -> Iterator[Key]:
    given = {
        certificate_given(tx, entry, member.id): entry.at
        for entry in about_standing(turn, tx, member.id)
    }
    profile = members.profile_of(tx, member.id)
    rows = [row for _member, row in members.with_certificates(tx, [member.id])]
    for row in reversed(rows):
        certificate = certification.verified(turn, tx, row)
        yield Key(
            certificate_id=certificate.id,
            handle=member.handle,
            display_name=names.display_name(tx, certificate),
            fingerprint=_fingerprint(turn, member, certificate.keys),
            issued_at=given.get(certificate.id),
            certified_until=None if profile is None else profile.certified_until,
            revoked_at=row.revoked_at,
            suspended_at=row.suspended_at,
            device=row.device,
            approved_by=_issuer(turn, tx, certificate.issuer),
        )


def _issuer(turn: Turn, tx: Transaction, issuer: UUID | None) -> str | None:
    """Return the name of who certified a device; None for the root key."""
    row: CertificateRow | None = None if issuer is None else members.certificate(tx, issuer)
    if row is None:
        return None
    return names.display_name(tx, certification.verified(turn, tx, row))


def _waiting(turn: Turn, tx: Transaction, member: Member) -> Iterator[Key]:
    for row in invitations.waiting(tx, [member.id]):
        if row.signing_key is not None and row.encryption_key is not None:
            public = PublicIdentity(row.signing_key, row.encryption_key)
            digits = _fingerprint(turn, member, public)
            yield Key(None, member.handle, member.display_name, digits, device=row.device)


def _joined_first(turn: Turn, member: Member) -> Iterator[Key]:
    """Yield the keys of a member's row, where nothing else is left of their joining."""
    if member.signing_key is not None and member.encryption_key is not None:
        public = PublicIdentity(member.signing_key, member.encryption_key)
        digits = _fingerprint(turn, member, public)
        yield Key(None, member.handle, member.display_name, digits)


def _fingerprint(turn: Turn, member: Member, public: PublicIdentity) -> str:
    return spoken_fingerprint(
        root_key=turn.root_public_key,
        organization_id=turn.organization_id,
        member_id=member.id,
        public=public,
    )
