"""A head is signed as a C2SP note, and only a head can be signed so."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.identity import Identity
from assigncli.crypto.signatures import head_signature_holds, signed_bytes
from assigncli.protocol.canonical import MAX_NUMBER, Malformed, decode
from assigncli.protocol.head import Head, checkpoint, head_text
from assigncli.protocol.refusal import Refusal
from tests.unit.protocol.test_statement import HASHES, UUIDS
from tests.unit.protocol.vectors import flipped, vectors

LOG = vectors("log")
ORGANIZATION = UUID(vectors("people")["organization"])
KEY = bytes.fromhex(LOG["service_key"])
SERVICE = Identity(bytes(range(32)), bytes(range(32)))


def test_vectors_are_read_and_written_as_they_are() -> None:
    for case in LOG["heads"]:
        head = Head.from_fields(case["head"])
        assert head.fields() == case["head"]
        assert head_text(ORGANIZATION, head.size, head.root) == case["text"].encode()
        assert head.holds(ORGANIZATION, KEY)
        assert checkpoint(ORGANIZATION, head, KEY) == case["note"]
        assert not head.holds(ORGANIZATION, SERVICE.public.signing_key)


def signed_head(organization: UUID, size: int, root: bytes) -> Head:
    signature = SERVICE.sign_head(head_text(organization, size, root))
    return Head(size, root, UUID(int=1), signature)


@given(UUIDS, st.integers(0, 2**53 - 1), HASHES)
def test_a_checkpoint_is_a_signed_note_of_the_head(
    organization: UUID, size: int, root: bytes
) -> None:
    head, key = signed_head(organization, size, root), SERVICE.public.signing_key
    assert Head.from_fields(head.fields()) == head
    text, signed = checkpoint(organization, head, key).split("\n\n")
    dash, name, blob = signed.split(" ")
    assert f"{text}\n".encode() == head_text(organization, size, root)
    assert (dash, name) == ("\u2014", f"assigncli/{organization}")
    key_id = hashlib.sha256(f"{name}\n\x01".encode() + key).digest()[:4]
    assert base64.b64decode(blob.removesuffix("\n")) == key_id + head.signature


def test_the_largest_size() -> None:
    head, key = signed_head(ORGANIZATION, MAX_NUMBER, bytes(32)), SERVICE.public.signing_key
    assert head.holds(ORGANIZATION, key)
    assert checkpoint(ORGANIZATION, head, key).splitlines()[1] == str(MAX_NUMBER)


def test_another_head_does_not_hold() -> None:
    root, key = bytes(32), SERVICE.public.signing_key
    head = signed_head(ORGANIZATION, 7, root)
    assert head.holds(ORGANIZATION, key)
    assert not head.holds(UUID(int=7), key)
    assert not head.holds(ORGANIZATION, KEY)
    for other in ((8, root, head.signature), (7, b"\1" * 32, head.signature), (7, root, b"")):
        size, other_root, signature = other
        assert not Head(size, other_root, head.service, signature).holds(ORGANIZATION, key)
    assert not any(
        Head(7, root, head.service, other).holds(ORGANIZATION, key)
        for other in flipped(head.signature)
    )


@pytest.mark.parametrize(
    "change", [{"size": -1}, {"root": "00"}, {"service": None}, {"signature": ""}, {"more": 1}]
)
def test_a_head_of_another_form_is_refused(change: dict[str, Any]) -> None:
    fields = {**LOG["heads"][3]["head"], **change}
    assert not Head.form()(fields)
    refused = {**decode(Refusal("store_busy", datetime.now(UTC)).encode()), "head": fields}
    with pytest.raises(Malformed):
        Refusal.decode(json.dumps(refused, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"assigncli/request/v1\0{}",
        signed_bytes("request", b"{}"),
        f"assigncli/{ORGANIZATION}".encode(),
        f"assigncli/{ORGANIZATION}/v1\0".encode(),
        f"\nassigncli/{ORGANIZATION}\n".encode(),
        f"assigncli/{ORGANIZATION}\n".upper().encode(),
    ],
)
def test_only_a_head_is_signed_without_a_purpose(text: bytes) -> None:
    with pytest.raises(ValueError, match="Only the text of a head"):
        SERVICE.sign_head(text)
    raw = SERVICE._signing.sign(text).signature
    assert not head_signature_holds(SERVICE.public.signing_key, text, raw)


def test_a_head_is_verified_by_its_service() -> None:
    text = head_text(ORGANIZATION, 0, bytes(32))
    signature = SERVICE.sign_head(text)
    assert head_signature_holds(SERVICE.public.signing_key, text, signature)
    assert not head_signature_holds(SERVICE.public.signing_key, text, b"")
    assert not head_signature_holds(KEY, text, signature)
