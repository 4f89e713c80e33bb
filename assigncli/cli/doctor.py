"""`doctor`: check this machine and this profile.

Shows one sentence if all is well, else what must be fixed and how; every check with --full.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from assigncli import __version__
from assigncli.cli import machine
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.machine import (
    lock_check,
    old_blocks,
    root_checks,
    server_checks,
    upkeep_checks,
)
from assigncli.cli.output import check_views, listing_columns, outstanding_words, said
from assigncli.cli.output.check_views import CheckResult
from assigncli.cli.session import opened, settle, waiting_of
from assigncli.cli.session.private_keys import place_words
from assigncli.cli.session.service_turns import service_keychain
from assigncli.domain.permitted import key_not_certified
from assigncli.errors import AssignError
from assigncli.locale import N_, _
from assigncli.profiles import Profile, load_profile, preferences

if TYPE_CHECKING:
    from assigncli.lookups.about_office import Coverage, Upkeep


@command(
    N_(
        "Check that this machine is set up as it should be. Profile, store, vault, keys, "
        "certificate, time zone data, disk, clock and the last sweep are checked. With --full, "
        "every check is shown. With --store, whoever runs a server checks its store, without a "
        "profile."
    )
)
def doctor(
    store: Annotated[
        Path | None,
        typer.Option("--store", help=N_("Check this store, as its owner or as root.")),
    ] = None,
    socket: Annotated[
        Path | None,
        typer.Option("--socket", help=N_("With --store: where its server is to answer.")),
    ] = None,
) -> None:
    findings = list(_look(store, socket))
    told = [each for each in findings if not each.well or each.advised]
    if out().full or out().mode == "json":
        told = findings
    out().listing(
        "findings",
        check_views.summary(findings),
        [check_views.record(each) for each in told],
        columns=listing_columns.CHECKS,
    )
    if not all(each.well for each in findings):
        raise AssignError("doctor_findings")


def _look(store: Path | None, socket: Path | None) -> Iterator[CheckResult]:
    python = ".".join(map(str, sys.version_info[:3]))
    program = _("assign {version} on Python {python}.")
    yield CheckResult("program", True, program.format(version=__version__, python=python))
    yield _checked("time_zone_data", _time_zone_data)
    if store is not None:
        yield from _looked_at(store.absolute(), socket)
        return
    try:
        profile = load_profile(current_globals().profile, environ())
    except AssignError as error:
        yield CheckResult("profile", False, *said(error))
        return
    yield CheckResult("profile", True, _("Profile {name} is in use.").format(name=profile.name))
    for name, check in _CHECKS if profile.server is None else _CHECKS_OF_SERVER:
        yield _checked(name, lambda check=check: check(profile))  # type: ignore[misc]
    yield from _looked_after(profile)
    if profile.server is None:
        yield _checked("cron", _cron)


def _looked_at(store: Path, socket: Path | None) -> Iterator[CheckResult]:
    """Yield the operator's checks of a store; only the first if the files are not the owner's."""
    from assigncli.cli.machine import operator_checks
    from assigncli.cli.machine.as_account import acting_as
    from assigncli.cli.serve import default_socket

    here = operator_checks.StoreHere(store, (socket or default_socket()).absolute())
    try:
        with acting_as(here.owner):
            yield CheckResult("access", True, operator_checks.access(here))
            for name, check in operator_checks.CHECKS:
                yield _checked(name, lambda check=check: check(here))  # type: ignore[misc]
    except AssignError as error:
        yield CheckResult("access", False, *said(error))


def _looked_after(profile: Profile) -> Iterator[CheckResult]:
    """Yield the checks that need the store; if it cannot be opened, `keys` has reported that."""
    from assigncli.lookups import Nothing
    from assigncli.lookups.about_office import UPKEEP

    try:
        with opened(profile, look=False) as session:
            now, found = session.now, session.look(UPKEEP, Nothing())
            settled = settle(session.client)
            of_administrator = list(root_checks.of_administrator(session, profile))
            is_afar = profile.server is not None
            sees_keys = is_afar and server_checks.sees_new_keys(session.client)
    except AssignError:
        waiting = waiting_of(profile).notes.count
        if waiting:
            yield _checked("outstanding", lambda: outstanding_words.unasked(waiting))
        return
    yield _checked("log", lambda: _log(profile))
    yield _checked("outstanding", lambda: outstanding_words.checked(settled))
    if profile.server is None:
        yield _checked("clock", lambda: upkeep_checks.clock_goes(now, found))
    yield _checked("sweep", lambda: upkeep_checks.swept(now, found))
    if profile.server is None:
        yield _checked("service_key", lambda: _service_key(profile, found))
    elif sees_keys:
        yield _checked("service_key", lambda: server_checks.service_key(profile))
    if found.coverage is not None:
        covered = found.coverage
        yield _checked("reporting_cycle", lambda: _reporting_cycle(covered))
    for name, check in of_administrator:
        yield _advised(name, check)


def _checked(name: str, check: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(name, True, check())
    except AssignError as error:
        return CheckResult(name, False, *said(error))


def _advised(name: str, check: Callable[[], str]) -> CheckResult:
    """Run a check of the organisation: what it finds is advised, and this machine is well."""
    found = _checked(name, check)
    return found if found.well else replace(found, well=True, advised=True)


def _time_zone_data() -> str:
    ZoneInfo("Europe/Oslo")
    return _("Time zone data is available.")


def _store(profile: Profile) -> str:
    from assigncli.server.store.check import check_store
    from assigncli.server.store.engine import Store

    with Store.open(profile.store) as store:
        problems = check_store(store)
    if problems:
        from assigncli.words.problems import in_store

        hint = _("Run assign store check to see them all.")
        raise AssignError("failure", "told", message=in_store(problems[0]), hint=hint)
    return _("The store is intact, and nobody else has access.")


def _vault(profile: Profile) -> str:
    from assigncli.server.reads import inspect
    from assigncli.server.store.engine import Store
    from assigncli.server.vault.vault import Vault

    Vault.open(profile.vault)
    try:
        with Store.open(profile.store) as store:
            bad = inspect.bad_share_count(store, profile.vault)
    except AssignError:  # reported by the store's own check
        return _("The vault is in place, and nobody else has access.")
    if bad:
        raise AssignError("failure", "shares", count=bad)
    return _(
        "The vault is in place, and nobody else has access. It holds the key of every assignment."
    )


def _vault_copies(profile: Profile) -> str:
    from assigncli.cli.machine.vault_copy_check import none_is_past

    return none_is_past(profile.store)


def _move(profile: Profile) -> str:
    from assigncli.server.store.move_note import require_settled

    require_settled(profile.store)
    return _("No move of the store is unfinished.")


def _keys(profile: Profile) -> str:
    from assigncli.server import certification

    with opened(profile, look=False) as session, session.host.store.read() as tx:
        own = certification.own_certificates(session.turn, tx)
    if session.client.identity.public not in [each.keys for each in own]:
        raise key_not_certified()
    said = _("Your private key is in {place}, and your certificate reaches the pinned root.")
    return said.format(place=place_words(profile.keys))


def _log(profile: Profile) -> str:
    with opened(profile):
        return _("The audit log continues what this machine has seen of it.")


def _keyring(_profile: Profile) -> str:
    from assigncli.client.keys import real_keyring_available

    if real_keyring_available():
        return _("This machine has a key store.")
    return _("This machine has no key store; private keys go to passphrase-protected files.")


def _service_key(profile: Profile, found: Upkeep) -> str:
    from assigncli.client.keys import SecretName
    from assigncli.crypto.identity import Identity

    keys = service_keychain(profile.store)
    for member in found.service_members:
        try:
            Identity.from_bytes(keys.load(SecretName(profile.organization_id, member, "identity")))
        except AssignError as error:
            if error.code != "key_missing":
                raise
        else:
            _require_none_waiting(profile)
            return _("The sweep's own key is on this machine, and nobody else has access.")
    return _(
        "The sweep's own key is not on this machine; assign sweep must run on the machine that "
        "has it."
    )


def _require_none_waiting(profile: Profile) -> None:
    from assigncli.cli.session.new_service_keys import require_none_waiting
    from assigncli.server.store.engine import Store

    with Store.open(profile.store) as store:
        require_none_waiting(store)


def _reporting_cycle(found: Coverage) -> str:
    if found.refusal is not None:
        raise found.refusal
    if found.name is None:
        return _("This year's reporting cycle opens by itself at the next dispatch.")
    return _("The reporting cycle {name} is open and covers today.").format(name=found.name)


def _cron() -> str:
    chosen = preferences(current_globals().profile, environ())
    return machine.cron(environ(), chosen.language)


_CHECKS: Final = (
    ("store", _store),
    ("vault", _vault),
    ("vault_copies", _vault_copies),
    ("move", _move),
    ("network_file_system", machine.network_file_system),
    ("old_blocks", old_blocks.written_over),
    ("locks", lock_check.kept_apart),
    ("disk_room", machine.disk_room),
    ("keyring", _keyring),
    ("keys", _keys),
)


_CHECKS_OF_SERVER: Final = (
    ("server", server_checks.answers),
    ("version", server_checks.versions),
    ("clock", server_checks.clocks),
    ("keyring", _keyring),
    ("keys", server_checks.keys),
)
"""What is looked at from a machine that has neither store nor vault."""
