"""`create` and `edit`: an assignment before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli import assignment_views, inputs
from assigncli.cli.arguments import LARGEST, NumberArgument
from assigncli.cli.frame import command, out
from assigncli.cli.session import opened, unlocked
from assigncli.cli.telling import tell_at_once
from assigncli.domain.lifecycle import Priority
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.cli.in_process import Session
    from assigncli.client.create import Created
    from assigncli.client.dispatch import Dispatched

ReferenceOption = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar=N_("TEXT"),
        help=N_("A case number or initials, at most 40 characters, no personal data."),
    ),
]
PriorityOption = Annotated[
    Priority | None,
    typer.Option("--priority", help=N_("How soon; urgent ones come first in the inbox.")),
]
DeadlineOption = Annotated[
    int | None,
    typer.Option("--deadline-days", max=LARGEST, help=N_("Days the mentor has to make contact.")),
]
ExpiresOption = Annotated[
    str | None,
    typer.Option(
        "--expires",
        metavar=N_("DAY"),
        help=N_("The last day it can be read, such as 31.12.2026 or 2026-12-31."),
    ),
]
NotesOption = Annotated[
    str | None,
    typer.Option(
        "--coordinator-notes",
        metavar=N_("TEXT"),
        help=N_("A note to the mentor, nothing personal."),
    ),
]
InternalOption = Annotated[
    str | None,
    typer.Option(
        "--internal-notes",
        metavar=N_("TEXT"),
        help=N_("A note that only coordinators see, nothing personal."),
    ),
]
PayloadOption = Annotated[
    str | None,
    typer.Option(
        "--payload",
        metavar=N_("FILE"),
        help=N_("The person's details as a JSON file, or a hyphen for standard input."),
    ),
]


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
    from assigncli.cli import dictate
    from assigncli.client import create as action
    from assigncli.client import drafting
    from assigncli.server import settings_in_force
    from assigncli.server.reads import member_list

    texts = {
        "title": title,
        "subject_reference": reference,
        "coordinator_notes": coordinator_notes,
        "internal_notes": internal_notes,
    }
    with opened() as locked:
        expires_at = inputs.expiry(expires, locked.zone)
        mentors = member_list.mentors(locked.turn)
        drafting.require_ready(locked.client, to, mentors, texts, deadline_days, expires_at)
        _opened = locked.host.vault
        dictate.require_askable(to, title, payload)
        details = None if payload is None else inputs.payload(payload)
        with locked.host.store.read() as tx:
            default_days = settings_in_force.in_force(locked.turn, tx).contact_deadline_days
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
        return
    out().result(
        _("Assignment {number} to {name} is created and encrypted. It is not sent yet.").format(
            number=made.number, name=made.recipient_name
        ),
        assignment_views.created(made),
    )


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
