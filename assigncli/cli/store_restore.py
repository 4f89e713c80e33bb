"""`store restore`: put a backup in the store's place, say so as administrator, or agree to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli import session as clock
from assigncli.cli.frame import out
from assigncli.cli.input.prompts import ask, confirm, somebody_there
from assigncli.cli.output import Record, views
from assigncli.cli.store_backup import StoreOption, store_at
from assigncli.cli.store_confirm import accept_restore, confirm_restore
from assigncli.errors import InvalidInput, PartlyDone
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.server.putting_back import RestoredOrganization


def restore(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar=N_("FILE"), help=N_("The backup to restore, on the store's machine.")
        ),
    ] = None,
    *,
    deletions: Annotated[
        list[Path] | None,
        typer.Option(
            "--deletions",
            metavar=N_("FILE"),
            help=N_(
                "The newest list of deletions: a newer backup, or what --only-deletions wrote."
            ),
        ),
    ] = None,
    vault: Annotated[
        Path | None,
        typer.Option(
            "--vault",
            metavar=N_("FILE"),
            help=N_("Put keys back from this copy of the vault, but none that was deleted."),
        ),
    ] = None,
    store: StoreOption = None,
    confirm_it: Annotated[
        bool,
        typer.Option(
            "--confirm", help=N_("As administrator, sign that the store was restored on purpose.")
        ),
    ] = False,
    cause: Annotated[
        str | None,
        typer.Option(
            "--cause",
            metavar=N_("WORD"),
            help=N_(
                "With --confirm, why: disk_failed, store_damaged, machine_lost, mistake or other."
            ),
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar=N_("TEXT"),
            help=N_("With --confirm, the head that another member's machine has told them."),
        ),
    ] = None,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help=N_("Show what this machine has seen and is gone, and go on without it."),
        ),
    ] = False,
) -> None:
    if [file is not None, confirm_it, accept].count(True) != 1:
        raise InvalidInput("restore_unclear")
    if confirm_it:
        confirm_restore(cause, head)
    elif accept:
        accept_restore()
    elif file is not None:
        _restore(file.absolute(), store_at(store), deletions or [], vault)


def _restore(file: Path, place: Path, deletions: list[Path], vault: Path | None) -> None:
    from assigncli.cli.input import passphrases
    from assigncli.cli.session.backups import read_backup
    from assigncli.cli.session.restoring import Restoring

    backup = read_backup(file)
    if place.exists():
        told = _("The store at {path} is replaced by the backup of {day}.").format(
            path=place, day=out().calendar.day_of(backup.contents.at)
        )
        question = _("Put the backup in its place?")
        confirm((told, question), f"assign store restore {file} --store {place}")
    elif not deletions:
        deletions = _asked_for()
    lists = [read_backup(each.absolute()) for each in deletions]
    vault_copy = None if vault is None else vault.absolute()
    passphrase = cache(passphrases.known)
    found = Restoring(backup, lists, place, clock.utc_now(), passphrase, vault_copy).run()
    _say(place, found)
    if not all(each.is_listed for each in found):
        raise typer.Exit(PartlyDone.exit_code)


def _asked_for() -> list[Path]:
    """Ask for the newest list of deletions; nobody to ask, or Enter, gives none."""
    if not somebody_there():
        return []
    said = ask(_("The file with the newest list of deletions"), default=_("no list"))
    return [] if said == _("no list") else [Path(said)]


def _say(place: Path, found: list[RestoredOrganization]) -> None:
    out().result(
        _("The store at {path} is restored.").format(path=place),
        views.record(
            None,
            "-store -restored",
            (),
            store=place,
            restored=tuple(map(_organization, found)),
        ),
    )
    for each in found:
        for line in _lost_lines(each):
            out().text(line)
    out().note(_("Nothing is taken until an administrator runs assign store restore --confirm."))


def _organization(found: RestoredOrganization) -> Record:
    return views.record(
        found,
        "-name -size -lost -listed_at -listed -numbers -revoked -has_old_key",
        (),
        listed=found.is_listed,
        revoked=found.members,
    )


def _lost_lines(found: RestoredOrganization) -> list[str]:
    """Return what is lost of one organisation, and what may happen where no list says more."""
    day = out().calendar.day_of(found.listed_at)
    said = []
    if found.lost:
        said.append(
            ngettext(
                "{name}: {count} entry of the audit log is lost.",
                "{name}: {count} entries of the audit log are lost.",
                found.lost,
            ).format(name=found.name, count=found.lost)
        )
    if found.numbers:
        said.append(
            _(
                "These briefs were deleted since, and do not open: assignments {numbers}. Recall "
                "or cancel them again."
            ).format(numbers=", ".join(map(str, found.numbers)))
        )
    if found.members:
        said.append(
            _(
                "They were revoked since and are refused: {names}. Run assign member revoke again."
            ).format(names=", ".join(found.members))
        )
    if found.has_old_key:
        said.append(
            _(
                "The server's key was replaced since, and is the old one again. Run assign serve "
                "--new-key, then assign member approve service."
            )
        )
    if not found.is_listed:
        said += [
            _("There is no list of what was deleted after {day}.").format(day=day),
            _(
                "Briefs deleted since {day} may open again, if the vault is an older copy too."
            ).format(day=day),
            _(
                "Numbers given since {day} may be given twice, and reminders may be repeated."
            ).format(day=day),
        ]
    return said
