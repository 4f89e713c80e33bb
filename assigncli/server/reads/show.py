"""Show one assignment's metadata and timeline, and each note to those who may read it.

Never its payload. Reads only: no private key is unlocked, and showing is not recorded.
"""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.domain.access import may_see_coordinator_notes
from assigncli.domain.actions import STEP_ACTION
from assigncli.domain.lifecycle import WITHDRAWN, Role, Status
from assigncli.lookups.about_assignments import Detail, TimelineStep, WantedAssignment
from assigncli.server import record
from assigncli.server.agreement import attempts_agree, disagreeing, timeline_agrees
from assigncli.server.notifications.reminder import reminder_of
from assigncli.server.reads import find
from assigncli.server.reads.follow import require_reader, summary_of
from assigncli.server.store import assignments, contact_attempts, members
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn


def show(turn: Turn, asked: WantedAssignment) -> Detail:
    """Return one assignment, for coordinators and, once it is sent, for its mentor.

    Internal notes are for coordinators. The note to the mentor is for the mentor and its sender,
    and None for other coordinators. Raises as `find.assignment`, and NotAllowed `role_missing`.
    """
    with turn.store.read() as tx:
        row = find.assignment(turn, tx, asked.reference)
        roles = require_reader(turn, tx, Role.COORDINATOR, Role.PEER_MENTOR)
        coordinator = Role.COORDINATOR in roles
        if not coordinator and not _is_sent_to(turn, row):
            raise find.nothing(turn, tx, asked.reference)
        steps = assignments.timeline(tx, row)
        attempts = contact_attempts.of_assignment(tx, row.id)
        names = members.names(tx, {step.actor_id for step in steps})
        return Detail(
            summary=summary_of(turn, tx, row),
            contact_deadline_days=row.contact_deadline_days,
            delivered_at=row.delivered_at,
            first_read_at=row.first_read_at,
            acknowledged_at=row.acknowledged_at,
            contact_made_at=row.contact_made_at,
            contact_attempts=tuple(each.at for each in attempts),
            completed_at=row.completed_at,
            recalled_at=row.recalled_at,
            recalled_by_user_id=row.recalled_by_user_id,
            cancelled_at=row.cancelled_at,
            cancelled_by_user_id=row.cancelled_by_user_id,
            cancel_reason=next(
                (step.reason for step in steps if step.to_status is Status.CANCELLED), None
            ),
            reminder_sent_at=row.reminder_sent_at,
            reminder=reminder_of(turn, tx, row),
            consent_required=row.consent_required,
            consent_completed_at=row.consent_completed_at,
            threshold_sequence_number=row.threshold_sequence_number,
            honorarium_tier=row.honorarium_tier,
            coordinator_notes=row.coordinator_notes if _may_see_note(turn, row) else None,
            internal_notes=row.internal_notes if coordinator else None,
            replaced_by=_replaced_by(turn, tx, row),
            timeline=tuple(
                TimelineStep(
                    step.from_status,
                    step.to_status,
                    names.get(step.actor_id, ("", ""))[1],
                    step.at,
                    step.reason,
                )
                for step in steps
            ),
            agrees=not disagreeing(turn, tx, [row])
            and timeline_agrees(turn, tx, row, steps)
            and attempts_agree(turn, tx, row, attempts),
        )


def _replaced_by(turn: Turn, tx: Transaction, row: Assignment) -> int | None:
    """Return the number of the assignment that was sent in place of this one."""
    if row.status not in WITHDRAWN:
        return None
    for entry in record.about(turn, tx, row.id, [STEP_ACTION[row.status]]):
        new = record.id_in(entry.details, "replaced_by")
        found = None if new is None else assignments.by_id(tx, turn.organization_id, new)
        if found is not None:
            return found.number
    return None


def _may_see_note(turn: Turn, row: Assignment) -> bool:
    return may_see_coordinator_notes(
        turn.member_id,
        row.recipient_user_id,
        row.dispatched_by_user_id,
        sent=row.dispatched_at is not None,
    )


def _is_sent_to(turn: Turn, row: Assignment) -> bool:
    return row.recipient_user_id == turn.member_id and row.dispatched_at is not None
