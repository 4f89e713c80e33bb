"""Reassign: send an open assignment to another mentor under a new number, and end the old one.

One statement in one transaction: there is no moment at which two mentors can read the brief, and
none at which nobody can.
"""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.server import batch
from assigncli.server.carrying import Carrying
from assigncli.server.refused import Expires, Refused, by_code
from assigncli.server.step import is_due_to_expire
from assigncli.server.store.tables import Assignment
from assigncli.server.withdraw import end_early, was_read


def reassign(doing: Carrying) -> None:
    """Create and dispatch the new assignment; recall the old one, or cancel it where it was read.

    The argument `read` is whether the signer was shown the old one as read.
    """
    old = _own_and_open(doing)
    target = Status.CANCELLED if doing.arguments["read"] else Status.RECALLED
    with by_code(status=old.status.value):
        require_move(old.status, target, old.number)
    (new,) = batch.create_and_dispatch_rows(doing, 1)
    if str(new.id) != doing.arguments["new"]:
        raise Refused("manifest_invalid", place=None)
    end_early(doing, old, target, {"replaced_by": str(new.id)})


def _own_and_open(doing: Carrying) -> Assignment:
    """Return the assignment, sent by the signer, as it was when they were shown it."""
    batch.require_coordinator(doing)
    row = doing.assignment()
    if row.dispatched_by_user_id != doing.actor.member:
        raise Refused("not_your_assignment", assignment=None)
    if doing.arguments["number"] != row.number:
        raise Refused("number_differs")
    if is_due_to_expire(row, doing.turn):
        raise Expires(row.id)
    if row.status is Status.EXPIRED:
        raise Refused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE)
    if row.status is Status.PENDING:  # a draft is edited: it has no mentor yet
        raise Refused(Rule.VALID_STATUS_TRANSITION, status=row.status.value)
    if doing.arguments["read"] != was_read(row):
        raise Refused("changed_meanwhile")
    return row
