"""Open a payload: the mentor's brief, or a coordinator's own draft.

The order is the protection. Signatures, consent and the share's commitment are checked first; then
the access is recorded and the step to `read` taken in one transaction; only when that is committed
does the vault release the share. A refused attempt is recorded too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import consent, envelope, find, names, service, shred, step, trust
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.actions.vouched import context_of
from assigncli.crypto.envelope import open_envelope
from assigncli.domain.access import AuditReceipt, ReadRequest, not_your_assignment, require_readable
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import contact_due_at
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.payload import Payload
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, NotAllowed, RuleRefused, StoreUnavailable, Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.store import assignments
from assigncli.store.tables import Assignment
from assigncli.vault_refusals import SHARE_MISSING, share_missing


@dataclass(frozen=True)
class Brief:
    """What the mentor reads. Moments are aware UTC; the payload is never shown by `repr`."""

    id: UUID
    number: int
    title: str
    priority: Priority
    status: Status
    dispatched_by_user_id: UUID
    coordinator: str
    coordinator_notes: str | None
    contact_due_at: datetime
    expires_at: datetime
    first_read_at: datetime
    payload: Payload = field(repr=False)


def open_brief(session: Session, reference: str) -> Brief:
    """Open an assignment that was dispatched to the acting mentor.

    Raises RuleRefused `consent_before_payload_access`, `expired_payload_inaccessible` and others of
    `domain.access`, NotAllowed `not_your_assignment`, Tampered for whatever does not verify.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        row = find.assignment(session, tx, reference)
    with _refusals_recorded(session, actor, row):
        with session.store.read() as tx:
            secret = _prepare(session, tx, actor, row.id)
        with session.write() as tx:
            row, coordinator, request = _signed(session, tx, row.id)
            receipt = _record_access(session, tx, actor, row)
            _take_steps(session, tx, actor, row)
        payload = _release(session, row, request, receipt, secret)
    return _brief(session, row, coordinator, payload)


def require_found(session: Session, reference: str) -> None:
    """Refuse to open what is not there, before a passphrase is asked; raises NotFound.

    Every other refusal is recorded (rule `audit_all_access`), which takes the member's key.
    """
    with session.store.read() as tx:
        trust.own_certificate(session, tx)
        find.assignment(session, tx, reference)


def open_draft(session: Session, actor: Certificate, row: Assignment) -> Payload:
    """Open the acting coordinator's own draft, for editing it; recorded like any access."""
    with _refusals_recorded(session, actor, row):
        with session.store.read() as tx:
            envelope.require_signed(session, tx, row)
            envelope.require_share(session, tx, row)
            secret = envelope.unwrap_secret(session, tx, row, actor)
        with session.write() as tx:
            row, _coordinator, request = _signed(session, tx, row.id)
            receipt = _record_access(session, tx, actor, row)
        return _release(session, row, request, receipt, secret)


def _prepare(session: Session, tx: Transaction, actor: Certificate, assignment_id: UUID) -> bytes:
    """Check all that can be checked before anything is marked as read; return the secret half."""
    found = assignments.by_id(tx, session.organization_id, assignment_id)
    if found is not None and found.recipient_user_id != session.member_id:
        raise not_your_assignment(found.number)
    row, _coordinator, _request_now = _signed(session, tx, assignment_id)
    secret = envelope.unwrap_secret(session, tx, row, actor)
    envelope.require_share(session, tx, row)
    return secret


def _signed(
    session: Session, tx: Transaction, assignment_id: UUID
) -> tuple[Assignment, str, ReadRequest]:
    """Return the assignment as it stands in this transaction, signed and readable.

    With the name of its dispatcher. Asked again in the transaction that records the access: the
    store may have been changed since the first time. The signature comes before the rules, so that
    no rule is asked about a date or a flag that the coordinator did not sign.
    """
    row = assignments.by_id(tx, session.organization_id, assignment_id)
    if row is None:
        raise find.assignment_not_found()
    dispatcher = envelope.require_signed(session, tx, row)
    request = _request(session, tx, row)
    require_readable(request)
    if assignments.key_is_dead(tx, row):  # also where an old copy of the vault brings its share
        raise share_missing(row.number)
    return row, names.display_name(tx, dispatcher), request


