"""Show members: one sentence for what was done, and lines for anything unusual.

The fields are those of JSON and `--full`, named as in SPEC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record, values, views
from assigncli.cli.output.states import next_line
from assigncli.cli.output.words import count_in_words
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.locale import _, ngettext, pgettext

if TYPE_CHECKING:
    from assigncli.client.approve import Approved
    from assigncli.client.invite import Invited
    from assigncli.lookups.about_assignments import Open
    from assigncli.lookups.about_members import Halted, Membership


def listed(found: Membership) -> Record:
    """Return one member for the list, the only place where a handle is beside a name."""
    about = views.lines(found, "display_name handle roles")
    return Record(facts(found), (*about, *_unusual(found)))


def shown(found: Membership) -> Record:
    """Return one member, without name and roles, which the sentence before has."""
    return Record(facts(found), _unusual(found))


def title(found: Membership) -> str:
    """Return the name and the roles."""
    return _("{name}, {roles}.").format(name=found.display_name, roles=together(found.roles))


def invited(found: Invited) -> tuple[str, Record]:
    """Return an invitation: until when it is valid, and what the member has to run."""
    sentence = _("{name} is invited as {roles}, until {when}.").format(
        name=found.display_name,
        roles=together(found.roles),
        when=out().calendar.time(found.expires_at),
    )
    theirs = _("assign join with this invitation, on their own machine")
    here = _("then here: assign member approve {handle}").format(handle=found.handle)
    return sentence, views.record(
        found,
        "handle display_name roles id invitation invitation.expires_at",
        (next_line(theirs), next_line(here), views.line("invitation", found.line)),
        id=found.member_id,
        invitation=found.line,
    )


def to_approve(name: str, roles: Iterable[Role]) -> str:
    """Return the sentence on who is to be approved, before the comparison."""
    return _("{name} is to be approved as {roles}.").format(name=name, roles=together(roles))


def approved(found: Approved) -> tuple[str, Record]:
    """Return a member who has just got a certificate: the roles, and its last day."""
    values = {"name": found.display_name, "roles": together(found.roles)}
    if found.certified_until is None:
        return _("{name} is approved as {roles}.").format(**values), Record(given(found), ())
    day = out().calendar.day(found.certified_until)
    sentence = _("{name} is approved as {roles}, certified until {day}.")
    return sentence.format(day=day, **values), Record(given(found), ())


def enrolled(name: str, held: Iterable[Role], until: date | None, profile: str) -> str:
    """Return the sentences on a member whose keys and profile were made here."""
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
    """Return a renewed certification."""
    if found.certified_until is None:
        said = _("{name} is certified, without an end date.")
        return said.format(name=found.display_name), shown_as_done(found)
    said = _("{name} is certified until {day}.")
    day = out().calendar.day(found.certified_until)
    return said.format(name=found.display_name, day=day), shown_as_done(found)


def paused(found: Halted) -> str:
    """Return the sentence on a mentor who takes no assignments for a while."""
    member = found.member
    if member.paused_until is None:
        return _("{name} is paused without an end date.").format(name=member.display_name)
    return _("{name} is paused until {day}.").format(
        name=member.display_name, day=out().calendar.day(member.paused_until)
    )


def resumed(found: Membership) -> Record:
    """Return a mentor who takes assignments again, with the certification's last day."""
    return Record(facts(found), views.lines(found, "certified_until"))


def shown_as_done(found: Membership) -> Record:
    """Return the facts about a member if the sentence says all that is important."""
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
    """Return a member who was paused or has left, the open assignments, and what to do."""
    hint = _hint(found) if found.open else None
    count = len(found.open)
    more = views.fields(
        found,
        "open_assignments open.assignments hint",
        open_assignments=views.Said(count, count_in_words(count)),
        assignments=views.Said(tuple(map(opening, found.open)), shown=bool(found.open)),
        hint=hint,
    )
    return Record(
        (*facts(found.member), *more),
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
        return (views.line("hint", hint),)
    return (next_line("assign status"),)


def _hint(found: Halted) -> str:
    if found.own:
        return _(
            "What was sent to you stays with you. Ask your coordinator about what cannot wait."
        )
    return _("Run assign status, which says for each how to send it to another mentor.")


def opening(found: Open) -> Record:
    """Return an assignment open with a mentor; one line when every field is shown."""
    words = _("assignment {number}").format(number=found.number)
    return views.record(found, "number title status", number=views.Said(found.number, words))


def together(held: Iterable[Role]) -> str:
    """Return the roles as in a sentence: "coordinator and administrator"."""
    words = [values.shown(role) for role in sorted(held)]
    if not words:
        return pgettext("value", "none")
    *others, last = words
    return _("{others} and {last}").format(others=", ".join(others), last=last) if others else last


def facts(found: Membership) -> tuple[Field, ...]:
    """Return the facts about a member, for JSON and --full."""
    is_mentor = found.profile is not None
    return views.fields(
        found,
        "handle display_name status roles profile paused_until certified_until id",
        profile=views.Said(found.profile, _takes_assignments(found) if is_mentor else None),
        certified_until=_until(found.certified_until) if is_mentor else found.certified_until,
    )


def given(found: Approved) -> tuple[Field, ...]:
    """Return the facts about a member who has just got a certificate, for JSON and --full."""
    return views.fields(
        found,
        "handle display_name roles certified_until certificate_id id",
        certified_until=_until(found.certified_until),
        id=found.member_id,
    )


def _until(day: date | None) -> views.Said:
    """Return the last day of a mentor's certification, in words even if there is none."""
    return views.Said(day, None if day else _("no end date"))


def _unusual(found: Membership) -> tuple[Line, ...]:
    """Return the lines for anything unusual about a member, and the certification's last day."""
    unusual: tuple[Line, ...] = ()
    if found.status is not MemberStatus.ACTIVE:
        unusual = views.lines(found, "status")
    elif found.profile is not None and found.profile is not ProfileStatus.ACTIVE:
        unusual = (views.line("profile", _takes_assignments(found)),)
    return (*unusual, *views.lines(found, "certified_until"))


def _takes_assignments(found: Membership) -> str:
    if found.profile is ProfileStatus.ACTIVE:
        return _("yes")
    if found.profile is ProfileStatus.EXPIRED:
        return _("no, the certification has lapsed")
    if found.paused_until is None:
        return _("paused without an end date")
    return _("paused until {day}").format(day=out().calendar.day(found.paused_until))
