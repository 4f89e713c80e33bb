"""`dispatch`: send a draft to its mentor."""

from __future__ import annotations

from assigncli.cli import views
from assigncli.cli.arguments import NumberArgument
from assigncli.cli.frame import command, out
from assigncli.cli.session import opened
from assigncli.locale import N_, _


@command(
    N_(
        "Send an assignment to its mentor. From then on its content, its mentor and its "
        "coordinator cannot be changed, only recalled or cancelled."
    )
)
def dispatch(number: NumberArgument) -> None:
    from assigncli.actions import dispatch as action

    with opened(keys=True) as session:
        sent = action.dispatch(session, number)
        out().result(
            _("Assignment {number} is dispatched to {name}.").format(
                number=sent.number, name=sent.recipient_name
            ),
            views.dispatched(sent),
        )
