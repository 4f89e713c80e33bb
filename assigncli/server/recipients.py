"""Answer what new assignments need: the members that handles name, and the organisation's terms.

Nothing is decided here: whether a member may be sent to is checked when the rows are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from assigncli.domain.lifecycle import Role
from assigncli.domain.member_names import nearest_handle
from assigncli.domain.rules import Rule
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.sealed_keys import USES, WRAP_BYTES, OrganizationWrap, Wrap
from assigncli.server import gathering
from assigncli.server.asked import Answering
from assigncli.server.refused import Refused
from assigncli.server.store import members
from assigncli.server.store.tables import Member
from assigncli.server.store.wraps import OrganizationKeyWrap


def recipients(asked: Answering) -> Evidence:
    """Answer a coordinator with the members that these handles name, and what else is known.

    Raises Refused `only_coordinator_can_dispatch`.
    """
    if Role.COORDINATOR.value not in asked.asker.certificate.roles:
        raise Refused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)
    certified, told = named(asked, set(asked.question.arguments["handles"]))
    return gathering.about_recipients(asked, certified, told, own_wraps(asked))


def named(
    asked: Answering, handles: set[str]
) -> tuple[list[UUID], dict[str, list[Mapping[str, Any]]]]:
    """Return the named members that have a certificate, and rows about the other handles."""
    rows = members.by_handles(asked.tx, asked.turn.organization_id, handles)
    known = {row.handle for row in rows}
    with_certificate = members.certified(asked.tx, [row.id for row in rows])
    told: dict[str, list[Mapping[str, Any]]] = {
        "waiting": [waiting(row) for row in rows if row.id not in with_certificate],
        "unknown": unknown(asked, handles - known),
    }
    return sorted(with_certificate), told


def unknown(asked: Answering, handles: set[str]) -> list[Mapping[str, Any]]:
    """Return a row for each of these handles, which nobody has, with the most similar one."""
    if not handles:
        return []
    known = members.handles(asked.tx, asked.turn.organization_id)
    return [{"handle": each, "near": nearest_handle(each, known)} for each in sorted(handles)]


def waiting(row: Member) -> Mapping[str, Any]:
    """Return the row of a member who has no certificate yet."""
    return {
        "id": str(row.id),
        "handle": row.handle,
        "display_name": row.display_name,
        "status": row.status.value,
    }


def own_wraps(asked: Answering) -> list[OrganizationWrap]:
    """Return the organization's keys sealed to the asker's device; none if not signed."""
    if not asked.asker.is_signed:
        return []
    found = (
        members.organization_key_wrap(
            asked.tx, asked.turn.organization_id, asked.asker.certificate.id, use
        )
        for use in USES
    )
    return [_wrap(row) for row in found if row is not None and len(row.wrap) == WRAP_BYTES]


def _wrap(row: OrganizationKeyWrap) -> OrganizationWrap:
    wrap = Wrap(row.certificate_id, row.maker_certificate_id, row.wrap, row.signature)
    return OrganizationWrap(row.key_id, row.use, wrap)
