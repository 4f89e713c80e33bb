from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.certificate import (
    Certificate,
    SignedCertificate,
    issue,
    verify_chain,
)
from assigncli.crypto.identity import Identity, RootKey
from assigncli.errors import Tampered

from .conftest import NOW, Organization, flips


def verified(organization: Organization, certificate: Certificate) -> Certificate:
    return verified_signed(organization, organization.issued[certificate.id])


def verified_signed(organization: Organization, signed: SignedCertificate) -> Certificate:
    return verify_chain(
        signed,
        organization_id=organization.id,
        root_public_key=organization.root.public,
        issuer_of=organization.issued.get,
    )


def refused(organization: Organization, signed: SignedCertificate) -> bool:
    with pytest.raises(Tampered) as caught:
        verified_signed(organization, signed)
    return caught.value.code == "certificate_invalid"


def test_a_certificate_by_the_root_verifies(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    assert verified(organization, admin) == admin
    assert admin.public == organization.keys[admin.id].public


def test_every_field_comes_back_from_the_body(organization: Organization) -> None:
    certificate = replace(
        organization.certify("peer_mentor", "coordinator"), certified_until=date(2027, 12, 31)
    )
    assert Certificate.decode(certificate.encode()) == certificate


def test_a_chain_of_four_verifies_and_of_five_does_not(organization: Organization) -> None:
    chain = [organization.certify("org_admin")]
    for _step in range(4):
        chain.append(organization.certify("org_admin", issuer=chain[-1]))
    assert verified(organization, chain[3]) == chain[3]
    assert refused(organization, organization.issued[chain[4].id])


def test_a_coordinator_vouches_for_mentors_only(organization: Organization) -> None:
    coordinator = organization.certify("coordinator")
    mentor = organization.certify("peer_mentor", issuer=coordinator)
    assert verified(organization, mentor) == mentor
    for roles in (("coordinator",), ("peer_mentor", "coordinator"), ("org_admin",), ("service",)):
        other = organization.certify(*roles, issuer=coordinator)
        assert refused(organization, organization.issued[other.id])


@pytest.mark.parametrize("role", ["peer_mentor", "service"])
def test_others_vouch_for_nobody(organization: Organization, role: str) -> None:
    issuer = organization.certify(role)
    mentor = organization.certify("peer_mentor", issuer=issuer)
    assert refused(organization, organization.issued[mentor.id])


def test_another_root_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    organization.root = RootKey.generate()
    assert refused(organization, organization.issued[admin.id])


def test_another_organization_is_refused_wherever_it_stands(organization: Organization) -> None:
    foreign = organization.certify("org_admin", organization_id=uuid4())
    assert refused(organization, organization.issued[foreign.id])
    below = organization.certify("peer_mentor", issuer=foreign)
    assert refused(organization, organization.issued[below.id])


def test_swapped_keys_are_refused(organization: Organization, stranger: Identity) -> None:
    mentor = organization.certify("peer_mentor")
    swapped = replace(mentor, encryption_key=stranger.public.encryption_key)
    signature = organization.issued[mentor.id].signature
    assert refused(organization, SignedCertificate(swapped.encode(), signature))


def test_every_flipped_bit_is_found(organization: Organization) -> None:
    signed = organization.issued[organization.certify("org_admin").id]
    for body in flips(signed.body):
        assert refused(organization, SignedCertificate(body, signed.signature))
    for signature in flips(signed.signature):
        assert refused(organization, SignedCertificate(signed.body, signature))


def test_a_member_signing_as_the_root_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    claimed = replace(admin, id=uuid4())
    signature = organization.keys[admin.id].sign("certificate", claimed.encode())
    assert refused(organization, SignedCertificate(claimed.encode(), signature))


def test_a_signature_for_another_purpose_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    signature = organization.root.sign("revocation", admin.encode())
    assert refused(organization, SignedCertificate(admin.encode(), signature))


def test_a_missing_issuer_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    mentor = organization.certify("peer_mentor", issuer=admin)
    del organization.issued[admin.id]
    assert refused(organization, organization.issued[mentor.id])


def test_an_issuer_of_another_id_is_refused(organization: Organization) -> None:
    identity = Identity.generate()
    admin = organization.certify("org_admin", identity=identity)
    other = organization.certify("org_admin", identity=identity)
    mentor = organization.certify("peer_mentor", issuer=admin)
    organization.issued[admin.id] = organization.issued[other.id]
    assert refused(organization, organization.issued[mentor.id])


def test_a_circle_is_refused(organization: Organization) -> None:
    identity = Identity.generate()
    first = organization.certify("org_admin", identity=identity)
    second = organization.certify("org_admin", issuer=first, identity=identity)
    circle = replace(first, issuer_certificate_id=second.id)
    organization.issued[first.id] = issue(circle, identity)
    assert refused(organization, organization.issued[second.id])
    own = replace(first, issuer_certificate_id=first.id)
    organization.issued[first.id] = issue(own, identity)
    assert refused(organization, organization.issued[first.id])


def test_issuing_in_the_wrong_name_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    below = replace(admin, issuer_certificate_id=uuid4())
    for certificate, issuer in ((admin, organization.keys[admin.id]), (below, organization.root)):
        with pytest.raises(Tampered):
            issue(certificate, issuer)


def respelled(organization: Organization, **changed: Any) -> SignedCertificate:
    """Sign, as the root, a body that `encode` would not give."""
    fields = json.loads(organization.certify("org_admin").encode())
    fields.update(changed)
    kept = {name: value for name, value in fields.items() if value != "absent"}
    body = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return SignedCertificate(body, organization.root.sign("certificate", body))


@pytest.mark.parametrize(
    "changed",
    [
        {"suite": 2},
        {"extra": 1},
        {"handle": "absent"},
        {"handle": 7},
        {"handle": ""},
        {"display_name": "\x1b[2J"},
        {"display_name": "a\u202eb"},
        {"display_name": "x" * 201},
        {"display_name": " Kari"},
        {"roles": []},
        {"roles": ["peer_mentor", "coordinator"]},
        {"roles": ["org_admin", "org_admin"]},
        {"roles": ["Org Admin"]},
        {"roles": "org_admin"},
        {"roles": [1]},
        {"signing_key": "00" * 32},
        {"encryption_key": "00" * 32},
        {"encryption_key": "01" + "00" * 31},
        {"encryption_key": "zz"},
        {"certified_until": "20271231"},
        {"certified_until": 5},
        {"issued_at": "2026-03-01T12:30:15Z"},
        {"issued_at": None},
        {"id": "not an id"},
        {"member_id": None},
        {"issuer_certificate_id": 3},
    ],
)
def test_a_body_in_any_other_form_is_refused(
    organization: Organization, changed: dict[str, Any]
) -> None:
    assert refused(organization, respelled(organization, **changed))


def test_upper_case_and_spaces_are_another_spelling(organization: Organization) -> None:
    body = organization.certify("org_admin").encode()
    for other in (body.replace(b'":', b'": '), body.replace(b"suite", b"\\u0073uite"), b"", b"[]"):
        signature = organization.root.sign("certificate", other)
        assert refused(organization, SignedCertificate(other, signature))


def test_contents_that_no_certificate_may_have_cannot_be_made(organization: Organization) -> None:
    certificate = organization.certify("org_admin")
    with pytest.raises(Tampered):
        replace(certificate, issued_at=NOW.replace(tzinfo=None))
    with pytest.raises(Tampered):
        replace(certificate, roles=frozenset())


def test_the_lookup_gets_the_issuers_id(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    mentor = organization.certify("peer_mentor", issuer=admin)
    asked: list[UUID] = []

    def issuer_of(certificate_id: UUID) -> SignedCertificate | None:
        asked.append(certificate_id)
        return organization.issued.get(certificate_id)

    verify_chain(
        organization.issued[mentor.id],
        organization_id=organization.id,
        root_public_key=organization.root.public,
        issuer_of=issuer_of,
    )
    assert asked == [admin.id]
