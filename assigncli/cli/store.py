"""`assign store`: show what the store holds, check that it is intact, upgrade and move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.output import views
from assigncli.cli.output.words import Calendar
from assigncli.cli.store_backup import backup
from assigncli.cli.store_move import MOVE_HELP, move
from assigncli.cli.store_restore import restore
from assigncli.cli.store_try import say_problems, try_backup
from assigncli.errors import StoreUnavailable
from assigncli.locale import N_, _
from assigncli.profiles import load_profile

if TYPE_CHECKING:
    from assigncli.server.store.engine import Store

app = group()
app.command(
    "backup",
    help=N_(
        "Copy the store to one file while it is in use, without the vault. It also has the list of "
        "what was deleted, and the service's key, sealed with a passphrase."
    ),
)(backup)
app.command(
    "restore",
    help=N_(
        "Put a backup in the store's place. What was deleted since stays deleted, if the newest "
        "list of deletions is given. Then an administrator confirms it, and each member whose "
        "machine has seen more agrees to it."
    ),
)(restore)


@app.command("info", help=N_("Show where the store is and how much it holds."))
def info() -> None:
    from assigncli.cli.session import utc_now, zone_named
    from assigncli.cli.session.new_service_keys import waiting
    from assigncli.server.reads import inspect
    from assigncli.server.store.engine import Store

    profile = load_profile(current_globals().profile, environ())
    with Store.inspect(profile.store) as store:
        found = inspect.info(store, profile.vault, profile.organization_id)
        waits = any(True for _key in waiting(store))
    if found.time_zone is not None:
        out().calendar = Calendar.at(utc_now(), zone_named(found.time_zone))
    out().result(
        _("The store of this profile is {path}.").format(path=found.path),
        views.record(
            found,
            "store vault schema_version store_id created_at size_bytes organizations members"
            " assignments audit_entries key_waits",
            (
                *views.lines(
                    found, "vault size_bytes assignments members organizations audit_entries"
                ),
                *((views.line("key_waits", _("waits to be confirmed")),) if waits else ()),
            ),
            store=found.path,
            key_waits=waits,
        ),
    )


@app.command(
    "check",
    help=N_(
        "Check that the store and the vault are intact, that no deleted key is left in the vault, "
        "and that nobody else has access. With FILE, try a backup without restoring it."
    ),
)
def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar=N_("FILE"),
            help=N_("A backup to try; its passphrase too, if --passphrase-file gives it."),
        ),
    ] = None,
) -> None:
    if file is not None:
        try_backup(file.absolute())
        return
    from assigncli.server.reads import inspect

    with _inspected() as (store, vault):
        found = inspect.problems(store, vault)
    if not found:
        out().listing(
            "problems", _("The store and the vault are intact, and nobody else has access."), []
        )
        return
    say_problems(found)
    raise StoreUnavailable(found[0].code, "of_store")


@app.command("upgrade", help=N_("Bring the store to this program's version. Make a backup first."))
def upgrade() -> None:
    with _inspected() as (store, _vault):
        before, after = store.schema_version(), store.upgrade()
    if before == after:
        sentence = _("The store is already at this program's version.")
    else:
        sentence = _("The store is upgraded.")
    names = "before schema_version"
    out().result(sentence, views.record(None, names, (), before=before, schema_version=after))


app.command("move", help=MOVE_HELP)(move)


@contextmanager
def _inspected() -> Iterator[tuple[Store, Path]]:
    from assigncli.server.store.engine import Store

    profile = load_profile(current_globals().profile, environ())
    with Store.inspect(profile.store) as store:
        yield store, profile.vault
