"""A manifest is read in one form only, and written as it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.signatures import signature_holds
from assigncli.protocol.canonical import Malformed, VersionUnknown, decode, encode
from assigncli.protocol.context import Context
from assigncli.protocol.manifest import MAX_MANIFEST, TEXTS, Manifest
from tests.quick import all_in_one
from tests.unit.protocol.test_acts import plain, table
from tests.unit.protocol.test_statement import HASHES, MOMENTS, UUIDS
from tests.unit.protocol.vectors import vectors

ENVELOPE = vectors("envelope")
BODY = ENVELOPE["manifest"]["body"].encode()
CONTEXTS = st.builds(Context, UUIDS, UUIDS, UUIDS, UUIDS, UUIDS)
MANIFESTS = st.builds(
    Manifest,
    context=CONTEXTS,
    certificate=UUIDS,
    status=st.sampled_from(["pending", "dispatched"]),
    payload_sha256=HASHES,
    share_commitment=HASHES,
    texts=st.fixed_dictionaries(dict.fromkeys(TEXTS, HASHES)),
    priority=st.sampled_from(["normal", "urgent"]),
    contact_deadline_days=st.integers(0, 2**53 - 1),
    consent_required=st.booleans(),
    expires_at=st.none() | MOMENTS,
    readers=st.frozensets(UUIDS, min_size=1, max_size=3),
)


def test_a_vector_is_read_and_written_as_it_is() -> None:
    manifest = Manifest.decode(BODY)
    assert manifest.encode() == BODY
    assert Manifest.digest(BODY).hex() == ENVELOPE["manifest"]["digest"]
    key, signature = (bytes.fromhex(ENVELOPE["manifest"][n]) for n in ("public_key", "signature"))
    assert signature_holds(key, Manifest.purpose, BODY, signature)
    assert manifest.context.encode().hex() == ENVELOPE["context"]
    assert manifest.expires_at == datetime(2026, 12, 23, 23, tzinfo=UTC)


@all_in_one("case", ENVELOPE["malformed"], ids=lambda case: case["what"])
def test_a_malformed_vector_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        Manifest.decode(case["body"].encode("ascii"))


def test_the_fields_are_those_of_the_page() -> None:
    rows = table("### 6.6 Manifest")
    named = [name for row in rows for name in plain(row["Field"]).split(", ")]
    assert sorted(decode(BODY)) == sorted(named)
    said = next(row["Type"] for row in rows if "`texts`" in row["Field"])
    assert [each for each in TEXTS if f'"{each}"' in said] == list(TEXTS)


@given(MANIFESTS, st.none() | st.tuples(HASHES, HASHES))
def test_what_is_written_is_read(manifest: Manifest, hashes: tuple[bytes, bytes] | None) -> None:
    key, content = hashes or (None, None)
    manifest = replace(manifest, import_key=key, import_digest=content)
    assert Manifest.decode(manifest.encode()) == manifest


def made(**fields: Any) -> Manifest:
    return replace(Manifest.decode(BODY), **fields)


@all_in_one(
    "fields",
    [
        {"status": "read"},
        {"texts": {"title": bytes(32)}},
        {"readers": frozenset()},
        {"readers": frozenset(UUID(int=at) for at in range(1, 66))},
        {"import_key": bytes(32)},
        {"import_digest": bytes(32)},
        {"consent_required": 1},
        {"contact_deadline_days": -1},
    ],
)
def test_what_would_be_refused_is_not_written(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        made(**fields).encode()


def test_a_reader_twice_or_out_of_order_is_refused() -> None:
    fields = decode(BODY)
    for readers in (fields["readers"][::-1], fields["readers"][:1] * 2, []):
        with pytest.raises(Malformed, match="readers"):
            Manifest.decode(encode({**fields, "readers": readers}))
    assert Manifest.form()(fields)


def test_another_version_is_told() -> None:
    with pytest.raises(VersionUnknown):
        Manifest.decode(encode({"v": 2}))
    with pytest.raises(Malformed, match="too long"):
        Manifest.decode(b" " * (MAX_MANIFEST + 1))
