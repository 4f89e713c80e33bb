"""What each entry about a member writes to `certificates`, and which they hold after it.

The body is not derived from the entry: the entry has its digest, and the issuer signed it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from assigncli.domain.actions import DOUBTING, Action
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.texts import Text
from assigncli.server.projection.happening import Happening


def row(happened: Happening, given: Certificate, device: Text | None) -> dict[str, Any]:
    """Return what the entry that gives a certificate writes, except the signature.

    `device` is the name whose digest the certificate has, None where it is not kept.
    """
    written: dict[str, Any] = {
        "id": given.id,
        "organization_id": happened.organization,
        "member_id": given.member,
        "body": given.encode(),
        "issued_at": happened.at,
        "revoked_at": None,
        "suspended_at": None,
    }
    return (
        written
        if device is None
        else {**written, "device": device.text, "device_salt": device.salt}
    )


def changed(happened: Happening, held: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what an entry writes to the certificates held before: ended, suspended, confirmed."""
    device = happened.id("certificate")
    if happened.act in DOUBTING and device is not None and device in held:
        is_suspended = happened.act == Action.DEVICE_SUSPENDED
        return {device: {"suspended_at": happened.at if is_suspended else None}}
    return ended(happened, held)


def ended(happened: Happening, held: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what an entry writes to the certificates that it ends, of those held before."""
    if happened.act == Action.MEMBER_REVOKED:
        return {each: {"revoked_at": happened.at} for each in held}
    is_replaced = happened.act == Action.SERVICE_REPLACED
    device = happened.id("replaced" if is_replaced else "certificate")
    if (
        (happened.act == Action.DEVICE_REVOKED or is_replaced)
        and device is not None
        and device in held
    ):
        return {device: {"revoked_at": happened.at}}
    return {}


def held_after(
    held: Sequence[Certificate], happened: Happening, given: Certificate | None
) -> list[Certificate]:
    """Return the certificates held after the entry, in the order in which they were given.

    One that is suspended is still held.
    """
    gone = ended(happened, [each.id for each in held])
    kept = [each for each in held if each.id not in gone]
    return kept if given is None else [*kept, given]
