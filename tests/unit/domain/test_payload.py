"""The sensitive record: what is read, what is refused, and that nothing of it is ever told."""

from __future__ import annotations

import json
import traceback

import pytest

from assigncli.domain.payload import FIELDS, MAX_BYTES, REQUIRED, Payload, accepted
from assigncli.errors import AssignError, InvalidInput, RuleRefused, Tampered
from assigncli.locale import speaking
from assigncli.words.errors import said
from assigncli.words.terms import LABELS
from tests.quick import all_in_one

FILLED = {
    "full_name": "Kari Eksempel",
    "address": "Prøveveien 12",
    "postal_code": "0123",
    "city": "Oslo",
    "phone": "22 33 44 55",
    "medical_summary": "Ser lite, hører godt.",
}


def synthetic_id() -> str:
    """Compute a number of the tax administration's synthetic series (month + 80): nobody's."""
    for serial in range(100, 1000):
        digits = f"018165{serial}"
        for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
            digits += str(-sum(w * int(d) for w, d in zip(weights, digits, strict=False)) % 11)
        if len(digits) == 11:
            return digits
    raise AssertionError


SYNTHETIC_ID = synthetic_id()


def as_json(**changes: object) -> bytes:
    return json.dumps({**FILLED, **changes}).encode()


def refusal(data: bytes) -> AssignError:
    with pytest.raises(AssignError) as caught:
        Payload.from_json(data)
    return caught.value


def test_reads_every_field() -> None:
    payload = Payload.from_json(as_json(practical_notes="Hund."))
    assert {name: getattr(payload, name) for name in FIELDS} == {
        **FILLED,
        "practical_notes": "Hund.",
    }


@pytest.mark.parametrize("note", [None, "", " \n"])
def test_blank_practical_notes_are_none(note: str | None) -> None:
    assert Payload.from_json(as_json(practical_notes=note)).practical_notes is None


def test_byte_order_mark_is_tolerated() -> None:
    assert Payload.from_json(b"\xef\xbb\xbf" + as_json()) == Payload.from_json(as_json())


def test_text_is_normalised() -> None:
    payload = Payload.from_json(
        as_json(full_name="  A\u030ase Prøve ", medical_summary="a\r\nb\rc\u2028d\n")
    )
    assert payload.full_name == "Åse Prøve"
    assert payload.medical_summary == "a\nb\nc\nd"


def test_same_record_from_fields_and_json() -> None:
    assert Payload.from_fields(FILLED) == Payload.from_json(as_json())


def test_bytes_are_canonical_without_what_is_empty() -> None:
    body = Payload.from_fields(FILLED).to_bytes()
    assert body.startswith('{"address":"Prøveveien 12","city":"Oslo",'.encode())
    assert b"practical_notes" not in body
    assert Payload.from_bytes(body) == Payload.from_fields(FILLED)


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf", b"{}", b" {} "])
def test_encrypted_payload_non_empty(data: bytes) -> None:
    error = refusal(data)
    assert isinstance(error, RuleRefused)
    assert error.code == "encrypted_payload_non_empty"


def test_encrypted_payload_non_empty_from_blank_fields() -> None:
    with pytest.raises(RuleRefused) as caught:
        Payload.from_fields(dict.fromkeys(FIELDS, " "))
    assert caught.value.code == "encrypted_payload_non_empty"


