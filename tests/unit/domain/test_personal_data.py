"""What free text may not hold. Every national id here is computed, and nobody's."""

from __future__ import annotations

from datetime import date
from time import process_time

import pytest

from assigncli.domain.payload import Payload
from assigncli.domain.personal_data import (
    own_kinds_in,
    require_no_personal_data,
    require_note,
    require_reference_length,
    require_title,
)
from assigncli.domain.shapes import ShapeKind, kinds_in, national_id
from assigncli.errors import AssignError, InvalidInput, RuleRefused
from assigncli.words.errors import said
from tests.quick import all_in_one, only

TODAY = date(2026, 4, 15)
PAYLOAD = Payload.from_fields(
    {
        "full_name": "Kari-Anne Østbø D'Angelo",
        "address": "c/o Prøve, Nordre Bergsvei 12 B\n2. etasje",
        "postal_code": "0123",
        "city": "Oslo",
        "phone": "+47 22 33 44 55",
        "medical_summary": "Journal 2024-AB-99812, operert 2019, kontroll 24.12.2026.",
    }
)


def identity(start: str, first_rest: int = 0) -> str:
    """Compute an id from six leading digits; `first_rest` is what its first check digit leaves."""
    weights = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    for serial in range(100, 1000):
        digits = f"{start}{serial}"
        for row, rest in zip(weights, (first_rest, 0), strict=True):
            total = sum(w * int(d) for w, d in zip(row, digits, strict=False))
            digits += str((rest - total) % 11)
        if len(digits) == 11:
            return digits
    raise AssertionError


SERIES = {
    "birth number": "010190",
    "D-number": "410190",
    "H-number": "014190",
    "D-number with +40 months": "414190",
    "FH-number": "812345",
    "FH-number of nines": "999999",
    "synthetic, tax administration": "018190",
    "synthetic D-number": "418190",
    "synthetic, health sector": "016690",
    "leap day": "290200",
}


@all_in_one("start", SERIES.values(), ids=SERIES)
@all_in_one("rest", range(4))
def test_title_no_pii_finds_each_series_of_national_id(start: str, rest: int) -> None:
    number = identity(start, rest)
    assert national_id(number)
    assert kinds_in(number, today=TODAY)[0] is ShapeKind.NATIONAL_ID


@pytest.mark.parametrize("rest", range(4, 11))
def test_other_check_digits_are_no_national_id(rest: int) -> None:
    assert not national_id(identity("010190", rest))


@pytest.mark.parametrize("start", ["000190", "320190", "011390", "790190", "010090", "019390"])
def test_impossible_dates_are_no_national_id(start: str) -> None:
    assert not national_id(identity(start))


def test_wrong_second_check_digit_is_no_national_id() -> None:
    number = identity("010190")
    assert not national_id(number[:-1] + str((int(number[-1]) + 1) % 10))


def test_longer_and_shorter_runs_are_no_national_id() -> None:
    number = identity("010190")
    assert not national_id(number + "0")
    assert not national_id("0" + number)
    assert not national_id(number[:-1])


@all_in_one("mark", [" ", "\u00a0", ".", "-", "\u2013", "\u2212", " - ", "\u200b"])
def test_title_no_pii_finds_a_separated_national_id(mark: str) -> None:
    number = identity("010190")
    written = f"for{number[:6]}{mark}{number[6:]}."
    assert national_id(written)
    assert ShapeKind.NATIONAL_ID in kinds_in(written, today=TODAY)


