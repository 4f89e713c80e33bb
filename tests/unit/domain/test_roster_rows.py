"""Rows as they are met: what is understood, what is a problem, and in which row and column."""

from __future__ import annotations

import time

import pytest

from assigncli.domain.lifecycle import Priority
from assigncli.domain.roster import BadRow, Column, SheetRow, rows, survey
from assigncli.errors import InvalidInput
from assigncli.words.problems import in_sheet
from tests.quick import all_in_one
from tests.unit.domain.test_payload import SYNTHETIC_ID
from tests.unit.domain.test_roster import (
    FULL,
    PERSON,
    TODAY,
    only_row,
    places,
    problems,
    read,
    sheet,
)

HEAD = sheet([FULL]).split(b"\r\n")[0] + b"\r\n"


def line(**changes: str) -> bytes:
    """Return one row of the full sheet, without the header."""
    return sheet([{**FULL, **changes}]).split(b"\r\n", 1)[1]


def row_with(**changes: str) -> SheetRow:
    return only_row(sheet([{**FULL, **changes}]))


def problem_with(**changes: str) -> tuple[str | None, str]:
    ((_line, column, code),) = places(problems(sheet([{**FULL, **changes}])))
    return column, code


# Cells


@pytest.mark.parametrize(
    ("cell", "code"),
    [("0123", "0123"), ("'0123", "0123"), ('="0123"', "0123"), (" 0123\u00a0", "0123")],
)
def test_postal_code_keeps_its_zeros(cell: str, code: str) -> None:
    assert row_with(postnr=cell).payload.postal_code == code


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("'Ågot Eksempelsen", "Ågot Eksempelsen"),
        ("Ågot\u00a0Eksempelsen", "Ågot Eksempelsen"),
        ("A\u030agot Eksempelsen", "Ågot Eksempelsen"),
        ("'t Hart Eksempelsen", "'t Hart Eksempelsen"),
        ("'Gotti' Eksempelsen", "'Gotti' Eksempelsen"),
        ('Ågot "Gotti" Eksempelsen', 'Ågot "Gotti" Eksempelsen'),
        ("Ågot;Eksempelsen", "Ågot;Eksempelsen"),
    ],
)
def test_names_as_they_are_met(cell: str, meant: str) -> None:
    assert row_with(navn=cell).payload.full_name == meant


def test_line_breaks_and_delimiters_in_cells() -> None:
    row = row_with(epikrise='Ser "lite";\r\nhører godt,\rgår\tmye.\n\nSlutt')
    assert row.payload.medical_summary == 'Ser "lite";\nhører godt,\ngår\tmye.\n\nSlutt'


def test_a_lone_quotation_mark_within_a_cell_is_text() -> None:
    data = HEAD + line(navn="Ågot @ Eksempelsen").replace(b"@", b'"')
    assert only_row(data).payload.full_name == 'Ågot " Eksempelsen'


def test_space_before_a_quoted_cell() -> None:
    data = HEAD + line(navn="Eksempelsen; Ågot").replace(b'"Eks', b' "Eks')
    assert only_row(data).payload.full_name == "Eksempelsen; Ågot"


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("", "normal"), ("Vanlig", "normal"), ("NORMAL", "normal"), ("Haster", "urgent")],
)
def test_a_priority_is_read_in_both_languages(cell: str, meant: str) -> None:
    assert row_with(prioritet=cell).priority is Priority(meant)


@pytest.mark.parametrize(
    ("cells", "meant"),
    [("ja JA yes 1 x X true SANN", True), ("nei Nei no 0 false USANN", False)],
)
def test_consent_is_read_in_every_spelling(cells: str, meant: bool) -> None:
    assert [row_with(samtykke=cell).consent for cell in cells.split()] == [meant] * (
        len(cells.split())
    )
    assert row_with(samtykke="").consent is False


@pytest.mark.parametrize("cell", ["31.12.2026", "2026-12-31", "'31.12.2026"])
def test_a_day_is_read_in_every_spelling(cell: str) -> None:
    assert row_with(utløper=cell) == row_with(utløper="31.12.2026")


def test_the_day_itself_still_counts() -> None:
    assert row_with(utløper="21.11.2026").expires == TODAY


def test_mentor_is_a_handle() -> None:
    assert row_with(likeperson=" Kari ").mentor == "kari"


# Problems


