"""The columns a sheet may have, by their names in both languages (SPEC section 7).

A first row that is no header contains a person. A problem therefore quotes a cell only if at least
three cells of the row name known columns, and then only a word that is close to a known name or in
the list of usual headings below. Any other cell is named by its position.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from assigncli.domain.roster.cells import plain
from assigncli.domain.roster.row import HeaderRefused, RowProblem
from assigncli.errors import Fact


class Column(StrEnum):
    """A column a sheet may have. A problem names it as the sheet's own header does."""

    NAME = "name"
    GIVEN_NAME = "fornavn"
    FAMILY_NAME = "etternavn"
    ADDRESS = "address"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    PHONE = "phone"
    MEDICAL_SUMMARY = "medical_summary"
    PRACTICAL_NOTES = "practical_notes"
    MENTOR = "mentor"
    TITLE = "title"
    PRIORITY = "priority"
    REFERENCE = "reference"
    DEADLINE_DAYS = "deadline_days"
    EXPIRES = "expires"
    CONSENT = "consent"
    COORDINATOR_NOTES = "coordinator_notes"
    EXTERNAL_ID = "external_id"


ALIASES: Final[dict[Column, tuple[str, ...]]] = {
    Column.NAME: ("name", "navn"),
    Column.GIVEN_NAME: ("fornavn",),
    Column.FAMILY_NAME: ("etternavn",),
    Column.ADDRESS: ("address", "adresse"),
    Column.POSTAL_CODE: ("postal_code", "postnr"),
    Column.CITY: ("city", "poststed"),
    Column.PHONE: ("phone", "telefon", "mobil"),
    Column.MEDICAL_SUMMARY: ("medical_summary", "epikrise"),
    Column.PRACTICAL_NOTES: ("practical_notes", "praktiske_notater"),
    Column.MENTOR: ("mentor", "likeperson"),
    Column.TITLE: ("title", "tittel"),
    Column.PRIORITY: ("priority", "prioritet"),
    Column.REFERENCE: ("reference", "referanse"),
    Column.DEADLINE_DAYS: ("deadline_days", "frist_dager"),
    Column.EXPIRES: ("expires", "utløper", "utloper"),
    Column.CONSENT: ("consent", "samtykke"),
    Column.COORDINATOR_NOTES: ("coordinator_notes", "merknad"),
    Column.EXTERNAL_ID: ("external_id", "ekstern_id"),
}
"""The names each column may have: English first, then Norwegian."""

REQUIRED: Final = (
    Column.NAME, Column.ADDRESS, Column.POSTAL_CODE, Column.CITY, Column.PHONE,
    Column.MEDICAL_SUMMARY, Column.TITLE, Column.MENTOR,
)  # fmt: skip
OPTIONAL: Final = frozenset({
    Column.PRACTICAL_NOTES, Column.PRIORITY, Column.REFERENCE, Column.DEADLINE_DAYS,
    Column.EXPIRES, Column.CONSENT, Column.COORDINATOR_NOTES, Column.EXTERNAL_ID,
})  # fmt: skip
_PARTS: Final = (Column.GIVEN_NAME, Column.FAMILY_NAME)
_HEADER_AT_LEAST: Final = 3

_HEADINGS: Final[dict[str, Column | None]] = {
    "fullname": Column.NAME, "fulltnavn": Column.NAME, "firstname": Column.GIVEN_NAME,
    "lastname": Column.FAMILY_NAME, "gateadresse": Column.ADDRESS, "gate": Column.ADDRESS,
    "street": Column.ADDRESS, "postnummer": Column.POSTAL_CODE, "postkode": Column.POSTAL_CODE,
    "zip": Column.POSTAL_CODE, "by": Column.CITY, "sted": Column.CITY, "tlf": Column.PHONE,
    "telefonnummer": Column.PHONE, "mobilnummer": Column.PHONE, "mobile": Column.PHONE,
    "diagnose": Column.MEDICAL_SUMMARY, "diagnosis": Column.MEDICAL_SUMMARY,
    "sammendrag": Column.MEDICAL_SUMMARY, "summary": Column.MEDICAL_SUMMARY,
    "praktisk": Column.PRACTICAL_NOTES, "handle": Column.MENTOR, "mottaker": Column.MENTOR,
    "recipient": Column.MENTOR, "hastegrad": Column.PRIORITY, "saksnummer": Column.REFERENCE,
    "frist": Column.DEADLINE_DAYS, "deadline": Column.DEADLINE_DAYS, "utløpsdato": Column.EXPIRES,
    "kommentar": Column.COORDINATOR_NOTES, "comment": Column.COORDINATOR_NOTES,
    "notat": Column.COORDINATOR_NOTES, "notater": Column.COORDINATOR_NOTES,
    "notes": Column.COORDINATOR_NOTES, "merknader": Column.COORDINATOR_NOTES, "id": None,
    "fødselsnummer": None, "personnummer": None, "fødselsdato": None, "birthdate": None,
    "epost": None, "email": None, "kjønn": None, "alder": None, "age": None, "status": None,
    "dato": None, "date": None,
}  # fmt: skip
"""Common headings that are not columns here, and the column each may stand for."""


