"""The conditions that have an index of their own, as SQL: an index is used only for its own words.

Nothing here reads a row.
"""

from __future__ import annotations

from collections.abc import Iterable

from assigncli.domain.lifecycle import AWAITING_CONTACT, ENDED_EARLY, OPEN, TERMINAL, Status
from assigncli.domain.tiers import LedgerKind


def _among(statuses: Iterable[Status]) -> str:
    return "status IN ({})".format(", ".join(f"'{status}'" for status in sorted(statuses)))


MAY_EXPIRE = _among(OPEN)
IS_OPEN = MAY_EXPIRE.replace("status", "coalesce(status, status)", 1)
# In a form that no index of statuses has, so that its own is used, mentor by mentor.
HAS_ENDED = _among(TERMINAL)
IS_COMPLETED = _among([Status.COMPLETED])
HAS_ENDED_EARLY = _among(ENDED_EARLY)
IS_COMPLETION = f"kind = '{LedgerKind.COMPLETED}'"
AWAITS_REMINDER = f"{_among(AWAITING_CONTACT)} AND reminder_sent_at IS NULL"
RETENTION_RUNS = "revoked_at IS NULL AND retired_at IS NOT NULL"
NOT_SHREDDED = "revoked_at IS NOT NULL AND shredded_at IS NULL"
"""What the sweep, `status`, a report and a dispatch ask for: each has an index of no other rows, so
that the answer costs the same whatever the history.
"""
