"""Certificates whose chain of issuers reaches the pinned root.

That proves who vouched, not when: whether one counts at a place of the log is for `trust`.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions.session import Session
from assigncli.crypto.certificate import (
    Certificate,
    SignedCertificate,
    certificate_invalid,
    verify_chain,
)
from assigncli.store import members
from assigncli.store.tables import CertificateRow


def chained(session: Session, tx: Transaction, row: CertificateRow) -> Certificate:
    """Return a certificate, revoked or not, whose chain of issuers reaches the pinned root.

    Raises Tampered `certificate_invalid`.
    """
    certificate = verify_chain(
        SignedCertificate(row.body, row.signature),
        organization_id=session.organization_id,
        root_public_key=session.root_public_key,
        issuer_of=issuer_lookup(tx),
    )
    if (certificate.id, certificate.member_id) != (row.id, row.member_id):
        raise certificate_invalid()
    return certificate


def issuer_lookup(tx: Transaction) -> Callable[[UUID], SignedCertificate | None]:
    """Return how a chain's issuers are found; whom a leaver vouched for stays vouched for."""

    def issuer_of(certificate_id: UUID) -> SignedCertificate | None:
        row = members.certificate(tx, certificate_id)
        return None if row is None else SignedCertificate(row.body, row.signature)

    return issuer_of
