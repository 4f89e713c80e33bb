"""Decline: the mentor cannot take the assignment, and gets no share of its key from then on."""

from __future__ import annotations

from assigncli.domain.actions import Action
from assigncli.domain.declining import require_declinable
from assigncli.lookups.about_log import Fact
from assigncli.server import step
from assigncli.server.carrying import Carrying
from assigncli.server.projection import assignments as projected
from assigncli.server.record import record
from assigncli.server.refused import by_code
from assigncli.server.store import assignments


def decline(doing: Carrying) -> None:
    """Mark the assignment as declined, once, and tell its dispatcher.

    Its status stays as it is: it still expires, and counts as dispatched until it ends.
    """
    row = doing.own()
    with by_code(status=row.status.value):
        require_declinable(row.status, row.number)
    facts: dict[str, Fact] = {"number": row.number}
    happened = doing.happening(Action.ASSIGNMENT_DECLINED, facts)
    assignments.change(doing.tx, row, projected.change(happened))
    record(doing.turn, doing.tx, doing.actor, Action.ASSIGNMENT_DECLINED, row.id, **facts)
    step.entail(doing.tx, row, happened)
