"""Answer with members by handle or role: certificates, standing, and who waits for approval.

Every member may see who the members are. Only staff see what somebody has joined with. How many
assignments are open with a member is shown to staff and to that member.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from assigncli.domain.lifecycle import Role, is_staff
from assigncli.protocol.evidence import Evidence
from assigncli.server import gathering
from assigncli.server.asked import Answering
from assigncli.server.recipients import own_wraps, unknown
from assigncli.server.recipients import waiting as waiting_row
from assigncli.server.row_cells import cell
from assigncli.server.store import invitations, unavailable
from assigncli.server.store import members as stored
from assigncli.server.store.tables import Member

Rows = list[Mapping[str, Any]]


def members(asked: Answering) -> Evidence:
    """Answer with the members that these handles name, or with everybody if there are none."""
    handles = set(asked.question.arguments["handles"])
    rows = _asked_for(asked, handles)
    certified = stored.certified(asked.tx, [row.id for row in rows])
    waiting = [row for row in rows if row.id not in certified]
    told: dict[str, Rows] = {
        "waiting": [waiting_row(row) for row in waiting],
        "unknown": unknown(asked, handles - {row.handle for row in _named(asked, handles)}),
        "joining": [_joining(asked, row) for row in waiting] if _is_staff(asked) else [],
        "open_assignments": _open(asked, rows) if handles else [],
        "joining_devices": _joining_devices(asked, certified) if handles else [],
    }
    wraps, unsure = own_wraps(asked), [row.id for row in waiting]
    return gathering.about_members(asked, sorted(certified), told, wraps, unsure)


def _is_staff(asked: Answering) -> bool:
    return is_staff(asked.asker.roles)


def _asked_for(asked: Answering, handles: set[str]) -> list[Member]:
    tx, organization = asked.tx, asked.turn.organization_id
    said = asked.question.arguments["role"]
    if said is not None and said not in set(Role):
        return []
    role = None if said is None else Role(said)
    if not handles:
        return stored.everyone(tx, organization, role=role)
    named = _named(asked, handles)
    return [row for row in named if role is None or role in stored.roles_of(tx, row.id)]


def _named(asked: Answering, handles: set[str]) -> list[Member]:
    return stored.by_handles(asked.tx, asked.turn.organization_id, handles)


def _joining(asked: Answering, row: Member) -> Mapping[str, Any]:
    """Return the row of an invited person, with the keys and device they joined with, if any."""
    joined = invitations.joined(asked.tx, row.id, row.signing_key) if row.signing_key else None
    return {
        "id": str(row.id),
        "handle": row.handle,
        "handle_salt": cell(row.handle_salt),
        "display_name": row.display_name,
        "display_name_salt": cell(row.display_name_salt),
        "roles": " ".join(sorted(stored.roles_of(asked.tx, row.id))),
        "signing_key": cell(row.signing_key),
        "encryption_key": cell(row.encryption_key),
        "device": None if joined is None else joined.device,
        "device_salt": None if joined is None else cell(joined.device_salt),
    }


def _joining_devices(asked: Answering, certified: Collection[UUID]) -> Rows:
    """Return a row for each further device that waits: for staff, and of the asker's own."""
    own = asked.asker.certificate.member
    shown = [each for each in sorted(certified) if _is_staff(asked) or each == own]
    return [
        {
            "member": str(row.member_id),
            "signing_key": cell(row.signing_key),
            "encryption_key": cell(row.encryption_key),
            "device": row.device,
            "device_salt": cell(row.device_salt),
        }
        for row in invitations.waiting(asked.tx, shown)
    ]


def _open(asked: Answering, rows: Sequence[Member]) -> Rows:
    """Return the number of assignments open with each member, for staff or the member alone."""
    own = asked.asker.certificate.member
    shown: list[UUID] = [row.id for row in rows if _is_staff(asked) or row.id == own]
    counts = unavailable.sent_and_open(asked.tx, asked.turn.organization_id, shown, asked.turn.now)
    return [{"member": str(each), "count": counts.get(each, 0)} for each in shown]
