"""The bytes to which one envelope is bound (PROTOCOL.md section 6.5).

Key, ciphertext, share and wraps of an assignment are each bound to the same five ids. Nothing is
sealed or opened here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from assigncli.crypto.prefixing import prefixed
from assigncli.protocol.codec import Coded, Id
from assigncli.protocol.forms import SUITE

SUITE_BYTE: Final = bytes([SUITE])

_LABEL: Final = b"assigncli/envelope"
_SHARE_TAG: Final = b"assigncli/share/v1\0"


@dataclass(frozen=True)
class Context(Coded):
    """The five ids; `recipient` and `dispatcher` are members."""

    organization: Id
    assignment: Id
    encryption_key: Id
    recipient: Id
    dispatcher: Id

    def encode(self) -> bytes:
        """Return the bytes to which key, ciphertext, share and wraps are bound."""
        return self._encoded

    @cached_property
    def _encoded(self) -> bytes:
        return prefixed(
            _LABEL,
            SUITE_BYTE,
            self.organization.bytes,
            self.assignment.bytes,
            self.encryption_key.bytes,
            self.recipient.bytes,
            self.dispatcher.bytes,
        )

    def commitment(self, share: bytes) -> bytes:
        """Return the SHA-256 by which a manifest commits to a share without revealing it."""
        return hashlib.sha256(_SHARE_TAG + self.encode() + share).digest()

    def wrap_info(self, certificate: UUID) -> bytes:
        """Return the bytes to which a wrap for this certificate is bound."""
        return self.encode() + prefixed(certificate.bytes)

    def fields(self) -> dict[str, Any]:
        """Return the ids as in signed bodies."""
        return dict(self._spelt)

    @cached_property
    def _spelt(self) -> dict[str, Any]:
        return super().fields()
