"""Show what `doctor` found: how much there is to do first, then each check.

A finding needs attention where this machine is not set up as it should be. It is advised where the
organisation could be safer, which is no fault of the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assigncli.cli.output import Line, Record, views
from assigncli.cli.output.labels import label
from assigncli.cli.output.words import LONGEST, sentences
from assigncli.locale import N_, _, ngettext

NAMES: Final = {
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
    "vault_copies": N_("copies of the vault"),
    "key_kit": N_("key kit"),
    "administrators": N_("administrators"),
}


@dataclass(frozen=True)
class CheckResult:
    """One check: whether all is well, what was found, and what to do if not.

    What is `advised` is well, and still has something to do.
    """

    name: str
    well: bool
    sentence: str
    hint: str = ""
    advised: bool = False


def summary(findings: Sequence[CheckResult]) -> str:
    """Return how many things need attention, or the number of checks; and how many are advised."""
    wrong = sum(not each.well for each in findings)
    advised = sum(each.advised for each in findings)
    if not advised:
        return _wrong(wrong) if wrong else _in_order(_("Everything is in order."), findings)
    more = ngettext("{count} thing is advised.", "{count} things are advised.", advised)
    first = _wrong(wrong) if wrong else _in_order(_("Nothing needs attention."), findings)
    return f"{first} {more.format(count=advised)}"


def _wrong(count: int) -> str:
    return ngettext(
        "{count} thing needs attention.", "{count} things need attention.", count
    ).format(count=count)


def _in_order(said: str, findings: Sequence[CheckResult]) -> str:
    """Return the number of checks and the time of the last sweep, which is known if all is well."""
    count = len(findings)
    checks = ngettext("{count} check was run.", "{count} checks were run.", count)
    sweeps = [each.sentence for each in findings if each.name == "sweep"]
    return " ".join([said, checks.format(count=count), *sweeps])


def record(found: CheckResult) -> Record:
    """Return one check; its lines are what to do, if there is anything."""
    whole = f"{found.sentence} {found.hint}".strip()
    return views.record(
        found,
        "check.name well -advised finding",
        None if found.well and not found.advised else _to_do(found),
        name=views.Said(found.name, _(NAMES[found.name])),
        well=views.Said(found.well, _verdict(found)),
        finding=views.Said(whole, _on_lines(label("finding"), whole)),
    )


def _verdict(found: CheckResult) -> str:
    if found.advised:
        return _("advised")
    return _("fine") if found.well else _("needs attention")


def _to_do(found: CheckResult) -> tuple[Line, ...]:
    """Return the problem, with the name of the check as label, and what to do."""
    name = _(NAMES[found.name])
    said = [(name[:1].upper() + name[1:], found.sentence), (label("hint"), found.hint)]
    return tuple(Line(label, _on_lines(label, text)) for label, text in said if text)


def _on_lines(label: str, text: str) -> str:
    """Return a text with each sentence on its own line if one line would be too long."""
    return text if len(f"{label}: {text}") <= LONGEST else "\n".join(sentences(text))
