"""The sweep: what must happen though nobody remembers it, for one organisation.

Acts as the organisation's service identity, which opens no payload. It may run twice at once and be
killed at any point; the next run does what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from assigncli.actions import deliver, shred
from assigncli.actions.deliver import Post
from assigncli.actions.session import Session
from assigncli.actions.shred import DISK_FULL
from assigncli.actions.sweep.duties import DUTIES
from assigncli.actions.sweep.duty import Done, Outcome, perform
from assigncli.errors import AssignError, StoreUnavailable
from assigncli.store.scheduled import SweepRun

__all__ = ["Done", "Outcome", "sweep"]


@dataclass
class _Tally:
    """How many things a run did and could not do."""

    done: int = 0
    failed: int = 0

    def count(self, outcome: Outcome) -> Outcome:
        """Count one outcome and pass it on."""
        if outcome.problem is None:
            self.done += 1
        else:
            self.failed += 1
        return outcome


def sweep(session: Session, post: Post, *, dry_run: bool = False) -> Iterator[Outcome]:
    """Do everything that is due, and yield each thing once it is done or has failed.

    With `dry_run` nothing is changed or sent, and what would be done is yielded. A store that
    becomes busy or out of reach ends the run with one outcome that says so. Raises
    IdentityUnavailable, Tampered where the service identity is not what its organisation vouches
    for.
    """
    tally = _Tally()
    try:
        for outcome in _parts(session, post, dry_run=dry_run):
            yield tally.count(outcome)
    except StoreUnavailable as problem:
        yield tally.count(Outcome(Done.SWEPT, problem=problem))
    if not dry_run:
        yield from map(tally.count, _closing(session))
        yield from _remembered(session, tally)


def _parts(session: Session, post: Post, *, dry_run: bool) -> Iterator[Outcome]:
    yield from _left_behind(session, dry_run=dry_run)
    for duty in DUTIES:
        yield from perform(session, duty, dry_run=dry_run)
    for told in deliver.deliver(session, post, dry_run=dry_run):
        yield Outcome(Done.NOTIFIED, told.number, told.name, told.told, told.problem)


def _left_behind(session: Session, *, dry_run: bool) -> Iterator[Outcome]:
    """Delete the shares that an earlier run or command meant to delete and could not."""
    gone: list[UUID] = []
    for part in shred.left_behind(session):
        gone += session.vault.marks(part) if dry_run else shred.finish(session, part)
    if not dry_run:
        gone += shred.delete_unregistered(session)
    yield from (Outcome(Done.SHARE_DELETED) for _key in gone)


def _closing(session: Session) -> Iterator[Outcome]:
    """Delete the shares of what this run ended, and rebuild the vault without a trace of them."""
    try:
        deleted = [
            key for part in shred.left_behind(session) for key in shred.finish(session, part)
        ]
        if deleted:
            session.vault.compact()
        session.vault.keep_ballast()
    except StoreUnavailable as problem:
        yield Outcome(Done.SHARE_DELETED, problem=problem)


def _remembered(session: Session, tally: _Tally) -> Iterator[Outcome]:
    try:
        with session.store.write() as tx:
            tx.merge(
                SweepRun(
                    organization_id=session.organization_id,
                    at=session.now,
                    done=tally.done,
                    failed=tally.failed,
                )
            )
    except AssignError as problem:
        if problem.code != DISK_FULL or not tally.failed:
            yield Outcome(Done.SWEPT, problem=problem)
