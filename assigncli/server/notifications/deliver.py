"""Deliver the outbox: mark a message, send it, record what came of it.

A message is sent by itself at most once: it is marked as being sent in a transaction of its own,
and whatever is not plainly sent, or surely refused before it was accepted, becomes `unknown` and is
shown. What it says is taken from what the coordinator signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import AWAITING_CONTACT, UNREAD, Priority
from assigncli.domain.notification import NotificationKind
from assigncli.domain.retry import is_abandoned, next_attempt
from assigncli.domain.setting_values import quiet_in_force
from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput, Tampered
from assigncli.notify import Notice, Notifier, SendOutcome, undelivered
from assigncli.server import agreement, certification, intact, settings_in_force
from assigncli.server.notifications import addresses
from assigncli.server.reads import find
from assigncli.server.record import Act, Fact, record_all
from assigncli.server.store import assignments, members, outbox
from assigncli.server.store.scheduled import Notification, NotificationStatus
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn
from assigncli.words import notices

AT_ONCE: Final = timedelta(seconds=10)
"""How long a command goes on beginning to send after its work is done."""


@dataclass(frozen=True)
class Post:
    """How messages leave, and what time it is now (aware UTC)."""

    notifier: Notifier
    clock: Callable[[], datetime]


@dataclass(frozen=True)
class Delivery:
    """What came of one message: about which assignment, to whom (display name), and its status."""

    number: int | None
    name: str
    told: NotificationStatus
    problem: AssignError | None = None


@dataclass(frozen=True)
class _Letter:
    """A message that is marked as being sent, ready to go."""

    row: Notification
    number: int
    name: str
    handle: str
    message: Notice = field(repr=False)
    addresses: Sequence[str | None] = field(repr=False)


def deliver(turn: Turn, post: Post, *, dry_run: bool = False) -> Iterator[Delivery]:
    """Send what is due, and yield what came of each; in quiet hours only what is urgent."""
    if not dry_run:
        yield from _abandoned(turn, post.clock())
    quiet = _is_quiet(turn)
    after: outbox.WaitingMessage | None = None
    while True:
        with turn.store.read() as tx:
            part = outbox.waiting(tx, turn.organization_id, turn.now, after, urgent_only=quiet)
        if not part:
            return
        for each in sorted(part, key=_as_told):
            if dry_run:
                yield from _would_tell(turn, each)
            else:
                yield from _send(turn, post, each.id)
        after = part[-1]


def at_once(turn: Turn, post: Post, assignment_ids: Sequence[UUID]) -> list[Delivery]:
    """Try to send what these assignments have just caused, for a short while; the rest waits.

    Where a recipient has no channel that is told, and left for the sweep to settle.
    """
    began = post.clock()
    told: list[Delivery] = []
    waiting: list[tuple[UUID, UUID]] = []
    with turn.store.read() as tx:
        for row in outbox.of_assignments(tx, turn.organization_id, assignment_ids):
            if row.status is not NotificationStatus.QUEUED or row.due_at > turn.now:
                continue
            if addresses.have_any(turn, tx, row.recipient_id):
                waiting.append((row.id, row.assignment_id))
            else:
                number, name, _handle = _about(turn, tx, row)
                told.append(Delivery(number, name, NotificationStatus.DROPPED))
    quiet = bool(waiting) and _is_quiet(turn)
    for id_, assignment_id in waiting:
        if post.clock() - began > AT_ONCE:
            break
        if not quiet or _is_urgent(turn, assignment_id):
            told += _send(turn, post, id_)
    return told


def retry(turn: Turn, number: int) -> int:
    """Queue the stuck messages about one assignment anew, on somebody's word; say how many.

    Raises NotFound `assignment_not_found`, InvalidInput `nothing_stuck`.
    """
    with turn.write() as tx:
        row = find.assignment(turn, tx, str(number))
        actor = certification.acting(turn, tx)
        found = [
            each
            for each in outbox.of_assignments(tx, turn.organization_id, [row.id])
            if each.status in outbox.STUCK
        ]
        if not found:
            raise InvalidInput("nothing_stuck", number=number)
        acts: list[Act] = []
        for each in found:
            outbox.requeue(tx, each, turn.now)
            facts: dict[str, Fact] = {
                "number": number,
                "kind": each.kind,
                "recipient": str(each.recipient_id),
            }
            acts.append((Action.NOTIFICATION_RETRIED, row.id, facts))
        record_all(turn, tx, actor, acts)
        return len(found)


def _abandoned(turn: Turn, now: datetime) -> Iterator[Delivery]:
    """Show as unknown what somebody began to send and never finished, as when they were killed."""
    with turn.store.read() as tx:
        begun = [
            row
            for row in outbox.begun(tx, turn.organization_id)
            if is_abandoned(row.attempted_at, now)
        ]
    for row in begun:
        with turn.store.write() as tx:
            if outbox.finish(tx, row, NotificationStatus.UNKNOWN, "interrupted"):
                number, name, _handle = _about(turn, tx, row)
                told = Delivery(
                    number, name, NotificationStatus.UNKNOWN, undelivered.unknown(number, name)
                )
            else:
                continue
        yield told


def _would_tell(turn: Turn, each: outbox.WaitingMessage) -> Iterator[Delivery]:
    with turn.store.read() as tx:
        row = outbox.by_id(tx, turn.organization_id, each.id)
        found = row and assignments.by_id(tx, turn.organization_id, row.assignment_id)
        reachable = row and addresses.have_any(turn, tx, row.recipient_id)
    if row and found and not _is_moot(NotificationKind(row.kind), found):
        status = NotificationStatus.QUEUED if reachable else NotificationStatus.DROPPED
        yield Delivery(each.number, each.name, status)


def _as_told(each: outbox.WaitingMessage) -> tuple[datetime, int, str, str]:
    """Return by what messages are ordered: oldest first, then by number, the same every time."""
    return each.due_at, each.number or 0, each.kind, each.name


def _send(turn: Turn, post: Post, notification_id: UUID) -> Iterator[Delivery]:
    with turn.store.write() as tx:
        begun = _begin(turn, tx, post, notification_id)
    if isinstance(begun, Delivery):
        yield begun
    if not isinstance(begun, _Letter):
        return
    outcomes = [
        SendOutcome.MALFORMED if address is None else post.notifier.send(address, begun.message)
        for address in begun.addresses
    ]
    yield from _finish(turn, post, begun, outcomes)


def _begin(
    turn: Turn, tx: Transaction, post: Post, notification_id: UUID
) -> _Letter | Delivery | None:
    """Mark the message as being sent; None: nothing is to be done, Told: it ends here."""
    row = outbox.by_id(tx, turn.organization_id, notification_id)
    if row is None or row.status is not NotificationStatus.QUEUED:
        return None
    assignment = assignments.by_id(tx, turn.organization_id, row.assignment_id)
    if assignment is None or _is_moot(NotificationKind(row.kind), assignment):
        outbox.settle(tx, row, NotificationStatus.DROPPED, "moot")
        return None
    _number, name, handle = _about(turn, tx, row)
    if not addresses.is_reachable(turn, tx, row.recipient_id):
        outbox.settle(tx, row, NotificationStatus.FAILED, "recipient_revoked")
        problem = undelivered.revoked(assignment.number, name)
        return Delivery(assignment.number, name, NotificationStatus.FAILED, problem)
    return _addressed(turn, tx, post, row, assignment, name, handle)


def _addressed(
    turn: Turn,
    tx: Transaction,
    post: Post,
    row: Notification,
    assignment: Assignment,
    name: str,
    handle: str,
) -> _Letter | Delivery:
    number = assignment.number
    try:
        intact.require_intact(turn, tx, assignment)
        agreement.require_owed(turn, tx, row, assignment)
        found = addresses.addresses(turn, tx, row.recipient_id)
    except Tampered as problem:
        outbox.settle(tx, row, NotificationStatus.FAILED, problem.code)
        return Delivery(number, name, NotificationStatus.FAILED, problem)
    except IdentityUnavailable as problem:
        return Delivery(number, name, NotificationStatus.QUEUED, problem)
    if not found:
        outbox.settle(tx, row, NotificationStatus.DROPPED, "no_channel")
        return Delivery(number, name, NotificationStatus.DROPPED)
    outbox.begin(tx, row, post.clock())
    return _Letter(
        row=outbox.by_id(tx, turn.organization_id, row.id) or row,
        number=number,
        name=name,
        handle=handle,
        message=_message(turn, tx, row, assignment),
        addresses=found,
    )


def _finish(
    turn: Turn, post: Post, letter: _Letter, outcomes: Sequence[SendOutcome]
) -> Iterator[Delivery]:
    status, problem, due_at = _verdict(letter.row, outcomes, post.clock())
    with turn.store.write() as tx:
        ours = outbox.finish(tx, letter.row, status, problem, due_at)
    if not ours:
        return
    refused = len(outcomes) - outcomes.count(SendOutcome.SENT)
    if status is NotificationStatus.SENT:
        yield Delivery(letter.number, letter.name, status)
        if refused:
            yield Delivery(
                letter.number,
                letter.name,
                status,
                undelivered.one_channel(letter.name, letter.handle, refused, len(outcomes)),
            )
    else:
        yield Delivery(letter.number, letter.name, status, _problem(letter, status, outcomes))


def _verdict(
    row: Notification, outcomes: Sequence[SendOutcome], now: datetime
) -> tuple[NotificationStatus, str | None, datetime | None]:
    """Return status, problem and when to try again; one channel that took it is enough."""
    if SendOutcome.SENT in outcomes:
        return NotificationStatus.SENT, None, None
    if SendOutcome.UNKNOWN in outcomes:
        return NotificationStatus.UNKNOWN, SendOutcome.UNKNOWN, None
    if SendOutcome.UNREACHABLE not in outcomes:
        return NotificationStatus.FAILED, "channel_invalid", None
    again = next_attempt(row.attempts, now)
    if again is None:
        return NotificationStatus.FAILED, SendOutcome.UNREACHABLE, None
    return NotificationStatus.QUEUED, SendOutcome.UNREACHABLE, again


def _is_moot(kind: NotificationKind, assignment: Assignment) -> bool:
    """Say whether events have overtaken the message: nobody is called to what is over."""
    if kind is NotificationKind.DISPATCHED:
        return assignment.status not in UNREAD
    if kind in (NotificationKind.REMINDER, NotificationKind.REMINDED):
        return assignment.status not in AWAITING_CONTACT
    return False


def _message(turn: Turn, tx: Transaction, row: Notification, assignment: Assignment) -> Notice:
    return notices.notice(
        NotificationKind(row.kind),
        assignment.number,
        assignment.title,
        urgent=assignment.priority is Priority.URGENT,
        terms=settings_in_force.in_force(turn, tx),
    )


def _about(turn: Turn, tx: Transaction, row: Notification) -> tuple[int | None, str, str]:
    """Return the assignment's number, and the recipient's name and handle."""
    assignment = assignments.by_id(tx, turn.organization_id, row.assignment_id)
    recipient = members.by_id(tx, turn.organization_id, row.recipient_id)
    return (
        None if assignment is None else assignment.number,
        "" if recipient is None else recipient.display_name,
        "" if recipient is None else recipient.handle,
    )


def _is_quiet(turn: Turn) -> bool:
    from assigncli.domain.quiet import is_quiet

    with turn.store.read() as tx:
        terms = settings_in_force.in_force(turn, tx)
    return is_quiet(turn.now, turn.zone, quiet_in_force(terms))


def _is_urgent(turn: Turn, assignment_id: UUID) -> bool:
    with turn.store.read() as tx:
        row = assignments.by_id(tx, turn.organization_id, assignment_id)
    return row is not None and row.priority is Priority.URGENT


def _problem(
    letter: _Letter, status: NotificationStatus, outcomes: Sequence[SendOutcome]
) -> AssignError:
    if status is NotificationStatus.UNKNOWN:
        return undelivered.unknown(letter.number, letter.name)
    if SendOutcome.UNREACHABLE not in outcomes:
        return undelivered.unusable(letter.name, letter.handle)
    if status is NotificationStatus.FAILED:
        return undelivered.given_up(letter.number, letter.name)
    return undelivered.delayed(letter.name)
