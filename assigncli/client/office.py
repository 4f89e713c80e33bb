"""What the server says of the organisation's settings and cycles, as far as an act needs them.

It is the server's word: the server applies its rules by the same rows whatever is asked of it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from assigncli.domain.cycles import Span, refusal
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import Record
from assigncli.trust.evidence import Verified
from assigncli.trust.tampering import answer_malformed, read_or

_SETTINGS: Final = Record({"expires_after_days": "number", "cycles_by_hand": "bool"})
_CYCLE: Final = Record(
    {
        "name": lambda value: isinstance(value, str),
        "starts_on": "day",
        "ends_on": "day",
        "is_open": "bool",
    }
)


def require_covered(found: Verified, today: date) -> None:
    """Refuse a dispatch that no open cycle would take; raises RuleRefused."""
    spans, by_hand = _cycles(found), _settings(found)[1]
    refused = refusal(today, spans, by_hand=by_hand)
    if refused is not None:
        raise refused


def expires_after_days(found: Verified) -> int:
    """Return after how many days an assignment expires that says nothing of it."""
    return _settings(found)[0]


def _settings(found: Verified) -> tuple[int, bool]:
    with read_or(answer_malformed):
        rows = found.word.rows.get("organization_settings", [])
        if len(rows) != 1:
            raise Malformed("organization_settings")
        _SETTINGS.require(rows[0])
    return rows[0]["expires_after_days"], rows[0]["cycles_by_hand"]


def _cycles(found: Verified) -> list[Span]:
    with read_or(answer_malformed):
        rows = found.word.rows.get("reporting_cycles", [])
        for row in rows:
            _CYCLE.require(row)
    return [
        Span(
            row["name"],
            date.fromisoformat(row["starts_on"]),
            date.fromisoformat(row["ends_on"]),
            row["is_open"],
        )
        for row in rows
    ]
