"""Reporting cycles: open, close, reopen, list; and the one that a dispatch falls in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import asking, find, service, step
from assigncli.actions.coverage import covering
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.client import cycles as client
from assigncli.client.asking import Wanted
from assigncli.domain.audit import Action
from assigncli.domain.cycles import Cycle, require_days
from assigncli.domain.deadlines import calendar_year, local_day
from assigncli.domain.lifecycle import CycleStatus
from assigncli.domain.people import require_name
from assigncli.errors import RuleRefused
from assigncli.projection import cycles as projected
from assigncli.projection.happening import Happening
from assigncli.store import organizations
from assigncli.store.tables import ReportingCycle
from assigncli.trust.evidence import Verified

_READ: Final = Wanted("read.cycles")


@dataclass(frozen=True)
class Closed:
    """A cycle that was closed; `stops_dispatch` where it covers today.

    Then nothing can be sent up to and with its last day, since no two cycles share a day.
    """

    cycle: Cycle
    stops_dispatch: bool


def current(session: Session, tx: Transaction) -> ReportingCycle:
    """Return the open cycle that covers today; a calendar-year one opens by itself.

    Raises RuleRefused `reporting_cycle_active`.
    """
    found = covering(session, tx)
    if found is not None:
        return found
    today = local_day(session.now, session.zone)
    first, last = calendar_year(today)
    ours = service.own(session, tx).certificate
    days = {"starts_on": first.isoformat(), "ends_on": last.isoformat()}
    happened = step.happening(session, ours, Action.CYCLE_OPENED, uuid4(), days)
    row = add(tx, happened)
    record(session, tx, ours, Action.CYCLE_OPENED, row.id, **days)
    return row


def for_completion(session: Session, tx: Transaction, dispatched_in: UUID | None) -> UUID:
    """Return the cycle in which a completion today counts: today's, else that of the dispatch.

    A mentor who is done must be able to say so, also where nobody has opened a cycle for today.
    """
    try:
        return current(session, tx).id
    except RuleRefused:
        if dispatched_in is None:
            raise
        return dispatched_in


def open_cycle(session: Session, name: str, first: date, last: date) -> Cycle:
    """Open a cycle by hand; coordinators and admins may.

    Raises InvalidInput `name_invalid`, `cycle_name_misleading`, `cycle_days_reversed`,
    `cycle_overlaps` or `cycle_name_taken`.
    """
    name = require_name(name)
    require_days(name, first, last)
    found = asking.read(session, _READ)
    signer = asking.this_device(session, found)
    made = client.new(found, session.member_id, name, first, last)
    asking.act(session, signer, client.opening(made))
    return made


def to_close(session: Session, name: str, *, force: bool = False) -> Cycle:
    """Return what `close_cycle` would close; raises as it does, and needs no key."""
    return _closable(session, asking.read(session, _READ), name, force=force)


def close_cycle(
    session: Session, name: str, told: Cycle | None = None, *, force: bool = False
) -> Closed:
    """Close a cycle for new dispatches; the one that covers today only with `force`.

    `told` is what a person agreed to; where it is no longer so nothing is done (AssignError
    `changed_meanwhile`). Raises NotFound `cycle_not_found`, InvalidInput `cycle_already_closed` or
    `cycle_covers_today`.
    """
    found = asking.read(session, _READ)
    signer = asking.this_device(session, found)
    cycle = _closable(session, found, name, force=force)
    if told is not None and told != cycle:
        raise find.changed_meanwhile()
    done = asking.act(session, signer, client.closing(cycle, force=force))
    today = local_day(done.at, session.zone)
    return Closed(replace(cycle, status=CycleStatus.CLOSED), cycle.span.covers(today))


def reopen_cycle(session: Session, name: str) -> Cycle:
    """Open a closed cycle again, for dispatches on its days; coordinators and admins may.

    One that has ended stays closed: no day is left on which it could take a dispatch, and the next
    sweep would close it again. Raises NotFound `cycle_not_found`, InvalidInput `cycle_already_open`
    or `cycle_has_ended`.
    """
    found = asking.read(session, _READ)
    signer = asking.this_device(session, found)
    today = local_day(session.now, session.zone)
    cycle = client.reopenable(found, session.member_id, name, today)
    asking.act(session, signer, client.reopening(cycle))
    return replace(cycle, status=CycleStatus.OPEN)


def _closable(session: Session, found: Verified, name: str, *, force: bool) -> Cycle:
    today = local_day(session.now, session.zone)
    return client.closable(found, session.member_id, name, today, force=force)


def list_cycles(session: Session) -> list[Cycle]:
    """Return every cycle, newest first."""
    with session.store.read() as tx:
        return [_as_cycle(row) for row in organizations.cycles(tx, session.organization_id)]


def add(tx: Transaction, opened: Happening) -> ReportingCycle:
    """Add an open cycle."""
    row = ReportingCycle(**projected.change(opened))
    tx.add(row)
    tx.flush()
    return row


def _as_cycle(row: ReportingCycle) -> Cycle:
    return Cycle(row.id, row.name, row.starts_on, row.ends_on, row.status)
