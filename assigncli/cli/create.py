"""`create`: make an assignment, encrypted at once, and send it if asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import (
    DeadlineOption,
    ExpiresOption,
    InternalOption,
    NotesOption,
    PayloadOption,
    PriorityOption,
    ReferenceOption,
)
from assigncli.cli.input import inputs
from assigncli.cli.output import assignment_views
from assigncli.cli.session import opened, unlocked
from assigncli.cli.session.telling import tell_at_once
from assigncli.cli.session.waiting_devices import say_of_waiting_devices
from assigncli.domain.lifecycle import Priority, Role
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.create import Created
    from assigncli.client.dispatch import Dispatched


@command(
    N_(
        "Create an assignment. The person's details come from a file, standard input or prompts, "
        "and are encrypted on this machine before anything is written."
    )
)
def create(
    to: Annotated[
        str | None,
        typer.Option("--to", metavar=N_("HANDLE"), help=N_("The mentor it is for.")),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            metavar=N_("TEXT"),
            help=N_("A label for lists and notifications, without personal data."),
        ),
    ] = None,
    payload: PayloadOption = None,
    reference: ReferenceOption = None,
    priority: PriorityOption = None,
    deadline_days: DeadlineOption = None,
    expires: ExpiresOption = None,
    consent_required: Annotated[
        bool,
        typer.Option(
            "--consent-required", help=N_("The mentor must consent before the brief opens.")
        ),
    ] = False,
    coordinator_notes: NotesOption = None,
    internal_notes: InternalOption = None,
    dispatch: Annotated[
        bool, typer.Option("--dispatch", help=N_("Send it at once, in the same step."))
    ] = False,
) -> None:
    from assigncli.cli.input import dictate
    from assigncli.client import create as action
    from assigncli.client import drafting
    from assigncli.domain.setting_values import typed
    from assigncli.lookups import Nothing
    from assigncli.lookups.about_members import MEMBERS, WantedMembers
    from assigncli.lookups.about_office import SETTINGS

    texts = {
        "title": title,
        "subject_reference": reference,
        "coordinator_notes": coordinator_notes,
        "internal_notes": internal_notes,
    }
    with opened() as locked:
        expires_at = inputs.expiry(expires, locked.zone)
        found = locked.look(MEMBERS, WantedMembers(Role.PEER_MENTOR)).members
        mentors = [each.handle for each in found]
        drafting.require_ready(locked.client, to, mentors, texts, deadline_days, expires_at)
        locked.require_vault()  # now: a missing vault must not be found after the questions
        dictate.require_askable(to, title, payload)
        details = None if payload is None else inputs.payload(payload)
        default_days = typed(locked.look(SETTINGS, Nothing()).values).contact_deadline_days
        wanted = action.Draft(
            recipient=to or "",
            title=title or "",
            subject_reference=reference,
            priority=priority or Priority.NORMAL,
            contact_deadline_days=default_days if deadline_days is None else deadline_days,
            expires_at=expires_at,
            consent_required=consent_required,
            coordinator_notes=coordinator_notes,
            internal_notes=internal_notes,
        )
        session = unlocked(locked)
        make = action.create_and_dispatch if dispatch else action.create
        saving = _("save and send") if dispatch else _("save")
        made = dictate.complete(
            session,
            mentors,
            wanted,
            details,
            lambda draft, payload: make(unlocked(session).client, draft, payload),
            saving,
        )
        _tell(unlocked(session), made)


def _tell(session: Session, made: Created | Dispatched) -> None:
    from assigncli.client.dispatch import Dispatched

    if isinstance(made, Dispatched):
        told = tell_at_once(session, made.id, made.recipient_name)
        out().result(*assignment_views.dispatched(made, told))
        say_of_waiting_devices(session, made.recipient)
        return
    out().result(
        _("Assignment {number} to {name} is created and encrypted. It is not sent yet.").format(
            number=made.number, name=made.recipient_name
        ),
        assignment_views.created(made),
    )
