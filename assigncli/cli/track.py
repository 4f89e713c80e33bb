"""`list`, `show` and `status`: follow assignments without touching their content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from assigncli.cli import views
from assigncli.cli.arguments import LARGEST, NumberArgument
from assigncli.cli.frame import command, out
from assigncli.cli.output import Field, Record
from assigncli.cli.session import opened
from assigncli.cli.words import day_in_words
from assigncli.domain.availability import Unavailability
from assigncli.domain.lifecycle import Priority, Status
from assigncli.errors import AssignError
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.actions.follow import Attention, Summary
    from assigncli.actions.unavailable import Reason


@command(N_("List assignments, newest first. The content is never shown here."))
def list_(
    status: Annotated[
        list[Status] | None,
        typer.Option("--status", help=N_("Only those that stand here; may be given again.")),
    ] = None,
    mentor: Annotated[
        str | None,
        typer.Option("--mentor", metavar=N_("HANDLE"), help=N_("Only those of this mentor.")),
    ] = None,
    priority: Annotated[
        Priority | None, typer.Option("--priority", help=N_("Only those of this priority."))
    ] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help=N_("Only those overdue for contact."))
    ] = False,
    unacknowledged: Annotated[
        bool,
        typer.Option("--unacknowledged", help=N_("Only those sent and not acknowledged.")),
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, help=N_("How many at most."))
    ] = 20,
    before: Annotated[
        int | None,
        typer.Option(
            "--before", min=1, max=LARGEST, help=N_("Only numbers below this, for the next page.")
        ),
    ] = None,
) -> None:
    from assigncli.actions import follow

    wanted = follow.Wanted(
        statuses=tuple(status or ()),
        mentor=mentor,
        priority=priority,
        overdue=overdue,
        unacknowledged=unacknowledged,
    )
    with opened() as session:
        page = follow.list_page(session, wanted, before=before, limit=limit)
        count = len(page.items)
        sentence = ngettext("{count} assignment.", "{count} assignments.", count)
        footer = None
        if page.before is not None:
            footer = _("There are more. For the next page, add {option}.").format(
                option=f"--before {page.before}"
            )
        out().listing(
            "assignments",
            sentence.format(count=count),
            [views.summary(item) for item in page.items],
            footer,
            {"before": page.before},
        )


@command(N_("Show one assignment and its timeline. The content is never shown here."))
def show(number: NumberArgument) -> None:
    from assigncli.actions import show as action

    with opened() as session:
        found = action.show(session, number)
        out().result(
            _("Assignment {number}.").format(number=found.summary.number), views.detail(found)
        )


@command(
    N_(
        "Say what needs attention now: a mentor paused or gone, unread too long, overdue for "
        "contact, about to expire, drafts never sent, notifications that are stuck, and whether a "
        "reporting cycle covers today."
    )
)
def status() -> None:
    from assigncli.actions import follow

    with opened() as session:
        found = follow.attention(session)
        records = [
            _attention(item, why, found.reasons.get(item.id)) for item, why in _reasons(found)
        ]
        footer = _("There are more of some kinds; run assign list for all.") if found.more else None
        if found.stopped is not None:
            out().text(
                _("No assignment can be dispatched today. {why}").format(why=found.stopped.message)
            )
            out().text(_("What to do: {hint}").format(hint=found.stopped.hint))
        out().listing(
            "attention",
            _attention_sentence(len(records), stopped=found.stopped is not None),
            records,
            footer,
            {"more": found.more, "dispatch_stopped": _stopped(found.stopped)},
        )


def _attention_sentence(count: int, *, stopped: bool) -> str:
    if count:
        return ngettext(
            "{count} assignment needs attention.", "{count} assignments need attention.", count
        ).format(count=count)
    return _("No assignment needs attention.") if stopped else _("Nothing needs attention.")


def _stopped(why: AssignError | None) -> dict[str, str] | None:
    """Return why nothing can be dispatched today, for JSON."""
    if why is None:
        return None
    return {"code": why.code, "message": why.message, "hint": why.hint}


def _kinds(found: Attention) -> list[tuple[tuple[Summary, ...], tuple[str, str]]]:
    return [
        *(((item,), _unavailable(found.reasons[item.id])) for item in found.unavailable),
        (found.overdue, ("overdue_for_contact", _("overdue for contact"))),
        (found.unread, ("unread", _("not read yet"))),
        (found.expiring, ("about_to_expire", _("about to expire"))),
        (found.drafts, ("not_dispatched", _("not dispatched yet"))),
        (found.untold, ("notification_failed", _("a notification could not be sent"))),
        (
            found.unknown,
            ("notification_unknown", _("nobody knows whether a notification arrived")),
        ),
    ]


def _reasons(found: Attention) -> list[tuple[Summary, list[tuple[str, str]]]]:
    """Return each assignment once, with every reason it needs attention for."""
    gathered: dict[UUID, tuple[Summary, list[tuple[str, str]]]] = {}
    for items, why in _kinds(found):
        for item in items:
            gathered.setdefault(item.id, (item, []))[1].append(why)
    return list(gathered.values())


def _attention(item: Summary, reasons: list[tuple[str, str]], unavailable: Reason | None) -> Record:
    codes = [code for code, _words in reasons]
    words = ", ".join(words for _code, words in reasons)
    hint = unavailable and unavailable.what_to_do
    return Record(
        (
            Field("attention", _("Attention"), codes, words),
            Field("hint", _("What to do"), hint),
            *views.summary(item).fields,
        )
    )


def _unavailable(found: Reason) -> tuple[str, str]:
    """Return why a mentor takes no assignments: the code, and the words."""
    if found.why is Unavailability.LEFT:
        words = _("the mentor has left")
    elif found.why is Unavailability.LAPSED:
        words = _("the certification has lapsed")
    elif found.paused_until is None:
        words = _("the mentor is paused without an end date")
    else:
        words = _("the mentor is paused until {day}").format(day=day_in_words(found.paused_until))
    return found.why.value, words
