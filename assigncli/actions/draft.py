"""Create an assignment and edit its draft: sealed on this machine before the first write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlmodel import Session as Transaction
from sqlmodel import col

from assigncli.actions import envelope, find, trust
from assigncli.actions.dispatch import Dispatched, finalise
from assigncli.actions.read import open_draft
from assigncli.actions.recipient import Recipient, fit_recipient
from assigncli.actions.record import ASSIGNMENT, record
from assigncli.actions.session import Session
from assigncli.crypto.certificate import Certificate
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import (
    local_day,
    require_deadline_positive,
    require_expiry_in_future,
)
from assigncli.domain.honorarium import Tier
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.payload import Payload
from assigncli.domain.privacy import (
    require_no_personal_data,
    require_note,
    require_reference_length,
    require_title,
)
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused
from assigncli.locale import _
from assigncli.store import assignments
from assigncli.store.tables import Assignment, KeyWrap


@dataclass(frozen=True)
class Draft:
    """What a coordinator says of an assignment, beside the payload. `expires_at` is aware UTC."""

    recipient: str
    title: str
    subject_reference: str | None = None
    priority: Priority = Priority.NORMAL
    contact_deadline_days: int = 10
    expires_at: datetime | None = None
    consent_required: bool = False
    coordinator_notes: str | None = None
    internal_notes: str | None = None


@dataclass(frozen=True)
class Changes:
    """What an edit changes; None leaves a field as it is, an empty text clears it."""

    recipient: str | None = None
    title: str | None = None
    subject_reference: str | None = None
    priority: Priority | None = None
    contact_deadline_days: int | None = None
    expires_at: datetime | None = None
    consent_required: bool | None = None
    coordinator_notes: str | None = None
    internal_notes: str | None = None
    payload: Payload | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Created:
    """The new or changed draft."""

    id: UUID
    number: int
    title: str
    recipient: str
    recipient_name: str
    status: Status


@dataclass(frozen=True)
class _New:
    """A draft that passed every rule and is sealed: by whom, to whom, and the envelope."""

    actor: Certificate
    recipient: Recipient
    sealed: envelope.SealedDraft


def require_ready(session: Session, draft: Draft) -> None:
    """Refuse what can be refused before anybody types a person's details; raises as `create`."""
    _fit(session, draft)
    _require_rules(session, draft, None)


def create(session: Session, draft: Draft, payload: Payload) -> Created:
    """Create a pending assignment; nothing is written where a rule refuses it.

    Raises RuleRefused for each rule a draft can break, NotFound for an unknown mentor, Tampered for
    a mentor's certificate that does not verify.
    """
    with _sealed_draft(session, draft, payload) as new, session.store.write() as tx:
        return _created(_insert(session, tx, draft, new), new.recipient)


def create_and_dispatch(session: Session, draft: Draft, payload: Payload) -> Dispatched:
    """Create an assignment and dispatch it in the same transaction; raises as both."""
    with _sealed_draft(session, draft, payload) as new, session.store.write() as tx:
        row = _insert(session, tx, draft, new)
        return finalise(session, tx, new.actor, new.recipient, row)


