"""A member's session, as the command line composes one, and a command at the office's moment."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.cli.session.in_process import Session, connected
from assigncli.cli.session.service_turns import service_key
from assigncli.client.client import Client
from assigncli.client.keys import SecretName
from assigncli.client.keys.system import SERVICE
from assigncli.crypto.identity import Identity
from assigncli.crypto.organization_key import unwrap_organization_key
from assigncli.domain.permitted import key_not_certified
from assigncli.profiles import load_profile
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.sealed_keys import OrganizationWrap, Wrap
from assigncli.server import certification
from assigncli.server.host import Host
from assigncli.server.store import members
from assigncli.server.store.engine import Store
from assigncli.server.vault.vault import Vault
from tests.office import Office

ZONE = "Europe/Oslo"

AT = """
import sys
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlmodel import Session as Transaction
from assigncli.cli import run, session
now = datetime.fromisoformat(sys.argv.pop(1))
session.utc_now = lambda: now
run()
"""


def process(office: Office, line: str, profile: str | None = "anne") -> list[str]:
    """Return the words of a process that runs `assign LINE` at the office's moment."""
    words = office.command(line, profile=profile)[3:]
    return [sys.executable, "-c", AT, office.now.isoformat(), *words]


def identity_of(office: Office, profile: str) -> Identity:
    """Return the member's private keys, from the office's test keyring."""
    who = load_profile(profile, office.env)
    name = SecretName(who.organization_id, who.member_id, "identity")
    entries = json.loads((office.folder / "keyring.json").read_text(encoding="utf-8"))
    return Identity.from_bytes(base64.b64decode(entries[SERVICE][name.label]))


@contextmanager
def acting(
    office: Office, profile: str, *, identity: Identity | None = None, now: datetime | None = None
) -> Iterator[Session]:
    """Give a session of one's own: a store and a vault opened for it and closed afterwards."""
    who = load_profile(profile, office.env)
    keys = identity or identity_of(office, profile)
    with Store.open(who.store) as store:
        host = Host(
            store=store,
            organization_id=who.organization_id,
            root_public_key=who.root_public_key,
            zone=ZONE,
            open_vault=lambda: Vault.open(who.vault),
            load_service=lambda: service_key(who.store, who.organization_id),
        )
        client = Client(
            address=str(who.store),
            now=now or office.now,
            organization_id=who.organization_id,
            member_id=who.member_id,
            root_public_key=who.root_public_key,
            zone=ZONE,
            load_identity=lambda: keys,
        )
        yield connected(client, host)


def altered(session: Session, **changes: Any) -> Session:
    """Return another session with these fields of its client, and of the server that it reads."""
    theirs = {each.name for each in fields(Host)}
    ours = {each.name for each in fields(Client)}
    host = replace(session.host, **{name: changes[name] for name in changes.keys() & theirs})
    client = replace(session.client, **{name: changes[name] for name in changes.keys() & ours})
    return connected(client, host)


def own_certificate(session: Session, tx: Transaction) -> Certificate:
    """Return the acting member's certificate, verified, for the keys that they hold."""
    public = session.client.identity.public
    for each in certification.own_certificates(session.turn, tx):
        if each.keys == public:
            return each
    raise key_not_certified()


def held_key(session: Session, tx: Transaction, use: str) -> tuple[bytes, UUID] | None:
    """Return the organisation's key of this use as the acting member has it, and its id."""
    reader = own_certificate(session, tx)
    row = members.organization_key_wrap(tx, session.client.organization_id, reader.id, use)
    if row is None:
        return None
    wrap = Wrap(reader.id, row.maker_certificate_id, row.wrap, row.signature)
    info = OrganizationWrap(row.key_id, use, wrap).info(session.client.organization_id)
    return unwrap_organization_key(row.wrap, info, session.client.identity), row.key_id
