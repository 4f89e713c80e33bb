"""Show a mentor's assignments: in the inbox, the brief itself, and after each step.

The fields are those of JSON, named as in SPEC; the lines are shown to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli.frame import out
from assigncli.cli.output import Line, Record, states, views
from assigncli.domain.lifecycle import NEW, STEP_MOMENTS, Status
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.client.contact import Unanswered
    from assigncli.client.decline import DeclinedAssignment
    from assigncli.client.inbox import Inbox, Item
    from assigncli.client.mentor_step import StepTaken
    from assigncli.client.open import Brief
    from assigncli.domain.payload import Payload

_NEXT = {
    Status.DISPATCHED: "assign open {number}",
    Status.DELIVERED: "assign open {number}",
    Status.READ: "assign ack {number}",
    Status.ACKNOWLEDGED: "assign contact {number}",
    Status.CONTACT_MADE: "assign complete {number}",
}
"""The command for the mentor's next step."""


_FROM = "theirs.dispatched_by dispatched_by_user_id theirs.coordinator_notes"
"""The sender, and the note to the mentor, with the labels for mentors."""


def inbox_sentence(found: Inbox) -> str:
    """Return how many assignments a mentor has, how many are new, and how many of those urgent."""
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
    """Return one assignment in a mentor's inbox."""
    return views.record(
        found,
        f"number title status priority {_FROM} dispatched_at contact_due_at expires_at"
        " consent_required consent_completed_at id",
        (
            states.heading(found.number, found.priority, found.title),
            views.line("status", _item_status(found)),
            *_note(found.coordinator_notes),
            *states.deadline(found.status, found.contact_due_at),
            states.next_line(_item_next(found)),
        ),
        dispatched_by=found.coordinator,
    )


def _awaits_consent(found: Item) -> bool:
    return found.consent_required and found.consent_completed_at is None


def _item_status(found: Item) -> str:
    calendar = out().calendar
    if found.status in NEW:
        said = _("new from {name} {day}").format(
            name=found.coordinator, day=calendar.day_of(found.dispatched_at)
        )
    else:
        said = _(states.STATUS[found.status]).format(when=calendar.day_of(found.since))
    return states.with_more(
        said, found.status, found.expires_at, awaits_consent=_awaits_consent(found)
    )


def next_of(found: Item) -> str:
    """Return the line with the next step on one assignment, which a table has no column for."""
    line = states.next_line(_item_next(found))
    return f"{line.label}: {line.text}"


def _item_next(found: Item) -> str:
    if _awaits_consent(found):
        return f"assign consent {found.number}"
    return next_command(found.status, found.number)


def brief(found: Brief) -> Record:
    """Return the person, and what the mentor needs for the visit."""
    person = found.payload
    about = views.fields(found, f"number title priority {_FROM}", dispatched_by=found.coordinator)
    names = "full_name address postal_code city phone medical_summary practical_notes"
    return Record(
        (
            *about,
            *views.fields(person, names),
            *views.fields(found, "contact_due_at expires_at first_read_at id"),
        ),
        (
            *person_lines(person),
            *_note(found.coordinator_notes, found.coordinator),
            *states.deadline(found.status, found.contact_due_at),
            states.readable_line(found.expires_at),
            *_after_reading(found),
        ),
    )


def person_lines(person: Payload) -> tuple[Line, ...]:
    """Return the person's lines: name, phone, address, notes; a one-line address stays one line."""
    return views.lines(
        person,
        "full_name phone address medical_summary practical_notes",
        address=f"{person.address}, {person.postal_code} {person.city}",
    )


def _after_reading(found: Brief) -> tuple[Line, ...]:
    if found.status is Status.READ:
        said = _("{command}, when you have read it all")
        return (states.next_line(said.format(command=next_command(found.status, found.number))),)
    return _next_lines(found.status, found.number)


def done(sentence: str, step: StepTaken) -> str:
    """Return the sentence on a step, and who is notified of it if somebody is."""
    if step.told is None:
        return sentence
    told = _("{name} is told.").format(name=step.told)
    return f"{sentence} {told}"


def step(done: StepTaken) -> Record:
    """Return the result of a mentor's step, and the next one."""
    reached = STEP_MOMENTS[done.status]
    following = _next_lines(done.status, done.number)
    return views.record(
        done, f"number id title status -at {reached}", following, **{reached: done.at}
    )


def unanswered(tried: Unanswered) -> Record:
    """Return the result of an attempt without an answer; the next step is as before."""
    following = _next_lines(tried.status, tried.number)
    return views.record(tried, "number id title status attempt at", following)


def declined(done: DeclinedAssignment, *, again: bool = False) -> tuple[str, Record]:
    """Return sentence and record of a decline; `again` where nothing was done this time."""
    if again:
        said = _("You have already declined assignment {number}.")
    elif done.disclosed:
        said = _("You have declined assignment {number}. You have read it; keep it to yourself.")
    else:
        said = _(
            "You have declined assignment {number}. You had not opened it, so its content is "
            "unknown to you."
        )
    sentence = said.format(number=done.number)
    lines = views.lines(done, "decline_reason", decline_reason=_reason(done)) if again else ()
    if done.told and not again:
        told = _("{name} is told.").format(name=done.coordinator)
        sentence = f"{sentence} {told}"
    elif not done.told:
        call = _("call {name}, who gets no message").format(name=done.coordinator)
        lines = (*lines, states.next_line(call))
    names = "number id title status declined_at decline_reason disclosed"
    reason = views.Said(done.decline_reason, _reason(done))
    return sentence, views.record(done, names, lines, decline_reason=reason)


def _reason(done: DeclinedAssignment) -> str | None:
    return done.decline_reason and states.decline_reason_in_words(done.decline_reason)


def next_command(status: Status, number: int) -> str:
    """Return the whole command of the mentor's next step."""
    return _NEXT[status].format(number=number)


def _next_lines(status: Status, number: int) -> tuple[Line, ...]:
    """Return the line with the mentor's next step, if there is one."""
    return (states.next_line(next_command(status, number)),) if status in _NEXT else ()


def _note(text: str | None, name: str | None = None) -> tuple[Line, ...]:
    if text is None:
        return ()
    return (Line(_("Note from {name}").format(name=name) if name else _("Note"), text),)
