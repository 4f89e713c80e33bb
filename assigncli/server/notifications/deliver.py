"""Send what the outbox holds: mark a notification, send it, record the outcome.

A notification is sent automatically at most once: it is marked as being sent in a transaction of
its own. An outcome that is neither plainly sent nor surely refused before acceptance becomes
`unknown` and is shown. The text is taken from what the coordinator signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Priority
from assigncli.domain.notification import (
    STUCK,
    NotificationKind,
    NotificationStatus,
    NotificationText,
    Notifier,
    SendOutcome,
    is_abandoned,
    is_moot,
    verdict,
)
from assigncli.domain.quiet import is_quiet
from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput, PartlyDone, Tampered
from assigncli.server import agreement, certification, intact, settings_in_force
from assigncli.server.notifications.opening import addresses_of
from assigncli.server.reads import find
from assigncli.server.record import Act, record_all
from assigncli.server.standing import is_active
from assigncli.server.step import Facts
from assigncli.server.store import assignments, channels, members, notifications
from assigncli.server.store.notifications import QueuedNotification
from assigncli.server.store.scheduled import Notification
from assigncli.server.store.tables import Assignment, Member
from assigncli.server.turn import Turn
from assigncli.words.notifications import text_of

AT_ONCE: Final = timedelta(seconds=10)
"""How long after its work a command may still begin to send."""


@dataclass(frozen=True)
class Post:
    """The way notifications leave this machine, and the clock (aware UTC)."""

    notifier: Notifier
    clock: Callable[[], datetime]


@dataclass(frozen=True)
class Delivery:
    """The outcome of one notification: the assignment, and the recipient's display name."""

    number: int | None
    name: str
    status: NotificationStatus
    problem: AssignError | None = None


@dataclass(frozen=True)
class _Begun:
    """A notification that is marked as being sent, ready to go."""

    row: Notification
    number: int
    recipient: Member
    text: NotificationText = field(repr=False)
    addresses: Sequence[str | None] = field(repr=False)


def deliver(turn: Turn, post: Post, *, dry_run: bool = False) -> Iterator[Delivery]:
    """Send what is due, and yield each outcome; in quiet hours only urgent ones are sent.

    With `dry_run` nothing is sent or changed, and the outcome is a forecast.
    """
    if not dry_run:
        yield from _abandoned(turn, post.clock())
    quiet = _is_quiet(turn)
    after: QueuedNotification | None = None
    while True:
        with turn.store.read() as tx:
            part = notifications.waiting(
                tx, turn.organization_id, turn.now, after, urgent_only=quiet
            )
        if not part:
            return
        for each in sorted(part, key=_in_order):
            yield from _foreseen(turn, each) if dry_run else _sent(turn, post, each.row.id)
        after = part[-1]


def at_once(turn: Turn, post: Post, assignment_ids: Sequence[UUID]) -> list[Delivery]:
    """Try for a short while to send what these assignments have just caused; the rest waits.

    A recipient without a channel is reported; the sweep settles that notification.
    """
    began = post.clock()
    told: list[Delivery] = []
    waiting: list[Notification] = []
    with turn.store.read() as tx:
        for row in notifications.of_assignments(tx, turn.organization_id, assignment_ids):
            if row.status is not NotificationStatus.QUEUED or row.due_at > turn.now:
                continue
            if channels.of_member(tx, turn.organization_id, row.recipient_id):
                waiting.append(row)
            else:
                told.append(Delivery(*_about(turn, tx, row), NotificationStatus.DROPPED))
    quiet = bool(waiting) and _is_quiet(turn)
    for row in waiting:
        if post.clock() - began > AT_ONCE:
            break
        if not quiet or _is_urgent(turn, row.assignment_id):
            told += _sent(turn, post, row.id)
    return told


