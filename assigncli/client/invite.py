"""Invite a person: the invitation's token is generated here, and only its hash is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from secrets import token_bytes
from typing import Final
from uuid import UUID, uuid4

from assigncli.client import asking, salting
from assigncli.client.client import Client
from assigncli.client.exchange import Device, Intent
from assigncli.client.issuing import may_not_vouch
from assigncli.client.looking_after import handle_taken, to_invite
from assigncli.client.member import require_certification_ahead
from assigncli.crypto.identity import Identity
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.domain.member_names import require_handle, require_name
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import stamp
from assigncli.protocol.lines import InvitationLine
from assigncli.protocol.texts import Text
from assigncli.trust.verification import Verified
from assigncli.trust.vouching import may_vouch

_TOKEN_BYTES: Final = 16
_GOOD_FOR: Final = timedelta(days=14)


@dataclass(frozen=True, repr=False)
class Newcomer:
    """Id and keys of a member to be enrolled, generated before anything is written."""

    member_id: UUID = field(default_factory=uuid4)
    identity: Identity = field(default_factory=Identity.generate)


@dataclass(frozen=True)
class Invited:
    """An invitation, valid until `expires_at` (aware UTC) for whoever holds the line."""

    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    line: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Invitee:
    """The person invited: new, or a member who has not joined yet.

    `texts` are their handle and their name.
    """

    id: UUID
    texts: Mapping[str, Text]
    roles: frozenset[Role]
    is_new: bool


def invite(
    client: Client,
    handle: str,
    display_name: str,
    roles: frozenset[Role],
    address: str | None = None,
) -> Invited:
    """Invite a person to join under `handle`; one who has not joined yet is invited again.

    They are to reach the server at `address`, or where the inviting client does.
    Raises InvalidInput `handle_taken`, NotAllowed `may_not_vouch`, `role_missing`.
    """
    handle, display_name = require_handle(handle), require_name(display_name)
    found = asking.members(client, handle)
    whom = wanted(found, asking.own_certificate(client, found), handle, display_name, roles)
    token, expires_at = send(client, asking.this_device(client, found), whom)
    line = InvitationLine(
        address or client.address, client.organization_id, whom.id, client.root_public_key, token
    )
    return Invited(whom.id, handle, display_name, roles, line.encode(), expires_at)


def newcomer(client: Client, handle: str, certified_until: date | None) -> Newcomer:
    """Return an id and new keys for a person to enrol here, if that is allowed.

    A person who was invited and has not joined keeps their id. Raises as `invite` and `approve`.
    """
    require_certification_ahead(client, certified_until)
    handle = require_handle(handle)
    found = asking.members(client, handle)
    member = to_invite(found, asking.own_certificate(client, found), handle)
    return Newcomer() if member is None else Newcomer(member.id)


def wanted(
    found: Verified,
    actor: Certificate,
    handle: str,
    display_name: str,
    roles: frozenset[Role],
    member_id: UUID | None = None,
) -> Invitee:
    """Return the invitee, if `actor` may invite them; raises as `invite`.

    Handle and name are in normal form. `member_id` is used only for a person not invited yet.
    """
    member = to_invite(found, actor, handle)
    words = frozenset(role.value for role in roles)
    if not may_vouch(actor.roles, words):
        raise may_not_vouch()
    if member is None:
        said = {"handle": handle, "display_name": display_name}
        texts = {field: Text(salting.new_salt(), text) for field, text in said.items()}
        return Invitee(member_id or uuid4(), texts, roles, is_new=True)
    if (member.display_name, member.roles) != (display_name, words):
        raise handle_taken()
    texts = {field: member.texts[field] for field in ("handle", "display_name")}
    return Invitee(member.id, texts, roles, is_new=False)


def send(client: Client, signer: Device, whom: Invitee) -> tuple[bytes, datetime]:
    """Have the invitation recorded; return its token, known only here, and its end (aware UTC)."""
    token, expires_at = token_bytes(_TOKEN_BYTES), client.now + _GOOD_FOR
    said = {
        "token_sha256": hashlib.sha256(token).hexdigest(),
        "expires_at": stamp(expires_at),
    }
    if not whom.is_new:
        asking.act(client, signer, Intent(Action.DEVICE_INVITED.value, whom.id, said))
        return token, expires_at
    given = {**said, "roles": sorted(role.value for role in whom.roles)}
    asking.act(client, signer, Intent(Action.MEMBER_INVITED.value, whom.id, given, whom.texts))
    return token, expires_at
