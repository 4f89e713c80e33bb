"""What each entry writes to `reporting_cycles`."""

from __future__ import annotations

from datetime import date
from typing import Any

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import CycleStatus
from assigncli.server.projection.happening import Happening


def change(happened: Happening) -> dict[str, Any]:
    """Return the columns that an entry writes, empty if none.

    A cycle that the service opened has its days in the entry, and is named after the year in which
    it begins.
    """
    if happened.act == Action.CYCLE_OPENED:
        return _opened(happened)
    if happened.act == Action.CYCLE_CLOSED:
        return {"status": CycleStatus.CLOSED, "closed_at": happened.at}
    if happened.act == Action.CYCLE_REOPENED:
        return {"status": CycleStatus.OPEN, "closed_at": None}
    return {}


def _opened(happened: Happening) -> dict[str, Any]:
    said, name = {**happened.facts, **happened.arguments}, happened.texts.get("name")
    first = date.fromisoformat(said["starts_on"])
    return {
        "id": happened.subject,
        "organization_id": happened.organization,
        "name": str(first.year) if name is None else name.text,
        "name_salt": None if name is None else name.salt,
        "starts_on": first,
        "ends_on": date.fromisoformat(said["ends_on"]),
        "status": CycleStatus.OPEN,
        "created_at": happened.at,
        "closed_at": None,
    }
