"""What the server adds to a dispatch: its cycle, the mentor's count with it, and the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from assigncli.actions import cycles, settings
from assigncli.domain.honorarium import Counts, LedgerKind, Tier, next_sequence, tier_for
from assigncli.domain.lifecycle import Status
from assigncli.server.carrying import Carrying
from assigncli.server.refused import Refused, by_code
from assigncli.server.rows import Checked
from assigncli.store import assignments, ledger, outbox
from assigncli.store.outbox import NotificationKind


@dataclass(frozen=True)
class Counted:
    """The cycle of a dispatch, the mentor's count with it, and all their counts before it."""

    cycle: UUID
    count: int
    tier: Tier
    before: Counts


def sent(doing: Carrying, checked: Sequence[Checked]) -> dict[UUID, Counted]:
    """Move drafts to dispatched, count them and queue the messages; in their order."""
    tx, session = doing.tx, doing.session
    with by_code():
        cycle_id = cycles.current(session, tx).id
        counts = ledger.counts(tx, {each.recipient for each in checked}, cycle_id)
        thresholds = settings.in_force(session, tx).thresholds
        counted: dict[UUID, Counted] = {}
        for each in checked:
            before = counts[each.recipient]
            count = next_sequence(before.dispatched_count)
            counted[each.id] = Counted(cycle_id, count, tier_for(count, thresholds), before)
            counts[each.recipient] = before.after(LedgerKind.DISPATCHED)
    for turn in _turns(checked):
        _write_turn(doing, turn, counted)
    told = [(each.id, each.recipient) for each in checked]
    outbox.queue_all(tx, session.organization_id, told, NotificationKind.DISPATCHED, session.now)
    return counted


def _turns(checked: Sequence[Checked]) -> list[list[Checked]]:
    """Return the rows in turns, a mentor at most once in each.

    The database wants a mentor's dispatch in the ledger before it takes the next one.
    """
    taken: dict[UUID, int] = {}
    turns: list[list[Checked]] = []
    for each in checked:
        turn = taken.get(each.recipient, 0)
        taken[each.recipient] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(each)
    return turns


def _write_turn(doing: Carrying, turn: Sequence[Checked], counted: Mapping[UUID, Counted]) -> None:
    tx, session = doing.tx, doing.session
    cycle_id = counted[turn[0].id].cycle
    common = {
        "dispatched_at": session.now,
        "updated_at": session.now,
        "reporting_cycle_id": cycle_id,
        "dispatcher_certificate_id": doing.actor.id,
    }
    rows = [
        {
            "row_id": each.id,
            "expires_at": each.manifest.expires_at,
            "threshold_sequence_number": counted[each.id].count,
            "honorarium_tier": counted[each.id].tier,
            "manifest_body": each.row.manifest,
            "manifest_signature": each.row.signature,
        }
        for each in turn
    ]
    if not assignments.dispatch_all(tx, common, rows):
        raise Refused("changed_meanwhile")
    log_step(doing, [each.id for each in turn], Status.PENDING, Status.DISPATCHED)
    lines = [ledger.Line(each.id, each.recipient, counted[each.id].before) for each in turn]
    ledger.add_lines(
        tx, session.organization_id, lines, LedgerKind.DISPATCHED, cycle_id, session.now
    )


def log_step(doing: Carrying, ids: Sequence[UUID], source: Status | None, target: Status) -> None:
    """Write the same step of several assignments to the status log."""
    step = {
        "from_status": source,
        "to_status": target,
        "actor_id": doing.actor.member,
        "at": doing.session.now,
        "reason": None,
    }
    assignments.log_steps(doing.tx, doing.session.organization_id, ids, step)
