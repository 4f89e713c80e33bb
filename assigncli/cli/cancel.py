"""`cancel`: call an assignment off, and say plainly what that achieved."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import ask_until, confirm, require_person
from assigncli.cli.output import assignment_views
from assigncli.cli.session import opened, unlocked
from assigncli.cli.session.telling import tell_of_end
from assigncli.locale import N_, _

_REASON: Final = N_("Reason, without personal data")


@command(
    N_(
        "Call off an assignment at any point before completion, with a reason. Its key is deleted; "
        "what the mentor has read stays disclosed."
    )
)
def cancel(
    number: NumberArgument,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar=N_("TEXT"), help=N_("Why, without personal data.")),
    ] = None,
) -> None:
    from assigncli.client import cancel

    with opened() as locked:
        check = partial(cancel.require_reason, locked.client)
        why = None if reason is None else check(reason)
        ending = cancel.to_cancel(locked.client, number)
        if why is None:
            require_person(_(_REASON), option="--reason")
        told = ending if confirm(*confirming.about_cancel(ending)) else None
        session = unlocked(locked)
        if why is None:
            why = ask_until(_(_REASON), check, option="--reason")
            session = unlocked(session)
        done = cancel.cancel(session.client, number, why, told)
        if not done.ending.was_dispatched:
            sentence = _("Draft {number} is recalled. It was never sent.")
        elif done.ending.disclosed:
            sentence = _(
                "Assignment {number} is cancelled. The mentor has read it; treat it as disclosed."
            )
        else:
            sentence = _(
                "Assignment {number} is cancelled. It had not been read, and nobody can read "
                "it now."
            )
        notified = tell_of_end(session, done.ending)
        out().result(
            sentence.format(number=done.ending.number),
            assignment_views.withdrawn(done, notified),
        )
