"""The key kit that lies in the envelope: the root key of a test's office, as its groups."""

from __future__ import annotations

import base64
import json

from assigncli.crypto.identity import RootKey
from assigncli.crypto.kit import kit_groups
from tests.office import Office


def kept_root(office: Office) -> RootKey | None:
    """Return the root key in the office's key store; None after it was removed."""
    entries = json.loads((office.folder / "keyring.json").read_text(encoding="utf-8"))
    found = [text for name, text in entries["assigncli"].items() if name.endswith("_root")]
    assert len(found) <= 1
    return RootKey.from_bytes(base64.b64decode(found[0])) if found else None


def groups_of(office: Office) -> tuple[str, ...]:
    """Return the groups as they are on the paper."""
    root = kept_root(office)
    assert root is not None
    return kit_groups(root)


def typed_in_lines(office: Office) -> str:
    """Return the groups as lines for standard input."""
    return "\n".join(groups_of(office))
