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
from assigncli.domain.lifecycle import Priority, Status
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.actions.follow import Attention, Summary


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
    from assigncli.actions import follow

    with opened() as session:
        found = follow.show(session, number)
        out().result(
            _("Assignment {number}.").format(number=found.summary.number), views.detail(found)
        )


@command(
    N_(
        "Say what needs attention now: unread too long, overdue for contact, about to expire, "
        "drafts that were never sent, and notifications that are stuck."
    )
)
def status() -> None:
    from assigncli.actions import follow

    with opened() as session:
        found = follow.attention(session)
        records = [_attention(item, why) for item, why in _reasons(found)]
        count = len(records)
        if count:
            sentence = ngettext(
                "{count} assignment needs attention.",
                "{count} assignments need attention.",
                count,
            ).format(count=count)
        else:
            sentence = _("Nothing needs attention.")
        footer = _("There are more of some kinds; run assign list for all.") if found.more else None
        out().listing("attention", sentence, records, footer, {"more": found.more})


def _kinds(found: Attention) -> list[tuple[tuple[Summary, ...], tuple[str, str]]]:
    return [
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


def _attention(item: Summary, reasons: list[tuple[str, str]]) -> Record:
    codes = [code for code, _words in reasons]
    words = ", ".join(words for _code, words in reasons)
    return Record((Field("attention", _("Attention"), codes, words), *views.summary(item).fields))
