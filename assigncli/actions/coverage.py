"""Does an open reporting cycle cover today?

Asked by a dispatch, a sheet's check, `status` and `doctor`, so that all say the same. Reading only,
and without cryptography. The cycle that opens by itself is opened by `cycles`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session as Transaction

from assigncli.actions import settings
from assigncli.actions.session import Session
from assigncli.domain.cycles import Span, refusal
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import CycleStatus
from assigncli.errors import RuleRefused
from assigncli.store import organizations
from assigncli.store.tables import ReportingCycle


@dataclass(frozen=True)
class Coverage:
    """What covers today: an open cycle's name, or None where the year's own opens by itself.

    `refusal` says why nothing can be sent, and what to do; None where something can.
    """

    name: str | None
    refusal: RuleRefused | None


def covering(session: Session, tx: Transaction) -> ReportingCycle | None:
    """Return the open cycle that covers today; None where the calendar year's opens by itself.

    Raises RuleRefused `reporting_cycle_active`.
    """
    today = local_day(session.now, session.zone)
    found = organizations.open_cycle(tx, session.organization_id, today)
    if found is not None:
        return found
    refused = refusal(
        today,
        [span_of(row) for row in organizations.cycles(tx, session.organization_id)],
        by_hand=settings.in_force(session, tx).cycles_by_hand,
    )
    if refused is not None:
        raise refused
    return None


def coverage(session: Session, tx: Transaction) -> Coverage:
    """Return the answer to what `covering` asks, for those who only tell it."""
    try:
        found = covering(session, tx)
    except RuleRefused as refused:
        return Coverage(None, refused)
    return Coverage(None if found is None else found.name, None)


def span_of(row: ReportingCycle) -> Span:
    """Return the cycle as the rules see it."""
    return Span(row.name, row.starts_on, row.ends_on, row.status is CycleStatus.OPEN)
