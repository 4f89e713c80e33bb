"""A sheet read again: what was good and says the same is not held to the rules of its words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assigncli.domain.roster import BadRow, RowsRead, SheetRow, rows, survey
from assigncli.domain.roster import read as reading
from tests.unit.domain.test_roster import FULL, TODAY, sheet
from tests.unit.domain.test_roster_rows import HEAD, line

PEOPLE = HEAD + b"".join(line(ekstern_id=f"id-{at}") for at in range(4))


def again(data: bytes, known: RowsRead, days: int = 0) -> list[SheetRow | BadRow]:
    layout = survey([data])
    return list(rows([data], layout, today=TODAY + timedelta(days), read=known))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The texts that are held against a payload."""
    found: list[object] = []
    ask = reading.require_no_personal_data

    def noted(texts: object, payload: object, **rest: object) -> None:
        found.append(texts)
        ask(texts, payload, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "require_no_personal_data", noted)
    return found


def test_the_second_reading_gives_the_same_rows_and_asks_no_rule_again(
    asked: list[object],
) -> None:
    known = RowsRead()
    first = again(PEOPLE, known)
    assert len(asked) == len(first) == 4
    assert again(PEOPLE, known) == first
    assert len(asked) == 4


def test_a_row_that_says_otherwise_is_held_to_all_rules(asked: list[object]) -> None:
    known = RowsRead()
    again(PEOPLE, known)
    del asked[:]
    changed = HEAD + b"".join(
        line(ekstern_id=f"id-{at}", **({"telefon": "1"} if at == 2 else {})) for at in range(4)
    )
    assert [type(each) for each in again(changed, known)] == [SheetRow, SheetRow, BadRow, SheetRow]
    named = HEAD + b"".join(
        line(ekstern_id=f"id-{at}", **({"tittel": FULL["navn"]} if at == 1 else {}))
        for at in range(4)
    )
    assert [type(each) for each in again(named, known)] == [SheetRow, BadRow, SheetRow, SheetRow]
    moved = HEAD + line(ekstern_id="id-1") + line(ekstern_id="id-0")
    del asked[:]
    assert [type(each) for each in again(moved, known)] == [SheetRow, SheetRow]
    assert len(asked) == 2


def test_a_bad_row_stays_bad_and_another_day_asks_all_again(asked: list[object]) -> None:
    data, known = PEOPLE + line(telefon="1"), RowsRead()
    assert [type(each) for each in again(data, known)][-1] is BadRow
    assert [type(each) for each in again(data, known)][-1] is BadRow
    del asked[:]
    again(data, known, days=1)
    assert len(asked) >= 4


def test_nothing_can_be_told_from_what_is_known() -> None:
    """Two readings of one sheet have nothing in common, and no cell is in them."""
    marks = []
    for known in (RowsRead(), RowsRead()):
        again(sheet([FULL]), known)
        marks.append(bytes(known._marks))
    assert marks[0] != marks[1]
    assert len(marks[0]) == 16
