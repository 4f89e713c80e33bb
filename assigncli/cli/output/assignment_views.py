"""Show assignments to a coordinator: in lists, one by one, and after an act on one.

The fields are those of JSON, named as in SPEC; the lines are shown to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record, states, views
from assigncli.domain.lifecycle import TERMINAL, Status, status_word
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.client.create import Created
    from assigncli.client.dispatch import Dispatched
    from assigncli.client.ending import Ending
    from assigncli.client.open import Brief
    from assigncli.client.reassign import Reassigned
    from assigncli.client.withdraw import Withdrawn
    from assigncli.lookups.about_assignments import AssignmentPage, Detail, Summary, TimelineStep

_ACTED: tuple[Status, ...] = (
    Status.PENDING,
    Status.DISPATCHED,
    Status.RECALLED,
    Status.CANCELLED,
)
"""The steps shown with the person who took them; the others are the mentor's, or the clock's."""
_MENTOR = "recipient recipient_user_id recipient_name"
"""Handle, id and name of the mentor; one line when every field is shown."""
ABOUT = f"number id title {_MENTOR} status"
"""The facts in the answer to an act on an assignment."""


def mentor(found: Created | Dispatched | Summary | Ending) -> dict[str, views.Said]:
    """Return the mentor's handle, shown as name and handle, and the name, which only JSON has."""
    name = found.recipient_name
    return {
        "recipient": views.Said(found.recipient, f"{name}, {found.recipient}"),
        "recipient_name": views.Said(name, shown=False),
    }


def created(found: Created) -> Record:
    """Return the record of a new or changed draft."""
    following = (states.next_line(f"assign dispatch {found.number}"),)
    return views.record(found, ABOUT, following, **mentor(found))


def dispatched(found: Dispatched, told: Field) -> tuple[str, Record]:
    """Return sentence and record of a sent assignment; `told` is the mentor's notification."""
    sentence = _("Assignment {number} is sent to {name}.").format(
        number=found.number, name=found.recipient_name
    )
    names = (
        f"{ABOUT} priority dispatched_at contact_due_at expires_at threshold_sequence_number"
        " honorarium_tier"
    )
    return sentence, Record(
        (*views.fields(found, names, **mentor(found)), told),
        (
            Line(told.label, told.text or ""),
            *states.deadline(found.status, found.contact_due_at),
            states.readable_line(found.expires_at),
        ),
    )


def reassigned(done: Reassigned, told: Field) -> tuple[str, Record]:
    """Return sentence and record of an assignment sent in place of another."""
    sentence, record = dispatched(done.sent, told)
    old = done.ended.ending
    if old.disclosed:
        ended = _("Assignment {number} is cancelled. {name} has read it; treat it as disclosed.")
    else:
        ended = _("Assignment {number} is recalled. {name} had not read it.")
    said = ended.format(number=old.number, name=old.recipient_name)
    fields = views.fields(
        old,
        "disclosed -replaced_number replaced_id",
        replaced_number=old.number,
        replaced_id=old.id,
    )
    return f"{sentence} {said}", Record((*record.fields, *fields), record.lines)


def listed(page: AssignmentPage) -> str:
    """Return the sentence before a page of a list: how many there are, and how many are shown."""
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
    """Return the sentence for a page that does not show everything."""
    return _("Shown here: {count}.").format(count=count)


def title(found: Summary | Brief) -> str:
    """Return the first line about one assignment: "Assignment 10, urgent: its title"."""
    line = states.heading(found.number, found.priority, found.title)
    return f"{line.label}: {line.text}"


def summary(found: Summary, *lines: Line) -> Record:
    """Return one assignment in a list; `lines` replace its status and deadline."""
    deadline = states.deadline(found.status, found.contact_due_at)
    return views.record(
        found,
        f"number title subject_reference status priority {_MENTOR} dispatched_by"
        " dispatched_by_user_id created_at dispatched_at contact_due_at overdue expires_at"
        " declined_at decline_reason id",
        (
            states.heading(found.number, found.priority, found.title),
            *(lines or (states.status_line(found), *_declined_line(found))),
            *views.lines(found, "recipient", recipient=found.recipient_name),
            *(() if lines or found.expired else deadline),
        ),
        status=views.Said(found.status, _standing(found)),
        **mentor(found),
        overdue=views.Said(found.overdue, shown=found.overdue),
        decline_reason=views.Said(found.decline_reason, _decline_reason(found)),
    )


def _declined_line(found: Summary) -> tuple[Line, ...]:
    if found.status in TERMINAL or found.expired:
        return ()
    return views.lines(found, "decline_reason", decline_reason=_decline_reason(found))


def _decline_reason(found: Summary) -> str | None:
    return found.decline_reason and states.decline_reason_in_words(found.decline_reason)


