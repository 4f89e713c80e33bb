"""A manifest: what a dispatcher vouches for in one assignment (PROTOCOL.md section 6.6).

It is read and written here. Whose signature it bears, which manifest is in force, and the rules
about its numbers and moments are for others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from assigncli.crypto.stamps import digest, stamp
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.context import Context
from assigncli.protocol.forms import (
    SUITE,
    VERSION,
    RecordForm,
    checker,
    is_suite,
    moment,
    read_signed,
    uuid,
    written_signed,
)

PURPOSE: Final = "manifest"
MAX_MANIFEST: Final = 4_096
TEXTS: Final = ("title", "subject_reference", "coordinator_notes", "internal_notes")


_are_ids: Final = checker("{id}")


def _are_readers(value: object) -> bool:
    return _are_ids(value) and value != []


_FORM: Final = RecordForm(
    {
        "v": "number",
        "suite": is_suite,
        "organization": "id",
        "assignment": "id",
        "encryption_key": "id",
        "recipient": "id",
        "dispatcher": "id",
        "certificate": "id",
        "status": "pending/dispatched",
        "payload_sha256": "hex32",
        "share_commitment": "hex32",
        "texts": RecordForm(dict.fromkeys(TEXTS, "hex32")),
        "priority": "normal/urgent",
        "contact_deadline_days": "number",
        "consent_required": "bool",
        "expires_at": "moment?",
        "readers": _are_readers,
        "import_key": "hex32?",
        "import_digest": "hex32?",
    }
)


@dataclass(frozen=True)
class Manifest:
    """The signed facts of one assignment; `certificate` is the dispatcher's device that signs.

    `texts` are digests of `TEXTS`, `readers` the certificates that the secret is sealed to.
    `expires_at` is aware, and None only in a draft.
    """

    context: Context
    certificate: UUID
    status: str
    payload_sha256: bytes
    share_commitment: bytes
    texts: Mapping[str, bytes]
    priority: str
    contact_deadline_days: int
    consent_required: bool
    expires_at: datetime | None
    readers: frozenset[UUID]
    import_key: bytes | None = None
    import_digest: bytes | None = None

    def encode(self) -> bytes:
        """Return the body to sign; Malformed for what `decode` would refuse."""
        self._require_both_hashes()
        fields = {
            "v": VERSION,
            "suite": SUITE,
            **self.context.fields(),
            "certificate": str(self.certificate),
            "status": self.status,
            "payload_sha256": self.payload_sha256.hex(),
            "share_commitment": self.share_commitment.hex(),
            "texts": {field: found.hex() for field, found in self.texts.items()},
            "priority": self.priority,
            "contact_deadline_days": self.contact_deadline_days,
            "consent_required": self.consent_required,
            "expires_at": None if self.expires_at is None else stamp(self.expires_at),
            "readers": sorted(map(str, self.readers)),
            "import_key": None if self.import_key is None else self.import_key.hex(),
            "import_digest": None if self.import_digest is None else self.import_digest.hex(),
        }
        return written_signed(fields, _FORM, MAX_MANIFEST)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for all else, VersionUnknown for another version."""
        fields = read_signed(body, _FORM, MAX_MANIFEST)
        manifest = cls(
            context=_context(fields),
            certificate=uuid(fields["certificate"]),
            status=fields["status"],
            payload_sha256=bytes.fromhex(fields["payload_sha256"]),
            share_commitment=bytes.fromhex(fields["share_commitment"]),
            texts={field: bytes.fromhex(found) for field, found in fields["texts"].items()},
            priority=fields["priority"],
            contact_deadline_days=fields["contact_deadline_days"],
            consent_required=fields["consent_required"],
            expires_at=None if fields["expires_at"] is None else moment(fields["expires_at"]),
            readers=frozenset(map(uuid, fields["readers"])),
            import_key=_hash(fields["import_key"]),
            import_digest=_hash(fields["import_digest"]),
        )
        manifest._require_both_hashes()
        return manifest

    def _require_both_hashes(self) -> None:
        if (self.import_key is None) != (self.import_digest is None):
            raise Malformed("import_key")


def manifest_hash(body: bytes) -> bytes:
    """Return the hash that entries and arguments name; it does not cover the signature."""
    return digest(PURPOSE, body)


def _context(fields: Mapping[str, Any]) -> Context:
    return Context(
        organization=uuid(fields["organization"]),
        assignment=UUID(fields["assignment"]),
        encryption_key=UUID(fields["encryption_key"]),
        recipient=uuid(fields["recipient"]),
        dispatcher=uuid(fields["dispatcher"]),
    )


def _hash(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def payload_digest(encrypted_payload: bytes) -> bytes:
    """Return the SHA-256 of the ciphertext, for `Manifest.payload_sha256`."""
    return hashlib.sha256(encrypted_payload).digest()
