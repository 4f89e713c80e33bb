"""How assignments read: in lists and the inbox, one by one, and what came of an act on one.

The fields are what JSON has, named as in SPEC; the lines are what is said of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assigncli.cli import states, views
from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.reminder_words import reminder, reminder_said
from assigncli.domain.lifecycle import TERMINAL, Status, status_word
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.actions.dispatch import Dispatched
    from assigncli.actions.draft import Created
    from assigncli.actions.follow import Page, Summary
    from assigncli.actions.inbox import Inbox, Item
    from assigncli.actions.progress import Progress
    from assigncli.actions.read import Brief
    from assigncli.actions.show import Detail, TimelineStep
    from assigncli.actions.withdraw import Withdrawn
    from assigncli.domain.payload import Payload

_ACTED: tuple[Status, ...] = (
    Status.PENDING,
    Status.DISPATCHED,
    Status.RECALLED,
    Status.CANCELLED,
)
"""The steps of which it is said who took them; the others are the mentor's, or of the clock."""

_STEP_AT = {
    Status.ACKNOWLEDGED: "acknowledged_at",
    Status.CONTACT_MADE: "contact_made_at",
    Status.COMPLETED: "completed_at",
}
"""The column that each of the mentor's steps after reading sets."""

_NEXT = {
    Status.DISPATCHED: "assign open {number}",
    Status.DELIVERED: "assign open {number}",
    Status.READ: "assign ack {number}",
    Status.ACKNOWLEDGED: "assign contact {number}",
    Status.CONTACT_MADE: "assign complete {number}",
}
"""What the mentor does next."""


def mentor(found: Created | Dispatched | Summary | Withdrawn) -> tuple[Field, ...]:
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
        (next_line(f"assign dispatch {found.number}"),),
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
            Field("contact_due_at", _("Contact overdue from"), found.contact_due_at),
            Field("expires_at", _("Expires"), found.expires_at),
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
            *_given(deadline),
            states.readable_line(found.expires_at, calendar),
        ),
    )


def listed(page: Page) -> str:
    """The sentence before a page of a list: how many there are, and how many are shown."""
    shown = len(page.items)
    if page.total is None:
        said = _("More than {count} assignments, newest first.").format(count=1000)
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
            Field("contact_due_at", _("Contact overdue from"), found.contact_due_at),
            Field("overdue", _("Overdue for contact"), found.overdue, shown=found.overdue),
            Field("expires_at", _("Expires"), found.expires_at),
            Field("id", _("Id"), found.id),
        ),
        (
            states.heading(found.number, found.priority, found.title),
            *status,
            Line(_("Mentor"), found.recipient_name),
            *(() if lines or found.expired else _given(deadline)),
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
        *(() if about.expired else _given(due)),
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


def inbox_sentence(found: Inbox) -> str:
    """How many assignments a mentor has, how many are new, and how many of those are urgent."""
    if not found.total:
        return _("No assignments for you.")
    said = ngettext(
        "{count} assignment for you.", "{count} assignments for you.", found.total
    ).format(count=found.total)
    return f"{said} {_news(found)}".strip()


def _news(found: Inbox) -> str:
    if found.new and found.new_urgent:
        return ngettext(
            "{count} is new and urgent.", "{count} are new, {urgent} of them urgent.", found.new
        ).format(count=found.new, urgent=found.new_urgent)
    if found.new:
        return ngettext("{count} is new.", "{count} are new.", found.new).format(count=found.new)
    return ""


def item(found: Item) -> Record:
    """One assignment in a mentor's inbox."""
    calendar = out().calendar
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("title", _("Title"), found.title),
            views.status(found.status),
            views.priority(found.priority),
            Field("dispatched_by", _("From"), found.coordinator),
            Field("dispatched_by_user_id", _("Coordinator's id"), found.dispatched_by_user_id),
            Field("coordinator_notes", _("Note from the coordinator"), found.coordinator_notes),
            Field("dispatched_at", _("Sent"), found.dispatched_at),
            Field("contact_due_at", _("Contact overdue from"), found.contact_due_at),
            Field("expires_at", _("Expires"), found.expires_at),
            Field("consent_required", _("Consent required"), found.consent_required),
            Field("consent_completed_at", _("Consent given"), found.consent_completed_at),
            Field("id", _("Id"), found.id),
        ),
        (
            states.heading(found.number, found.priority, found.title),
            Line(_("Status"), _item_status(found)),
            *_given(_note(found.coordinator_notes)),
            *_given(states.deadline_line(found.status, found.contact_due_at, calendar)),
            next_line(_item_next(found)),
        ),
    )


