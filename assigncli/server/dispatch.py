"""What the server adds to a dispatch: the cycle, the mentor's count and the notification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Status
from assigncli.domain.tiers import Counts, LedgerKind, next_sequence, tier_for
from assigncli.lookups.about_log import Fact
from assigncli.server import coverage, record, settings_in_force, step
from assigncli.server.carrying import Carrying
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import ledger as counting
from assigncli.server.projection import steps
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.notifications import owed
from assigncli.server.refused import Refused, by_code
from assigncli.server.rows import CheckedRow
from assigncli.server.store import assignments, ledger, notifications, ready
from assigncli.server.store.tables import AssignmentStatusLog, AssignmentThresholdLog


def sent(
    doing: Carrying, checked: Sequence[CheckedRow], numbered: Mapping[UUID, int]
) -> list[record.Act]:
    """Move drafts to dispatched, count them and queue notifications; return their entries."""
    acts, before = _counted(doing, checked, numbered)
    happened = [step.happening(doing.turn, doing.actor, *act, doing.request) for act in acts]
    for turn in _turns(list(zip(checked, happened, before, strict=True))):
        _write_turn(doing, turn)
    queued = (
        row
        for each, told in zip(checked, happened, strict=True)
        for row in owed(told, each.recipient, doing.actor.member)
    )
    notifications.queue_all(doing.tx, list(queued))
    return acts


def _counted(
    doing: Carrying, checked: Sequence[CheckedRow], numbered: Mapping[UUID, int]
) -> tuple[list[record.Act], list[Counts]]:
    """Return the entries in order, and for each the mentor's counts in the cycle before it."""
    tx, turn = doing.tx, doing.turn
    acts: list[record.Act] = []
    before: list[Counts] = []
    with by_code():
        cycle_id = coverage.current(turn, tx).id
        counts = ledger.counts(tx, {each.recipient for each in checked}, cycle_id)
        thresholds = settings_in_force.in_force(turn, tx).thresholds
        for each in checked:
            before.append(counts[each.recipient])
            count = next_sequence(before[-1].dispatched_count)
            counts[each.recipient] = before[-1].after(LedgerKind.DISPATCHED)
            facts: dict[str, Fact] = {
                "number": numbered[each.id],
                "from": Status.PENDING.value,
                "to": Status.DISPATCHED.value,
                "manifest": each.hash.hex(),
                "recipient": str(each.recipient),
                "cycle": str(cycle_id),
                "count": count,
                "tier": tier_for(count, thresholds).value,
            }
            acts.append((Action.ASSIGNMENT_DISPATCHED, each.id, facts))
    return acts, before


_Sent = tuple[CheckedRow, Happening, Counts]


def _turns(sent_: Sequence[_Sent]) -> list[list[_Sent]]:
    """Group the rows so that each group has a mentor at most once.

    The database requires a mentor's dispatch in the ledger before it accepts the next one.
    """
    taken: dict[UUID, int] = {}
    turns: list[list[_Sent]] = []
    for each in sent_:
        recipient = each[0].recipient
        turn = taken.get(recipient, 0)
        taken[recipient] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(each)
    return turns


def _write_turn(doing: Carrying, turn: Sequence[_Sent]) -> None:
    tx = doing.tx
    changes = [
        {"id": each.id, **projected.change(happened, each.sealed)} for each, happened, _ in turn
    ]
    if not assignments.dispatch_all(tx, changes):
        raise Refused("changed_meanwhile")
    logs = (steps.row(happened) for _each, happened, _before in turn)
    ready.insert_all(tx, AssignmentStatusLog, [log for log in logs if log is not None])
    lines = (counting.line(told, each.recipient, before) for each, told, before in turn)
    ready.insert_all(tx, AssignmentThresholdLog, [line for line in lines if line is not None])