@all_in_one(
    "data",
    [
        b"name: Kari",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe{\x00}\x00",
        as_json() + b"x",
        as_json()[:-1],
        as_json()[:-1] + b', "city": "Bergen"}',
        as_json()[:-1] + b', "practical_notes": NaN}',
        as_json()[:-1] + b', "practical_notes": -Infinity}',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"1" * 60_000,
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    assert refusal(data).code == "payload_not_json"


def test_unknown_fields_are_counted_and_never_named() -> None:
    error = refusal(as_json(**{"Kari Hemmelig": "x", SYNTHETIC_ID: "y"}))
    assert error.code == "payload_unknown_field"
    assert "2" in said(error)[0]
    assert all(name in said(error)[1] for name in FIELDS)
    assert "Hemmelig" not in " ".join(said(error))
    assert SYNTHETIC_ID not in " ".join(said(error))


@all_in_one("name", REQUIRED)
@all_in_one("value", [None, "", "  \t"])
def test_missing_field_is_named(name: str, value: str | None) -> None:
    error = refusal(as_json(**{name: value}))
    assert error.code == "payload_field_missing"
    assert said(error)[0] == f"These details are missing: {LABELS[name]}."
    assert said(error)[1] == f"Add these fields to the JSON object: {name}."


def test_a_field_missing_from_answers_is_called_what_it_was_asked_as() -> None:
    with pytest.raises(InvalidInput) as caught:
        Payload.from_fields({**FILLED, "postal_code": ""})
    assert said(caught.value)[0] == "These details are missing: Postal code."
    assert "postal_code" not in said(caught.value)[1]


def test_a_field_is_called_by_its_label_in_norwegian_too() -> None:
    with speaking("nb"):
        assert said(refusal(as_json(postal_code="123")))[0] == "Postnummer er ikke gyldig."
        assert said(refusal(as_json(phone="1")))[0] == "Telefon er ikke gyldig."


@all_in_one(
    ("name", "value"),
    [
        ("full_name", "Kari\x00Eksempel"),
        ("full_name", "Kari\nEksempel"),
        ("medical_summary", "\x1b[2J"),
        ("medical_summary", "\ud800"),
        ("city", 7),
        ("city", ["Oslo"]),
        ("practical_notes", False),
        ("postal_code", "123"),
        ("postal_code", "01234"),
        ("postal_code", "٠١٢٣"),
        ("postal_code", "N-0123"),
        ("phone", "Hemmelig"),
        ("phone", "123"),
        ("phone", "2233445566778899"),
    ],
)
def test_unusable_field_is_named_without_its_value(name: str, value: object) -> None:
    error = refusal(as_json(**{name: value}))
    assert error.code == "payload_field_invalid"
    assert said(error)[0] == f"{LABELS[name]} is not valid."
    assert str(value) not in " ".join(said(error))


@pytest.mark.parametrize("phone", ["22334455", "+47 22 33 44 55", "0047 22334455", "+46701234567"])
def test_a_possible_phone_is_taken(phone: str) -> None:
    assert Payload.from_fields({**FILLED, "phone": phone}).phone == phone


@all_in_one("name", FIELDS)
@all_in_one(
    "written",
    [
        SYNTHETIC_ID,
        f"fnr.{SYNTHETIC_ID}.",
        f"{SYNTHETIC_ID[:6]} {SYNTHETIC_ID[6:]}",
        f"{SYNTHETIC_ID[:6]}\u00a0{SYNTHETIC_ID[6:]}",
        f"{SYNTHETIC_ID[:6]}\u2013{SYNTHETIC_ID[6:]}",
        "\u200b".join(SYNTHETIC_ID),
    ],
)
def test_national_id_is_refused_in_every_field(name: str, written: str) -> None:
    error = refusal(as_json(**{name: f"se {written} her"}))
    assert error.code == "payload_has_national_id"
    assert said(error)[0] == f"{LABELS[name]} holds a national identity number."
    assert SYNTHETIC_ID[:6] not in " ".join(said(error))


def test_what_is_too_large_is_refused() -> None:
    assert refusal(b" " * (MAX_BYTES + 1)).code == "payload_too_large"
    with pytest.raises(InvalidInput) as caught:
        Payload.from_fields({**FILLED, "medical_summary": "a" * MAX_BYTES})
    assert caught.value.code == "payload_too_large"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\x00", b"[]", as_json(city=None), as_json(extra="x"), b"{" * 70_000]
)
def test_malformed_after_decryption_is_tampering(data: bytes) -> None:
    with pytest.raises(Tampered) as caught:
        Payload.from_bytes(data)
    assert caught.value.code == "payload_malformed"


def test_an_old_brief_stays_readable_when_the_rules_move() -> None:
    assert Payload.from_bytes(as_json(phone="1", postal_code="12")).phone == "1"


def test_nothing_shows_a_value() -> None:
    payload = Payload.from_fields(FILLED)
    for text in (repr(payload), str(payload), f"{payload}", f"{payload!r:>5}", repr([payload])):
        assert not any(value in text for value in FILLED.values())


@pytest.mark.parametrize("data", [as_json() + b"x", as_json(city=7), as_json(phone="Hemmelig")])
def test_no_value_in_the_traceback_or_the_chain(data: bytes) -> None:
    error = refusal(data)
    assert "Eksempel" not in "".join(traceback.format_exception(error))
    assert "Eksempel" not in f"{error.facts} {said(error)}"
    assert error.__context__ is None


@all_in_one("name", FIELDS)
@all_in_one(
    "text",
    [
        *("  as it is  ", "", " ", "a\nb", "a\tb", "a\x00b", "A\u030a", "0123", "12345", "1234 "),
        *("22 11 22 11", "+47 22 11 22 11", "12", "x" * (MAX_BYTES + 1)),
        synthetic_id(),
    ],
)
def test_a_field_alone_is_checked_as_it_is_in_a_whole_payload(name: str, text: str) -> None:
    """Where it is refused alone, the whole would be, with the same code; else it is kept alike."""
    fields = {**json.loads(as_json()), name: text}
    try:
        whole: object = getattr(Payload.from_fields(fields), name) or ""
    except AssignError as refused:
        whole = refused.code
    try:
        alone: object = accepted(name, text)
    except AssignError as refused:
        alone = refused.code
    assert alone == whole
