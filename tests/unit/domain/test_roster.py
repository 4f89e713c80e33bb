"""A sheet read from beginning to end: every flavour the same rows, the examples as they are."""

from __future__ import annotations

import csv
import io
import itertools
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from assigncli.domain.lifecycle import Priority
from assigncli.domain.roster import (
    ALIASES,
    BadRow,
    Column,
    Encoding,
    Layout,
    RowProblem,
    SheetRow,
    row_identity,
    rows,
    survey,
)
from tests.quick import all_in_one

TODAY = date(2026, 11, 21)
EXAMPLES = Path(__file__).parents[3] / "examples"

PERSON: dict[str, str] = {
    "navn": "Ågot Eksempelsen",
    "adresse": "Prøveveien 12 B",
    "postnr": "0181",
    "poststed": "Ærøy",
    "telefon": "22 11 22 11",
    "epikrise": "Makuladegenerasjon, øynene svake.\nHører godt; går med stokk.",
    "likeperson": "kari",
    "tittel": "Hjemmebesøk",
}
FULL: dict[str, str] = {
    **PERSON,
    "praktiske_notater": "Ring to ganger.",
    "prioritet": "haster",
    "referanse": "S-12",
    "frist_dager": "7",
    "utløper": "31.12.2026",
    "samtykke": "ja",
    "merknad": "Helst om formiddagen.",
    "ekstern_id": "A-1",
}


