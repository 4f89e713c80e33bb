"""`complete`: record, as the mentor, that the follow-up is done."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.input.prompts import choose, somebody_there
from assigncli.cli.output import received
from assigncli.cli.session import opened, unlocked
from assigncli.domain.lifecycle import Status
from assigncli.locale import N_, _


@command(N_("Record that the follow-up is done. It counts for the honorarium."))
def complete(
    number: NumberArgument,
    in_person: Annotated[
        bool | None,
        typer.Option(
            "--in-person/--not-in-person",
            help=N_("Whether you met the person; for the yearly report of visits."),
        ),
    ] = None,
) -> None:
    from assigncli.client import complete, mentor_step

    with opened(asks=True) as session:
        case = mentor_step.asked(session.client, number, Status.COMPLETED)
        if in_person is None and somebody_there():
            in_person = choose(_("Did you meet the person face to face?"), (_("yes"), _("no"))) == 0
        done = complete.complete(unlocked(session).client, case, in_person=in_person)
        out().result(
            received.done(
                _("Assignment {number} is completed. Thank you.").format(number=done.number), done
            ),
            received.step(done),
        )
