"""`edit`: change an assignment that is not sent yet."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.arguments import (
    DeadlineOption,
    ExpiresOption,
    InternalOption,
    NotesOption,
    NumberArgument,
    PayloadOption,
    PriorityOption,
    ReferenceOption,
)
from assigncli.cli.input import inputs
from assigncli.cli.output import assignment_views
from assigncli.cli.session import opened, unlocked
from assigncli.locale import N_, _


@command(
    N_(
        "Change an assignment that is not sent yet. What is not named stays as it is; an "
        "empty text clears the reference or a note. Everything is encrypted again."
    )
)
def edit(
    number: NumberArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar=N_("HANDLE"), help=N_("Another mentor.")),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar=N_("TEXT"), help=N_("Another title."))
    ] = None,
    payload: PayloadOption = None,
    reference: ReferenceOption = None,
    priority: PriorityOption = None,
    deadline_days: DeadlineOption = None,
    expires: ExpiresOption = None,
    consent_required: Annotated[
        bool | None,
        typer.Option(
            "--consent-required/--no-consent-required",
            help=N_("Whether the mentor must consent before the brief opens."),
        ),
    ] = None,
    coordinator_notes: NotesOption = None,
    internal_notes: InternalOption = None,
) -> None:
    from assigncli.client import edit as action

    with opened() as session:
        action.require_editable(session.client, number)
        changes = action.Changes(
            recipient=to,
            title=title,
            subject_reference=reference,
            priority=priority,
            contact_deadline_days=deadline_days,
            expires_at=inputs.expiry(expires, session.zone),
            consent_required=consent_required,
            coordinator_notes=coordinator_notes,
            internal_notes=internal_notes,
            payload=None if payload is None else inputs.payload(payload),
        )
        changed = action.edit(unlocked(session).client, number, changes)
        out().result(
            _("Draft {number} is changed and encrypted again. It is not sent yet.").format(
                number=changed.number
            ),
            assignment_views.created(changed),
        )
