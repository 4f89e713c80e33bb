"""Found an organisation: root key, founder, service identity and organisation keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from assigncli.actions import asking, names, organization_keys, service
from assigncli.actions.heads import Witness
from assigncli.actions.session import ServiceKey, Session
from assigncli.actions.waiting import Waiting
from assigncli.client.exchange import Device, Intent
from assigncli.client.looking_after import handle_taken
from assigncli.crypto.identity import Identity, PublicIdentity, RootKey, spoken_fingerprint
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import SERVICE_HANDLE, require_handle, require_name
from assigncli.errors import AssignError, InvalidInput, NotFound
from assigncli.keychain import Keychain, SecretName, ServiceFiles
from assigncli.locale import _
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import SERVICE_TEXTS, Certificate
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.store import organizations
from assigncli.store.engine import Store
from assigncli.store.tables import Member
from assigncli.trust.people import People
from assigncli.trust.reply import Grounds
from assigncli.trust.vouching import issue
from assigncli.vault import Vault

_FOUNDER: Final = frozenset({Role.ORG_ADMIN.value, Role.COORDINATOR.value})


@dataclass(frozen=True)
class Founding:
    """What a founder says. `zone` is an IANA time zone."""

    organization: str
    handle: str
    display_name: str
    zone: str


@dataclass(frozen=True)
class Founded:
    """The new organisation, and what its founder's profile needs."""

    organization_id: UUID
    organization: str
    zone: str
    member_id: UUID
    handle: str
    display_name: str
    root_public_key: bytes
    fingerprint: str
    cycle: str


def check(founding: Founding, now: datetime) -> Founding:
    """Return what the founder said, in its proper form, before anything is made on disk.

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
    """What is drawn by chance before anything is written: ids and keys, public and private."""

    organization_id: UUID = field(default_factory=uuid4)
    member_id: UUID = field(default_factory=uuid4)
    service_id: UUID = field(default_factory=uuid4)
    root: RootKey = field(default_factory=RootKey.generate)
    identity: Identity = field(default_factory=Identity.generate)
    service: Identity = field(default_factory=Identity.generate)


def require_name_free(store: Store, name: str) -> None:
    """Refuse a name that an organisation of the store has: InvalidInput `organization_exists`."""
    with store.read() as tx:
        if organizations.by_name(tx, name) is not None:
            raise _name_taken()


def is_named(store: Store, organization_id: UUID, name: str) -> bool:
    """Say whether the organisation is there and has this name, or one that is heard as the same."""
    with store.read() as tx:
        organization = organizations.by_name(tx, name)
        return organization is not None and organization.id == organization_id


def holds_any(store: Store) -> bool:
    """Say whether an organisation is in the store."""
    with store.read() as tx:
        return bool(organizations.everyone(tx))


def found(
    store: Store,
    vault: Vault,
    keychain: Keychain,
    service_keys: ServiceFiles,
    founding: Founding,
    now: datetime,
    draw: Draw | None = None,
    witness: Witness | None = None,
    waiting: Waiting | None = None,
) -> Founded:
    """Found the organisation in `store`, through a server in this process; `now` is aware UTC.

    The founder's and the root's private keys go to `keychain`, the service's to `service_keys`
    with the root key it is to believe, before the store names them. Raises InvalidInput as
    `check` and `require_name_free`, IdentityUnavailable.
    """
    founding = check(founding, now)
    draw = draw or Draw()
    session = Session(
        store=store,
        now=now,
        organization_id=draw.organization_id,
        member_id=draw.member_id,
        root_public_key=draw.root.public,
        zone=founding.zone,
        open_vault=lambda: vault,
        load_identity=lambda: draw.identity,
        load_service=lambda: ServiceKey(draw.service_id, draw.service),
        witness=witness or Witness(),
        waiting=waiting,
    )
    own = SecretName(draw.organization_id, draw.member_id, "identity")
    keychain.save(own, draw.identity.to_bytes())
    keychain.save(SecretName(own.organization_id, own.member_id, "root"), draw.root.to_bytes())
    service_name = SecretName(draw.organization_id, draw.service_id, "identity")
    service_keys.save(service_name, draw.service.to_bytes())
    service_keys.pin(service_name, draw.root.public)
    require_name_free(store, founding.organization)
    token = session.server.offer_founding(now)
    asking.act(session, *_stated(founding, draw, token), _explained)
    return standing(store, draw.organization_id, draw.member_id)


def standing(store: Store, organization_id: UUID, member_id: UUID) -> Founded:
    """Return what was founded, as the store has it now.

    Raises NotFound `organization_not_found`: the file is another than the one that was written.
    """
    with store.read() as tx:
        organization = organizations.by_id(tx, organization_id)
        founder = tx.get(Member, member_id)
        if organization is None or founder is None or not founder.signing_key:
            raise NotFound(
                _("The store does not hold what was just written to it."),
                _("Check that only one command at a time makes a store there, then try again."),
                code="organization_not_found",
            )
        return Founded(
            organization_id=organization_id,
            organization=organization.name,
            zone=organization.time_zone,
            member_id=member_id,
            handle=founder.handle,
            display_name=founder.display_name,
            root_public_key=organization.root_public_key,
            fingerprint=spoken_fingerprint(
                root_key=organization.root_public_key,
                organization_id=organization_id,
                member_id=member_id,
                public=PublicIdentity(founder.signing_key, founder.encryption_key or b""),
            ),
            cycle=organizations.cycles(tx, organization_id)[-1].name,
        )


def _stated(founding: Founding, draw: Draw, token: bytes) -> tuple[Device, Intent]:
    """Return who founds and what they sign: certificates by the root, and the keys to share."""
    texts = {
        "handle": Text(names.new_salt(), founding.handle),
        "display_name": Text(names.new_salt(), founding.display_name),
        "device": Text(names.new_salt(), names.this_device()),
    }
    founder = _certificate(draw, draw.member_id, draw.identity.public, _FOUNDER, texts)
    helper = _certificate(draw, draw.service_id, draw.service.public, service.ROLES, SERVICE_TEXTS)
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
    texts["name"] = Text(names.new_salt(), founding.organization)
    action = Action.ORGANIZATION_FOUNDED.value
    return signer, Intent(action, draw.organization_id, said, texts, (attached.encode(),))


def _certificate(
    draw: Draw,
    member_id: UUID,
    public: PublicIdentity,
    roles: frozenset[str],
    texts: Mapping[str, Text],
) -> Certificate:
    return Certificate(
        id=uuid4(),
        organization=draw.organization_id,
        member=member_id,
        roles=roles,
        keys=public,
        texts={field: text.digest() for field, text in texts.items()},
        issuer=None,
    )


def _explained(refusal: Refusal) -> AssignError | None:
    return _name_taken() if refusal.code == "organization_exists" else None


def _name_taken() -> InvalidInput:
    return InvalidInput(
        _("This store already holds an organisation of that name."),
        _(
            "To take part in it, run assign join; to make another one, choose another name, "
            "or another store with --store."
        ),
        code="organization_exists",
    )
