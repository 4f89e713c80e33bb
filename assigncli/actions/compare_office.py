"""Hold settings and reporting cycles against what the signed entries about them say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, cycle
from typing import Any, Final

from assigncli.actions.difference import Difference
from assigncli.actions.record import details_of
from assigncli.actions.settings import SETTINGS
from assigncli.domain.audit import Action
from assigncli.store.compare import CycleRow, Said, SettingRow
from assigncli.store.tables import CycleStatus

SETTING_MISSING: Final = "setting_missing"
SETTING_REORDERED: Final = "setting_reordered"
SETTING_UNRECORDED: Final = "setting_unrecorded"
CYCLE_DIFFERS: Final = "cycle_differs"
CYCLE_UNRECORDED: Final = "cycle_unrecorded"


def settings_differ(rows: Sequence[SettingRow], entries: Sequence[Said]) -> Iterator[Difference]:
    """Compare the settings' history; the order counts, since the newest is in force."""
    said = [(_set_by(entry), entry) for entry in entries]
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
    rows: Sequence[CycleRow], said: Mapping[Any, Sequence[Said]]
) -> Iterator[Difference]:
    """Compare each cycle with the entries about it, first to last."""
    for row in rows:
        yield from _cycle_differs(row, said.get(row.id, ()))


def _cycle_differs(row: CycleRow, said: Sequence[Said]) -> Iterator[Difference]:
    opened = [each for each in said if each.action == Action.CYCLE_OPENED]
    if not opened:
        yield Difference(0, CYCLE_UNRECORDED, name=str(row.name))
        return
    first, last = opened[0], said[-1]
    closed_at = last.at if last.action == Action.CYCLE_CLOSED else None
    status = CycleStatus.OPEN if closed_at is None else CycleStatus.CLOSED
    details = details_of(first.details)
    named = tuple(details.get(key) for key in ("name", "first", "last"))
    stands = (row.name, row.starts_on, row.ends_on, row.created_at, row.status, row.closed_at)
    if not _by_turns(said) or stands != (*named, first.at, status.value, closed_at):
        yield Difference(last.sequence, CYCLE_DIFFERS, name=str(row.name))


def _by_turns(said: Sequence[Said]) -> bool:
    """Say whether a cycle was opened once, and then closed and reopened by turns."""
    turns = cycle((Action.CYCLE_CLOSED, Action.CYCLE_REOPENED))
    wanted = chain((Action.CYCLE_OPENED,), turns)
    return all(each.action == action for each, action in zip(said, wanted, strict=False))


def _set_by(entry: Said) -> SettingRow:
    """Return the row of the setting that goes with the entry."""
    details = details_of(entry.details)
    name, value = (_text(details.get(key)) for key in ("name", "value"))
    return SettingRow(name, value, entry.actor_id, entry.at)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _setting(name: Any) -> str | None:
    return name if any(name == each.name for each in SETTINGS) else None
