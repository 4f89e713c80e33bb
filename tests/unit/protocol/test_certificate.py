"""A certificate is read in one form only, and written as it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.identity import Identity
from assigncli.crypto.signatures import signature_holds
from assigncli.protocol.canonical import Malformed, VersionUnknown, encode
from assigncli.protocol.certificate import MAX_CERTIFICATE, TEXTS, Certificate
from tests.quick import all_in_one
from tests.unit.protocol.test_acts import plain, table
from tests.unit.protocol.test_statement import HASHES, UUIDS
from tests.unit.protocol.vectors import vectors

PEOPLE = vectors("people")
KEYS = [Identity(bytes([at]) * 32, bytes([at]) * 32).public for at in range(1, 4)]
CERTIFICATES = st.builds(
    Certificate,
    id=UUIDS,
    organization=UUIDS,
    member=UUIDS,
    roles=st.frozensets(st.sampled_from(["coordinator", "org_admin", "peer_mentor"]), min_size=1)
    | st.just(frozenset({"service"})),
    keys=st.sampled_from(KEYS),
    texts=st.fixed_dictionaries(dict.fromkeys(TEXTS, HASHES)),
    issuer=st.none() | UUIDS,
)


def test_vectors_are_read_and_written_as_they_are() -> None:
    for case in PEOPLE["certificates"]:
        body = case["body"].encode()
        certificate = Certificate.decode(body)
        assert certificate.encode() == body
        assert Certificate.digest(body).hex() == case["digest"]
        key, signature = (bytes.fromhex(case[name]) for name in ("public_key", "signature"))
        assert signature_holds(key, Certificate.purpose, body, signature)
        assert (certificate.issuer is None) == (case["public_key"] == PEOPLE["root_key"])


@all_in_one("case", PEOPLE["malformed"], ids=lambda case: case["what"])
def test_a_malformed_vector_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        Certificate.decode(case["body"].encode("ascii"))


def test_the_fields_are_those_of_the_page() -> None:
    rows = table("### 6.1 Certificate")
    named = [name for row in rows for name in plain(row["Field"]).split(", ")]
    assert sorted(Certificate.__dataclass_fields__) == sorted(
        {*named, "keys"} - {"v", "suite", "signing_key", "encryption_key"}
    )


@given(CERTIFICATES)
def test_what_is_written_is_read(certificate: Certificate) -> None:
    assert Certificate.decode(certificate.encode()) == certificate


def made(**fields: Any) -> Certificate:
    return replace(Certificate.decode(PEOPLE["certificates"][1]["body"].encode()), **fields)


@all_in_one(
    "fields",
    [
        {"id": UUID(int=0)},
        {"roles": frozenset()},
        {"roles": frozenset({"friend"})},
        {"roles": frozenset({"service", "org_admin"})},
        {"texts": {}},
        {"texts": dict.fromkeys((*TEXTS, "name"), bytes(32))},
        {"texts": dict.fromkeys(TEXTS, b"short")},
        {"issuer": UUID(int=0)},
    ],
)
def test_what_would_be_refused_is_not_written(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        made(**fields).encode()


def test_another_version_is_told() -> None:
    with pytest.raises(VersionUnknown):
        Certificate.decode(encode({"v": 2}))
    with pytest.raises(Malformed, match="too long"):
        Certificate.decode(b" " * (MAX_CERTIFICATE + 1))
