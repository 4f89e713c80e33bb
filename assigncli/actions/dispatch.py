"""Dispatch: finalise a draft, so that from here on payload, recipient and dispatcher stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import cycles, envelope, find, settings, trust
from assigncli.actions.recipient import Recipient, require_recipient
from assigncli.actions.session import Session
from assigncli.actions.step import step
from assigncli.crypto.certificate import Certificate
from assigncli.crypto.manifest import sign_manifest
from assigncli.domain.deadlines import (
    contact_due_at,
    default_expiry,
    require_expiry_in_future,
)
from assigncli.domain.honorarium import LedgerKind, Tier, next_sequence, tier_for
from assigncli.domain.lifecycle import Priority, Status, require_move
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused
from assigncli.locale import _
from assigncli.store import assignments, ledger, members, outbox
from assigncli.store.outbox import NotificationKind
from assigncli.store.tables import Assignment


@dataclass(frozen=True)
class Dispatched:
    """A dispatched assignment. Moments are aware UTC."""

    id: UUID
    number: int
    title: str
    recipient: str
    recipient_name: str
    status: Status
    priority: Priority
    dispatched_at: datetime
    contact_due_at: datetime
    expires_at: datetime
    threshold_sequence_number: int
    honorarium_tier: Tier


def dispatch(session: Session, reference: str) -> Dispatched:
    """Dispatch one's own draft.

    The draft's signature and the vault's share are checked first, and the secret half is sealed
    anew to the mentor's certificate of today, so that what is sent can be opened and is what was
    drafted. Raises RuleRefused for each rule, Tampered where something was changed.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_coordinator(actor)
        row = find.assignment(session, tx, reference)
        _require_own(session, row)
        require_move(row.status, Status.DISPATCHED)
        envelope.require_signed(session, tx, row)
        envelope.require_share(session, tx, row)
        recipient = _recipient_of(session, tx, row)
        secret = envelope.unwrap_secret(session, tx, row)
        signed = row.manifest_signature
    with session.store.write() as tx:
        row = find.assignment(session, tx, str(row.id))
        require_move(row.status, Status.DISPATCHED)
        if row.manifest_signature != signed:
            raise _changed_meanwhile()
        envelope.require_signed(session, tx, row)
        _rewrap(session, tx, row, secret, actor, recipient)
        return finalise(session, tx, actor, recipient, row)


def finalise(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    recipient: Recipient,
    row: Assignment,
) -> Dispatched:
    """Take the step to dispatched, with everything that belongs to it, in the transaction at hand.

    The sequence number is read from the ledger inside the transaction, so two dispatches at once
    never share or skip one.
    """
    in_force = settings.in_force(session, tx)
    expires_at = row.expires_at or default_expiry(
        session.now, in_force.expires_after_days, session.zone
    )
    require_expiry_in_future(expires_at, session.now)
    cycle = cycles.current(session, tx, actor)
    sequence = next_sequence(ledger.dispatched_count(tx, recipient.member.id, cycle.id))
    tier = tier_for(sequence, in_force.thresholds)
    step(
        session,
        tx,
        actor,
        row,
        Status.DISPATCHED,
        dispatched_at=session.now,
        expires_at=expires_at,
        reporting_cycle_id=cycle.id,
        threshold_sequence_number=sequence,
        honorarium_tier=tier,
        dispatcher_certificate_id=actor.id,
        manifest_signature=_final_signature(session, tx, actor, row, expires_at),
    )
    ledger.add_line(tx, row, LedgerKind.DISPATCHED, cycle.id, session.now)
    outbox.queue(tx, row, NotificationKind.DISPATCHED, row.recipient_user_id, session.now)
    return Dispatched(
        id=row.id,
        number=row.number,
        title=row.title,
        recipient=recipient.member.handle,
        recipient_name=recipient.certificate.display_name,
        status=row.status,
        priority=row.priority,
        dispatched_at=session.now,
        contact_due_at=contact_due_at(session.now, row.contact_deadline_days, session.zone),
        expires_at=expires_at,
        threshold_sequence_number=sequence,
        honorarium_tier=tier,
    )


def _final_signature(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    row: Assignment,
    expires_at: datetime,
) -> bytes:
    final = replace(
        envelope.manifest_of(tx, row),
        status=Status.DISPATCHED.value,
        dispatched_at=session.now,
        expires_at=expires_at,
        dispatcher_certificate_id=actor.id,
    )
    return sign_manifest(final, session.identity)


def _require_own(session: Session, row: Assignment) -> None:
    if row.dispatched_by_user_id != session.member_id and row.status is Status.PENDING:
        raise RuleRefused(
            Rule.ONLY_COORDINATOR_CAN_DISPATCH,
            _("This draft belongs to another coordinator."),
            _("Ask that coordinator, or create the assignment anew."),
        )


def _recipient_of(session: Session, tx: Transaction, row: Assignment) -> Recipient:
    found = members.by_id(tx, session.organization_id, row.recipient_user_id)
    if found is None:
        raise RuleRefused(
            Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION,
            _("The mentor of this draft is not a member of your organisation."),
            _("Choose another mentor with assign edit."),
        )
    return require_recipient(session, tx, found)


def _rewrap(
    session: Session,
    tx: Transaction,
    row: Assignment,
    secret: bytes,
    actor: Certificate,
    recipient: Recipient,
) -> None:
    fresh = envelope.wrap_row(
        session, envelope.context_of(row), secret, actor, recipient.certificate
    )
    wrap = assignments.wrap_for(tx, row.id, recipient.member.id)
    if wrap is None:
        tx.add(fresh)
    else:
        wrap.wrap, wrap.signature = fresh.wrap, fresh.signature
        wrap.sealed_by_certificate_id, wrap.created_at = actor.id, session.now
    tx.flush()


def _changed_meanwhile() -> RuleRefused:
    return RuleRefused(
        Rule.VALID_STATUS_TRANSITION,
        _("This draft was changed by someone else at the same moment."),
        _("Run assign show with its number, and dispatch it again if it is right."),
    )
