"""`audit checkpoint`: the log's size and root, signed, for an auditor to keep elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from assigncli.cli.frame import out
from assigncli.cli.input import inputs
from assigncli.cli.output import checkpoint_views, note_file
from assigncli.cli.output.honorarium_files import require_apart
from assigncli.cli.session import opened
from assigncli.locale import N_, ngettext

CHECKPOINT_HELP: Final = N_(
    "Show how long the audit log is, with digits that can be read out by telephone. The file has "
    "the same as a signed note, for the auditor to cosign and keep."
)


def checkpoint(
    file: Annotated[
        Path | None,
        typer.Argument(metavar=N_("FILE"), help=N_("The file to write the signed note to.")),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar=N_("FILE"),
            help=N_("What the auditor cosigned last; the new file proves that the log goes on."),
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help=N_("Replace the file if there is one."))
    ] = False,
) -> None:
    from assigncli.client.checkpoint import Earlier, take

    earlier = None
    if since is not None:
        submitted, kept = inputs.checkpoint(since)
        earlier = Earlier(submitted.note, kept)
    if file is not None:
        note_file.require_free(file, force=force)
    with opened() as session:
        if file is not None and session.store_path is not None:
            require_apart(file, session.store_path)
        found = take(session.client, earlier)
        content = found.submitted.encode()
        if file is not None:
            note_file.write(file, content, force=force)
        out().result(
            _how_long(found.organization, found.checkpoint.size),
            checkpoint_views.record(
                found.checkpoint,
                found.key,
                content,
                "at log.fingerprint key_fingerprint output",
                organization=found.organization,
                at=found.at,
                output=file,
            ),
        )


def _how_long(organization: str | None, size: int) -> str:
    if organization is None:
        return ngettext(
            "The audit log has {count} entry.", "The audit log has {count} entries.", size
        ).format(count=size)
    return ngettext(
        "The audit log of {organization} has {count} entry.",
        "The audit log of {organization} has {count} entries.",
        size,
    ).format(organization=organization, count=size)
