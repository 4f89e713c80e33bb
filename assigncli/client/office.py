"""The organisation's settings and cycles, as far as acts need them.

They are the server's word. The server applies its rules to the same rows itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from assigncli.domain.lifecycle import CycleStatus
from assigncli.domain.reporting_cycles import Cycle, refusal
from assigncli.domain.setting_values import with_defaults
from assigncli.errors import RuleRefused
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import RecordForm
from assigncli.trust.tampering import answer_malformed, read_or
from assigncli.trust.verification import Verified

_SETTINGS: Final = RecordForm(
    {
        "expires_after_days": "number",
        "contact_deadline_days": "number",
        "cycles_by_hand": "bool",
    }
)
_SETTING: Final = RecordForm({"name": "word", "value": lambda value: isinstance(value, str)})
_CYCLE: Final = RecordForm(
    {
        "id": "id",
        "name": lambda value: isinstance(value, str),
        "starts_on": "day",
        "ends_on": "day",
        "is_open": "bool",
    }
)


def require_covered(found: Verified, today: date) -> None:
    """Refuse a dispatch that no open cycle covers; raises RuleRefused."""
    refused = not_covered(found, today)
    if refused is not None:
        raise refused


def not_covered(found: Verified, today: date) -> RuleRefused | None:
    """Return why no dispatch is possible today, or None."""
    spans = [each.span for each in cycles(found)]
    return refusal(today, spans, by_hand=_settings(found)["cycles_by_hand"])


def expires_after_days(found: Verified) -> int:
    """Return the number of days after which an assignment without a date of its own expires."""
    return int(_settings(found)["expires_after_days"])


def contact_deadline_days(found: Verified) -> int:
    """Return the default number of days to make contact."""
    return int(_settings(found)["contact_deadline_days"])


def settings(found: Verified) -> dict[str, str]:
    """Return every setting's value as text, by name."""
    with read_or(answer_malformed):
        rows = found.word.rows.get("settings", [])
        for row in rows:
            _SETTING.require(row)
    return with_defaults({row["name"]: row["value"] for row in rows})


def cycles(found: Verified) -> list[Cycle]:
    """Return every cycle, open or closed, newest first."""
    with read_or(answer_malformed):
        rows = found.word.rows.get("reporting_cycles", [])
        for row in rows:
            _CYCLE.require(row)
    return [
        Cycle(
            UUID(row["id"]),
            row["name"],
            date.fromisoformat(row["starts_on"]),
            date.fromisoformat(row["ends_on"]),
            CycleStatus.OPEN if row["is_open"] else CycleStatus.CLOSED,
        )
        for row in rows
    ]


def _settings(found: Verified) -> Mapping[str, Any]:
    with read_or(answer_malformed):
        rows = found.word.rows.get("organization_settings", [])
        if len(rows) != 1:
            raise Malformed("organization_settings")
        _SETTINGS.require(rows[0])
    return rows[0]
