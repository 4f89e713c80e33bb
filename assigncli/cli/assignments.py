"""How assignments read to a coordinator: in lists, one by one, and after an act on one.

The fields are what JSON has, named as in SPEC; the lines are what is said of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli import states, views
from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.reminder_words import reminder, reminder_said
from assigncli.domain.lifecycle import TERMINAL, Status, status_word
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.client.create import Created
    from assigncli.client.dispatch import Dispatched
    from assigncli.client.ending import Ending
    from assigncli.client.open import Brief
    from assigncli.server.reads.follow import Page, Summary
    from assigncli.server.reads.show import Detail, TimelineStep

_ACTED: tuple[Status, ...] = (
    Status.PENDING,
    Status.DISPATCHED,
    Status.RECALLED,
    Status.CANCELLED,
)
"""The steps of which it is said who took them; the others are the mentor's, or of the clock."""


def mentor(found: Created | Dispatched | Summary | Ending) -> tuple[Field, ...]:
    """The mentor: handle, id and name, which are one line where every field is shown."""
    named = f"{found.recipient_name}, {found.recipient}"
    return (
        Field("recipient", _("Mentor"), found.recipient, named),
        Field("recipient_user_id", _("Mentor's id"), found.recipient_user_id),
        Field("recipient_name", _("Mentor's name"), found.recipient_name, shown=False),
    )


def created(found: Created) -> Record:
    """A new or changed draft."""
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("id", _("Id"), found.id),
            Field("title", _("Title"), found.title),
            *mentor(found),
            views.status(found.status),
        ),
        (states.next_line(f"assign dispatch {found.number}"),),
    )


def dispatched(found: Dispatched, told: Field | None) -> Record:
    """A dispatched assignment; `told` is what came of notifying its mentor."""
    calendar = out().calendar
    news = () if told is None else (told,)
    deadline = states.deadline_line(found.status, found.contact_due_at, calendar)
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("id", _("Id"), found.id),
            Field("title", _("Title"), found.title),
            *mentor(found),
            views.status(found.status),
            views.priority(found.priority),
            Field("dispatched_at", _("Sent"), found.dispatched_at),
            views.deadline(found.contact_due_at),
            views.expires(found.expires_at),
            Field(
                "threshold_sequence_number",
                _("Number in the mentor's cycle"),
                found.threshold_sequence_number,
            ),
            views.tier(found.honorarium_tier),
            *news,
        ),
        (
            *(Line(each.label, each.text or "") for each in news),
            *states.given(deadline),
            states.readable_line(found.expires_at, calendar),
        ),
    )


def listed(page: Page) -> str:
    """The sentence before a page of a list: how many there are, and how many are shown."""
    shown = len(page.items)
    if page.total is None:
        said = _("More than {count} assignments, newest first.").format(count=page.at_least)
    elif page.total == 0:
        return _("No assignments.")
    else:
        said = ngettext(
            "{count} assignment.", "{count} assignments, newest first.", page.total
        ).format(count=page.total)
    return said if page.total == shown else f"{said} {shown_here(shown)}"


def shown_here(count: int) -> str:
    """The sentence on a page that is not all there is."""
    return _("Shown here: {count}.").format(count=count)


def title(found: Summary | Brief) -> str:
    """The first line of what is about one assignment: "Assignment 10, urgent: its title"."""
    line = states.heading(found.number, found.priority, found.title)
    return f"{line.label}: {line.text}"


def summary(found: Summary, *lines: Line) -> Record:
    """One assignment in a list; `lines` are said in place of its status and deadline."""
    calendar = out().calendar
    deadline = states.deadline_line(found.status, found.contact_due_at, calendar)
    status = lines or (states.status_line(found, calendar),)
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("title", _("Title"), found.title),
            Field("subject_reference", _("Reference"), found.subject_reference),
            Field("status", _("Status"), found.status, _standing(found)),
            views.priority(found.priority),
            *mentor(found),
            Field("dispatched_by", _("Coordinator"), found.dispatched_by),
            Field("dispatched_by_user_id", _("Coordinator's id"), found.dispatched_by_user_id),
            Field("created_at", _("Created"), found.created_at),
            Field("dispatched_at", _("Sent"), found.dispatched_at),
            views.deadline(found.contact_due_at),
            Field("overdue", _("Overdue for contact"), found.overdue, shown=found.overdue),
            views.expires(found.expires_at),
            Field("id", _("Id"), found.id),
        ),
        (
            states.heading(found.number, found.priority, found.title),
            *status,
            Line(_("Mentor"), found.recipient_name),
            *(() if lines or found.expired else states.given(deadline)),
        ),
    )


