"""Recall what is unread, cancel what is not; both end the payload for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from secrets import token_bytes
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, find, trust
from assigncli.actions.progress import refused_step
from assigncli.actions.session import Session
from assigncli.client.exchange import Intent
from assigncli.domain.audit import STEP_ACTION
from assigncli.domain.characters import is_blank
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.domain.privacy import require_no_personal_data, require_note
from assigncli.errors import InvalidInput, PartlyDone
from assigncli.locale import N_, _
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.store import members
from assigncli.store.tables import Assignment

_NO_KEY_DELETED: Final = {
    Status.RECALLED: N_(
        "Assignment {number} is recalled and nobody may open it, but no key is deleted: no signed "
        "entry says which one is its own."
    ),
    Status.CANCELLED: N_(
        "Assignment {number} is cancelled and nobody may open it, but no key is deleted: no signed "
        "entry says which one is its own."
    ),
}
_KEY_NOT_DELETED_YET: Final = {
    Status.RECALLED: N_(
        "Assignment {number} is recalled and nobody may open it, but its key is not deleted yet."
    ),
    Status.CANCELLED: N_(
        "Assignment {number} is cancelled and nobody may open it, but its key is not deleted yet."
    ),
}


@dataclass(frozen=True)
class Withdrawn:
    """What a recall or a cancellation achieved.

    `disclosed` is true where the mentor had read the brief; `was_dispatched` is false for a draft.
    """

    id: UUID
    number: int
    title: str
    recipient_user_id: UUID
    recipient: str
    recipient_name: str
    status: Status
    at: datetime
    by_user_id: UUID
    reason: str | None
    was_dispatched: bool
    disclosed: bool


@dataclass(frozen=True)
class Ending:
    """What is about to end, as a person is told before they are asked.

    `disclosed` is true where the mentor has read the brief; `was_dispatched` is false for a draft.
    """

    id: UUID
    number: int
    title: str
    recipient_name: str
    was_dispatched: bool
    disclosed: bool


def to_recall(session: Session, reference: str) -> Ending:
    """Return what `recall` would end; raises as it does, and needs no key."""
    return _to_end(session, reference, Status.RECALLED)


def to_cancel(session: Session, reference: str) -> Ending:
    """Return what `cancel` would end; raises as it does but for the reason, and needs no key."""
    return _to_end(session, reference, Status.CANCELLED)


def recall(session: Session, reference: str, told: Ending | None = None) -> Withdrawn:
    """Withdraw an unread assignment, whatever the mentor's profile.

    `told` is what a person agreed to; where it is no longer so nothing is done.

    Raises RuleRefused `recall_only_before_read` or `valid_status_transition`, AssignError
    `changed_meanwhile`.
    """
    return _withdraw(session, reference, Status.RECALLED, None, told)


def cancel(session: Session, reference: str, reason: str, told: Ending | None = None) -> Withdrawn:
    """Call off an assignment before completion; the reason holds no personal data.

    `told` is as for `recall`. Raises RuleRefused `valid_status_transition` or `title_no_pii`,
    InvalidInput `reason_missing`, AssignError `changed_meanwhile`.
    """
    return _withdraw(session, reference, Status.CANCELLED, require_reason(session, reason), told)


def require_reason(session: Session, reason: str) -> str:
    """Return the reason as it is kept.

    Raises InvalidInput `reason_missing` or `note_invalid`, RuleRefused `title_no_pii`.
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
    return reason


def _to_end(session: Session, reference: str, target: Status) -> Ending:
    with session.store.read() as tx:
        actor = trust.own_certificate(session, tx)
        return _ending(session, tx, _withdrawable(session, tx, actor, reference, target))


def _withdrawable(
    session: Session, tx: Transaction, actor: Certificate, reference: str, target: Status
) -> Assignment:
    trust.require_coordinator(actor)
    row = find.assignment(session, tx, reference)
    require_move(row.status, target, row.number)
    return row


def _ending(session: Session, tx: Transaction, row: Assignment) -> Ending:
    names = find.member_names(session, tx, {row.recipient_user_id})
    return Ending(
        id=row.id,
        number=row.number,
        title=row.title,
        recipient_name=names[row.recipient_user_id][1],
        was_dispatched=row.status is not Status.PENDING,
        disclosed=row.first_read_at is not None,
    )


def _withdraw(
    session: Session, reference: str, target: Status, reason: str | None, told: Ending | None
) -> Withdrawn:
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        row = _withdrawable(session, tx, actor, reference, target)
        ending = _ending(session, tx, row)
        if told is not None and told != ending:
            raise find.changed_meanwhile()
        handle = members.names(tx, {row.recipient_user_id})[row.recipient_user_id][0]
        signer = asking.device(session, tx, actor)
    intent = Intent(
        STEP_ACTION[target].value,
        row.id,
        {"number": row.number}
        if reason is None
        else {"number": row.number, "read": ending.disclosed},
        {} if reason is None else {"reason": Text(token_bytes(SALT_BYTES), reason)},
    )
    done = asking.act(session, signer, intent, partial(refused_step, row.number, target))
    _require_deleted(done.deleted, target, row.number)
    return Withdrawn(
        id=row.id,
        number=row.number,
        title=row.title,
        recipient_user_id=row.recipient_user_id,
        recipient=handle,
        recipient_name=ending.recipient_name,
        status=target,
        at=done.at,
        by_user_id=session.member_id,
        reason=reason,
        was_dispatched=ending.was_dispatched,
        disclosed=ending.disclosed,
    )


def _require_deleted(deleted: bool | None, target: Status, number: int) -> None:
    """Say where the assignment has ended and its key is still there; raises PartlyDone."""
    if deleted is None:
        raise PartlyDone(
            _(_NO_KEY_DELETED[target]).format(number=number),
            _("Run assign audit verify, and tell your administrator: the store has been changed."),
            code="key_unsigned",
        )
    if not deleted:
        raise PartlyDone(
            _(_KEY_NOT_DELETED_YET[target]).format(number=number),
            _("The next sweep deletes it. Run assign doctor to see what is wrong with the vault."),
            code="share_not_deleted",
        )
