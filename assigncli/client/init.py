"""Found an organisation: root key, founder, service identity and organisation keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from assigncli.client import asking, organization_keys, salting
from assigncli.client.client import Client
from assigncli.client.exchange import Device, Intent
from assigncli.client.inquiry import Wanted
from assigncli.client.keys import Keychain, SecretName, ServiceFiles
from assigncli.client.looking_after import handle_taken
from assigncli.crypto.identity import Identity, PublicIdentity, RootKey, service_fingerprint
from assigncli.domain.actions import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import FOUNDER
from assigncli.domain.member_names import (
    SERVICE_HANDLE,
    organization_exists,
    require_handle,
    require_name,
)
from assigncli.errors import AssignError, InvalidInput, Tampered
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.certificate import SERVICE_ROLES, SERVICE_TEXTS, Certificate
from assigncli.protocol.lines import FoundingLine
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.trust.people import People
from assigncli.trust.replies import Grounds
from assigncli.trust.tampering import answer_malformed, require
from assigncli.trust.vouching import issue


@dataclass(frozen=True)
class Founding:
    """What a founder specifies. `zone` is an IANA time zone."""

    organization: str
    handle: str
    display_name: str
    zone: str


def check(founding: Founding, now: datetime) -> Founding:
    """Return what the founder specified in normal form, before anything is written to disk.

    Raises InvalidInput `name_invalid`, `handle_invalid`, `handle_taken` or `time_zone_unknown`.
    """
    local_day(now, founding.zone)
    if require_handle(founding.handle) == SERVICE_HANDLE:
        raise handle_taken()
    return Founding(
        organization=require_name(founding.organization),
        handle=require_handle(founding.handle),
        display_name=require_name(founding.display_name),
        zone=founding.zone,
    )


@dataclass(frozen=True, repr=False)
class Draw:
    """What is generated before anything is written: ids, and keys with their private halves."""

    organization_id: UUID = field(default_factory=uuid4)
    member_id: UUID = field(default_factory=uuid4)
    service_id: UUID = field(default_factory=uuid4)
    certificate_id: UUID = field(default_factory=uuid4)
    root: RootKey = field(default_factory=RootKey.generate)
    identity: Identity = field(default_factory=Identity.generate)
    service: Identity = field(default_factory=Identity.generate)


def keep_keys(draw: Draw, keychain: Keychain, service_keys: ServiceFiles | None = None) -> None:
    """Keep the generated keys before any store names them.

    The founder's and the root's private keys go to `keychain`, the service's to `service_keys` with
    the pinned root key, unless the server has a key of its own. Raises IdentityUnavailable.
    """
    own = SecretName(draw.organization_id, draw.member_id, "identity")
    keychain.save(own, draw.identity.to_bytes())
    keychain.save(SecretName(own.organization_id, own.member_id, "root"), draw.root.to_bytes())
    if service_keys is None:
        return
    service_name = SecretName(draw.organization_id, draw.service_id, "identity")
    service_keys.save(service_name, draw.service.to_bytes())
    service_keys.pin(service_name, draw.root.public)


def read_line(line: str) -> FoundingLine:
    """Return a decoded founding line; raises InvalidInput `founding_line_malformed`."""
    try:
        return FoundingLine.decode(line)
    except Malformed:
        raise InvalidInput("founding_line_malformed") from None


def offered_service(client: Client, line: FoundingLine) -> PublicIdentity:
    """Return the keys of the service that the line names, as the server has them.

    Raises Tampered `service_key_unexpected` for a server with other keys, InvalidInput
    `founding_closed` for one that waits for no founding, and what does not verify.
    """
    wanted = Wanted(Action.ORGANIZATION_FOUNDED.value)
    answer = asking.unproven(client, wanted, _closed)
    try:
        (row,) = answer.rows["service_keys"]
        keys = PublicIdentity(
            bytes.fromhex(str(row["signing_key"])), bytes.fromhex(str(row["encryption_key"]))
        )
    except (LookupError, ValueError):
        raise answer_malformed() from None
    require(service_fingerprint(keys) == line.fingerprint, _another_service)
    answer.verified(client.root_public_key, None, head_key=keys.signing_key)
    return keys


def found_organization(
    client: Client, founding: Founding, draw: Draw, token: bytes, service: PublicIdentity
) -> None:
    """Found the organisation at a server that offered it with this token, and certify its key.

    Raises InvalidInput `organization_exists` or `founding_closed`, and as `check`.
    """
    founding = check(founding, client.now)
    asking.act(client, *_stated(founding, draw, token, service), _explained)
    client.witness.signs_as(draw.certificate_id)


def _stated(
    founding: Founding, draw: Draw, token: bytes, service: PublicIdentity
) -> tuple[Device, Intent]:
    """Return the founder's device and act, with certificates signed by the root and sealed keys."""
    texts = {
        "handle": Text(salting.new_salt(), founding.handle),
        "display_name": Text(salting.new_salt(), founding.display_name),
        "device": Text(salting.new_salt(), salting.this_device()),
    }
    public = draw.identity.public
    founder = _certificate(draw, draw.certificate_id, draw.member_id, public, FOUNDER, texts)
    helper = _certificate(draw, uuid4(), draw.service_id, service, SERVICE_ROLES, SERVICE_TEXTS)
    said = {
        "founder": str(draw.member_id),
        "service_member": str(draw.service_id),
        "signing_key": founder.keys.signing_key.hex(),
        "encryption_key": founder.keys.encryption_key.hex(),
        "root_key": draw.root.public.hex(),
        "time_zone": founding.zone,
        "token": token.hex(),
    }
    issued = [issue(each, draw.root) for each in (founder, helper)]
    attached = Certificates(
        tuple(NewCertificate(each.body, each.signature) for each in issued),
        tuple(organization_keys.drawn(draw.identity, founder, (founder, helper))),
    )
    given = (
        Signed(each.body, each.signature, its)
        for each, its in zip(issued, (texts, SERVICE_TEXTS), strict=True)
    )
    grounds = Grounds(People(draw.organization_id, draw.root.public, given))
    signer = Device(draw.organization_id, None, helper.id, grounds, draw.identity.sign)
    texts["name"] = Text(salting.new_salt(), founding.organization)
    action = Action.ORGANIZATION_FOUNDED.value
    return signer, Intent(action, draw.organization_id, said, texts, (attached.encode(),))


def _certificate(
    draw: Draw,
    certificate_id: UUID,
    member_id: UUID,
    public: PublicIdentity,
    roles: frozenset[str],
    texts: Mapping[str, Text],
) -> Certificate:
    return Certificate(
        id=certificate_id,
        organization=draw.organization_id,
        member=member_id,
        roles=roles,
        keys=public,
        texts={field: text.digest() for field, text in texts.items()},
        issuer=None,
    )


def _explained(refusal: Refusal) -> AssignError | None:
    if refusal.code == "organization_exists":
        return organization_exists()
    return founding_closed() if refusal.code == "token_invalid" else None


def _closed(refusal: Refusal) -> AssignError | None:
    here_already = ("organization_not_found", "act_unknown", "service_differs")
    return founding_closed() if refusal.code in here_already else None


def founding_closed() -> InvalidInput:
    """Return the error for a server at which nothing can be founded with this line."""
    return InvalidInput("founding_closed")


def _another_service() -> Tampered:
    return Tampered("service_key_unexpected")
