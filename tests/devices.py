"""One more device of a member: it joins, and is approved as an honest client does it, or nearly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from assigncli.client import organization_keys
from assigncli.crypto.identity import Identity
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import stamp
from assigncli.protocol.sealed_keys import USES
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.texts import Text
from assigncli.server.store import members
from assigncli.trust.envelopes import may_hold
from tests.acting import acting, held_key, own_certificate
from tests.attacker import certificate_id, hex_id
from tests.hostile import Answer, Hostile
from tests.office import Office

APPROVE = "device.approved"
PHONE = Text(bytes(16), "phone")


def member(office: Office, handle: str) -> UUID:
    return UUID(hex_id(office, handle))


def device(office: Office, handle: str) -> str:
    return str(UUID(certificate_id(office, handle)))


def joins(office: Office, handle: str) -> Identity:
    """Invite a member's other device and let it join; return its keys."""
    own, about = Identity.generate(), member(office, handle)
    token = hashlib.sha256(own.public.signing_key).digest()[:16]
    said = {
        "token_sha256": hashlib.sha256(token).hexdigest(),
        "expires_at": stamp(office.now + timedelta(days=1)),
    }
    assert Hostile(office, "anne").does("device.invited", about, said).code == ""
    keys = {
        "signing_key": own.public.signing_key.hex(),
        "encryption_key": own.public.encryption_key.hex(),
        "token": token.hex(),
    }
    joiner, new = Hostile(office, handle, key=own), {"certificate": None, "seen": NOTHING_SEEN}
    assert joiner.does("device.joined", about, keys, texts={"device": PHONE}, **new).code == ""
    return own


@dataclass(frozen=True)
class Given:
    """What somebody sends to approve a device: its certificate, and the keys wrapped for it."""

    certificate: Certificate
    wraps: tuple[Any, ...]
    signer: Identity

    def send(self, office: Office, profile: str, **arguments: object) -> Answer:
        body = self.certificate.encode()
        new = NewCertificate(body, self.signer.sign(Certificate.purpose, body))
        said = {"certificate": str(self.certificate.id), "replaces": None, **arguments}
        attached = Certificates((new,), self.wraps).encode()
        about = self.certificate.member
        return Hostile(office, profile).does(APPROVE, about, said, attachments=[attached])


def given(office: Office, profile: str, handle: str, joined: Identity, **changes: Any) -> Given:
    """Return what an honest client would send, but for `changes` of the certificate."""
    with acting(office, profile) as session, session.host.store.read() as tx:
        row = members.by_handle(tx, session.client.organization_id, handle)
        assert row is not None
        actor = own_certificate(session, tx)
        texts = {
            "handle": Text(row.handle_salt, row.handle).digest(),
            "display_name": Text(row.display_name_salt, row.display_name).digest(),
            "device": PHONE.digest(),
        }
        made = Certificate(
            id=uuid4(),
            organization=session.client.organization_id,
            member=row.id,
            roles=frozenset(role.value for role in members.roles_of(tx, row.id)),
            keys=joined.public,
            texts=texts,
            issuer=actor.id,
        )
        certificate = replace(made, **changes)
        held = {use: held_key(session, tx, use) for use in USES}
        wraps = tuple(
            organization_keys.seal(session.client.identity, *own, use, actor, certificate)
            for use, own in held.items()
            if own is not None and may_hold(use, certificate)
        )
        return Given(certificate, wraps, session.client.identity)
