"""Make and sign a certificate for a member's device.

The caller has compared the fingerprint before; the server decides whether to accept it.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.errors import NotAllowed
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.trust.people import Person
from assigncli.trust.vouching import MAX_STEPS, issue, may_vouch


def draw(
    issuer: Person,
    identity: Identity,
    member: UUID,
    keys: PublicIdentity,
    texts: Mapping[str, Text],
    roles: frozenset[str],
) -> tuple[Certificate, Signed]:
    """Issue a certificate for a member's device; `identity` is the issuer's.

    Raises NotAllowed `may_not_vouch` for roles that the issuer may not give,
    `certificate_chain_too_long` where nobody could verify the certificate.
    """
    if not may_vouch(issuer.certificate.roles, roles):
        raise may_not_vouch()
    if issuer.steps >= MAX_STEPS:
        raise NotAllowed("certificate_chain_too_long")
    certificate = Certificate(
        id=uuid4(),
        organization=issuer.certificate.organization,
        member=member,
        roles=roles,
        keys=keys,
        texts={field: text.digest() for field, text in texts.items()},
        issuer=issuer.certificate.id,
    )
    return certificate, issue(certificate, identity)


def may_not_vouch() -> NotAllowed:
    """Return the refusal of a member who may not give these roles."""
    return NotAllowed("may_not_vouch", "approve")
