"""Verify that a certificate's chain of issuers reaches the pinned root.

This proves who vouched, not when. `certification` checks whether a certificate was in force at a
place in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.protocol.certificate import SERVICE, Certificate
from assigncli.protocol.signed import Signed
from assigncli.server import names
from assigncli.server.store import members
from assigncli.server.store.tables import CertificateRow
from assigncli.server.turn import Turn
from assigncli.trust.tampering import certificate_invalid
from assigncli.trust.vouching import verify_chain


def chained(turn: Turn, tx: Transaction, row: CertificateRow) -> Certificate:
    """Return a certificate, in force or not, whose chain reaches the pinned root.

    Also checks that the row's ids and device name are the signed ones. Raises Tampered
    `certificate_invalid`.
    """
    certificate = of_chain(turn, Signed(row.body, row.signature, {}), issuer_lookup(tx))
    if (certificate.id, certificate.member) != (row.id, row.member_id):
        raise certificate_invalid()
    if not names.fits(certificate, "device", row.device_salt, row.device):
        raise certificate_invalid()
    return certificate


def of_chain(turn: Turn, signed: Signed, issuer_of: Callable[[UUID], Signed | None]) -> Certificate:
    """Return a certificate whose chain reaches the pinned root; its row is not looked at.

    Raises Tampered `certificate_invalid`.
    """
    return verify_chain(
        signed,
        organization_id=turn.organization_id,
        root_public_key=turn.root_public_key,
        issuer_of=issuer_of,
    )


def issuer_lookup(tx: Transaction) -> Callable[[UUID], Signed | None]:
    """Return the lookup of a chain's issuers.

    It returns revoked certificates too: whom a former member vouched for stays vouched for.
    """

    def issuer_of(certificate_id: UUID) -> Signed | None:
        row = members.certificate(tx, certificate_id)
        return None if row is None else Signed(row.body, row.signature, {})

    return issuer_of


def facts_of(certificate: Certificate) -> dict[str, str]:
    """Return the facts by which an entry names a certificate: id and digest."""
    return {
        "certificate": str(certificate.id),
        "digest": Certificate.digest(certificate.encode()).hex(),
    }


def is_named(certificate: Certificate, facts: Mapping[str, object]) -> bool:
    """Return whether an entry with these facts names exactly this certificate.

    A founding names the service's by its digest alone.
    """
    if "service_digest" in facts and SERVICE in certificate.roles:
        return facts["service_digest"] == facts_of(certificate)["digest"]
    return all(facts.get(name) == fact for name, fact in facts_of(certificate).items())
