"""How results read: each action's frozen result as labelled fields, named as in SPEC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from assigncli.cli.output import Field, Record
from assigncli.cli.reminder_words import reminder
from assigncli.cli.words import day_in_words
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
    from assigncli.actions.dispatch import Dispatched
    from assigncli.actions.draft import Created
    from assigncli.actions.follow import Summary
    from assigncli.actions.inbox import Item
    from assigncli.actions.membership import Halted, Membership
    from assigncli.actions.show import Detail, TimelineStep
    from assigncli.actions.unavailable import Open


def created(found: Created) -> Record:
    """A new or changed draft."""
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("id", _("Id"), found.id),
            Field("title", _("Title"), found.title),
            Field("recipient", _("Mentor"), found.recipient, _named(found)),
            status(found.status),
        )
    )


def dispatched(found: Dispatched, told: Field) -> Record:
    """A dispatched assignment; `told` is what came of notifying its mentor."""
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("id", _("Id"), found.id),
            Field("title", _("Title"), found.title),
            Field("recipient", _("Mentor"), found.recipient, _named(found)),
            status(found.status),
            priority(found.priority),
            Field("dispatched_at", _("Dispatched"), found.dispatched_at),
            Field("contact_due_at", _("Contact due before"), found.contact_due_at),
            Field("expires_at", _("Expires"), found.expires_at),
            Field(
                "threshold_sequence_number",
                _("Number in the mentor's cycle"),
                found.threshold_sequence_number,
            ),
            tier(found.honorarium_tier),
            told,
        )
    )


def item(found: Item) -> Record:
    """One assignment in a mentor's inbox."""
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("title", _("Title"), found.title),
            status(found.status),
            priority(found.priority),
            Field("dispatched_by", _("From"), found.coordinator),
            Field("coordinator_notes", _("Note from the coordinator"), found.coordinator_notes),
            Field("dispatched_at", _("Dispatched"), found.dispatched_at),
            Field("contact_due_at", _("Contact due before"), found.contact_due_at),
            Field("expires_at", _("Expires"), found.expires_at),
            Field("consent_required", _("Consent required"), found.consent_required),
            Field("consent_completed_at", _("Consent given"), found.consent_completed_at),
            Field("id", _("Id"), found.id),
        )
    )


def summary(found: Summary) -> Record:
    """One assignment in a list."""
    return Record(
        (
            Field("number", _("Number"), found.number),
            Field("title", _("Title"), found.title),
            Field("subject_reference", _("Reference"), found.subject_reference),
            Field("status", _("Status"), found.status, _standing(found)),
            priority(found.priority),
            Field(
                "recipient",
                _("Mentor"),
                found.recipient,
                f"{found.recipient_name}, {found.recipient}",
            ),
            Field("dispatched_by", _("Coordinator"), found.dispatched_by),
            Field("created_at", _("Created"), found.created_at),
            Field("dispatched_at", _("Dispatched"), found.dispatched_at),
            Field("contact_due_at", _("Contact due before"), found.contact_due_at),
            Field("overdue", _("Overdue for contact"), found.overdue, heard=found.overdue),
            Field("expires_at", _("Expires"), found.expires_at),
            Field("id", _("Id"), found.id),
        )
    )


def detail(found: Detail) -> Record:
    """One assignment's metadata and timeline."""
    more = (
        Field("contact_deadline_days", _("Days to make contact"), found.contact_deadline_days),
        Field("delivered_at", _("Delivered"), found.delivered_at),
        Field("first_read_at", _("First read"), found.first_read_at),
        Field("acknowledged_at", _("Acknowledged"), found.acknowledged_at),
        Field("contact_made_at", _("Contact made"), found.contact_made_at),
        Field("completed_at", _("Completed"), found.completed_at),
        Field("recalled_at", _("Recalled"), found.recalled_at),
        Field("cancelled_at", _("Cancelled"), found.cancelled_at),
        *reminder(found),
        Field("consent_required", _("Consent required"), found.consent_required),
        Field("consent_completed_at", _("Consent given"), found.consent_completed_at),
        Field(
            "threshold_sequence_number",
            _("Number in the mentor's cycle"),
            found.threshold_sequence_number,
        ),
        tier(found.honorarium_tier),
        Field("coordinator_notes", _("Note to the mentor"), found.coordinator_notes),
        Field("internal_notes", _("Internal note"), found.internal_notes),
        Field("timeline", _("Step"), tuple(map(timeline_step, found.timeline))),
    )
    return Record(summary(found.summary).fields + more)


def timeline_step(found: TimelineStep) -> Record:
    """One step of the timeline, heard as one line."""
    return Record(
        (
            Field("to_status", _("Status"), found.to_status, status_word(found.to_status)),
            Field("at", _("At"), found.at),
            Field("actor", _("By"), found.actor, _("by {name}").format(name=found.actor)),
            Field(
                "reason",
                _("Reason"),
                found.reason,
                None if found.reason is None else _("reason: {reason}").format(reason=found.reason),
            ),
        )
    )


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
                heard=bool(found.open),
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
    text = day_in_words(day) if day else _("no end")
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


def _standing(found: Summary) -> str:
    word = status_word(found.status)
    if found.expired and found.status is not Status.EXPIRED:
        return _("{status}, past its expiry").format(status=word)
    return word


def _named(found: Created | Dispatched) -> str:
    return f"{found.recipient_name}, {found.recipient}"
