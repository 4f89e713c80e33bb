"""Find what a member looks up, and give it as the answer to a question (PROTOCOL.md section 3.7).

Each lookup is one function of the server's reads; it checks what the member may see, and opens a
transaction of its own. Functions are imported when they are asked for, because a command asks for
one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from assigncli.domain.lifecycle import STAFF
from assigncli.domain.permitted import role_missing
from assigncli.errors import AssignError, StoreUnavailable
from assigncli.lookups import AnyLookup, Asked, Lookup, Shown

if TYPE_CHECKING:
    from assigncli.protocol.evidence import Rows
    from assigncli.server.turn import Turn


class _Place(NamedTuple):
    """Where a lookup is found: the modules of its type and of its function, and their names."""

    types: str
    name: str
    module: str
    function: str


_PLACES: Final[Mapping[str, _Place]] = {
    "show.assignments": _Place("about_assignments", "LIST", "reads.follow", "list_page"),
    "show.assignment": _Place("about_assignments", "SHOW", "reads.show", "show"),
    "show.attention": _Place("about_assignments", "ATTENTION", "reads.attention", "attention"),
    "show.readers": _Place("about_assignments", "READERS", "reads.readers", "readers"),
    "show.number": _Place("about_assignments", "NUMBER", "reads.find", "numbered"),
    "show.members": _Place("about_members", "MEMBERS", "reads.member_list", "list_members"),
    "show.member": _Place("about_members", "MEMBER", "reads.member_list", "show"),
    "show.halted": _Place("about_members", "HALTED", "reads.member_list", "halted"),
    "show.keys": _Place("about_members", "KEYS", "reads.own_keys", "list_keys"),
    "show.issued": _Place("about_members", "ISSUED", "reads.issued", "issued"),
    "show.cycles": _Place("about_office", "CYCLES", "coverage", "list_cycles"),
    "show.settings": _Place("about_office", "SETTINGS", "settings_in_force", "list_values"),
    "show.upkeep": _Place("about_office", "UPKEEP", "reads.upkeep", "look"),
    "show.person": _Place("about_privacy", "PERSON", "reads.visited", "about_person"),
    "show.held": _Place("about_privacy", "HELD", "reads.member_data", "held_about"),
    "show.log": _Place("about_log", "LOG", "reads.recorded", "read_log"),
    "show.check": _Place("about_log", "CHECK", "verify.whole", "check"),
    "show.honorarium": _Place(
        "about_honorarium", "HONORARIUM", "reports.honorarium_report", "report"
    ),
    "show.activity": _Place("about_honorarium", "ACTIVITY", "reports.visits", "activity"),
    "show.ledger": _Place("about_honorarium", "LEDGER", "reports.explain", "explain"),
}
_STAFF_ALONE: Final = frozenset({"show.check"})
"""Lookups whose function looks at no role, and that cost much."""


def named(name: str) -> AnyLookup:
    """Return the lookup of this name; raises LookupError."""
    place = _PLACES[name]
    found: AnyLookup = getattr(import_module(f"assigncli.lookups.{place.types}"), place.name)
    return found


def shown(turn: Turn, lookup: Lookup[Asked, Shown], asked: Asked) -> Shown:
    """Return what the turn's member is shown; raises what the lookup's function raises."""
    place = _PLACES[lookup.name]
    function: Callable[[Turn, Asked], Shown] = getattr(
        import_module(f"assigncli.server.{place.module}"), place.function
    )
    return function(turn, asked)


def told(turn: Turn, name: str, arguments: Mapping[str, Any], roles: Collection[str]) -> Rows:
    """Return the rows of an answer: what is shown, or the error that the lookup raises.

    `roles` are those of the asker's certificate. Raises Malformed for arguments of another type.
    """
    from assigncli.lookups import crossing

    lookup = named(name)
    asked = crossing.asked(lookup, arguments)
    try:
        if name in _STAFF_ALONE and set(STAFF).isdisjoint(roles):
            raise role_missing(*STAFF)
        found = shown(turn, lookup, asked)
    except StoreUnavailable:
        raise  # a fault of the server's, and no answer
    except AssignError as error:
        return {"refused": [{"error": crossing.written(error)}]}
    return {"shown": [{"document": crossing.written(found)}]}