HELD = {
    ShapeKind.NATIONAL_ID: [
        "12345678901",
        "konto 1234.56.78903",
        "12345678901",
        "1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7\u200b8\u200b9\u200b0\u200b1",
        "(123456 78901)",
        "12.34.56 78901",
        "123456 789 01",
    ],
    ShapeKind.PHONE: [
        "98765432",
        "ring 22334455!",
        "x22334455x",
        "22 33 44 55",
        "22\u00a033\u00a044\u00a055",
        "987 65 432",
        "98 765 432",
        "9876 5432",
        "(22) 33 44 55",
        "22-33 44 55",
        "+47 987 65 432",
        "+4798765432",
        "0047 98765432",
        "004798765432",
        "4798765432",
        "+46 70 123 45 67",
        "98765432",
        "٩٨٧٦٥٤٣٢",
        "9\u00ad8765432",
        "12\u200b98765432",
        "①98765432",
        "24122026",
    ],
    ShapeKind.EMAIL: ["kari@eksempel.no", "x@y.z", "a b@c.d e", "kari@eksempel.no", "møt @ nr. 2"],
    ShapeKind.BIRTH_DATE: [
        "12.03.1950",
        "12. 03. 1950",
        "12/3-1950",
        "12/3-50",
        "12.03.50",
        "1950-03-12",
        "12 03 1950",
        "12031950",
        "19500312",
        "født 12. mars 1950",
        "12.mars.50",
        "12. des. 1950",
        "12th of March 1950",
        "March 12, 1950",
        "03/31/1950",
        "12.03.1950",
        "12.03.32",
        "14.04.2025",
        "5-12.03.1950",
    ],
    ShapeKind.STREET_ADDRESS: [
        "Storgata 12",
        "storgata 12b",
        "Storgata12",
        "Karl Johans gate 22",
        "Ole Bulls plass 4",
        "Bygdøy allé 12",
        "Bygdøy alle 12",
        "Gamle veien 3",
        "Bergsvegen nr. 4",
        "Storgt. 5",
        "Bergsv. 12",
        "Solbakken 3",
        "Nedre torg 1",
        "Postboks 123",
        "12 Baker Street",
        "12 baker street",
        "221B Upper Baker St",
        "Abbey Road 3",
        "Prøve\u200bveien 3",
    ],
}


@all_in_one(("kind", "text"), [(kind, text) for kind, texts in HELD.items() for text in texts])
def test_title_no_pii_finds(kind: ShapeKind, text: str) -> None:
    assert kind in kinds_in(text, today=TODAY)
    assert kind in kinds_in(f"Besøk: {text}, uke 3", today=TODAY)


@all_in_one(
    "text",
    [
        "",
        "Home visit - Oslo East",
        "Hjemmebesøk 24.12.2026",
        "31.12.2026",
        "24.12.26",
        "2026-12-31",
        "15.04.2025",
        "24. desember 2026 kl. 12:00",
        "24 December 2026",
        "3. mai 12:00",
        "kl. 12.30-14.00",
        "Uke 12/2026",
        "Sak 2026-1234",
        "AS-2291",
        "Sak 04321",
        "123456789012",
        "1234567",
        "10203040",
        "følg opp alle 3",
        "på vei 12. mai",
        "3 visits by road",
        "Italia 2",
        "langt 3 ganger",
        "Storgata",
        "K.N.",
        "møt @ kontoret",
    ],
)
def test_title_no_pii_lets_ordinary_text_pass(text: str) -> None:
    assert kinds_in(text, today=TODAY) == ()


def test_title_no_pii_counts_a_year_to_the_day() -> None:
    assert kinds_in("28.02.2024", today=date(2025, 2, 28)) == ()
    assert kinds_in("28.02.2024", today=date(2025, 3, 1)) == (ShapeKind.BIRTH_DATE,)
    assert kinds_in("28.02.2023", today=date(2024, 2, 29)) == (ShapeKind.BIRTH_DATE,)
    assert kinds_in("29.02.2024", today=date(2025, 2, 28)) == ()


@all_in_one(
    ("kind", "text"),
    [
        (ShapeKind.NAME, "Besøk hos Kari"),
        (ShapeKind.NAME, "KARI"),
        (ShapeKind.NAME, "kari.anne"),
        (ShapeKind.NAME, "KariAnne"),
        (ShapeKind.NAME, "østbøs hund"),
        (ShapeKind.NAME, "Ostbo"),
        (ShapeKind.NAME, "Oestboe"),
        (ShapeKind.NAME, "Ka\u0301ri"),
        (ShapeKind.NAME, "Ka\u00adri"),
        (ShapeKind.NAME, "D\u2019Angelo"),
        (ShapeKind.NAME, "dangelo"),
        (ShapeKind.NAME, "k a r i a n n e ø s t b ø d a n g e l o"),
        (ShapeKind.PHONE, "22 33 44 55"),
        (ShapeKind.PHONE, "(22)334-455"),
        (ShapeKind.PHONE, "004722334455"),
        (ShapeKind.PHONE, "2 2 3 3 4 4 5 5"),
        (ShapeKind.STREET_ADDRESS, "nær Nordre  Bergsvei"),
        (ShapeKind.STREET_ADDRESS, "bergsvei"),
        (ShapeKind.REFERENCE, "0123"),
        (ShapeKind.REFERENCE, "2024-ab-99812"),
        (ShapeKind.REFERENCE, "2024AB99812"),
        (ShapeKind.REFERENCE, "sak99812"),
        (ShapeKind.REFERENCE, "2019"),
    ],
)
def test_title_no_pii_finds_its_own_payload(kind: ShapeKind, text: str) -> None:
    assert kind in own_kinds_in(text, PAYLOAD, today=TODAY)


