from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import pytest

from assigncli.crypto.certificate import Certificate
from assigncli.crypto.identity import Identity, RootKey
from assigncli.crypto.revocation import (
    Revocation,
    SignedRevocation,
    revoke,
    verify_revocation,
)
from assigncli.errors import Tampered

from .conftest import NOW, Organization, flips


def revocation_of(certificate: Certificate, revoker: Certificate | None) -> Revocation:
    return Revocation(
        certificate_id=certificate.id,
        organization_id=certificate.organization_id,
        member_id=certificate.member_id,
        revoked_at=NOW,
        revoker_certificate_id=None if revoker is None else revoker.id,
    )


def signed_by(
    organization: Organization, certificate: Certificate, revoker: Certificate | None
) -> SignedRevocation:
    signer: Identity | RootKey = (
        organization.root if revoker is None else organization.keys[revoker.id]
    )
    return revoke(revocation_of(certificate, revoker), signer)


def verified(
    organization: Organization, signed: SignedRevocation, certificate: Certificate
) -> Revocation:
    return verify_revocation(
        signed,
        certificate=certificate,
        root_public_key=organization.root.public,
        issuer_of=organization.issued.get,
    )


def test_root_admin_coordinator_and_the_member_may_revoke(organization: Organization) -> None:
    admin, coordinator = organization.certify("org_admin"), organization.certify("coordinator")
    mentor = organization.certify("peer_mentor", issuer=coordinator)
    for revoker in (None, admin, coordinator, mentor):
        signed = signed_by(organization, mentor, revoker)
        assert verified(organization, signed, mentor) == revocation_of(mentor, revoker)


def test_others_may_not(organization: Organization) -> None:
    coordinator, mentor = organization.certify("coordinator"), organization.certify("peer_mentor")
    admin = organization.certify("org_admin")
    for certificate, revoker in (
        (mentor, organization.certify("peer_mentor")),
        (admin, coordinator),
        (coordinator, mentor),
    ):
        with pytest.raises(Tampered) as caught:
            verified(organization, signed_by(organization, certificate, revoker), certificate)
        assert caught.value.code == "revocation_invalid"


def test_a_revocation_counts_for_its_certificate_only(organization: Organization) -> None:
    mentor, other = organization.certify("peer_mentor"), organization.certify("peer_mentor")
    signed = signed_by(organization, mentor, None)
    with pytest.raises(Tampered):
        verified(organization, signed, other)
    with pytest.raises(Tampered):
        verified(organization, signed, replace(mentor, member_id=uuid4()))


def test_every_flipped_bit_is_found(organization: Organization) -> None:
    mentor = organization.certify("peer_mentor")
    signed = signed_by(organization, mentor, None)
    altered = [SignedRevocation(body, signed.signature) for body in flips(signed.body)]
    altered += [SignedRevocation(signed.body, bad) for bad in flips(signed.signature)]
    for bad in altered:
        with pytest.raises(Tampered):
            verified(organization, bad, mentor)


def test_an_unknown_or_false_revoker_is_refused(organization: Organization) -> None:
    admin, mentor = organization.certify("org_admin"), organization.certify("peer_mentor")
    signed = signed_by(organization, mentor, admin)
    false = SignedRevocation(signed.body, organization.root.sign("revocation", signed.body))
    with pytest.raises(Tampered):
        verified(organization, false, mentor)
    del organization.issued[admin.id]
    with pytest.raises(Tampered):
        verified(organization, signed, mentor)


def test_a_revoker_of_another_id_is_refused(organization: Organization) -> None:
    identity, mentor = Identity.generate(), organization.certify("peer_mentor")
    admin = organization.certify("org_admin", identity=identity)
    other = organization.certify("org_admin", identity=identity)
    signed = signed_by(organization, mentor, admin)
    organization.issued[admin.id] = organization.issued[other.id]
    with pytest.raises(Tampered):
        verified(organization, signed, mentor)


def test_revoking_in_the_wrong_name_is_refused(organization: Organization) -> None:
    mentor = organization.certify("peer_mentor")
    with pytest.raises(Tampered):
        revoke(revocation_of(mentor, None), organization.keys[mentor.id])


def respelt(body: bytes) -> dict[str, bytes]:
    """Return other spellings of the same JSON, or of the same values in it."""
    fields = json.loads(body)
    shouted = {
        name: str(value).upper() if "_id" in name else value for name, value in fields.items()
    }
    bare = {
        name: str(value).replace("-", "") if "_id" in name else value
        for name, value in fields.items()
    }
    return {
        "spaces": json.dumps(fields, sort_keys=True).encode(),
        "order": json.dumps(dict(reversed(fields.items())), separators=(",", ":")).encode(),
        "line end": body + b"\n",
        "escapes": body.replace(b"member_id", b"member_\\u0069d"),
        "capitals": json.dumps(shouted, sort_keys=True, separators=(",", ":")).encode(),
        "bare ids": json.dumps(bare, sort_keys=True, separators=(",", ":")).encode(),
        "a field more": body.replace(b"{", b'{"a":1,', 1),
        "suite": body.replace(b'"suite":1', b'"suite":1.0'),
    }


def test_another_spelling_is_refused_though_it_is_signed(organization: Organization) -> None:
    """A body has one form: two would be two digests of one revocation."""
    admin = organization.certify("org_admin")
    mentor = organization.certify("peer_mentor")
    signed = signed_by(organization, mentor, admin)
    for name, body in respelt(signed.body).items():
        assert body != signed.body, name
        with pytest.raises(Tampered) as caught:
            Revocation.decode(body)
        assert caught.value.code == "revocation_invalid"
        resigned = SignedRevocation(body, organization.keys[admin.id].sign("revocation", body))
        with pytest.raises(Tampered):
            verified(organization, resigned, mentor)
