"""Which certificates of a member the order of the audit log gives, ends and suspends.

Read from entries whose signatures are checked by `certification`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import AT_ONCE, DOUBTING, Action
from assigncli.server.record import certificate_given, id_in
from assigncli.server.store.tables import AuditEntry

_ENDING_ONE: Final = (Action.DEVICE_REVOKED, Action.SERVICE_REPLACED)
_ABOUT_ONE: Final = (*_ENDING_ONE, *DOUBTING)


def held(
    tx: Transaction, member_id: UUID, entries: Sequence[AuditEntry], at: int | None = None
) -> tuple[list[UUID], set[UUID]]:
    """Return the certificates that entries gave and did not end, in order, and which are suspended.

    With `at`, return those that count for the entry there: from the entries before it, and for a
    founding and a new service also its own. A certificate that has ended cannot be given again.
    """
    given: list[UUID] = []
    ended: set[UUID] = set()
    suspended: set[UUID] = set()
    for row in entries:
        is_own = row.sequence == at and row.action in AT_ONCE
        if at is not None and row.sequence >= at and not is_own:
            break
        if row.action == Action.MEMBER_REVOKED:
            ended.update(given)
        elif row.action in _ABOUT_ONE:
            named_in = "replaced" if row.action == Action.SERVICE_REPLACED else "certificate"
            device = {each for each in (id_in(row.details, named_in),) if each is not None}
            if row.action in _ENDING_ONE:
                ended |= device
            elif row.action == Action.DEVICE_SUSPENDED:
                suspended |= device
            else:
                suspended -= device
        named = certificate_given(tx, row, member_id)
        if named is not None and named not in given:
            given.append(named)
    left = [each for each in given if each not in ended]
    return left, suspended & set(left)


def in_force(
    tx: Transaction, member_id: UUID, entries: Sequence[AuditEntry], at: int
) -> list[UUID]:
    """Return the certificates that count for the entry at this place, in log order."""
    left, suspended = held(tx, member_id, entries, at)
    return [each for each in left if each not in suspended]
