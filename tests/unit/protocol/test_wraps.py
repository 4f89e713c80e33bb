"""What a wrap is sealed for and signed over is known from its place, and from nothing it says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from assigncli.crypto.organization_key import keyed_digest, open_value
from assigncli.crypto.sealing import open_sealed
from assigncli.crypto.signatures import signature_holds
from assigncli.domain.payload import Payload
from assigncli.domain.roster.row import SheetRow, row_content, row_identity
from assigncli.protocol.attachments import Channel
from assigncli.protocol.context import Context
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.sealed_keys import OrganizationWrap, Wrap
from tests.unit.protocol.test_manifest import CONTEXTS
from tests.unit.protocol.vectors import vectors

ENVELOPE, ORGANIZATION_KEY = vectors("envelope"), vectors("organization_key")
ORGANIZATION = UUID(vectors("people")["organization"])
MANIFEST = Manifest.decode(ENVELOPE["manifest"]["body"].encode())


def wrap_of(case: dict[str, str]) -> Wrap:
    said = json.loads(case["body"])
    data = (bytes.fromhex(case[name]) for name in ("wrap", "signature"))
    return Wrap(UUID(said["certificate"]), UUID(said["maker"]), *data)


def test_wraps_of_an_envelope() -> None:
    context, secret = MANIFEST.context, bytes.fromhex(ENVELOPE["secret"])
    assert context.commitment(bytes.fromhex(ENVELOPE["share"])) == MANIFEST.share_commitment
    for case in ENVELOPE["wraps"]:
        wrap = wrap_of(case)
        assert wrap.body(context).encode() == case["body"].encode()
        assert context.wrap_info(wrap.certificate).hex() == case["info"]
        opened = open_sealed(
            wrap.wrap, bytes.fromhex(case["private_key"]), bytes.fromhex(case["info"])
        )
        assert opened == secret
        key = bytes.fromhex(case["public_key"])
        assert signature_holds(key, "wrap", wrap.body(context).encode(), wrap.signature)
        assert wrap.is_signed(context, key)
        assert not replace(wrap, wrap=bytes(80)).is_signed(context, key)


def test_a_wrap_of_an_organization_key() -> None:
    case = ORGANIZATION_KEY["wrap"]
    said = json.loads(case["body"])
    wrap = OrganizationWrap(UUID(said["key"]), said["use"], wrap_of(case))
    assert wrap.body(ORGANIZATION).encode() == case["body"].encode()
    assert wrap.info(ORGANIZATION).hex() == case["info"]
    key, body = bytes.fromhex(case["public_key"]), wrap.body(ORGANIZATION).encode()
    assert signature_holds(key, "organization-key", body, wrap.wrap.signature)
    assert wrap.is_signed(ORGANIZATION, key)
    assert not replace(wrap, use="imports").is_signed(ORGANIZATION, key)
    assert wrap.body(ORGANIZATION) != replace(wrap, use="imports").body(ORGANIZATION)


@given(CONTEXTS)
def test_every_id_of_a_context_counts(context: Context) -> None:
    wrap = wrap_of(ENVELOPE["wraps"][0])
    for name in Context.__dataclass_fields__:
        other = replace(context, **{name: UUID(int=getattr(context, name).int ^ 1 << 64)})
        assert other.encode() != context.encode()
        assert other.commitment(bytes(32)) != context.commitment(bytes(32))
        assert wrap.body(other) != wrap.body(context)
    assert wrap.body(context) != replace(wrap, wrap=bytes(80)).body(context)


def test_a_sealed_address_is_bound_to_its_place() -> None:
    case = ORGANIZATION_KEY["address"]
    channel = Channel(UUID(case["channel"]), bytes.fromhex(case["sealed"]))
    member = UUID(case["member"])
    assert channel.bound_to(ORGANIZATION, member).hex() == case["aad"]
    opened = open_value(
        channel.sealed,
        bytes.fromhex(ORGANIZATION_KEY["key"]),
        organization_id=ORGANIZATION,
        owner_id=member,
        purpose=f"notification-channel/{channel.id}",
    )
    assert opened.decode() == case["address"]


@pytest.mark.parametrize("case", ORGANIZATION_KEY["imports"], ids=["by content", "by id"])
def test_the_import_hash_of_a_row_is_that_of_the_vector(case: dict[str, Any]) -> None:
    said = case["row"]
    row = SheetRow(
        row=1,
        payload=Payload(**json.loads(bytes.fromhex(case["payload"]))),
        **{**said, "expires": date.fromisoformat(said["expires"])},
    )
    key = bytes.fromhex(ORGANIZATION_KEY["key"])
    hashed = keyed_digest(key, row_identity(row), purpose="import")
    assert hashed.hex() == case["import_key"]
    hashed = keyed_digest(key, row_content(row), purpose="import-digest")
    assert hashed.hex() == case["import_digest"]