@all_in_one(
    ("heading", "cell", "code"),
    [
        ("navn", "", "cell_empty"),
        ("navn", "Olga\x00", "payload_field_invalid"),
        ("navn", "Olga\nProve", "payload_field_invalid"),
        ("adresse", " \u00a0", "cell_empty"),
        ("adresse", f"Veien {SYNTHETIC_ID}", "payload_has_national_id"),
        ("postnr", "123", "postal_code_zero_lost"),
        ("postnr", "12345", "payload_field_invalid"),
        ("poststed", "", "cell_empty"),
        ("telefon", "12", "payload_field_invalid"),
        ("telefon", "2,2112E+07", "payload_field_invalid"),
        ("epikrise", "x" * 70_000, "payload_too_large"),
        ("praktiske_notater", "Nøkkel\x07", "payload_field_invalid"),
        ("likeperson", "", "cell_empty"),
        ("likeperson", "Kari Nordmann", "handle_invalid"),
        ("tittel", "", "cell_empty"),
        ("tittel", "Besøk\nhjemme", "title_invalid"),
        ("tittel", "Besøk hos Ågot", "title_no_pii"),
        ("tittel", "Ring 99887766", "title_no_pii"),
        ("prioritet", "snarest", "priority_unknown"),
        ("referanse", "S" * 41, "subject_reference_max_length"),
        ("referanse", "Eksempelsen", "title_no_pii"),
        ("frist_dager", "ti", "deadline_days_invalid"),
        ("frist_dager", "10,0", "deadline_days_invalid"),
        ("frist_dager", "0", "contact_deadline_days_positive"),
        ("frist_dager", "-3", "contact_deadline_days_positive"),
        ("frist_dager", "366", "contact_deadline_too_long"),
        ("utløper", "31.12.26", "date_invalid"),
        ("utløper", "########", "date_invalid"),
        ("utløper", "20.11.2026", "expires_at_in_future"),
        ("samtykke", "kanskje", "consent_unknown"),
        ("merknad", "Prøveveien 12", "title_no_pii"),
        ("merknad", "x" * 2001, "note_invalid"),
        ("ekstern_id", "A\n1", "external_id_invalid"),
        ("ekstern_id", "A" * 201, "external_id_invalid"),
    ],
)
def test_a_cell_that_cannot_be_used_has_its_code(heading: str, cell: str, code: str) -> None:
    """It is told by the column's name in this sheet, however the sheet writes that."""
    assert problem_with(**{heading: cell}) == (heading, code)
    shouted = {
        name.replace("_", " ").upper(): text for name, text in {**FULL, heading: cell}.items()
    }
    (found,) = problems(sheet([shouted]))
    assert (found.row, found.column) == (2, heading.replace("_", " ").upper())
    assert len(cell.strip()) < 4 or cell.strip() not in in_sheet(found)
    assert not [column for column in Column if "_" in column and column in in_sheet(found)]


def test_all_problems_of_a_row_are_listed_in_order() -> None:
    faulty = {
        "navn": "", "postnr": "12", "telefon": "1", "epikrise": f"Id {SYNTHETIC_ID}",
        "likeperson": "Å", "tittel": "Prøveveien", "prioritet": "nå", "referanse": "r" * 50,
        "frist_dager": "x", "utløper": "x", "samtykke": "?", "merknad": "kari@example.org",
        "ekstern_id": "\t\x07",
    }  # fmt: skip
    assert places(problems(sheet([{**FULL, **faulty}]))) == [
        (2, "navn", "cell_empty"),
        (2, "postnr", "postal_code_zero_lost"),
        (2, "telefon", "payload_field_invalid"),
        (2, "epikrise", "payload_has_national_id"),
        (2, "likeperson", "handle_invalid"),
        (2, "tittel", "title_no_pii"),
        (2, "prioritet", "priority_unknown"),
        (2, "referanse", "subject_reference_max_length"),
        (2, "frist_dager", "deadline_days_invalid"),
        (2, "utløper", "date_invalid"),
        (2, "samtykke", "consent_unknown"),
        (2, "merknad", "title_no_pii"),
        (2, "ekstern_id", "external_id_invalid"),
    ]


def test_both_halves_of_a_name_are_needed() -> None:
    split = {"fornavn": "Ågot", "etternavn": " ", **PERSON}
    del split["navn"]
    assert places(problems(sheet([split]))) == [(2, "etternavn", "cell_empty")]


def test_a_national_id_across_both_halves_of_a_name() -> None:
    split = {"fornavn": SYNTHETIC_ID[:6], "etternavn": SYNTHETIC_ID[6:], **PERSON}
    del split["navn"]
    assert places(problems(sheet([split]))) == [(2, None, "payload_has_national_id")]


def test_sentences_say_what_is_wrong_and_what_to_do() -> None:
    (found,) = problems(sheet([{**FULL, "postnr": "12345"}]))
    assert in_sheet(found) == (
        "This cell cannot be used as it is. Give the postal code as four digits."
    )


