"""`ack`: confirm, as the mentor, that the brief is read."""

from __future__ import annotations

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.output import received
from assigncli.cli.session import opened, unlocked
from assigncli.domain.lifecycle import Status
from assigncli.locale import N_, _


@command(N_("Confirm that you have read the brief. This is what tells your coordinator."))
def ack(number: NumberArgument) -> None:
    from assigncli.client import ack, mentor_step

    with opened(asks=True) as session:
        case = mentor_step.asked(session.client, number, Status.ACKNOWLEDGED)
        done = ack.acknowledge(unlocked(session).client, case)
        out().result(
            received.done(
                _("You have confirmed that you have read assignment {number}.").format(
                    number=done.number
                ),
                done,
            ),
            received.step(done),
        )
