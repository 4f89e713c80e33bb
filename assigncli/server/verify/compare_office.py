"""Compare the organisation, its settings and cycles with what the good entries make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, cycle
from typing import Any, Final

from assigncli.domain.actions import Action
from assigncli.domain.setting_values import SETTINGS
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text
from assigncli.server.projection import cycles as cycling
from assigncli.server.projection import organizations, settings
from assigncli.server.projection.happening import Happening
from assigncli.server.store import raw
from assigncli.server.store.raw import Raw
from assigncli.server.store.tables import Organization, OrganizationSetting, ReportingCycle
from assigncli.server.verify.difference import Difference

ORGANIZATION_DIFFERS: Final = "organization_differs"
SETTING_MISSING: Final = "setting_missing"
SETTING_REORDERED: Final = "setting_reordered"
SETTING_UNRECORDED: Final = "setting_unrecorded"
CYCLE_DIFFERS: Final = "cycle_differs"
CYCLE_UNRECORDED: Final = "cycle_unrecorded"

ToldBy = Mapping[int, Statement]
"""The statements that good entries carry out, by the entry's sequence."""


def organization_differs(row: Raw, founded: Happening, told: Statement) -> Iterator[Difference]:
    """Compare the organisation's row with its founding, column by column."""
    name, salt = row["name"], row["name_salt"]
    if not has_digest(name, salt, told.texts["name"]):
        yield Difference(founded.sequence, ORGANIZATION_DIFFERS, column="name")
        return
    founded = replace(founded, texts={"name": Text(salt, name)})
    for column, value in raw.stored(Organization, organizations.row(founded)).items():
        if row[column] != value:
            yield Difference(founded.sequence, ORGANIZATION_DIFFERS, column=column)


def settings_differ(
    rows: Sequence[Raw], happened: Sequence[Happening], told_by: ToldBy
) -> Iterator[Difference]:
    """Compare the settings' history; the order matters, because the newest is in force."""
    kept = [_by_digest(row) for row in rows]
    said = [
        (_set_by(each, told_by[each.sequence]), each)
        for each in happened
        if each.sequence in told_by
    ]
    recorded, stored = Counter(row for row, _entry in said), Counter(kept)
    for row in stored - recorded:
        yield Difference(0, SETTING_UNRECORDED, name=_setting(row))
    missing = recorded - stored
    for row, entry in said:
        if row in missing:
            yield Difference(entry.sequence, SETTING_MISSING, name=_setting(row))
    both = recorded & stored
    in_order = (row for row in kept if row in both)
    for row, entry in (each for each in said if each[0] in both):
        if next(in_order, None) != row:
            yield Difference(entry.sequence, SETTING_REORDERED, name=_setting(row))
            return


def cycles_differ(
    rows: Sequence[Raw], happened: Mapping[Any, Sequence[Happening]], told_by: ToldBy
) -> Iterator[Difference]:
    """Compare each cycle with the entries about it, first to last."""
    for row in rows:
        yield from _cycle_differs(row, happened.get(row["id"], ()), told_by)


def days_of(opened: Happening) -> str | None:
    """Return first and last day of a cycle from its opening; None for another entry.

    They are shown instead of the name, which is a text and kept only in the row.
    """
    if opened.act != Action.CYCLE_OPENED:
        return None
    said = cycling.change(opened)
    return f"{said['starts_on']}/{said['ends_on']}"


def has_digest(text: Any, salt: Any, digest: bytes) -> bool:
    """Say whether a stored text and salt match the signed digest."""
    if not isinstance(text, str) or not isinstance(salt, bytes):
        return False
    return Text(salt, text).digest() == digest


def _cycle_differs(
    row: Raw, happened: Sequence[Happening], told_by: ToldBy
) -> Iterator[Difference]:
    opened = next((each for each in happened if each.act == Action.CYCLE_OPENED), None)
    if opened is None:
        yield Difference(0, CYCLE_UNRECORDED, name=str(row["name"]))
        return
    if not _by_turns(happened) or not _is_as_told(row, happened, told_by.get(opened.sequence)):
        yield Difference(happened[-1].sequence, CYCLE_DIFFERS, name=str(row["name"]))


def _is_as_told(row: Raw, happened: Sequence[Happening], opening: Statement | None) -> bool:
    """Say whether the row is what its entries make it, with the signed name if there is one."""
    if opening is not None:
        name, salt = row["name"], row["name_salt"]
        if not has_digest(name, salt, opening.texts["name"]):
            return False
        happened = [replace(each, texts={"name": Text(salt, name)}) for each in happened]
    written: dict[str, Any] = {}
    for each in happened:
        written |= cycling.change(each)
    return raw.stored(ReportingCycle, written) == row


def _by_turns(happened: Sequence[Happening]) -> bool:
    """Say whether a cycle was opened once, and then closed and reopened by turns."""
    turns = cycle((Action.CYCLE_CLOSED, Action.CYCLE_REOPENED))
    wanted = chain((Action.CYCLE_OPENED,), turns)
    return all(each.act == action for each, action in zip(happened, wanted, strict=False))


_Set = tuple[tuple[str, Any], ...]
"""A setting's columns in a hashable form, a text by its digest."""


def _set_by(happened: Happening, told: Statement) -> _Set:
    row = raw.stored(OrganizationSetting, settings.row(happened))
    digest = told.texts.get("value")
    return _columns(row if digest is None else row | {"value": None, "value_salt": digest})


def _by_digest(row: Raw) -> _Set:
    kept = {name: value for name, value in row.items() if name != "id"}
    if isinstance(row["value"], str) and isinstance(row["value_salt"], bytes):
        digest = Text(row["value_salt"], row["value"]).digest()
        kept |= {"value": None, "value_salt": digest}
    return _columns(kept)


def _columns(row: Mapping[str, Any]) -> _Set:
    return tuple(sorted(row.items()))


def _setting(row: _Set) -> str | None:
    name = dict(row)["name"]
    return name if any(name == each.name for each in SETTINGS) else None
