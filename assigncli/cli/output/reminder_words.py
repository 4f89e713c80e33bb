"""The words of `show` for the reminder: sent, waiting, or why nobody could get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.cli.output import Field, views
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.lookups.about_assignments import Detail, Reminder

_STATES: Final = {
    "due": N_("due; the next sweep queues it"),
    "waiting": N_("waits to be sent"),
    "sent": N_("sent"),
    "not_needed": N_("not sent; it is no longer needed"),
    "unreachable": N_("not sent; there is nowhere to send it"),
    "given_up": N_("not sent; given up"),
    "unknown": N_("nobody knows whether it arrived"),
}
_PROBLEMS: Final = {
    ("waiting", "quiet_hours"): N_("waits for the end of the quiet hours"),
    ("waiting", "unreachable"): N_(
        "not sent yet; the server could not be reached, and it is tried again"
    ),
    ("unreachable", "no_channel"): N_("not sent; the mentor has no channel for notifications"),
    ("unreachable", "recipient_revoked"): N_("not sent; the mentor is no longer a member"),
    ("unreachable", "channel_invalid"): N_(
        "not sent; the mentor's address for notifications cannot be used"
    ),
    ("given_up", "unreachable"): N_("not sent; given up, since the server could not be reached"),
    ("unknown", "notification_missing"): N_(
        "recorded, but the notification itself is missing; nobody knows whether it was sent"
    ),
}
"""The words instead if the reason is known."""


def reminder(found: Detail) -> tuple[Field, ...]:
    """Return the reminder's state. `reminder_sent_at`, when it was queued, is for JSON."""
    told = found.reminder
    state = None if told is None else told.state.value
    moment = "waiting.reminder_at" if state == "waiting" else "reminder_at"
    return views.fields(
        found,
        f"-reminder_sent_at reminder {moment} -reminder_problem",
        reminder=views.Said(state, None if told is None else _text(told)),
        reminder_at=told and told.at,
        reminder_problem=told and told.problem,
    )


def reminder_said(found: Detail) -> str | None:
    """Return the reminder's state in one line, with its moment.

    None if there is no reminder, or if it only waits for the next sweep, as is usual.
    """
    told = found.reminder
    if told is None or told.state.value == "due":
        return None
    said = _text(told)
    if told.at is None:
        return said
    when = out().calendar.time(told.at)
    if told.state.value == "waiting":
        return _("{said}, not before {when}").format(said=said, when=when)
    return _("{said} {when}").format(said=said, when=when)


def _text(told: Reminder) -> str:
    """Return the state in words, those of its problem if that has its own."""
    known = _PROBLEMS.get((told.state.value, told.problem or ""))
    return _(known or _STATES[told.state.value])
