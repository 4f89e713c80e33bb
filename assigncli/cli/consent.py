"""`consent`: go through what an assignment asks the mentor to accept."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.input.prompts import choose
from assigncli.cli.output import states, views
from assigncli.cli.session import opened, unlocked
from assigncli.locale import N_, _


@command(N_("Go through the consent an assignment asks for, one step at a time."))
def consent(
    number: NumberArgument,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar=N_("STEP"),
            help=N_("Accept this step without being asked. Repeat it for each step, in order."),
        ),
    ] = None,
) -> None:
    from assigncli.client import consent as action

    with opened(asks=True) as locked:
        asked = action.asked(locked.client, number)
        if asked.completed_at is not None:
            out().result(
                _("You have already consented to assignment {number}.").format(
                    number=asked.case.number
                ),
                views.record(
                    asked.case,
                    "number consent_completed_at",
                    (states.next_line(f"assign open {asked.case.number}"),),
                    consent_completed_at=asked.completed_at,
                ),
            )
            return
        session = unlocked(locked)
        accepted = list(accept or ())
        if not accepted:
            total = len(asked.text.steps)
            for position, step in enumerate(asked.text.steps, start=1):
                question = _("Step {position} of {total}. {text}").format(
                    position=position, total=total, text=step.text
                )
                answer = choose(
                    question, (_("I accept"), _("I do not accept")), 1, option="--accept"
                )
                if answer != 0:
                    break
                accepted.append(step.name)
        given = action.give(unlocked(session).client, number, accepted)
        out().result(
            _("Your consent to assignment {number} is recorded.").format(number=given.number),
            views.record(
                given,
                "number id title text_version consent_completed_at",
                (states.next_line(f"assign open {given.number}"),),
            ),
        )
