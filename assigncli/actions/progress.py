"""The mentor's steps after reading: acknowledge, contact made, completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import asking, channels, envelope, find, names, step, trust
from assigncli.actions.session import Session
from assigncli.client.exchange import Intent
from assigncli.domain.access import expired, not_your_assignment, require_not_expired
from assigncli.domain.audit import STEP_ACTION
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.refusal import Refusal
from assigncli.store.tables import Assignment

_NOTHING: Final[Mapping[str, bool | None]] = {}
_TELLING: Final = (Status.ACKNOWLEDGED, Status.COMPLETED)


@dataclass(frozen=True)
class Progress:
    """Where the assignment stands now, and since when (aware UTC).

    `told` is the coordinator's name where a message to one of their channels is queued, else None.
    """

    id: UUID
    number: int
    title: str
    status: Status
    at: datetime
    told: str | None = None


def acknowledge(session: Session, reference: str) -> Progress:
    """Confirm having read the brief; this is what notifies the coordinator."""
    return _advance(session, reference, Status.ACKNOWLEDGED)


def contact(session: Session, reference: str) -> Progress:
    """Record that contact with the person is established; it stops the reminder."""
    return _advance(session, reference, Status.CONTACT_MADE)


def complete(session: Session, reference: str, *, in_person: bool | None = None) -> Progress:
    """Record that the follow-up is done; it counts for the honorarium in today's cycle.

    `in_person` is for the yearly report of visits; None where it is not said.
    """
    return _advance(session, reference, Status.COMPLETED, {"in_person": in_person})


def may_take(session: Session, reference: str, target: Status) -> bool:
    """Say whether the step would be taken; False where only the expiry would be recorded.

    Needs no key, so it is for before anything is asked. Raises what the step raises otherwise.
    """
    with session.store.read() as tx:
        trust.own_certificate(session, tx)
        row, _dispatcher = _own(session, tx, reference)
        if step.is_due_to_expire(row, session):
            return False
        require_not_expired(row.number, row.status, row.expires_at, session.now)
        require_move(row.status, target, row.number)
        return True


def _own(session: Session, tx: Transaction, reference: str) -> tuple[Assignment, Certificate]:
    """Return an assignment of the acting mentor's own, as its coordinator signed it, and who."""
    row = find.assignment(session, tx, reference)
    if row.recipient_user_id != session.member_id:
        raise not_your_assignment(row.number)
    return row, envelope.require_signed(session, tx, row)


def _advance(
    session: Session,
    reference: str,
    target: Status,
    arguments: Mapping[str, bool | None] = _NOTHING,
) -> Progress:
    """Have one of the mentor's steps taken.

    Raises RuleRefused `valid_status_transition`, or `expired_payload_inaccessible` after the expiry
    is recorded, NotAllowed `not_your_assignment`, Tampered for a dispatch that does not verify.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        row, dispatcher = _own(session, tx, reference)
        if not step.is_due_to_expire(row, session):
            require_not_expired(row.number, row.status, row.expires_at, session.now)
            require_move(row.status, target, row.number)
        told = None
        if _has_channel(session, tx, row, target):
            told = names.display_name(tx, dispatcher)
        signer = asking.device(session, tx, actor)
    intent = Intent(STEP_ACTION[target].value, row.id, arguments)
    done = asking.act(session, signer, intent, partial(refused_step, row.number, target))
    return Progress(row.id, row.number, row.title, target, done.at, told)


def refused_step(number: int, target: Status, refusal: Refusal) -> AssignError | None:
    """Return what the server's refusal of a step means; None where nothing better is known."""
    if refusal.code == Rule.EXPIRED_PAYLOAD_INACCESSIBLE:
        return expired(number)
    if refusal.code == "not_your_assignment":
        return not_your_assignment(number)
    try:
        require_move(Status(refusal.facts["status"]), target, number)
    except RuleRefused as error:
        return error
    except (KeyError, ValueError):
        pass
    return None


def _has_channel(session: Session, tx: Transaction, row: Assignment, target: Status) -> bool:
    """Say whether the step tells the coordinator, and there is a channel to tell them on."""
    member_id = row.dispatched_by_user_id
    return (
        target in _TELLING
        and channels.is_reachable(session, tx, member_id)
        and channels.have_any(session, tx, member_id)
    )
