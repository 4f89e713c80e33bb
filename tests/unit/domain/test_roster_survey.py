"""How a sheet is encoded, parted and headed; and what is refused rather than guessed."""

from __future__ import annotations

import pytest

from assigncli.domain.roster import Encoding, HeaderRefused, SheetRow, survey
from assigncli.errors import InvalidInput
from assigncli.words.errors import said
from assigncli.words.problems import in_sheet
from tests.quick import all_in_one
from tests.unit.domain.test_roster import (
    FULL,
    PERSON,
    in_chunks,
    only_row,
    places,
    problems,
    read,
    sheet,
)


def refused(data: bytes, size: int = 4096, /, **options: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        survey(in_chunks(data, size), **options)
    assert caught.value.__context__ is None
    return caught.value


def header_problems(headings: dict[str, str], **options: str) -> HeaderRefused:
    error = refused(sheet([headings]), **options)
    assert isinstance(error, HeaderRefused)
    return error


def heads(**changes: str | None) -> dict[str, str]:
    """Return the usual headings; None takes one out, a text renames it."""
    renamed = {each: changes.get(each, each) for each in PERSON}
    return {new: PERSON[old] for old, new in renamed.items() if new is not None}


# Encoding


@all_in_one(
    ("codec", "found"),
    [
        ("utf-8", Encoding.UTF_8),
        ("utf-8-sig", Encoding.UTF_8),
        ("cp1252", Encoding.CP1252),
        ("utf-16", Encoding.UTF_16_LE),
        ("utf-16-le", Encoding.UTF_16_LE),
        ("utf-16-be", Encoding.UTF_16_BE),
    ],
)
@all_in_one("size", [1, 7, 4096])
def test_encoding_is_found(codec: str, found: Encoding, size: int) -> None:
    assert survey(in_chunks(sheet([FULL], encoding=codec), size)).encoding is found


def test_utf_16_big_endian_with_its_mark() -> None:
    data = b"\xfe\xff" + sheet([FULL], encoding="utf-16-be")
    assert only_row(data) == only_row(sheet([FULL]))


def test_the_last_row_settles_the_encoding() -> None:
    data = sheet([*[dict.fromkeys(PERSON, "")] * 90_000, PERSON], encoding="cp1252")
    layout = survey(in_chunks(data, 1000))
    assert layout.encoding is Encoding.CP1252
    last = read(data)[-1]
    assert isinstance(last, SheetRow)
    assert last.payload.full_name == "Ågot Eksempelsen"


def test_now_utf_8_and_now_cp1252_is_refused_with_the_line() -> None:
    for data in (
        sheet([PERSON]) + sheet([PERSON], encoding="cp1252"),
        sheet([PERSON], encoding="cp1252") + sheet([PERSON]),
    ):
        for size in (1, 2, 5, 4096):
            error = refused(data, size)
            assert error.code == "encoding_unclear"
    assert "Line 5 " in said(refused(sheet([PERSON]) + sheet([PERSON], encoding="cp1252")))[0]


@pytest.mark.parametrize("codec", ["cp850", "mac-roman"])
def test_the_other_csv_of_excel_is_refused_until_named(codec: str) -> None:
    person = {**PERSON, "poststed": "Tønsberg", "adresse": "Skråveien 1"}
    data = sheet([person], encoding=codec)
    assert refused(data).code == "encoding_unclear"
    assert only_row(data, encoding=codec) == only_row(sheet([person]))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8-sig"),
        ("utf_16", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("Windows-1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
def test_an_encoding_that_is_named_is_used(name: str, codec: str) -> None:
    row = only_row(sheet([FULL], encoding=codec), encoding=name)
    assert row == only_row(sheet([FULL]))


@pytest.mark.parametrize(("name", "codec"), [("utf-8", "cp1252"), ("utf-16-le", "utf-8")])
def test_a_forced_encoding_that_does_not_fit(name: str, codec: str) -> None:
    data = sheet([{**PERSON, "navn": "Å."}], encoding=codec)
    error = refused(data, encoding=name)
    assert error.code in ("encoding_wrong", "header_missing", "header_refused")
    if name == "utf-8":
        assert "Line 2 " in said(error)[0]


def test_a_mark_that_lies() -> None:
    error = refused(b"\xef\xbb\xbf" + sheet([PERSON], encoding="cp1252"))
    assert error.code == "encoding_wrong"


def test_unknown_encoding_and_delimiter() -> None:
    assert refused(b"x", encoding="Hemmelig").code == "encoding_unknown"
    error = refused(b"x", delimiter="Hemmelig")
    assert error.code == "delimiter_unknown"
    assert "emmelig" not in " ".join(said(error))


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n \n\n"])
def test_an_empty_file(data: bytes) -> None:
    assert refused(data).code == "file_empty"


# Delimiter


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_delimiter_is_found_though_headings_hold_others(delimiter: str) -> None:
    person = {**heads(), "prioritet": "", "": ""}
    data = sheet([person], delimiter=delimiter)
    assert survey([data]).delimiter == delimiter
    quoted = data.replace(b"epikrise", b'" epikrise;,\t,;,;\n"', 1)
    assert survey([quoted]).delimiter == delimiter


@pytest.mark.parametrize("first", [b"sep=,\r\n", b'"sep=,"\r\n', b"SEP=,\n"])
def test_sep_line_is_honoured(first: bytes) -> None:
    data = first + sheet([PERSON], delimiter=",")
    row = only_row(data)
    assert (row.row, survey([data]).delimiter) == (2, ",")


def test_sep_line_with_another_delimiter_is_refused() -> None:
    assert refused(b"sep=|\r\n" + sheet([PERSON])).code == "delimiter_unknown"


@pytest.mark.parametrize(
    ("name", "delimiter"), [("tab", "\t"), ("\t", "\t"), ("semikolon", ";"), (" Comma ", ",")]
)
def test_a_delimiter_that_is_named_is_used(name: str, delimiter: str) -> None:
    row = only_row(sheet([PERSON], delimiter=delimiter), delimiter=name)
    assert row == only_row(sheet([PERSON]))


# Header


def test_empty_lines_before_the_header_are_counted() -> None:
    assert only_row(b"\r\n;;\r\n" + sheet([PERSON])).row == 4


def test_decomposed_and_marked_headings() -> None:
    data = sheet([FULL]).decode().replace("utløper", "Utl\u00f8per *").replace("navn", "NAVN:")
    assert only_row(data.encode()) == only_row(sheet([FULL]))


def test_heading_over_two_lines() -> None:
    person = {("frist\ndager" if k == "frist_dager" else k): v for k, v in FULL.items()}
    row = only_row(sheet([person]))
    assert (row.row, row.deadline_days) == (2, 7)


def test_columns_without_a_name_may_be_empty() -> None:
    person = {"": "", **PERSON, " ": ""}
    assert only_row(sheet([person])) == only_row(sheet([PERSON]))
    assert survey([sheet([person])]).columns[0] is None


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("telefonn", "Column 5, telefonn, is not known. Did you mean telefon?"),
        ("Postnummer", "Column 5, Postnummer, is not known. Did you mean postnr?"),
        ("kommentar", "Column 5, kommentar, is not known. Did you mean merknad?"),
        ("Fødselsnummer", "Column 5, Fødselsnummer, is not known; take it out."),
        ("Olga Nordmann", "The name of column 5 is not known; rename it or take it out."),
        ("22 33 44 55", "The name of column 5 is not known; rename it or take it out."),
    ],
)
def test_an_unknown_column_is_told_beside_the_missing_one(heading: str, said: str) -> None:
    error = header_problems(heads(telefon=heading))
    assert [(each.code, each.column) for each in error.problems] == [
        ("column_unknown", None),
        ("column_missing", None),
    ]
    assert in_sheet(error.problems[0]) == said
    assert in_sheet(error.problems[1]) == (
        "There is no column by any of these names: phone, telefon, mobil."
    )


def test_every_problem_of_the_header_is_listed() -> None:
    headings = {**heads(adresse=None, postnr="post"), "mobil": "", "ekstrem_id": ""}
    error = header_problems(headings)
    assert places(error.problems) == [
        (1, None, "column_unknown"),
        (1, None, "column_unknown"),
        (1, "mobil", "column_repeated"),
        (1, None, "column_missing"),
        (1, None, "column_missing"),
    ]
    assert error.code == "header_refused"
    assert said(error)[0] == "The names of the columns have 5 problems."


def test_a_name_given_whole_and_in_parts_is_ambiguous() -> None:
    error = header_problems({**heads(), "fornavn": "", "etternavn": ""})
    assert [(each.code, each.column) for each in error.problems] == [("column_repeated", "navn")]


def test_half_a_name_is_missing_the_other() -> None:
    error = header_problems(heads(navn="fornavn"))
    assert [each.code for each in error.problems] == ["column_missing"]
    assert in_sheet(error.problems[0]).endswith("names: etternavn.")


def test_mentor_beside_the_file() -> None:
    data = sheet([heads(likeperson=None)])
    assert only_row(data, mentor="OLA").mentor == "ola"
    missing = header_problems(heads(likeperson=None))
    assert [each.code for each in missing.problems] == ["column_missing"]
    assert in_sheet(missing.problems[0]).endswith("names: mentor, likeperson.")
    twice = header_problems(heads(likeperson="Likeperson"), mentor="ola")
    assert [(each.code, each.column) for each in twice.problems] == [
        ("mentor_given_twice", "Likeperson")
    ]
    assert refused(data, mentor="Ola Dunk").code == "handle_invalid"


@pytest.mark.parametrize("row", [list(FULL.values()), ["navn", "Telefonsen", "Adressa", "by"]])
def test_a_first_row_that_is_data_is_not_quoted(row: list[str]) -> None:
    error = header_problems(dict.fromkeys(row, "x"))
    assert [each.code for each in error.problems] == ["header_missing"]
    sentence = in_sheet(error.problems[0])
    words = {"navn"} & set(row)
    assert not [cell for cell in row if len(cell) > 3 and cell in sentence and cell not in words]


def test_a_first_row_that_cannot_be_taken_apart() -> None:
    for data in (b'"navn;adresse', b'"navn" x;"adresse', b'"' + b"navn\n" * 40_000):
        error = refused(data)
        assert isinstance(error, HeaderRefused)
        assert error.problems[0].code == "header_unreadable"


def test_a_first_row_without_end() -> None:
    error = refused(b"x" * 200_000)
    assert isinstance(error, HeaderRefused)
    assert error.problems[0].code == "header_missing"


def test_a_header_alone_has_no_rows() -> None:
    assert read(sheet([PERSON]).splitlines()[0]) == []
    assert problems(sheet([PERSON]).splitlines()[0]) == []
