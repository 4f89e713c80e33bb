"""Find endings that the log has and the store's columns hide, and end their keys.

So nobody keeps a share for ever by clearing the end of a key or moving the day of a completion.
Each entry that ends a key is checked once, in log order, from where the last run got to. What is
hidden after that is found by `audit verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.errors import Tampered
from assigncli.server import certification, endings
from assigncli.server.record import record
from assigncli.server.store import due, keys
from assigncli.server.store.scheduled import COMPLETIONS, ENDINGS, SweepRun
from assigncli.server.sweep import retention
from assigncli.server.sweep.duty import SweepAct, SweepOutcome
from assigncli.server.turn import Turn


@dataclass
class Walked:
    """The last entries of endings and of completions that have been checked."""

    ended_to: int = 0
    completed_to: int = 0


def walked(turn: Turn) -> Walked:
    """Return how far the last run got."""
    with turn.store.read() as tx:
        run = tx.get(SweepRun, turn.organization_id)
        return Walked() if run is None else Walked(run.ended_to, run.completed_to)


def obey(turn: Turn, place: Walked, *, dry_run: bool) -> Iterator[SweepOutcome]:
    """Mark each live key dead that the entries after `place` ended, and move `place` on.

    Run it after the duties: what they find by the columns is not hidden.
    """
    while part := _part(turn, ENDINGS, place.ended_to, None):
        for sequence, subject, _at in part:
            yield from _one(turn, subject, dry_run=dry_run, completed_before=None)
            place.ended_to = sequence
    try:
        with turn.store.read() as tx:
            before = retention.over_before(turn, tx)
    except Tampered:
        return  # reported by the duty that deletes briefs
    while part := _part(turn, COMPLETIONS, place.completed_to, before):
        for sequence, subject, _at in part:
            yield from _one(turn, subject, dry_run=dry_run, completed_before=before)
            place.completed_to = sequence


def _part(
    turn: Turn, which: str, after: int, before: datetime | None
) -> list[tuple[int, UUID, datetime]]:
    """Return the next entries; of completions, only up to the first that is not due yet."""
    with turn.store.read() as tx:
        part = due.said_to_have_ended(tx, turn.organization_id, which, after)
    for place, (_sequence, _subject, at) in enumerate(part):
        if before is not None and at >= before:
            return part[:place]
    return part


def _one(
    turn: Turn, subject: UUID, *, dry_run: bool, completed_before: datetime | None
) -> Iterator[SweepOutcome]:
    with turn.store.read() as tx:
        number, hidden = _hidden(turn, tx, subject, completed_before)
    if not hidden:
        return
    if not dry_run:
        with turn.write() as tx:
            actor = certification.acting(turn, tx)
            for key_id in hidden:
                keys.write(tx, {key_id: {"revoked_at": turn.now}})
                if completed_before is not None:
                    facts = {"number": number, "encryption_key": str(key_id)}
                    record(turn, tx, actor, Action.PAYLOAD_SHREDDED, subject, **facts)
    yield SweepOutcome(SweepAct.HIDDEN_ENDING, number, problem=Tampered("ending_hidden"))


def _hidden(
    turn: Turn, tx: Transaction, subject: UUID, completed_before: datetime | None
) -> tuple[int | None, list[UUID]]:
    """Return the assignment's number, and its live keys that have ended by the log.

    Entries are verified only if a key is live, which is rare. An entry that does not verify ends
    nothing.
    """
    try:
        course = endings.course(turn, tx, subject)
        live = [key_id for key_id in course.named_keys if keys.is_live(tx, key_id)]
        hidden = [key_id for key_id in live if _has_ended(course, key_id, completed_before)]
    except Tampered:
        return None, []
    return course.number, hidden


def _has_ended(course: endings.Course, key_id: UUID, completed_before: datetime | None) -> bool:
    try:
        if completed_before is None:
            course.key_ended_at(key_id)
            return True
        end, own = course.end(), course.key_id
    except Tampered:
        return False
    completed = end.action == Action.ASSIGNMENT_COMPLETED
    if not completed or end.at >= completed_before or own != key_id:
        return False
    return not keys.is_found_retired(course.tx, key_id, completed_before)