def _request(session: Session, tx: Transaction, row: Assignment) -> ReadRequest:
    return ReadRequest(
        assignment_id=row.id,
        number=row.number,
        organization_id=row.organization_id,
        recipient_id=row.recipient_user_id,
        dispatcher_id=row.dispatched_by_user_id,
        status=row.status,
        expires_at=row.expires_at,
        consent_required=row.consent_required,
        consent_given=row.consent_required and consent.given(session, tx, row),
        actor_id=session.member_id,
        actor_organization_id=session.organization_id,
        now=session.now,
    )


def _record_access(
    session: Session, tx: Transaction, actor: Certificate, row: Assignment
) -> AuditReceipt:
    return record(session, tx, actor, Action.PAYLOAD_DECRYPTED, row.id, number=row.number)


def _take_steps(session: Session, tx: Transaction, actor: Certificate, row: Assignment) -> None:
    if row.status is Status.DISPATCHED:
        host = service.own(session, tx).certificate
        step.step(session, tx, host, row, Status.DELIVERED, delivered_at=session.now)
    if row.status is Status.DELIVERED:
        step.step(session, tx, actor, row, Status.READ, first_read_at=session.now)


def _release(
    session: Session,
    row: Assignment,
    request: ReadRequest,
    receipt: AuditReceipt,
    secret: bytes,
) -> Payload:
    share = session.vault.release(row.encryption_key_id, request, receipt)
    bound = context_of(row).encode()
    opened = open_envelope(row.encrypted_payload, secret, share, bound)
    return Payload.from_bytes(opened)


@contextmanager
def _refusals_recorded(session: Session, actor: Certificate, row: Assignment) -> Iterator[None]:
    """Record a refused attempt (rule `audit_all_access`), and an expiry that was met first."""
    try:
        yield
    except (RuleRefused, NotAllowed, Tampered) as refusal:
        _record_refusal(session, actor, row, refusal)
        raise
    except StoreUnavailable as refusal:
        if refusal.code == SHARE_MISSING:
            _record_refusal(session, actor, row, refusal)
        raise


def _record_refusal(
    session: Session, actor: Certificate, row: Assignment, refusal: AssignError
) -> None:
    dead: UUID | None = None
    with session.write() as tx:
        record(
            session,
            tx,
            service.own(session, tx).certificate,
            Action.PAYLOAD_REFUSED,
            row.id,
            number=row.number,
            code=refusal.code,
            certificate=str(actor.id),
        )
        if refusal.code == Rule.EXPIRED_PAYLOAD_INACCESSIBLE:
            dead = _expire_now(session, tx, row.id)
    if dead is not None:
        shred.delete_shares(session, [dead])


def _expire_now(session: Session, tx: Transaction, assignment_id: UUID) -> UUID | None:
    """Expire what is due by a date that its coordinator signed; nobody else's date ends a brief."""
    row = assignments.by_id(tx, session.organization_id, assignment_id)
    if row is None or not step.is_due_to_expire(row, session):
        return None
    try:
        envelope.require_signed(session, tx, row)
        return step.expire(session, tx, row)
    except Tampered:
        return None


def _brief(session: Session, row: Assignment, coordinator: str, payload: Payload) -> Brief:
    dispatched_at, expires_at = row.dispatched_at, row.expires_at
    if dispatched_at is None or expires_at is None:
        raise find.assignment_not_found()
    return Brief(
        id=row.id,
        number=row.number,
        title=row.title,
        priority=row.priority,
        status=row.status,
        dispatched_by_user_id=row.dispatched_by_user_id,
        coordinator=coordinator,
        coordinator_notes=row.coordinator_notes,
        contact_due_at=contact_due_at(dispatched_at, row.contact_deadline_days, session.zone),
        expires_at=expires_at,
        first_read_at=row.first_read_at or session.now,
        payload=payload,
    )
