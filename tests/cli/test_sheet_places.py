"""Where a problem is: the row that Excel shows and the sheet's own name for the column, everywhere.

In words, in JSON, in the result, in both languages: somebody looks the place up in their sheet, and
must not correct another person's row.
"""

from __future__ import annotations

import pytest

from tests.office import Office

HEAD = "Fornavn;Etternavn;Adresse;Postnr;Poststed;Mobil;EPIKRISE;Likeperson;Tittel;Ekstern id"


def row(number: int, **cells: str) -> str:
    """Return a row of four lines in the file."""
    good = {
        "first": f"Prøve{number}", "last": "Prøvesen", "address": '"Prøveveien 4\n2. etasje"',
        "code": "0181", "city": "Oslo", "phone": "22 11 22 11",
        "summary": '"Synsrest.\r\n\r\nHører godt."', "mentor": "kari", "title": "Hjemmebesøk",
        "id": f"HF-{number}",
    }  # fmt: skip
    return ";".join({**good, **cells}.values())


SHEET = "\r\n".join(
    (
        "sep=;",
        HEAD,
        row(1),
        row(2),
        ";;;",
        "",
        row(3, mentor="ingen.slik"),
        row(4, last="", phone="1"),
        row(5, id="HF-1"),
    )
)
PLACES = [
    (6, "Likeperson", "member_not_found"),
    (7, "Etternavn", "cell_empty"),
    (7, "Mobil", "payload_field_invalid"),
    (8, "Ekstern id", "row_repeated"),
]


def test_problems_are_told_where_excel_shows_them(office: Office) -> None:
    spoken = office.run("dispatch --csv - --json", stdin=SHEET)
    assert [(each["row"], each["column"], each["code"]) for each in spoken.json["problems"]] == (
        PLACES
    )
    assert all("line" not in each for each in spoken.json["problems"])
    plain = office.run("dispatch --csv -", stdin=SHEET).stderr
    norwegian = office.run("dispatch --csv - --lang nb", stdin=SHEET).stderr
    for place, column, _code in PLACES:
        assert f"Row {place}, column {column}: " in plain
        assert f"Rad {place}, kolonne {column}: " in norwegian
    assert "Row 8, column Ekstern id: The row has the same Ekstern id as row 2." in plain
    assert "Rad 8, kolonne Ekstern id: Raden har samme Ekstern id som rad 2." in norwegian
    assert "Line " not in plain
    assert "Linje " not in norwegian


def test_the_result_is_told_by_the_same_rows(office: Office) -> None:
    target = office.folder / "result.csv"
    sent = office.run(f"dispatch --csv - --skip-invalid --json --result {target}", stdin=SHEET)
    assert sent.code == 5
    assert [each["row"] for each in sent.json["rows"]] == [2, 3]
    told = target.read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in told] == ["row", "2", "3"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Row 1: There is no column by any of these names: mentor, likeperson."),
        ("nb", "Rad 1: Det finnes ingen kolonne med noen av disse navnene: mentor, likeperson."),
    ],
)
def test_a_column_that_is_not_there_is_told_by_the_names_it_may_have(
    office: Office, lang: str, said: str
) -> None:
    data = SHEET.replace("Likeperson", "Kontaktflate 7")
    assert said in office.run(f"dispatch --csv - --lang {lang}", stdin=data).stderr


def test_a_mentor_beside_the_sheet_has_no_column_in_it(office: Office) -> None:
    without = "\n".join((HEAD.replace(";Likeperson", ""), row(1).replace(";kari", "")))
    spoken = office.run("dispatch --csv - --to nobody --json", stdin=without)
    assert [(each["row"], each["column"], each["code"]) for each in spoken.json["problems"]] == [
        (2, None, "member_not_found")
    ]


def test_a_line_that_is_in_no_known_row_is_called_a_line(office: Office) -> None:
    data = SHEET.encode("utf-8") + "\r\nÅ;".encode("cp1252")
    refused = office.refused("dispatch --csv - --encoding utf-8", "encoding_wrong", 2, stdin=data)
    assert "Line 25 of the file" in refused.stderr