def _key(text: str) -> str:
    """Return a heading composed and without case, spaces, hyphens and punctuation."""
    composed = unicodedata.normalize("NFC", text).casefold()
    return "".join(character for character in composed if character.isalnum())


_KNOWN: Final = {_key(alias): column for column, names in ALIASES.items() for alias in names}
_SPELT: Final = {_key(alias): alias for names in ALIASES.values() for alias in names}
_LONGEST: Final = 30  # most characters of a heading that is shown or compared with known names
_SIMILAR: Final = 0.75  # as postnummer and postnr, or seven letters with two changed


def known(cells: Sequence[str]) -> int:
    """Return how many of the cells name a column."""
    return sum(_key(cell) in _KNOWN for cell in cells)


def heading_of(cell: str, column: Column) -> str:
    """Return the sheet's own name of a column, on one line.

    A cell too long to be only a name is replaced by the column's known name.
    """
    heading = plain(cell).replace("\n", " ")
    return heading if len(heading) <= _LONGEST else ALIASES[column][-1]


def read_header(cells: Sequence[str], row: int, *, mentor_given: bool) -> tuple[Column | None, ...]:
    """Return the column of each cell, None for an empty cell; `row` is the header's own.

    Raises HeaderRefused with every problem found: `header_missing`, or `column_unknown`,
    `column_repeated`, `column_missing` and `mentor_given_twice`.
    """
    if known(cells) < _HEADER_AT_LEAST:
        raise HeaderRefused([_no_header(row)])
    found = tuple(_KNOWN.get(_key(cell)) for cell in cells)
    problems = [
        *_unknown(cells, found, row),
        *_repeated(cells, found, row),
        *_given_twice(cells, found, row, mentor_given),
        *_missing(found, row, mentor_given),
    ]
    if problems:
        raise HeaderRefused(problems)
    return found


def _no_header(row: int) -> RowProblem:
    names = tuple(ALIASES[column][-1] for column in REQUIRED)
    return RowProblem(row, None, "header_missing", facts={"names": names})


def _unknown(
    cells: Sequence[str], found: Sequence[Column | None], row: int
) -> Iterator[RowProblem]:
    for position, (cell, column) in enumerate(zip(cells, found, strict=True), start=1):
        if column is None and cell.strip():
            yield _unknown_column(row, position, plain(cell))


def _unknown_column(row: int, position: int, heading: str) -> RowProblem:
    key = _key(heading)
    nearest = _nearest(key)
    facts: dict[str, Fact] = {"position": position}
    if key not in _HEADINGS and nearest is None:
        return RowProblem(row, None, "column_unknown", facts=facts)
    facts["name"] = heading
    if nearest is None:
        return RowProblem(row, None, "column_unknown", "usual", facts)
    return RowProblem(row, None, "column_unknown", "near", {**facts, "nearest": nearest})


def _nearest(key: str) -> str | None:
    """Return the known name that a heading stands for or resembles, or None."""
    if key in _HEADINGS:
        meant = _HEADINGS[key]
        return ALIASES[meant][-1] if meant else None
    if len(key) > _LONGEST:
        return None
    ratio, alias = max((SequenceMatcher(None, key, each).ratio(), each) for each in _SPELT)
    return _SPELT[alias] if ratio >= _SIMILAR else None


def _repeated(
    cells: Sequence[str], found: Sequence[Column | None], row: int
) -> Iterator[RowProblem]:
    first: dict[Column, str] = {}
    for cell, column in zip(cells, found, strict=True):
        if column is None:
            continue
        heading = heading_of(cell, column)
        if column in first:
            yield _same(row, first[column], heading, at=heading)
        first.setdefault(column, heading)
    parts = [first[part] for part in _PARTS if part in first]
    if parts and Column.NAME in first:
        yield _same(row, first[Column.NAME], " + ".join(parts), at=first[Column.NAME])


def _same(row: int, first: str, second: str, *, at: str) -> RowProblem:
    return RowProblem(row, at, "column_repeated", facts={"first": first, "second": second})


def _given_twice(
    cells: Sequence[str], found: Sequence[Column | None], row: int, mentor_given: bool
) -> Iterator[RowProblem]:
    if mentor_given and Column.MENTOR in found:
        heading = heading_of(cells[found.index(Column.MENTOR)], Column.MENTOR)
        yield RowProblem(row, heading, "mentor_given_twice", facts={"column": heading})


def _missing(found: Sequence[Column | None], row: int, mentor_given: bool) -> Iterator[RowProblem]:
    wanted = set(REQUIRED)
    if any(part in found for part in _PARTS):
        wanted ^= {Column.NAME, *_PARTS}  # given and family name instead of the whole name
    if Column.NAME in found:
        wanted -= {Column.NAME, *_PARTS}
    if mentor_given:
        wanted.remove(Column.MENTOR)
    for column in Column:
        if column in wanted and column not in found:
            yield _missing_column(row, column)


def _missing_column(row: int, column: Column) -> RowProblem:
    facts: dict[str, Fact] = {"names": ALIASES[column]}
    if column is not Column.NAME:
        return RowProblem(row, None, "column_missing", facts=facts)
    first, last = (ALIASES[part][0] for part in _PARTS)
    return RowProblem(row, None, "column_missing", "name", {**facts, "first": first, "last": last})
