"""A head: size and root of one organization's log, signed by its service (PROTOCOL.md section 5.3).

The signature is over the text of a C2SP tlog-checkpoint, so that a head is a checkpoint which other
programs read too. Whose key may sign, and whether a head continues another, is not decided here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assigncli.crypto.signatures import head_signature_holds
from assigncli.protocol.canonical import MAX_NUMBER, Malformed
from assigncli.protocol.codec import Coded, Hash, Id, Number, Signature
from assigncli.protocol.forms import conforms, from_base64, to_base64
from assigncli.protocol.seen import Seen

_ED25519: Final = b"\x01"
_NOTE: Final = re.compile(
    r"assigncli/(?P<organization>[0-9a-f-]{36})\n(?P<size>0|[1-9][0-9]{0,15})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n\n— assigncli/(?P=organization) "
    r"(?P<signed>[A-Za-z0-9+/]{91}=)\n"
)


@dataclass(frozen=True)
class Head(Coded):
    """A log's size and root, the service certificate that signed them, and the signature."""

    size: Number
    root: Hash
    service: Id
    signature: Signature

    def seen(self) -> Seen:
        """Return what a device keeps of it once it is verified."""
        return Seen(self.size, self.root)

    def holds(self, organization: UUID, signing_key: bytes) -> bool:
        """Say whether `signing_key` signed this head of this organization; never raises."""
        text = head_text(organization, self.size, self.root)
        return head_signature_holds(signing_key, text, self.signature)


@dataclass(frozen=True)
class Checkpoint:
    """A signed note: a head as it is printed and kept elsewhere, with the key's id for its service.

    It is unverified until `holds` has said so for a key of the service.
    """

    organization: UUID
    size: int
    root: bytes
    key_id: bytes
    signature: bytes

    def holds(self, signing_key: bytes) -> bool:
        """Say whether `signing_key` has this key id and made the signature; never raises."""
        text = head_text(self.organization, self.size, self.root)
        is_named = self.key_id == _key_id(self.organization, signing_key)
        return is_named and head_signature_holds(signing_key, text, self.signature)


def head_text(organization: UUID, size: int, root: bytes) -> bytes:
    """Return what a head's signature is over, of its own and without a purpose."""
    return f"{_name(organization)}\n{size}\n{to_base64(root)}\n".encode("ascii")


def checkpoint(organization: UUID, head: Head, public_signing_key: bytes) -> str:
    """Return the head as a C2SP signed note, with the line feed at its end."""
    text = head_text(organization, head.size, head.root).decode("ascii")
    signed = to_base64(_key_id(organization, public_signing_key) + head.signature)
    return f"{text}\n— {_name(organization)} {signed}\n"


def read_checkpoint(note: str) -> Checkpoint:
    """Read exactly what `checkpoint` wrote; Malformed for all else."""
    found = _NOTE.fullmatch(note)
    if found is None or not conforms("id", found["organization"]):
        raise Malformed("not a checkpoint")
    if int(found["size"]) > MAX_NUMBER:
        raise Malformed("size")
    root, signed = (_bytes(found[name]) for name in ("root", "signed"))
    organization, size = UUID(found["organization"]), int(found["size"])
    return Checkpoint(organization, size, root, signed[:4], signed[4:])


def _name(organization: UUID) -> str:
    return f"assigncli/{organization}"


def _key_id(organization: UUID, signing_key: bytes) -> bytes:
    """Return the id of an Ed25519 key as C2SP signed notes define it: 4 bytes."""
    named = _name(organization).encode("ascii") + b"\n" + _ED25519 + signing_key
    return hashlib.sha256(named).digest()[:4]


def _bytes(text: str) -> bytes:
    if not conforms("base64", text):
        raise Malformed("not base64 in its one spelling")
    return from_base64(text)
