"""Hold the organisation, its settings and cycles against what the signed entries about them say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, cycle
from typing import Any, Final

from assigncli.actions.difference import Difference
from assigncli.actions.record import details_of
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import CycleStatus
from assigncli.domain.people import name_key
from assigncli.domain.settings import SETTINGS
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text
from assigncli.store.compare import CycleRow, OrganizationRow, Said, SettingRow

ORGANIZATION_DIFFERS: Final = "organization_differs"
SETTING_MISSING: Final = "setting_missing"
SETTING_REORDERED: Final = "setting_reordered"
SETTING_UNRECORDED: Final = "setting_unrecorded"
CYCLE_DIFFERS: Final = "cycle_differs"
CYCLE_UNRECORDED: Final = "cycle_unrecorded"


def organization_differs(
    row: OrganizationRow, founded: Said, told: Statement
) -> Iterator[Difference]:
    """Compare the organisation's row with its founding, column by column."""
    said = told.arguments
    wanted = {
        "name": has_digest(row.name, row.name_salt, told.texts["name"]),
        "name_key": isinstance(row.name, str) and row.name_key == name_key(row.name),
        "time_zone": row.time_zone == said["time_zone"],
        "root_public_key": row.root_public_key == bytes.fromhex(said["root_key"]),
        "created_at": row.created_at == founded.at,
    }
    for column, is_so in wanted.items():
        if not is_so:
            yield Difference(founded.sequence, ORGANIZATION_DIFFERS, column=column)


def settings_differ(
    rows: Sequence[SettingRow], entries: Sequence[Said], told_by: Mapping[int, Statement]
) -> Iterator[Difference]:
    """Compare the settings' history; the order counts, since the newest is in force.

    `told_by` are the statements of the entries, by sequence.
    """
    rows = [_by_digest(row) for row in rows]
    told = ((entry, told_by.get(entry.sequence)) for entry in entries)
    said = [(_set_by(entry, each), entry) for entry, each in told if each is not None]
    recorded, kept = Counter(row for row, _entry in said), Counter(rows)
    for row in kept - recorded:
        yield Difference(0, SETTING_UNRECORDED, name=_setting(row.name))
    missing = recorded - kept
    for row, entry in said:
        if row in missing:
            yield Difference(entry.sequence, SETTING_MISSING, name=_setting(row.name))
    both = recorded & kept
    in_order = (row for row in rows if row in both)
    for row, entry in (each for each in said if each[0] in both):
        if next(in_order, None) != row:
            yield Difference(entry.sequence, SETTING_REORDERED, name=_setting(row.name))
            return


def cycles_differ(
    rows: Sequence[CycleRow], said: Mapping[Any, Sequence[Said]], told_by: Mapping[int, Statement]
) -> Iterator[Difference]:
    """Compare each cycle with the entries about it, first to last.

    `told_by` are the statements by which cycles were opened, by the sequence of the entry.
    """
    for row in rows:
        yield from _cycle_differs(row, said.get(row.id, ()), told_by)


def days_of(opened: Said, told_by: Mapping[int, Statement]) -> str | None:
    """Return first and last day of a cycle as its opening says; None for another entry.

    Its name is a text, which is kept with the row alone.
    """
    if opened.action != Action.CYCLE_OPENED:
        return None
    return "/".join(str(day) for day in _days(opened, told_by.get(opened.sequence)))


def has_digest(text: Any, salt: Any, digest: bytes) -> bool:
    """Say whether what is kept is the text whose digest was signed."""
    if not isinstance(text, str) or not isinstance(salt, bytes):
        return False
    return Text(salt, text).digest() == digest


def _cycle_differs(
    row: CycleRow, said: Sequence[Said], told_by: Mapping[int, Statement]
) -> Iterator[Difference]:
    opened = [each for each in said if each.action == Action.CYCLE_OPENED]
    if not opened:
        yield Difference(0, CYCLE_UNRECORDED, name=str(row.name))
        return
    first, last = opened[0], said[-1]
    closed_at = last.at if last.action == Action.CYCLE_CLOSED else None
    status = CycleStatus.OPEN if closed_at is None else CycleStatus.CLOSED
    told = told_by.get(first.sequence)
    stands = (row.starts_on, row.ends_on, row.created_at, row.status, row.closed_at)
    wanted = (*_days(first, told), first.at, status.value, closed_at)
    if not _by_turns(said) or stands != wanted or not _has_name(row, told):
        yield Difference(last.sequence, CYCLE_DIFFERS, name=str(row.name))


def _has_name(row: CycleRow, told: Statement | None) -> bool:
    """Say whether the row has the name that was signed; that of its year where nobody gave one."""
    if told is None:
        return row.name_salt is None and row.name == str(row.starts_on)[:4]
    return has_digest(row.name, row.name_salt, told.texts["name"])


def _days(opened: Said, told: Statement | None) -> tuple[Any, Any]:
    said = details_of(opened.details) if told is None else told.arguments
    return said.get("starts_on"), said.get("ends_on")


def _by_turns(said: Sequence[Said]) -> bool:
    """Say whether a cycle was opened once, and then closed and reopened by turns."""
    turns = cycle((Action.CYCLE_CLOSED, Action.CYCLE_REOPENED))
    wanted = chain((Action.CYCLE_OPENED,), turns)
    return all(each.action == action for each, action in zip(said, wanted, strict=False))


def _set_by(entry: Said, told: Statement) -> SettingRow:
    """Return the row of the setting that goes with the entry, a text by its digest."""
    name, value = told.arguments["name"], told.arguments["value"]
    return SettingRow(name, value, told.texts.get("value"), entry.actor_id, entry.at)


def _by_digest(row: SettingRow) -> SettingRow:
    """Return a row as `_set_by` does, where it has a text."""
    if not isinstance(row.value, str) or not isinstance(row.value_salt, bytes):
        return row
    return row._replace(value=None, value_salt=Text(row.value_salt, row.value).digest())


def _setting(name: Any) -> str | None:
    return name if any(name == each.name for each in SETTINGS) else None
