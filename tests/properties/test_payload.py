"""Whatever is given as a payload: our errors only, no value in them, one canonical form."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.domain.characters import is_blank
from assigncli.domain.payload import FIELDS, REQUIRED, Payload
from assigncli.errors import AssignError, Tampered
from assigncli.words.errors import said

WORDS = st.text(st.characters(categories=("L", "Zs", "P", "S", "Mn")), min_size=1, max_size=40)
FILLED = WORDS.filter(lambda text: not is_blank(text))
NOTES = WORDS.filter(lambda text: not text.strip() or not is_blank(text))
PAYLOADS = st.fixed_dictionaries(
    {
        "full_name": FILLED,
        "address": FILLED,
        "postal_code": st.from_regex("[0-9]{4}", fullmatch=True),
        "city": FILLED,
        "phone": st.from_regex(r"(\+47 )?[2-9][0-9]{7}", fullmatch=True),
        "medical_summary": FILLED,
    },
    optional={"practical_notes": NOTES},
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(FIELDS), inner),
    max_leaves=10,
)


def refusal(call: Callable[[], object]) -> AssignError | None:
    """Return our error, or None; any other error fails the test."""
    try:
        call()
    except AssignError as error:
        return error
    return None


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_a_payload_or_our_error(data: bytes) -> None:
    refusal(lambda: Payload.from_json(data))
    error = refusal(lambda: Payload.from_bytes(data))
    assert error is None or (type(error), error.code) == (Tampered, "payload_malformed")


@given(PAYLOADS)
def test_canonical_bytes_round_trip(fields: dict[str, str]) -> None:
    payload = Payload.from_fields(fields)
    body = payload.to_bytes()
    assert Payload.from_bytes(body) == payload
    assert Payload.from_json(body) == payload
    assert Payload.from_bytes(body).to_bytes() == body


@given(PAYLOADS)
def test_nothing_shows_a_value(fields: dict[str, str]) -> None:
    payload = Payload.from_fields(fields)
    assert repr(payload) == str(payload) == f"{payload}" == "Payload(values hidden)"


@given(
    PAYLOADS,
    st.sampled_from(REQUIRED),
    st.sampled_from(["\x00{}", "{}\x1b", "\ud800{}", "{}\x7f"]),
    st.booleans(),
)
def test_no_error_tells_a_value(
    fields: dict[str, str], name: str, damage: str, unknown: bool
) -> None:
    secret = "Hemmelighet"
    given_fields = {**fields, name: damage.format(secret)}
    if unknown:
        given_fields[secret] = secret
    error = refusal(lambda: Payload.from_json(json.dumps(given_fields).encode()))
    assert error is not None
    assert secret not in f"{error!r} {error.facts} {said(error)} {error.code}"
    assert error.__context__ is None


@given(PAYLOADS, st.integers(min_value=0, max_value=400))
def test_a_cut_payload_is_tampering(fields: dict[str, str], length: int) -> None:
    body = Payload.from_fields(fields).to_bytes()
    if length < len(body):
        with pytest.raises(Tampered):
            Payload.from_bytes(body[:length])
