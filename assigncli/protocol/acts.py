"""Check that a statement or an entry has exactly what its act requires (PROTOCOL.md section 9).

Form only: whether the act is allowed, and whether its facts are true, is checked elsewhere against
the rules and the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assigncli.protocol.act import Act, Made
from assigncli.protocol.act_table import ASSIGNMENTS, ORGANIZATION, PEOPLE, SERVICE_ALONE
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.entry import Entry
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.statement import Statement

NEW_KEY: Final = "new key"
ROOT: Final = "root"
SELF: Final = "self"
MAY_VOUCH: Final = "may vouch"
RECIPIENT: Final = "recipient"
DISPATCHER: Final = "dispatcher"

ACTS: Final = {row.name: row for row in (*ORGANIZATION, *PEOPLE, *ASSIGNMENTS)}
"""The acts of statements, by name."""

SERVICE_ENTRIES: Final = {row.name: row for row in SERVICE_ALONE}
"""The entries that the service makes without a statement, by name."""


class ActUnknown(Malformed):
    """The statement or entry has a name that is not in the table."""


def act_of(name: str) -> Act:
    """Return the act of a statement; ActUnknown where there is none of this name."""
    if name not in ACTS:
        raise ActUnknown("act")
    return ACTS[name]


def check_statement(statement: Statement) -> Act:
    """Return the statement's act; Malformed unless it has exactly what the act requires.

    That is arguments, texts, the number of attachments, the organisation's id as subject where the
    act is about the organisation, and whether a certificate is named.
    """
    act = act_of(statement.act)
    if act.about == ("organization",) and statement.about != statement.organization:
        raise Malformed("about")
    act.form.require(statement.arguments)
    if statement.texts.keys() != act.texts_of(statement.arguments):
        raise Malformed("texts")
    if len(statement.attachments) != len(act.attachments):
        raise Malformed("attachments")
    _require_signer(act, statement)
    return act


def is_of_new_key(statement: Statement) -> bool:
    """Say whether a key without a certificate signs the statement: that in its arguments."""
    return act_of(statement.act).signers == (NEW_KEY,)


def is_of_root(statement: Statement) -> bool:
    """Say whether the root key signs the statement, which then names no certificate."""
    return statement.certificate is None and not is_of_new_key(statement)


def was_of_root(entry: Entry) -> bool:
    """Say whether the root key signed the statement that an entry carries out."""
    return entry.statement is not None and entry.actor is None and entry.act not in OF_NEW_KEYS


def check_facts(name: str, facts: Mapping[str, Any], *, alone: bool) -> None:
    """Raise Malformed unless `facts` are exactly those of an entry of this name; ActUnknown.

    `alone` means an entry that the service makes without a statement. Where different acts make
    entries of the same name with different facts, either form is accepted.
    """
    forms = (_ALONE if alone else _CARRIED_OUT).get(name)
    if forms is None:
        raise ActUnknown("act")
    faults = [made.form.fault(facts) for made in forms]
    if None not in faults:
        raise Malformed(str(faults[0]))


def check_entry(entry: Entry) -> None:
    """Raise Malformed unless the entry has exactly the facts of its name; ActUnknown."""
    check_facts(entry.act, entry.facts, alone=entry.statement is None)


def _require_signer(act: Act, statement: Statement) -> None:
    """Require a certificate, unless a new key or the root key signs.

    A new key must have no certificate and have seen nothing.
    """
    is_new_key = is_of_new_key(statement)
    may_be_null = is_new_key or ROOT in act.signers
    if is_new_key and statement.seen != NOTHING_SEEN:
        raise Malformed("seen")
    if statement.certificate is None and not may_be_null:
        raise Malformed("certificate")
    if statement.certificate is not None and is_new_key:
        raise Malformed("certificate")


def _entries(acts: Mapping[str, Act]) -> dict[str, tuple[Made, ...]]:
    """Return by name the entries that these acts make, each form of facts once."""
    found: dict[str, list[Made]] = {}
    for each in (made for act in acts.values() for made in act.entries):
        others = found.setdefault(each.name, [])
        if each.facts not in [other.facts for other in others]:
            others.append(each)
    return {name: tuple(forms) for name, forms in found.items()}


_CARRIED_OUT: Final = _entries(ACTS)
_ALONE: Final = _entries(SERVICE_ENTRIES)
OF_NEW_KEYS: Final = _entries(
    {name: act for name, act in ACTS.items() if act.signers == (NEW_KEY,)}
).keys()
"""The names of the entries of a key that has no certificate yet."""
