"""What a member signs to open, close or reopen a reporting cycle, and when they may not.

Who acts is proven; the cycles are the server's word, by which it applies the same rules itself.
"""

from __future__ import annotations

from datetime import date
from secrets import token_bytes
from uuid import UUID, uuid4

from assigncli.client import people
from assigncli.client.exchange import Intent
from assigncli.client.office import cycles
from assigncli.domain.audit import Action
from assigncli.domain.cycles import (
    Cycle,
    refused,
    require_closable,
    require_free,
    require_reopenable,
)
from assigncli.domain.lifecycle import CycleStatus, Role
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.trust.evidence import Verified


def new(found: Verified, member: UUID, name: str, first: date, last: date) -> Cycle:
    """Return the cycle that the member may open; the name is in its proper form.

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
    """Return what opens the cycle; its name is a text, and in no statement."""
    days = {"starts_on": cycle.starts_on.isoformat(), "ends_on": cycle.ends_on.isoformat()}
    texts = {"name": Text(token_bytes(SALT_BYTES), cycle.name)}
    return Intent(Action.CYCLE_OPENED.value, cycle.id, days, texts)


def closing(cycle: Cycle, *, force: bool) -> Intent:
    """Return what closes the cycle."""
    return Intent(Action.CYCLE_CLOSED.value, cycle.id, {"forced": force})


def reopening(cycle: Cycle) -> Intent:
    """Return what reopens the cycle."""
    return Intent(Action.CYCLE_REOPENED.value, cycle.id)


def _named(found: Verified, member: UUID, name: str) -> Cycle:
    """Return the cycle, once the member may manage cycles."""
    _require_staff(found, member)
    cycle = next((each for each in cycles(found) if each.name == name), None)
    if cycle is None:
        raise refused(code="cycle_not_found")
    return cycle


def _require_staff(found: Verified, member: UUID) -> None:
    people.require_role(found, member, Role.ORG_ADMIN, Role.COORDINATOR)