def edit(session: Session, reference: str, changes: Changes) -> Created:
    """Change a draft of one's own: seal it anew under a fresh key, and delete the old share.

    Raises as `create`, and RuleRefused `assignment_immutable_after_dispatch` once it is sent.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_coordinator(actor)
        row = find.assignment(session, tx, reference)
    require_own_draft(session, row)
    payload = changes.payload or open_draft(session, actor, row)
    draft = _changed(session, row, changes)
    with _sealed_draft(session, draft, payload, row.id) as new, session.store.write() as tx:
        row, old_key = _rewrite(session, tx, draft, new)
        result = _created(row, new.recipient)
    session.vault.revoke([old_key])
    return result


def require_own_draft(session: Session, row: Assignment) -> None:
    """Refuse to change what is sent, or what another coordinator drafted.

    Raises RuleRefused `assignment_immutable_after_dispatch` or `only_coordinator_can_dispatch`.
    """
    if row.status is not Status.PENDING:
        raise RuleRefused(
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            _("This assignment is no longer a draft, so it cannot be changed."),
            _("Recall or cancel it, and create a new one."),
        )
    if row.dispatched_by_user_id != session.member_id:
        raise RuleRefused(
            Rule.ONLY_COORDINATOR_CAN_DISPATCH,
            _("This draft belongs to another coordinator."),
            _("Ask that coordinator, or create the assignment anew."),
        )


@contextmanager
def _sealed_draft(
    session: Session, draft: Draft, payload: Payload, assignment_id: UUID | None = None
) -> Iterator[_New]:
    """Check every rule, seal, put the share; take the share back if the writing then fails."""
    actor, recipient = _fit(session, draft)
    _require_rules(session, draft, payload)
    sealed = envelope.seal(session, assignment_id or uuid4(), recipient.member.id, payload)
    session.vault.put(sealed.key_id, sealed.sealed.share)
    try:
        yield _New(actor, recipient, sealed)
    except BaseException:
        session.vault.revoke([sealed.key_id])
        raise


def _fit(session: Session, draft: Draft) -> tuple[Certificate, Recipient]:
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_coordinator(actor)
        return actor, fit_recipient(session, tx, draft.recipient)


def _require_rules(session: Session, draft: Draft, payload: Payload | None) -> None:
    require_title(draft.title)
    for note in (draft.coordinator_notes, draft.internal_notes):
        require_note(note or "")
    require_reference_length(draft.subject_reference or "")
    require_no_personal_data(
        {
            "title": draft.title,
            "subject_reference": draft.subject_reference,
            "coordinator_notes": draft.coordinator_notes,
            "internal_notes": draft.internal_notes,
        },
        payload,
        today=local_day(session.now, session.zone),
    )
    require_deadline_positive(draft.contact_deadline_days)
    if draft.expires_at is not None:
        require_expiry_in_future(draft.expires_at, session.now)


def _insert(session: Session, tx: Transaction, draft: Draft, new: _New) -> Assignment:
    tx.add(envelope.key_row(new.sealed, session.now))
    tx.flush()
    row = Assignment(
        id=new.sealed.context.assignment_id,
        number=assignments.next_number(tx, session.organization_id),
        organization_id=session.organization_id,
        dispatched_by_user_id=session.member_id,
        status=Status.PENDING,
        honorarium_tier=Tier.NONE,
        manifest_signature=b"",
        created_at=session.now,
        **_columns(session, draft, new),
    )
    row.manifest_signature = envelope.signature_of(session, tx, row)
    tx.add(row)
    tx.flush()
    _add_wraps(session, tx, new)
    assignments.log_step(tx, row, None, Status.PENDING, session.member_id, session.now)
    record(
        session, tx, new.actor, Action.ASSIGNMENT_CREATED, (ASSIGNMENT, row.id), number=row.number
    )
    return row


def _rewrite(
    session: Session, tx: Transaction, draft: Draft, new: _New
) -> tuple[Assignment, UUID]:
    row = assignments.by_id(tx, session.organization_id, new.sealed.context.assignment_id)
    if row is None:
        raise find.assignment_not_found()
    require_own_draft(session, row)
    envelope.require_signed(session, tx, row)
    old_key = row.encryption_key_id
    tx.add(envelope.key_row(new.sealed, session.now))
    tx.flush()
    for name, value in _columns(session, draft, new).items():
        setattr(row, name, value)
    row.manifest_signature = envelope.signature_of(session, tx, row)
    tx.flush()
    tx.exec(delete(KeyWrap).where(col(KeyWrap.assignment_id) == row.id))
    tx.flush()
    _add_wraps(session, tx, new)
    assignments.revoke_key(tx, old_key, session.now)
    record(
        session, tx, new.actor, Action.ASSIGNMENT_EDITED, (ASSIGNMENT, row.id), number=row.number
    )
    return row, old_key


def _columns(session: Session, draft: Draft, new: _New) -> dict[str, Any]:
    return {
        "recipient_user_id": new.recipient.member.id,
        "title": draft.title,
        "subject_reference": draft.subject_reference or None,
        "encrypted_payload": new.sealed.sealed.encrypted_payload,
        "encryption_key_id": new.sealed.key_id,
        "priority": draft.priority,
        "contact_deadline_days": draft.contact_deadline_days,
        "expires_at": draft.expires_at,
        "consent_required": draft.consent_required,
        "coordinator_notes": draft.coordinator_notes or None,
        "internal_notes": draft.internal_notes or None,
        "dispatcher_certificate_id": new.actor.id,
        "updated_at": session.now,
    }


def _add_wraps(session: Session, tx: Transaction, new: _New) -> None:
    readers = {reader.member_id: reader for reader in (new.actor, new.recipient.certificate)}
    for reader in readers.values():
        tx.add(
            envelope.wrap_row(
                session, new.sealed.context, new.sealed.sealed.secret, new.actor, reader
            )
        )
    tx.flush()


def _changed(session: Session, row: Assignment, changes: Changes) -> Draft:
    with session.store.read() as tx:
        names = find.member_names(session, tx, {row.recipient_user_id})
    kept = {each.name: getattr(row, each.name) for each in fields(Draft)[1:]}
    current = Draft(recipient=names[row.recipient_user_id][0], **kept)
    changed = {
        name: value
        for name, value in vars(changes).items()
        if name != "payload" and value is not None
    }
    return replace(current, **changed)


def _created(row: Assignment, recipient: Recipient) -> Created:
    return Created(
        id=row.id,
        number=row.number,
        title=row.title,
        recipient=recipient.member.handle,
        recipient_name=recipient.certificate.display_name,
        status=row.status,
    )
