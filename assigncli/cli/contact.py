"""`contact`: record, as the mentor, that the person has been reached, or did not answer."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.output import received
from assigncli.cli.session import opened, unlocked
from assigncli.domain.lifecycle import Status
from assigncli.locale import N_, _, ngettext


@command(
    N_(
        "Record that you have reached the person. This stops the reminder. With --no-answer, "
        "record that you tried and nobody answered."
    )
)
def contact(
    number: NumberArgument,
    no_answer: Annotated[
        bool,
        typer.Option("--no-answer", help=N_("You tried, and nobody answered.")),
    ] = False,
) -> None:
    from assigncli.client import contact, mentor_step

    with opened(asks=True) as session:
        case = mentor_step.asked(session.client, number, Status.CONTACT_MADE)
        if no_answer:
            tried = contact.no_answer(unlocked(session).client, case)
            sentence = ngettext(
                "Assignment {number}: {count} attempt without an answer is recorded.",
                "Assignment {number}: {count} attempts without an answer are recorded.",
                tried.attempt,
            )
            out().result(
                sentence.format(number=tried.number, count=tried.attempt),
                received.unanswered(tried),
            )
            return
        done = contact.contact(unlocked(session).client, case)
        out().result(
            _("You have recorded contact for assignment {number}.").format(number=done.number),
            received.step(done),
        )
