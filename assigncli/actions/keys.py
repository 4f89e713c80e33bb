"""One's own keys: which certificates they have, and the fingerprint that others compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from assigncli.actions import names, trust
from assigncli.actions.record import about_standing, certificate_given
from assigncli.actions.session import Session
from assigncli.crypto.identity import PublicIdentity, spoken_fingerprint
from assigncli.errors import NotFound
from assigncli.locale import _
from assigncli.store import members


@dataclass(frozen=True)
class Key:
    """A member's public keys under one certificate.

    `issued_at` is when the log says it was approved, `certified_until` a local day, included.
    """

    certificate_id: UUID | None
    handle: str
    display_name: str
    fingerprint: str
    issued_at: datetime | None
    certified_until: date | None
    revoked_at: datetime | None


def list_keys(session: Session) -> list[Key]:
    """Return the acting member's keys: each certificate, or the one that waits for approval.

    Raises NotFound `member_not_found`, Tampered `certificate_invalid`.
    """
    with session.store.read() as tx:
        member = members.by_id(tx, session.organization_id, session.member_id)
        if member is None:
            raise NotFound(
                _("Your membership is not in this store."),
                _("Check the profile you are using."),
                code="member_not_found",
            )
        keys = []
        given = {
            certificate_given(tx, entry, session.member_id): entry.at
            for entry in about_standing(session, tx, session.member_id)
        }
        profile = members.profile_of(tx, session.member_id)
        until = None if profile is None else profile.certified_until
        for row in members.certificates_of(tx, session.organization_id):
            if row.member_id != session.member_id:
                continue
            certificate = trust.verified(session, tx, row)
            keys.append(
                Key(
                    certificate.id,
                    member.handle,
                    names.display_name(tx, certificate),
                    _fingerprint(session, certificate.keys),
                    given.get(certificate.id),
                    until,
                    row.revoked_at,
                )
            )
        if not keys and member.signing_key is not None and member.encryption_key is not None:
            public = PublicIdentity(member.signing_key, member.encryption_key)
            keys.append(
                Key(
                    None,
                    member.handle,
                    member.display_name,
                    _fingerprint(session, public),
                    None,
                    None,
                    None,
                )
            )
        return keys


def _fingerprint(session: Session, public: PublicIdentity) -> str:
    return spoken_fingerprint(
        root_key=session.root_public_key,
        organization_id=session.organization_id,
        member_id=session.member_id,
        public=public,
    )
