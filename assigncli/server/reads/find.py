"""Find what a user names: an assignment by number or id, a member by handle.

Reads only. Verifies nothing: `certification` and the client do.
"""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import Role, is_staff
from assigncli.domain.member_names import member_not_found, nearest_handle
from assigncli.domain.naming import (
    INBOX,
    LIST,
    ambiguous,
    archived,
    no_assignment,
    number_in,
    prefix_in,
)
from assigncli.errors import NotFound
from assigncli.lookups.about_assignments import ById, Numbered
from assigncli.server.store import assignments, members
from assigncli.server.store.tables import Assignment, Member
from assigncli.server.turn import Turn


def assignment(turn: Turn, tx: Transaction, reference: str) -> Assignment:
    """Return the assignment named by number, UUID or unique start of a UUID.

    The start of a UUID has at least four hex digits, eight if none is a letter.

    Raises NotFound `assignment_not_found` or `assignment_archived`, InvalidInput
    `assignment_ambiguous`.
    """
    number, prefix = number_in(reference), prefix_in(reference)
    if number is not None:
        found = assignments.by_number(tx, turn.organization_id, number)
        if found is not None:
            return found
        if assignments.archived_id(tx, turn.organization_id, number) is not None:
            roles = members.roles_of(tx, turn.member_id)
            raise archived(number, sees_log=is_staff(roles))
    rows = [] if prefix is None else assignments.by_prefix(tx, turn.organization_id, prefix)
    if len(rows) > 1:
        raise ambiguous()
    if not rows:
        raise nothing(turn, tx, reference)
    return rows[0]


def recorded_id(turn: Turn, tx: Transaction, reference: str) -> UUID:
    """Return the id of an assignment in the audit log, archived or not.

    Raises as `assignment`, except `assignment_archived`.
    """
    number = number_in(reference)
    found = None if number is None else assignments.archived_id(tx, turn.organization_id, number)
    return found or assignment(turn, tx, reference).id


def nothing(turn: Turn, tx: Transaction, reference: str) -> NotFound:
    """Return the error for an assignment that this organisation or this mentor does not have."""
    roles = members.roles_of(tx, turn.member_id)
    is_mentor = Role.PEER_MENTOR in roles and Role.COORDINATOR not in roles
    return no_assignment(reference, INBOX if is_mentor else LIST)


def member(turn: Turn, tx: Transaction, handle: str) -> Member:
    """Return the organisation's member with this handle; raises NotFound `member_not_found`."""
    found = members.by_handle(tx, turn.organization_id, handle.strip().lower())
    if found is None:
        known = members.handles(tx, turn.organization_id)
        raise member_not_found(nearest_handle(handle.strip().lower(), known))
    return found


def numbered(turn: Turn, asked: ById) -> Numbered:
    """Return the number of the assignment with this id."""
    with turn.store.read() as tx:
        row = assignments.by_id(tx, turn.organization_id, asked.id)
    return Numbered(None if row is None else row.number)
