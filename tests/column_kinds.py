"""Which columns no entry tells: all others are held against the log by `audit verify`.

Told columns are what `projection` makes of the entries. The rest is **spent**, where the source was
destroyed by a recorded act, or the **business of this machine**, which no member and no other
machine relies on. Why each is, stands beside it; a test holds the list to every column there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ORDER: Final = "a number that the database gives; what counts is the order, which is looked at"
_DRAWN: Final = "drawn for the row alone; nothing refers to it"
_SENDING: Final = "how far sending got, which is shown as this machine's word"
_SWEPT: Final = "what this machine's last sweep did; it decides nothing that the log does not"
_FILE: Final = "which file this is, for this machine's own records"
_REFUSED: Final = "a refused statement, kept for a while; its entry has its hash"

BUSINESS: Final[Mapping[str, Mapping[str, str]]] = {
    "assignment_status_logs": {"id": _ORDER},
    "assignment_threshold_logs": {"id": _ORDER},
    "audit_log": {"id": _ORDER},
    "consent_records": {"id": _DRAWN},
    "contact_attempts": {"id": _ORDER},
    "encryption_keys": {
        "shredded_at": "that the share is known to be gone, which the vault itself says",
    },
    "invitations": {"id": _ORDER},
    "notifications": {
        "id": _DRAWN,
        **dict.fromkeys(("status", "attempts", "due_at", "attempted_at", "problem"), _SENDING),
    },
    "organization_settings": {"id": _ORDER},
    "refused_statements": dict.fromkeys(
        (
            *("hash", "organization_id", "certificate_id", "act", "subject_id", "code", "facts"),
            *("at", "kept_until", "sequence", "counted", "body", "signature"),
        ),
        _REFUSED,
    ),
    "store_info": dict.fromkeys(("id", "store_id", "created_at", "recent_writes"), _FILE),
    "sweep_runs": dict.fromkeys(
        ("organization_id", "at", "done", "failed", "ended_to", "completed_to"), _SWEPT
    ),
}
"""By table: the columns of this machine, and why a lie there misleads nobody."""

SPENT: Final[Mapping[str, Mapping[str, str]]] = {
    "encryption_keys": {
        "share_commitment": "of a draft's earlier key: the manifest was replaced, the key is dead",
    },
}
"""By table: columns whose source is gone, for some rows; they are as they were, or absent."""
