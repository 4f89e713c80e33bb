"""How a mentor's assignments read: in the inbox, the brief itself, and after each step.

The fields are what JSON has, named as in SPEC; the lines are what is said of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assigncli.cli import states, views
from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record
from assigncli.domain.lifecycle import Status
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.client.inbox import Inbox, Item
    from assigncli.client.open import Brief
    from assigncli.client.progress import Progress
    from assigncli.domain.payload import Payload

_STEP_AT: Final = {
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
            views.deadline(found.contact_due_at),
            views.expires(found.expires_at),
            Field("consent_required", _("Consent required"), found.consent_required),
            Field("consent_completed_at", _("Consent given"), found.consent_completed_at),
            Field("id", _("Id"), found.id),
        ),
        (
            states.heading(found.number, found.priority, found.title),
            Line(_("Status"), _item_status(found)),
            *states.given(_note(found.coordinator_notes)),
            *states.given(states.deadline_line(found.status, found.contact_due_at, calendar)),
            states.next_line(_item_next(found)),
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
            views.deadline(found.contact_due_at),
            views.expires(found.expires_at),
            Field("first_read_at", _("First read"), found.first_read_at),
            Field("id", _("Id"), found.id),
        ),
        (
            *person_lines(person),
            *states.given(_note(found.coordinator_notes, found.coordinator)),
            *states.given(states.deadline_line(found.status, found.contact_due_at, calendar)),
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
        return (states.next_line(said.format(command=next_command(found.status, found.number))),)
    return _next_lines(found.status, found.number)


def done(sentence: str, step: Progress) -> str:
    """Return the sentence on a step, and who is told of it where somebody is."""
    if step.told is None:
        return sentence
    told = _("{name} is told.").format(name=step.told)
    return f"{sentence} {told}"


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
    return (states.next_line(next_command(status, number)),) if status in _NEXT else ()


def _note(text: str | None, name: str | None = None) -> Line | None:
    if text is None:
        return None
    return Line(_("Note from {name}").format(name=name) if name else _("Note"), text)
