"""An entry is read in one form only, and written as it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.signatures import signature_holds
from assigncli.protocol.canonical import Malformed, VersionUnknown, encode
from assigncli.protocol.entry import MAX_ENTRY, Entry
from assigncli.protocol.tree import leaf
from tests.quick import all_in_one
from tests.unit.protocol.test_statement import HASHES, MOMENTS, UUIDS, WORDS
from tests.unit.protocol.vectors import vectors

LOG = vectors("log")
FACTS = st.dictionaries(WORDS, st.none() | st.booleans() | st.integers(0, 9) | WORDS, max_size=3)
ENTRIES = st.builds(
    Entry,
    organization=UUIDS,
    sequence=st.integers(1, 2**53 - 1),
    at=MOMENTS,
    act=WORDS,
    subject=UUIDS,
    facts=FACTS,
    statement=HASHES,
    actor=st.none() | UUIDS,
    service=UUIDS,
)
OF_THE_ACT = {
    "unknown act",
    "fact missing",
    "fact too many",
    "fact of another type",
    "unknown status",
}


def test_vectors_are_read_and_written_as_they_are() -> None:
    for sequence, case in enumerate(LOG["entries"], 1):
        body = case["body"].encode()
        entry = Entry.decode(body)
        assert entry.sequence == sequence
        assert entry.encode() == body
        assert leaf(body).hex() == case["leaf"]
        key, signature = (bytes.fromhex(case[name]) for name in ("public_key", "signature"))
        assert signature_holds(key, Entry.purpose, body, signature)
    carried_out = Entry.decode(LOG["entries"][0]["body"].encode()).statement
    assert carried_out is not None
    assert carried_out.hex() == vectors("statement")["statement"]["hash"]


@all_in_one("case", LOG["malformed"], ids=lambda case: case["what"])
def test_a_malformed_vector_is_refused(case: dict[str, str]) -> None:
    body = case["body"].encode("ascii")
    if case["what"] in OF_THE_ACT:
        assert Entry.decode(body).encode() == body
        return
    with pytest.raises(Malformed):
        Entry.decode(body)


@given(ENTRIES)
def test_what_is_written_is_read(entry: Entry) -> None:
    assert Entry.decode(entry.encode()) == entry
    alone = replace(entry, statement=None, actor=entry.service)
    assert Entry.decode(alone.encode()) == alone


def made(**fields: Any) -> Entry:
    return replace(Entry.decode(LOG["entries"][1]["body"].encode()), **fields)


@all_in_one(
    "fields",
    [
        {"sequence": 0},
        {"actor": None},
        {"actor": UUID(int=1)},
        {"subject": UUID(int=0)},
        {"act": "no word"},
        {"statement": b"short"},
        {"facts": {"a": "æ"}},
        {"facts": {"a": "x" * MAX_ENTRY}},
    ],
)
def test_what_would_be_refused_is_not_written(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        made(**fields).encode()


def test_another_version_is_told() -> None:
    with pytest.raises(VersionUnknown):
        Entry.decode(encode({"v": 2}))
