"""Read the organisation's settings from the store.

A setting is never overwritten: the newest row counts, and the older rows are its history.
"""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.domain.setting_values import Settings, typed, with_defaults
from assigncli.lookups import Nothing
from assigncli.lookups.about_office import SettingValues
from assigncli.server.store import organizations
from assigncli.server.turn import Turn


def in_force(turn: Turn, tx: Transaction) -> Settings:
    """Return the organisation's settings; defaults for those never set.

    Raises Tampered `setting_damaged` for a number that cannot be read.
    """
    return typed(values(turn, tx))


def values(turn: Turn, tx: Transaction) -> dict[str, str]:
    """Return every setting's value as text, by name; defaults for those never set."""
    return with_defaults(organizations.settings(tx, turn.organization_id))


def list_values(turn: Turn, _asked: Nothing) -> SettingValues:
    """Return `values`, in a read transaction of its own."""
    with turn.store.read() as tx:
        return SettingValues(values(turn, tx))
