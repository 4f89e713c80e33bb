"""Excel's marks, taken off and put on; and what makes two rows the same assignment."""

from __future__ import annotations

import csv

import pytest

from assigncli.domain.roster import SheetRow, defuse, row_content, row_identity
from assigncli.domain.roster.cells import plain
from tests.quick import all_in_one
from tests.unit.domain.test_roster import FULL, PERSON, only_row, read, sheet


@all_in_one("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_formula_is_defused(start: str) -> None:
    text = start + "HYPERLINK(1)"
    assert defuse(text) == "'" + text


@pytest.mark.parametrize("text", ["", "412", "dispatched", "a=b", "'=1", " =1"])
def test_defuse_leaves_the_rest(text: str) -> None:
    assert defuse(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+47 22 11 22 11", "-", "@kari"])
def test_plain_undoes_defuse(text: str) -> None:
    assert plain(defuse(text)) == text


def test_plain_formulas_stay() -> None:
    assert plain('=SUM("a";"b")') == '=SUM("a";"b")'


def identity(row: dict[str, str], **options: object) -> bytes:
    return row_identity(only_row(sheet([row], **options)))  # type: ignore[arg-type]


def test_identity_survives_saving_the_sheet_anew() -> None:
    once = identity(PERSON)
    assert once == identity(PERSON, delimiter=",", encoding="cp1252", quoting=csv.QUOTE_ALL)
    assert once == identity(dict(reversed(PERSON.items())), delimiter="\t", encoding="utf-16")
    assert once == identity({**PERSON, "samtykke": "nei", "prioritet": "", "merknad": ""})
    assert once == identity({**PERSON, "epikrise": PERSON["epikrise"].replace("\n", "\r\n")})


@all_in_one("heading", [h for h in FULL if h != "ekstern_id"])
def test_identity_is_the_whole_content(heading: str) -> None:
    other = {
        "postnr": "0182", "telefon": "22 11 22 12", "prioritet": "vanlig", "frist_dager": "8",
        "utløper": "30.12.2026", "samtykke": "nei", "likeperson": "ola",
    }.get(heading, "Noe annet")  # fmt: skip
    row = {**FULL, "ekstern_id": ""}
    assert identity(row) != identity({**row, heading: other})


def test_identity_is_the_external_id_where_there_is_one() -> None:
    one, other = FULL, {**PERSON, "ekstern_id": "A-1"}
    assert identity(one) == identity(other) != identity({**FULL, "ekstern_id": "A-2"})


def test_identity_does_not_know_the_line() -> None:
    found = read(b"\n\n" + sheet([PERSON]))
    assert isinstance(found[0], SheetRow)
    assert (found[0].row, row_identity(found[0])) == (4, identity(PERSON))


def test_identity_knows_the_mentor_given_beside_the_file() -> None:
    data = sheet([{k: v for k, v in PERSON.items() if k != "likeperson"}])
    kari, ola = (row_identity(only_row(data, mentor=each)) for each in ("kari", "ola"))
    assert kari == identity(PERSON) != ola


@all_in_one("heading", [*FULL])
def test_the_content_is_all_that_the_row_says(heading: str) -> None:
    """Whatever cell is another, the content is; how it is written does not matter."""
    other = {
        "postnr": "0182", "telefon": "22 11 22 12", "prioritet": "", "frist_dager": "8",
        "utløper": "30.12.2026", "samtykke": "nei", "likeperson": "ola",
    }.get(heading, "Noe annet")  # fmt: skip
    content = row_content(only_row(sheet([FULL])))
    assert content != row_content(only_row(sheet([{**FULL, heading: other}])))
    spelt = {**FULL, "utløper": "2026-12-31", "prioritet": "URGENT", "samtykke": "x"}
    moved = b"sep=,\r\n\r\n" + sheet([dict(reversed(spelt.items()))], delimiter=",")
    assert content == row_content(only_row(moved))


def test_the_content_does_not_follow_the_organisations_defaults() -> None:
    """An empty deadline is another than one written out, whatever the default is that day."""
    left, written = ({**FULL, "frist_dager": days} for days in ("", "10"))
    assert row_content(only_row(sheet([left]))) != row_content(only_row(sheet([written])))
