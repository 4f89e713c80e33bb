"""Reporting cycles: open, close, reopen, list; and the one that a dispatch falls in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from secrets import token_bytes
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import asking, find, service, trust
from assigncli.actions.coverage import covering, span_of
from assigncli.actions.record import record
from assigncli.actions.session import Session
from assigncli.client.exchange import Device, Intent
from assigncli.domain.audit import Action
from assigncli.domain.cycles import as_word, refused, require_days
from assigncli.domain.deadlines import calendar_year, local_day
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import require_name
from assigncli.errors import InvalidInput, RuleRefused
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.store import organizations
from assigncli.store.tables import CycleStatus, ReportingCycle
from assigncli.trust.reply import Done


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
    first, last = calendar_year(today)
    row = add(session, tx, uuid4(), (str(today.year), None), first, last)
    ours = service.own(session, tx).certificate
    days = {"starts_on": first.isoformat(), "ends_on": last.isoformat()}
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
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        _require_staff(actor)
        require_free(session, tx, name, first, last)
        signer = asking.device(session, tx, actor)
    made = Cycle(uuid4(), name, first, last, CycleStatus.OPEN)
    days = {"starts_on": first.isoformat(), "ends_on": last.isoformat()}
    texts = {"name": Text(token_bytes(SALT_BYTES), name)}
    _act(session, signer, Intent(Action.CYCLE_OPENED.value, made.id, days, texts))
    return made


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
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        found = _as_cycle(_closable(session, tx, actor, name, force=force))
        if told is not None and told != found:
            raise find.changed_meanwhile()
        signer = asking.device(session, tx, actor)
    forced = {"forced": force}
    done = _act(session, signer, Intent(Action.CYCLE_CLOSED.value, found.id, forced))
    today = local_day(done.at, session.zone)
    closed = replace(found, status=CycleStatus.CLOSED)
    return Closed(closed, found.starts_on <= today <= found.ends_on)


def reopen_cycle(session: Session, name: str) -> Cycle:
    """Open a closed cycle again, for dispatches on its days; coordinators and admins may.

    One that has ended stays closed: no day is left on which it could take a dispatch, and the next
    sweep would close it again. Raises NotFound `cycle_not_found`, InvalidInput `cycle_already_open`
    or `cycle_has_ended`.
    """
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        row = _named(session, tx, actor, name)
        require_reopenable(session, row)
        found = _as_cycle(row)
        signer = asking.device(session, tx, actor)
    _act(session, signer, Intent(Action.CYCLE_REOPENED.value, found.id))
    return replace(found, status=CycleStatus.OPEN)


def require_free(session: Session, tx: Transaction, name: str, first: date, last: date) -> None:
    """Refuse days or a name that another cycle has, open or closed.

    Raises InvalidInput `cycle_overlaps`, `cycle_name_taken`.
    """
    if organizations.overlapping_cycle(tx, session.organization_id, first, last) is not None:
        raise refused(code="cycle_overlaps")
    if organizations.cycle_by_name(tx, session.organization_id, name) is not None:
        raise refused(code="cycle_name_taken")


def require_closable(session: Session, row: ReportingCycle, *, force: bool) -> None:
    """Raise InvalidInput `cycle_already_closed`, without `force` `cycle_covers_today`."""
    if row.status is CycleStatus.CLOSED:
        raise refused(code="cycle_already_closed")
    if span_of(row).covers(local_day(session.now, session.zone)) and not force:
        raise _covers_today(row.name)


def require_reopenable(session: Session, row: ReportingCycle) -> None:
    """Raise InvalidInput `cycle_already_open`, `cycle_has_ended`."""
    if row.status is CycleStatus.OPEN:
        raise refused(code="cycle_already_open")
    if row.ends_on < local_day(session.now, session.zone):
        raise refused(code="cycle_has_ended")


def _closable(
    session: Session, tx: Transaction, actor: Certificate, name: str, *, force: bool
) -> ReportingCycle:
    row = _named(session, tx, actor, name)
    require_closable(session, row, force=force)
    return row


def list_cycles(session: Session) -> list[Cycle]:
    """Return every cycle, newest first."""
    with session.store.read() as tx:
        return [_as_cycle(row) for row in organizations.cycles(tx, session.organization_id)]


def add(
    session: Session,
    tx: Transaction,
    cycle_id: UUID,
    name: tuple[str, bytes | None],
    first: date,
    last: date,
) -> ReportingCycle:
    """Add an open cycle; `name` is its text with the salt, None where nobody typed it."""
    row = ReportingCycle(
        id=cycle_id,
        organization_id=session.organization_id,
        name=name[0],
        name_salt=name[1],
        starts_on=first,
        ends_on=last,
        status=CycleStatus.OPEN,
        created_at=session.now,
    )
    tx.add(row)
    tx.flush()
    return row


def _act(session: Session, signer: Device, intent: Intent) -> Done:
    return asking.act(session, signer, intent, lambda _refusal: None)


def _as_cycle(row: ReportingCycle) -> Cycle:
    return Cycle(row.id, row.name, row.starts_on, row.ends_on, row.status)


def _named(session: Session, tx: Transaction, actor: Certificate, name: str) -> ReportingCycle:
    """Return the cycle, once the actor may manage cycles; raises NotFound `cycle_not_found`."""
    _require_staff(actor)
    row = organizations.cycle_by_name(tx, session.organization_id, name)
    if row is None:
        raise refused(code="cycle_not_found")
    return row


def _require_staff(actor: Certificate) -> None:
    trust.require_role(actor, Role.ORG_ADMIN, Role.COORDINATOR)


def _covers_today(name: str) -> InvalidInput:
    return InvalidInput(
        _("This cycle covers today. Once it is closed, nothing can be sent on its days."),
        _("Leave it: a sweep closes it when it has ended. To close it now, run {command}.").format(
            command=f"assign cycle close --force {as_word(name)}"
        ),
        code="cycle_covers_today",
    )
