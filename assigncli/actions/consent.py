"""A mentor's consent: the steps of the text accepted, signed and kept.

The signed record is what counts; the column in the database only follows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import envelope, find, shred, step, trust
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.crypto.statement import canonical, read_object, stamp
from assigncli.domain.access import expired, not_your_assignment, require_not_expired
from assigncli.domain.audit import Action
from assigncli.domain.consent import CURRENT, ConsentText
from assigncli.domain.lifecycle import TERMINAL, Status
from assigncli.domain.moves import require_move
from assigncli.errors import InvalidInput, Tampered
from assigncli.locale import _, language
from assigncli.protocol.certificate import Certificate
from assigncli.store import assignments
from assigncli.store.tables import Assignment, ConsentRecord

PURPOSE = "consent"


@dataclass(frozen=True)
class Asked:
    """What a mentor is asked to accept, and whether they already have."""

    id: UUID
    number: int
    title: str
    text: ConsentText
    completed_at: datetime | None


@dataclass(frozen=True)
class Consented:
    """A consent that is on record."""

    id: UUID
    number: int
    title: str
    text_version: str
    consent_completed_at: datetime


def asked(session: Session, reference: str) -> Asked:
    """Return what the acting mentor has to accept for this assignment.

    Raises RuleRefused `expired_payload_inaccessible`, NotAllowed `not_your_assignment`,
    InvalidInput `consent_not_asked`, Tampered `consent_invalid` and others.
    """
    with session.store.read() as tx:
        row = _own(session, tx, reference)
        envelope.require_signed(session, tx, row)
        _require_asked_for(session, row)
        at = row.consent_completed_at if given(session, tx, row) else None
        return Asked(row.id, row.number, row.title, CURRENT, at)


def give(session: Session, reference: str, accepted: Sequence[str]) -> Consented:
    """Record the consent; `accepted` names each step of the current text, in order.

    Everything is asked in the transaction that writes: much may have happened while the mentor
    went through the steps. A consent that is on record already is returned as it is.

    Raises InvalidInput `consent_incomplete` unless every step was accepted, else as `asked`; an
    expiry that is met here is recorded before it is raised.
    """
    if tuple(accepted) != tuple(each.name for each in CURRENT.steps):
        raise InvalidInput(
            _("The consent is not complete: every step has to be accepted."),
            _("Run assign consent again, or tell your coordinator that you decline."),
            code="consent_incomplete",
        )
    dead: UUID | None = None
    with session.write() as tx:
        actor = trust.acting(session, tx)
        row = _own(session, tx, reference)
        envelope.require_signed(session, tx, row)
        if step.is_due_to_expire(row, session):
            dead = step.expire(session, tx, row)
        else:
            _require_asked_for(session, row)
            if not given(session, tx, row):
                _write(session, tx, actor, row)
    if dead is not None:
        shred.delete_shares(session, [dead])
        raise expired(row.number)
    if row.consent_completed_at is None:  # signed, and the column taken back
        raise _invalid()
    return Consented(row.id, row.number, row.title, CURRENT.version, row.consent_completed_at)


def given(session: Session, tx: Transaction, row: Assignment) -> bool:
    """Say whether the recipient's signed consent to this assignment is on record.

    Raises Tampered `consent_invalid` for one that the recipient did not sign for it.
    """
    consent = assignments.consent_of(tx, row.id, row.recipient_user_id)
    if consent is None:
        if row.consent_completed_at is not None:
            raise _invalid()
        return False
    signer = trust.verified_by_id(session, tx, consent.certificate_id)
    if not (
        signer.member == row.recipient_user_id
        and _names(consent, row)
        and signer.keys.verify(PURPOSE, consent.body, consent.signature)
    ):
        raise _invalid()
    return True


def _own(session: Session, tx: Transaction, reference: str) -> Assignment:
    row = find.assignment(session, tx, reference)
    if row.recipient_user_id != session.member_id:
        raise not_your_assignment(row.number)
    if row.status is Status.PENDING:
        raise find.no_assignment(session, tx, reference)
    return row


def _require_asked_for(session: Session, row: Assignment) -> None:
    """Refuse what has ended, and what asks for no consent."""
    require_not_expired(row.number, row.status, row.expires_at, session.now)
    if row.status in TERMINAL:
        require_move(row.status, Status.READ, row.number)
    if not row.consent_required:
        raise InvalidInput(
            _("Assignment {number} does not ask for your consent.").format(number=row.number),
            _("Open it with assign open {number}.").format(number=row.number),
            code="consent_not_asked",
        )


def _write(session: Session, tx: Transaction, actor: Certificate, row: Assignment) -> None:
    """Keep the signed record first: the column may only follow it."""
    body = _body(session, row)
    tx.add(
        ConsentRecord(
            id=uuid4(),
            organization_id=row.organization_id,
            assignment_id=row.id,
            member_id=session.member_id,
            text_version=CURRENT.version,
            body=body,
            certificate_id=actor.id,
            signature=session.identity.sign(PURPOSE, body),
            completed_at=session.now,
        )
    )
    tx.flush()
    row.consent_completed_at, row.updated_at = session.now, session.now
    tx.flush()
    record(
        session,
        tx,
        actor,
        Action.CONSENT_COMPLETED,
        row.id,
        number=row.number,
        text_version=CURRENT.version,
    )


def _body(session: Session, row: Assignment) -> bytes:
    return canonical(
        {
            "organization_id": str(row.organization_id),
            "assignment_id": str(row.id),
            "member_id": str(session.member_id),
            "text_version": CURRENT.version,
            "language": language(),
            "steps": [each.name for each in CURRENT.steps],
            "text_sha256": hashlib.sha256(
                json.dumps([each.text for each in CURRENT.steps], ensure_ascii=False).encode()
            ).hexdigest(),
            "completed_at": stamp(session.now),
        }
    )


def _names(consent: ConsentRecord, row: Assignment) -> bool:
    try:
        said = read_object(consent.body)
    except (ValueError, TypeError):
        return False
    named = (row.organization_id, row.id, row.recipient_user_id, consent.text_version)
    keys = ("organization_id", "assignment_id", "member_id", "text_version")
    return [said.get(key) for key in keys] == [str(value) for value in named]


def _invalid() -> Tampered:
    return Tampered(
        _("The consent on record was not signed by the mentor for this assignment."),
        _("Do not rely on it. Tell your administrator: the store has been changed."),
        code="consent_invalid",
    )