def detail(found: Detail) -> Record:
    """One assignment's metadata and timeline."""
    more = (
        Field("contact_deadline_days", _("Days to make contact"), found.contact_deadline_days),
        Field("delivered_at", _("Delivered"), found.delivered_at),
        Field("first_read_at", _("First read"), found.first_read_at),
        Field("acknowledged_at", _("Confirmed"), found.acknowledged_at),
        Field("contact_made_at", _("Contact made"), found.contact_made_at),
        Field("completed_at", _("Completed"), found.completed_at),
        Field("recalled_at", _("Recalled"), found.recalled_at),
        Field("recalled_by_user_id", _("Recalled by, id"), found.recalled_by_user_id),
        Field("cancelled_at", _("Cancelled"), found.cancelled_at),
        Field("cancelled_by_user_id", _("Cancelled by, id"), found.cancelled_by_user_id),
        Field("cancel_reason", _("Reason"), found.cancel_reason),
        *reminder(found),
        Field("consent_required", _("Consent required"), found.consent_required),
        Field("consent_completed_at", _("Consent given"), found.consent_completed_at),
        Field(
            "threshold_sequence_number",
            _("Number in the mentor's cycle"),
            found.threshold_sequence_number,
        ),
        views.tier(found.honorarium_tier),
        Field("coordinator_notes", _("Note to the mentor"), found.coordinator_notes),
        Field("internal_notes", _("Internal note"), found.internal_notes),
        Field("timeline", _("Step"), tuple(map(timeline_step, found.timeline))),
    )
    return Record(summary(found.summary).fields + more, _detail_lines(found))


def _detail_lines(found: Detail) -> tuple[Line, ...]:
    about, calendar = found.summary, out().calendar
    due = states.deadline_line(about.status, about.contact_due_at, calendar)
    labelled = (
        (_("Reference"), about.subject_reference),
        (_("Consent"), _consent(found)),
        (_("Note to the mentor"), found.coordinator_notes),
        (_("Internal note"), found.internal_notes),
        (_("Reminder"), reminder_said(found)),
    )
    return (
        states.status_line(about, calendar, calendar.time),
        *(() if about.expired else states.given(due)),
        Line(_("Mentor"), about.recipient_name),
        *(
            (states.readable_line(about.expires_at, calendar),)
            if about.expires_at and not about.expired and about.status not in TERMINAL
            else ()
        ),
        *(Line(label, text) for label, text in labelled if text),
        *map(_step_line, found.timeline),
    )


def _consent(found: Detail) -> str | None:
    if not found.consent_required:
        return None
    if found.consent_completed_at is None:
        return _("required, not given")
    return _("given {when}").format(when=out().calendar.time(found.consent_completed_at))


def _step_line(found: TimelineStep) -> Line:
    said = out().calendar.time(found.at)
    if found.to_status in _ACTED:
        said = _("{when} by {name}").format(when=said, name=found.actor)
    if found.reason is not None:
        said = _("{said}. Reason: {reason}").format(said=said, reason=found.reason)
    return Line(_(states.STEP_LABEL[found.to_status]), said)


def timeline_step(found: TimelineStep) -> Record:
    """One step of the timeline, on one line where every field is shown."""
    return Record(
        (
            Field("to_status", _("Status"), found.to_status, _(states.STEP_LABEL[found.to_status])),
            Field("at", _("At"), found.at),
            Field("actor", _("By"), found.actor, _("by {name}").format(name=found.actor)),
            Field(
                "reason",
                _("Reason"),
                found.reason,
                None if found.reason is None else _("reason: {reason}").format(reason=found.reason),
            ),
        )
    )


def _standing(found: Summary) -> str:
    word = status_word(found.status)
    if found.expired and found.status is not Status.EXPIRED:
        return _("{status}, past its expiry").format(status=word)
    return word
