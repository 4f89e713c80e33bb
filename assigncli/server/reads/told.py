"""What an entry of the log is about, for who reads the log: its facts, and what was asked for.

Facts alone say what the service decided. What is shown beside them is as the store has it; whether
it is whole is for `verify`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.server.record import Fact, details_of, told_by
from assigncli.server.store import organizations
from assigncli.server.store.tables import AuditEntry
from assigncli.server.turn import Turn

_CYCLES: Final = (Action.CYCLE_OPENED, Action.CYCLE_CLOSED, Action.CYCLE_REOPENED)
_ASKED: Final = (Action.SETTING_CHANGED, Action.HONORARIUM_EXPORTED)
"""The acts about the organisation of which the arguments say what was done."""


def details(turn: Turn, tx: Transaction, row: AuditEntry) -> dict[str, Fact]:
    """Return the facts of an entry, with the name of its cycle, or what was changed or exported."""
    facts = details_of(row.details)
    if row.action in _CYCLES:
        cycle = organizations.cycle_by_id(tx, turn.organization_id, row.subject_id)
        facts |= {} if cycle is None else {"name": cycle.name}
    elif row.action in _ASKED:
        facts |= _arguments(tx, row)
    return facts


def _arguments(tx: Transaction, row: AuditEntry) -> Mapping[str, Fact]:
    try:
        said = told_by(tx, row).arguments
    except (ValueError, TypeError):
        return {}
    return {name: value for name, value in said.items() if isinstance(value, str | int)}