def detail(found: Detail) -> Record:
    """Return one assignment's metadata and timeline."""
    from assigncli.cli.output.reminder_words import reminder

    reached = (
        "contact_deadline_days delivered_at first_read_at acknowledged_at contact_made_at"
        " contact_attempts completed_at recalled_at recalled_by_user_id cancelled_at"
        " cancelled_by_user_id cancel_reason replaced_by"
    )
    more = (
        "consent_required consent_completed_at threshold_sequence_number honorarium_tier"
        " coordinator_notes internal_notes timeline"
    )
    return Record(
        (
            *summary(found.summary).fields,
            *views.fields(found, reached),
            *reminder(found),
            *views.fields(found, more, timeline=tuple(map(timeline_step, found.timeline))),
        ),
        _detail_lines(found),
        tuple(map(_step_line, found.timeline)),
    )


def _detail_lines(found: Detail) -> tuple[Line, ...]:
    from assigncli.cli.output.reminder_words import reminder_said

    about = found.summary
    return (
        states.status_line(about, out().calendar.time),
        *_declined_line(about),
        *(() if about.expired else states.deadline(about.status, about.contact_due_at)),
        *views.lines(about, "recipient", recipient=about.recipient_name),
        *(
            (states.readable_line(about.expires_at),)
            if about.expires_at and not about.expired and about.status not in TERMINAL
            else ()
        ),
        *views.lines(
            found,
            "subject_reference consent coordinator_notes internal_notes contact_attempts"
            " declined_at reminder replaced_by",
            subject_reference=about.subject_reference,
            consent=_consent(found),
            contact_attempts=_attempts(found),
            declined_at=_declined(about),
            reminder=reminder_said(found),
            replaced_by=_replaced_by(found),
        ),
    )


def _replaced_by(found: Detail) -> str | None:
    if found.replaced_by is None:
        return None
    return _("assignment {number}").format(number=found.replaced_by)


def _consent(found: Detail) -> str | None:
    if not found.consent_required:
        return None
    if found.consent_completed_at is None:
        return _("required, not given")
    return _("given {when}").format(when=out().calendar.time(found.consent_completed_at))


def _attempts(found: Detail) -> str | None:
    """Return how often nobody answered, and when last; None where nobody tried in vain."""
    count = len(found.contact_attempts)
    if not count:
        return None
    return ngettext("{count} attempt, {when}", "{count} attempts, the last {when}", count).format(
        count=count, when=out().calendar.time(found.contact_attempts[-1])
    )


def _declined(found: Summary) -> str | None:
    """Return when the mentor declined what has ended since, and why; the status says it before."""
    if found.declined_at is None or _declined_line(found):
        return None
    when = out().calendar.time(found.declined_at)
    return _("{when}, {reason}").format(when=when, reason=_decline_reason(found))


def _step_line(found: TimelineStep) -> Line:
    said = out().calendar.time(found.at)
    if found.to_status in _ACTED:
        said = _("{when} by {name}").format(when=said, name=found.actor)
    if found.reason is not None:
        said = _("{said}. Reason: {reason}").format(said=said, reason=found.reason)
    return Line(_(states.STEP_LABEL[found.to_status]), said)


def timeline_step(found: TimelineStep) -> Record:
    """Return one step of the timeline; one line when every field is shown."""
    reason = found.reason and _("reason: {reason}").format(reason=found.reason)
    return views.record(
        found,
        "to_status at actor reason",
        to_status=views.Said(found.to_status, _(states.STEP_LABEL[found.to_status])),
        actor=views.Said(found.actor, _("by {name}").format(name=found.actor)),
        reason=views.Said(found.reason, reason),
    )


def _standing(found: Summary) -> str:
    word = status_word(found.status)
    if found.expired and found.status is not Status.EXPIRED:
        return _("{status}, past its expiry").format(status=word)
    if found.declined_at is not None and found.status not in TERMINAL:
        return _("{status}, declined").format(status=word)
    return word


_ENDED = {
    Status.RECALLED: "recalled_at recalled_by_user_id",
    Status.CANCELLED: "cancelled_at cancelled_by_user_id cancel_reason",
}
"""When it ended, by whom and why, under the columns' names; `at` is for either."""


def withdrawn(done: Withdrawn, told: tuple[Field, ...]) -> Record:
    """Return a recalled or cancelled assignment; `told` is the mentor's notification, if any."""
    about = views.fields(
        done.ending,
        f"{ABOUT} was_dispatched disclosed -at {_ENDED[done.status]}",
        status=done.status,
        at=done.at,
        recalled_at=done.at,
        recalled_by_user_id=done.by_user_id,
        cancelled_at=done.at,
        cancelled_by_user_id=done.by_user_id,
        cancel_reason=done.reason,
        **mentor(done.ending),
    )
    return Record((*about, *told), tuple(Line(each.label, each.text or "") for each in told))
