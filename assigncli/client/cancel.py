"""Cancel an assignment with a reason; what the mentor has read stays disclosed."""

from __future__ import annotations

from assigncli.client import withdraw
from assigncli.client.client import Client
from assigncli.client.ending import Ending
from assigncli.client.withdraw import Withdrawn
from assigncli.domain.characters import is_blank
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import Status
from assigncli.domain.personal_data import require_no_personal_data, require_note
from assigncli.errors import InvalidInput


def to_cancel(client: Client, reference: str) -> Ending:
    """Return what `cancel` would end; raises as it does except for the reason, and needs no key."""
    return withdraw.asked(client, reference, Status.CANCELLED)[1]


def cancel(client: Client, reference: str, reason: str, told: Ending | None = None) -> Withdrawn:
    """Cancel an assignment before completion; the reason holds no personal data.

    `told` is as for `recall`. Raises RuleRefused `valid_status_transition` or `title_no_pii`,
    InvalidInput `reason_missing` or `note_invalid`, AssignError `changed_meanwhile`.
    """
    return withdraw.withdraw(
        client, reference, Status.CANCELLED, require_reason(client, reason), told
    )


def require_reason(client: Client, reason: str) -> str:
    """Return the reason stripped, as it is kept.

    Raises InvalidInput `reason_missing` or `note_invalid`, RuleRefused `title_no_pii`.
    """
    reason = reason.strip()
    if is_blank(reason):
        raise InvalidInput("reason_missing")
    require_note(reason)
    require_no_personal_data({"reason": reason}, None, today=local_day(client.now, client.zone))
    return reason
