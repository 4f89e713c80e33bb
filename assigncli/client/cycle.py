"""Open, close and reopen reporting cycles.

The acting member is proven. The cycles are the server's word; it applies the same rules to them
itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from secrets import token_bytes
from typing import Final
from uuid import UUID, uuid4

from assigncli.client import asking, directory
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.client.office import cycles
from assigncli.domain.actions import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import CycleStatus, Role
from assigncli.domain.member_names import require_name
from assigncli.domain.moves import changed_meanwhile
from assigncli.domain.reporting_cycles import (
    Cycle,
    cycle_not_found,
    require_closable,
    require_days,
    require_free,
    require_reopenable,
)
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.trust.verification import Verified


def new(found: Verified, member: UUID, name: str, first: date, last: date) -> Cycle:
    """Return the cycle that the member may open; `name` has been checked by `require_name`.

    Raises NotAllowed `role_missing`, InvalidInput `cycle_overlaps` or `cycle_name_taken`.
    """
    _require_staff(found, member)
    require_free([each.span for each in cycles(found)], name, first, last)
    return Cycle(uuid4(), name, first, last, CycleStatus.OPEN)


def closable(found: Verified, member: UUID, name: str, today: date, *, force: bool) -> Cycle:
    """Return the cycle that the member may close; the one that covers today only with `force`.

    Raises NotAllowed `role_missing`, NotFound `cycle_not_found`, InvalidInput
    `cycle_already_closed` or `cycle_covers_today`.
    """
    cycle = _named(found, member, name)
    require_closable(cycle.span, today, force=force)
    return cycle


def reopenable(found: Verified, member: UUID, name: str, today: date) -> Cycle:
    """Return the cycle that the member may reopen.

    Raises NotAllowed `role_missing`, NotFound `cycle_not_found`, InvalidInput `cycle_already_open`
    or `cycle_has_ended`.
    """
    cycle = _named(found, member, name)
    require_reopenable(cycle.span, today)
    return cycle


def opening(cycle: Cycle) -> Intent:
    """Return the act that opens the cycle; the statement has only a digest of its name."""
    days = {"starts_on": cycle.starts_on.isoformat(), "ends_on": cycle.ends_on.isoformat()}
    texts = {"name": Text(token_bytes(SALT_BYTES), cycle.name)}
    return Intent(Action.CYCLE_OPENED.value, cycle.id, days, texts)


def closing(cycle: Cycle, *, force: bool) -> Intent:
    """Return the act that closes the cycle."""
    return Intent(Action.CYCLE_CLOSED.value, cycle.id, {"forced": force})


def reopening(cycle: Cycle) -> Intent:
    """Return the act that reopens the cycle."""
    return Intent(Action.CYCLE_REOPENED.value, cycle.id)


def _named(found: Verified, member: UUID, name: str) -> Cycle:
    """Return the cycle with this name, if the member may manage cycles."""
    _require_staff(found, member)
    known = {each.name: each for each in cycles(found)}
    if name not in known:
        raise cycle_not_found(name, [*known])
    return known[name]


def _require_staff(found: Verified, member: UUID) -> None:
    directory.require_role(found, member, Role.ORG_ADMIN, Role.COORDINATOR)


_READ: Final = Wanted("read.cycles")


@dataclass(frozen=True)
class Closed:
    """A closed cycle; `stops_dispatch` where it covers today.

    Then nothing can be dispatched up to and including its last day, because cycles do not overlap.
    """

    cycle: Cycle
    stops_dispatch: bool


def open_cycle(client: Client, name: str, first: date, last: date) -> Cycle:
    """Open a cycle by hand; coordinators and administrators may.

    Raises NotAllowed `role_missing`, InvalidInput `name_invalid`, `cycle_name_misleading`,
    `cycle_days_reversed`, `cycle_overlaps` or `cycle_name_taken`.
    """
    name = require_name(name)
    require_days(name, first, last)
    found = asking.read(client, _READ)
    signer = asking.this_device(client, found)
    made = new(found, client.member_id, name, first, last)
    asking.act(client, signer, opening(made))
    return made


def to_close(client: Client, name: str, *, force: bool = False) -> Cycle:
    """Return the cycle that `close_cycle` would close; raises as it does, and needs no key."""
    return _closable(client, asking.read(client, _READ), name, force=force)


def close_cycle(
    client: Client, name: str, told: Cycle | None = None, *, force: bool = False
) -> Closed:
    """Close a cycle for new dispatches; the one that covers today only with `force`.

    `told` is what a person agreed to; if that has changed, nothing is done (AssignError
    `changed_meanwhile`). Raises as `closable`.
    """
    found = asking.read(client, _READ)
    signer = asking.this_device(client, found)
    cycle = _closable(client, found, name, force=force)
    if told is not None and told != cycle:
        raise changed_meanwhile()
    done = asking.act(client, signer, closing(cycle, force=force))
    today = local_day(done.at, client.zone)
    return Closed(replace(cycle, status=CycleStatus.CLOSED), cycle.span.covers(today))


def reopen_cycle(client: Client, name: str) -> Cycle:
    """Reopen a closed cycle, for dispatches on its days; coordinators and administrators may.

    A cycle that has ended stays closed: it has no day left for a dispatch, and the next sweep would
    close it again. Raises as `reopenable`.
    """
    found = asking.read(client, _READ)
    signer = asking.this_device(client, found)
    today = local_day(client.now, client.zone)
    cycle = reopenable(found, client.member_id, name, today)
    asking.act(client, signer, reopening(cycle))
    return replace(cycle, status=CycleStatus.OPEN)


def _closable(client: Client, found: Verified, name: str, *, force: bool) -> Cycle:
    today = local_day(client.now, client.zone)
    return closable(found, client.member_id, name, today, force=force)
