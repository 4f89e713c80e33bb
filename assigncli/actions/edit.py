"""Edit a draft of one's own: sealed anew under a fresh key, the old share deleted."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import envelope, find, shred, trust
from assigncli.actions.draft import (
    Created,
    Draft,
    Order,
    Sealed,
    columns,
    manifest_for,
    put_shares,
    sealed,
    sealed_facts,
)
from assigncli.actions.read import open_draft
from assigncli.actions.record import record
from assigncli.actions.roll import Roll
from assigncli.actions.session import Session
from assigncli.actions.vouched import signed
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import TERMINAL, UNREAD, Priority, Status
from assigncli.domain.payload import Payload
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.store import assignments
from assigncli.store.tables import Assignment, EncryptionKey


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


def edit(session: Session, reference: str, changes: Changes) -> Created:
    """Change a draft of one's own; what it was is verified before and as it is replaced.

    Raises as `draft.create`, RuleRefused `assignment_immutable_after_dispatch` once it is sent, and
    Tampered where the draft is not as it was signed.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_coordinator(actor)
        row = find.assignment(session, tx, reference)
        require_own_draft(session, tx, row)
    payload = changes.payload or open_draft(session, actor, row)
    draft = _changed(session, row, changes)
    with (
        sealed(session, [Order(draft, payload)], Roll(), row.id) as (current, (new,)),
        session.write() as tx,
    ):
        number, old_key = _rewrite(session, tx, current, new)
    shred.delete_shares(session, [old_key])
    return Created(
        id=row.id,
        number=number,
        title=draft.title,
        recipient_user_id=new.recipient.member.id,
        recipient=new.recipient.member.handle,
        recipient_name=new.recipient.member.display_name,
        status=Status.PENDING,
    )


def require_editable(session: Session, reference: str) -> None:
    """Refuse what `edit` would refuse, as far as can be told without a key; raises as it.

    Whether the draft is as it was signed is for `edit`: it opens it, and records a refusal.
    """
    with session.store.read() as tx:
        trust.require_coordinator(trust.own_certificate(session, tx))
        row = find.assignment(session, tx, reference)
        require_own_draft(session, tx, row)


def require_own_draft(session: Session, tx: Transaction, row: Assignment) -> None:
    """Refuse to change what is sent, or what another coordinator drafted.

    Raises RuleRefused `assignment_immutable_after_dispatch` or `only_coordinator_can_dispatch`.
    """
    if row.status is not Status.PENDING:
        raise RuleRefused(
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            _("Assignment {number} is no longer a draft, so it cannot be changed.").format(
                number=row.number
            ),
            _instead(row).format(number=row.number),
        )
    if row.dispatched_by_user_id != session.member_id:
        raise find.not_your_draft(tx, row)


def _instead(row: Assignment) -> str:
    """Return what can be done with one that is sent, whose number is to be filled in."""
    if row.status in UNREAD:
        return _("Recall it with assign recall {number}, and create a new one.")
    if row.status in TERMINAL:
        return _("It has ended. Create a new one with assign create.")
    return _("Cancel it with assign cancel {number}, and create a new one.")


def _rewrite(
    session: Session, tx: Transaction, actor: Certificate, new: Sealed
) -> tuple[int, UUID]:
    row = assignments.by_id(tx, session.organization_id, new.envelope.context.assignment)
    if row is None:
        raise find.assignment_not_found()
    require_own_draft(session, tx, row)
    envelope.require_signed(session, tx, row)
    old_key = row.encryption_key_id
    put_shares(session, [new])
    assignments.insert_all(tx, EncryptionKey, [envelope.key_row(new.envelope, session.now)])
    own = trust.own_certificates(session, tx)
    new = replace(new, import_key=row.import_key, import_digest=row.import_digest)
    manifest = manifest_for(session, actor, own, new)
    changed = {**columns(session, actor, new), **signed(manifest, session.identity)}
    for name, value in changed.items():
        setattr(row, name, value)
    tx.flush()
    secret = new.envelope.sealed.secret
    wraps = envelope.wrap_rows(session, new.envelope.context, secret, actor, own)
    assignments.replace_wraps(tx, row.id, wraps)
    shred.mark_dead(session, tx, old_key)
    facts = {**sealed_facts(manifest, row.number), "replaces": str(old_key)}
    record(session, tx, actor, Action.ASSIGNMENT_EDITED, row.id, **facts)
    return row.number, old_key


def _changed(session: Session, row: Assignment, changes: Changes) -> Draft:
    with session.store.read() as tx:
        envelope.require_signed(session, tx, row)
        names = find.member_names(session, tx, {row.recipient_user_id})
    kept = {each.name: getattr(row, each.name) for each in fields(Draft)[1:]}
    current = Draft(recipient=names[row.recipient_user_id][0], **kept)
    changed = {
        name: value
        for name, value in vars(changes).items()
        if name != "payload" and value is not None
    }
    return replace(current, **changed)
