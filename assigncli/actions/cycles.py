"""Reporting cycles: open, close, reopen, list; and the one that a dispatch falls in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import find, service, trust
from assigncli.actions.coverage import covering, span_of
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.domain.audit import Action
from assigncli.domain.cycles import as_word
from assigncli.domain.deadlines import calendar_year, local_day
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import require_name
from assigncli.errors import InvalidInput, NotFound, RuleRefused
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
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
    actor = service.own(session, tx).certificate
    return _add(session, tx, actor, str(today.year), *calendar_year(today))


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
    if last < first:
        raise InvalidInput(
            _("The last day of the cycle is before its first day."),
            _("Give the first day, then the last."),
            code="cycle_days_reversed",
        )
    _require_honest_year(name, first, last)
    with session.write() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.ORG_ADMIN, Role.COORDINATOR)
        if organizations.overlapping_cycle(tx, session.organization_id, first, last) is not None:
            raise InvalidInput(
                _("Another cycle already covers some of these days."),
                _("Run assign cycle list to see the cycles, and choose other days."),
                code="cycle_overlaps",
            )
        if organizations.cycle_by_name(tx, session.organization_id, name) is not None:
            raise InvalidInput(
                _("There is already a cycle with this name."),
                _("Choose another name."),
                code="cycle_name_taken",
            )
        return _as_cycle(_add(session, tx, actor, name, first, last))


def to_close(session: Session, name: str, *, force: bool = False) -> Cycle:
    """Return what `close_cycle` would close; raises as it does, and needs no key."""
    with session.store.read() as tx:
        actor = trust.own_certificate(session, tx)
        return _as_cycle(_closable(session, tx, actor, name, force=force))


def close_cycle(
    session: Session, name: str, told: Cycle | None = None, *, force: bool = False
) -> Closed:
    """Close a cycle for new dispatches; the one that covers today only with `force`.

    `told` is what a person agreed to; where it is no longer so nothing is done (AssignError
    `changed_meanwhile`). Raises NotFound `cycle_not_found`, InvalidInput `cycle_already_closed` or
    `cycle_covers_today`.
    """
    with session.write() as tx:
        actor = trust.acting(session, tx)
        row = _closable(session, tx, actor, name, force=force)
        if told is not None and told != _as_cycle(row):
            raise find.changed_meanwhile()
        row.status, row.closed_at = CycleStatus.CLOSED, session.now
        tx.flush()
        record(session, tx, actor, Action.CYCLE_CLOSED, row.id, name=row.name)
        return Closed(_as_cycle(row), _covers_now(session, row))


def reopen_cycle(session: Session, name: str) -> Cycle:
    """Open a closed cycle again, for dispatches on its days; coordinators and admins may.

    One that has ended stays closed: no day is left on which it could take a dispatch, and the next
    sweep would close it again. Raises NotFound `cycle_not_found`, InvalidInput `cycle_already_open`
    or `cycle_has_ended`.
    """
    with session.write() as tx:
        actor = trust.acting(session, tx)
        row = _named(session, tx, actor, name)
        if row.status is CycleStatus.OPEN:
            raise InvalidInput(
                _("This cycle is already open."),
                _("Run assign cycle list to see which days it covers."),
                code="cycle_already_open",
            )
        if row.ends_on < local_day(session.now, session.zone):
            raise InvalidInput(
                _("This cycle has ended, so nothing more can be sent in it."),
                _("Run assign status to see whether an open cycle covers today."),
                code="cycle_has_ended",
            )
        row.status, row.closed_at = CycleStatus.OPEN, None
        tx.flush()
        record(session, tx, actor, Action.CYCLE_REOPENED, row.id, name=row.name)
        return _as_cycle(row)


def _closable(
    session: Session, tx: Transaction, actor: Certificate, name: str, *, force: bool
) -> ReportingCycle:
    row = _named(session, tx, actor, name)
    if row.status is CycleStatus.CLOSED:
        raise InvalidInput(
            _("This cycle is already closed."),
            _("Run assign cycle list to see which are open."),
            code="cycle_already_closed",
        )
    if _covers_now(session, row) and not force:
        raise _covers_today(row.name)
    return row


def _covers_now(session: Session, row: ReportingCycle) -> bool:
    return span_of(row).covers(local_day(session.now, session.zone))


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
    record(session, tx, actor, Action.CYCLE_OPENED, row.id, name=name, **days)
    return row


def _as_cycle(row: ReportingCycle) -> Cycle:
    return Cycle(row.id, row.name, row.starts_on, row.ends_on, row.status)


def _named(session: Session, tx: Transaction, actor: Certificate, name: str) -> ReportingCycle:
    """Return the cycle, once the actor may manage cycles; raises NotFound `cycle_not_found`."""
    trust.require_role(actor, Role.ORG_ADMIN, Role.COORDINATOR)
    row = organizations.cycle_by_name(tx, session.organization_id, name)
    if row is None:
        raise NotFound(
            _("There is no cycle with this name."),
            _("Run assign cycle list to see the names."),
            code="cycle_not_found",
        )
    return row


def _covers_today(name: str) -> InvalidInput:
    return InvalidInput(
        _("This cycle covers today. Once it is closed, nothing can be sent on its days."),
        _("Leave it: a sweep closes it when it has ended. To close it now, run {command}.").format(
            command=f"assign cycle close --force {as_word(name)}"
        ),
        code="cycle_covers_today",
    )
