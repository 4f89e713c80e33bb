"""`doctor`: check this machine and this profile, one line a finding."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from assigncli import __version__
from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.output import Field, Record
from assigncli.cli.session import opened, place_words
from assigncli.config import Profile, load_profile
from assigncli.errors import AssignError
from assigncli.locale import N_, _, ngettext

_NAMES: Final = {
    "program": N_("program"),
    "time_zone_data": N_("time zone data"),
    "profile": N_("profile"),
    "store": N_("store"),
    "vault": N_("vault"),
    "keyring": N_("key store"),
    "keys": N_("private key and certificate"),
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was found, in a sentence."""

    name: str
    well: bool
    sentence: str


@command(
    N_(
        "Check that this machine is set up as it should be: profile, store, vault, keys, "
        "certificate and time zone data."
    )
)
def doctor() -> None:
    findings = list(_look())
    wrong = sum(not each.well for each in findings)
    if wrong:
        sentence = ngettext(
            "{count} thing needs attention.", "{count} things need attention.", wrong
        ).format(count=wrong)
    else:
        sentence = _("Everything is as it should be.")
    out().listing("findings", sentence, [_record(each) for each in findings])
    if wrong:
        raise AssignError(
            _("This machine is not set up as it should be."),
            _("Mend what is said to need attention, then run assign doctor again."),
            code="doctor_findings",
        )


def _look() -> Iterator[Finding]:
    yield Finding(
        "program",
        True,
        _("assign {version} on Python {python}.").format(
            version=__version__, python=".".join(map(str, sys.version_info[:3]))
        ),
    )
    yield _checked("time_zone_data", _time_zone_data)
    try:
        profile = load_profile(current_globals().profile, environ())
    except AssignError as error:
        yield Finding("profile", False, f"{error.message} {error.hint}")
        return
    yield Finding("profile", True, _("Profile {name} is in use.").format(name=profile.name))
    for name, check in _CHECKS:
        yield _checked(name, lambda check=check: check(profile))  # type: ignore[misc]


def _checked(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except AssignError as error:
        return Finding(name, False, f"{error.message} {error.hint}")


def _time_zone_data() -> str:
    ZoneInfo("Europe/Oslo")
    return _("Time zone data is at hand.")


def _store(profile: Profile) -> str:
    from assigncli.store.check import check_store
    from assigncli.store.engine import Store

    with Store.open(profile.store) as store:
        problems = check_store(store)
    if problems:
        raise AssignError(problems[0].sentence, _("Run assign store check to hear all of it."))
    return _("The store is whole, guarded and private.")


def _vault(profile: Profile) -> str:
    from assigncli.vault import Vault

    Vault.open(profile.vault)
    return _("The vault is at hand and private.")


def _keys(profile: Profile) -> str:
    from assigncli.actions import trust

    with opened(profile) as session, session.store.read() as tx:
        trust.acting(session, tx)
    return _(
        "Your private key is in {place}, and your certificate reaches the pinned root."
    ).format(place=place_words(profile.keys))


def _keyring(_profile: Profile) -> str:
    from assigncli.keychain import real_keyring_available

    if real_keyring_available():
        return _("This machine has a key store.")
    return _("This machine has no key store; private keys go to passphrase-protected files.")


_CHECKS: Final = (
    ("store", _store),
    ("vault", _vault),
    ("keyring", _keyring),
    ("keys", _keys),
)


def _record(found: Finding) -> Record:
    verdict = _("well") if found.well else _("needs attention")
    return Record(
        (
            Field("name", _("Check"), found.name, _(_NAMES[found.name])),
            Field("well", _("Result"), found.well, verdict),
            Field("finding", _("Finding"), found.sentence),
        )
    )
