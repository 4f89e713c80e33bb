"""Members as an answer shows them, for the tests of what may be done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from assigncli.crypto.identity import Identity
from assigncli.trust.verification import Verified, verify_evidence
from tests.unit.trust.world import (
    COORDINATOR,
    DEVICES,
    FOUNDER,
    MENTOR,
    ROOT,
    STRANGER,
    Device,
    World,
    founded,
    question,
    uid,
)

TODAY = date(2026, 11, 25)
NEWCOMER = uid("newcomer member")
KEYS = Identity.generate().public
PEOPLE = {"founder": FOUNDER, "coordinator": COORDINATOR, "mentor": MENTOR, "stranger": STRANGER}


def handle(who: Device) -> str:
    return who.texts["handle"].text


def row(who: Device, **cells: object) -> dict[str, object]:
    """Return the server's row of a member in good standing, but for these cells."""
    keys = who.identity.public
    said: dict[str, object] = {
        "id": str(who.member),
        "status": "active",
        "roles": " ".join(sorted(who.roles)),
        "signing_key": keys.signing_key.hex(),
        "encryption_key": keys.encryption_key.hex(),
        "certified_until": None,
        "has_channel": False,
    }
    return {**said, **cells}


def joining(**cells: object) -> dict[str, list[dict[str, object]]]:
    """Return the rows of who has joined as `new` and waits, but for these cells."""
    said: dict[str, object] = {
        "id": str(NEWCOMER),
        "handle": "new",
        "handle_salt": "11" * 16,
        "display_name": "New Name",
        "display_name_salt": "22" * 16,
        "roles": "peer_mentor",
        "signing_key": KEYS.signing_key.hex(),
        "encryption_key": KEYS.encryption_key.hex(),
        "device": "laptop",
        "device_salt": "33" * 16,
    }
    is_invited = cells.get("signing_key", "") is None
    status = "invited" if is_invited else "requested"
    waits = {"handle": "new", "display_name": "New Name", "status": status}
    return {"joining": [{**said, **cells}], "waiting": [waits]}


def shown(
    world: World | None = None,
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    *,
    reader: UUID = FOUNDER.member,
    **cells: object,
) -> Verified:
    """Return what an answer proves, in which the mentor's row has these cells."""
    members = [row(each, **(cells if each is MENTOR else {})) for each in DEVICES]
    told = {"members": members, **{name: list(each) for name, each in (rows or {}).items()}}
    answer = replace((world or founded()).answer("read.members"), rows=told)
    asked = question("read.members", None)
    return verify_evidence(answer.encode(), asked, root_key=ROOT.public, reader=reader)


def revoked(who: Device = MENTOR) -> World:
    """Return a world in which somebody's membership has ended."""
    world = founded()
    ended = ("member.revoked", who.member, {"certificates": [str(who.id)]})
    world.does(FOUNDER, "member.revoked", who.member, {"open": 0}, ended)
    return world
