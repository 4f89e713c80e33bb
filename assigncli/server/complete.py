"""Complete: the follow-up is done, and counts for the honorarium."""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.server import coverage, step
from assigncli.server.carrying import Carrying
from assigncli.server.refused import by_code


def complete(doing: Carrying) -> None:
    """The follow-up is done; it counts in the cycle of today, or else of the dispatch."""
    row, turn, tx = doing.own(), doing.turn, doing.tx
    with by_code(status=row.status.value):
        require_move(row.status, Status.COMPLETED, row.number)
        cycle_id = coverage.for_completion(turn, tx, row.reporting_cycle_id)
        step.step(
            turn,
            tx,
            doing.actor,
            row,
            Status.COMPLETED,
            facts=step.counted(turn, tx, row, cycle_id),
            request=doing.request,
            key_id=row.encryption_key_id,
        )
