"""`status`: what must be followed up now, urgent and late first, ten at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from assigncli.cli.frame import command, current_globals, out
from assigncli.cli.frame.arguments import LARGEST
from assigncli.cli.output import (
    Record,
    assignment_views,
    device_views,
    listing_columns,
    said,
    states,
    views,
)
from assigncli.cli.output.paging import next_page, whole_command
from assigncli.cli.output.words import LONGEST, days
from assigncli.cli.session import opened
from assigncli.domain.availability import Unavailability
from assigncli.domain.follow_up import ORDER, PAGE, FollowUp
from assigncli.errors import AssignError
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.lookups.about_assignments import (
        Attention,
        Followed,
        Reason,
        Unauthenticated,
    )


@command(
    N_(
        "Show the assignments that must be followed up now, urgent and late ones first. These are "
        "declined, unread too long, past the contact deadline, about to expire, never sent, with a "
        "mentor who takes none, or with a stuck notification. Also says if nothing can be sent "
        "today."
    )
)
def status(
    page: Annotated[
        int,
        typer.Option(
            "--page",
            min=1,
            max=LARGEST,
            help=N_("Which page; ten assignments are on each."),
        ),
    ] = 1,
) -> None:
    from assigncli.lookups.about_assignments import ATTENTION, WantedAttention

    limit = None if current_globals().json else PAGE
    with opened() as session:
        found = session.look(ATTENTION, WantedAttention(page, limit))
        out().disagreeing(found.disagreeing)
        if found.stopped is not None:
            _say_stopped(found.stopped)
        _say_openings(found)
        _say_unauthenticated(found.unauthenticated)
        for line in device_views.to_follow_up(found):
            out().text(line)
        following = None
        if found.page < found.pages:
            following = whole_command("status", page=found.page + 1)
        out().listing(
            "attention",
            _sentence(found),
            [_followed(each, session.client.member_id) for each in found.items],
            next_page(following),
            {
                "total": found.total,
                "urgent": found.urgent,
                "more": found.more,
                "dispatch_stopped": _stopped(found.stopped),
                "openings": [
                    {"display_name": each.display_name, "total": each.total}
                    for each in found.openings
                ],
                "unauthenticated": _counted(found.unauthenticated),
                **device_views.attention(found),
            },
            columns=listing_columns.FOLLOWED_UP,
        )


def _say_stopped(why: AssignError) -> None:
    message, hint = said(why)
    out().text(_("No assignment can be sent today. {why}").format(why=message))
    out().text(_("What to do: {hint}").format(hint=hint))


def _say_openings(found: Attention) -> None:
    for each in found.openings:
        said = _("{name} has opened {count} briefs within a day. Ask whether that was them.")
        out().text(said.format(name=each.display_name, count=each.total))


def _say_unauthenticated(found: Unauthenticated | None) -> None:
    """Say how many requests were refused, a line for each cause; nothing where there were none."""
    if found is None or not found.codes:
        return
    from assigncli.words.unauthenticated import by_cause

    since = out().calendar.time(found.since)
    for sentence in by_cause(found.codes):
        started = _("Since the server started on {moment}: {refused}")
        out().text(started.format(moment=since, refused=sentence))


def _counted(found: Unauthenticated | None) -> dict[str, object] | None:
    """Return it for JSON, by code."""
    if found is None:
        return None
    codes = [{"code": code, "total": total} for code, total in sorted(found.codes.items())]
    return {"since": found.since, "refused": codes}


def _stopped(why: AssignError | None) -> dict[str, str] | None:
    """Return why nothing can be sent today, for JSON."""
    if why is None:
        return None
    message, hint = said(why)
    return {"code": why.code, "message": message, "hint": hint}


def _sentence(found: Attention) -> str:
    """Return how many there are, how many are urgent, and for which reasons."""
    if not found.total:
        if found.stopped is not None:
            return _("No assignment needs follow-up.")
        return _("Nothing needs follow-up now.")
    said = _how_many(found)
    if found.total > 1:
        said = _with_parts(said, _parts(found))
    said = f"{said}."
    if found.more:
        said = f"{said} " + _("There are even more.")
    return said if found.pages == 1 else f"{said} {assignment_views.shown_here(len(found.items))}"


def _how_many(found: Attention) -> str:
    if found.urgent:
        return ngettext(
            "{count} assignment needs follow-up, and it is urgent",
            "{count} assignments need follow-up, {urgent} of them urgent",
            found.total,
        ).format(count=found.total, urgent=found.urgent)
    return ngettext(
        "{count} assignment needs follow-up", "{count} assignments need follow-up", found.total
    ).format(count=found.total)


def _with_parts(said: str, parts: Iterator[str]) -> str:
    """Add as many parts as fit on a line."""
    line, separator = said, ": "
    for part in parts:
        if len(line) + len(separator) + len(part) >= LONGEST:
            break
        line, separator = f"{line}{separator}{part}", ", "
    return line


def _parts(found: Attention) -> Iterator[str]:
    words = {
        FollowUp.DECLINED: _("{count} declined"),
        FollowUp.OVERDUE: _("{count} past the contact deadline"),
        FollowUp.UNAVAILABLE: _("{count} with a mentor who takes none"),
        FollowUp.UNREAD: _("{count} not read"),
        FollowUp.EXPIRING: _("{count} about to expire"),
        FollowUp.DRAFT: _("{count} not sent"),
        FollowUp.UNTOLD: _("{count} with a notification that failed"),
        FollowUp.UNKNOWN: _("{count} with an uncertain notification"),
    }
    told = ((kind, found.counts.get(kind, 0)) for kind in ORDER)
    return (words[kind].format(count=count) for kind, count in told if count)


def _followed(found: Followed, own: UUID) -> Record:
    codes = [_code(kind, found) for kind in ORDER if kind in found.days]
    said = ", ".join(_reasons(found))
    hint = _what_to_do(found, own)
    base = assignment_views.summary(found.summary, views.line("attention", said))
    more = {"attention": views.Said(codes, said), "hint": hint}
    return Record(
        (*views.fields(None, "attention hint", **more), *base.fields),
        (*(base.lines or ()), *views.lines(None, "hint", **more)),
    )


def _what_to_do(found: Followed, own: UUID) -> str | None:
    from assigncli.words.absence import after_decline, what_to_do

    number, reason = found.summary.number, found.unavailable
    if FollowUp.DECLINED in found.days:
        by = found.summary.dispatched_by_user_id
        return after_decline(number, None if by == own else found.summary.dispatched_by)
    if reason is None:
        return None
    return what_to_do(reason.why, reason.status, number, reason.handle)


def _code(kind: FollowUp, found: Followed) -> str:
    if kind is FollowUp.UNAVAILABLE and found.unavailable is not None:
        return found.unavailable.why.value
    return kind.value


def _reasons(found: Followed) -> Iterator[str]:
    for kind in ORDER:
        if kind in found.days:
            yield _reason(kind, found)


def _reason(kind: FollowUp, found: Followed) -> str:
    count = found.days[kind]
    say = {
        FollowUp.DECLINED: lambda: _declined(found),
        FollowUp.OVERDUE: lambda: _overdue(count),
        FollowUp.UNAVAILABLE: lambda: _unavailable(found.unavailable),
        FollowUp.UNREAD: lambda: _unread(count, late=FollowUp.OVERDUE in found.days),
        FollowUp.EXPIRING: lambda: _expiring(found),
        FollowUp.DRAFT: lambda: _draft(count),
        FollowUp.UNTOLD: lambda: _("a notification could not be sent"),
        FollowUp.UNKNOWN: lambda: _("nobody knows whether a notification arrived"),
    }
    return say[kind]()


def _declined(found: Followed) -> str:
    about = found.summary
    when = out().calendar.day_of(about.declined_at or about.since)
    if about.decline_reason is None:
        return _("declined {when}").format(when=when)
    reason = states.decline_reason_in_words(about.decline_reason)
    return _("declined {when}, {reason}").format(when=when, reason=reason)


def _overdue(count: int) -> str:
    return ngettext(
        "{count} day past the contact deadline", "{count} days past the contact deadline", count
    ).format(count=count)


def _unread(count: int, *, late: bool) -> str:
    """Return how long; if the deadline has passed too, its distance is already given."""
    return _("not read") if late else _("not read for {days}").format(days=days(count))


def _expiring(found: Followed) -> str:
    about = found.summary
    soon = states.expiring(about.status, about.expires_at)
    return soon if soon and not about.expired else _("expired")


def _draft(count: int) -> str:
    if not count:
        return _("a draft since today, not sent")
    return _("a draft for {days}, not sent").format(days=days(count))


def _unavailable(found: Reason | None) -> str:
    """Return in words why a mentor takes no assignments."""
    if found is None or found.why is Unavailability.LEFT:
        return _("the mentor has left")
    if found.why is Unavailability.LAPSED:
        return _("the certification has lapsed")
    if found.paused_until is None:
        return _("the mentor is paused without an end date")
    return _("the mentor is paused until {day}").format(day=out().calendar.day(found.paused_until))
