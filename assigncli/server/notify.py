"""Show a member's sealed notification channels to staff, and replace them all at once.

The server does not know the addresses. Whether they can be opened shows when something is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from assigncli.crypto.organization_key import is_sealed
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF
from assigncli.protocol.attachments import decode_channels
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.forms import to_base64
from assigncli.server import gathering
from assigncli.server.asked import Answering
from assigncli.server.carrying import Carrying
from assigncli.server.member import subject
from assigncli.server.projection import channels as projected
from assigncli.server.recipients import named, own_wraps
from assigncli.server.record import record
from assigncli.server.refused import Refused, attachment_form
from assigncli.server.row_cells import setting_rows
from assigncli.server.store import channels, members

_MOST: Final = 8


def answer(asked: Answering) -> Evidence:
    """Answer staff with the member that a handle names, and the settings for notifications.

    If the question is signed, the sealed channels of the member and of the service come too, with
    the asker's own organization keys. Raises Refused `role_missing`.
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


def change(doing: Carrying) -> None:
    """Replace all channels of a member by these."""
    with attachment_form():
        attached = decode_channels(doing.request.attachments[0])
    held = {each.id for each in attached}
    is_whole = all(is_sealed(each.sealed) for each in attached)
    if not is_whole or channels.owners(doing.tx, held) - {doing.about}:
        raise Refused("attachment_malformed", place=None)
    doing.require_role(*STAFF)
    member = subject(doing)
    if len(held) > _MOST:
        raise Refused("channels_too_many")
    facts = {"count": len(held)}
    happened = doing.happening(Action.MEMBER_CHANNELS_CHANGED, facts)
    channels.replace_all(doing.tx, member.id, projected.rows(happened, attached))
    record(doing.turn, doing.tx, doing.actor, Action.MEMBER_CHANNELS_CHANGED, member.id, **facts)


def _sealed(asked: Answering, owners: Iterable[UUID]) -> list[Mapping[str, Any]]:
    """Return the channels of these members, each member's oldest first."""
    return [
        {"id": str(row.id), "member": str(row.member_id), "sealed": to_base64(row.sealed)}
        for owner in owners
        for row in channels.of_member(asked.tx, asked.turn.organization_id, owner)
    ]
