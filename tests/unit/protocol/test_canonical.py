"""Canonical JSON has one spelling for an object, and every other is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assigncli.protocol.canonical import (
    MAX_BODY,
    MAX_NUMBER,
    Malformed,
    decode,
    encode,
    require_key,
)
from tests.quick import all_in_one
from tests.unit.protocol.vectors import vectors

KEYS = st.from_regex(r"[a-z][a-z0-9_.]{0,9}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.none() | st.booleans() | st.integers(0, MAX_NUMBER) | TEXTS
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0) if isinstance(value, dict | list) else 0


def is_refused(body: bytes) -> bool:
    try:
        decode(body)
    except Malformed:
        return True
    return False


def test_vectors_are_read_and_written_as_they_are() -> None:
    for case in vectors("canonical")["canonical"]:
        body = bytes.fromhex(case["bytes"])
        assert encode(case["value"]) == body
        assert decode(body) == case["value"]
    for case in vectors("canonical")["refused"]:
        assert is_refused(bytes.fromhex(case["bytes"])), case["what"]


@given(OBJECTS.filter(lambda fields: depth(fields) <= 8))
def test_what_is_written_is_read(fields: dict[str, Any]) -> None:
    assert decode(encode(fields)) == fields


RESPELLINGS: list[Callable[[Any], str]] = [
    lambda fields: json.dumps(fields, sort_keys=True, ensure_ascii=False),
    lambda fields: json.dumps(fields, sort_keys=True, separators=(",", ":")),
    lambda fields: json.dumps(fields, separators=(",", ":"), ensure_ascii=False),
    lambda fields: json.dumps(fields, sort_keys=True, indent=0, ensure_ascii=False),
]


@given(OBJECTS.filter(lambda fields: depth(fields) <= 8), st.sampled_from(RESPELLINGS))
@example({"b": 1, "a": 2}, RESPELLINGS[2])
def test_another_spelling_of_the_same_object_is_refused(
    fields: dict[str, Any], respell: Callable[[Any], str]
) -> None:
    canonical, other = encode(fields), respell(fields).encode()
    assert is_refused(other) == (other != canonical)


@given(OBJECTS, st.data())
@settings(max_examples=50)
def test_bytes_before_after_or_cut_off_are_refused(fields: dict[str, Any], data: Any) -> None:
    body = encode({"a": fields})
    end = data.draw(st.integers(0, len(body) - 1))
    assert is_refused(body[:end])
    assert is_refused(body + data.draw(st.binary(min_size=1, max_size=4)))
    assert is_refused(b"\xef\xbb\xbf" + body)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_as_they_are_written_or_refused(body: bytes) -> None:
    assert is_refused(body) or encode(decode(body)) == body


@all_in_one(
    "fields",
    [
        {"a": -1},
        {"a": MAX_NUMBER + 1},
        {"a": 1.0},
        {"a": float("nan")},
        {"a": b"bytes"},
        {"a": {1, 2}},
        {"a": "\ud800"},
        {"A": 1},
        {"": 1},
        {"a\n": 1},
        {1: 1},
        {"a": {"a-b": 1}},
    ],
)
def test_what_has_no_spelling_is_not_written(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        encode(fields)


def test_what_is_nested_too_deeply_is_refused() -> None:
    nested: dict[str, Any] = {}
    for _ in range(7):
        nested = {"a": nested}
    assert decode(encode(nested)) == nested
    with pytest.raises(Malformed):
        encode({"a": nested})
    listed: list[Any] = []
    for _ in range(6):
        listed = [listed]
    assert decode(encode({"a": listed})) == {"a": listed}
    for deeper in ([listed], [[listed]], {"a": listed}):
        with pytest.raises(Malformed):
            encode({"a": deeper})
    nested["a"] = nested
    with pytest.raises(Malformed):
        encode(nested)


def test_the_largest_body_is_read_and_no_larger_one() -> None:
    body = encode({"a": "x" * (MAX_BODY - 8)})
    assert len(body) == MAX_BODY
    assert decode(body)
    assert decode(body + b"", limit=MAX_BODY)
    for limit in (0, MAX_BODY - 1):
        with pytest.raises(Malformed):
            decode(body, limit=limit)


def test_only_proper_keys_are_remembered() -> None:
    require_key.cache_clear()
    with pytest.raises(Malformed):
        decode(b'{"' + b"a" * 10_000 + b'":1}')
    assert require_key.cache_info().currsize == 0
    assert decode(b'{"a":1}') == {"a": 1}
    assert require_key.cache_info().currsize == 1
