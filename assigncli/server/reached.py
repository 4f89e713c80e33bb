"""How a member is reached, as far as staff have to know to change it: their sealed channels.

What an address says is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from assigncli.domain.lifecycle import STAFF
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.forms import to_base64
from assigncli.server import gathering
from assigncli.server.asked import Answering
from assigncli.server.recipients import named, own_wraps
from assigncli.server.refused import Refused
from assigncli.server.row_cells import setting_rows
from assigncli.server.store import channels, members


def reached(asked: Answering) -> Evidence:
    """Answer staff with the member that a handle names, and the settings that a message goes by.

    With a signed question come the sealed channels of the member and of the service, and the
    asker's own organization keys. Raises Refused `role_missing`.
    """
    roles = sorted(role.value for role in STAFF)
    if not asked.asker.certificate.roles & set(roles):
        raise Refused("role_missing", roles=roles)
    handle = asked.question.arguments["handle"]
    certified, told = named(asked, set() if handle is None else {handle})
    told["settings"] = setting_rows(asked.turn, asked.tx)
    told["notification_channels"] = []
    if asked.asker.is_signed:
        theirs = members.by_handles(asked.tx, asked.turn.organization_id, [handle or ""])
        owners = {asked.ours.certificate.member, *(each.id for each in theirs)}
        told["notification_channels"] = _sealed(asked, sorted(owners))
    return gathering.about_members(asked, certified, told, own_wraps(asked))


def _sealed(asked: Answering, owners: Iterable[UUID]) -> list[Mapping[str, Any]]:
    """Return these members' channels, each one's oldest first."""
    return [
        {"id": str(row.id), "member": str(row.member_id), "sealed": to_base64(row.sealed)}
        for owner in owners
        for row in channels.of_member(asked.tx, asked.turn.organization_id, owner)
    ]
