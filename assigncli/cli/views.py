"""How states, roles and tiers read: labelled fields, named as in SPEC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from assigncli.cli.frame import out
from assigncli.cli.output import Field
from assigncli.domain.honorarium import Tier
from assigncli.domain.lifecycle import (
    MemberStatus,
    Priority,
    Role,
    Status,
    status_word,
)
from assigncli.locale import _, pgettext


def until(day: date | None, *, said: bool = True) -> Field:
    """The last day of a mentor's certification."""
    text = out().calendar.day(day) if day else _("no end date")
    return Field("certified_until", _("Certified until"), day, text if said else None)


def roles(held: Iterable[Role]) -> Field:
    """The roles a member holds."""
    return Field("roles", _("Roles"), sorted(held), roles_in_words(held))


def roles_in_words(held: Iterable[Role]) -> str:
    """Return the roles as they read one after the other."""
    return ", ".join(role_word(role) for role in sorted(held))


def status(found: Status) -> Field:
    """Where an assignment stands."""
    return Field("status", _("Status"), found, status_word(found))


def priority(found: Priority) -> Field:
    """How soon."""
    return Field(
        "priority",
        _("Priority"),
        found,
        {Priority.NORMAL: _("normal"), Priority.URGENT: _("urgent")}[found],
    )


def deadline(end: datetime | None) -> Field:
    """The last day to make contact; JSON has the moment from which it is overdue."""
    return Field("contact_due_at", _("Contact deadline"), end, _last_day(end))


def expires(end: datetime | None) -> Field:
    """The last day on which the brief can be read; JSON has the moment at which it expires."""
    return Field("expires_at", _("Can be read until"), end, _last_day(end))


def _last_day(end: datetime | None) -> str | None:
    calendar = out().calendar
    return None if end is None else calendar.day(calendar.last_day(end))


def tier(found: Tier) -> Field:
    """What the mentor's count in the cycle gives."""
    words = {
        Tier.NONE: pgettext("honorarium", "none"),
        Tier.STANDARD: pgettext("honorarium", "standard"),
        Tier.ELEVATED: pgettext("honorarium", "elevated"),
    }
    return Field("honorarium_tier", _("Honorarium"), found, words[found])


def role_word(role: Role) -> str:
    """Return the role in words."""
    return {
        Role.COORDINATOR: _("coordinator"),
        Role.PEER_MENTOR: _("peer mentor"),
        Role.ORG_ADMIN: _("administrator"),
        Role.SERVICE: _("service"),
    }[role]


def member_status_word(found: MemberStatus) -> str:
    """Return where a membership stands, in words."""
    return {
        MemberStatus.INVITED: _("invited"),
        MemberStatus.REQUESTED: _("waiting for approval"),
        MemberStatus.ACTIVE: pgettext("member", "active"),
        MemberStatus.REVOKED: pgettext("member", "revoked"),
    }[found]
