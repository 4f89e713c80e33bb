"""Read what completion offers from the store's file: numbers with titles, handles, cycle names.

Read-only, with plain SQL and without the ORM, which takes longer to load than a person waits. Never
waits for a writer and holds none up: each query is by an index and has a limit, and all of them
together are stopped after `SECONDS`. Reads no name of a person, no reference and no note.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from assigncli.domain.lifecycle import is_staff
from assigncli.lookups.to_complete import OfferedCycle, OfferedHandle, OfferedNumber, Which

SECONDS: Final = 0.2
MOST: Final = 50
"""Rows of one kind."""
_WAITING: Final = 0.05
"""Seconds for a writer that is just committing."""
_STEPS: Final = 1000
"""Instructions of SQLite's machine between two looks at the clock."""
_DIGITS: Final = 19

_NUMBERS: Final = """
SELECT number, title FROM assignments
WHERE {whose} AND number BETWEEN ? AND ?{status}{more}
ORDER BY number DESC LIMIT ?"""
_CONSENT: Final = " AND consent_required AND consent_completed_at IS NULL"
_HANDLES: Final = """
SELECT m.handle, m.status, p.status, group_concat(r.role, ' ')
FROM members m LEFT JOIN member_roles r ON r.member_id = m.id
LEFT JOIN peer_mentor_profiles p ON p.member_id = m.id
WHERE m.organization_id = ? AND m.handle >= ? AND m.handle < ? || char(1114111)
GROUP BY m.id ORDER BY m.handle LIMIT 500"""
_CYCLES: Final = """
SELECT name, status FROM reporting_cycles WHERE organization_id = ?
ORDER BY starts_on DESC LIMIT 200"""
_MEMBER: Final = """
SELECT m.handle, m.status, group_concat(r.role, ' ')
FROM members m LEFT JOIN member_roles r ON r.member_id = m.id
WHERE m.id = ? AND m.organization_id = ? GROUP BY m.id"""


@dataclass(frozen=True)
class StoreOffers:
    """What one active member may be offered. Raises sqlite3.Error."""

    connection: sqlite3.Connection
    organization: str
    member: str
    handle: str
    in_office: bool

    def numbers(self, which: Sequence[Which], prefix: str) -> list[OfferedNumber]:
        """Return assignments whose number begins so, newest first."""
        found: dict[int, OfferedNumber] = {}
        for each in which:
            for first, last in _ranges(prefix):
                if len(found) < MOST:
                    found |= self._between(each, first, last)
        return sorted(found.values(), key=lambda each: -each.number)[:MOST]

    def handles(self, prefix: str) -> list[OfferedHandle]:
        """Return members whose handle begins so; a mentor is offered only their own."""
        rows = self.connection.execute(_HANDLES, (self.organization, prefix, prefix))
        found = [
            OfferedHandle(handle, status, profile, frozenset((roles or "").split()))
            for handle, status, profile, roles in rows
        ]
        return found if self.in_office else [each for each in found if each.handle == self.handle]

    def cycles(self) -> list[OfferedCycle]:
        """Return the cycles, newest first."""
        rows = self.connection.execute(_CYCLES, (self.organization,))
        return [OfferedCycle(name, status) for name, status in rows]

    def _between(self, which: Which, first: int, last: int) -> dict[int, OfferedNumber]:
        found: dict[int, OfferedNumber] = {}
        whose = self._whose(which)
        if whose is None:
            return found
        condition, values = whose
        for status in which.statuses or (None,):
            sql = _NUMBERS.format(
                whose=condition,
                status="" if status is None else " AND status = ?",
                more=_CONSENT if which.awaits_consent else "",
            )
            said = () if status is None else (status.value,)
            rows = self.connection.execute(sql, (*values, first, last, *said, MOST))
            found |= {number: OfferedNumber(number, title) for number, title in rows}
        return found

    def _whose(self, which: Which) -> tuple[str, tuple[str, ...]] | None:
        """Return the condition on whose assignments are offered, with its values; None for none."""
        received = "recipient_user_id = ? AND status <> 'pending'"
        if which.whose == "received":
            return f"{received} AND declined_at IS NULL", (self.member,)
        if which.whose == "seen" and not self.in_office:
            return received, (self.member,)
        if not self.in_office:
            return None
        if which.whose == "own":
            own = "organization_id = ? AND dispatched_by_user_id = ?"
            return own, (self.organization, self.member)
        return "organization_id = ?", (self.organization,)


@contextmanager
def offers(path: Path, organization_id: UUID, member_id: UUID) -> Iterator[StoreOffers | None]:
    """Yield what a member is offered, None if they are not an active member; raise sqlite3.Error.

    A store that a writer is committing to is left alone.
    """
    place = f"{path.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(place, uri=True, timeout=_WAITING, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        until = time.monotonic() + SECONDS
        connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
        yield _offers(connection, organization_id.hex, member_id.hex)
    finally:
        connection.close()


def _offers(connection: sqlite3.Connection, organization: str, member: str) -> StoreOffers | None:
    row: Any = connection.execute(_MEMBER, (member, organization)).fetchone()
    if row is None or row[1] != "active":
        return None
    roles = (row[2] or "").split()
    return StoreOffers(connection, organization, member, row[0], is_staff(roles))


def _ranges(prefix: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of numbers that begin with these digits: 12, 120 to 129, and so on."""
    if not prefix:
        yield 1, 2**63 - 1
    elif prefix.isascii() and prefix.isdigit() and prefix[0] != "0":
        for more in range(_DIGITS - len(prefix)):
            first = int(prefix) * 10**more
            yield first, first + 10**more - 1
