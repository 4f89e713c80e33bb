"""`contact`: record, as the mentor, that the person has been reached."""

from __future__ import annotations

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.output import received
from assigncli.cli.session import opened, unlocked
from assigncli.domain.lifecycle import Status
from assigncli.locale import N_, _


@command(N_("Record that you have reached the person. This stops the reminder."))
def contact(number: NumberArgument) -> None:
    from assigncli.client import contact, mentor_step

    with opened(asks=True) as session:
        case = mentor_step.asked(session.client, number, Status.CONTACT_MADE)
        done = contact.contact(unlocked(session).client, case)
        out().result(
            _("You have recorded contact for assignment {number}.").format(number=done.number),
            received.step(done),
        )