def retry(turn: Turn, number: int) -> None:
    """Queue the stuck notifications about one assignment again, at a person's request.

    Raises NotFound `assignment_not_found`, InvalidInput `nothing_stuck`.
    """
    with turn.write() as tx:
        assignment = find.assignment(turn, tx, str(number))
        actor = certification.acting(turn, tx)
        rows = notifications.of_assignments(tx, turn.organization_id, [assignment.id])
        acts: list[Act] = []
        for row in rows:
            if row.status in STUCK:
                notifications.requeue(tx, row, turn.now)
                recipient = str(row.recipient_id)
                facts: Facts = {"number": number, "kind": row.kind, "recipient": recipient}
                acts.append((Action.NOTIFICATION_RETRIED, assignment.id, facts))
        if not acts:
            raise InvalidInput("nothing_stuck", number=number)
        record_all(turn, tx, actor, acts)


def _abandoned(turn: Turn, now: datetime) -> Iterator[Delivery]:
    """Mark as unknown what was begun and never finished, as when the process was killed."""
    with turn.store.read() as tx:
        begun = notifications.begun(tx, turn.organization_id)
    for row in begun:
        if not is_abandoned(row.attempted_at, now):
            continue
        with turn.store.write() as tx:
            status = NotificationStatus.UNKNOWN
            ours = notifications.finish(tx, row, status, "interrupted")
            number, name = _about(turn, tx, row)
        if ours:
            problem = PartlyDone("notification_unknown", name=name, number=number)
            yield Delivery(number, name, status, problem)


def _foreseen(turn: Turn, each: QueuedNotification) -> Iterator[Delivery]:
    """Yield the likely outcome of a notification, without sending it."""
    with turn.store.read() as tx:
        assignment = assignments.by_id(tx, turn.organization_id, each.row.assignment_id)
        if assignment is None or _is_moot(each.row, assignment):
            return
        reached = channels.of_member(tx, turn.organization_id, each.row.recipient_id)
    status = NotificationStatus.QUEUED if reached else NotificationStatus.DROPPED
    yield Delivery(each.number, each.name, status)


def _in_order(each: QueuedNotification) -> tuple[datetime, int, str, str]:
    """Return the sort key of notifications: oldest first, then always in the same order."""
    return each.row.due_at, each.number or 0, each.row.kind, each.name


def _sent(turn: Turn, post: Post, notification_id: UUID) -> Iterator[Delivery]:
    """Send one notification to each channel of its recipient, and yield the outcome.

    The mark and the sending are separate: a process killed in between leaves the mark.
    """
    with turn.store.write() as tx:
        begun = _begin(turn, tx, post, notification_id)
    if isinstance(begun, Delivery):
        yield begun
    if not isinstance(begun, _Begun):
        return
    outcomes = [
        SendOutcome.MALFORMED if address is None else post.notifier.send(address, begun.text)
        for address in begun.addresses
    ]
    yield from _finish(turn, post, begun, outcomes)


def _begin(
    turn: Turn, tx: Transaction, post: Post, notification_id: UUID
) -> _Begun | Delivery | None:
    """Mark a notification as being sent; return a Delivery if it ends here, None if it is moot.

    One that cannot be sent now, but could be once this machine has its key, stays queued.
    """
    row = notifications.by_id(tx, turn.organization_id, notification_id)
    if row is None or row.status is not NotificationStatus.QUEUED:
        return None
    assignment = assignments.by_id(tx, turn.organization_id, row.assignment_id)
    if assignment is None or _is_moot(row, assignment):
        notifications.settle(tx, row, NotificationStatus.DROPPED, "moot")
        return None
    recipient = members.by_id(tx, turn.organization_id, row.recipient_id)
    number, name = assignment.number, "" if recipient is None else recipient.display_name
    problem: AssignError
    if recipient is not None and is_active(tx, recipient):
        try:
            return _marked(turn, tx, post, row, assignment, recipient)
        except IdentityUnavailable as missing:
            return Delivery(number, name, NotificationStatus.QUEUED, missing)
        except Tampered as altered:
            problem = altered
    else:
        problem = PartlyDone("recipient_revoked", name=name, number=number)
    notifications.settle(tx, row, NotificationStatus.FAILED, problem.code)
    return Delivery(number, name, NotificationStatus.FAILED, problem)


