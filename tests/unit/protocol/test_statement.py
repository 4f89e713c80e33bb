"""A statement is read in one form only, and written as it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.identity import Identity
from assigncli.crypto.signatures import signature_holds
from assigncli.protocol.canonical import MAX_BODY, Malformed, VersionUnknown, encode
from assigncli.protocol.question import Question
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.protocol.statement import Statement
from assigncli.protocol.tree import EMPTY_ROOT
from tests.quick import all_in_one
from tests.unit.protocol.vectors import vectors

HASHES = st.binary(min_size=32, max_size=32)
UUIDS = st.uuids(allow_nil=False)
MOMENTS = st.datetimes(
    datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None), timezones=st.just(UTC)
)
WORDS = st.from_regex(r"[a-z][a-z0-9_.]{0,9}", fullmatch=True)
STATEMENTS = st.builds(
    Statement,
    organization=UUIDS,
    service=UUIDS,
    certificate=st.none() | UUIDS,
    act=WORDS,
    about=UUIDS,
    at=MOMENTS,
    nonce=st.binary(min_size=16, max_size=16),
    seen=st.builds(Seen, st.integers(0, 2**53 - 1), HASHES),
    arguments=st.dictionaries(WORDS, st.none() | st.booleans() | WORDS, max_size=3),
    texts=st.dictionaries(WORDS, HASHES, max_size=3),
    attachments=st.lists(HASHES, max_size=2).map(tuple),
)
CASE = vectors("statement")
BODY = CASE["statement"]["body"].encode()
OF_THE_ACT = {
    "unknown act",
    "argument missing",
    "argument too many",
    "argument of another type",
    "text missing",
    "text too many",
    "attachment where none belongs",
    "no certificate for an act that needs one",
}
"""Refused vectors of a good generic form: what is wrong is known from the act only."""


def test_a_vector_is_read_and_written_as_it_is() -> None:
    statement = Statement.decode(BODY)
    assert statement.act == "assignment.cancelled"
    assert statement.at == datetime(2026, 11, 24, 8, 15, 0, 123, tzinfo=UTC)
    assert statement.seen == NOTHING_SEEN == Seen(0, EMPTY_ROOT)
    assert statement.arguments == {"number": 412, "read": True}
    assert statement.texts == {"reason": bytes.fromhex(vectors("texts")["texts"][-1]["digest"])}
    assert statement.encode() == BODY
    assert Statement.digest(BODY).hex() == CASE["statement"]["hash"]


@all_in_one("case", CASE["refused"], ids=lambda case: case["what"])
def test_a_vector_to_be_refused_is_refused(case: dict[str, Any]) -> None:
    body = case["body"].encode("ascii")
    if case["what"] in OF_THE_ACT:
        assert Statement.decode(body).encode() == body
        return
    with pytest.raises(Malformed) as refusal:
        Statement.decode(body)
    is_of_another_version = case["code"] == "version_unknown"
    assert isinstance(refusal.value, VersionUnknown) == is_of_another_version


@given(STATEMENTS)
def test_what_is_written_is_read(statement: Statement) -> None:
    assert Statement.decode(statement.encode()) == statement


@given(STATEMENTS, st.timezones())
def test_a_moment_is_written_in_utc(statement: Statement, zone: Any) -> None:
    try:
        elsewhere = statement.at.astimezone(zone)
    except OverflowError:
        return
    assert replace(statement, at=elsewhere).encode() == statement.encode()


def made(**fields: Any) -> Statement:
    return replace(Statement.decode(BODY), **fields)


@all_in_one(
    "fields",
    [
        {"organization": UUID(int=0)},
        {"act": "Founded"},
        {"at": datetime(1999, 12, 31, tzinfo=UTC)},
        {"at": datetime(2000, 1, 1, tzinfo=timezone(timedelta(hours=1)))},
        {"nonce": b"short"},
        {"seen": Seen(-1, EMPTY_ROOT)},
        {"seen": Seen(0, b"")},
        {"arguments": {"a": "æ"}},
        {"arguments": {"a": 'a"b'}},
        {"arguments": {"a": ["a\\b"]}},
        {"arguments": {"a": "a\x7fb"}},
        {"arguments": {"a": "a\nb"}},
        {"texts": {"a": b"short"}},
        {"attachments": (bytes(32),) * 65},
    ],
)
def test_what_would_be_refused_is_not_written(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        made(**fields).encode()


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        made(at=datetime(2026, 11, 24, tzinfo=UTC).replace(tzinfo=None)).encode()


def test_the_largest_statement_is_written_and_no_larger_one() -> None:
    room = MAX_BODY - len(made(arguments={"a": ""}).encode())
    assert len(made(arguments={"a": "x" * room}).encode()) == MAX_BODY
    with pytest.raises(Malformed):
        made(arguments={"a": "x" * (room + 1)}).encode()
    with pytest.raises(Malformed):
        Statement.decode(encode({"a": "x" * MAX_BODY}))


def test_another_version_is_told_before_its_fields_are_looked_at() -> None:
    with pytest.raises(VersionUnknown):
        Statement.decode(encode({"v": 2, "fields": "of another time"}))
    for version in (None, True, "1"):
        with pytest.raises(Malformed) as refusal:
            Statement.decode(encode({"v": version}))
        assert not isinstance(refusal.value, VersionUnknown)


def test_a_signature_is_for_this_purpose() -> None:
    identity = Identity.generate()
    body, signature = made(nonce=uuid4().bytes).signed_by(identity)
    key = identity.public.signing_key
    assert signature_holds(key, "request", body, signature)
    assert Statement.is_signed(body, signature, key)
    assert not Question.is_signed(body, signature, key)


def test_the_vectors_are_signed() -> None:
    for name in ("statement", "question"):
        case = CASE[name]
        key, signature = (bytes.fromhex(case[each]) for each in ("public_key", "signature"))
        assert signature_holds(key, case["purpose"], case["body"].encode(), signature)
