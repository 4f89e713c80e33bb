"""`assign store`: what the store holds, whether it is whole, and bringing it up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.words import Calendar, count_in_words, size_in_words
from assigncli.config import load_profile
from assigncli.errors import StoreUnavailable
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.store.engine import Store

app = group(N_("Check and upgrade the store."))


@app.command("info", help=N_("Show where the store is and how much it holds."))
def info() -> None:
    from assigncli.cli.session import utc_now, zone_named
    from assigncli.server.reads import inspect
    from assigncli.store.engine import Store

    profile = load_profile(current_globals().profile, environ())
    with Store.inspect(profile.store) as store:
        found = inspect.info(store, profile.vault, profile.organization_id)
    if found.time_zone is not None:
        out().calendar = Calendar.at(utc_now(), zone_named(found.time_zone))
    out().result(
        _("The store of this profile is {path}.").format(path=found.path),
        Record(
            (
                Field("store", _("Store"), found.path),
                Field("vault", _("Vault"), found.vault),
                Field("schema_version", _("Schema version"), found.schema_version),
                Field("store_id", _("Store id"), found.store_id),
                Field("created_at", _("Created"), found.created_at),
                Field("size_bytes", _("Size"), found.size_bytes, size_in_words(found.size_bytes)),
                Field("organizations", _("Organisations"), found.organizations),
                Field("members", _("Members"), found.members),
                Field("assignments", _("Assignments"), found.assignments),
                Field("audit_entries", _("Audit entries"), found.audit_entries),
            ),
            (
                Line(_("Vault"), str(found.vault)),
                Line(_("Size"), size_in_words(found.size_bytes)),
                Line(_("Assignments"), count_in_words(found.assignments)),
                Line(_("Members"), count_in_words(found.members)),
                Line(_("Organisations"), count_in_words(found.organizations)),
                Line(_("Audit entries"), count_in_words(found.audit_entries)),
            ),
        ),
    )


@app.command(
    "check",
    help=N_(
        "Check that the store and the vault are intact, that no deleted key is left in the vault, "
        "and that nobody else has access."
    ),
)
def check() -> None:
    from assigncli.server.reads import inspect
    from assigncli.words.problems import in_store

    with _inspected() as (store, vault):
        found = inspect.problems(store, vault)
    count = len(found)
    if not count:
        out().listing(
            "problems", _("The store and the vault are intact, and nobody else has access."), []
        )
        return
    out().listing(
        "problems",
        ngettext("{count} problem.", "{count} problems.", count).format(count=count),
        [
            Record(
                (
                    Field("code", _("Code"), each.code),
                    Field("problem", _("Problem"), in_store(each)),
                ),
                (Line(_("Problem"), in_store(each)),),
            )
            for each in found
        ],
    )
    raise StoreUnavailable(
        _("The store is not as it should be."),
        _("Keep a copy of it as it is, and tell your operator."),
        code=found[0].code,
    )


@app.command("upgrade", help=N_("Bring the store to this program's version. Make a backup first."))
def upgrade() -> None:
    with _inspected() as (store, _vault):
        before, after = store.schema_version(), store.upgrade()
    if before == after:
        sentence = _("The store is already at this program's version.")
    else:
        sentence = _("The store is upgraded.")
    out().result(
        sentence,
        Record(
            (
                Field("before", _("Before"), before),
                Field("schema_version", _("Schema version"), after),
            ),
            (),
        ),
    )


@contextmanager
def _inspected() -> Iterator[tuple[Store, Path]]:
    from assigncli.store.engine import Store

    profile = load_profile(current_globals().profile, environ())
    with Store.inspect(profile.store) as store:
        yield store, profile.vault
