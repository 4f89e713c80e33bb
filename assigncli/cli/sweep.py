"""`sweep`: do what is due. Shows one line for each thing done or failed, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.frame.arguments import LARGEST
from assigncli.cli.output import Record, memberships, said, views
from assigncli.cli.output.plain import one_line
from assigncli.cli.session import post, vault_beside
from assigncli.cli.session.service_turns import Sweeper, service_turns
from assigncli.errors import AssignError, IdentityUnavailable, PartlyDone
from assigncli.locale import N_, _
from assigncli.profiles import load_profile

if TYPE_CHECKING:
    from assigncli.lookups.about_assignments import Open
    from assigncli.server.sweep import SweepOutcome
    from assigncli.server.turn import Turn

_DONE: Final = {
    "expired": N_("Assignment {number} has expired; its brief can no longer be read."),
    "reminded": N_("No contact is recorded for assignment {number}. The mentor gets a reminder."),
    "shredded": N_("The brief of completed assignment {number} is deleted; its time is over."),
    "archived": N_("Assignment {number} is archived."),
    "cycle_closed": N_("The reporting cycle {name} has ended and is closed."),
    "certification_lapsed": N_("The certification of {name} has lapsed."),
    "share_deleted": N_("A deleted brief's key that was left behind is deleted."),
    "stray_deleted": N_("A key of an assignment that was never saved is deleted."),
    "sent": N_("{name} is notified about assignment {number}."),
    "dropped": N_(
        "{name} has no channel for notifications, so nobody is told about assignment {number}."
    ),
    "queued": N_("{name} is to be notified about assignment {number}."),
}
_WOULD: Final = {
    "expired": N_("Assignment {number} would expire."),
    "reminded": N_(
        "No contact is recorded for assignment {number}. The mentor would get a reminder."
    ),
    "shredded": N_("The brief of completed assignment {number} would be deleted."),
    "archived": N_("Assignment {number} would be archived."),
    "cycle_closed": N_("The reporting cycle {name} would be closed."),
    "certification_lapsed": N_("The certification of {name} would be marked as lapsed."),
    "share_deleted": N_("A deleted brief's key that was left behind would be deleted."),
    "stray_deleted": N_("A key of an assignment that was never saved would be deleted."),
    "queued": N_("{name} would be notified about assignment {number}."),
    "dropped": N_(
        "{name} has no channel for notifications, so nobody would be told about assignment "
        "{number}."
    ),
}
_FAILED: Final = {
    "expired": N_("Assignment {number} could not be marked as expired"),
    "reminded": N_("The reminder for assignment {number} could not be sent"),
    "shredded": N_("The brief of completed assignment {number} could not be deleted"),
    "archived": N_("Assignment {number} could not be archived"),
    "cycle_closed": N_("The reporting cycle {name} could not be closed"),
    "certification_lapsed": N_("The certification of {name} could not be marked as lapsed"),
    "share_deleted": N_("The key of assignment {number} was not deleted"),
    "stray_deleted": N_("Keys that the store does not know were not deleted"),
    "hidden_ending": N_("Assignment {number}"),
    "retention_checked": N_("The setting retention_days"),
    "notified": N_("Notification of {name} about assignment {number}"),
    "swept": N_("The sweep could not go on"),
}
_ALL_FAILED: Final = {
    "shredded": N_("Briefs of completed assignments could not be deleted"),
    "share_deleted": N_("Keys of deleted briefs could not be deleted"),
}
"""The failures of a kind of thing, if no assignment is named."""


@command(
    N_(
        "Run what is due. Assignments expire, reminders and notifications are sent, old keys are "
        "deleted, ended assignments are archived and cycles are closed. Run it from cron or a "
        "timer. It asks nothing, and shows nothing when nothing was due."
    )
)
def sweep(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Show what would be done, without doing it."))
    ] = False,
    retry: Annotated[
        int | None,
        typer.Option(
            "--retry",
            metavar=N_("NUMBER"),
            min=1,
            max=LARGEST,
            help=N_("First send the stuck notifications of this assignment again."),
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", help=N_("The store to sweep; without it, the profile's.")),
    ] = None,
) -> None:
    with _sweepers(store, dry_run=dry_run) as sweepers:
        if retry is not None and not dry_run:
            _retry(sweepers, retry, store)
        said = [
            say_outcome(name, outcome, dry_run=dry_run)
            for name, outcome in outcomes_of(sweepers, dry_run=dry_run)
        ]
    if out().mode == "json":
        out().listing("outcomes", "", said, extra={"dry_run": dry_run})
    failed = any(
        field.name == "problem" and field.value for record in said for field in record.fields
    )
    if failed:
        raise typer.Exit(PartlyDone.exit_code)


@contextmanager
def _sweepers(path: Path | None, *, dry_run: bool) -> Iterator[list[Sweeper]]:
    """Yield the turns of the named store, else of the profile's."""
    if path is not None:
        store, vault = path.absolute(), vault_beside(path.absolute())
    else:
        profile = load_profile(current_globals().profile, environ())
        store, vault = profile.store, profile.vault
    with service_turns(store, vault, keep_heads=not dry_run) as sweepers:
        yield sweepers


