"""The columns of every listing's table, most five: which facts, how important, how in short.

Each listing is here once. Lines and JSON do not use this, and nothing here draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from assigncli.cli.frame import out
from assigncli.cli.output import states
from assigncli.cli.output.record import Cell, Column, Field
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
    soon = states.expiring(_value(row, "status"), _value(row, "expires_at"))
    return Cell(", ".join(filter(None, [short(row["status"]), soon])))


def _status_for_mentor(row: Row) -> Cell:
    """Return the status as in the inbox: new, about to expire, in need of consent."""
    status = _value(row, "status")
    awaits = _value(row, "consent_required") and _value(row, "consent_completed_at") is None
    said = (
        _("new") if status in NEW else short(row["status"]),
        states.expiring(status, _value(row, "expires_at")),
        _("needs your consent") if awaits else None,
    )
    return Cell(", ".join(filter(None, said)))


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


_ABOUT: Final = (Column("number", 1, _number), Column("title", 1))

ASSIGNMENTS: Final = (
    *_ABOUT,
    Column("contact_due_at", 2, _deadline),
    Column("status", 3, _status),
    Column("recipient", 4, _name_alone),
)
FOLLOWED_UP: Final = (
    *_ABOUT,
    Column("attention", 2, _attention),
    Column("recipient", 3, _name_alone),
    Column("hint", 4),
)
INBOX: Final = (
    *_ABOUT,
    Column("contact_due_at", 2, _deadline),
    Column("status", 3, _status_for_mentor),
    Column("coordinator_notes", 4, heading="theirs.coordinator_notes"),
)
TIMELINE: Final = (
    Column("at", 1, _moment),
    Column("to_status", 1, heading="timeline"),
    Column("actor", 2, _actor),
    Column("reason", 3, _reason),
)
MEMBERS: Final = (
    Column("display_name", 1),
    Column("handle", 1),
    Column("status", 2, _membership),
    Column("roles", 3),
    Column("certified_until", 4),
)
ENTRIES: Final = (
    Column("sequence", 1),
    Column("action", 1, _act),
    Column("at", 2, _moment),
    Column("subject_type", 3),
    Column("actor", 4),
)
CYCLES: Final = (
    Column("name", 1),
    Column("status", 2),
    Column("starts_on", 3),
    Column("ends_on", 3),
)
EARNINGS: Final = (
    Column("display_name", 1),
    Column("completed", 2, figure=True),
    Column("completed_since", 2, figure=True),
    Column("dispatched", 5, figure=True),
    Column("honorarium_tier", 3),
    Column("progress", 4),
)
VISITS: Final = (
    Column("display_name", 1),
    Column("visits", 2, figure=True),
    Column("in_person", 3, figure=True),
    Column("not_in_person", 4, figure=True),
    Column("not_said", 5, figure=True),
)
LEDGER: Final = (
    Column("number", 1),
    Column("kind", 1),
    Column("at", 2),
    Column("completed", 3, _completed_with_tier, heading="so_far.completed"),
    Column("dispatched", 4, heading="so_far.dispatched", figure=True),
)
SETTINGS: Final = (Column("name", 1), Column("value", 1), Column("meaning", 2))
PROFILES: Final = (
    Column("profile", 1, heading="here.profile"),
    Column("problem", 2),
    Column("keys", 3),
    Column("store", 4),
)
CHECKS: Final = (
    Column("name", 1, heading="check.name"),
    Column("finding", 1),
    Column("well", 2),
)
KEYS: Final = (
    Column("fingerprint", 1),
    Column("status", 1),
    Column("certified_until", 2),
    Column("keys", 3),
    Column("issued_at", 4),
)
