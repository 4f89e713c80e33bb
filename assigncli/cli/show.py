"""`show`: one assignment and its timeline, without its content."""

from __future__ import annotations

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.output import assignment_views, listing_columns
from assigncli.cli.session import opened
from assigncli.locale import N_


@command(N_("Show one assignment and its timeline. The content is never shown here."))
def show(number: NumberArgument) -> None:
    from assigncli.lookups.about_assignments import SHOW, WantedAssignment

    with opened() as session:
        found = session.look(SHOW, WantedAssignment(number))
        out().disagreeing(() if found.agrees else (found.summary.number,))
        out().result(
            assignment_views.title(found.summary),
            assignment_views.detail(found),
            listing_columns.TIMELINE,
        )
