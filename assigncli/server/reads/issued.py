"""What a device has certified, for who has to doubt it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import STAFF
from assigncli.domain.permitted import role_missing
from assigncli.lookups.about_members import IssuedKey, IssuedKeys, OfCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.server import certification, names
from assigncli.server.record import about_standing, certificate_given
from assigncli.server.store import members
from assigncli.server.turn import Turn


def issued(turn: Turn, asked: OfCertificate) -> IssuedKeys:
    """Return the certificates that this device issued, in the order of the log.

    For coordinators and administrators: raises NotAllowed `role_missing`, Tampered
    `certificate_invalid`.
    """
    with turn.store.read() as tx:
        own = members.by_id(tx, turn.organization_id, turn.member_id)
        held = [] if own is None else certification.in_force_of(turn, tx, own)
        if not held:
            raise role_missing(*STAFF)
        certification.require_role(held[-1], *STAFF)
        found = _issued(turn, tx, asked)
        return IssuedKeys(tuple(sorted(found, key=lambda each: each.sequence)))


def _issued(turn: Turn, tx: Transaction, asked: OfCertificate) -> Iterator[IssuedKey]:
    for row in members.certificates_of(tx, turn.organization_id):
        if Certificate.decode(row.body).issuer != asked.certificate_id:
            continue
        certificate = certification.verified(turn, tx, row)
        handle = members.names(tx, [row.member_id])[row.member_id][0]
        for entry in about_standing(turn, tx, row.member_id):
            if certificate_given(tx, entry, row.member_id) == row.id:
                name = names.display_name(tx, certificate)
                yield IssuedKey(
                    certificate_id=row.id,
                    sequence=entry.sequence,
                    at=entry.at,
                    handle=handle,
                    display_name=name,
                    device=row.device,
                    counts=row.revoked_at is None and row.suspended_at is None,
                )
