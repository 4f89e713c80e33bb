"""`doctor`: check this machine and this profile.

Shows one sentence if all is well, else what must be fixed and how; every check with --full.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from assigncli import __version__
from assigncli.cli import machine
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.machine import lock_check, old_blocks, server_checks, upkeep_checks
from assigncli.cli.output import (
    Line,
    Record,
    listing_columns,
    outstanding_words,
    said,
    views,
)
from assigncli.cli.output.labels import label
from assigncli.cli.output.words import LONGEST, sentences
from assigncli.cli.session import opened, settle, waiting_of
from assigncli.cli.session.private_keys import place_words
from assigncli.cli.session.service_turns import service_keychain
from assigncli.domain.permitted import key_not_certified
from assigncli.errors import AssignError
from assigncli.locale import N_, _, ngettext
from assigncli.profiles import Profile, load_profile, preferences

if TYPE_CHECKING:
    from assigncli.lookups.about_office import Coverage, Upkeep

_NAMES: Final = {
    "program": N_("program"),
    "time_zone_data": N_("time zone data"),
    "profile": N_("profile"),
    "server": N_("server"),
    "version": N_("version"),
    "store": N_("store"),
    "vault": N_("vault"),
    "network_file_system": N_("network file system"),
    "old_blocks": N_("traces of deleted keys"),
    "locks": N_("two who write at once"),
    "disk_room": N_("room on the disk"),
    "keyring": N_("key store"),
    "keys": N_("private key and certificate"),
    "log": N_("audit log"),
    "outstanding": N_("acts without an answer"),
    "clock": N_("clock"),
    "sweep": N_("sweep"),
    "service_key": N_("key of the sweep"),
    "reporting_cycle": N_("reporting cycle"),
    "cron": N_("scheduled job"),
    "access": N_("who may read the files"),
    "move": N_("move of the store"),
    "accounts": N_("accounts that lists are answered to"),
}


@dataclass(frozen=True)
class CheckResult:
    """One check: whether all is well, what was found, and what to do if not."""

    name: str
    well: bool
    sentence: str
    hint: str = ""


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
    wrong = [each for each in findings if not each.well]
    told = findings if out().full or out().mode == "json" else wrong
    sentence = _wrong(len(wrong)) if wrong else _in_order(findings)
    out().listing(
        "findings", sentence, [_record(each) for each in told], columns=listing_columns.CHECKS
    )
    if wrong:
        raise AssignError("doctor_findings")


def _wrong(count: int) -> str:
    return ngettext(
        "{count} thing needs attention.", "{count} things need attention.", count
    ).format(count=count)


def _in_order(findings: Sequence[CheckResult]) -> str:
    """Return the number of checks and the time of the last sweep, which is known if all is well."""
    count = len(findings)
    checks = ngettext("{count} check was run.", "{count} checks were run.", count)
    sweeps = [each.sentence for each in findings if each.name == "sweep"]
    return " ".join([_("Everything is in order."), checks.format(count=count), *sweeps])


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
    if found.coverage is not None:
        covered = found.coverage
        yield _checked("reporting_cycle", lambda: _reporting_cycle(covered))


def _checked(name: str, check: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(name, True, check())
    except AssignError as error:
        return CheckResult(name, False, *said(error))


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
            return _("The sweep's own key is on this machine, and nobody else has access.")
    return _(
        "The sweep's own key is not on this machine; assign sweep must run on the machine that "
        "has it."
    )


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


def _record(found: CheckResult) -> Record:
    verdict = _("fine") if found.well else _("needs attention")
    whole = f"{found.sentence} {found.hint}".strip()
    return views.record(
        found,
        "check.name well finding",
        None if found.well else _to_fix(found),
        name=views.Said(found.name, _(_NAMES[found.name])),
        well=views.Said(found.well, verdict),
        finding=views.Said(whole, _on_lines(label("finding"), whole)),
    )


def _to_fix(found: CheckResult) -> tuple[Line, ...]:
    """Return the problem, with the name of the check as label, and what to do."""
    name = _(_NAMES[found.name])
    said = [(name[:1].upper() + name[1:], found.sentence), (label("hint"), found.hint)]
    return tuple(Line(label, _on_lines(label, text)) for label, text in said if text)


def _on_lines(label: str, text: str) -> str:
    """Return a text with each sentence on its own line if one line would be too long."""
    return text if len(f"{label}: {text}") <= LONGEST else "\n".join(sentences(text))
