"""`sweep`: do what is due. One line a thing, done or failed, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli.arguments import LARGEST
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.output import Field, Record
from assigncli.cli.session import post, service_sessions, vault_beside
from assigncli.config import load_profile
from assigncli.errors import AssignError, IdentityUnavailable, PartlyDone
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.actions.session import Session
    from assigncli.actions.sweep import Outcome

_DONE: Final = {
    "expired": N_("Assignment {number} has expired; its brief can no longer be read."),
    "reminded": N_("Assignment {number} has no contact yet; a reminder is queued."),
    "shredded": N_("Assignment {number} was completed long enough ago; its brief is deleted."),
    "archived": N_("Assignment {number} is archived."),
    "cycle_closed": N_("The reporting cycle {name} has ended and is closed."),
    "certification_lapsed": N_("The certification of {name} has lapsed."),
    "share_deleted": N_("A deleted brief's key that was left behind is deleted."),
    "sent": N_("{name} is notified about assignment {number}."),
    "dropped": N_(
        "{name} has no channel for notifications, so nobody is told about assignment {number}."
    ),
    "queued": N_("{name} is to be notified about assignment {number}."),
}
_WOULD: Final = {
    "expired": N_("Assignment {number} would expire."),
    "reminded": N_("Assignment {number} has no contact yet; a reminder would be queued."),
    "shredded": N_("The brief of completed assignment {number} would be deleted."),
    "archived": N_("Assignment {number} would be archived."),
    "cycle_closed": N_("The reporting cycle {name} would be closed."),
    "certification_lapsed": N_("The certification of {name} would be marked as lapsed."),
    "share_deleted": N_("A deleted brief's key that was left behind would be deleted."),
    "queued": N_("{name} would be notified about assignment {number}."),
    "dropped": N_(
        "{name} has no channel for notifications, so nobody would be told about assignment "
        "{number}."
    ),
}
_FAILED: Final = {
    "expired": N_("Assignment {number} could not be marked as expired"),
    "reminded": N_("No reminder could be queued for assignment {number}"),
    "shredded": N_("The brief of completed assignment {number} could not be deleted"),
    "archived": N_("Assignment {number} could not be archived"),
    "cycle_closed": N_("The reporting cycle {name} could not be closed"),
    "certification_lapsed": N_("The certification of {name} could not be marked as lapsed"),
    "share_deleted": N_("Keys of deleted briefs could not be deleted"),
    "notified": N_("Notification of {name} about assignment {number}"),
    "swept": N_("The sweep could not go on"),
}


@command(
    N_(
        "Do what is due: expire, remind, notify, delete the keys of briefs whose time is over, "
        "archive, close cycles. Meant for cron or a timer: it asks nothing, says one line for each "
        "thing, and nothing when nothing was due."
    )
)
def sweep(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Say what would be done, and do nothing."))
    ] = False,
    retry: Annotated[
        int | None,
        typer.Option(
            "--retry",
            metavar=N_("NUMBER"),
            min=1,
            max=LARGEST,
            help=N_("First queue the stuck notifications of this assignment again."),
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", help=N_("The store to sweep; without it, the profile's.")),
    ] = None,
) -> None:
    with _sessions(store) as sessions:
        if retry is not None and not dry_run:
            _retry(sessions, retry, store)
        said = [
            _say(name, outcome, dry_run=dry_run)
            for name, outcome in _outcomes(sessions, dry_run=dry_run)
        ]
    if out().mode == "json":
        out().listing("outcomes", "", said, extra={"dry_run": dry_run})
    failed = any(
        field.name == "problem" and field.value for record in said for field in record.fields
    )
    if failed:
        raise typer.Exit(PartlyDone.exit_code)


@contextmanager
def _sessions(store: Path | None) -> Iterator[list[Session | AssignError]]:
    """Give the sessions of the store that was named, else of the profile's."""
    if store is not None:
        with service_sessions(store.absolute(), vault_beside(store.absolute())) as sessions:
            yield sessions
        return
    profile = load_profile(current_globals().profile, environ())
    with service_sessions(profile.store, profile.vault) as sessions:
        yield sessions


def _outcomes(
    sessions: list[Session | AssignError], *, dry_run: bool
) -> Iterator[tuple[str, Outcome]]:
    """Yield each outcome with its organisation's name."""
    from assigncli.actions import upkeep
    from assigncli.actions.sweep import Done, Outcome
    from assigncli.actions.sweep import sweep as action

    carrier = post()
    for session in sessions:
        if isinstance(session, AssignError):
            yield "", Outcome(Done.SWEPT, problem=session)
            continue
        name = upkeep.organization_name(session) if len(sessions) > 1 else ""
        for outcome in action(session, carrier, dry_run=dry_run):
            yield name, outcome


def _retry(found: list[Session | AssignError], number: int, store: Path | None) -> None:
    from assigncli.actions import deliver

    sessions = [each for each in found if not isinstance(each, AssignError)]
    if store is None:
        own = load_profile(current_globals().profile, environ()).organization_id
        sessions = [session for session in sessions if session.organization_id == own]
    if len(sessions) != 1:
        raise IdentityUnavailable(
            _("It is not clear which organisation assignment {number} belongs to.").format(
                number=number
            ),
            _("Name a profile of that organisation with --profile, and leave out --store."),
            code="organization_unclear",
        )
    deliver.retry(sessions[0], number)


def _say(organization: str, outcome: Outcome, *, dry_run: bool) -> Record:
    """Say one outcome as it comes, naming the organisation where the store has several.

    Return it for the JSON document.
    """
    facts = {"number": outcome.number, "name": outcome.name}
    word = outcome.told or outcome.done.value
    problem = outcome.problem
    if problem is not None:
        line = _("{failed}: {message} {hint} Code: {code}.").format(
            failed=_(_FAILED[outcome.done.value]).format(**facts),
            message=problem.message,
            hint=problem.hint,
            code=problem.code,
        )
    else:
        line = _((_WOULD if dry_run else _DONE)[word]).format(**facts)
    if organization:
        line = _("{organization}: {line}").format(organization=organization, line=line)
    out().text(line)
    return Record(
        (
            Field("organization", "", organization or None),
            Field("done", "", outcome.done),
            Field("number", "", outcome.number),
            Field("name", "", outcome.name),
            Field("told", "", outcome.told),
            Field("message", "", line),
            Field("problem", "", None if problem is None else problem.code),
        )
    )
