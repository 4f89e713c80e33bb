"""Whatever bytes are given as a sheet: our errors only, no cell told; and one reading of each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assigncli.domain.lifecycle import Priority
from assigncli.domain.payload import Payload
from assigncli.domain.roster import (
    ALIASES,
    BadRow,
    Column,
    HeaderRefused,
    SheetRow,
    row_identity,
    rows,
    survey,
)
from assigncli.errors import AssignError
from assigncli.words.errors import said as sentences
from assigncli.words.problems import in_sheet

TODAY = date(2026, 11, 21)
SECRET = "qzxwøåæ789"
"""Letters of which no four stand together in any sentence of ours."""
ALL = [alias for names in ALIASES.values() for alias in names]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252")


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def said(data: bytes, size: int, options: Mapping[str, str]) -> list[str]:
    """Return every word that reading says; any error but ours fails the test."""
    try:
        layout = survey(chunked(data, size), **options)
        found = list(rows(chunked(data, size), layout, today=TODAY))
    except HeaderRefused as error:
        return [*sentences(error), *(in_sheet(each) for each in error.problems)]
    except AssignError as error:
        return [*sentences(error), str(error.__context__ or "")]
    bad = [row for row in found if isinstance(row, BadRow)]
    assert all(row.problems and row.row > 1 for row in bad)
    return [in_sheet(each) for row in bad for each in row.problems] + [repr(found)]


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "encoding": st.sampled_from(["utf-8", "utf-16", "cp1252", "mac-roman", "cp850"]),
        "delimiter": st.sampled_from([";", ",", "tab"]),
        "mentor": st.just("kari"),
    },
)
HEADERS = st.sampled_from([b"", b"sep=;\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]).flatmap(
    lambda mark: st.sampled_from(
        [mark, mark + b"navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel\r\n"]
    )
)


@given(HEADERS, st.binary(max_size=400), st.integers(1, 50), OPTIONS)
@settings(deadline=None)
@example(b"", b"\xff\xfe\x00", 1, {})
@example(b"", b"\0" * 10, 1, {})
@example(b"", b'"', 1, {})
def test_any_bytes_are_read_or_refused(
    header: bytes, data: bytes, size: int, options: dict[str, str]
) -> None:
    said(header + data, size, options)


HEADINGS = st.lists(
    st.sampled_from(ALL) | st.text(SECRET, max_size=12), min_size=1, max_size=20
) | st.just([names[-1] for column, names in ALIASES.items() if column not in (
    Column.GIVEN_NAME, Column.FAMILY_NAME
)])  # fmt: skip
CELLS = st.text(SECRET + " .@+-='\"\n", max_size=40) | st.sampled_from(
    ["kari", "0181", "22 11 22 11", "ja", "31.12.2026", '"', "'", "7", '="qzxwq"', "Hjemmebesøk"]
)


@pytest.mark.slow
@given(
    HEADINGS,
    st.lists(st.lists(CELLS, max_size=20), max_size=5),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(ENCODINGS),
    st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_no_cell_is_ever_told(
    headings: list[str], cells: list[list[str]], delimiter: str, encoding: str, quoted: bool
) -> None:
    if quoted:
        data = written([headings, *cells], delimiter, encoding, csv.QUOTE_ALL)
    else:
        data = "\r\n".join(map(delimiter.join, [headings, *cells])).encode(encoding)
    words = "\n".join(said(data, 64, {}))
    for secret in re.findall(f"[{SECRET}]{{4,}}", " ".join(sum(cells, headings))):
        assert secret not in words


def written(table: Sequence[Sequence[str]], delimiter: str, encoding: str, quoting: int) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    return out.getvalue().encode(encoding)


LETTERS = "abcdefghijklmnoprstuvyæøåABDEGHIKLMNOPRSTUVÆØÅéöü"
TEXT = st.text(LETTERS + " .,;:'\"()–’«»/!?-", min_size=1, max_size=60)


def kept(text: str) -> bool:
    """Say whether a text survives as it is: not blank, and not what Excel marks as text."""
    return bool(text.strip()) and not text.strip().startswith(("'", "="))


PROSE = st.lists(TEXT, min_size=1, max_size=4).map("\n".join).filter(kept)
LINE = TEXT.filter(kept)
PEOPLE = st.fixed_dictionaries(
    {
        # Longer than the words of the titles below, which may not hold a name.
        Column.NAME: st.text(LETTERS, min_size=6, max_size=12).map("{} Eksempelsen".format),
        # No line is "AA" alone: that would be a street, and the title's "Å" with it.
        Column.ADDRESS: PROSE.map(
            lambda text: "\n".join(f"Granitten {line}" for line in text.split("\n"))
        ),
        Column.POSTAL_CODE: st.from_regex("[0-9]{4}", fullmatch=True),
        Column.CITY: LINE,
        Column.PHONE: st.from_regex(r"(\+47 )?2[2-9] [0-9]{2} [0-9]{2} [0-9]{2}", fullmatch=True),
        Column.MEDICAL_SUMMARY: PROSE,
        Column.PRACTICAL_NOTES: st.just("") | PROSE,
        Column.MENTOR: st.sampled_from(["kari", "ola", "per"]),
        Column.TITLE: st.just("Å få hjelp på veg"),
        Column.PRIORITY: st.sampled_from(["normal", "urgent"]),
        Column.REFERENCE: st.sampled_from(["", "S-12"]),
        Column.DEADLINE_DAYS: st.just("") | st.integers(1, 365).map(str),
        Column.EXPIRES: st.just("") | st.dates(TODAY).map(str),
        Column.CONSENT: st.sampled_from(["", "ja", "nei"]),
        Column.COORDINATOR_NOTES: st.just(""),
        Column.EXTERNAL_ID: st.uuids().map(str),
    }
)


def expected(person: Mapping[Column, str]) -> dict[str, object]:
    """Return what a row must hold, put together without the reader."""
    fields = {
        "full_name": Column.NAME,
        "address": Column.ADDRESS,
        "postal_code": Column.POSTAL_CODE,
        "city": Column.CITY,
        "phone": Column.PHONE,
        "medical_summary": Column.MEDICAL_SUMMARY,
        "practical_notes": Column.PRACTICAL_NOTES,
    }
    days, expires = person[Column.DEADLINE_DAYS], person[Column.EXPIRES]
    return {
        "payload": Payload.from_fields({name: person[each] for name, each in fields.items()}),
        "mentor": person[Column.MENTOR],
        "title": person[Column.TITLE],
        "reference": person[Column.REFERENCE] or None,
        "priority": Priority(person[Column.PRIORITY]),
        "deadline_days": int(days) if days else None,
        "expires": date.fromisoformat(expires) if expires else None,
        "consent": person[Column.CONSENT] == "ja",
        "coordinator_notes": None,
        "external_id": person[Column.EXTERNAL_ID],
    }


def facts(row: SheetRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in SheetRow.__slots__ if name != "row"}


@pytest.mark.slow
@given(
    st.lists(PEOPLE, min_size=1, max_size=3),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(ENCODINGS),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([0, -1]),
    st.randoms(use_true_random=False),
    st.integers(1, 500),
)
@settings(deadline=None, max_examples=150)
def test_every_flavour_is_read_the_same(
    people: list[dict[Column, str]],
    delimiter: str,
    encoding: str,
    quoting: int,
    language: int,
    order: object,
    size: int,
) -> None:
    columns = list(people[0])
    order.shuffle(columns)  # type: ignore[attr-defined]
    table = [[ALIASES[column][language] for column in columns]]
    table += [[_local(column, person[column], language) for column in columns] for person in people]
    data = written(table, delimiter, encoding, quoting)
    layout = survey(chunked(data, size))
    found = list(rows(chunked(data, size), layout, today=TODAY))
    good = [row for row in found if isinstance(row, SheetRow)]
    assert [facts(row) for row in good] == [expected(person) for person in people], found
    assert len({row_identity(row) for row in good}) == len(people)


def _local(column: Column, text: str, language: int) -> str:
    """Write dates and priorities the Norwegian way in a Norwegian sheet."""
    if language == 0 or not text:
        return text
    if column is Column.EXPIRES:
        return date.fromisoformat(text).strftime("%d.%m.%Y")
    return {"normal": "vanlig", "urgent": "haster"}.get(text, text)
