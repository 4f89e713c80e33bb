"""Give out what is held about one member, for their own request; for administrators."""

from __future__ import annotations

from assigncli.domain.lifecycle import Role
from assigncli.lookups.about_privacy import Held, HeldRow, ReadOn, WantedHeld
from assigncli.server import certification
from assigncli.server.reads import find
from assigncli.server.store import held, members
from assigncli.server.store.held import HeldPlace, Holder
from assigncli.server.turn import Turn


def held_about(turn: Turn, asked: WantedHeld) -> Held:
    """Return the next part of what is held about a member.

    Raises NotAllowed `role_missing`, NotFound `member_not_found`, Tampered `certificate_invalid`.
    """
    place = None if asked.place is None else HeldPlace(asked.place.table, asked.place.after)
    with turn.store.read() as tx:
        certification.require_asker(turn, tx, Role.ORG_ADMIN)
        row = find.member(turn, tx, asked.handle)
        member_id, handle, name = row.id, row.handle, row.display_name
        devices = tuple(each.id for _member, each in members.with_certificates(tx, [member_id]))
        holder = Holder(turn.organization_id, member_id, devices)
        found, following = held.rows(tx, holder, place)
    return Held(
        member_id=member_id,
        handle=handle,
        display_name=name,
        rows=tuple(HeldRow(table, dict(columns)) for table, columns in found),
        following=None if following is None else ReadOn(following.table, following.after),
    )
