"""Erase an assignment, and record what was exported about a member or shown to a person visited.

An erased assignment moves to the archive at once, where none of its texts is kept. Its steps, and
what they count in the honorarium ledger, stay.
"""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import TERMINAL, Role
from assigncli.lookups.about_log import Fact
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.texts import Text
from assigncli.server import endings, step
from assigncli.server.carrying import Carrying
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import keys as register
from assigncli.server.projection import steps
from assigncli.server.record import record
from assigncli.server.refused import Refused
from assigncli.server.store import assignments, due, erasing, keys, members
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.erasing import Kept
from assigncli.server.store.tables import Assignment

MEMBER = "member"


def erase(doing: Carrying) -> None:
    """Erase an assignment that has ended; its share is deleted after the commit.

    Raises Refused, and Tampered `ending_unsigned` where no signed entry says that it has ended.
    """
    doing.require_role(Role.ORG_ADMIN)
    turn, tx = doing.turn, doing.tx
    row = _row(doing)
    if doing.arguments["number"] != row.number:
        raise Refused("number_differs")
    if row.status not in TERMINAL:
        raise Refused("assignment_open")
    if isinstance(row, ArchivedAssignment) and row.erased_at is not None:
        raise Refused("changed_meanwhile")
    course = endings.course(turn, tx, row.id)
    end, key_id = course.end(), course.key_id
    facts: dict[str, Fact] = {"number": row.number, "encryption_key": str(key_id)}
    happened = step.happening(turn, doing.actor, Action.ASSIGNMENT_ERASED, row.id, facts)
    keys.write(tx, register.change(happened, key_id))
    if isinstance(row, Assignment):
        due.archive(tx, row, projected.archived(end.at, happened.at, happened.at))
        erasing.empty_reasons(tx, doing.about, steps.ARCHIVED)
    else:
        _require_as_signed(course, row)
        erasing.empty(tx, row, projected.erased(happened.at))
    record(turn, tx, doing.actor, Action.ASSIGNMENT_ERASED, doing.about, **facts)
    if _may_have_share(tx, key_id):
        doing.dead.append(key_id)


def _row(doing: Carrying) -> Kept:
    """Return the assignment that the statement is about, live or archived, or raise Refused."""
    tx, organization = doing.tx, doing.turn.organization_id
    live = assignments.by_id(tx, organization, doing.about)
    row = live or assignments.archived(tx, organization, doing.about)
    if row is None:
        raise Refused("assignment_not_found")
    return row


def _may_have_share(tx: Transaction, key_id: UUID) -> bool:
    key = keys.by_id(tx, key_id)
    return key is None or key.shredded_at is None


def export(doing: Carrying) -> None:
    """Record that what is held about a member, or who looked at a person's brief, was given out."""
    doing.require_role(Role.ORG_ADMIN)
    organization = doing.turn.organization_id
    if doing.arguments["kind"] == MEMBER:
        if members.by_id(doing.tx, organization, doing.about) is None:
            raise Refused("member_not_found")
    elif doing.about != organization:
        raise Refused("member_not_found")
    record(doing.turn, doing.tx, doing.actor, Action.PRIVACY_EXPORTED, doing.about)


def _require_as_signed(course: endings.Course, row: ArchivedAssignment) -> None:
    """Refuse an archived assignment with another title or reference than the log's manifest.

    Only the archive has these, so that the client cannot verify whom it is about. Raises Tampered
    `assignment_altered`.
    """
    try:
        signed = Manifest.decode(row.manifest_body).texts
        kept = {
            name: Text(getattr(row, f"{name}_salt"), getattr(row, name) or "").digest()
            for name in ("title", "subject_reference")
        }
    except (ValueError, TypeError, AttributeError):
        raise endings.assignment_altered() from None
    is_named = Manifest.digest(row.manifest_body).hex() == course.manifest_hash
    if not is_named or any(signed[name] != digest for name, digest in kept.items()):
        raise endings.assignment_altered()
