"""Complete: the mentor's work is done and counts for the honorarium."""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.server import coverage, step
from assigncli.server.carrying import Carrying
from assigncli.server.refused import by_code


def complete(doing: Carrying) -> None:
    """Record the completion; it counts in today's cycle, or else in the dispatch's."""
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
