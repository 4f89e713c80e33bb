"""A manifest: what a dispatcher signs about one assignment (PROTOCOL.md section 6.6).

This module encodes and decodes it. Who signed it, which manifest is in force, and the rules about
its numbers and moments are checked elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Bool, Hash, Id, Moment, Number, Spelling, digests, spread
from assigncli.protocol.context import Context
from assigncli.protocol.forms import RecordForm, checker, uuid
from assigncli.protocol.signed_body import SignedBody

MAX_MANIFEST: Final = 4_096
TEXTS: Final = ("title", "subject_reference", "coordinator_notes", "internal_notes")


_are_ids: Final = checker("{id}")


def _are_readers(value: object) -> bool:
    return _are_ids(value) and value != []


def _read_ids(ids: list[str]) -> frozenset[UUID]:
    return frozenset(map(uuid, ids))


def _spelt_ids(ids: frozenset[UUID]) -> list[str]:
    return sorted(map(str, ids))


@dataclass(frozen=True)
class Manifest(SignedBody, purpose="manifest", limit=MAX_MANIFEST, suite=True):
    """The signed facts of one assignment; `certificate` is the dispatcher's signing device.

    `texts` are digests of `TEXTS`, `readers` the certificates to which the secret is sealed.
    `expires_at` is aware, and None only in a draft.
    """

    context: Annotated[Context, spread(Context)]
    certificate: Id
    status: Annotated[str, Spelling("pending/dispatched")]
    payload_sha256: Hash
    share_commitment: Hash
    texts: Annotated[Mapping[str, bytes], digests(RecordForm(dict.fromkeys(TEXTS, "hex32")))]
    priority: Annotated[str, Spelling("normal/urgent")]
    contact_deadline_days: Number
    consent_required: Bool
    expires_at: Moment | None
    readers: Annotated[frozenset[UUID], Spelling(_are_readers, _read_ids, _spelt_ids)]
    import_key: Hash | None = None
    import_digest: Hash | None = None

    def require(self) -> None:
        """Refuse one of the two import hashes without the other."""
        if (self.import_key is None) != (self.import_digest is None):
            raise Malformed("import_key")


def payload_digest(encrypted_payload: bytes) -> bytes:
    """Return the SHA-256 of the ciphertext, for `Manifest.payload_sha256`."""
    return hashlib.sha256(encrypted_payload).digest()
