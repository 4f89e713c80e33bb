"""A row's number is the one a spreadsheet shows beside it, whatever the lines of the file."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.roster import HeaderRefused, survey
from assigncli.domain.roster.shown import Shown
from assigncli.words.problems import in_sheet
from tests.quick import all_in_one
from tests.unit.domain.test_payload import SYNTHETIC_ID
from tests.unit.domain.test_roster import FULL, PERSON, only_row, places, problems, sheet

HEAD = sheet([PERSON]).split(b"\r\n")[0].decode()
BAD = sheet([{**PERSON, "telefon": "1"}]).decode().split("\r\n", 1)[1]
GOOD = {**PERSON, "epikrise": "Synsrest."}


def rows_of(text: str, delimiter: str = ";") -> list[int]:
    """Return the row of every line."""
    shown = Shown(delimiter)
    return [shown.row_of(line) for line in text.splitlines(keepends=True)]


@all_in_one(
    ("text", "rows"),
    [
        ("a;b\nc;d\n", [1, 2]),
        ("a;b\n\n;\nc;d\n", [1, 2, 3, 4]),
        ('a;"b\nc\nd"\ne;f\n', [1, 1, 1, 2]),
        ('"b\nc";a\ne;f\n', [1, 1, 2]),
        ('a;"b ""x""\nc"\ne\n', [1, 1, 2]),
        ('a;"";"b\nc"\ne\n', [1, 1, 2]),
        ('a;b"c\nd"\ne\n', [1, 2, 3]),
        ('a; "b\nc"\ne\n', [1, 2, 3]),
        ('a,"b\nc"\ne\n', [1, 2, 3]),
        ('"a" b;c\nd\n', [1, 2]),
        ('"a "b" c;"d\ne"\nf\n', [1, 1, 2]),
        ('a;"b\nc;d\ne;f\n', [1, 1, 1]),
        ("sep=;\na;b\nc\n", [0, 1, 2]),
        ('"sep=;"\na;b\n', [0, 1]),
        ("\nsep=;\na;b\n", [1, 2, 3]),
    ],
)
def test_a_row_begins_where_a_spreadsheet_begins_one(text: str, rows: list[int]) -> None:
    assert rows_of(text) == rows


CELLS = st.text('ab;,"\n', max_size=8)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_what_a_program_writes_is_counted_as_it_was_written(table: list[list[str]]) -> None:
    out, rows = io.StringIO(newline=""), []
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    for number, cells in enumerate(table, start=1):
        before = out.getvalue().count("\n")
        writer.writerow(cells)
        rows += [number] * (out.getvalue().count("\n") - before)
    assert rows_of(out.getvalue()) == rows


@all_in_one("ends", ["\r\n", "\n", "\r"])
@all_in_one("breaks", ["\n", "\r\n", "\r"])
def test_a_line_break_in_a_cell_begins_no_row(breaks: str, ends: str) -> None:
    broken = f"Ser lite.{breaks}{breaks}Hører godt."
    people = [{**GOOD, "epikrise": broken, "telefon": "1"}, {**GOOD, "telefon": "2"}]
    data = sheet(people).replace(b"\r\n", b"@").replace(broken.replace("\r\n", "@").encode(), b"#")
    data = data.replace(b"@", ends.encode()).replace(b"#", broken.encode())
    assert [row for row, _column, _code in places(problems(data))] == [2, 3]


@pytest.mark.parametrize(
    ("before", "first"), [("sep=;\r\n", 2), ("\r\n", 3), (";;;\r\n\r\n", 4), ("sep=;\r\n\r\n", 3)]
)
def test_what_stands_above_the_header_is_counted_if_it_is_shown(before: str, first: int) -> None:
    data = (before + HEAD + "\r\n" + BAD).encode()
    assert places(problems(data)) == [(first, "telefon", "payload_field_invalid")]


@pytest.mark.parametrize(("above", "row"), [("", 1), ("\r\n\r\n", 3), ("sep=;\r\n", 1)])
def test_a_header_that_is_none_is_told_by_its_row(above: str, row: int) -> None:
    for text in ("Liste over oppdrag\r\n" + HEAD, '"Liste', BAD):
        with pytest.raises(HeaderRefused) as caught:
            survey([(above + text).encode()])
        assert [each.row for each in caught.value.problems] == [row]


def test_a_heading_on_two_lines_is_one_row_and_one_name() -> None:
    person = {("Frist\ndager" if k == "frist_dager" else k): v for k, v in FULL.items()}
    assert only_row(sheet([person])).row == 2
    faulty = {**person, "Frist\ndager": "x"}
    assert places(problems(sheet([faulty]))) == [(2, "Frist dager", "deadline_days_invalid")]


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("Telefon", "Telefon"),
        ("MOBIL", "MOBIL"),
        (" phone ", "phone"),
        ("Tele-fon:", "Tele-fon:"),
        ("telefon" + "*" * 60, "mobil"),
    ],
)
def test_a_column_is_called_what_its_heading_says(heading: str, told: str) -> None:
    person = {(heading if k == "telefon" else k): v for k, v in {**PERSON, "telefon": "1"}.items()}
    assert places(problems(sheet([person]))) == [(2, told, "payload_field_invalid")]


def test_each_half_of_a_name_is_called_by_its_own_heading() -> None:
    split = {"Fornavn": "Ågot\x07", "ETTERNAVN": "", **PERSON}
    del split["navn"]
    assert places(problems(sheet([split]))) == [
        (2, "Fornavn", "payload_field_invalid"),
        (2, "ETTERNAVN", "cell_empty"),
    ]


def test_a_fault_of_both_halves_names_both() -> None:
    split = {"Fornavn": SYNTHETIC_ID[:6], "Etternavn": SYNTHETIC_ID[6:], **PERSON}
    del split["navn"]
    (found,) = problems(sheet([split]))
    assert (found.column, found.code) == (None, "payload_has_national_id")
    assert in_sheet(found).startswith("The columns Fornavn and Etternavn together hold")


def test_a_name_that_is_missing_may_be_given_in_two_ways() -> None:
    with pytest.raises(HeaderRefused) as caught:
        survey([sheet([{k: v for k, v in PERSON.items() if k != "navn"}])])
    (found,) = caught.value.problems
    assert in_sheet(found) == (
        "There is no column by any of these names: name, navn, or fornavn and etternavn."
    )


def test_text_under_no_heading_is_told_by_its_position() -> None:
    (found,) = problems(sheet([{**PERSON, "": "a note"}]))
    assert in_sheet(found) == "The row has text in column 9, which has no name."


def test_after_a_stray_quotation_mark_rows_are_still_those_shown() -> None:
    faulty = sheet([{**PERSON, "tittel": "@S@ 12"}]).decode().split("\r\n", 1)[1].replace("@", '"')
    data = (HEAD + "\r\n" + faulty + BAD).encode()
    found = places(problems(data))
    assert {row for row, _column, code in found[:-1]} == {2}
    assert found[-1] == (3, "telefon", "payload_field_invalid")
