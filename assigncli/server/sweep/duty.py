"""A duty of the sweep: list the things that are due, and do each in its own transaction.

That transaction checks again that the thing is due. So of two sweeps at once only one does it, and
a sweep that is killed leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.errors import AssignError, StoreUnavailable, Tampered
from assigncli.lookups.about_assignments import Open
from assigncli.server.sweep.shred import DISK_FULL
from assigncli.server.turn import Turn


class SweepAct(StrEnum):
    """The kinds of thing a sweep does; the values are part of the JSON output."""

    EXPIRED = "expired"
    REMINDED = "reminded"
    SHREDDED = "shredded"
    ARCHIVED = "archived"
    CYCLE_CLOSED = "cycle_closed"
    CERTIFICATION_LAPSED = "certification_lapsed"
    SHARE_DELETED = "share_deleted"
    STRAY_DELETED = "stray_deleted"
    HIDDEN_ENDING = "hidden_ending"
    RETENTION_CHECKED = "retention_checked"
    NOTIFIED = "notified"
    SWEPT = "swept"


@dataclass(frozen=True)
class SweepOutcome:
    """One thing that was done, would be done (in a dry run), or failed.

    `number` is the assignment's; `name` is a member's or a cycle's. `told` is the status of a
    notification. `problem` is why it failed. `open` is what is open with a mentor whose
    certification lapses.
    """

    done: SweepAct
    number: int | None = None
    name: str | None = None
    told: str | None = None
    problem: AssignError | None = None
    open: tuple[Open, ...] = ()


@dataclass(frozen=True)
class Thing:
    """One thing that is due; `place` is its place in the order of what is due."""

    id: UUID
    place: Any
    number: int | None = None
    name: str | None = None
    open: tuple[Open, ...] = ()


@dataclass(frozen=True)
class Duty:
    """A kind of thing to do.

    `due` returns the next part after a place; `do` returns whether it did the thing.
    """

    done: SweepAct
    due: Callable[[Turn, Transaction, Any], list[Thing]]
    do: Callable[[Turn, Thing], bool]


def perform(turn: Turn, duty: Duty, *, dry_run: bool) -> Iterator[SweepOutcome]:
    """Do each thing that is due, or only list it; a failure does not stop the others.

    Raises StoreUnavailable for a store that is busy or out of reach: nothing else could be done
    either.
    """
    place: Any = None
    while True:
        try:
            with turn.store.read() as tx:
                part = duty.due(turn, tx, place)
        except Tampered as problem:
            yield SweepOutcome(duty.done, problem=problem)
            return
        for thing in part:
            yield from _one(turn, duty, thing, dry_run=dry_run)
        if not part:
            return
        place = part[-1].place


def _one(turn: Turn, duty: Duty, thing: Thing, *, dry_run: bool) -> Iterator[SweepOutcome]:
    outcome = SweepOutcome(duty.done, thing.number, thing.name, open=thing.open)
    if dry_run:
        yield outcome
        return
    try:
        if duty.do(turn, thing):
            yield outcome
    except AssignError as problem:
        if isinstance(problem, StoreUnavailable) and problem.code != DISK_FULL:
            raise
        yield SweepOutcome(duty.done, thing.number, thing.name, problem=problem)
