"""Attachments are read in one form only, within their limits, and written as they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assigncli.protocol.attachments import (
    Certificates,
    Channel,
    NewCertificate,
    decode_certificates,
    decode_channels,
    decode_organization_wraps,
    decode_wraps,
    encode_channels,
    encode_organization_wraps,
    encode_wraps,
)
from assigncli.protocol.batches import (
    BatchRow,
    Share,
    decode_batch,
    decode_shares,
    encode_batch,
    encode_shares,
)
from assigncli.protocol.canonical import Malformed, VersionUnknown, decode, encode
from assigncli.protocol.manifest import TEXTS
from assigncli.protocol.message import MAX_ATTACHMENT, MAX_BATCH, MAX_BATCH_ROWS
from assigncli.protocol.sealed_keys import OrganizationWrap, Wrap
from assigncli.protocol.texts import Text
from tests.quick import all_in_one
from tests.unit.protocol import test_canonical as canonical
from tests.unit.protocol.test_answers import BODIES, SIGNATURES, WRAPS, few
from tests.unit.protocol.test_statement import HASHES, UUIDS
from tests.unit.protocol.vectors import vectors

ENVELOPE, ATTACHMENTS = vectors("envelope"), vectors("attachments")
KEY = UUID(decode(vectors("organization_key")["wrap"]["body"].encode())["key"])
READ: dict[str, Callable[[bytes], Any]] = {
    "certificates": lambda body: decode_certificates(body, count=1),
    "organization_wraps": lambda body: decode_organization_wraps(body, KEY),
    "wraps": decode_wraps,
    "channels": decode_channels,
    "batch": lambda body: decode_batch(body, count=1),
}
WRITTEN: dict[str, Callable[[Any], bytes]] = {
    "certificates": Certificates.encode,
    "organization_wraps": encode_organization_wraps,
    "wraps": encode_wraps,
    "channels": encode_channels,
    "batch": encode_batch,
}
GIVEN = st.builds(Text, st.binary(min_size=16, max_size=16), canonical.TEXTS)
ROWS = st.builds(
    BatchRow,
    manifest=BODIES,
    signature=SIGNATURES,
    ciphertext=st.none() | BODIES,
    texts=st.fixed_dictionaries(dict.fromkeys(TEXTS, GIVEN)),
    wraps=few(WRAPS),
)
SHARES = st.builds(Share, UUIDS, HASHES)
ORGANIZATION_WRAPS = st.builds(
    OrganizationWrap, st.just(KEY), st.sampled_from(["addresses", "imports"]), WRAPS
)
ROW = BatchRow(b"", bytes(64), b"", {field: Text(bytes(16), "") for field in TEXTS}, ())
WRAP = Wrap(UUID(int=1), UUID(int=2), bytes(80), bytes(64))
CERTIFICATE = NewCertificate(b"{}", bytes(64))


@pytest.mark.parametrize("kind", READ)
def test_vectors_are_read_and_written_as_they_are(kind: str) -> None:
    body = ATTACHMENTS["good"][kind].encode()
    assert WRITTEN[kind](READ[kind](body)) == body


@all_in_one("case", ATTACHMENTS["refused"], ids=lambda case: f"{case['kind']}: {case['what']}")
def test_a_vector_to_be_refused_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        READ[case["kind"]](case["body"].encode())


@pytest.mark.parametrize("kind", READ)
def test_another_version_and_other_fields_are_refused(kind: str) -> None:
    with pytest.raises(VersionUnknown):
        READ[kind](encode({"v": 2}))
    body = ATTACHMENTS["good"][kind]
    for other in (body[:-1] + ',"w":1}', body.replace('"v":1', '"v":true'), body + "\n", "{}"):
        with pytest.raises(Malformed):
            READ[kind](other.encode())


def test_the_batch_and_its_share() -> None:
    (row,) = decode_batch(ENVELOPE["batch"]["bytes"].encode(), count=1)
    assert row.manifest == ENVELOPE["manifest"]["body"].encode()
    assert row.ciphertext == bytes.fromhex(ENVELOPE["ciphertext"])
    assert list(row.texts) == sorted(TEXTS)
    data = bytes.fromhex(ENVELOPE["shares"]["bytes"])
    (share,) = decode_shares(data, count=1)
    assert share.share == bytes.fromhex(ENVELOPE["share"])
    assert ENVELOPE["share"][:8] not in repr(share)
    assert encode_shares([share]) == data


@given(st.lists(ROWS, min_size=1, max_size=3))
@settings(max_examples=30)
def test_a_batch_is_read_as_it_is_written(rows: list[BatchRow]) -> None:
    assert decode_batch(encode_batch(rows), len(rows)) == tuple(rows)
    with pytest.raises(Malformed, match="rows"):
        decode_batch(encode_batch(rows), len(rows) + 1)


@given(st.lists(SHARES, min_size=1, max_size=3))
def test_shares_are_read_as_they_are_written(shares: list[Share]) -> None:
    data = encode_shares(shares)
    assert decode_shares(data, len(shares)) == tuple(shares)
    for other in (data + b"\0", data[:-1]):
        with pytest.raises(Malformed):
            decode_shares(other, len(shares))


@given(
    st.builds(
        Certificates, few(st.builds(NewCertificate, BODIES, SIGNATURES), 1), few(ORGANIZATION_WRAPS)
    ),
    few(ORGANIZATION_WRAPS, 1),
    few(WRAPS, 1),
    st.lists(st.builds(Channel, UUIDS, BODIES), max_size=3, unique_by=lambda each: each.id),
)
@settings(max_examples=30)
def test_the_others_are_read_as_they_are_written(
    certificates: Certificates,
    organization_wraps: tuple[OrganizationWrap, ...],
    wraps: tuple[Wrap, ...],
    channels: list[Channel],
) -> None:
    count = len(certificates.certificates)
    assert decode_certificates(certificates.encode(), count) == certificates
    body = encode_organization_wraps(organization_wraps)
    assert decode_organization_wraps(body, KEY) == organization_wraps
    with pytest.raises(Malformed, match="key"):
        decode_organization_wraps(body, UUID(int=KEY.int ^ 1))
    assert decode_wraps(encode_wraps(wraps)) == wraps
    assert decode_channels(encode_channels(channels)) == tuple(channels)


def test_the_largest_is_taken_and_one_more_is_refused() -> None:
    rows = [ROW] * MAX_BATCH_ROWS
    assert len(decode_batch(encode_batch(rows), MAX_BATCH_ROWS)) == MAX_BATCH_ROWS
    assert len(decode_wraps(encode_wraps([WRAP] * 16))) == 16
    room = MAX_BATCH - len(encode_batch([ROW]))
    full = replace(ROW, texts={**ROW.texts, "title": Text(bytes(16), "x" * room)})
    assert len(encode_batch([full])) == MAX_BATCH
    over = replace(ROW, texts={**ROW.texts, "title": Text(bytes(16), "x" * (room + 1))})
    for write in (
        lambda: encode_batch([*rows, ROW]),
        lambda: encode_batch([over]),
        lambda: encode_batch([]),
        lambda: encode_wraps([WRAP] * 17),
        lambda: encode_wraps([]),
        lambda: encode_organization_wraps([]),
        lambda: Certificates(()).encode(),
        lambda: Certificates((CERTIFICATE,) * 3).encode(),
        lambda: encode_channels([Channel(UUID(int=1), b""), Channel(UUID(int=1), b"a")]),
        lambda: encode_channels([Channel(UUID(int=1), bytes(MAX_ATTACHMENT))]),
        lambda: encode_shares([Share(UUID(int=1), b"short")]),
        lambda: decode_shares(bytes(48 * 1366), 1366),
    ):
        with pytest.raises(Malformed):
            write()


def test_the_number_of_channels_is_a_rule_and_not_a_form() -> None:
    channels = tuple(Channel(UUID(int=at), b"") for at in range(1, 10))
    assert decode_channels(encode_channels(channels)) == channels
