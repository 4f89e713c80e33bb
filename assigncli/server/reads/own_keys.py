"""A member's own keys: their certificates, and the fingerprint that others compare."""

from __future__ import annotations

from assigncli.crypto.identity import PublicIdentity, spoken_fingerprint
from assigncli.errors import NotFound
from assigncli.lookups import Nothing
from assigncli.lookups.about_members import Key, Keys
from assigncli.server import certification, names
from assigncli.server.record import about_standing, certificate_given
from assigncli.server.store import members
from assigncli.server.turn import Turn


def list_keys(turn: Turn, _asked: Nothing) -> Keys:
    """Return the turn's member's keys: each certificate, or the one waiting for approval.

    Raises NotFound `member_not_found`, Tampered `certificate_invalid`.
    """
    with turn.store.read() as tx:
        member = members.by_id(tx, turn.organization_id, turn.member_id)
        if member is None:
            raise NotFound("member_not_found", "own")
        keys: list[Key] = []
        given = {
            certificate_given(tx, entry, turn.member_id): entry.at
            for entry in about_standing(turn, tx, turn.member_id)
        }
        profile = members.profile_of(tx, turn.member_id)
        until = None if profile is None else profile.certified_until
        for row in members.certificates_of(tx, turn.organization_id):
            if row.member_id != turn.member_id:
                continue
            certificate = certification.verified(turn, tx, row)
            keys.append(
                Key(
                    certificate.id,
                    member.handle,
                    names.display_name(tx, certificate),
                    _fingerprint(turn, certificate.keys),
                    given.get(certificate.id),
                    until,
                    row.revoked_at,
                )
            )
        if not keys and member.signing_key is not None and member.encryption_key is not None:
            public = PublicIdentity(member.signing_key, member.encryption_key)
            print_ = _fingerprint(turn, public)
            keys.append(Key(None, member.handle, member.display_name, print_))
        return Keys(tuple(keys))


def _fingerprint(turn: Turn, public: PublicIdentity) -> str:
    return spoken_fingerprint(
        root_key=turn.root_public_key,
        organization_id=turn.organization_id,
        member_id=turn.member_id,
        public=public,
    )
