"""Found an organisation: root key, founder, service identity, organisation keys, first cycle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import cycles, names, organization_keys, vouch
from assigncli.actions.certified import facts_of
from assigncli.actions.heads import Witness
from assigncli.actions.record import record
from assigncli.actions.session import ServiceKey, Session
from assigncli.crypto.identity import Identity, PublicIdentity, RootKey, spoken_fingerprint
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.people import SERVICE_HANDLE, name_key, require_handle, require_name
from assigncli.errors import InvalidInput, NotFound
from assigncli.keychain import Keychain, SecretName, ServiceFiles
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.store import organizations
from assigncli.store.engine import Store
from assigncli.store.tables import Member, Organization
from assigncli.vault import Vault


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

    Raises InvalidInput `name_invalid`, `handle_invalid` or `time_zone_unknown`.
    """
    local_day(now, founding.zone)
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
        _require_name_free(tx, name)


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
) -> Founded:
    """Found the organisation in `store`; `now` is aware UTC.

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
    )
    own = SecretName(draw.organization_id, draw.member_id, "identity")
    keychain.save(own, draw.identity.to_bytes())
    keychain.save(SecretName(own.organization_id, own.member_id, "root"), draw.root.to_bytes())
    service_name = SecretName(draw.organization_id, draw.service_id, "identity")
    service_keys.save(service_name, draw.service.to_bytes())
    service_keys.pin(service_name, draw.root.public)
    with session.write() as tx:
        _require_name_free(tx, founding.organization)
        _write(session, tx, founding, draw)
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


def _require_name_free(tx: Transaction, name: str) -> None:
    if organizations.by_name(tx, name) is not None:
        raise InvalidInput(
            _("This store already holds an organisation of that name."),
            _(
                "To take part in it, run assign join; to make another one, choose another name, "
                "or another store with --store."
            ),
            code="organization_exists",
        )


def _write(session: Session, tx: Transaction, founding: Founding, draw: Draw) -> None:
    tx.add(
        Organization(
            id=session.organization_id,
            name=founding.organization,
            name_key=name_key(founding.organization),
            time_zone=founding.zone,
            root_public_key=draw.root.public,
            created_at=session.now,
        )
    )
    tx.flush()
    founder = _enrol(
        session,
        tx,
        draw.root,
        draw.identity,
        session.member_id,
        founding.handle,
        founding.display_name,
        frozenset({Role.ORG_ADMIN, Role.COORDINATOR}),
    )
    helper = _enrol(
        session,
        tx,
        draw.root,
        draw.service,
        draw.service_id,
        SERVICE_HANDLE,
        SERVICE_HANDLE,
        frozenset({Role.SERVICE}),
    )
    organization_keys.draw(session, tx, founder, (founder, helper))
    record(session, tx, founder, Action.ORGANIZATION_FOUNDED, session.organization_id)
    for certificate in (founder, helper):
        record(
            session,
            tx,
            founder,
            Action.MEMBER_APPROVED,
            certificate.member,
            **facts_of(certificate),
        )
    cycles.current(session, tx)


def _enrol(
    session: Session,
    tx: Transaction,
    root: RootKey,
    keys: Identity,
    member_id: UUID,
    handle: str,
    name: str,
    roles: frozenset[Role],
) -> Certificate:
    member = Member(
        id=member_id,
        organization_id=session.organization_id,
        handle=handle,
        handle_salt=names.new_salt(),
        display_name=name,
        display_name_salt=names.new_salt(),
        device=names.this_device(),
        status=MemberStatus.REQUESTED,
        created_at=session.now,
        updated_at=session.now,
    )
    tx.add(member)
    tx.flush()
    return vouch.certify(session, tx, member, keys.public, roles, certified_until=None, issuer=root)