def _awaits_consent(found: Item) -> bool:
    return found.consent_required and found.consent_completed_at is None


def _item_status(found: Item) -> str:
    calendar = out().calendar
    if found.status in (Status.DISPATCHED, Status.DELIVERED):
        said = _("new from {name} {day}").format(
            name=found.coordinator, day=calendar.day_of(found.dispatched_at)
        )
    else:
        said = _(states.STATUS[found.status]).format(when=calendar.day_of(found.since))
    more = (
        states.expiring(found.status, found.expires_at, calendar),
        _("needs your consent") if _awaits_consent(found) else None,
    )
    return ", ".join([said, *(each for each in more if each)])


def _item_next(found: Item) -> str:
    if _awaits_consent(found):
        return f"assign consent {found.number}"
    return next_command(found.status, found.number)


def brief(found: Brief) -> Record:
    """The person, and what the mentor needs for the visit."""
    person = found.payload
    calendar = out().calendar
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("title", _("Title"), found.title),
            views.priority(found.priority),
            Field("dispatched_by", _("From"), found.coordinator),
            Field("dispatched_by_user_id", _("Coordinator's id"), found.dispatched_by_user_id),
            Field("coordinator_notes", _("Note from the coordinator"), found.coordinator_notes),
            Field("full_name", _("Name"), person.full_name),
            Field("address", _("Address"), person.address),
            Field("postal_code", _("Postal code"), person.postal_code),
            Field("city", _("City"), person.city),
            Field("phone", _("Telephone"), person.phone),
            Field("medical_summary", _("Medical summary"), person.medical_summary),
            Field("practical_notes", _("Practical"), person.practical_notes),
            Field("contact_due_at", _("Contact overdue from"), found.contact_due_at),
            Field("expires_at", _("Expires"), found.expires_at),
            Field("first_read_at", _("First read"), found.first_read_at),
            Field("id", _("Id"), found.id),
        ),
        (
            *person_lines(person),
            *_given(_note(found.coordinator_notes, found.coordinator)),
            *_given(states.deadline_line(found.status, found.contact_due_at, calendar)),
            states.readable_line(found.expires_at, calendar),
            *_after_reading(found),
        ),
    )


def person_lines(person: Payload) -> tuple[Line, ...]:
    """The person: who, how to call, where, what to know; an address of one line is one line."""
    place = f"{person.postal_code} {person.city}"
    lines = (
        (_("Name"), person.full_name),
        (_("Telephone"), person.phone),
        (_("Address"), f"{person.address}, {place}"),
        (_("Medical summary"), person.medical_summary),
        (_("Practical"), person.practical_notes),
    )
    return tuple(Line(label, text) for label, text in lines if text)


def _after_reading(found: Brief) -> tuple[Line, ...]:
    if found.status is Status.READ:
        said = _("{command}, when you have read it all")
        return (next_line(said.format(command=next_command(found.status, found.number))),)
    return _next_lines(found.status, found.number)


def step(done: Progress) -> Record:
    """What a mentor's step led to, and the next one."""
    return Record(
        (
            Field("number", _("Number"), done.number),
            Field("id", _("Id"), done.id),
            Field("title", _("Title"), done.title),
            views.status(done.status),
            Field("at", _("At"), done.at, shown=False),
            Field(_STEP_AT[done.status], _(states.STEP_LABEL[done.status]), done.at),
        ),
        _next_lines(done.status, done.number),
    )


def next_command(status: Status, number: int) -> str:
    """Return the whole command of the mentor's next step."""
    return _NEXT[status].format(number=number)


def _next_lines(status: Status, number: int) -> tuple[Line, ...]:
    """Return the line with the mentor's next step, where there is one."""
    return (next_line(next_command(status, number)),) if status in _NEXT else ()


def next_line(command: str) -> Line:
    """Return "Next: command"."""
    return Line(_("Next"), command)


def _note(text: str | None, name: str | None = None) -> Line | None:
    if text is None:
        return None
    return Line(_("Note from {name}").format(name=name) if name else _("Note"), text)


def _given(line: Line | None) -> Iterable[Line]:
    return () if line is None else (line,)


def _standing(found: Summary) -> str:
    word = status_word(found.status)
    if found.expired and found.status is not Status.EXPIRED:
        return _("{status}, past its expiry").format(status=word)
    return word
