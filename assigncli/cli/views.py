"""How members and their states read: labelled fields, named as in SPEC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record
from assigncli.domain.honorarium import Tier
from assigncli.domain.lifecycle import (
    MemberStatus,
    Priority,
    ProfileStatus,
    Role,
    Status,
    status_word,
)
from assigncli.locale import _, pgettext

if TYPE_CHECKING:
    from assigncli.actions.membership import Halted, Membership
    from assigncli.actions.unavailable import Open


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
            Field("paused_until", _("Paused until"), found.paused_until),
            until(found.certified_until) if found.profile else until(None, said=False),
            Field("id", _("Id"), found.id),
        ),
        (
            Line(_("Name"), found.display_name),
            Line(_("Handle"), found.handle),
            *membership_lines(found),
        ),
    )


def membership_lines(found: Membership) -> tuple[Line, ...]:
    """What is said of a member beside the name: the roles, and what is not as usual."""
    lines = [Line(_("Roles"), roles_in_words(found.roles))]
    if found.status is not MemberStatus.ACTIVE:
        lines.append(Line(_("Status"), member_status_word(found.status)))
    elif found.profile is not None and found.profile is not ProfileStatus.ACTIVE:
        lines.append(Line(_("Takes assignments"), _availability(found)))
    if found.certified_until is not None:
        lines.append(Line(_("Certified until"), out().calendar.day(found.certified_until)))
    return tuple(lines)


def _availability(found: Membership) -> str:
    if found.profile is ProfileStatus.EXPIRED:
        return _("no, the certification has lapsed")
    if found.paused_until is None:
        return _("no, paused without an end date")
    return _("no, paused until {day}").format(day=out().calendar.day(found.paused_until))


def halted(found: Halted) -> Record:
    """A member who was paused or has left, and what is open with them."""
    hint = None
    if found.open:
        hint = (
            _("What was sent to you stays with you. Ask your coordinator about what cannot wait.")
            if found.own
            else _("Run assign status, which says for each how to send it to another mentor.")
        )
    return Record(
        (
            *membership(found.member).fields,
            Field("open_assignments", _("Open assignments"), len(found.open)),
            Field(
                "assignments",
                _("Open assignment"),
                tuple(map(opening, found.open)),
                shown=bool(found.open),
            ),
            Field("hint", _("What to do"), hint),
        )
    )


def opening(found: Open) -> Record:
    """An assignment that is open with a mentor, heard as one line."""
    return Record(
        (
            Field(
                "number",
                _("Number"),
                found.number,
                _("assignment {number}").format(number=found.number),
            ),
            Field("title", _("Title"), found.title),
            status(found.status),
        )
    )


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
        MemberStatus.ACTIVE: _("active"),
        MemberStatus.REVOKED: pgettext("member", "revoked"),
    }[found]


def profile_word(found: ProfileStatus) -> str:
    """Return whether a mentor takes assignments, in words."""
    return {
        ProfileStatus.ACTIVE: _("active"),
        ProfileStatus.PAUSED: _("paused"),
        ProfileStatus.EXPIRED: _("certification lapsed"),
    }[found]
