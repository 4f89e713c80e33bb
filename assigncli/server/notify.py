"""How a member is reached: the whole list of sealed addresses is replaced.

What an address says is not known here. That it can be opened is found by who sends.
"""

from __future__ import annotations

from typing import Final

from assigncli.crypto.organization_key import is_sealed
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF
from assigncli.protocol.attachments import decode_channels
from assigncli.server.carrying import Carrying
from assigncli.server.member import subject
from assigncli.server.projection import channels as projected
from assigncli.server.record import record
from assigncli.server.refused import Refused, attachment_form
from assigncli.server.store import channels

_MOST: Final = 8


def change(doing: Carrying) -> None:
    """Keep these channels, and no other, for a member."""
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
