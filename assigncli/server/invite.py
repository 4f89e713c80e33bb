"""Invite a member or one more device, and let the device that has the token join.

An invitation is bound to one member. Only the approval, after the fingerprint was compared, makes a
member or adds a device; a token alone opens nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF, MemberStatus
from assigncli.domain.member_names import plain_device, require_handle, require_name
from assigncli.errors import Tampered
from assigncli.protocol.forms import moment
from assigncli.server import certification
from assigncli.server.carrying import Carrying
from assigncli.server.member import (
    require_may_vouch,
    require_no_service,
    require_not_revoked,
    subject,
)
from assigncli.server.projection import invitations as invited
from assigncli.server.projection import members as projected
from assigncli.server.projection.happening import Happening
from assigncli.server.record import record_new_key
from assigncli.server.refused import Refused
from assigncli.server.standing import status_of
from assigncli.server.store import ids, members
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.tables import Member

LONGEST: Final = timedelta(days=14)
"""The longest time between signing an invitation and its end."""


def invite_member(doing: Carrying) -> None:
    """Add a member who may join, with the roles they are to be approved for."""
    doing.require_role(*STAFF)
    _require_names(doing)
    _require_until(doing)
    tx = doing.tx
    _require_unused(doing, doing.text("handle")[1])
    roles = frozenset(doing.arguments["roles"])
    if not roles:
        raise Refused("may_not_vouch")
    happened = doing.happening(Action.MEMBER_INVITED)
    member = Member(**projected.change(happened, doing.about))
    require_may_vouch(doing, member, roles)
    tx.add(member)
    tx.flush()
    members.set_roles(tx, member.id, projected.roles(happened) or ())
    _add(doing, happened)
    doing.record([(Action.MEMBER_INVITED, member.id, {})])


def invite_device(doing: Carrying) -> None:
    """Let a member join with a device: the first if they have not joined yet, or one more."""
    is_own = doing.is_about_signer()
    if not is_own:
        doing.require_role(*STAFF)
    member = subject(doing)
    _require_until(doing)
    require_not_revoked(doing, member)
    if not is_own:
        held = certification.certificate_of(doing.turn, doing.tx, member)
        stored = frozenset(role.value for role in members.roles_of(doing.tx, member.id))
        roles = stored if held is None else held.roles
        require_no_service(roles)
        require_may_vouch(doing, member, roles)
    _add(doing, doing.happening(Action.DEVICE_INVITED))
    doing.record([(Action.DEVICE_INVITED, member.id, {})])


def join(doing: Carrying) -> None:
    """Keep the keys of a device that has the token, for approval. The token is spent."""
    doing.require_proper("device", plain_device)
    member = subject(doing)
    require_not_revoked(doing, member)
    _require_keys(doing)
    invitation = doing.invitation
    if invitation is None:
        raise AssertionError("A device joins with an invitation.")
    turn, tx = doing.turn, doing.tx
    is_first = status_of(tx, member) is not MemberStatus.ACTIVE
    happened = doing.happening(Action.DEVICE_JOINED, {"first": is_first})
    invitation.sqlmodel_update(invited.spent(happened))
    member.sqlmodel_update(projected.change(happened, member.id))
    tx.flush()
    record_new_key(turn, tx, member.id, Action.DEVICE_JOINED, member.id, first=is_first)


def _require_names(doing: Carrying) -> None:
    for field, proper in (("handle", require_handle), ("display_name", require_name)):
        doing.require_proper(field, proper)


def _require_unused(doing: Carrying, handle: str) -> None:
    """Refuse another member's handle, and an id that is in use or that the log mentions."""
    if ids.taken(doing.tx, [doing.about]):
        raise Refused("member_exists")
    if members.by_handle(doing.tx, doing.turn.organization_id, handle) is not None:
        raise Refused("handle_taken")


def _require_until(doing: Carrying) -> None:
    """Refuse an invitation that ends now or earlier, or more than 14 days after it was signed."""
    until = moment(doing.arguments["expires_at"])
    if not doing.turn.now < until <= doing.request.statement.at + LONGEST:
        raise Refused("expires_at_in_future", place=None)


def _require_keys(doing: Carrying) -> None:
    """Refuse invalid public keys: `certificate_invalid`."""
    said = doing.arguments
    try:
        PublicIdentity(bytes.fromhex(said["signing_key"]), bytes.fromhex(said["encryption_key"]))
    except Tampered:
        raise Refused("certificate_invalid") from None


def _add(doing: Carrying, happened: Happening) -> None:
    doing.tx.add(Invitation(**invited.new(happened) or {}))
    doing.tx.flush()
