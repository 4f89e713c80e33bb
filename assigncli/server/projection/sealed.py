"""What one manifest covers: the manifest as signed, ciphertext and texts; and rows of wraps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assigncli.protocol.context import Context
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.sealed_keys import Wrap
from assigncli.protocol.texts import Text


@dataclass(frozen=True)
class SealedColumns:
    """A manifest, its `body` as signed, and what belongs to it; the caller checks that it matches.

    `ciphertext` is None where the draft's is kept.
    """

    manifest: Manifest
    body: bytes
    signature: bytes
    ciphertext: bytes | None = field(repr=False)
    texts: Mapping[str, Text] = field(repr=False)

    @property
    def hash(self) -> str:
        """The hash with which an entry names the manifest, in hex."""
        return Manifest.digest(self.body).hex()


def wrap_rows(context: Context, wraps: Iterable[Wrap], at: datetime) -> list[dict[str, Any]]:
    """Return the rows of wraps that an entry adds at this moment (aware UTC)."""
    return [
        {
            "assignment_id": context.assignment,
            "certificate_id": wrap.certificate,
            "encryption_key_id": context.encryption_key,
            "wrap": wrap.wrap,
            "maker_certificate_id": wrap.maker,
            "signature": wrap.signature,
            "created_at": at,
        }
        for wrap in wraps
    ]
