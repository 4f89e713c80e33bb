"""`inbox`: the assignments that are sent to the acting mentor, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.completion import last_lists
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.frame.arguments import LARGEST
from assigncli.cli.output import assignment_views, listing_columns, received
from assigncli.cli.output.paging import next_page, whole_command
from assigncli.cli.session import opened
from assigncli.locale import N_, _, ngettext
from assigncli.profiles import load_profile

if TYPE_CHECKING:
    from assigncli.client.inbox import Inbox


@command(
    N_(
        "List the assignments sent to you, urgent and late ones first, ten at a time. Their "
        "content is opened with assign open."
    )
)
def inbox(
    after: Annotated[
        int | None,
        typer.Option(
            "--after",
            min=1,
            max=LARGEST,
            help=N_("Go on after this number, for the next page."),
        ),
    ] = None,
    contact_made: Annotated[
        bool, typer.Option("--contact-made", help=N_("Only those where you have made contact."))
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, max=1000, help=N_("How many at most; 10, or all in JSON.")),
    ] = None,
) -> None:
    from assigncli.client import inbox as action
    from assigncli.domain.inbox_order import PAGE

    most = limit or (None if current_globals().json else PAGE)
    with opened(asks=True) as session:
        found = action.inbox(session.client, action.Position(after, contact_made), most)
        if session.hosting is None:
            last_lists.keep(load_profile(current_globals().profile, environ()), environ(), found)
        for each in found.unverified:
            out().warn(
                _(
                    "Assignment {number} is not as a coordinator signed it. Do not rely on it, and "
                    "tell your coordinator. Code: {code}"
                ).format(number=each.number, code=each.code)
            )
        following = _next_command(found, limit)
        out().listing(
            "assignments",
            _heading(found, contact_made=contact_made),
            [received.item(item) for item in found.items],
            next_page(following),
            {
                "unverified": [
                    {"number": each.number, "code": each.code} for each in found.unverified
                ],
                "total": found.total,
                "urgent": found.urgent,
                "after": found.following and found.following.after,
                "next": following,
            },
            columns=listing_columns.INBOX,
        )
        if out().mode == "table" and found.items and not out().full:
            out().text("")
            out().text(received.next_of(found.items[0]))


def _next_command(found: Inbox, limit: int | None) -> str | None:
    if found.following is None:
        return None
    return whole_command(
        "inbox",
        limit=limit,
        contact_made=found.following.contact_made,
        after=found.following.after,
    )


def _heading(found: Inbox, *, contact_made: bool) -> str:
    """Return how many there are in all and how many are urgent; then how many are on this page."""
    said = _contacted(found.total) if contact_made else received.inbox_sentence(found)
    if found.total == len(found.items):
        return said
    return f"{said} {assignment_views.shown_here(len(found.items))}"


def _contacted(total: int) -> str:
    return ngettext(
        "{count} assignment where you have made contact.",
        "{count} assignments where you have made contact.",
        total,
    ).format(count=total)
