"""`reassign`: give an assignment to another mentor, with nothing typed again."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm
from assigncli.cli.output import assignment_views
from assigncli.cli.session import opened, unlocked
from assigncli.cli.session.telling import tell_at_once
from assigncli.cli.session.waiting_devices import say_of_waiting_devices
from assigncli.locale import N_


@command(
    N_(
        "Give an assignment that you sent to another mentor. It gets a new number and nothing is "
        "typed again. The first mentor can no longer open it; what they have read stays disclosed."
    )
)
def reassign(
    number: NumberArgument,
    to: Annotated[
        str, typer.Option("--to", metavar=N_("HANDLE"), help=N_("The mentor it goes to."))
    ],
) -> None:
    from assigncli.client import reassign

    with opened() as locked:
        ending, name = reassign.to_reassign(locked.client, number, to)
        told = ending if confirm(*confirming.about_reassign(ending, to, name)) else None
        session = unlocked(locked)
        done = reassign.reassign(session.client, number, to, told)
        tell_at_once(session, done.ended.ending.id, done.ended.ending.recipient_name)
        notified = tell_at_once(session, done.sent.id, done.sent.recipient_name)
        out().result(*assignment_views.reassigned(done, notified))
        say_of_waiting_devices(session, done.sent.recipient)
