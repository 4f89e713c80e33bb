"""`audit cosign`: the auditor's command, on a machine without store and profile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer

from assigncli.cli import session as clock
from assigncli.cli.frame import environ, out
from assigncli.cli.frame.arguments import KeysOption
from assigncli.cli.input import inputs
from assigncli.cli.input.prompts import ask_until, confirm
from assigncli.cli.input.telephone import typed_in
from assigncli.cli.output import checkpoint_views, note_file
from assigncli.cli.output.words import Calendar
from assigncli.cli.session.private_keys import Place, choose_place, keychain, loaded
from assigncli.errors import InvalidInput, Tampered
from assigncli.folders import folders
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.client.cosign import Auditor, KnownLog
    from assigncli.crypto.cosigner import CosignerKey
    from assigncli.protocol.seen import Seen
    from assigncli.protocol.signed_note import VerifierKey
    from assigncli.protocol.witnessing import Checkpoint

COSIGN_HELP: Final = N_(
    "For the auditor: check that a checkpoint continues the last one you cosigned, and cosign it. "
    "Needs no store and no profile. The first time, give the key of the log with --key, and let an "
    "administrator read its digits to you."
)


def cosign(
    file: Annotated[
        Path,
        typer.Argument(metavar=N_("FILE"), help=N_("The file that assign audit checkpoint wrote.")),
    ],
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar=N_("KEY"),
            help=N_("The key of the log, the first time and when it is a new one."),
        ),
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            "--fingerprint",
            metavar=N_("DIGITS"),
            help=N_("The digits of that key, as read to you; without it you are asked."),
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar=N_("NAME"),
            help=N_("Your name as auditor, the first time, such as example.org/anna."),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar=N_("FILE"),
            help=N_("The file to write; by default beside the other, with cosigned in its name."),
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help=N_("Replace the file if there is one."))
    ] = False,
    start_over: Annotated[
        bool,
        typer.Option(
            "--start-over",
            help=N_(
                "After a restore of the store: cosign the log as it is now, with a new key of "
                "yours. What you cosigned before is kept."
            ),
        ),
    ] = False,
    keys: KeysOption = "auto",
) -> None:
    from assigncli.client import cosign

    submitted, found = inputs.checkpoint(file)
    wanted = output or file.with_name(f"{file.stem}.cosigned{file.suffix}")
    note_file.require_free(wanted, force=force)
    folder = folders(environ()).auditor
    organization = cosign.organization_of(found)
    before = cosign.known(folder, organization)
    log = _log_key(before, found, key)
    left = before if start_over else None
    starts_over = left is not None
    cosign.require_acceptable(None if starts_over else cosign.lasted(before), log, submitted)
    if left is not None:
        _confirm_new_beginning(file, left.last, found)
    if before is None or before.key != log or starts_over:
        _compare(log, fingerprint)
    kept = cosign.auditor(folder, organization)
    is_new = starts_over and not cosign.has_started_over(folder, organization)
    if kept is None or is_new:
        auditor, own = _new_auditor(folder, name, keys, organization if starts_over else None)
    else:
        auditor, own = kept, _key_of(kept, name)
    now = clock.utc_now()
    with cosign.alone(folder):
        posix = int(now.timestamp())
        done = cosign.cosign(folder, auditor, own, log, submitted, posix, starts_over=starts_over)
    note_file.write(wanted, done.encode(), force=force)
    out().calendar = Calendar.at(now, now.astimezone().tzinfo or UTC)
    out().result(
        _how_far(found, None if starts_over else before),
        checkpoint_views.record(
            found,
            log,
            done.encode(),
            "cosigned_at log.fingerprint output",
            cosigned_at=datetime.fromtimestamp(int(now.timestamp()), UTC),
            auditor=auditor.key.encode(),
            output=wanted,
        ),
    )


def _confirm_new_beginning(file: Path, last: Seen, found: Checkpoint) -> None:
    """Ask before the auditor goes on without what they cosigned; raises as `confirm`.

    Raises InvalidInput `checkpoint_continues` for the last checkpoint itself.
    """
    if found.seen() == last:
        raise InvalidInput("checkpoint_continues")
    told = (
        _("The last checkpoint that you cosigned has {count} entries, this one has {size}.").format(
            count=last.size, size=found.size
        ),
        _(
            "Nothing proves that it continues the last one. Ask an administrator which entries are "
            "gone, and whether assign audit log shows the restore."
        ),
        _(
            "Your key has said that it knows no longer log, so a new key cosigns from here on. "
            "Whoever checks your cosignatures needs it too."
        ),
    )
    confirm((*told, _("Start over with a new key?")), f"assign audit cosign {file} --start-over")


def _log_key(before: KnownLog | None, found: Checkpoint, given: str | None) -> VerifierKey:
    """Return the log's key: the one given, else the one kept; raises InvalidInput.

    Whose signature it needs is said by `log_key_needed`, for a log that was never cosigned here.
    """
    from assigncli.client.cosign import log_key_in
    from assigncli.trust.cosigning import of_another

    if given is None:
        if before is None:
            raise InvalidInput("log_key_needed")
        return before.key
    log = log_key_in(given)
    if log.name != found.origin:
        raise of_another()
    return log


def _compare(log: VerifierKey, given: str | None) -> None:
    """Compare the digits of a key that was never used here; raises Tampered if they differ."""
    from assigncli.trust.cosigning import digits_of_key, same_digits

    expected = digits_of_key(log)
    told = (
        _("This key of the log is new to this machine."),
        _(
            "Call an administrator on a number you already know, and let them read out the digits "
            "of the key that assign audit checkpoint shows."
        ),
        _("There are {count} groups of digits. Type each group as you hear it.").format(
            count=len(expected.split())
        ),
    )
    if given is not None:
        if not same_digits(expected, given):
            raise _mismatch()
        return
    try:
        typed_in(_("The digits of the log's key"), expected, "--fingerprint", told)
    except Tampered:
        raise _mismatch() from None


def _mismatch() -> Tampered:
    return Tampered("fingerprint_mismatch", "log_key")


def _key_of(kept: Auditor, name: str | None) -> CosignerKey:
    """Unlock the private key of this machine's auditor; `name` must not be another's."""
    from assigncli.client.cosign import own_key

    if name not in (None, kept.key.name):
        raise InvalidInput("auditor_name", "kept", name=kept.key.name)
    return own_key(kept, lambda secret: loaded(kept.place, secret))


def _new_auditor(
    folder: Path, name: str | None, keys: Place, only_for: UUID | None
) -> tuple[Auditor, CosignerKey]:
    from assigncli.client import cosign

    label = _("Your name as auditor, such as example.org/anna")
    chosen = cosign.valid_name(name) if name else ask_until(label, cosign.valid_name, "--name")
    place = choose_place(keys)
    places = keychain(place, new_for=chosen)
    return cosign.create_auditor(folder, chosen, place, places, only_for)


def _how_far(found: Checkpoint, before: KnownLog | None) -> str:
    if before is None:
        return ngettext(
            "Cosigned: the audit log has {count} entry.",
            "Cosigned: the audit log has {count} entries.",
            found.size,
        ).format(count=found.size)
    if before.last.size == found.size:
        return ngettext(
            "Cosigned again: the audit log has {count} entry, as before.",
            "Cosigned again: the audit log has {count} entries, as before.",
            found.size,
        ).format(count=found.size)
    return _("Cosigned: the audit log has grown from {old} to {new} entries.").format(
        old=before.last.size, new=found.size
    )
