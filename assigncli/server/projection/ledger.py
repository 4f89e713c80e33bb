"""What each entry writes to `assignment_threshold_logs`, the honorarium ledger."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.tiers import CHANGES, Counts, LedgerKind
from assigncli.server.projection.happening import Happening

_KIND_OF: Final = {
    Action.ASSIGNMENT_DISPATCHED.value: LedgerKind.DISPATCHED,
    Action.ASSIGNMENT_RECALLED.value: LedgerKind.RECALLED,
    Action.ASSIGNMENT_CANCELLED.value: LedgerKind.CANCELLED,
    Action.ASSIGNMENT_EXPIRED.value: LedgerKind.EXPIRED,
    Action.ASSIGNMENT_COMPLETED.value: LedgerKind.COMPLETED,
}


def line(
    happened: Happening, recipient: UUID, before: Counts, sent_in: UUID | None = None
) -> dict[str, Any] | None:
    """Return the line that an entry adds; None where it counts in no cycle, such as a draft's end.

    A completion counts for the member who signed it, everything else for the recipient. `before`
    are that member's counts in the cycle of the line. `sent_in` is the cycle of the dispatch, which
    matters only for a completion.
    """
    kind, cycle = _KIND_OF.get(happened.act), happened.id("cycle")
    if kind is None or cycle is None:
        return None
    completed = kind is LedgerKind.COMPLETED
    in_person = happened.arguments.get("in_person") if completed else None
    after = before.after(kind, in_person=in_person, from_earlier=completed and sent_in != cycle)
    return {
        "organization_id": happened.organization,
        "assignment_id": happened.subject,
        "member_id": happened.actor if completed else recipient,
        "reporting_cycle_id": cycle,
        "kind": kind,
        **CHANGES[kind]._asdict(),
        **after._asdict(),
        "in_person": in_person,
        "at": happened.at,
    }
