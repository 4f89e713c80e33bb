"""A member's session, as the command line composes one, and a command at the office's moment."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from assigncli.actions.session import Session
from assigncli.cli.service import service_key
from assigncli.config import load_profile
from assigncli.crypto.identity import Identity
from assigncli.keychain import SecretName
from assigncli.keychain.system import SERVICE
from assigncli.store.engine import Store
from assigncli.vault import Vault
from tests.office import Office

ZONE = "Europe/Oslo"

AT = """
import sys
from datetime import datetime
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
        yield Session(
            store=store,
            now=now or office.now,
            organization_id=who.organization_id,
            member_id=who.member_id,
            root_public_key=who.root_public_key,
            zone=ZONE,
            open_vault=lambda: Vault.open(who.vault),
            load_identity=lambda: keys,
            load_service=lambda: service_key(who.store, who.organization_id),
        )
