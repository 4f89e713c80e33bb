"""Whose statement it is, and whether it may act here and now (PROTOCOL.md section 7, 3 to 8).

The first failure is the answer. What the act itself asks for is for the act's own rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import log, service
from assigncli.actions.certified import chained
from assigncli.actions.session import Session
from assigncli.crypto.statement import signature_holds, stamp
from assigncli.errors import AssignError, Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.statement import PURPOSE
from assigncli.server import attempts
from assigncli.server.refused import Refused, RefusedBefore
from assigncli.server.request import Request
from assigncli.store import audit, members
from assigncli.store.tables import AuditEntry, CertificateRow

_APART: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Admitted:
    """A statement that may act: whose certificate it names, with its row.

    `known` are the entries by which it was carried out before; then nothing else was checked.
    """

    certificate: Certificate
    row: CertificateRow
    known: Sequence[AuditEntry] = ()


def admit(session: Session, tx: Transaction, request: Request) -> Admitted:
    """Return who acts, and let this transaction append to the log; raises Refused.

    `session.now` becomes the moment of the entries: the server's clock, never before the last one.
    Where only the outcome is asked for, clock, certificate and log are not looked at.
    """
    _require_address(session, tx, request)
    certificate, row = _signer(session, tx, request)
    known = audit.carrying_out(tx, session.organization_id, request.hash)
    if known:
        return Admitted(certificate, row, known)
    _require_new(session, tx, request, certificate)
    end = audit.tail(tx, session.organization_id)
    if not request.is_act:
        session.now = max(session.now, end.at or session.now)
        return Admitted(certificate, row)
    _set_clock(session, request, end)
    _require_in_force(row)
    try:
        log.go_on(tx, session.organization_id, end, request.statement.seen)
    except Tampered as fault:
        if fault.code not in ("log_behind", "log_forked"):
            raise
        raise Refused(fault.code, size=end.size) from None
    return Admitted(certificate, row)


def _require_address(session: Session, tx: Transaction, request: Request) -> None:
    """Refuse what is meant for another organisation, or for another service of this one."""
    if request.statement.organization != session.organization_id:
        raise Refused("organization_not_found")
    ours = service.own(session, tx).certificate.id
    if request.statement.service != ours:
        raise Refused("service_differs", service=str(ours))


def _signer(
    session: Session, tx: Transaction, request: Request
) -> tuple[Certificate, CertificateRow]:
    """Return the certificate named, once it is of this organisation and signed the statement."""
    row = _row(tx, session.organization_id, request.statement.certificate)
    certificate = chained(session, tx, row)
    key = certificate.keys.signing_key
    if not signature_holds(key, PURPOSE, request.body, request.signature):
        raise Refused("signature_invalid")
    return certificate, row


def _row(tx: Transaction, organization_id: UUID, certificate_id: UUID | None) -> CertificateRow:
    row = None if certificate_id is None else members.certificate(tx, certificate_id)
    if row is None or row.organization_id != organization_id:
        raise Refused("certificate_unknown")
    return row


def _require_new(
    session: Session, tx: Transaction, request: Request, certificate: Certificate
) -> None:
    """Refuse what was refused or withdrawn before, and a device that sends too much of it."""
    before = attempts.known(tx, session.organization_id, request.hash)
    if before is not None and before.withdrawn and not request.is_act:
        raise Refused("statement_unknown")
    if before is not None:
        raise RefusedBefore(before.code, before.facts, before.sequence)
    if request.is_act and attempts.is_flooded(
        tx, session.organization_id, certificate.id, session.now
    ):
        raise Refused("store_busy")


def _require_in_force(row: CertificateRow) -> None:
    if row.revoked_at is not None:
        raise Refused("certificate_revoked")


def _set_clock(session: Session, request: Request, end: audit.Tail) -> None:
    """Refuse a clock that is behind the log, and one that is far from the device's."""
    now = session.now
    try:
        session.now = log.moment_after(end.at, now)
    except AssignError as fault:
        raise Refused(fault.code, last=None if end.at is None else stamp(end.at)) from None
    if abs(request.statement.at - now) > _APART:
        raise Refused("clock_apart")
