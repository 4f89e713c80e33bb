"""The sweep: everything that must happen without anybody asking for it, for one organisation.

It acts as the organisation's service, which can open no payload. Two sweeps may run at once, and
one may be killed at any point: the next run does what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from assigncli.domain.attempts import HOUR
from assigncli.domain.deadlines import local_day
from assigncli.errors import (
    AssignError,
    IdentityUnavailable,
    StoreUnavailable,
    Tampered,
    VaultUnavailable,
)
from assigncli.server import attempt_log, certification, recording
from assigncli.server.notifications import deliver
from assigncli.server.notifications.deliver import Post
from assigncli.server.store import ballast, keys, refused_statements
from assigncli.server.store.scheduled import SweepRun
from assigncli.server.sweep import hidden, retention, shred
from assigncli.server.sweep.duties import DUTIES
from assigncli.server.sweep.duty import SweepAct, SweepOutcome, perform
from assigncli.server.turn import Turn

__all__ = ["SweepAct", "SweepOutcome", "delivered", "strays", "sweep"]


@dataclass
class _Tally:
    """How many things a run did and failed to do, and which problems it has reported."""

    done: int = 0
    failed: int = 0
    said: set[object] = field(default_factory=set)
    walked: hidden.Walked = field(default_factory=hidden.Walked)

    def count(self, outcome: SweepOutcome) -> SweepOutcome:
        """Count one outcome and return it."""
        if outcome.problem is None:
            self.done += 1
        else:
            self.failed += 1
            self.said.add(outcome.problem.likeness)
        return outcome


def sweep(turn: Turn, post: Post, *, dry_run: bool = False) -> Iterator[SweepOutcome]:
    """Do everything that is due; yield each thing once it is done or has failed.

    With `dry_run` nothing is changed or sent, and what would be done is yielded. A problem that
    concerns no single thing ends the run with one outcome: a store that is busy or out of reach, a
    damaged setting. So does a service whose certificate its organisation does not vouch for.
    """
    tally = _Tally()
    unfit = _not_certified(turn)
    if unfit is not None:
        yield SweepOutcome(SweepAct.SWEPT, problem=unfit)
        return
    try:
        tally.walked = hidden.walked(turn)
        for outcome in _parts(turn, post, tally.walked, dry_run=dry_run):
            yield tally.count(outcome)
    except AssignError as problem:
        if problem.likeness not in tally.said:
            yield tally.count(SweepOutcome(SweepAct.SWEPT, problem=problem))
    if not dry_run:
        yield from map(tally.count, _closing(turn))
        yield from _remembered(turn, tally)


def _not_certified(turn: Turn) -> AssignError | None:
    """Return why the service may not act for its organisation; None if it may."""
    try:
        with turn.store.read() as tx:
            certification.acting(turn, tx)
    except (IdentityUnavailable, Tampered) as problem:
        return problem
    return None


def _parts(
    turn: Turn, post: Post, place: hidden.Walked, *, dry_run: bool
) -> Iterator[SweepOutcome]:
    yield from _left_behind(turn, dry_run=dry_run)
    yield from _retention(turn)
    for duty in DUTIES:
        yield from perform(turn, duty, dry_run=dry_run)
    yield from hidden.obey(turn, place, dry_run=dry_run)
    if not dry_run:
        _count_attempts(turn)
    yield from delivered(turn, post, dry_run=dry_run)


def delivered(turn: Turn, post: Post, *, dry_run: bool = False) -> Iterator[SweepOutcome]:
    """Send the notifications that are due, and yield each; the part of a sweep that may be early.

    Raises StoreUnavailable and the service's other errors.
    """
    for each in deliver.deliver(turn, post, dry_run=dry_run):
        yield SweepOutcome(SweepAct.NOTIFIED, each.number, each.name, each.status, each.problem)


def _count_attempts(turn: Turn) -> None:
    """Append an entry for each device with refused attempts that have no entry of their own.

    Only once the device's hour is over; this is for devices that make no attempt after it.
    """
    with turn.store.read() as tx:
        if not refused_statements.begun_before(tx, turn.organization_id, turn.now - HOUR):
            return
    with turn.write() as tx:
        append = partial(recording.append, turn, tx)
        attempt_log.count_due(tx, turn.organization_id, turn.now, append)


def _left_behind(turn: Turn, *, dry_run: bool) -> Iterator[SweepOutcome]:
    """Delete the shares that an earlier run or command meant to delete and could not.

    A share whose key no signed entry ended is kept and reported. A busy vault does not stop the
    rest of the run: an expired assignment is refused without it.
    """
    try:
        gone, kept = _deleted_again(turn, dry_run=dry_run)
    except VaultUnavailable as problem:
        yield SweepOutcome(SweepAct.SHARE_DELETED, problem=problem)
        return
    for _key in range(gone):
        yield SweepOutcome(SweepAct.SHARE_DELETED)
    for number, fault in kept:
        yield SweepOutcome(SweepAct.SHARE_DELETED, number, problem=fault)


def _deleted_again(turn: Turn, *, dry_run: bool) -> tuple[int, list[tuple[int | None, Tampered]]]:
    """Return how many shares are gone, and the number and problem of each that was kept."""
    gone, kept = 0, []
    for part in shred.left_behind(turn):
        ended, others = shred.sorted_out(turn, part)
        gone += len(turn.vault.held_among(ended) if dry_run else shred.finish(turn, ended))
        kept += others
    gone += shred.delete_lost(turn, dry_run=dry_run)
    held = shred.returned(turn, thorough=_is_first_today(turn))
    with turn.store.read() as tx:
        awaited = keys.unshredded_among(tx, held)
    ended, others = shred.sorted_out(turn, (key for key in held if key not in awaited))
    if not dry_run:
        turn.vault.revoke(ended)
    return gone + len(ended), kept + others


def _retention(turn: Turn) -> Iterator[SweepOutcome]:
    """Yield a problem if the setting for keeping completed briefs is not as it was signed."""
    with suppress(Tampered):  # reported by the duty that deletes briefs
        problem = retention.difference(turn)
        if problem is not None:
            yield SweepOutcome(SweepAct.RETENTION_CHECKED, problem=problem)


def strays(turn: Turn, *, dry_run: bool) -> Iterator[SweepOutcome]:
    """Delete the shares whose row was never written, once for the whole store.

    Such shares name no organisation, so any turn will do. Shares whose row was removed are kept and
    reported.
    """
    try:
        gone, kept = shred.delete_unregistered(turn.store, turn.vault, dry_run=dry_run)
    except StoreUnavailable as problem:
        yield SweepOutcome(SweepAct.STRAY_DELETED, problem=problem)
        return
    for _key in range(gone):
        yield SweepOutcome(SweepAct.STRAY_DELETED)
    if kept:
        yield SweepOutcome(SweepAct.STRAY_DELETED, problem=Tampered("key_unregistered"))


def _is_first_today(turn: Turn) -> bool:
    """Return whether no sweep has run on this local day: the first one checks every share."""
    with turn.store.read() as tx:
        last = tx.get(SweepRun, turn.organization_id)
    if last is None:
        return True
    return local_day(last.at, turn.zone) != local_day(turn.now, turn.zone)


def _closing(turn: Turn) -> Iterator[SweepOutcome]:
    """Delete the shares of what this run ended, and restore the ballast that it may have used."""
    try:
        for part in shred.left_behind(turn):
            shred.finish(turn, shred.sorted_out(turn, part)[0])
        ballast.keep(ballast.beside(turn.store.path))
    except StoreUnavailable as problem:
        yield SweepOutcome(SweepAct.SHARE_DELETED, problem=problem)


def _remembered(turn: Turn, tally: _Tally) -> Iterator[SweepOutcome]:
    try:
        with turn.store.write() as tx:
            tx.merge(
                SweepRun(
                    organization_id=turn.organization_id,
                    at=turn.now,
                    done=tally.done,
                    failed=tally.failed,
                    ended_to=tally.walked.ended_to,
                    completed_to=tally.walked.completed_to,
                )
            )
    except AssignError as problem:
        if not tally.failed:
            yield SweepOutcome(SweepAct.SWEPT, problem=problem)
