"""A mentor's consent: the steps of the text accepted, signed and kept.

The signed record is what counts; the column in the database only follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, envelope, find, step, trust
from assigncli.actions.progress import refused_step
from assigncli.actions.record import about
from assigncli.actions.session import Session
from assigncli.client.exchange import Intent
from assigncli.domain.access import not_your_assignment, require_not_expired
from assigncli.domain.audit import Action
from assigncli.domain.consent import CURRENT, ConsentText
from assigncli.domain.lifecycle import TERMINAL, Status
from assigncli.domain.moves import require_move
from assigncli.errors import AssignError, InvalidInput, Tampered
from assigncli.locale import _, language
from assigncli.store import assignments
from assigncli.store.tables import Assignment, AuditEntry


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

    A consent that is on record already is returned as it is.

    Raises InvalidInput `consent_incomplete` unless every step was accepted, else as `asked`; an
    expiry that is met here is recorded before it is raised.
    """
    if tuple(accepted) != tuple(each.name for each in CURRENT.steps):
        raise InvalidInput(
            _("The consent is not complete: every step has to be accepted."),
            _("Run assign consent again, or tell your coordinator that you decline."),
            code="consent_incomplete",
        )
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        row = _own(session, tx, reference)
        envelope.require_signed(session, tx, row)
        if not step.is_due_to_expire(row, session):
            _require_asked_for(session, row)
        if given(session, tx, row):
            return Consented(row.id, row.number, row.title, CURRENT.version, _given_at(row))
        signer = asking.device(session, tx, actor)
    arguments = {
        "text": CURRENT.version,
        "language": language(),
        "steps": CURRENT.names,
        "text_sha256": CURRENT.digest(language()).hex(),
    }
    intent = Intent(Action.CONSENT_COMPLETED.value, row.id, arguments)
    try:
        done = asking.act(session, signer, intent, partial(refused_step, row.number, Status.READ))
    except AssignError as refused:
        if refused.code != "consent_given":
            raise
        return give(session, reference, accepted)  # elsewhere, meanwhile
    return Consented(row.id, row.number, row.title, CURRENT.version, done.at)


def given(session: Session, tx: Transaction, row: Assignment) -> bool:
    """Say whether the recipient's signed consent to this assignment is on record.

    Raises Tampered `consent_invalid` for one that the recipient did not sign for it.
    """
    consent = assignments.consent_of(tx, row.id, row.recipient_user_id)
    if consent is None:
        if row.consent_completed_at is not None:
            raise _invalid()
        return False
    for entry in about(session, tx, row.id, [Action.CONSENT_COMPLETED]):
        if entry.statement_hash == consent.statement_hash and _is_by(session, tx, entry, row):
            return True
    raise _invalid()


def _is_by(session: Session, tx: Transaction, entry: AuditEntry, row: Assignment) -> bool:
    """Say whether the assignment's recipient signed what the entry carries out."""
    try:
        return trust.signer_of(session, tx, entry).member == row.recipient_user_id
    except Tampered:
        return False


def _given_at(row: Assignment) -> datetime:
    if row.consent_completed_at is None:  # signed, and the column taken back
        raise _invalid()
    return row.consent_completed_at


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


def _invalid() -> Tampered:
    return Tampered(
        _("The consent on record was not signed by the mentor for this assignment."),
        _("Do not rely on it. Tell your administrator: the store has been changed."),
        code="consent_invalid",
    )
