"""The fields of JSON documents that are about assignments, their briefs, and honoraria.

A name that means something else in another document is there with a word and a dot before it, as in
the table of labels.
"""

from __future__ import annotations

from typing import Final

from assigncli.cli.documents.field_forms import (
    COUNT,
    ID,
    LIST,
    MOMENT,
    MOMENTS,
    OBJECT,
    TEXT,
    YES_OR_NO,
    Fields,
    list_of,
    one_of,
)
from assigncli.domain.availability import Unavailability
from assigncli.domain.declining import DeclineReason
from assigncli.domain.follow_up import FollowUp
from assigncli.domain.lifecycle import Priority, Status
from assigncli.domain.tiers import LedgerKind, Tier
from assigncli.locale import N_
from assigncli.lookups.about_assignments import ReminderState

_KINDS: Final = (
    *(each for each in FollowUp if each is not FollowUp.UNAVAILABLE),
    *Unavailability,
)
NOTIFIED: Final = ("sent", "queued", "unknown", "failed", "dropped")
"""What can become of the notification that an act causes."""
ROW_DIFFERS: Final = "differs"
SEALINGS: Final = ("sealed", "was_sealed", "not_held", "ended")

_ASSIGNMENT: Fields = {
    "acknowledged_at": (MOMENT, N_("when the mentor confirmed having read it")),
    "at": (MOMENT, N_("when it was done")),
    "attempt": (COUNT, N_("how many attempts without an answer there are now")),
    "cancel_reason": (TEXT, N_("the reason given when it was cancelled")),
    "cancelled_at": (MOMENT, N_("when it was cancelled")),
    "cancelled_by_user_id": (ID, N_("the member who cancelled it")),
    "completed_at": (MOMENT, N_("when the mentor completed it")),
    "consent_completed_at": (MOMENT, N_("when the mentor consented")),
    "consent_required": (YES_OR_NO, N_("whether the mentor has to consent before it opens")),
    "contact_attempts": (MOMENTS, N_("when the mentor tried and nobody answered")),
    "contact_deadline_days": (COUNT, N_("how many days the mentor has to make contact")),
    "contact_due_at": (MOMENT, N_("when the time to make contact is over")),
    "contact_made_at": (MOMENT, N_("when the mentor recorded contact with the person")),
    "coordinator_notes": (TEXT, N_("the coordinator's note to the mentor")),
    "created_at": (MOMENT, N_("when the assignment was created")),
    "decline_reason": (one_of(*DeclineReason), N_("why the mentor declined it")),
    "declined_at": (MOMENT, N_("when the mentor declined it")),
    "delivered_at": (MOMENT, N_("when it was first in the mentor's inbox")),
    "disclosed": (YES_OR_NO, N_("whether the mentor had read it, so that it is disclosed")),
    "dispatched_at": (MOMENT, N_("when it was sent to the mentor")),
    "dispatched_by": (TEXT, N_("the name of the coordinator who sent it")),
    "dispatched_by_user_id": (ID, N_("the id of the coordinator who sent it")),
    "expires_at": (MOMENT, N_("when the brief can no longer be read")),
    "first_read_at": (MOMENT, N_("when the mentor first opened the brief")),
    "honorarium_tier": (one_of(*Tier), N_("the honorarium that its number leads to")),
    "id": (ID, N_("the id of the assignment")),
    "internal_notes": (TEXT, N_("a note that only coordinators see")),
    "notification": (one_of(*NOTIFIED), N_("what became of the mentor's notification")),
    "number": (COUNT, N_("the number by which people name the assignment")),
    "overdue": (YES_OR_NO, N_("whether the contact deadline has passed without contact")),
    "priority": (one_of(*Priority), N_("how soon it has to be done")),
    "recalled_at": (MOMENT, N_("when it was recalled")),
    "recalled_by_user_id": (ID, N_("the member who recalled it")),
    "recipient": (TEXT, N_("the handle of the mentor")),
    "recipient_name": (TEXT, N_("the name of the mentor")),
    "recipient_user_id": (ID, N_("the id of the mentor")),
    "reminder": (one_of(*ReminderState), N_("how far the mentor's reminder is")),
    "reminder_at": (MOMENT, N_("when the reminder was sent, or the earliest time for it")),
    "reminder_problem": (TEXT, N_("why the reminder was not sent, as a code")),
    "reminder_sent_at": (MOMENT, N_("when the reminder was queued")),
    "replaced_by": (COUNT, N_("the number of the assignment sent in its place")),
    "replaced_id": (ID, N_("the id of the assignment that it replaces")),
    "replaced_number": (COUNT, N_("the number of the assignment that it replaces")),
    "status": (one_of(*Status), N_("how far the assignment is")),
    "step.actor": (TEXT, N_("the name of who took the step")),
    "step.at": (MOMENT, N_("when the step was taken")),
    "step.reason": (TEXT, N_("the reason that was given for the step")),
    "step.to_status": (one_of(*Status), N_("the status that the step led to")),
    "subject_reference": (TEXT, N_("the case id or initials given with it")),
    "text_version": (TEXT, N_("the version of the consent text that was accepted")),
    "threshold_sequence_number": (
        COUNT,
        N_("which of the mentor's assignments in the cycle it is"),
    ),
    "timeline": (LIST, N_("each step that was taken, oldest first")),
    "title": (TEXT, N_("the title, which has no personal data")),
    "was_dispatched": (YES_OR_NO, N_("whether it had been sent; false for a draft")),
}
_BRIEF: Fields = {
    "address": (TEXT, N_("the person's street address")),
    "city": (TEXT, N_("the person's city or post town")),
    "full_name": (TEXT, N_("the person's full name")),
    "medical_summary": (TEXT, N_("the person's medical summary")),
    "phone": (TEXT, N_("the person's telephone number")),
    "postal_code": (TEXT, N_("the person's postal code, with leading zeros")),
    "practical_notes": (TEXT, N_("practical notes for the visit")),
}
_LISTS: Fields = {
    "assignments": (LIST, N_("the assignments that are shown")),
    "after": (COUNT, N_("the value of --after for the next page; null on the last page")),
    "attention": (LIST, N_("the assignments to follow up, urgent and late ones first")),
    "before": (COUNT, N_("the value of --before for the next page; null on the last page")),
    "by_nobody": (YES_OR_NO, N_("whether no device of anybody opens it any more")),
    "dispatch_stopped": (OBJECT, N_("why nothing can be sent today; null when all can")),
    "followed.attention": (list_of(*_KINDS), N_("the reasons to follow it up")),
    "followed.hint": (TEXT, N_("what to do where the mentor takes no assignments")),
    "more": (YES_OR_NO, N_("whether there are even more than were counted")),
    "next": (TEXT, N_("the whole command for the next page; null on the last page")),
    "openings": (LIST, N_("members who have opened very many briefs within a day")),
    "openings.total": (COUNT, N_("how many briefs the member has opened")),
    "refused": (LIST, N_("how many requests were refused, for each code")),
    "refused.total": (COUNT, N_("how many were refused with the code")),
    "since": (MOMENT, N_("when the server started to count")),
    "status.keys": (LIST, N_("keys that wait for a comparison by telephone")),
    "stopped.code": (TEXT, N_("the code of the error that sending would give")),
    "stopped.hint": (TEXT, N_("what to do so that assignments can be sent")),
    "stopped.message": (TEXT, N_("why no assignment can be sent today")),
    "total": (COUNT, N_("how many there are in all; null where they are not counted")),
    "unauthenticated": (OBJECT, N_("requests that the server refused unread; null without one")),
    "unreadable": (LIST, N_("sent assignments that no device of the mentor opens")),
    "unverified": (LIST, N_("assignments left out, because a signature does not fit")),
    "unverified.code": (TEXT, N_("the code of what is wrong with the assignment")),
    "urgent": (COUNT, N_("how many of them are urgent")),
}
_SHEET: Fields = {
    "code": (TEXT, N_("the code of what is wrong with the row")),
    "column": (TEXT, N_("the sheet's own name of the column; null for the whole row")),
    "good": (COUNT, N_("how many rows can be sent")),
    "made.status": (
        one_of(*Status, ROW_DIFFERS),
        N_("how far the row's assignment is, or differs"),
    ),
    "new": (YES_OR_NO, N_("whether this run made the assignment")),
    "problems": (LIST, N_("each problem of the sheet; null without one")),
    "row": (COUNT, N_("the row of the spreadsheet")),
    "row.message": (TEXT, N_("what is wrong with the row, in one sentence")),
    "rows": (LIST, N_("the rows that were taken, in the sheet's order")),
    "rows_checked.rows": (COUNT, N_("how many rows were checked")),
    "sheet.dispatch_stopped": (TEXT, N_("why nothing can be sent today, as a code")),
}
_HONORARIUM: Fields = {
    "completed": (COUNT, N_("how many assignments were completed in the cycle")),
    "completed_from_earlier": (COUNT, N_("how many of those were sent in another cycle")),
    "completed_since": (COUNT, N_("how many were completed since the last export")),
    "cycles": (LIST, N_("the cycles of the report, each with its totals")),
    "dispatched": (COUNT, N_("how many assignments of the cycle were sent and count")),
    "dispatched_since": (COUNT, N_("how many were sent since the last export")),
    "earned.honorarium_tier": (one_of(*Tier), N_("the honorarium earned so far")),
    "elevated_from": (COUNT, N_("completed assignments that give the elevated honorarium")),
    "elevated_reached_at": (MOMENT, N_("when the elevated honorarium was earned")),
    "elevated_reached_number": (COUNT, N_("the assignment that earned the elevated honorarium")),
    "exported_at": (MOMENT, N_("when the cycle's figures were last exported")),
    "format": (one_of("csv", "json", "xlsx"), N_("the format of the file")),
    "in_person": (COUNT, N_("how many of them were visits in person")),
    "line.at": (MOMENT, N_("when the entry of the ledger was made")),
    "line.completed": (COUNT, N_("how many were completed, after the entry")),
    "line.dispatched": (COUNT, N_("how many were sent and count, after the entry")),
    "line.dispatched_in": (TEXT, N_("the cycle in which it was sent, if it is another")),
    "line.in_person": (YES_OR_NO, N_("whether the completed visit was in person")),
    "line.kind": (one_of(*LedgerKind), N_("what happened with the assignment")),
    "line.reached": (one_of(*Tier), N_("the honorarium earned by that entry")),
    "lines": (LIST, N_("the entries of the ledger, oldest first")),
    "mentors": (LIST, N_("the mentors, in Norwegian alphabetical order")),
    "mentors_elevated": (COUNT, N_("how many mentors have the elevated honorarium")),
    "mentors_none": (COUNT, N_("how many mentors have no honorarium")),
    "mentors_standard": (COUNT, N_("how many mentors have the standard honorarium")),
    "next_tier": (one_of(*Tier), N_("the next honorarium; null after the last")),
    "not_in_person": (COUNT, N_("how many of them were not in person")),
    "not_said": (COUNT, N_("of how many it is not known whether they were in person")),
    "figures.output": (TEXT, N_("the file that the figures were written to")),
    "reached_since": (one_of(*Tier), N_("the honorarium earned since the last export")),
    "recorded": (YES_OR_NO, N_("whether this counts as the last export from now on")),
    "remaining": (COUNT, N_("completed assignments left to the next honorarium")),
    "reporting_cycle": (TEXT, N_("the name of the reporting cycle")),
    "standard_from": (COUNT, N_("completed assignments that give the standard honorarium")),
    "standard_reached_at": (MOMENT, N_("when the standard honorarium was earned")),
    "standard_reached_number": (COUNT, N_("the assignment that earned the standard honorarium")),
    "visits": (COUNT, N_("how many assignments were completed in all")),
    "written.rows": (COUNT, N_("how many rows were written to the file")),
}
_OPEN_ONES: Fields = {
    "open.assignments": (LIST, N_("what is open with the mentor")),
    "open_assignments": (COUNT, N_("how many assignments are open with the mentor")),
    "outcome": (one_of(*SEALINGS), N_("what became of the assignment's key")),
    "read_before": (COUNT, N_("how many of the readable ones had been read before")),
    "readable": (COUNT, N_("how many open assignments the new key can read")),
    "resealed.assignments": (LIST, N_("each open assignment, and what became of it")),
    "resealed.open_assignments": (COUNT, N_("how many assignments are open")),
    "still.readable": (YES_OR_NO, N_("whether another device of anybody opens it")),
    "lost.assignments": (LIST, N_("the open assignments that the device could open")),
    "was_read": (YES_OR_NO, N_("whether the mentor has opened it")),
    "erased.assignments": (LIST, N_("the assignments that were erased, as they were before")),
    "erased_at": (MOMENT, N_("when they were erased")),
    "is_archived": (YES_OR_NO, N_("whether it had been archived")),
}
ASSIGNMENT_FIELDS: Final[Fields] = {
    **_ASSIGNMENT,
    **_BRIEF,
    **_LISTS,
    **_SHEET,
    **_HONORARIUM,
    **_OPEN_ONES,
}
