"""Foresee the entries of a statement, as far as the statement determines them (PROTOCOL.md 9).

`fits` checks one entry, because evidence seldom shows all entries of a statement; `is_whole` checks
all of them, for a reply. Facts that only the server can know are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from assigncli.protocol.acts import ACTS
from assigncli.protocol.entry import Entry
from assigncli.protocol.statement import Statement

Arguments = Mapping[str, Any]

_RECALLED: Final = "assignment.recalled"
_CANCELLED: Final = "assignment.cancelled"
_NEW: Final = frozenset({"assignment.created", "assignment.dispatched"})

_ONLY_WHERE: Final[dict[tuple[str, str], Callable[[Arguments], bool]]] = {
    ("device.revoked", "device.suspended"): lambda said: said["suspects_from"] is not None,
    ("payload_decrypted", "assignment.read"): lambda said: said["as"] == "recipient",
    ("assignment.reassigned", _RECALLED): lambda said: not said["read"],
    ("assignment.reassigned", _CANCELLED): lambda said: said["read"],
}
"""By act and entry: a condition on the arguments for entries that are not always made."""

_ORDER: Final[dict[str, Callable[[Arguments], str]]] = {
    "batch.created": lambda said: f"(assignment.created ){{{said['rows']}}}",
    "batch.dispatched": lambda said: (
        f"(assignment.created assignment.dispatched ){{{said['rows']}}}"
    ),
    "payload_decrypted": lambda said: (
        "(assignment.read )?payload_decrypted "
        if said["as"] == "recipient"
        else "payload_decrypted "
    ),
    "device.approved": lambda said: (
        "device.approved " + ("device.revoked " if said["replaces"] else "")
    ),
    "device.revoked": lambda said: (
        "device.revoked " + ("" if said["suspects_from"] is None else "(device.suspended )*")
    ),
    "assignment.reassigned": lambda said: (
        f"assignment.created assignment.dispatched {_CANCELLED if said['read'] else _RECALLED} "
    ),
}
"""The names of an act's entries in order, as a pattern; other acts make one entry of their name."""


def fits(statement: Statement, entry: Entry) -> bool:
    """Say whether the statement can make this entry: actor, name, subject and repeated facts."""
    if entry.actor != statement.certificate or entry.sequence <= statement.seen.size:
        return False
    made = [each for each in ACTS[statement.act].entries if each.name == entry.act]
    if not any(each.form(entry.facts) for each in made):
        return False
    condition = _ONLY_WHERE.get((statement.act, entry.act))
    return (
        (condition is None or condition(statement.arguments))
        and _has_subject(statement, entry)
        and all(entry.facts[name] == value for name, value in _said(statement, entry).items())
    )


def is_whole(statement: Statement, entries: Sequence[Entry]) -> bool:
    """Say whether these are all entries of the statement, in order, and each fits it."""
    return is_complete(statement, entries) and all(fits(statement, entry) for entry in entries)


def is_complete(statement: Statement, entries: Sequence[Entry]) -> bool:
    """Say whether these entries have the names of all entries of the statement, in order."""
    order = _ORDER.get(statement.act)
    pattern = f"{statement.act} " if order is None else order(statement.arguments)
    names = "".join(f"{entry.act} " for entry in entries)
    return re.fullmatch(pattern, names) is not None


def _has_subject(statement: Statement, entry: Entry) -> bool:
    if statement.act.startswith("batch.") or entry.act == "device.suspended":
        return True
    if statement.act == "assignment.reassigned" and entry.act in _NEW:
        return entry.subject == UUID(statement.arguments["new"])
    return entry.subject == statement.about


def _said(statement: Statement, entry: Entry) -> Arguments:
    """Return the facts that follow from the arguments, usually those of the same name."""
    said = statement.arguments
    if (statement.act, entry.act) == ("device.approved", "device.revoked"):
        return {"certificate": said["replaces"], "cause": "replaced"}
    if entry.act == "device.suspended" or entry.act in _NEW:
        return {}
    if entry.act == "service.replaced":  # an old statement replaces no later service
        return {**said, "replaced": str(statement.service)}
    known = {name: said[name] for name in entry.facts.keys() & said.keys()}
    is_replaced = statement.act == "assignment.reassigned"
    return {**known, "replaced_by": said["new"]} if is_replaced else known
