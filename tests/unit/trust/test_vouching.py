"""A certificate counts only by a chain of issuers, each with the right to it, up to the root."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.identity import Identity, PublicIdentity, RootKey
from assigncli.errors import Tampered
from assigncli.protocol.certificate import TEXTS, Certificate
from assigncli.protocol.signed import Signed
from assigncli.trust.vouching import issue, verify_chain
from tests.unit.crypto.conftest import flips


@dataclass
class Organization:
    """An organisation whose root issues certificates, for tests that need a chain."""

    id: UUID = field(default_factory=uuid4)
    root: RootKey = field(default_factory=RootKey.generate)
    issued: dict[UUID, Signed] = field(default_factory=dict)
    keys: dict[UUID, Identity] = field(default_factory=dict)

    def certify(
        self,
        *roles: str,
        issuer: Certificate | None = None,
        identity: Identity | None = None,
        organization: UUID | None = None,
        member: UUID | None = None,
    ) -> Certificate:
        """Issue a certificate, by the root or by another certificate's holder."""
        identity = identity or Identity.generate()
        certificate = Certificate(
            id=uuid4(),
            organization=organization or self.id,
            member=member or uuid4(),
            roles=frozenset(roles),
            keys=identity.public,
            texts=dict.fromkeys(TEXTS, bytes(32)),
            issuer=None if issuer is None else issuer.id,
        )
        signer = self.root if issuer is None else self.keys[issuer.id]
        self.issued[certificate.id] = issue(certificate, signer)
        self.keys[certificate.id] = identity
        return certificate


@pytest.fixture
def organization() -> Organization:
    return Organization()


@pytest.fixture(scope="session")
def stranger() -> Identity:
    return Identity.generate()


def verified(organization: Organization, certificate: Certificate) -> Certificate:
    return verified_signed(organization, organization.issued[certificate.id])


def verified_signed(organization: Organization, signed: Signed) -> Certificate:
    return verify_chain(
        signed,
        organization_id=organization.id,
        root_public_key=organization.root.public,
        issuer_of=organization.issued.get,
    )


def refused(organization: Organization, signed: Signed) -> bool:
    with pytest.raises(Tampered) as caught:
        verified_signed(organization, signed)
    return caught.value.code == "certificate_invalid"


def test_a_certificate_by_the_root_verifies(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    assert verified(organization, admin) == admin


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
    foreign = organization.certify("org_admin", organization=uuid4())
    assert refused(organization, organization.issued[foreign.id])
    below = organization.certify("peer_mentor", issuer=foreign)
    assert refused(organization, organization.issued[below.id])


def test_swapped_keys_are_refused(organization: Organization, stranger: Identity) -> None:
    mentor = organization.certify("peer_mentor")
    swapped = replace(
        mentor,
        keys=PublicIdentity(mentor.keys.signing_key, stranger.public.encryption_key),
    )
    signature = organization.issued[mentor.id].signature
    assert refused(organization, Signed(swapped.encode(), signature, {}))


def test_every_flipped_bit_is_found(organization: Organization) -> None:
    signed = organization.issued[organization.certify("org_admin").id]
    for body in flips(signed.body):
        assert refused(organization, Signed(body, signed.signature, {}))
    for signature in flips(signed.signature):
        assert refused(organization, Signed(signed.body, signature, {}))


def test_a_member_signing_as_the_root_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    claimed = replace(admin, id=uuid4())
    signature = organization.keys[admin.id].sign("certificate", claimed.encode())
    assert refused(organization, Signed(claimed.encode(), signature, {}))


def test_a_signature_for_another_purpose_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    signature = organization.root.sign("revocation", admin.encode())
    assert refused(organization, Signed(admin.encode(), signature, {}))


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
    circle = replace(first, issuer=second.id)
    organization.issued[first.id] = issue(circle, identity)
    assert refused(organization, organization.issued[second.id])
    own = replace(first, issuer=first.id)
    organization.issued[first.id] = issue(own, identity)
    assert refused(organization, organization.issued[first.id])


def test_issuing_in_the_wrong_name_is_refused(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    below = replace(admin, issuer=uuid4())
    for certificate, issuer in ((admin, organization.keys[admin.id]), (below, organization.root)):
        with pytest.raises(Tampered):
            issue(certificate, issuer)


def respelled(organization: Organization, **changed: Any) -> Signed:
    """Sign, as the root, a body that `encode` would not give."""
    fields = json.loads(organization.certify("org_admin").encode())
    fields.update(changed)
    kept = {name: value for name, value in fields.items() if value != "absent"}
    body = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return Signed(body, organization.root.sign("certificate", body), {})


@pytest.mark.parametrize(
    "changed",
    [
        {"suite": 2},
        {"extra": 1},
        {"roles": []},
        {"roles": ["org_admin", "org_admin"]},
        {"signing_key": "00" * 32},
        {"encryption_key": "00" * 32},
        {"issuer": 3},
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
        assert refused(organization, Signed(other, signature, {}))


def test_nobody_vouches_for_themselves(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    own = organization.certify("peer_mentor", issuer=admin, member=admin.member)
    assert refused(organization, organization.issued[own.id])


def test_the_lookup_gets_the_issuers_id(organization: Organization) -> None:
    admin = organization.certify("org_admin")
    mentor = organization.certify("peer_mentor", issuer=admin)
    asked: list[UUID] = []

    def issuer_of(certificate_id: UUID) -> Signed | None:
        asked.append(certificate_id)
        return organization.issued.get(certificate_id)

    verify_chain(
        organization.issued[mentor.id],
        organization_id=organization.id,
        root_public_key=organization.root.public,
        issuer_of=issuer_of,
    )
    assert asked == [admin.id]
