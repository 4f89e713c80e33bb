"""Free text of any kind: found in any dress, and never an error of another's making."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from assigncli.domain.payload import Payload
from assigncli.domain.personal_data import (
    own_kinds_in,
    require_no_personal_data,
)
from assigncli.domain.shapes import ShapeKind, kinds_in, national_id
from assigncli.errors import RuleRefused
from assigncli.words.errors import said

TODAY = date(2026, 4, 15)
PAYLOAD = Payload(
    full_name="Quirinius Zebedæus",
    address="Xylofonvegen 12",
    postal_code="0123",
    city="Oslo",
    phone="22334455",
    medical_summary="Journal QZ-998877.",
)
TRICKY = st.text(st.sampled_from("0129 .-/:@+()aAvei\u200b\u00ad٣⒈①²\u0301ı\u00a0"), max_size=60)
EDGES = st.text(st.sampled_from("aæ ,;!()\n\u200b"), max_size=4)
FILLS = st.sampled_from(["\u200b", "\u00ad", "\ufeff", "\u2060", "\ufe0f", "\u0301"])
WIDTHS = st.sampled_from(["0123456789", "0123456789", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "०१२३४५६७८९"])
# What the database's triggers look for, in ASCII and with no idea of Unicode.
MARK = "[-._:/, ]"
TRIGGERS = re.compile(
    r"(?<![0-9])(?:[0-9]{11}|[0-9]{6}~[0-9]{5}|[0-9]{6}~[0-9]{3}~[0-9]{2}"
    r"|[0-9]{2}~[0-9]{2}~[0-9]{2}~[0-9]{5}|[0-9]{2}~[0-9]{2}~[0-9]{2}~[0-9]{3}~[0-9]{2}"
    r"|[2-9][0-9]{7}|[2-9][0-9](?: [0-9]{2}){3}|[2-9][0-9]{2} [0-9]{2} [0-9]{3})(?![0-9])"
    r"|[A-Za-z0-9]@[A-Za-z0-9]|.@.+\..".replace("~", MARK),
    re.ASCII | re.DOTALL,
)
HELD = (
    "[0-9]{11}|[2-9][0-9]{7}|.@..?[.].|[a-z]@[a-z]"
    "|[0-9]{6}~[0-9]{5}|[0-9]{2}~[0-9]{2}~[0-9]{2}~[0-9]{3}~[0-9]{2}|[2-9][0-9]( [0-9]{2}){3}"
).replace("~", MARK)


@st.composite
def national_ids(draw: st.DrawFn) -> str:
    """A computed number of any series; nobody's, since the check digits are chosen freely."""
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 40]))
    month = draw(st.integers(1, 12)) + draw(st.sampled_from([0, 40, 65, 80]))
    dated = f"{day:02}{month:02}{draw(st.integers(0, 99)):02}"
    undated = f"{draw(st.integers(800000, 999999))}"
    digits = draw(st.sampled_from([dated, undated])) + f"{draw(st.integers(0, 999)):03}"
    rests = draw(st.integers(0, 3)), 0
    weights = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    for row, rest in zip(weights, rests, strict=True):
        total = sum(w * int(d) for w, d in zip(row, digits, strict=False))
        digits += str((rest - total) % 11)
    assume(len(digits) == 11)
    return digits


@given(
    national_ids(),
    st.sampled_from(["", " ", "\u00a0", "\u202f", ".", "-", "\u2013", " - "]),
    FILLS | st.just(""),
    WIDTHS,
    st.tuples(EDGES, EDGES),
)
def test_title_no_pii_finds_a_national_id_in_any_dress(
    number: str, mark: str, fill: str, digits: str, edges: tuple[str, str]
) -> None:
    dressed = "".join(digits[int(digit)] + fill for digit in number[:6])
    dressed += mark + "".join(digits[int(digit)] + fill for digit in number[6:])
    text = edges[0] + dressed + edges[1]
    assert national_id(text)
    assert ShapeKind.NATIONAL_ID in kinds_in(text, today=TODAY)


@given(
    st.from_regex("[2-9][0-9]{7}", fullmatch=True),
    st.sampled_from([(8,), (2, 2, 2, 2), (3, 2, 3), (4, 4), (2, 3, 3)]),
    st.sampled_from(["", "+47", "+47 ", "0047", "0047 "]),
    FILLS | st.just(""),
    WIDTHS,
)
@example("20010100", (2, 2, 2, 2), "+47", "", "0123456789")  # its first six as a day of 4720
def test_title_no_pii_finds_a_phone_in_any_dress(
    number: str, groups: tuple[int, ...], prefix: str, fill: str, digits: str
) -> None:
    dressed, rest = "", number
    for size in groups:
        dressed += (" " if dressed else "") + rest[:size]
        rest = rest[size:]
    written = "".join(digits[int(c)] + fill if c.isdigit() else c for c in prefix + dressed)
    assert ShapeKind.PHONE in kinds_in(f"ring {written}!", today=TODAY)


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.sampled_from(["{0.day}.{0.month}.{0.year}", "{0.day:02}/{0.month:02}-{0.year}", "{0}"]),
)
def test_title_no_pii_counts_a_date_as_birth_date_after_a_year(day: date, form: str) -> None:
    kinds = kinds_in(f"Besøk {form.format(day)}", today=TODAY)
    assert kinds == ((ShapeKind.BIRTH_DATE,) if day < date(2025, 4, 15) else ())


@given(st.text() | TRICKY)
def test_any_text_gives_kinds(text: str) -> None:
    kinds = (*kinds_in(text, today=TODAY), *own_kinds_in(text, PAYLOAD, today=TODAY))
    assert set(kinds) <= set(ShapeKind)
    assert isinstance(national_id(text), bool)


@given(TRICKY | st.text())
def test_what_the_database_refuses_is_refused_here_too(text: str) -> None:
    if TRIGGERS.search(text):
        assert kinds_in(text, today=TODAY)


@given(EDGES, st.from_regex(HELD, fullmatch=True), TRICKY)
def test_what_the_database_refuses_is_refused_in_any_company(
    before: str, held: str, after: str
) -> None:
    if TRIGGERS.search(text := before + held + after):
        assert kinds_in(text, today=TODAY)


@given(
    st.sampled_from(["Quirinius", "ZEBEDÆUS", "zebedaeus", "Xylofonvegen", "0123", "QZ-998877"]),
    EDGES,
    EDGES,
)
def test_title_no_pii_finds_the_payload_and_never_quotes_it(
    held: str, before: str, after: str
) -> None:
    text = f"Besøk {before} {held} {after}"
    with pytest.raises(RuleRefused) as caught:
        require_no_personal_data({"title": text}, PAYLOAD, today=TODAY)
    error = caught.value
    assert held.casefold() not in f"{error!r} {error.facts} {said(error)}".casefold()
