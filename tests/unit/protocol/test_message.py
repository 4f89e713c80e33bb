"""A message is read part by part, within its limits, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.prefixing import prefixed
from assigncli.protocol.acts import ACTS
from assigncli.protocol.canonical import MAX_BODY, Malformed, VersionUnknown
from assigncli.protocol.certificate import MAX_CERTIFICATE
from assigncli.protocol.entry import MAX_ENTRY
from assigncli.protocol.manifest import MAX_MANIFEST
from assigncli.protocol.message import (
    ANSWERS,
    GREETINGS,
    MAX_ANSWER,
    MAX_ATTACHMENT,
    MAX_BATCH,
    MAX_BATCH_ROWS,
    MAX_GREETING,
    MAX_REQUEST,
    REQUESTS,
    Message,
    MessageKind,
    StatementTooLarge,
    TooLarge,
    check_attachments,
    frame_size,
    framed,
    limit_of,
)
from assigncli.protocol.sealed_keys import MAX_WRAP_BODY
from assigncli.protocol.texts import MAX_TEXTS
from tests.quick import all_in_one
from tests.unit.protocol.test_acts import plain, table
from tests.unit.protocol.vectors import vectors

CASE = vectors("statement")
BODY, TEXTS = CASE["statement"]["body"].encode(), CASE["texts"].encode()
SIGNATURE = bytes.fromhex(CASE["statement"]["signature"])
ACT = Message(MessageKind.ACT, (BODY, SIGNATURE, TEXTS))
CODES = {
    "version_unknown": VersionUnknown,
    "statement_too_large": StatementTooLarge,
    "message_too_large": TooLarge,
}
PARTS = {
    MessageKind.ASK: (BODY, SIGNATURE),
    MessageKind.ACT: (BODY, SIGNATURE, b"{}", b"one", b"two"),
    MessageKind.OUTCOME: (BODY, SIGNATURE),
    MessageKind.EVIDENCE: (b"{}",),
    MessageKind.REPLY: (b"{}",),
    MessageKind.REFUSAL: (b"{}",),
    MessageKind.HELLO: (b"{}",),
    MessageKind.WELCOME: (b"{}",),
}
GROUPS = (REQUESTS, ANSWERS, GREETINGS, frozenset({MessageKind.HELLO}))


def read(data: bytes) -> Message:
    return Message.decode(data, set(MessageKind))


def test_vectors_are_read_and_written_as_they_are() -> None:
    for name in ("message", "outcome"):
        data = bytes.fromhex(CASE[name]["bytes"])
        message = Message.decode(data, REQUESTS)
        assert message.kind == CASE[name]["kind"]
        assert message.parts == ACT.parts[: len(message.parts)]
        assert message.encode() == data


@all_in_one("case", vectors("messages")["refused"], ids=lambda case: case["what"])
def test_a_vector_to_be_refused_is_refused(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["bytes"]["hex"]) + bytes(case["bytes"]["zeros"])
    with pytest.raises(Malformed) as refusal:
        Message.decode(data, REQUESTS)
    assert type(refusal.value) is CODES.get(case["code"], Malformed)


def test_kinds_and_limits_are_those_of_the_page() -> None:
    kinds = table("## 3. What crosses")
    assert {int(row["Kind"], 16): row["Name"].upper() for row in kinds} == {
        kind.value: kind.name for kind in MessageKind
    }
    rows = table("\n\n| Limit | Bytes |")
    limits = {row["Limit"]: row["Bytes"].replace(",", "") for row in rows}
    assert limits["request"] == str(MAX_REQUEST)
    assert limits["statement, question"] == str(MAX_BODY)
    assert limits["texts"] == str(MAX_TEXTS)
    for limit in (MAX_ENTRY, MAX_MANIFEST, MAX_CERTIFICATE, MAX_WRAP_BODY):
        assert limits["manifest, certificate, entry, wrap body"] == str(limit)
    assert limits["batch"] == f"{MAX_BATCH} and {MAX_BATCH_ROWS} rows"
    assert limits["any other attachment"] == str(MAX_ATTACHMENT)
    assert limits["evidence, reply, refusal (the part)"] == str(MAX_ANSWER)
    assert limits["hello, welcome (the part)"] == str(MAX_GREETING)
    assert plain(kinds[0]["Name"]) == "ask"


@pytest.mark.parametrize("kind", MessageKind)
def test_what_is_written_is_read(kind: MessageKind) -> None:
    message = Message(kind, PARTS[kind])
    assert read(message.encode()) == message
    for group in GROUPS:
        if kind in group:
            assert Message.decode(message.encode(), group) == message
        else:
            with pytest.raises(Malformed):
                Message.decode(message.encode(), group)


@pytest.mark.parametrize("kind", MessageKind)
def test_a_part_more_or_less_and_bytes_cut_off_or_added_are_refused(kind: MessageKind) -> None:
    parts = PARTS[kind]
    fewest = 3 if kind == MessageKind.ACT else len(parts)
    for wrong in (parts[: fewest - 1], (*parts, b""), ()):
        with pytest.raises(Malformed):
            Message(kind, wrong).encode()
        with pytest.raises(Malformed):
            read(bytes([1, kind]) + prefixed(*wrong))
    data = bytes([1, kind]) + prefixed(*parts[:fewest])
    assert read(data)
    for end in range(len(data)):
        with pytest.raises(Malformed):
            read(data[:end])
    with pytest.raises(Malformed):
        read(data + b"\0")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_they_are_written_or_refused(data: bytes) -> None:
    for start in (b"", b"\1", b"\1\1", b"\1\x81"):
        try:
            assert read(start + data).encode() == start + data
        except Malformed:
            continue


def test_a_question_may_be_unsigned_and_nothing_else() -> None:
    assert read(Message(MessageKind.ASK, (BODY, b"")).encode()).parts[1] == b""
    for kind, parts in ((MessageKind.ACT, (BODY, b"", b"{}")), (MessageKind.OUTCOME, (BODY, b""))):
        with pytest.raises(Malformed):
            Message(kind, parts).encode()
    for signature in (SIGNATURE[:-1], SIGNATURE + b"\0"):
        with pytest.raises(Malformed):
            Message(MessageKind.ASK, (BODY, signature)).encode()


def test_version_and_kind() -> None:
    data = ACT.encode()
    with pytest.raises(VersionUnknown):
        read(b"\2" + data[1:])
    for kind in (0, 4, 0x80, 0x84, 0xFF):
        with pytest.raises(Malformed) as refusal:
            read(bytes([1, kind]) + data[2:])
        assert type(refusal.value) is Malformed


@pytest.mark.parametrize(
    ("at", "limit", "refusal"),
    [
        (0, MAX_BODY, StatementTooLarge),
        (1, 64, Malformed),
        (2, MAX_TEXTS, TooLarge),
        (3, MAX_BATCH, TooLarge),
    ],
)
def test_each_part_has_its_limit(at: int, limit: int, refusal: type[Malformed]) -> None:
    parts = [b"", SIGNATURE, b"", b""]
    parts[at] = bytes(limit)
    assert read(Message(MessageKind.ACT, tuple(parts)).encode())
    parts[at] = bytes(limit + 1)
    data = b"\1\2" + prefixed(*parts)
    for tried in (lambda: read(data), Message(MessageKind.ACT, tuple(parts)).encode):
        with pytest.raises(Malformed) as raised:
            tried()
        assert type(raised.value) is refusal


def test_the_whole_message_has_its_limit_whatever_its_form() -> None:
    most = MAX_REQUEST - len(b"\1\2" + prefixed(b"", SIGNATURE, b"", bytes(MAX_BATCH), b""))
    parts = (b"", SIGNATURE, b"", bytes(MAX_BATCH), bytes(most))
    assert len(Message(MessageKind.ACT, parts).encode()) == MAX_REQUEST
    with pytest.raises(TooLarge):
        Message(MessageKind.ACT, (*parts[:-1], bytes(most + 1))).encode()
    with pytest.raises(TooLarge):
        Message.decode(b"\xff" * (MAX_REQUEST + 1), REQUESTS)
    answer = Message(MessageKind.REPLY, (bytes(MAX_ANSWER),)).encode()
    assert len(answer) == limit_of(MessageKind.REPLY)
    assert Message.decode(answer, ANSWERS)
    with pytest.raises(TooLarge):
        Message(MessageKind.REPLY, (bytes(MAX_ANSWER + 1),)).encode()


def test_other_attachments_than_batches_have_a_smaller_limit() -> None:
    batch, shares = ACTS["batch.created"], bytes(MAX_ATTACHMENT)
    check_attachments(batch, (bytes(MAX_BATCH), shares))
    check_attachments(ACTS["cycle.closed"], ())
    for act, attachments, refusal in (
        (batch, (bytes(MAX_BATCH + 1), shares), TooLarge),
        (batch, (b"", shares + b"\0"), TooLarge),
        (ACTS["wrap.added"], (shares + b"\0", b""), TooLarge),
        (ACTS["wrap.added"], (shares, b""), Malformed),
        (ACTS["wrap.added"], (), Malformed),
        (ACTS["cycle.closed"], (b"",), Malformed),
    ):
        with pytest.raises(Malformed) as raised:
            check_attachments(act, attachments)
        assert type(raised.value) is refusal


def test_a_frame_says_its_size_first() -> None:
    data = ACT.encode()
    frame = framed(data)
    assert frame[4:] == data
    assert frame_size(frame[:4], MAX_REQUEST) == len(data)
    assert frame_size(MAX_REQUEST.to_bytes(4, "big"), MAX_REQUEST) == MAX_REQUEST
    with pytest.raises(TooLarge):
        frame_size((MAX_REQUEST + 1).to_bytes(4, "big"), MAX_REQUEST)
    with pytest.raises(Malformed):
        frame_size(b"\0\0\0", MAX_REQUEST)
