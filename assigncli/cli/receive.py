"""The mentor's commands after the inbox: `consent`, `open`, `ack`, `contact`, `complete`."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli import assignment_views, received, states, views
from assigncli.cli.arguments import NumberArgument
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.prompts import choose, somebody_there
from assigncli.cli.session import opened, unlocked
from assigncli.domain.lifecycle import Status
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _
from assigncli.profiles import load_profile


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
    from assigncli.cli.prompts import choose
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


@command(
    N_(
        "Decrypt and read an assignment sent to you. That you opened it is recorded first. It is "
        "shown on the terminal only, unless --reveal is given."
    )
)
def open_(
    number: NumberArgument,
    reveal: Annotated[
        bool,
        typer.Option("--reveal", help=N_("Allow the content to go into a file or a pipe.")),
    ] = False,
) -> None:
    from assigncli.client import open

    if not reveal and not out().stdout.isatty():
        raise InvalidInput("reveal_needed")
    profile = load_profile(current_globals().profile, environ())
    with opened(profile, asks=True) as session:
        if profile.keys == "file":
            open.require_found(session.client, number)
        brief = open.open_brief(unlocked(session).client, number)
        out().result(assignment_views.title(brief), received.brief(brief))


@command(N_("Confirm that you have read the brief. This is what tells your coordinator."))
def ack(number: NumberArgument) -> None:
    from assigncli.client import progress

    with opened(asks=True) as session:
        case = progress.asked(session.client, number, Status.ACKNOWLEDGED)
        done = progress.acknowledge(unlocked(session).client, case)
        out().result(
            received.done(
                _("You have confirmed that you have read assignment {number}.").format(
                    number=done.number
                ),
                done,
            ),
            received.step(done),
        )


@command(N_("Record that you have reached the person. This stops the reminder."))
def contact(number: NumberArgument) -> None:
    from assigncli.client import progress

    with opened(asks=True) as session:
        case = progress.asked(session.client, number, Status.CONTACT_MADE)
        done = progress.contact(unlocked(session).client, case)
        out().result(
            _("You have recorded contact for assignment {number}.").format(number=done.number),
            received.step(done),
        )


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
    from assigncli.client import progress

    with opened(asks=True) as session:
        case = progress.asked(session.client, number, Status.COMPLETED)
        if in_person is None and somebody_there():
            in_person = choose(_("Did you meet the person face to face?"), (_("yes"), _("no"))) == 0
        done = progress.complete(unlocked(session).client, case, in_person=in_person)
        out().result(
            received.done(
                _("Assignment {number} is completed. Thank you.").format(number=done.number), done
            ),
            received.step(done),
        )
