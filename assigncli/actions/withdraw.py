"""Recall what is unread, cancel what is not; both end the payload for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import endings, find, shred, step, trust
from assigncli.actions.session import Session
from assigncli.domain.characters import is_blank
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import Status
from assigncli.domain.privacy import require_no_personal_data, require_note
from assigncli.errors import InvalidInput, PartlyDone, Tampered
from assigncli.locale import _
from assigncli.store import members
from assigncli.store.tables import Assignment


@dataclass(frozen=True)
class Withdrawn:
    """What a recall or a cancellation achieved.

    `disclosed` is true where the mentor had read the brief; `was_dispatched` is false for a draft.
    """

    id: UUID
    number: int
    title: str
    recipient_name: str
    status: Status
    at: datetime
    was_dispatched: bool
    disclosed: bool


def recall(session: Session, reference: str) -> Withdrawn:
    """Withdraw an unread assignment, whatever the mentor's profile.

    Raises RuleRefused `recall_only_before_read` or `valid_status_transition`.
    """
    return _withdraw(session, reference, Status.RECALLED, None)


def cancel(session: Session, reference: str, reason: str) -> Withdrawn:
    """Call off an assignment before completion; the reason holds no personal data.

    Raises RuleRefused `valid_status_transition` or `title_no_pii`, InvalidInput `reason_missing`.
    """
    reason = reason.strip()
    if is_blank(reason):
        raise InvalidInput(
            _("A cancellation needs a reason."),
            _("Give it with --reason, without any personal data."),
            code="reason_missing",
        )
    require_note(reason)
    require_no_personal_data({"reason": reason}, None, today=local_day(session.now, session.zone))
    return _withdraw(session, reference, Status.CANCELLED, reason)


def _withdraw(session: Session, reference: str, target: Status, reason: str | None) -> Withdrawn:
    prefix = "recalled" if target is Status.RECALLED else "cancelled"
    columns: dict[str, Any] = {
        f"{prefix}_at": session.now,
        f"{prefix}_by_user_id": session.member_id,
    }
    dead, result = shred.with_ballast(
        session, lambda: _withdrawn(session, reference, target, reason, columns)
    )
    if dead is None:
        raise PartlyDone(
            _(
                "The assignment is recalled or cancelled and nobody may open it, but no key is "
                "deleted: no signed entry of the audit log says which key is its own."
            ),
            _("Run assign audit verify, and tell your administrator: the store has been changed."),
            code="key_unsigned",
        )
    if not shred.delete_shares(session, [dead]):
        raise PartlyDone(
            _(
                "The assignment is recalled or cancelled and nobody may open it, but its key is "
                "not deleted yet."
            ),
            _("The next sweep deletes it; run assign doctor to hear what is wrong with the vault."),
            code="share_not_deleted",
        )
    return result


def _withdrawn(
    session: Session, reference: str, target: Status, reason: str | None, columns: dict[str, Any]
) -> tuple[UUID | None, Withdrawn]:
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_coordinator(actor)
        row = find.assignment(session, tx, reference)
        was_dispatched = row.status is not Status.PENDING
        dead = _own_key(session, tx, row)
        step.close(session, tx, actor, row, target, dead, reason=reason, **columns)
        result = Withdrawn(
            id=row.id,
            number=row.number,
            title=row.title,
            recipient_name=members.names(tx, {row.recipient_user_id})[row.recipient_user_id][1],
            status=row.status,
            at=session.now,
            was_dispatched=was_dispatched,
            disclosed=row.first_read_at is not None,
        )
    return dead, result


def _own_key(session: Session, tx: Transaction, row: Assignment) -> UUID | None:
    """Return the key that signed entries say is the assignment's; None where none do.

    The row may name another's. It must be possible to withdraw even what somebody made up.
    """
    try:
        return endings.course(session, tx, row.id).key_id
    except Tampered:
        return None
