"""`list`: follow assignments without access to their content."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import LARGEST, PAGE, LimitOption
from assigncli.cli.output import assignment_views, listing_columns
from assigncli.cli.output.paging import next_page, whole_command
from assigncli.cli.session import opened
from assigncli.domain.lifecycle import Priority, Status
from assigncli.locale import N_


@command(N_("List assignments, newest first. The content is never shown here."))
def list_(
    status: Annotated[
        list[Status] | None,
        typer.Option(
            "--status", help=N_("Only assignments with this status. Repeat it for several.")
        ),
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
        typer.Option(
            "--unacknowledged", help=N_("Only assignments sent but not confirmed as read.")
        ),
    ] = False,
    limit: LimitOption = PAGE,
    before: Annotated[
        int | None,
        typer.Option("--before", min=1, max=LARGEST, help=N_("Start below this number.")),
    ] = None,
) -> None:
    from assigncli.lookups.about_assignments import LIST, AssignmentFilter, WantedPage

    wanted = AssignmentFilter(
        statuses=tuple(status or ()),
        mentor=mentor,
        priority=priority,
        overdue=overdue,
        unacknowledged=unacknowledged,
    )
    with opened() as session:
        page = session.look(LIST, WantedPage(wanted, before, limit))
        following = whole_command(
            "list",
            status=status,
            mentor=mentor,
            priority=priority and priority.value,
            overdue=overdue,
            unacknowledged=unacknowledged,
            limit=None if limit == PAGE else limit,
            before=page.before,
        )
        out().disagreeing(page.disagreeing)
        out().listing(
            "assignments",
            assignment_views.listed(page),
            [assignment_views.summary(item) for item in page.items],
            next_page(following if page.before is not None else None),
            {"before": page.before, "total": page.total},
            columns=listing_columns.ASSIGNMENTS,
        )
