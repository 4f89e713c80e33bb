"""The mentor's commands after the inbox: `consent`, `open`, `ack`, `contact`, `complete`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli import views
from assigncli.cli.arguments import NumberArgument
from assigncli.cli.frame import command, out
from assigncli.cli.output import Field, Record
from assigncli.cli.prompts import choose, somebody_there
from assigncli.cli.session import opened, unlocked
from assigncli.domain.lifecycle import Status
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.actions.progress import Progress
    from assigncli.actions.read import Brief


@command(N_("Go through the consent an assignment asks for, one step at a time."))
def consent(
    number: NumberArgument,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar=N_("STEP"),
            help=N_("Accept this step without being asked; give each step's name, in order."),
        ),
    ] = None,
) -> None:
    from assigncli.actions import consent as action
    from assigncli.cli.prompts import choose

    with opened() as locked:
        asked = action.asked(locked, number)
        if asked.completed_at is not None:
            out().result(
                _("You have already consented to assignment {number}.").format(number=asked.number),
                Record(
                    (
                        Field("number", _("Number"), asked.number),
                        Field("consent_completed_at", _("Consent given"), asked.completed_at),
                    )
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
        given = action.give(unlocked(session), number, accepted)
        out().result(
            _("Your consent to assignment {number} is recorded.").format(number=given.number),
            Record(
                (
                    Field("number", _("Number"), given.number),
                    Field("id", _("Id"), given.id),
                    Field("title", _("Title"), given.title),
                    Field("text_version", _("Consent text"), given.text_version),
                    Field("consent_completed_at", _("Consent given"), given.consent_completed_at),
                )
            ),
        )
        out().note(_("Open it with {command}.").format(command=f"assign open {given.number}"))


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
    from assigncli.actions import read

    if not reveal and not out().stdout.isatty():
        raise InvalidInput(
            _("The brief would go into a file or a pipe, where others may find it."),
            _("Open it in a terminal, or add --reveal if that is what you want."),
            code="reveal_needed",
        )
    with opened() as session:
        read.require_found(session, number)
        brief = read.open_brief(unlocked(session), number)
        out().result(
            _("Assignment {number}, the brief.").format(number=brief.number), _brief(brief)
        )
        out().note(
            _("Confirm that you have read it with {command}.").format(
                command=f"assign ack {brief.number}"
            )
        )


@command(N_("Confirm that you have read the brief. This is what tells your coordinator."))
def ack(number: NumberArgument) -> None:
    from assigncli.actions import progress

    with opened() as session:
        progress.may_take(session, number, Status.ACKNOWLEDGED)
        done = progress.acknowledge(unlocked(session), number)
        out().result(
            _("You have acknowledged assignment {number}.").format(number=done.number),
            _progress(done),
        )


@command(N_("Record that you have reached the person. This stops the reminder."))
def contact(number: NumberArgument) -> None:
    from assigncli.actions import progress

    with opened() as session:
        progress.may_take(session, number, Status.CONTACT_MADE)
        done = progress.contact(unlocked(session), number)
        out().result(
            _("Contact is recorded for assignment {number}.").format(number=done.number),
            _progress(done),
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
    from assigncli.actions import progress

    with opened() as session:
        possible = progress.may_take(session, number, Status.COMPLETED)
        if in_person is None and possible and somebody_there():
            in_person = choose(_("Did you meet the person face to face?"), (_("yes"), _("no"))) == 0
        done = progress.complete(unlocked(session), number, in_person=in_person)
        out().result(
            _("Assignment {number} is completed. Thank you.").format(number=done.number),
            _progress(done),
        )


def _progress(done: Progress) -> Record:
    return Record(
        (
            Field("number", _("Number"), done.number),
            Field("id", _("Id"), done.id),
            Field("title", _("Title"), done.title),
            views.status(done.status),
            Field("at", _("At"), done.at),
        )
    )


def _brief(brief: Brief) -> Record:
    person = brief.payload
    return Record(
        (
            Field("number", _("Number"), brief.number),
            Field("title", _("Title"), brief.title),
            views.priority(brief.priority),
            Field("dispatched_by", _("From"), brief.coordinator),
            Field("coordinator_notes", _("Note from the coordinator"), brief.coordinator_notes),
            Field("full_name", _("Name"), person.full_name),
            Field("address", _("Address"), person.address),
            Field("postal_code", _("Postal code"), person.postal_code),
            Field("city", _("City"), person.city),
            Field("phone", _("Telephone"), person.phone),
            Field("medical_summary", _("Medical summary"), person.medical_summary),
            Field("practical_notes", _("Practical notes"), person.practical_notes),
            Field("contact_due_at", _("Contact due before"), brief.contact_due_at),
            Field("expires_at", _("Expires"), brief.expires_at),
            Field("first_read_at", _("First read"), brief.first_read_at),
            Field("id", _("Id"), brief.id),
        )
    )
