"""How members and their states read: labelled fields, named as in SPEC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from assigncli.cli.frame import out
from assigncli.cli.output import Field, Record
from assigncli.domain.honorarium import Tier
from assigncli.domain.lifecycle import (
    MemberStatus,
    Priority,
    ProfileStatus,
    Role,
    Status,
    status_word,
)
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.actions.membership import Membership


def membership(found: Membership) -> Record:
    """One member."""
    return Record(
        (
            Field("handle", _("Handle"), found.handle),
            Field("display_name", _("Name"), found.display_name),
            Field("status", _("Status"), found.status, member_status_word(found.status)),
            roles(found.roles),
            Field(
                "profile",
                _("Profile"),
                found.profile,
                None if found.profile is None else profile_word(found.profile),
            ),
            Field("paused_until", _("Paused until and with"), found.paused_until),
            until(found.certified_until) if found.profile else until(None, said=False),
            Field("id", _("Id"), found.id),
        )
    )


def until(day: date | None, *, said: bool = True) -> Field:
    """The last day of a mentor's certification."""
    text = out().calendar.day(day) if day else _("no end")
    return Field("certified_until", _("Certified until and with"), day, text if said else None)


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


def tier(found: Tier) -> Field:
    """What the mentor's count in the cycle gives."""
    words = {
        Tier.NONE: _("none"),
        Tier.STANDARD: _("standard"),
        Tier.ELEVATED: _("elevated"),
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
        MemberStatus.ACTIVE: _("active"),
        MemberStatus.REVOKED: _("revoked"),
    }[found]


def profile_word(found: ProfileStatus) -> str:
    """Return whether a mentor takes assignments, in words."""
    return {
        ProfileStatus.ACTIVE: _("active"),
        ProfileStatus.PAUSED: _("paused"),
        ProfileStatus.EXPIRED: _("certification lapsed"),
    }[found]
