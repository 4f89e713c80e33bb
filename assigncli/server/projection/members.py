"""What each entry about a member writes to `members`, and which roles it leaves in `member_roles`.

The keys in the row are those of the newest certificate that the member holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.protocol.certificate import SERVICE_TEXTS, Certificate
from assigncli.protocol.texts import Text
from assigncli.server.projection.happening import Happening

Columns = dict[str, Any]

_NAMES: Final = ("handle", "display_name")
_KEYS: Final = ("signing_key", "encryption_key")
_BEGIN: Final = frozenset({Action.ORGANIZATION_FOUNDED.value, Action.MEMBER_INVITED.value})
_BY_CERTIFICATE: Final = frozenset(
    {
        Action.ORGANIZATION_FOUNDED.value,
        Action.SERVICE_REPLACED.value,
        Action.MEMBER_APPROVED.value,
        Action.DEVICE_APPROVED.value,
        Action.DEVICE_REVOKED.value,
    }
)
_STATUS: Final[dict[str, MemberStatus]] = {
    Action.ORGANIZATION_FOUNDED: MemberStatus.ACTIVE,
    Action.MEMBER_INVITED: MemberStatus.INVITED,
    Action.DEVICE_JOINED: MemberStatus.REQUESTED,
    Action.MEMBER_APPROVED: MemberStatus.ACTIVE,
    Action.MEMBER_CERTIFIED: MemberStatus.ACTIVE,
    Action.MEMBER_REVOKED: MemberStatus.REVOKED,
}


def change(happened: Happening, member: UUID, newest: Certificate | None = None) -> Columns:
    """Return the columns that an entry writes to a member's row, empty if none.

    `newest` is the last given of the certificates that they hold after the entry. A restored
    membership has the status from the entries before, which is not written again.
    """
    act = happened.act
    if act == Action.DEVICE_JOINED and not happened.facts.get("first"):
        return {}
    written = _new(happened, member) if act in _BEGIN else {}
    written |= _keys(happened, newest)
    if act in _STATUS:
        written["status"] = _STATUS[act]
    if written or act == Action.MEMBER_RESTORED:
        written["updated_at"] = happened.at
    return written


def roles(happened: Happening, given: Certificate | None = None) -> frozenset[Role] | None:
    """Return the roles that a member has after the entry; None where it does not change them."""
    if happened.act == Action.MEMBER_INVITED:
        return frozenset(map(Role, happened.arguments["roles"]))
    first = happened.act in (Action.ORGANIZATION_FOUNDED, Action.MEMBER_APPROVED)
    return frozenset(map(Role, given.roles)) if first and given is not None else None


def _new(happened: Happening, member: UUID) -> Columns:
    written: Columns = {
        "id": member,
        "organization_id": happened.organization,
        "signing_key": None,
        "encryption_key": None,
        "created_at": happened.at,
    }
    for name, text in names_of(happened, member).items():
        written |= {name: text.text, f"{name}_salt": text.salt}
    return written


def names_of(happened: Happening, member: UUID) -> Mapping[str, Text]:
    """Return the names that an entry gives to a member, as far as its texts are kept.

    A founding gives the service its fixed names.
    """
    founded = happened.act == Action.ORGANIZATION_FOUNDED
    is_service = founded and happened.arguments.get("service_member") == str(member)
    texts = SERVICE_TEXTS if is_service else happened.texts
    return {name: texts[name] for name in _NAMES if name in texts}


def _keys(happened: Happening, newest: Certificate | None) -> Columns:
    if happened.act == Action.DEVICE_JOINED:
        return {name: bytes.fromhex(happened.arguments[name]) for name in _KEYS}
    if happened.act not in _BY_CERTIFICATE or newest is None:
        return {}
    return {name: getattr(newest.keys, name) for name in _KEYS}