def sheet(
    people: Sequence[Mapping[str, str]],
    *,
    delimiter: str = ";",
    encoding: str = "utf-8",
    ends: str = "\r\n",
    quoting: int = csv.QUOTE_MINIMAL,
) -> bytes:
    """Write a sheet as a spreadsheet does; the header is the first person's keys."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(people[0])
    writer.writerows(person.values() for person in people)
    return out.getvalue().replace("\r\n", ends).encode(encoding)


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def read(data: bytes, size: int = 4096, /, **options: str) -> list[SheetRow | BadRow]:
    layout = survey(in_chunks(data, size), **options)
    return list(rows(in_chunks(data, size), layout, today=TODAY))


def only_row(data: bytes, **options: str) -> SheetRow:
    (row,) = read(data, **options)
    assert isinstance(row, SheetRow), row
    return row


def problems(data: bytes, **options: str) -> list[RowProblem]:
    bad = [row for row in read(data, **options) if isinstance(row, BadRow)]
    return [problem for row in bad for problem in row.problems]


def places(found: Iterable[RowProblem]) -> list[tuple[int, str | None, str]]:
    return [(each.row, each.column, each.code) for each in found]


def test_every_column_is_read() -> None:
    row = only_row(sheet([FULL]))
    assert row.payload.to_bytes().decode() == (
        '{"address":"Prøveveien 12 B","city":"Ærøy","full_name":"Ågot Eksempelsen",'
        '"medical_summary":"Makuladegenerasjon, øynene svake.\\nHører godt; går med stokk.",'
        '"phone":"22 11 22 11","postal_code":"0181","practical_notes":"Ring to ganger."}'
    )
    assert (row.row, row.mentor, row.title, row.reference) == (2, "kari", "Hjemmebesøk", "S-12")
    assert (row.priority, row.deadline_days, row.expires) == (
        Priority.URGENT,
        7,
        date(2026, 12, 31),
    )
    assert (row.consent, row.coordinator_notes, row.external_id) == (
        True,
        "Helst om formiddagen.",
        "A-1",
    )


def test_what_may_be_left_out_has_defaults() -> None:
    row = only_row(sheet([PERSON]))
    assert (row.payload.practical_notes, row.reference, row.coordinator_notes) == (None, None, None)
    assert (row.priority, row.deadline_days, row.expires) == (Priority.NORMAL, None, None)
    assert (row.consent, row.external_id) == (False, None)


@all_in_one("ends", ["\r\n", "\n", "\r"])
@all_in_one("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@all_in_one("delimiter", [";", ",", "\t"])
def test_every_flavour_gives_the_same_rows(delimiter: str, encoding: str, ends: str) -> None:
    expected = read(sheet([FULL, {**FULL, "ekstern_id": "A-2"}]))
    people = [FULL, {**FULL, "ekstern_id": "A-2"}]
    data = sheet(people, delimiter=delimiter, encoding=encoding, ends=ends)
    assert all(isinstance(row, SheetRow) for row in expected)
    for size in (1, 3, 4096):
        assert read(data, size) == expected


def test_a_name_in_two_columns_is_one() -> None:
    split = {"fornavn": "Ågot", "etternavn": "Eksempelsen", **PERSON}
    del split["navn"]
    assert only_row(sheet([split])) == only_row(sheet([PERSON]))


@all_in_one(
    ("column", "alias"), [(column, alias) for column in Column for alias in ALIASES[column]]
)
@all_in_one(
    "spelling",
    [str, str.upper, lambda s: s.replace("_", " "), lambda s: f" {s.replace('_', '-')} "],
    ids=["as is", "capitals", "spaces", "hyphens"],
)
def test_a_column_is_known_by_each_of_its_names(
    column: Column, alias: str, spelling: object
) -> None:
    assert callable(spelling)
    by_column = {_column(heading): text for heading, text in FULL.items()}
    headings = {each: ALIASES[each][0] for each in by_column}
    if column in (Column.GIVEN_NAME, Column.FAMILY_NAME):
        del headings[Column.NAME], by_column[Column.NAME]
        for part, text in ((Column.GIVEN_NAME, "Ågot"), (Column.FAMILY_NAME, "Eksempelsen")):
            headings[part], by_column[part] = ALIASES[part][0], text
    headings[column] = spelling(alias)
    person = {heading: by_column[each] for each, heading in headings.items()}
    assert only_row(sheet([person])) == only_row(sheet([FULL]))


def _column(heading: str) -> Column:
    return next(column for column, names in ALIASES.items() if heading in names)


def test_aliases_are_those_of_the_contract() -> None:
    contract = (
        "name/navn address/adresse postal_code/postnr city/poststed phone/telefon/mobil "
        "medical_summary/epikrise mentor/likeperson title/tittel priority/prioritet "
        "reference/referanse deadline_days/frist_dager expires/utløper consent/samtykke "
        "coordinator_notes/merknad external_id/ekstern_id fornavn etternavn"
    )
    known = {alias for names in ALIASES.values() for alias in names}
    ours = {"utloper", "practical_notes", "praktiske_notater"}
    assert known - ours == set(contract.replace("/", " ").split())


def test_a_row_and_its_layout_show_no_value() -> None:
    data = sheet([FULL])
    shown = repr(read(data)) + repr(survey([data]))
    assert not [text for text in FULL.values() if len(text) > 1 and text in shown]
    assert "row 2" in shown


EXAMPLE_LAYOUTS = {
    "dispatch-norwegian-excel.csv": (Encoding.CP1252, ";"),
    "dispatch-utf8-bom.csv": (Encoding.UTF_8, ";"),
    "dispatch-english.csv": (Encoding.UTF_8, ","),
    "dispatch-unicode-text.txt": (Encoding.UTF_16_LE, "\t"),
}


@pytest.mark.parametrize("name", EXAMPLE_LAYOUTS)
def test_each_example_is_read(name: str) -> None:
    data = (EXAMPLES / name).read_bytes()
    layout = survey([data])
    assert (layout.encoding, layout.delimiter) == EXAMPLE_LAYOUTS[name]
    found = read(data)
    assert len(found) >= 3
    assert all(isinstance(row, SheetRow) for row in found), problems(data)
    people = [row for row in found if isinstance(row, SheetRow)]
    assert {row.mentor for row in people} <= {"kari", "ola", "per"}
    assert all("Eksempelsen" in row.payload.full_name for row in people)
    assert any(set("æøåÆØÅ") & set(row.payload.full_name) for row in people)
    assert any("\n" in row.payload.medical_summary for row in people)
    assert any(row.payload.postal_code.startswith("0") for row in people)


def test_the_same_people_in_another_flavour_are_the_same_assignments() -> None:
    excel, bom = (
        [
            row_identity(row)
            for row in read((EXAMPLES / name).read_bytes())
            if isinstance(row, SheetRow)
        ]
        for name in ("dispatch-norwegian-excel.csv", "dispatch-unicode-text.txt")
    )
    assert excel == bom


def _large(count: int) -> Iterator[bytes]:
    header, body = sheet([{**PERSON, "ekstern_id": "{}"}]).split(b"\r\n", 1)
    yield header + b"\r\n"
    for number in range(count):
        yield body.replace(b"{}", b"%d" % number)


def _peak(count: int) -> int:
    layout = survey(_large(count))
    tracemalloc.start()
    try:
        for _row in rows(_large(count), layout, today=TODAY):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_bounded() -> None:
    """Beside one row there are some hundred bytes a row, to find repeated ones."""
    _peak(10)
    assert _peak(400) - _peak(100) < 300 * 250


def test_reading_is_lazy() -> None:
    layout: Layout = survey(_large(3))
    first = next(iter(rows(itertools.chain(_large(10), _broken()), layout, today=TODAY)))
    assert isinstance(first, SheetRow)


def _broken() -> Iterator[bytes]:
    raise AssertionError("read too far")
    yield b""
