"""Found an organisation: root key, founder, service identity, organisation key, first cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Session as Transaction

from assigncli.actions import cycles, vouch
from assigncli.actions.record import MEMBER, ORGANIZATION, record
from assigncli.actions.session import Session
from assigncli.crypto.certificate import Certificate
from assigncli.crypto.identity import Identity, RootKey, spoken_fingerprint
from assigncli.crypto.organization_key import new_organization_key
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.domain.people import SERVICE_HANDLE, require_handle, require_name
from assigncli.keychain import Keychain, SecretName, ServiceFiles
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
    service_member_id: UUID
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


def found(
    store: Store,
    vault: Vault,
    keychain: Keychain,
    service_keys: ServiceFiles,
    founding: Founding,
    now: datetime,
) -> Founded:
    """Found the organisation in `store`; `now` is aware UTC.

    The founder's and the root's private keys go to `keychain`, the service's to `service_keys`
    with the root key it is to believe, before the store names them. Raises InvalidInput as
    `check`, IdentityUnavailable.
    """
    founding = check(founding, now)
    root, identity, service = RootKey.generate(), Identity.generate(), Identity.generate()
    session = Session(
        store=store,
        now=now,
        organization_id=uuid4(),
        member_id=uuid4(),
        root_public_key=root.public,
        zone=founding.zone,
        open_vault=lambda: vault,
        load_identity=lambda: identity,
    )
    service_id = uuid4()
    organization_id = session.organization_id
    keychain.save(SecretName(organization_id, session.member_id, "identity"), identity.to_bytes())
    keychain.save(SecretName(organization_id, session.member_id, "root"), root.to_bytes())
    service_name = SecretName(organization_id, service_id, "identity")
    service_keys.save(service_name, service.to_bytes())
    service_keys.pin(service_name, root.public)
    with store.write() as tx:
        cycle = _write(session, tx, founding, root, identity, service, service_id)
    return Founded(
        organization_id=organization_id,
        organization=founding.organization,
        zone=founding.zone,
        member_id=session.member_id,
        handle=founding.handle,
        display_name=founding.display_name,
        service_member_id=service_id,
        root_public_key=root.public,
        fingerprint=spoken_fingerprint(
            root_key=root.public,
            organization_id=organization_id,
            member_id=session.member_id,
            public=identity.public,
        ),
        cycle=cycle,
    )


def _write(
    session: Session,
    tx: Transaction,
    founding: Founding,
    root: RootKey,
    identity: Identity,
    service: Identity,
    service_id: UUID,
) -> str:
    tx.add(
        Organization(
            id=session.organization_id,
            name=founding.organization,
            time_zone=founding.zone,
            root_public_key=root.public,
            created_at=session.now,
        )
    )
    tx.flush()
    founder = _enrol(
        session,
        tx,
        root,
        identity,
        session.member_id,
        founding.handle,
        founding.display_name,
        frozenset({Role.ORG_ADMIN, Role.COORDINATOR}),
    )
    helper = _enrol(
        session,
        tx,
        root,
        service,
        service_id,
        SERVICE_HANDLE,
        SERVICE_HANDLE,
        frozenset({Role.SERVICE}),
    )
    key, key_id = new_organization_key(), uuid4()
    for reader in (founder, helper):
        vouch.keep_organization_key(session, tx, key, key_id, founder, reader)
    about = (ORGANIZATION, session.organization_id)
    record(session, tx, founder, Action.ORGANIZATION_FOUNDED, about)
    for certificate in (founder, helper):
        record(
            session,
            tx,
            founder,
            Action.MEMBER_CERTIFIED,
            (MEMBER, certificate.member_id),
            certificate=str(certificate.id),
        )
    return cycles.current(session, tx, founder).name


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
        display_name=name,
        status=MemberStatus.REQUESTED,
        created_at=session.now,
        updated_at=session.now,
    )
    tx.add(member)
    tx.flush()
    return vouch.certify(session, tx, member, keys.public, roles, certified_until=None, issuer=root)
