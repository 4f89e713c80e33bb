"""Keep a certificate issued to a member, and update the member's rows from it.

The caller appends the entry about it, in the same transaction.
"""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.protocol.certificate import SERVICE_TEXTS, Certificate
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.server.projection import certificates, profiles
from assigncli.server.projection import members as projected
from assigncli.server.projection.happening import Happening
from assigncli.server.store import invitations, members
from assigncli.server.store.tables import CertificateRow, Member, PeerMentorProfile


def keep(
    tx: Transaction,
    member: Member,
    happened: Happening,
    certificate: Certificate,
    signed: Signed,
    device: Text,
) -> None:
    """Keep a member's checked first certificate with the device's name, and update their rows."""
    _keep(tx, happened, certificate, signed, device)
    member.sqlmodel_update(projected.change(happened, member.id, certificate))
    members.set_roles(tx, member.id, projected.roles(happened, certificate) or ())
    invitations.end(tx, member.id)
    columns = profiles.change(happened, certificate)
    if columns:
        profile = members.profile_of(tx, member.id)
        tx.add(
            PeerMentorProfile(**columns) if profile is None else profile.sqlmodel_update(columns)
        )
    tx.flush()


def keep_device(
    tx: Transaction,
    member: Member,
    happened: Happening,
    certificate: Certificate,
    signed: Signed,
    device: Text,
) -> None:
    """Keep the checked certificate of one more device; the member's keys become those of it."""
    _keep(tx, happened, certificate, signed, device)
    member.sqlmodel_update(projected.change(happened, member.id, certificate))
    invitations.end_joined(tx, member.id, certificate.keys.signing_key)


def keep_service(
    tx: Transaction,
    member: Member,
    happened: Happening,
    certificate: Certificate,
    signed: Signed,
) -> None:
    """Keep the checked certificate of a new service; the member's keys become those of it."""
    _keep(tx, happened, certificate, signed, SERVICE_TEXTS["device"])
    member.sqlmodel_update(projected.change(happened, member.id, certificate))
    tx.flush()


def _keep(
    tx: Transaction, happened: Happening, certificate: Certificate, signed: Signed, device: Text
) -> None:
    row = certificates.row(happened, certificate, device)
    tx.add(CertificateRow(**row, signature=signed.signature))
    tx.flush()
