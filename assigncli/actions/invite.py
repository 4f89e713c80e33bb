"""Invite somebody: the line that lets them join is made here, and known here alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from secrets import token_bytes
from typing import Final
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import asking, membership, names, trust, vouch
from assigncli.actions.join import handle_taken
from assigncli.actions.session import Session
from assigncli.actions.standing import status_of
from assigncli.client.exchange import Device, Intent
from assigncli.crypto.identity import Identity
from assigncli.crypto.statement import stamp
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.people import require_handle, require_name
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.lines import InvitationLine
from assigncli.protocol.texts import Text
from assigncli.store import members
from assigncli.store.tables import Member
from assigncli.trust.vouching import may_vouch

_TOKEN_BYTES: Final = 16
_GOOD_FOR: Final = timedelta(days=14)


@dataclass(frozen=True, repr=False)
class Newcomer:
    """Id and keys of a member to be enrolled, drawn before anything is written."""

    member_id: UUID = field(default_factory=uuid4)
    identity: Identity = field(default_factory=Identity.generate)


@dataclass(frozen=True)
class Invited:
    """A member who may join up to `expires_at` (aware UTC), by who has the line."""

    member_id: UUID
    handle: str
    display_name: str
    roles: frozenset[Role]
    line: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Wanted:
    """Whom somebody invites: a member not in the store yet, or one who has not joined."""

    actor: Certificate
    member: Member
    roles: frozenset[Role]
    is_new: bool


def invite(session: Session, handle: str, display_name: str, roles: frozenset[Role]) -> Invited:
    """Invite somebody to join under `handle`; who has not joined yet is invited again.

    Raises InvalidInput `handle_taken`, NotAllowed `may_not_vouch`, `role_missing`.
    """
    with session.store.read() as tx:
        found = wanted(session, tx, handle, display_name, roles)
        signer = asking.device(session, tx, found.actor)
    token, expires_at = send(session, signer, found)
    member = found.member
    address = str(session.store.path)
    line = InvitationLine(
        address, session.organization_id, member.id, session.root_public_key, token
    )
    return Invited(member.id, member.handle, member.display_name, roles, line.encode(), expires_at)


def newcomer(session: Session, handle: str, certified_until: date | None) -> Newcomer:
    """Return an id and new keys for who is to be enrolled here, once it is known that they may be.

    Who was invited and has not joined keeps their id. Raises as `invite` and `approve`.
    """
    membership.require_certification_ahead(session, certified_until)
    with session.store.read() as tx:
        _actor, member = _may_enrol(session, tx, require_handle(handle))
        return Newcomer() if member is None else Newcomer(member.id)


def wanted(
    session: Session,
    tx: Transaction,
    handle: str,
    display_name: str,
    roles: frozenset[Role],
    member_id: UUID | None = None,
) -> Wanted:
    """Return whom the acting member invites, once they may; raises as `invite`."""
    handle, display_name = require_handle(handle), require_name(display_name)
    actor, member = _may_enrol(session, tx, handle)
    if not may_vouch(actor.roles, frozenset(role.value for role in roles)):
        raise vouch.may_not_vouch()
    if member is None:
        new = _member(session, handle, display_name, member_id)
        return Wanted(actor, new, roles, is_new=True)
    if (member.display_name, members.roles_of(tx, member.id)) != (display_name, roles):
        raise handle_taken()
    return Wanted(actor, member, roles, is_new=False)


def send(session: Session, signer: Device, found: Wanted) -> tuple[bytes, datetime]:
    """Have the invitation recorded; return its token, which is known here alone, and its end."""
    token, expires_at = token_bytes(_TOKEN_BYTES), session.now + _GOOD_FOR
    member = found.member
    said = {
        "token_sha256": hashlib.sha256(token).hexdigest(),
        "expires_at": stamp(expires_at),
    }
    if not found.is_new:
        asking.act(session, signer, Intent(Action.DEVICE_INVITED.value, member.id, said))
        return token, expires_at
    texts = {
        "handle": Text(member.handle_salt, member.handle),
        "display_name": Text(member.display_name_salt, member.display_name),
    }
    given = {**said, "roles": sorted(role.value for role in found.roles)}
    asking.act(session, signer, Intent(Action.MEMBER_INVITED.value, member.id, given, texts))
    return token, expires_at


def _may_enrol(session: Session, tx: Transaction, handle: str) -> tuple[Certificate, Member | None]:
    """Return the acting member's certificate, and who was invited under the handle, if anybody.

    Raises NotAllowed `role_missing`, InvalidInput `handle_taken` where somebody has joined.
    """
    actor = trust.acting(session, tx)
    trust.require_role(actor, Role.COORDINATOR, Role.ORG_ADMIN)
    member = members.by_handle(tx, session.organization_id, handle)
    if member is not None and status_of(tx, member) is not MemberStatus.INVITED:
        raise handle_taken()
    return actor, member


def _member(
    session: Session, handle: str, display_name: str, member_id: UUID | None = None
) -> Member:
    return Member(
        id=member_id or uuid4(),
        organization_id=session.organization_id,
        handle=handle,
        handle_salt=names.new_salt(),
        display_name=display_name,
        display_name_salt=names.new_salt(),
        status=MemberStatus.INVITED,
        created_at=session.now,
        updated_at=session.now,
    )
