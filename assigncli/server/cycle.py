"""Open, close and reopen reporting cycles by hand. The sweep closes those that have ended."""

from __future__ import annotations

from datetime import date

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import STAFF
from assigncli.domain.member_names import require_name
from assigncli.domain.reporting_cycles import (
    require_closable,
    require_days,
    require_free,
    require_reopenable,
)
from assigncli.server import coverage
from assigncli.server.carrying import Carrying
from assigncli.server.coverage import span_of
from assigncli.server.projection import cycles as projected
from assigncli.server.record import record
from assigncli.server.refused import Refused, by_code
from assigncli.server.store import assignments, ids, organizations
from assigncli.server.store.tables import ReportingCycle


def open_cycle(doing: Carrying) -> None:
    """Open a cycle whose days and name no other cycle has."""
    _require_staff(doing)
    _salt, name = doing.text("name")
    first, last = (date.fromisoformat(doing.arguments[each]) for each in ("starts_on", "ends_on"))
    with by_code(field="name"):
        if require_name(name) != name:
            raise Refused("name_invalid", field="name", place=None)
        _require_unused(doing)
        require_days(name, first, last)
        others = organizations.cycles(doing.tx, doing.turn.organization_id)
        require_free([span_of(row) for row in others], name, first, last)
    coverage.add(doing.tx, doing.happening(Action.CYCLE_OPENED))
    record(doing.turn, doing.tx, doing.actor, Action.CYCLE_OPENED, doing.about)


def close_cycle(doing: Carrying) -> None:
    """Close a cycle to new dispatches; the one that covers today needs the argument `forced`."""
    row = _named(doing)
    with by_code():
        require_closable(span_of(row), _today(doing), force=doing.arguments["forced"])
    _change(doing, row, Action.CYCLE_CLOSED)


def reopen_cycle(doing: Carrying) -> None:
    """Reopen a closed cycle that has not ended."""
    row = _named(doing)
    with by_code():
        require_reopenable(span_of(row), _today(doing))
    _change(doing, row, Action.CYCLE_REOPENED)


def _change(doing: Carrying, row: ReportingCycle, action: Action) -> None:
    assignments.change(doing.tx, row, projected.change(doing.happening(action)))
    record(doing.turn, doing.tx, doing.actor, action, row.id)


def _today(doing: Carrying) -> date:
    return local_day(doing.turn.now, doing.turn.zone)


def _require_staff(doing: Carrying) -> None:
    doing.require_role(*STAFF)


def _named(doing: Carrying) -> ReportingCycle:
    _require_staff(doing)
    row = organizations.cycle_by_id(doing.tx, doing.turn.organization_id, doing.about)
    if row is None:
        raise Refused("cycle_not_found")
    return row


def _require_unused(doing: Carrying) -> None:
    """Refuse an id that is used or that the log mentions: `cycle_exists`."""
    if ids.taken(doing.tx, [doing.about]):
        raise Refused("cycle_exists")