def _is_moot(row: Notification, assignment: Assignment) -> bool:
    declined = assignment.declined_at is not None
    return is_moot(NotificationKind(row.kind), assignment.status, declined=declined)


def _marked(
    turn: Turn,
    tx: Transaction,
    post: Post,
    row: Notification,
    assignment: Assignment,
    recipient: Member,
) -> _Begun | Delivery:
    """Mark a notification that a signed entry causes; drop it if there is no channel.

    Raises Tampered, IdentityUnavailable.
    """
    intact.require_intact(turn, tx, assignment)
    agreement.require_owed(turn, tx, row, assignment)
    found = addresses_of(turn, tx, recipient.id)
    if not found:
        notifications.settle(tx, row, NotificationStatus.DROPPED, "no_channel")
        return Delivery(assignment.number, recipient.display_name, NotificationStatus.DROPPED)
    notifications.begin(tx, row, post.clock())
    tx.refresh(row)
    text = text_of(
        NotificationKind(row.kind),
        assignment.number,
        assignment.title,
        urgent=assignment.priority is Priority.URGENT,
        terms=settings_in_force.in_force(turn, tx),
    )
    return _Begun(row, assignment.number, recipient, text, found)


def _finish(
    turn: Turn, post: Post, begun: _Begun, outcomes: Sequence[SendOutcome]
) -> Iterator[Delivery]:
    status, problem, due_at = verdict(outcomes, begun.row.attempts, post.clock())
    with turn.store.write() as tx:
        ours = notifications.finish(tx, begun.row, status, problem, due_at)
    if not ours:
        return
    number, name = begun.number, begun.recipient.display_name
    if status is not NotificationStatus.SENT:
        yield Delivery(number, name, status, _why(begun, status, problem))
        return
    yield Delivery(number, name, status)
    failed = len(outcomes) - outcomes.count(SendOutcome.SENT)
    if failed:
        handle, total = begun.recipient.handle, len(outcomes)
        why = PartlyDone("channel_failed", count=failed, total=total, name=name, handle=handle)
        yield Delivery(number, name, status, why)


def _why(begun: _Begun, status: NotificationStatus, problem: str | None) -> AssignError:
    """Return the error that says why the recipient was not surely notified."""
    number, name = begun.number, begun.recipient.display_name
    if status is NotificationStatus.UNKNOWN:
        return PartlyDone("notification_unknown", name=name, number=number)
    if status is NotificationStatus.QUEUED:
        return PartlyDone("notification_delayed", name=name)
    if problem == SendOutcome.UNREACHABLE:
        return PartlyDone("notification_given_up", name=name, number=number)
    return PartlyDone("channel_invalid", "of_member", name=name, handle=begun.recipient.handle)


def _about(turn: Turn, tx: Transaction, row: Notification) -> tuple[int | None, str]:
    """Return the assignment's number and the recipient's display name."""
    assignment = assignments.by_id(tx, turn.organization_id, row.assignment_id)
    recipient = members.by_id(tx, turn.organization_id, row.recipient_id)
    return (
        None if assignment is None else assignment.number,
        "" if recipient is None else recipient.display_name,
    )


def _is_quiet(turn: Turn) -> bool:
    with turn.store.read() as tx:
        quiet = settings_in_force.in_force(turn, tx).quiet
    return is_quiet(turn.now, turn.zone, quiet)


def _is_urgent(turn: Turn, assignment_id: UUID) -> bool:
    with turn.store.read() as tx:
        row = assignments.by_id(tx, turn.organization_id, assignment_id)
    return row is not None and row.priority is Priority.URGENT
