"""Seal the organisation's keys to devices that came without them.

That is what the root key approved: it holds neither key. Whoever holds one gives it on. Where no
device in force holds the one for import hashes any more, a new one is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF, Role, is_staff
from assigncli.protocol.attachments import decode_organization_wraps
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.sealed_keys import IMPORTS, USES, OrganizationWrap
from assigncli.server import certification, gathering, organization_key_wraps
from assigncli.server.asked import Answering
from assigncli.server.carrying import Carrying
from assigncli.server.recipients import own_wraps
from assigncli.server.refused import Refused, attachment_form
from assigncli.server.store import members
from assigncli.server.turn import Turn
from assigncli.trust.envelopes import may_hold


def lacking(asked: Answering) -> Evidence:
    """Answer with the keys sealed to the asker, and staff with the devices that lack one."""
    rows: list[Mapping[str, Any]] = []
    devices: set[UUID] = set()
    for use in USES if is_staff(asked.asker.roles) else ():
        key, without = _without(asked.turn, asked.tx, use)
        named = None if key is None else str(key)
        rows += ({"use": use, "key": named, "certificate": str(each.id)} for each in without)
        devices |= {each.member for each in without}
    told = {"lacking_keys": rows}
    return gathering.about_members(asked, sorted(devices), told, own_wraps(asked))


def share(doing: Carrying) -> None:
    """Keep wraps of one key for devices in force that lack it; raises Refused `wrap_invalid`."""
    doing.require_role(*STAFF)
    key, use = UUID(doing.arguments["key"]), str(doing.arguments["use"])
    with attachment_form():
        given = decode_organization_wraps(doing.request.attachments[0], key)
    kept, without = _without(doing.turn, doing.tx, use)
    own = members.organization_key_wrap(doing.tx, doing.turn.organization_id, doing.actor.id, use)
    named = {each.wrap.certificate for each in given}
    is_drawn = kept is None and use == IMPORTS and doing.actor.id in named
    may = is_drawn and not members.has_key_wraps(doing.tx, key) if own is None else kept == key
    if not may or not _are_due(doing, use, given, {each.id for each in without}):
        raise Refused("wrap_invalid", place=None)
    for each in given:
        organization_key_wraps.store(doing.turn, doing.tx, each)
    facts = {"key": str(key), "use": use, "certificates": sorted(str(each) for each in named)}
    doing.record([(Action.ORGANIZATION_KEY_SHARED, doing.about, facts)])


def _are_due(
    doing: Carrying, use: str, given: Sequence[OrganizationWrap], without: set[UUID]
) -> bool:
    """Return whether the signer made each wrap, for this use and one for each of these devices."""
    named = [each.wrap.certificate for each in given]
    return len(set(named)) == len(named) and all(
        (each.use, each.wrap.maker) == (use, doing.actor.id)
        and each.wrap.certificate in without
        and each.is_signed(doing.turn.organization_id, doing.actor.keys.signing_key)
        for each in given
    )


def _without(turn: Turn, tx: Transaction, use: str) -> tuple[UUID | None, list[Certificate]]:
    """Return the newest key of a use that a device in force holds, and who lacks that one."""
    held: dict[UUID, tuple[Any, UUID]] = {}
    may = [each for each in _staff(turn, tx) if may_hold(use, each)]
    for each in may:
        row = members.organization_key_wrap(tx, turn.organization_id, each.id, use)
        if row is not None:
            first = members.key_since(tx, turn.organization_id, row.key_id)
            held[each.id] = (first, row.key_id)
    key = max(held.values())[1] if held else None
    return key, [each for each in may if held.get(each.id, (None, None))[1] != key or not held]


def _staff(turn: Turn, tx: Transaction) -> Iterator[Certificate]:
    """Yield the certificates in force of coordinators and administrators, each once."""
    rows = {
        row.id: row
        for role in (Role.COORDINATOR, Role.ORG_ADMIN)
        for row in members.everyone(tx, turn.organization_id, role=role)
    }
    for row in rows.values():
        yield from certification.in_force_of(turn, tx, row)
