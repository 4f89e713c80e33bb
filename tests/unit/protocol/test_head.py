"""A head is signed as a C2SP note, and only a head can be signed so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.crypto.stamps import signed_bytes
from assigncli.protocol.canonical import MAX_NUMBER, Malformed
from assigncli.protocol.head import FORM, Head, checkpoint, head_text, read_checkpoint
from tests.quick import all_in_one
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
        found = read_checkpoint(case["note"])
        assert (found.organization, found.size, found.root) == (ORGANIZATION, head.size, head.root)
        assert found.signature == head.signature
        assert found.holds(KEY)
        assert not found.holds(SERVICE.public.signing_key)


def signed_head(organization: UUID, size: int, root: bytes) -> Head:
    signature = SERVICE.sign_head(head_text(organization, size, root))
    return Head(size, root, UUID(int=1), signature)


@given(UUIDS, st.integers(0, 2**53 - 1), HASHES)
def test_a_checkpoint_is_read_as_it_is_written(organization: UUID, size: int, root: bytes) -> None:
    head, key = signed_head(organization, size, root), SERVICE.public.signing_key
    assert Head.from_fields(head.fields()) == head
    found = read_checkpoint(checkpoint(organization, head, key))
    assert (found.organization, found.size, found.root) == (organization, size, root)
    assert found.holds(key)


def test_the_largest_size() -> None:
    head, key = signed_head(ORGANIZATION, MAX_NUMBER, bytes(32)), SERVICE.public.signing_key
    assert read_checkpoint(checkpoint(ORGANIZATION, head, key)).size == MAX_NUMBER


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


def test_a_changed_checkpoint_is_refused_or_does_not_hold() -> None:
    key = SERVICE.public.signing_key
    note = checkpoint(ORGANIZATION, signed_head(ORGANIZATION, 7, bytes(32)), key)
    for other in flipped(note.encode()):
        try:
            assert not read_checkpoint(other.decode("utf-8", "replace")).holds(key)
        except Malformed:
            continue


@all_in_one(
    ("old", "new"),
    [
        ("\n7\n", "\n07\n"),
        ("\n7\n", "\n9007199254740992\n"),
        ("\n7\n", "\n-7\n"),
        ("\n7\n", "\n٧\n"),
        ("AAA=\n", "AAB=\n"),
        ("AAA=\n", "AAA=\nextension\n"),
        ("\n\n", "\n"),
        ("— ", "- "),
        ("=\n\n", "=\r\n\n"),
        ("assigncli/7b095e8d-", "assigncli/-7b095e8d"),
        ("assigncli/7b095e8d", "assigncli/7B095E8D"),
        ("assigncli/7b095e8d", "other/7b095e8d"),
    ],
)
def test_another_spelling_of_a_checkpoint_is_refused(old: str, new: str) -> None:
    key = SERVICE.public.signing_key
    note = checkpoint(ORGANIZATION, signed_head(ORGANIZATION, 7, bytes(32)), key)
    assert old in note
    with pytest.raises(Malformed):
        read_checkpoint(note.replace(old, new))
    with pytest.raises(Malformed):
        read_checkpoint(note + "\n")


@pytest.mark.parametrize(
    "change", [{"size": -1}, {"root": "00"}, {"service": None}, {"signature": ""}, {"more": 1}]
)
def test_a_head_of_another_form_is_refused(change: dict[str, Any]) -> None:
    fields = {**LOG["heads"][3]["head"], **change}
    assert not FORM(fields)
    with pytest.raises(Malformed):
        Head.from_fields(fields)


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
    assert not SERVICE.public.verify_head(text, raw)


def test_a_head_is_verified_by_its_service() -> None:
    text = head_text(ORGANIZATION, 0, bytes(32))
    signature = SERVICE.sign_head(text)
    assert SERVICE.public.verify_head(text, signature)
    assert not SERVICE.public.verify_head(text, b"")
    other = PublicIdentity(KEY, SERVICE.public.encryption_key)
    assert not other.verify_head(text, signature)
