"""`store check FILE`: try a backup without restoring it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assigncli.cli.frame import current_globals, out
from assigncli.cli.output import Record, views
from assigncli.errors import StoreUnavailable, Tampered
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.server.store.check import StoreProblem


def try_backup(file: Path) -> None:
    """Say whether a backup is whole, and whether the passphrase that is given opens its key.

    Raises InvalidInput `backup_damaged`, IdentityUnavailable `passphrase_wrong`, StoreUnavailable
    or Tampered for what is found.
    """
    from assigncli.cli.input import passphrases
    from assigncli.cli.session.backups import read_backup, tried, unsealed

    backup = read_backup(file)
    is_tried = current_globals().passphrase_file is not None and bool(backup.contents.keys)
    if is_tried:
        unsealed(backup, passphrases.known())
    found = tried(backup)
    if found.problems:
        say_problems(found.problems)
        raise StoreUnavailable(found.problems[0].code, "of_store")
    if found.faults:
        of_log = any(not each.of_table for each in found.faults)
        raise Tampered(found.faults[0].code, "of_log" if of_log else "of_store_and_log")
    day = out().calendar.day_of(backup.contents.at)
    if not backup.store_bytes:
        sentence = _("The file is a whole list of deletions, of {day}.").format(day=day)
    else:
        sentence = ngettext(
            "The backup of {day} is whole: {count} entry of the audit log, signed.",
            "The backup of {day} is whole: {count} entries of the audit log, each signed.",
            found.entries,
        ).format(day=day, count=found.entries)
    out().result(
        sentence,
        views.record(
            found,
            "-entries -problems -at -passphrase_tried",
            (),
            at=backup.contents.at,
            passphrase_tried=is_tried,
        ),
    )
    if backup.contents.keys:
        out().text(
            _("The passphrase was tried, and opens the service's key.")
            if is_tried
            else _("The passphrase was not tried. Give it with --passphrase-file to try it.")
        )


def say_problems(found: Sequence[StoreProblem]) -> None:
    """Show what is wrong with a store."""
    out().listing(
        "problems",
        ngettext("{count} problem.", "{count} problems.", len(found)).format(count=len(found)),
        [_problem(each) for each in found],
    )


def _problem(each: StoreProblem) -> Record:
    from assigncli.words.problems import in_store

    said = in_store(each)
    return views.record(each, "code problem", (views.line("problem", said),), problem=said)
