"""The key kit of an office: the root's private key as it would be printed for paper."""

from __future__ import annotations

import base64
import json

from assigncli.client.keys.place import SecretName
from assigncli.client.keys.system import SERVICE
from assigncli.crypto.identity import RootKey
from assigncli.crypto.kit import kit_groups
from assigncli.profiles import load_profile
from tests.office import Office, Result


def root_of(office: Office, founder: str = "anne") -> RootKey:
    """Return the root's private key, from the founder's test keyring."""
    who = load_profile(founder, office.env)
    name = SecretName(who.organization_id, who.member_id, "root")
    entries = json.loads((office.folder / "keyring.json").read_text(encoding="utf-8"))
    return RootKey.from_bytes(base64.b64decode(entries[SERVICE][name.label]))


def paper(office: Office) -> str:
    """Return what stands on the paper: a group on each line."""
    return "\n".join(kit_groups(root_of(office)))


def take_over(
    office: Office, machine: Office, more: str = "--handle anne", at: str | None = None
) -> Result:
    """Join another machine with the office's kit, given on standard input."""
    line = f"join --kit {at or office.store} --keys keyring {more}"
    return machine.run(line, profile=None, stdin=paper(office))
