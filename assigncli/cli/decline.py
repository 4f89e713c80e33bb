"""`decline`: say, as the mentor, that you cannot take an assignment, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import NumberArgument
from assigncli.cli.input.prompts import choose, require_person, say
from assigncli.cli.output import received
from assigncli.cli.output.states import decline_reason_in_words
from assigncli.cli.session import opened, unlocked
from assigncli.domain.declining import DeclineReason
from assigncli.errors import AssignError
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.client.case import Case


@command(
    N_(
        "Say that you cannot take an assignment. You can no longer open it, and your coordinator "
        "is told. Possible until contact is recorded."
    )
)
def decline(
    number: NumberArgument,
    reason: Annotated[
        DeclineReason | None,
        typer.Option("--reason", metavar=N_("REASON"), help=N_("Why; without it you are asked.")),
    ] = None,
) -> None:
    from assigncli.client import decline as action

    with opened(asks=True) as session:
        case = action.asked(session.client, number)
        if case.declined is not None:
            out().result(*received.declined(action.declined(case), again=True))
            return
        why = reason or _reason(case)
        done = action.decline(unlocked(session).client, case, why)
        out().result(*received.declined(done))


def _reason(case: Case) -> DeclineReason:
    """Ask why; the last choice, which Enter gives, is not to decline: AssignError."""
    question = _("Why?")
    require_person(question, "--reason")
    say(
        _("Assignment {number}, {title}, from {name}, is to be declined.").format(
            number=case.number, title=case.title, name=case.display_name(case.dispatcher)
        ),
        _("You can then no longer open it, unless it is sent to you again."),
    )
    reasons = list(DeclineReason)
    said = [*map(decline_reason_in_words, reasons), _("do not decline it")]
    chosen = choose(question, said, len(reasons), option="--reason")
    if chosen == len(reasons):
        raise AssignError("not_confirmed")
    return reasons[chosen]
