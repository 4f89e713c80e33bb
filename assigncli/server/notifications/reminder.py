"""Find the state of the one reminder to a mentor (rule `ten_day_no_contact_reminder`).

`reminder_sent_at` says that a sweep queued it; the outbox says whether it was sent. Reads only: no
channel is opened, so nothing here needs a key.
"""

from __future__ import annotations

from typing import Final

from sqlmodel import Session as Transaction

from assigncli.domain.deadlines import has_run_out
from assigncli.domain.lifecycle import MemberStatus, Priority
from assigncli.domain.notification import (
    NotificationKind,
    NotificationStatus,
    is_abandoned,
    is_moot,
)
from assigncli.domain.quiet import may_send_from
from assigncli.lookups.about_assignments import Reminder, ReminderState
from assigncli.server import settings_in_force
from assigncli.server.reads.follow import is_overdue
from assigncli.server.store import channels, members, notifications, restores
from assigncli.server.store.restores import LostKind
from assigncli.server.store.scheduled import Notification
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn

_NOWHERE: Final = frozenset({"no_channel", "recipient_revoked", "channel_invalid"})


def reminder_of(turn: Turn, tx: Transaction, row: Assignment) -> Reminder | None:
    """Return the state of the assignment's reminder; None if there is none, and none is due."""
    found = notifications.to_recipient(tx, row, NotificationKind.REMINDER)
    if found is not None:
        return _of(turn, tx, row, found)
    is_lost = restores.is_lost(tx, row.organization_id, LostKind.REMINDER, row.id)
    if row.reminder_sent_at is not None or is_lost:
        return Reminder(ReminderState.UNKNOWN, problem="notification_missing")
    return Reminder(ReminderState.DUE) if is_due(turn, row) else None


def _of(turn: Turn, tx: Transaction, row: Assignment, found: Notification) -> Reminder:
    if found.status is NotificationStatus.QUEUED:
        return _queued(turn, tx, row, found)
    if found.status is NotificationStatus.SENDING:
        if is_abandoned(found.attempted_at, turn.now):
            return Reminder(ReminderState.UNKNOWN, problem="interrupted")
        return Reminder(ReminderState.WAITING)
    if found.status is NotificationStatus.SENT:
        return Reminder(ReminderState.SENT, found.attempted_at)
    return Reminder(_ended(found), problem=found.problem)


def _ended(found: Notification) -> ReminderState:
    """Return the final state of a reminder that was not surely sent."""
    if found.status is NotificationStatus.UNKNOWN:
        return ReminderState.UNKNOWN
    if found.problem in _NOWHERE:
        return ReminderState.UNREACHABLE
    dropped = found.status is NotificationStatus.DROPPED
    return ReminderState.NOT_NEEDED if dropped else ReminderState.GIVEN_UP


def _queued(turn: Turn, tx: Transaction, row: Assignment, found: Notification) -> Reminder:
    """Return what the next sweep will do with it, as far as that can be known."""
    if _is_over(turn, row):
        return Reminder(ReminderState.NOT_NEEDED, problem="moot")
    recipient = members.by_id(tx, turn.organization_id, row.recipient_user_id)
    if recipient is None or recipient.status is not MemberStatus.ACTIVE:
        return Reminder(ReminderState.UNREACHABLE, problem="recipient_revoked")
    if not channels.of_member(tx, turn.organization_id, recipient.id):
        return Reminder(ReminderState.UNREACHABLE, problem="no_channel")
    first = allowed = max(found.due_at, turn.now)
    if row.priority is not Priority.URGENT:
        quiet = settings_in_force.in_force(turn, tx).quiet
        allowed = may_send_from(first, turn.zone, quiet)
    problem = found.problem or ("quiet_hours" if allowed > first else None)
    return Reminder(ReminderState.WAITING, allowed if allowed > turn.now else None, problem)


def is_due(turn: Turn, row: Assignment) -> bool:
    """Say whether the next sweep queues a reminder (rule `ten_day_no_contact_reminder`)."""
    never = row.reminder_sent_at is None
    return never and is_overdue(turn, row) and not _is_over(turn, row)


def _is_over(turn: Turn, row: Assignment) -> bool:
    """Say whether a reminder is pointless, even before the sweep has settled it."""
    is_past = has_run_out(row.status, row.expires_at, turn.now)
    return is_past or is_moot(
        NotificationKind.REMINDER, row.status, declined=row.declined_at is not None
    )
