"""The status of a membership, from the audit log.

The status in a member's row is a copy for the database's guards and is never trusted: a wrong one
locks nobody out and lets nobody in. No signature is verified here: `certification` checks the
entries and the certificate behind them.
"""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.domain.actions import STANDING, Action
from assigncli.domain.lifecycle import MemberStatus
from assigncli.server.store import audit_log
from assigncli.server.store.founding import founding
from assigncli.server.store.tables import Member

DIFFERS = "member_status_differs"


def status_of(tx: Transaction, member: Member) -> MemberStatus:
    """Return the status of the membership: active or revoked, by the last entry about it.

    The founder and the service are active from the founding on. Before any such entry, a member is
    requested if they have keys, and invited if not.
    """
    last = audit_log.last_action(tx, member.organization_id, member.id, STANDING)
    if last is None:
        founded = founding(tx, member.organization_id)
        if founded is not None and member.id in founded.given:
            return MemberStatus.ACTIVE
        return MemberStatus.INVITED if member.signing_key is None else MemberStatus.REQUESTED
    return MemberStatus.REVOKED if last == Action.MEMBER_REVOKED else MemberStatus.ACTIVE


def is_active(tx: Transaction, member: Member | None) -> bool:
    """Return whether this is a member, approved and not revoked."""
    return member is not None and status_of(tx, member) is MemberStatus.ACTIVE


def differs(tx: Transaction, member: Member) -> bool:
    """Return whether the status in the row differs from the log's."""
    return member.status is not status_of(tx, member)