@pytest.mark.parametrize(
    "text",
    ["Home visit - Oslo East", "Nordre side", "Høst 2026", "24.12.2026", "karin", "2. etasje", ""],
)
def test_title_no_pii_lets_the_city_and_ordinary_words_pass(text: str) -> None:
    assert own_kinds_in(text, PAYLOAD, today=TODAY) == ()


def test_a_postal_code_that_reads_as_this_year_is_still_a_reference() -> None:
    payload = Payload(**{**PAYLOAD._texts(), "postal_code": "2026"})  # type: ignore[arg-type]
    assert own_kinds_in("2026", payload, today=TODAY) == (ShapeKind.REFERENCE,)


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("title", "title"),
        ("subject_reference", "subject reference"),
        ("coordinator_notes", "coordinator notes"),
        ("internal_notes", "internal notes"),
    ],
)
def test_title_no_pii(field: str, word: str) -> None:
    texts = {"title": "Besøk", "internal_notes": None, field: "Ring Kari på 98765432"}
    with pytest.raises(RuleRefused) as caught:
        require_no_personal_data(texts, PAYLOAD, today=TODAY)
    error = caught.value
    assert (error.code, error.exit_code) == ("title_no_pii", 6)
    assert said(error)[0] == f"The {word} seems to hold a phone number, a name from the payload."
    assert "Kari" not in " ".join(said(error))
    assert "9876" not in " ".join(said(error))


def test_title_no_pii_without_a_payload() -> None:
    require_no_personal_data({"title": "Besøk hos Kari"}, None, today=TODAY)
    with pytest.raises(RuleRefused):
        require_no_personal_data({"title": "kari@eksempel.no"}, None, today=TODAY)


def test_title_no_pii_lets_plain_texts_pass() -> None:
    texts = {
        "title": "Hjemmebesøk - Oslo øst",
        "subject_reference": "AS-2291",
        "coordinator_notes": "Ta med hvit stokk.\nRing først.",
        "internal_notes": None,
    }
    require_no_personal_data(texts, PAYLOAD, today=TODAY)


@pytest.mark.parametrize(
    "unit",
    only(
        "a",
        "1 ",
        "Vei 1",
        "12.03.",
        "Kari ",
        "født ",
        of=[
            *("a", "0", "1 ", "(1", "@", "12.03.", "Vei 1", "1 A ", "1 jan "),
            *(
                "a at b.",
                "a-at ",
                "f.1",
                "to-",
                "to ",
                "1 i ",
                "1.X.",
                "Kari ",
                "a0",
                "g. 1 ",
                "1,",
                "født ",
            ),
        ],
    ),
)
def test_time_grows_with_length_alone(unit: str) -> None:
    text = (unit * 30_000)[:30_000]
    start = process_time()
    kinds_in(text, today=TODAY)
    own_kinds_in(text, PAYLOAD, today=TODAY)
    assert process_time() - start < 5  # about 0.5 s; a quadratic pattern takes minutes


def test_a_title_is_one_line_of_at_most_200_signs() -> None:
    require_title("Besøk")
    require_title("a" * 200)
    for title in ("", "  ", "a" * 201, "a\nb", "a\tb", "\x1b[2J", "a\u2028b", "\ud800"):
        with pytest.raises(InvalidInput) as caught:
            require_title(title)
        assert caught.value.code == "title_invalid"


def test_a_note_is_text_of_at_most_2000_signs() -> None:
    require_note("")
    require_note("a\nb")
    require_note("a" * 2000)
    for note in ("a" * 2001, "\x1b[2J", "a\x00", "a\rb"):
        with pytest.raises(InvalidInput) as caught:
            require_note(note)
        assert caught.value.code == "note_invalid"


def test_subject_reference_max_length() -> None:
    require_reference_length("a" * 40)
    with pytest.raises(RuleRefused) as caught:
        require_reference_length("a" * 41)
    assert caught.value.code == "subject_reference_max_length"
    with pytest.raises(AssignError) as other:
        require_reference_length("a\nb")
    assert other.value.code == "subject_reference_invalid"
