"""What a mentor reports after reading: acknowledged, contact made, completed."""

from __future__ import annotations

from typing import Any, Final

from assigncli.actions import cycles, step
from assigncli.domain.honorarium import LedgerKind
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.server.carrying import Carrying
from assigncli.server.refused import by_code
from assigncli.store import keys, ledger, outbox
from assigncli.store.outbox import NotificationKind
from assigncli.store.tables import Assignment

_TOLD: Final = {
    Status.ACKNOWLEDGED: NotificationKind.ACKNOWLEDGED,
    Status.COMPLETED: NotificationKind.COMPLETED,
}


def acknowledge(doing: Carrying) -> None:
    """The mentor has read the brief; this is what notifies the dispatcher."""
    _advance(doing, Status.ACKNOWLEDGED, "acknowledged_at")


def contact(doing: Carrying) -> None:
    """Contact with the person is made; no reminder is sent from here on."""
    _advance(doing, Status.CONTACT_MADE, "contact_made_at")


def complete(doing: Carrying) -> None:
    """The follow-up is done; it counts in the cycle of today, or else of the dispatch."""
    row = doing.own()
    with by_code(status=row.status.value):
        require_move(row.status, Status.COMPLETED, row.number)
        cycle_id = cycles.for_completion(doing.session, doing.tx, row.reporting_cycle_id)
        facts = step.counted(doing.session, doing.tx, row, cycle_id)
        _step(doing, row, Status.COMPLETED, completed_at=doing.session.now, facts=facts)
    in_person = doing.arguments["in_person"]
    ledger.add_line(
        doing.tx, row, LedgerKind.COMPLETED, cycle_id, doing.session.now, in_person=in_person
    )
    keys.retire(doing.tx, row.encryption_key_id, doing.session.now)
    _tell(doing, row)


def _advance(doing: Carrying, target: Status, column: str) -> None:
    row = doing.own()
    with by_code(status=row.status.value):
        _step(doing, row, target, **{column: doing.session.now})
    _tell(doing, row)


def _step(doing: Carrying, row: Assignment, target: Status, **columns: Any) -> None:
    step.step(doing.session, doing.tx, doing.actor, row, target, **columns)


def _tell(doing: Carrying, row: Assignment) -> None:
    kind = _TOLD.get(row.status)
    if kind is not None:
        outbox.queue(doing.tx, row, kind, row.dispatched_by_user_id, doing.session.now)
