"""The columns of every listing's table, most five: which facts, how important, how in short.

Each listing is here once. Lines and JSON do not use this, and nothing here draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from assigncli.cli.frame import out
from assigncli.cli.output import states
from assigncli.cli.output.facts import Cell, Field, TableColumn
from assigncli.cli.output.views import tier_word
from assigncli.cli.output.words import TOGETHER
from assigncli.domain.follow_up import FollowUp
from assigncli.domain.lifecycle import (
    AWAITING_CONTACT,
    NEW,
    MemberStatus,
    Priority,
    ProfileStatus,
)
from assigncli.locale import _, ngettext

Row = Mapping[str, Field]

_UNTIL: Final = frozenset({"contact_due_at", "expires_at"})
"""Moments that end a day: shown as the last day before them."""


def short(each: Field) -> str:
    """Return a fact's words in a table: a day in short, nothing for what is not known."""
    calendar, value = out().calendar, each.value
    if value is None and each.text is None:
        return ""
    if isinstance(value, datetime):
        if each.name in _UNTIL:
            return calendar.short_day(calendar.last_day(value))
        return calendar.short_day_of(value)
    return calendar.short_day(value) if isinstance(value, date) else out().words(each)


def _value(row: Row, name: str) -> Any:
    """Return the value of a fact; None if the row does not have it."""
    return row[name].value if name in row else None


def _number(row: Row) -> Cell:
    """Return "10, urgent", as the first line about an assignment begins."""
    number = str(_value(row, "number"))
    if _value(row, "priority") is not Priority.URGENT:
        return Cell(number)
    return Cell(_("{number}, urgent").format(number=number), alarm=True)


def _deadline(row: Row) -> Cell:
    """Return the last day to make contact, and how long it is overdue."""
    due = _value(row, "contact_due_at")
    if due is None or _value(row, "status") not in AWAITING_CONTACT:
        return Cell("")
    late, day = states.delay(due), short(row["contact_due_at"])
    if late <= 0:
        return Cell(day)
    said = ngettext("{count} day late", "{count} days late", late).format(count=late)
    return Cell(f"{day}, {said.replace(' ', TOGETHER)}", alarm=True)


def _status(row: Row) -> Cell:
    """Return the status, and that it expires soon."""
    status, expires_at = _value(row, "status"), _value(row, "expires_at")
    return Cell(states.with_more(short(row["status"]), status, expires_at))


def _status_for_mentor(row: Row) -> Cell:
    """Return the status as in the inbox: new, about to expire, in need of consent."""
    status = _value(row, "status")
    awaits = _value(row, "consent_required") and _value(row, "consent_completed_at") is None
    said = _("new") if status in NEW else short(row["status"])
    expires_at = _value(row, "expires_at")
    return Cell(states.with_more(said, status, expires_at, awaits_consent=awaits))


def _attention(row: Row) -> Cell:
    return Cell(short(row["attention"]), alarm=FollowUp.OVERDUE.value in _value(row, "attention"))


def _name_alone(row: Row) -> Cell:
    return Cell(short(row["recipient_name"]))


def _membership(row: Row) -> Cell:
    """Return the status of a member; of an active mentor, that they take no assignments."""
    takes = _value(row, "profile")
    if _value(row, "status") is not MemberStatus.ACTIVE or takes in (None, ProfileStatus.ACTIVE):
        return Cell(short(row["status"]))
    if takes is ProfileStatus.EXPIRED:
        return Cell(_("the certification has lapsed"))
    return Cell(short(row["profile"]))


def _act(row: Row) -> Cell:
    """Return the act, and the code of a refusal."""
    return Cell(", ".join(filter(None, (short(row["action"]), short(row["reason"])))))


def _actor(row: Row) -> Cell:
    return Cell(_value(row, "actor"))


def _reason(row: Row) -> Cell:
    return Cell(_value(row, "reason") or "")


def _moment(row: Row) -> Cell:
    return Cell(out().calendar.short_time(_value(row, "at")))


def _completed_with_tier(row: Row) -> Cell:
    """Return how many were completed after a ledger line, and the honorarium reached with it."""
    said, reached = short(row["completed"]), _value(row, "reached")
    if reached is None:
        return Cell(said)
    return Cell(_("{counts}; {tier} reached").format(counts=said, tier=tier_word(reached)))


_ABOUT: Final = (TableColumn("number", 1, _number), TableColumn("title", 1))

ASSIGNMENTS: Final = (
    *_ABOUT,
    TableColumn("contact_due_at", 2, _deadline),
    TableColumn("status", 3, _status),
    TableColumn("recipient", 4, _name_alone),
)
FOLLOWED_UP: Final = (
    *_ABOUT,
    TableColumn("attention", 2, _attention),
    TableColumn("recipient", 3, _name_alone),
    TableColumn("hint", 4),
)
INBOX: Final = (
    *_ABOUT,
    TableColumn("contact_due_at", 2, _deadline),
    TableColumn("status", 3, _status_for_mentor),
    TableColumn("coordinator_notes", 4, heading="theirs.coordinator_notes"),
)
TIMELINE: Final = (
    TableColumn("at", 1, _moment),
    TableColumn("to_status", 1, heading="timeline"),
    TableColumn("actor", 2, _actor),
    TableColumn("reason", 3, _reason),
)
MEMBERS: Final = (
    TableColumn("display_name", 1),
    TableColumn("handle", 1),
    TableColumn("status", 2, _membership),
    TableColumn("roles", 3),
    TableColumn("certified_until", 4),
)
ENTRIES: Final = (
    TableColumn("sequence", 1),
    TableColumn("action", 1, _act),
    TableColumn("at", 2, _moment),
    TableColumn("subject_type", 3),
    TableColumn("actor", 4),
)
CYCLES: Final = (
    TableColumn("name", 1),
    TableColumn("status", 2),
    TableColumn("starts_on", 3),
    TableColumn("ends_on", 3),
)
EARNINGS: Final = (
    TableColumn("display_name", 1),
    TableColumn("completed", 2, figure=True),
    TableColumn("completed_since", 2, figure=True),
    TableColumn("dispatched", 5, figure=True),
    TableColumn("honorarium_tier", 3),
    TableColumn("progress", 4),
)
VISITS: Final = (
    TableColumn("display_name", 1),
    TableColumn("visits", 2, figure=True),
    TableColumn("in_person", 3, figure=True),
    TableColumn("not_in_person", 4, figure=True),
    TableColumn("not_said", 5, figure=True),
)
LEDGER: Final = (
    TableColumn("number", 1),
    TableColumn("kind", 1),
    TableColumn("at", 2),
    TableColumn("completed", 3, _completed_with_tier, heading="so_far.completed"),
    TableColumn("dispatched", 4, heading="so_far.dispatched", figure=True),
)
SETTINGS: Final = (TableColumn("name", 1), TableColumn("value", 1), TableColumn("meaning", 2))
PROFILES: Final = (
    TableColumn("profile", 1, heading="here.profile"),
    TableColumn("problem", 2),
    TableColumn("keys", 3),
    TableColumn("store", 4),
)
CHECKS: Final = (
    TableColumn("name", 1, heading="check.name"),
    TableColumn("finding", 1),
    TableColumn("well", 2),
)
KEYS: Final = (
    TableColumn("device", 1),
    TableColumn("fingerprint", 2),
    TableColumn("status", 1),
    TableColumn("certified_until", 2),
    TableColumn("keys", 3),
)
