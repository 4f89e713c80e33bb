"""Find the reporting cycle that covers today, and open the calendar year's if one is due.

A dispatch, a sheet's check, `status` and `doctor` all ask here, so that they agree. `covering`,
`coverage` and `list_cycles` only read; `current` and `for_completion` may open a cycle and then
append its entry.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import calendar_year, local_day
from assigncli.domain.lifecycle import CycleStatus
from assigncli.domain.reporting_cycles import Cycle, Span, refusal
from assigncli.errors import RuleRefused
from assigncli.lookups import Nothing
from assigncli.lookups.about_office import Coverage, Cycles
from assigncli.server import service, settings_in_force, step
from assigncli.server.projection import cycles as projected
from assigncli.server.projection.happening import Happening
from assigncli.server.record import record
from assigncli.server.store import organizations
from assigncli.server.store.tables import ReportingCycle
from assigncli.server.turn import Turn


def covering(turn: Turn, tx: Transaction) -> ReportingCycle | None:
    """Return the open cycle that covers today; None if the calendar year's will open by itself.

    Today is a local day. Raises RuleRefused `reporting_cycle_active`.
    """
    today = local_day(turn.now, turn.zone)
    found = organizations.open_cycle(tx, turn.organization_id, today)
    if found is not None:
        return found
    refused = refusal(
        today,
        [span_of(row) for row in organizations.cycles(tx, turn.organization_id)],
        by_hand=settings_in_force.in_force(turn, tx).cycles_by_hand,
    )
    if refused is not None:
        raise refused
    return None


def coverage(turn: Turn, tx: Transaction) -> Coverage:
    """Return what `covering` finds, or its refusal."""
    try:
        found = covering(turn, tx)
    except RuleRefused as refused:
        return Coverage(None, refused)
    return Coverage(None if found is None else found.name, None)


def span_of(row: ReportingCycle) -> Span:
    """Return the cycle in the form that the rules take."""
    return Span(row.name, row.starts_on, row.ends_on, row.status is CycleStatus.OPEN)


def current(turn: Turn, tx: Transaction) -> ReportingCycle:
    """Return the open cycle that covers today; open the calendar year's if that one is due.

    Raises RuleRefused `reporting_cycle_active`.
    """
    found = covering(turn, tx)
    if found is not None:
        return found
    today = local_day(turn.now, turn.zone)
    first, last = calendar_year(today)
    ours = service.own(turn, tx).certificate
    days = {"starts_on": first.isoformat(), "ends_on": last.isoformat()}
    happened = step.happening(turn, ours, Action.CYCLE_OPENED, uuid4(), days)
    row = add(tx, happened)
    record(turn, tx, ours, Action.CYCLE_OPENED, row.id, **days)
    return row


def for_completion(turn: Turn, tx: Transaction, dispatched_in: UUID | None) -> UUID:
    """Return the cycle in which a completion today counts: today's, or else the dispatch's.

    A mentor must be able to complete an assignment even if nobody has opened a cycle for today.
    """
    try:
        return current(turn, tx).id
    except RuleRefused:
        if dispatched_in is None:
            raise
        return dispatched_in


def list_cycles(turn: Turn, _asked: Nothing) -> Cycles:
    """Return every cycle, newest first."""
    with turn.store.read() as tx:
        found = organizations.cycles(tx, turn.organization_id)
        return Cycles(tuple(_as_cycle(row) for row in found))


def add(tx: Transaction, opened: Happening) -> ReportingCycle:
    """Add an open cycle."""
    row = ReportingCycle(**projected.change(opened))
    tx.add(row)
    tx.flush()
    return row


def _as_cycle(row: ReportingCycle) -> Cycle:
    return Cycle(row.id, row.name, row.starts_on, row.ends_on, row.status)
