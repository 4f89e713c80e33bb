"""Keys that wait for a comparison, and briefs that no key in force can read: for `status`."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import MemberStatus
from assigncli.errors import StoreUnavailable
from assigncli.lookups.about_assignments import UnprovenKey, Unreadable
from assigncli.server.store import members, restores, unavailable
from assigncli.server.store.tables import Assignment, Member
from assigncli.server.turn import Turn


def unproven_keys(turn: Turn, tx: Transaction) -> Iterator[UnprovenKey]:
    """Yield the keys that wait for approval, also of who asks to join; then suspended ones."""
    for member, device in members.waiting_keys(tx, turn.organization_id):
        yield _unproven(member, device or "", is_first=member.status is MemberStatus.REQUESTED)
    for member, device in members.suspended_devices(tx, turn.organization_id):
        yield _unproven(member, device, is_suspended=True)


def _unproven(
    member: Member, device: str, *, is_first: bool = False, is_suspended: bool = False
) -> UnprovenKey:
    return UnprovenKey(member.handle, member.display_name, device, is_suspended, is_first)


def unreadable(turn: Turn, tx: Transaction) -> Iterator[Unreadable]:
    """Yield what is open and can be read on no device of its mentor, or by nobody.

    Sealed to none of the mentor's devices; or without its share since the store was restored.
    """
    gone = _without_share(turn, tx)
    found = {row.id: row for row in unavailable.unreadable(tx, turn.organization_id, turn.now)}
    found |= {row.id: row for row in gone}
    lacking = {row.id for row in gone}
    people = {row.recipient_user_id for row in found.values()}
    people |= {row.dispatched_by_user_id for row in found.values()}
    names = members.names(tx, people) if found else {}
    kept = unavailable.read_by_dispatcher(tx, list(found)) if found else set()
    for row in sorted(found.values(), key=lambda row: row.number):
        if row.declined_at is not None and row.id in kept - lacking:
            continue  # its mentor is to read it no more, and it can be given to another
        handle, name = names.get(row.recipient_user_id, ("", ""))
        yield Unreadable(
            number=row.number,
            title=row.title,
            recipient=handle,
            recipient_name=name,
            dispatched_by=names.get(row.dispatched_by_user_id, ("", ""))[1],
            by_nobody=row.id not in kept or row.id in lacking,
            lacks_share=row.id in lacking,
        )


def _without_share(turn: Turn, tx: Transaction) -> list[Assignment]:
    """Return what is open since before a restore and has no share in the vault.

    Only a restore brings rows back without their shares. Nothing where the vault cannot be read,
    which `doctor` says.
    """
    restored = restores.by_organization(tx, turn.organization_id)
    if restored is None:
        return []
    rows = unavailable.made_until(tx, turn.organization_id, restored.restored_at, turn.now)
    try:
        held = turn.vault.held_among(row.encryption_key_id for row in rows) if rows else set()
    except StoreUnavailable:
        return []
    return [row for row in rows if row.encryption_key_id not in held]
