"""How many signed messages each member may send (PROTOCOL.md section 8.5).

Counted once the signature holds, so that nobody can use up what is another's. In memory only: a
server that starts again knows nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import UUID


@dataclass(eq=False)
class Allowance:
    """Each member has `at_once` messages; what is used comes back at the rate `a_second`.

    All devices of a member share it. Safe for several threads.
    """

    at_once: int
    a_second: float
    _used: dict[UUID, tuple[float, datetime]] = field(default_factory=dict, repr=False)
    """How much each member had used, and when; who has used nothing is not in it."""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def spend(self, member: UUID, now: datetime) -> bool:
        """Use one message of the member's at `now` (aware UTC); False if none is left.

        A clock that was put back gives nothing back until it has gone on.
        """
        with self._lock:
            used = self._used_by(member, now)
            if used + 1 > self.at_once:
                return False
            self._used[member] = used + 1, now
            return True

    def _used_by(self, member: UUID, now: datetime) -> float:
        if member not in self._used:
            self._forget(now)
            return 0.0
        return self._left_of(self._used[member], now)

    def _left_of(self, used: tuple[float, datetime], now: datetime) -> float:
        count, at = used
        return max(0.0, count - max(0.0, (now - at).total_seconds()) * self.a_second)

    def _forget(self, now: datetime) -> None:
        """Forget whoever has everything back; called when somebody new comes."""
        kept = {each: used for each, used in self._used.items() if self._left_of(used, now)}
        self._used = kept
