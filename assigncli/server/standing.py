"""Where a membership stands, as the audit log says.

The status in the member's row is a copy that the database's guards go by. It is never believed: one
that says otherwise locks nobody out and lets nobody in. That the entries are signed, and the
certificate behind them good, is for `certification`; here is no cryptography.
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
    """Return where the membership stands.

    Active or revoked as the last entry about it says; founder and service are active from the
    founding on. Before the first, requested with keys and invited without.
    """
    last = audit_log.last_action(tx, member.organization_id, member.id, STANDING)
    if last is None:
        founded = founding(tx, member.organization_id)
        if founded is not None and member.id in founded.given:
            return MemberStatus.ACTIVE
        return MemberStatus.INVITED if member.signing_key is None else MemberStatus.REQUESTED
    return MemberStatus.REVOKED if last == Action.MEMBER_REVOKED else MemberStatus.ACTIVE


def is_active(tx: Transaction, member: Member | None) -> bool:
    """Say whether this is a member, approved and not revoked."""
    return member is not None and status_of(tx, member) is MemberStatus.ACTIVE


def differs(tx: Transaction, member: Member) -> bool:
    """Say whether the row says otherwise than the log."""
    return member.status is not status_of(tx, member)
