"""`assign store`: what the store holds, whether it is whole, and bringing it up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.words import Calendar, count_in_words, size_in_words
from assigncli.config import load_profile
from assigncli.errors import StoreUnavailable
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.actions.shredded import Scan
    from assigncli.store.engine import Store

_HEARTBEAT_SECONDS: Final = 5.0

app = group(N_("Check and upgrade the store."))


@app.command("info", help=N_("Show where the store is and how much it holds."))
def info() -> None:
    from assigncli.actions import inspect
    from assigncli.cli.session import utc_now, zone_named
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
        "Check that the store and the vault are intact, and that nobody else has access. With "
        "--shredded, read every file in use and look for keys that were deleted for good."
    ),
)
def check(
    *,
    shredded: Annotated[
        bool, typer.Option("--shredded", help=N_("Prove that no deleted key is left in any file."))
    ] = False,
) -> None:
    from assigncli.actions import inspect

    if shredded:
        _check_shredded()
        return
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
                    Field("problem", _("Problem"), each.sentence),
                ),
                (Line(_("Problem"), each.sentence),),
            )
            for each in found
        ],
    )
    raise StoreUnavailable(
        _("The store is not as it should be."),
        _("Keep a copy of it as it is, and tell your operator."),
        code=found[0].code,
    )


def _check_shredded() -> None:
    from assigncli.actions import shredded

    with _inspected() as (store, vault):
        out().note(_("Reading every file of the store and the vault."))
        found = shredded.scan(store, vault, progress=Heartbeat())
    facts = Record(
        (
            Field(
                "marks",
                _("Deleted keys looked for"),
                found.marks,
                count_in_words(found.marks),
            ),
            Field(
                "unmarked",
                _("Deleted keys that cannot be looked for"),
                found.unmarked,
                count_in_words(found.unmarked),
            ),
            Field("files", _("Files read"), len(found.files)),
            Field("bytes_read", _("Read"), found.bytes_read, size_in_words(found.bytes_read)),
            Field(
                "found",
                _("Found"),
                tuple(
                    Record(
                        (
                            Field("key_id", _("Key"), each.key_id),
                            Field("path", _("File"), each.path),
                            Field("places", _("Places"), each.places),
                        )
                    )
                    for each in found.found
                ),
                shown=bool(found.found),
            ),
        ),
        _left(found) if found.found else _scanned(found),
    )
    if not found.found:
        out().result(_("No deleted key is left in any live file."), facts)
        return
    out().result(_("Deleted keys can still be found in a file in use."), facts)
    raise StoreUnavailable(
        _("Keys that should be gone can still be read."),
        _("Run assign sweep, then check again; tell your operator if they are still there."),
        code="share_left_behind",
    )


def _left(found: Scan) -> tuple[Line, ...]:
    """In which files deleted keys were found, and how many in each."""
    keys: dict[str, set[object]] = {}
    for each in found.found:
        keys.setdefault(str(each.path), set()).add(each.key_id)
    return tuple(
        Line(
            _("File"),
            ngettext("{path}, {count} key", "{path}, {count} keys", len(ids)).format(
                path=path, count=len(ids)
            ),
        )
        for path, ids in keys.items()
    )


def _scanned(found: Scan) -> tuple[Line, ...]:
    """What was read, and for what; keys that could not be looked for only where there are some."""
    lines = [
        Line(_("Deleted keys looked for"), count_in_words(found.marks)),
        Line(_("Read"), size_in_words(found.bytes_read)),
    ]
    if found.unmarked:
        lines.append(Line(_("Deleted keys that cannot be looked for"), str(found.unmarked)))
    return tuple(lines)


class Heartbeat:
    """Says how far a long reading is, every few seconds and not more often."""

    def __init__(self) -> None:
        self._last = monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Take how many bytes are done, and of how many."""
        if monotonic() - self._last < _HEARTBEAT_SECONDS:
            return
        self._last = monotonic()
        out().note(_("{percent} percent read.").format(percent=100 * done // max(total, 1)))


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
