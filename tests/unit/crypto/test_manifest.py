from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from assigncli.crypto.envelope import EnvelopeContext
from assigncli.crypto.identity import Identity
from assigncli.crypto.manifest import Manifest, payload_digest, sign_manifest, verify_manifest
from assigncli.errors import Tampered

from .conftest import NOW, flips


@pytest.fixture
def manifest(context: EnvelopeContext) -> Manifest:
    return Manifest(
        context=context,
        status="dispatched",
        payload_sha256=payload_digest(b"ciphertext"),
        share_commitment=bytes(32),
        number=412,
        title="Hjemmebesøk",
        subject_reference=None,
        priority="normal",
        contact_deadline_days=10,
        coordinator_notes=None,
        consent_required=False,
        expires_at=NOW + timedelta(days=30),
        dispatched_at=NOW,
        dispatcher_certificate_id=uuid4(),
    )


CHANGES: dict[str, Any] = {
    "context": EnvelopeContext(uuid4(), uuid4(), uuid4(), uuid4(), uuid4()),
    "status": "pending",
    "payload_sha256": payload_digest(b"another"),
    "share_commitment": b"\x01" * 32,
    "number": 413,
    "title": "Hjemmebesok",
    "subject_reference": "",
    "priority": "urgent",
    "contact_deadline_days": 11,
    "coordinator_notes": "",
    "consent_required": True,
    "expires_at": None,
    "dispatched_at": NOW + timedelta(microseconds=1),
    "dispatcher_certificate_id": uuid4(),
}


def test_a_signed_manifest_verifies(manifest: Manifest, identity: Identity) -> None:
    verify_manifest(manifest, sign_manifest(manifest, identity), identity.public)


def test_every_field_is_covered(manifest: Manifest, identity: Identity) -> None:
    signature = sign_manifest(manifest, identity)
    assert {field.name for field in fields(Manifest)} == CHANGES.keys()
    for name, value in CHANGES.items():
        with pytest.raises(Tampered) as caught:
            verify_manifest(replace(manifest, **{name: value}), signature, identity.public)
        assert caught.value.code == "manifest_invalid"


def test_another_signer_or_signature_is_refused(
    manifest: Manifest, identity: Identity, stranger: Identity
) -> None:
    signature = sign_manifest(manifest, identity)
    with pytest.raises(Tampered):
        verify_manifest(manifest, signature, stranger.public)
    for bad in (*flips(signature), b""):
        with pytest.raises(Tampered):
            verify_manifest(manifest, bad, identity.public)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "completed"},
        {"title": "\ud800"},
        {"expires_at": NOW.replace(tzinfo=None)},
    ],
)
def test_what_has_no_canonical_form_is_refused(manifest: Manifest, changed: dict[str, Any]) -> None:
    with pytest.raises(Tampered) as caught:
        replace(manifest, **changed).encode()
    assert caught.value.code == "manifest_invalid"


def test_a_moment_in_another_zone_is_the_same_moment(manifest: Manifest) -> None:
    shifted = replace(manifest, dispatched_at=NOW.astimezone())
    assert shifted.encode() == manifest.encode()
