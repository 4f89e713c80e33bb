"""Certify a server's new key: compare its digits, and issue the service's next certificate.

The answer to the question is signed by a key that nothing vouches for yet. Who reads its digits at
the server and hears the same here knows that it is the server's, as for a member who joins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from assigncli.client import asking
from assigncli.client.approve import fingerprint_of
from assigncli.client.client import Client
from assigncli.client.exchange import Device, Intent
from assigncli.client.inquiry import Wanted
from assigncli.client.issuing import draw
from assigncli.client.organization_keys import seal
from assigncli.crypto.identity import PublicIdentity, fingerprints_match
from assigncli.domain.actions import Action
from assigncli.errors import AssignError, InvalidInput, StoreUnavailable, Tampered
from assigncli.kept_heads import KnownService
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import SERVICE_ROLES, SERVICE_TEXTS, Certificate
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.signed import Signed
from assigncli.trust.envelopes import may_hold
from assigncli.trust.tampering import answer_malformed
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class WaitingService:
    """A key of the server that waits for a certificate, and the digits to compare."""

    member_id: UUID
    keys: PublicIdentity
    fingerprint: str


@dataclass(frozen=True)
class CertifiedService:
    """The service's new certificate, and the one that has ended."""

    certificate_id: UUID
    replaced_id: UUID
    fingerprint: str


def waiting_service(client: Client) -> WaitingService:
    """Return the server's key that waits; needs no private key, and keeps nothing of the answer.

    Raises InvalidInput `service_not_waiting`, NotAllowed `role_missing`.
    """
    return _asked(client, is_signed=False)[1]


def require_none_waiting(client: Client) -> None:
    """Raise StoreUnavailable `service_uncertified` while a key waits, and as `waiting_service`."""
    try:
        waiting_service(client)
    except InvalidInput as fault:
        if fault.code != "service_not_waiting":
            raise
        return
    raise StoreUnavailable("service_uncertified")


def certify_service(client: Client, fingerprint: str) -> CertifiedService:
    """Certify the key that waits, if these are its digits: what was read out at the server.

    From the entry on it signs, and the old one no longer. Raises Tampered `fingerprint_mismatch`,
    and as `waiting_service`.
    """
    found, waiting = _asked(client, is_signed=True)
    if not fingerprints_match(waiting.fingerprint, fingerprint):
        raise Tampered("fingerprint_mismatch", "service")
    maker = asking.own_certificate(client, found)
    issuer = found.people.person(maker.id)
    new, signed = draw(
        issuer, client.identity, waiting.member_id, waiting.keys, SERVICE_TEXTS, SERVICE_ROLES
    )
    attached = Certificates(
        (NewCertificate(signed.body, signed.signature),),
        tuple(
            seal(client.identity, key, each.key, each.use, maker, new)
            for each, key in asking.organization_keys(client, found)
            if may_hold(each.use, new)
        ),
    )
    signer = _signer(client, found, Signed(signed.body, signed.signature, SERVICE_TEXTS))
    said = {"certificate": str(new.id)}
    action, about = Action.SERVICE_REPLACED.value, client.organization_id
    intent = Intent(action, about, said, {}, (attached.encode(),))
    asking.act(client, signer, intent, _explained)
    client.witness.answered(client.witness.kept, _known(new))
    return CertifiedService(new.id, signer.service, waiting.fingerprint)


def _asked(client: Client, *, is_signed: bool) -> tuple[Verified, WaitingService]:
    """Return what the answer proves, and the key that waits; its digits are not compared yet."""
    wanted = Wanted(Action.SERVICE_REPLACED.value)
    answer = asking.unproven(client, wanted, _explained, is_signed=is_signed)
    keys = _offered(answer.rows.get("service_keys"))
    reader = client.member_id
    if keys is None:
        answer.verified(client.root_public_key, reader)
        raise _not_waiting()
    head_key = keys.signing_key
    found = answer.verified(client.root_public_key, reader, head_key=head_key)
    member = found.people.member(found.head.service)
    return found, WaitingService(member, keys, fingerprint_of(client, member, keys))


def _offered(rows: Sequence[Mapping[str, object]] | None) -> PublicIdentity | None:
    """Return the keys in a row that nothing proves; raises Tampered `answer_malformed`."""
    if rows == []:
        return None
    try:
        (row,) = rows or ()
        signing, encryption = str(row["signing_key"]), str(row["encryption_key"])
        return PublicIdentity(bytes.fromhex(signing), bytes.fromhex(encryption))
    except (LookupError, TypeError, ValueError):
        raise answer_malformed() from None


def _signer(client: Client, found: Verified, new: Signed) -> Device:
    """Return the acting device; the reply will be signed by the service that it certifies."""
    found.people.add(new)
    return asking.this_device(client, found)


def _known(new: Certificate) -> KnownService:
    return KnownService(new.id, new.keys.signing_key)


def _explained(refusal: Refusal) -> AssignError | None:
    """Return the error where another administrator was faster."""
    overtaken = ("service_differs", "member_not_waiting")
    return _not_waiting() if refusal.code in overtaken else None


def _not_waiting() -> InvalidInput:
    return InvalidInput("service_not_waiting")
