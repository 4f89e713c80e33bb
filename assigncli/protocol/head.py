"""A head: size and root of an organisation's log, signed by its service (PROTOCOL.md section 5.3).

The signature is over the text of a C2SP tlog-checkpoint, so that other programs can read heads too.
Whose key may sign, and whether a head continues another, is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from assigncli.crypto.signatures import head_signature_holds
from assigncli.protocol.codec import Coded, Hash, Id, Number, Signature
from assigncli.protocol.forms import to_base64
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed_note import OF_LOG, SignedNote, VerifierKey


@dataclass(frozen=True)
class Head(Coded):
    """A log's size and root, the service certificate that signed them, and the signature."""

    size: Number
    root: Hash
    service: Id
    signature: Signature

    def seen(self) -> Seen:
        """Return what a device keeps of it after verification."""
        return Seen(self.size, self.root)

    def holds(self, organization: UUID, signing_key: bytes) -> bool:
        """Say whether `signing_key` signed this head of this organisation; never raises."""
        text = head_text(organization, self.size, self.root)
        return head_signature_holds(signing_key, text, self.signature)


def head_text(organization: UUID, size: int, root: bytes) -> bytes:
    """Return the text that a head's signature covers; it has its own format and no purpose."""
    return f"{origin(organization)}\n{size}\n{to_base64(root)}\n".encode("ascii")


def checkpoint(organization: UUID, head: Head, public_signing_key: bytes) -> str:
    """Return the head as a C2SP signed note, with the final line feed."""
    text = head_text(organization, head.size, head.root).decode("ascii")
    signed = log_key(organization, public_signing_key).signed(head.signature)
    return SignedNote(text, (signed,)).encode().decode("utf-8")


def log_key(organization: UUID, public_signing_key: bytes) -> VerifierKey:
    """Return the service's key as the verifier key of this organisation's log."""
    return VerifierKey(origin(organization), OF_LOG, public_signing_key)


def origin(organization: UUID) -> str:
    """Return the first line of the organisation's checkpoints, which is also its key's name."""
    return f"assigncli/{organization}"
