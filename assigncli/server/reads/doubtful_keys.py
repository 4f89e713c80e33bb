"""Keys that wait for a comparison, and briefs that no key in force can read: for `status`."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session as Transaction

from assigncli.lookups.about_assignments import UnprovenKey, Unreadable
from assigncli.server.store import members, unavailable
from assigncli.server.turn import Turn


def unproven_keys(turn: Turn, tx: Transaction) -> Iterator[UnprovenKey]:
    """Yield the members' further devices that wait for approval, and those that are suspended."""
    for member, device in members.waiting_devices(tx, turn.organization_id):
        yield UnprovenKey(member.handle, member.display_name, device or "", is_suspended=False)
    for member, device in members.suspended_devices(tx, turn.organization_id):
        yield UnprovenKey(member.handle, member.display_name, device, is_suspended=True)


def unreadable(turn: Turn, tx: Transaction) -> Iterator[Unreadable]:
    """Yield what a member was sent, is open, and can be read on no device of theirs."""
    found = unavailable.unreadable(tx, turn.organization_id, turn.now)
    people = {row.recipient_user_id for row in found} | {row.dispatched_by_user_id for row in found}
    names = members.names(tx, people) if found else {}
    kept = unavailable.read_by_dispatcher(tx, [row.id for row in found]) if found else set()
    for row in found:
        handle, name = names.get(row.recipient_user_id, ("", ""))
        by = names.get(row.dispatched_by_user_id, ("", ""))[1]
        yield Unreadable(row.number, row.title, handle, name, by, row.id not in kept)
