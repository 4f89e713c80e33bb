"""Give the organisation's keys to devices that came without them: those the root key approved.

Who holds a key seals it to them. Where no device in force holds the key for import hashes any more,
a new one is drawn. Which devices lack a key is the server's word; whose they are is verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

from assigncli.client import asking
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.client.organization_keys import seal
from assigncli.crypto.organization_key import new_organization_key
from assigncli.domain.actions import Action
from assigncli.protocol.attachments import encode_organization_wraps
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.sealed_keys import IMPORTS, USES
from assigncli.trust.envelopes import may_hold
from assigncli.trust.tampering import answer_malformed, read_or
from assigncli.trust.verification import Verified

_KEYS: Final = Wanted("read.organization_keys")
_AT_ONCE: Final = 64


@dataclass(frozen=True)
class Giving:
    """One key to be given: its use, and the devices in force that lack it; new where `is_new`."""

    use: str
    key_id: UUID
    key: bytes = field(repr=False)
    readers: tuple[Certificate, ...]
    is_new: bool
    found: Verified = field(repr=False)


def is_due(client: Client) -> bool:
    """Say whether a device in force lacks a key of the organisation, by the server's word.

    Needs no key. To who is neither coordinator nor administrator nothing is told.
    """
    return bool(asking.read(client, _KEYS).word.rows.get("lacking_keys"))


def giving(client: Client) -> tuple[Giving, ...]:
    """Return what this device can give to others, and what it has to draw anew.

    Raises as `asking.read`, and Tampered for a key that was altered.
    """
    found = asking.read(client, _KEYS, is_signed=True)
    own = asking.own_certificate(client, found)
    held = {each.use: (each.key, key) for each, key in asking.organization_keys(client, found)}
    return tuple(_giving(found, own, held))


def give(client: Client, each: Giving) -> None:
    """Seal a key to the devices that lack it; raises what a refusal means."""
    maker = asking.own_certificate(client, each.found)
    signer = asking.this_device(client, each.found)
    said = {"key": str(each.key_id), "use": each.use}
    for start in range(0, len(each.readers), _AT_ONCE):
        wraps = [
            seal(client.identity, each.key, each.key_id, each.use, maker, reader)
            for reader in each.readers[start : start + _AT_ONCE]
        ]
        attached = (encode_organization_wraps(wraps),)
        action, about = Action.ORGANIZATION_KEY_SHARED.value, client.organization_id
        asking.act(client, signer, Intent(action, about, said, {}, attached))


def _giving(
    found: Verified, own: Certificate, held: dict[str, tuple[UUID, bytes]]
) -> Iterator[Giving]:
    for use in USES:
        key, readers = _lacking(found, use)
        if readers and key is None and use == IMPORTS and own in readers:
            first = (own, *(each for each in readers if each != own))
            yield Giving(use, uuid4(), new_organization_key(), first, True, found)
        elif readers and use in held and held[use][0] == key:
            yield Giving(use, *held[use], readers, False, found)


def _lacking(found: Verified, use: str) -> tuple[UUID | None, tuple[Certificate, ...]]:
    """Return the id of a key, None if nobody holds one, and the devices in force that lack it."""
    key: UUID | None = None
    readers: list[Certificate] = []
    with read_or(answer_malformed):
        for row in found.word.rows.get("lacking_keys", []):
            if row["use"] == use:
                key = None if row["key"] is None else UUID(str(row["key"]))
                reader = found.people.person(UUID(str(row["certificate"]))).certificate
                if found.standing.counts(reader.id, found.head.size + 1) and may_hold(use, reader):
                    readers.append(reader)
    return key, tuple(readers)
