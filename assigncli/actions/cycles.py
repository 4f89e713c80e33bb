"""Reporting cycles: open, close, list, and the one that a dispatch or a completion falls in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import find, settings, trust
from assigncli.actions.record import CYCLE, record
from assigncli.actions.session import Session
from assigncli.crypto.certificate import Certificate
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import calendar_year, local_day, require_cycle
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import require_name
from assigncli.domain.rules import Rule
from assigncli.errors import InvalidInput, NotFound, RuleRefused
from assigncli.locale import _
from assigncli.store import organizations
from assigncli.store.tables import CycleStatus, ReportingCycle

_YEAR: Final = re.compile("[0-9]{4}")


@dataclass(frozen=True)
class Cycle:
    """A cycle as it stands; first and last day included, local calendar days."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date
    status: CycleStatus


def current(session: Session, tx: Transaction, actor: Certificate) -> ReportingCycle:
    """Return the open cycle that covers today; a calendar-year one opens by itself.

    Raises RuleRefused `reporting_cycle_active`.
    """
    today = local_day(session.now, session.zone)
    found = organizations.open_cycle(tx, session.organization_id, today)
    if found is not None:
        return found
    require_cycle(open_cycle_found=False, manual=settings.in_force(session, tx).cycles_by_hand)
    first, last = calendar_year(today)
    if organizations.overlapping_cycle(tx, session.organization_id, first, last) is not None:
        raise _no_cycle()
    return _add(session, tx, actor, str(today.year), first, last)


def for_completion(
    session: Session, tx: Transaction, actor: Certificate, dispatched_in: UUID | None
) -> UUID:
    """Return the cycle in which a completion today counts: today's, else that of the dispatch.

    A mentor who is done must be able to say so, also where nobody has opened a cycle for today.
    """
    try:
        return current(session, tx, actor).id
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
    if last < first:
        raise InvalidInput(
            _("The cycle would end before it begins."),
            _("Give the first day, then the last."),
            code="cycle_days_reversed",
        )
    _require_honest_year(name, first, last)
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.ORG_ADMIN, Role.COORDINATOR)
        if organizations.overlapping_cycle(tx, session.organization_id, first, last) is not None:
            raise InvalidInput(
                _("Another cycle already covers some of these days."),
                _("Run assign cycle list to hear the cycles, and choose other days."),
                code="cycle_overlaps",
            )
        if organizations.cycle_by_name(tx, session.organization_id, name) is not None:
            raise InvalidInput(
                _("There is already a cycle with this name."),
                _("Choose another name."),
                code="cycle_name_taken",
            )
        return _as_cycle(_add(session, tx, actor, name, first, last))


def to_close(session: Session, name: str) -> Cycle:
    """Return what `close_cycle` would close; raises as it does, and needs no key."""
    with session.store.read() as tx:
        actor = trust.own_certificate(session, tx)
        return _as_cycle(_closable(session, tx, actor, name))


def close_cycle(session: Session, name: str, told: Cycle | None = None) -> Cycle:
    """Close a cycle for new dispatches; raises NotFound `cycle_not_found`.

    `told` is what a person agreed to; where it is no longer so nothing is done (AssignError
    `changed_meanwhile`).
    """
    with session.store.write() as tx:
        actor = trust.acting(session, tx)
        row = _closable(session, tx, actor, name)
        if told is not None and told != _as_cycle(row):
            raise find.changed_meanwhile()
        row.status, row.closed_at = CycleStatus.CLOSED, session.now
        tx.flush()
        record(session, tx, actor, Action.CYCLE_CLOSED, (CYCLE, row.id), name=row.name)
        return _as_cycle(row)


def _closable(session: Session, tx: Transaction, actor: Certificate, name: str) -> ReportingCycle:
    trust.require_role(actor, Role.ORG_ADMIN, Role.COORDINATOR)
    row = organizations.cycle_by_name(tx, session.organization_id, name)
    if row is None:
        raise NotFound(
            _("There is no cycle with this name."),
            _("Run assign cycle list to hear the names."),
            code="cycle_not_found",
        )
    if row.status is CycleStatus.CLOSED:
        raise InvalidInput(
            _("This cycle is already closed."),
            _("Run assign cycle list to hear which are open."),
            code="cycle_already_closed",
        )
    return row


def list_cycles(session: Session) -> list[Cycle]:
    """Return every cycle, newest first."""
    with session.store.read() as tx:
        return [_as_cycle(row) for row in organizations.cycles(tx, session.organization_id)]


def _require_honest_year(name: str, first: date, last: date) -> None:
    """Keep a year's number for that year's own cycle, which may open by itself one day."""
    if _YEAR.fullmatch(name) and not first.year <= int(name) <= last.year:
        raise InvalidInput(
            _("The name is a year, and the cycle lies outside it."),
            _("Choose another name, or days in that year."),
            code="cycle_name_misleading",
        )


def _add(
    session: Session, tx: Transaction, actor: Certificate, name: str, first: date, last: date
) -> ReportingCycle:
    row = ReportingCycle(
        id=uuid4(),
        organization_id=session.organization_id,
        name=name,
        starts_on=first,
        ends_on=last,
        status=CycleStatus.OPEN,
        created_at=session.now,
    )
    tx.add(row)
    tx.flush()
    days = {"first": first.isoformat(), "last": last.isoformat()}
    record(session, tx, actor, Action.CYCLE_OPENED, (CYCLE, row.id), name=name, **days)
    return row


def _as_cycle(row: ReportingCycle) -> Cycle:
    return Cycle(row.id, row.name, row.starts_on, row.ends_on, row.status)


def _no_cycle() -> RuleRefused:
    return RuleRefused(
        Rule.REPORTING_CYCLE_ACTIVE,
        _("No open reporting cycle covers today."),
        _("Open one with assign cycle open."),
    )
