"""What the tests of the cryptography share: one organisation, two members, one envelope."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.certificate import Certificate, SignedCertificate, issue
from assigncli.crypto.envelope import EnvelopeContext
from assigncli.crypto.identity import Identity, RootKey

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
PAYLOAD = b'{"full_name":"Kari Prikk","phone":"99887766"}'


@dataclass
class Organization:
    """An organisation whose root issues certificates, for tests that need a chain."""

    id: UUID = field(default_factory=uuid4)
    root: RootKey = field(default_factory=RootKey.generate)
    issued: dict[UUID, SignedCertificate] = field(default_factory=dict)
    keys: dict[UUID, Identity] = field(default_factory=dict)

    def certify(
        self,
        *roles: str,
        issuer: Certificate | None = None,
        identity: Identity | None = None,
        organization_id: UUID | None = None,
    ) -> Certificate:
        """Issue a certificate, by the root or by another certificate's holder."""
        identity = identity or Identity.generate()
        certificate = Certificate(
            id=uuid4(),
            organization_id=organization_id or self.id,
            member_id=uuid4(),
            handle="kari",
            display_name="Kari Ås",
            roles=frozenset(roles),
            signing_key=identity.public.signing_key,
            encryption_key=identity.public.encryption_key,
            certified_until=None,
            issued_at=NOW,
            issuer_certificate_id=None if issuer is None else issuer.id,
        )
        signer = self.root if issuer is None else self.keys[issuer.id]
        self.issued[certificate.id] = issue(certificate, signer)
        self.keys[certificate.id] = identity
        return certificate


@pytest.fixture
def organization() -> Organization:
    return Organization()


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity.generate()


@pytest.fixture(scope="session")
def stranger() -> Identity:
    return Identity.generate()


@pytest.fixture
def context() -> EnvelopeContext:
    return EnvelopeContext(uuid4(), uuid4(), uuid4(), uuid4(), uuid4())


def flips(data: bytes) -> Iterator[bytes]:
    """Yield `data` with one bit flipped, for a bit in every byte."""
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1 << (place % 8)
        yield bytes(altered)


def told(error: BaseException) -> str:
    """Return all that a traceback of `error` would show, causes included."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__cause__)
