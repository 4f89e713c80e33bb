"""An assignment's state in words: its status with the day, its deadline with the distance.

Lists, the inbox, `show` and the brief share these words. Nothing here prints or decides what is
overdue.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.cli.output import Line
from assigncli.cli.output.labels import LABELS, label
from assigncli.cli.output.values import shown
from assigncli.cli.output.views import last_day
from assigncli.cli.output.words import days
from assigncli.domain.declining import DeclineReason
from assigncli.domain.lifecycle import (
    AWAITING_CONTACT,
    OPEN,
    STEP_MOMENTS,
    UNREAD,
    Priority,
    Status,
)
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.lookups.about_assignments import Summary

SOON: Final = timedelta(days=3)
"""The status of an assignment that expires within this time says so."""

STATUS: Final = {
    Status.DISPATCHED: N_("sent {when}, not read"),
    Status.DELIVERED: N_("delivered {when}, not read"),
    Status.READ: N_("read {when}, not confirmed"),
    Status.ACKNOWLEDGED: N_("read and confirmed {when}"),
    Status.CONTACT_MADE: N_("contact made {when}"),
    Status.COMPLETED: N_("completed {when}"),
    Status.RECALLED: N_("recalled {when}"),
    Status.CANCELLED: N_("cancelled {when}"),
    Status.EXPIRED: N_("expired {when}"),
}
STEP_LABEL: Final = {
    Status.PENDING: LABELS["created_at"],
    **{status: LABELS[moment] for status, moment in STEP_MOMENTS.items()},
    Status.READ: N_("Read"),
    Status.EXPIRED: N_("Expired"),
}


def decline_reason_in_words(reason: DeclineReason) -> str:
    """Return why a mentor declined, as a choice and after the fact."""
    return _("another reason") if reason is DeclineReason.OTHER else shown(reason.value)


def heading(number: int, priority: Priority, title: str) -> Line:
    """Return "Assignment 10, urgent: title", the first line about an assignment."""
    if priority is Priority.URGENT:
        return Line(_("Assignment {number}, urgent").format(number=number), title)
    return Line(_("Assignment {number}").format(number=number), title)


def status_line(found: Summary, when: Callable[[datetime], str] | None = None) -> Line:
    """Return an assignment's status and since when; `when` words the moment, by default a day."""
    said = _status_in_words(found, when or out().calendar.day_of)
    soon = expiring(found.status, found.expires_at)
    return Line(label("status"), f"{said}, {soon}" if soon and not found.expired else said)


def _status_in_words(found: Summary, when: Callable[[datetime], str]) -> str:
    """Return the status and its moment; expired once past its expiry, even before the sweep."""
    if found.expired and found.expires_at is not None:
        return _(STATUS[Status.EXPIRED]).format(when=last_day(found.expires_at))
    if found.status is Status.PENDING:
        return _("draft, not sent")
    if found.declined_at is not None and found.status in OPEN:
        said = (
            _("declined {when}, not read")
            if found.status in UNREAD
            else _("declined {when}, after reading")
        )
        return said.format(when=when(found.declined_at))
    return _(STATUS[found.status]).format(when=when(found.since))


def deadline(status: Status, contact_due_at: datetime | None) -> tuple[Line, ...]:
    """Return the last day to make contact, while that is awaited, and how long it is overdue."""
    if contact_due_at is None or status not in AWAITING_CONTACT:
        return ()
    late = delay(contact_due_at)
    said = last_day(contact_due_at)
    if late > 0:
        overdue = ngettext("{day}, {count} day overdue", "{day}, {count} days overdue", late)
        said = overdue.format(day=said, count=late)
    return (Line(label("contact_due_at"), said),)


def delay(contact_due_at: datetime) -> int:
    """Return how many days ago the last day to make contact was; 0 or less until it is over."""
    return out().calendar.days_since(out().calendar.last_day(contact_due_at))


def readable_line(expires_at: datetime) -> Line:
    """Return the last day on which the brief can be read."""
    return Line(label("expires_at"), last_day(expires_at))


def expiring(status: Status, expires_at: datetime | None) -> str | None:
    """Return "expires tomorrow" for an open assignment that ends within days; else None."""
    if expires_at is None or status not in OPEN:
        return None
    left = -out().calendar.days_since(out().calendar.last_day(expires_at))
    if not 0 <= left <= SOON.days:
        return None
    if left == 0:
        return _("expires today")
    if left == 1:
        return _("expires tomorrow")
    return _("expires in {days}").format(days=days(left))


def with_more(
    said: str, status: Status, expires_at: datetime | None, *, awaits_consent: bool = False
) -> str:
    """Return a status, and after it that it expires soon and that it needs the reader's consent."""
    consent = _("needs your consent") if awaits_consent else None
    return ", ".join(filter(None, (said, expiring(status, expires_at), consent)))


def next_line(command: str) -> Line:
    """Return "Next: command"."""
    return Line(_("Next"), command)
