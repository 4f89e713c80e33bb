"""Bodies that are signed, each class for one purpose (PROTOCOL.md section 1.1).

The purpose keeps a signature over one kind of body from passing for another. Which key may sign
what is not decided here.
"""

from __future__ import annotations

from typing import ClassVar, Final, Protocol, Self

from assigncli.crypto import signatures
from assigncli.protocol.canonical import MAX_BODY, Malformed
from assigncli.protocol.codec import Body

# Printable ASCII without a backslash, and so without escapes and quotation marks in strings.
_SIGNABLE: Final = bytes(set(range(0x20, 0x7F)) - {ord("\\")})


class Signing(Protocol):
    """Something that signs with a private key."""

    def sign(self, purpose: str, body: bytes, /) -> bytes:
        """Return the signature."""


class SignedBody(Body):
    """A body of printable ASCII, with the purpose for which it is signed."""

    purpose: ClassVar[str]

    def __init_subclass__(cls, *, purpose: str, limit: int = MAX_BODY, suite: bool = False) -> None:
        """Set the purpose for which the body is signed."""
        super().__init_subclass__(limit=limit, suite=suite)
        cls.purpose = purpose

    def encode(self) -> bytes:
        """Return the body to sign; Malformed for what `decode` would refuse."""
        body = super().encode()
        _require_signable(body)
        return body

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for anything else, VersionUnknown for another `v`."""
        made = super().decode(body)
        _require_signable(body)
        return made

    def signed_by(self, signer: Signing) -> tuple[bytes, bytes]:
        """Return the body and a signature over it; Malformed for what `decode` would refuse."""
        body = self.encode()
        return body, signer.sign(self.purpose, body)

    @classmethod
    def is_signed(cls, body: bytes, signature: bytes, key: bytes) -> bool:
        """Say whether this is the signature of `key` over a body of this class; never raises."""
        return signatures.signature_holds(key, cls.purpose, body, signature)

    @classmethod
    def digest(cls, body: bytes) -> bytes:
        """Return the hash that identifies the body; it does not cover the signature."""
        return signatures.digest(cls.purpose, body)


def _require_signable(body: bytes) -> None:
    if body.translate(None, _SIGNABLE):  # anything left is not allowed
        raise Malformed("a string that is no printable ASCII")
