"""Edit a draft of one's own: sealed anew under a fresh key, the old share deleted."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from sqlmodel import Session as Transaction

from assigncli.actions import asking, envelope, find, trust
from assigncli.actions.dispatch import not_your_draft
from assigncli.actions.draft import (
    Created,
    Draft,
    Order,
    attachments,
    created,
    refused_row,
    row_of,
    sealed,
)
from assigncli.actions.read import open_draft
from assigncli.actions.roll import Roll
from assigncli.actions.session import Session
from assigncli.client.exchange import Intent
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import TERMINAL, UNREAD, Priority, Status
from assigncli.domain.payload import Payload
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused
from assigncli.locale import _
from assigncli.protocol.manifest import manifest_hash
from assigncli.store import members
from assigncli.store.tables import Assignment


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
    payload = changes.payload or open_draft(session, row.id)
    draft = _changed(session, row, changes)
    order = Order(draft, payload, row.import_key, row.import_digest)
    sender, (new,) = sealed(session, [order], Roll(), row.id)
    intent = Intent(
        Action.ASSIGNMENT_EDITED.value,
        row.id,
        {"replaces": manifest_hash(row.manifest_body).hex()},
        attachments=attachments([row_of(session, sender, new)], [new]),
    )
    asking.act(session, sender.device, intent, refused_row)
    return created(new, row.number, draft.title)


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
        name = members.names(tx, {row.dispatched_by_user_id})[row.dispatched_by_user_id][1]
        raise not_your_draft(row.number, name)


def _instead(row: Assignment) -> str:
    """Return what can be done with one that is sent, whose number is to be filled in."""
    if row.status in UNREAD:
        return _("Recall it with assign recall {number}, and create a new one.")
    if row.status in TERMINAL:
        return _("It has ended. Create a new one with assign create.")
    return _("Cancel it with assign cancel {number}, and create a new one.")


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
