"""The conditions of partial indexes, as SQL; SQLite uses such an index only for the same words.

Nothing here reads a row.
"""

from __future__ import annotations

from collections.abc import Iterable

from assigncli.domain.lifecycle import AWAITING_CONTACT, ENDED_EARLY, OPEN, TERMINAL, Status
from assigncli.domain.tiers import LedgerKind


def _among(statuses: Iterable[Status]) -> str:
    return "status IN ({})".format(", ".join(f"'{status}'" for status in sorted(statuses)))


MAY_EXPIRE = _among(OPEN)
# In a form that no index on status has, so that its own index is used, mentor by mentor.
IS_OPEN = MAY_EXPIRE.replace("status", "coalesce(status, status)", 1)
HAS_ENDED = _among(TERMINAL)
IS_COMPLETED = _among([Status.COMPLETED])
HAS_ENDED_EARLY = _among(ENDED_EARLY)
IS_COMPLETION = f"kind = '{LedgerKind.COMPLETED}'"
AWAITS_REMINDER = f"{_among(AWAITING_CONTACT)} AND reminder_sent_at IS NULL AND declined_at IS NULL"
IS_DECLINED = f"{_among(AWAITING_CONTACT)} AND declined_at IS NOT NULL"
RETENTION_RUNS = "revoked_at IS NULL AND retired_at IS NOT NULL"
NOT_SHREDDED = "revoked_at IS NOT NULL AND shredded_at IS NULL"
HAS_REFERENCE = "subject_reference IS NOT NULL"
"""The conditions that the sweep, `status`, a report and a dispatch query.

Each has an index with no other rows, so that the cost is the same whatever the history.
"""

ARCHIVED_TEXTS = (
    "CASE WHEN erased_at IS NULL THEN length(title) BETWEEN 1 AND 200 "
    "ELSE title = '' AND title_salt = x'' AND subject_reference IS NULL "
    "AND subject_reference_salt = x'' END"
)
"""The archive has an assignment's texts until it is erased, and none of them afterwards."""
REPLACING = "action = 'service.replaced'"
"""Entries by which the service got another key."""