# Places


def test_rows_are_those_that_a_spreadsheet_shows() -> None:
    data = (
        HEAD
        + b"\r\n;;;;\r\n"
        + line(telefon="1")  # two lines
        + b'"\r\n"\r\n'
        + line(telefon="2", epikrise="a\nb\nc\nd")
        + line(telefon="3")
    )
    assert [each.row for each in problems(data)] == [4, 6, 7]


def test_rows_without_text_are_passed_over() -> None:
    data = HEAD + b"\n;;;\n ; \n" + line() + b"\n\n" + b";" * 40
    assert only_row(data).row == 5


def test_trailing_delimiters_are_harmless() -> None:
    data = (HEAD + line()).replace(b"\r\n", b";;;\r\n")
    assert only_row(data) == row_with()


def test_optional_cells_may_be_left_out_at_the_end() -> None:
    data = HEAD + line(ekstern_id="", merknad="").replace(b";;\r\n", b"\r\n")
    row = only_row(data)
    assert (row.external_id, row.coordinator_notes) == (None, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"Olga;Veien 1\r\n", "row_too_short"),
        (b"a line that broke off\r\n", "row_too_short"),
        (line().replace(b"S-12", b"S;12"), "row_too_long"),
        (line().replace(b"S-12", b'"S" 12'), "quotes_unmatched"),
        (b'"Olga' + line(), "quotes_unmatched"),
        (b'"' + b"x" * 100_000 + b'"\r\n', "row_too_large"),
    ],
)
def test_a_misshapen_row_costs_no_other(text: bytes, code: str) -> None:
    data = HEAD + line() + text + line(ekstern_id="A-2")
    found = read(data)
    assert [type(each) for each in (found[0], found[-1])] == [SheetRow, SheetRow]
    assert places(problems(data))[0] == (3, None, code)


def test_text_under_a_column_without_a_name() -> None:
    person = {**FULL, "": "a note that would be lost"}
    assert places(problems(sheet([person]))) == [(2, None, "column_unnamed")]


def test_two_lone_quotes_do_not_join_two_people() -> None:
    """Where the cells even add up, one person's data would go to the other's mentor."""
    first = line(epikrise="@Ser lite").replace(b"@", b'"')
    second = line(epikrise="Ser mer@", ekstern_id="A-2").replace(b"@", b'"')
    data = HEAD + first + second
    assert places(problems(data)) == [(2, None, "quotes_unmatched")]


def test_prose_with_many_commas_is_not_taken_for_that() -> None:
    text = "Ser lite, hører lite,\n" * 20
    data = sheet([{**FULL, "epikrise": text}], delimiter=",")
    assert only_row(data).payload.medical_summary == text.strip()


def test_an_unclosed_quote_hides_no_row() -> None:
    rest = b"".join(line(ekstern_id=f"B-{n}", epikrise="Ser lite") for n in range(400))
    found = read(HEAD + b'"Olga;' + line() + rest)
    assert [type(row) for row in found].count(SheetRow) == 400
    assert places(p for row in found if isinstance(row, BadRow) for p in row.problems)[0] == (
        2,
        None,
        "quotes_unmatched",
    )


def test_hopeless_quotes_are_given_up_soon() -> None:
    data = HEAD + b'a";"\n' * 100_000
    layout = survey([data])
    began = time.perf_counter()
    with pytest.raises(InvalidInput) as caught:
        list(rows([data], layout, today=TODAY))
    assert caught.value.code == "quotes_hopeless"
    assert time.perf_counter() - began < 10


def test_a_file_that_changed_is_refused() -> None:
    layout = survey([sheet([FULL])])
    with pytest.raises(InvalidInput) as caught:
        list(rows([sheet([FULL], encoding="cp1252")], layout, today=TODAY))
    assert (caught.value.code, caught.value.__context__) == ("encoding_wrong", None)


# Repeats


def test_the_same_row_twice() -> None:
    assert places(problems(sheet([PERSON, {**PERSON, "tittel": "Besøk"}, PERSON]))) == [
        (4, None, "row_repeated")
    ]


def test_the_same_external_id_twice() -> None:
    (found,) = problems(sheet([FULL, {**FULL, "tittel": "Besøk"}]))
    assert places([found]) == [(3, "ekstern_id", "row_repeated")]
    assert in_sheet(found) == "The row has the same ekstern_id as row 2."


def test_a_bad_row_repeats_nothing() -> None:
    assert places(problems(sheet([{**FULL, "telefon": ""}, FULL]))) == [
        (2, "telefon", "cell_empty")
    ]
