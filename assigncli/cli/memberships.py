"""How members read: one sentence for what was done, and lines for what is not as usual.

The fields are what JSON has and `--full` shows, named as in SPEC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from assigncli.cli import views
from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.states import next_line
from assigncli.cli.words import count_in_words
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.locale import _, ngettext, pgettext

if TYPE_CHECKING:
    from assigncli.client.enrol import Approved
    from assigncli.client.invite import Invited
    from assigncli.server.reads.member_list import Halted, Membership
    from assigncli.server.unavailable import Open


def listed(found: Membership) -> Record:
    """One member in the list, the only place where a handle stands beside a name."""
    about = (Line(_("Name"), found.display_name), Line(_("Handle"), found.handle))
    roles = Line(_("Roles"), views.roles_in_words(found.roles))
    return Record(facts(found), (*about, roles, *_unusual(found)))


def shown(found: Membership) -> Record:
    """One member, whose name and roles the sentence before has said."""
    return Record(facts(found), _unusual(found))


def title(found: Membership) -> str:
    """Return the name and the roles."""
    return _("{name}, {roles}.").format(name=found.display_name, roles=together(found.roles))


def invited(found: Invited) -> tuple[str, Record]:
    """An invitation, until when it holds, and what the member has to run."""
    fields = (
        Field("handle", _("Handle"), found.handle),
        Field("display_name", _("Name"), found.display_name),
        views.roles(found.roles),
        Field("id", _("Id"), found.member_id),
        Field("invitation", _("Invitation"), found.line),
        Field("expires_at", _("Ends"), found.expires_at),
    )
    sentence = _("{name} is invited as {roles}, until {when}.").format(
        name=found.display_name,
        roles=together(found.roles),
        when=out().calendar.time(found.expires_at),
    )
    theirs = _("assign join with this invitation, on their own machine")
    return sentence, Record(fields, (Line(_("Next"), theirs), Line(_("Invitation"), found.line)))


def approved(found: Approved) -> tuple[str, Record]:
    """A member who has a certificate now: the roles, and the last day it holds."""
    values = {"name": found.display_name, "roles": together(found.roles)}
    if found.certified_until is None:
        return _("{name} is approved as {roles}.").format(**values), Record(given(found), ())
    day = out().calendar.day(found.certified_until)
    sentence = _("{name} is approved as {roles}, certified until {day}.")
    return sentence.format(day=day, **values), Record(given(found), ())


def enrolled(name: str, held: Iterable[Role], until: date | None, profile: str) -> str:
    """The sentences on a member whose keys and profile were made here."""
    values = {"name": name, "roles": together(held)}
    if until is None:
        said = _("{name} is enrolled as {roles}.").format(**values)
    else:
        said = _("{name} is enrolled as {roles}, certified until {day}.").format(
            day=out().calendar.day(until), **values
        )
    place = _("Keys and the profile {profile} are on this machine.").format(profile=profile)
    return f"{said} {place}"


def certified(found: Membership) -> tuple[str, Record]:
    """A renewed certification."""
    if found.certified_until is None:
        said = _("{name} is certified, without an end date.")
        return said.format(name=found.display_name), shown_as_done(found)
    said = _("{name} is certified until {day}.")
    day = out().calendar.day(found.certified_until)
    return said.format(name=found.display_name, day=day), shown_as_done(found)


def paused(found: Halted) -> str:
    """The sentence on a mentor who takes no assignments for a while."""
    member = found.member
    if member.paused_until is None:
        return _("{name} is paused without an end date.").format(name=member.display_name)
    return _("{name} is paused until {day}.").format(
        name=member.display_name, day=out().calendar.day(member.paused_until)
    )


def resumed(found: Membership) -> Record:
    """A mentor who takes assignments again, and the last day of the certification."""
    until = found.certified_until
    lines = () if until is None else (Line(_("Certified until"), out().calendar.day(until)),)
    return Record(facts(found), lines)


def shown_as_done(found: Membership) -> Record:
    """The facts about a member where the sentence says all that matters."""
    return Record(facts(found), ())


def with_open(sentence: str, found: Halted) -> str:
    """Add how many assignments are open with a member who was paused or has left."""
    count = len(found.open)
    if not count:
        return sentence
    more = (
        ngettext(
            "You still have {count} open assignment.",
            "You still have {count} open assignments.",
            count,
        )
        if found.own
        else ngettext(
            "{count} assignment is open with this mentor.",
            "{count} assignments are open with this mentor.",
            count,
        )
    )
    return f"{sentence} {more.format(count=count)}"


def halted(found: Halted) -> Record:
    """A member who was paused or has left: what is open with them, and what to do about it."""
    hint = _hint(found) if found.open else None
    return Record(
        (
            *facts(found.member),
            Field(
                "open_assignments",
                _("Open assignments"),
                len(found.open),
                count_in_words(len(found.open)),
            ),
            Field(
                "assignments",
                _("Open assignment"),
                tuple(map(opening, found.open)),
                shown=bool(found.open),
            ),
            Field("hint", _("What to do"), hint),
        ),
        (
            *(
                Line(_("Assignment {number}").format(number=each.number), each.title)
                for each in found.open
            ),
            *_advice(found, hint),
        ),
    )


def _advice(found: Halted, hint: str | None) -> tuple[Line, ...]:
    if hint is None:
        return ()
    if found.own:
        return (Line(_("What to do"), hint),)
    return (next_line("assign status"),)


def _hint(found: Halted) -> str:
    if found.own:
        return _(
            "What was sent to you stays with you. Ask your coordinator about what cannot wait."
        )
    return _("Run assign status, which says for each how to send it to another mentor.")


def opening(found: Open) -> Record:
    """An assignment that is open with a mentor, on one line where every field is shown."""
    words = _("assignment {number}").format(number=found.number)
    return Record(
        (
            Field("number", _("Number"), found.number, words),
            Field("title", _("Title"), found.title),
            views.status(found.status),
        )
    )


def together(held: Iterable[Role]) -> str:
    """Return the roles as they read in a sentence: "coordinator and administrator"."""
    words = [views.role_word(role) for role in sorted(held)]
    if not words:
        return pgettext("value", "none")
    *others, last = words
    return _("{others} and {last}").format(others=", ".join(others), last=last) if others else last


def facts(found: Membership) -> tuple[Field, ...]:
    """The facts about a member, for JSON and --full."""
    profile = found.profile
    return (
        Field("handle", _("Handle"), found.handle),
        Field("display_name", _("Name"), found.display_name),
        Field("status", _("Status"), found.status, views.member_status_word(found.status)),
        views.roles(found.roles),
        Field(
            "profile",
            _("Takes assignments"),
            profile,
            None if profile is None else _takes_assignments(found),
        ),
        Field("paused_until", _("Paused until"), found.paused_until),
        views.until(found.certified_until, said=profile is not None),
        Field("id", _("Id"), found.id),
    )


def given(found: Approved) -> tuple[Field, ...]:
    """The facts about a member who has a certificate now, for JSON and --full."""
    return (
        Field("handle", _("Handle"), found.handle),
        Field("display_name", _("Name"), found.display_name),
        views.roles(found.roles),
        views.until(found.certified_until),
        Field("certificate_id", _("Certificate"), found.certificate_id),
        Field("id", _("Id"), found.member_id),
    )


def _unusual(found: Membership) -> tuple[Line, ...]:
    """What is not as usual with a member, and the last day of a certification."""
    lines = []
    if found.status is not MemberStatus.ACTIVE:
        lines.append(Line(_("Status"), views.member_status_word(found.status)))
    elif found.profile is not None and found.profile is not ProfileStatus.ACTIVE:
        lines.append(Line(_("Takes assignments"), _takes_assignments(found)))
    if found.certified_until is not None:
        lines.append(Line(_("Certified until"), out().calendar.day(found.certified_until)))
    return tuple(lines)


def _takes_assignments(found: Membership) -> str:
    if found.profile is ProfileStatus.ACTIVE:
        return _("yes")
    if found.profile is ProfileStatus.EXPIRED:
        return _("no, the certification has lapsed")
    if found.paused_until is None:
        return _("paused without an end date")
    return _("paused until {day}").format(day=out().calendar.day(found.paused_until))
