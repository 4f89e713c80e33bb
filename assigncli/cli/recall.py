"""`recall`: withdraw an unread assignment, and say plainly what that achieved."""

from __future__ import annotations

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm
from assigncli.cli.output import assignment_views
from assigncli.cli.session import opened, unlocked
from assigncli.cli.session.telling import tell_of_end
from assigncli.locale import N_, _


@command(
    N_(
        "Withdraw an assignment that the mentor has not read. Its key is deleted, so nobody can "
        "read it any more."
    )
)
def recall(number: NumberArgument) -> None:
    from assigncli.client import recall

    with opened() as locked:
        ending = recall.to_recall(locked.client, number)
        told = ending if confirm(*confirming.about_recall(ending)) else None
        session = unlocked(locked)
        done = recall.recall(session.client, number, told)
        if done.ending.was_dispatched:
            sentence = _(
                "Assignment {number} is recalled. It had not been read, and nobody can read it now."
            )
        else:
            sentence = _("Draft {number} is recalled. It was never sent.")
        notified = tell_of_end(session, done.ending)
        out().result(
            sentence.format(number=done.ending.number),
            assignment_views.withdrawn(done, notified),
        )
