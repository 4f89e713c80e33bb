"""Each question of the sweep is answered from the index that is made for it, and from no other.

The planner has no statistics to go by, so what it plans for an empty store it plans for a million
rows: the index is searched, in its own order, and nothing is scanned and nothing sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session

from assigncli.domain.lifecycle import Priority
from assigncli.store import due, keys, outbox
from assigncli.store.due import Due
from assigncli.store.engine import Store

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
OWN = uuid4()
PLACE = Due(uuid4(), 7, NOW)
RETIRED = keys.Retired(uuid4(), uuid4(), 7, NOW)
WAITING = outbox.Waiting(uuid4(), 7, NOW)

Ask = Callable[[Session], object]

EXPIRY = "ix_assignments_expiry_due (organization_id=? AND expires_at{})"
REMINDER = (
    "ix_assignments_reminder_due"
    " (organization_id=? AND contact_deadline_days=? AND dispatched_at{})"
)
