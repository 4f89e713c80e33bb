"""The rows of an answer: some are proven by entries, others are the server's word alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import CycleStatus
from assigncli.protocol.forms import stamp
from assigncli.server import settings_in_force
from assigncli.server.store import organizations
from assigncli.server.store.proofs import PersonRow
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn

_CELLS: Final = (
    "id",
    "number",
    "status",
    "priority",
    "recipient_user_id",
    "dispatched_by_user_id",
    "dispatcher_certificate_id",
    "encryption_key_id",
    "contact_deadline_days",
    "consent_required",
    "consent_completed_at",
    "declined_at",
    "dispatched_at",
    "first_read_at",
    "expires_at",
    "import_key",
    "import_digest",
)
"""The columns of an assignment that its entries and its manifest prove."""


def cells(row: Assignment) -> Mapping[str, Any]:
    """Return the columns of an assignment that an answer gives."""
    return {name: cell(getattr(row, name)) for name in _CELLS}


def office(turn: Turn, tx: Transaction) -> dict[str, list[Mapping[str, Any]]]:
    """Return the settings and cycles that decide how a draft may be sent."""
    now = settings_in_force.in_force(turn, tx)
    return {
        "organization_settings": [
            {
                "expires_after_days": now.expires_after_days,
                "contact_deadline_days": now.contact_deadline_days,
                "cycles_by_hand": now.cycles_by_hand,
            }
        ],
        "reporting_cycles": cycle_rows(turn, tx),
    }


def setting_rows(turn: Turn, tx: Transaction) -> list[Mapping[str, Any]]:
    """Return every setting as text; the default if it was never set."""
    found = settings_in_force.values(turn, tx)
    return [{"name": name, "value": value} for name, value in sorted(found.items())]


def cycle_rows(turn: Turn, tx: Transaction) -> list[Mapping[str, Any]]:
    """Return every cycle, open or closed, newest first."""
    return [
        {
            "id": cell(row.id),
            "name": row.name,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat(),
            "is_open": row.status is CycleStatus.OPEN,
        }
        for row in organizations.cycles(tx, turn.organization_id)
    ]


def member_rows(people: Sequence[PersonRow]) -> list[Mapping[str, Any]]:
    """Return the rows of these members, and whether each has a notification channel."""
    found = {each.member: each for each in people}
    return [
        {
            "id": as_id(member),
            "status": str(row.status),
            "roles": str(row.roles),
            "signing_key": cell(row.signing_key),
            "encryption_key": cell(row.encryption_key),
            "certified_until": row.certified_until,
            "has_channel": bool(row.has_channel),
        }
        for member, row in sorted(found.items())
    ]


def cell(value: object) -> object:
    """Return a column's value in the protocol's form for its type."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.value if isinstance(value, StrEnum) else value


def as_id(digits: str) -> str:
    """Return an id of the store in the protocol's form."""
    return str(UUID(digits))
