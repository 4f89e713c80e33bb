"""What one manifest covers: the manifest as signed, ciphertext and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assigncli.protocol.manifest import Manifest
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