def outcomes_of(sweepers: list[Sweeper], *, dry_run: bool) -> Iterator[tuple[str, SweepOutcome]]:
    """Yield each outcome with its organisation's name, empty if the store has only one."""
    from assigncli.server.sweep import SweepAct, SweepOutcome, strays
    from assigncli.server.sweep import sweep as action

    told: set[object] = set()
    for each in sweepers:
        name = each.organization if len(sweepers) > 1 else ""
        if isinstance(each.turn, AssignError):
            yield name, SweepOutcome(SweepAct.SWEPT, problem=each.turn)
            continue
        try:
            for outcome in action(each.turn, post(), dry_run=dry_run):
                told.add(None if outcome.problem is None else outcome.problem.likeness)
                yield name, outcome
        except (LookupError, TypeError, ValueError):
            if current_globals().debug or len(sweepers) == 1:
                raise
            yield name, SweepOutcome(SweepAct.SWEPT, problem=_unreadable())
    for outcome in strays(_turns(sweepers)[0], dry_run=dry_run):
        if outcome.problem is None or outcome.problem.likeness not in told:
            yield "", outcome


def _unreadable() -> AssignError:
    """Return the error for an organisation with a value in the store that nothing can read.

    The others are swept all the same; --debug shows where the error arose.
    """
    return AssignError("store_damaged", "unreadable")


def _turns(sweepers: list[Sweeper]) -> list[Turn]:
    return [each.turn for each in sweepers if not isinstance(each.turn, AssignError)]


def _retry(sweepers: list[Sweeper], number: int, store: Path | None) -> None:
    from assigncli.server.notifications import deliver

    turns = _turns(sweepers)
    if store is None:
        own = load_profile(current_globals().profile, environ()).organization_id
        turns = [turn for turn in turns if turn.organization_id == own]
    if len(turns) != 1:
        raise IdentityUnavailable("organization_unclear", number=number)
    deliver.retry(turns[0], number)


def say_outcome(organization: str, outcome: SweepOutcome, *, dry_run: bool) -> Record:
    """Show one outcome, with the organisation's name if the store has several.

    Returns its record for the JSON document.
    """
    facts = {"number": outcome.number, "name": outcome.name}
    word = outcome.told or outcome.done.value
    problem = outcome.problem
    if problem is not None:
        message, hint = said(problem)
        failed = _FAILED[outcome.done.value]
        if outcome.number is None:
            failed = _ALL_FAILED.get(outcome.done.value, failed)
        line = _("{failed}: {message} {hint} Code: {code}.").format(
            failed=_(failed).format(**facts),
            message=message,
            hint=hint,
            code=problem.code,
        )
    else:
        line = _((_WOULD if dry_run else _DONE)[word]).format(**facts)
    if organization:
        line = _("{organization}: {line}").format(organization=organization, line=line)
    out().text(one_line(line))
    if problem is None:
        for each in outcome.open:
            out().text(_open(each, organization, outcome.name))
    return views.record(
        outcome,
        "-organization -done -number -name -told -message -problem -assignments",
        organization=organization or None,
        message=line,
        problem=problem and problem.code,
        assignments=tuple(map(memberships.opening, outcome.open)),
    )


def _open(found: Open, organization: str, name: str | None) -> str:
    """Return the line for an assignment open with a mentor whose certification has lapsed."""
    line = _("Assignment {number}, {title}, is open with {name}. Run assign status.").format(
        number=found.number, title=found.title, name=name
    )
    if not organization:
        return line
    return _("{organization}: {line}").format(organization=organization, line=line)
