"""What the dispatcher vouches for: every part of an assignment that may not change.

It covers the ciphertext, the vault share and each immutable field, under the dispatcher's
signature. A draft is signed too, as `pending`, so that a ciphertext swapped before dispatch is
found. Key wraps are signed on their own (see `envelope`), so re-sealing needs no new manifest.
Whether the dispatcher's certificate counts is `certificate`'s question.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from assigncli.crypto.envelope import EnvelopeContext
from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.crypto.statement import canonical, stamp
from assigncli.errors import AssignError, Tampered
from assigncli.locale import _

PURPOSE: Final = "manifest"
STATUSES: Final = frozenset({"pending", "dispatched"})


@dataclass(frozen=True)
class Manifest:
    """The signed facts of one assignment; moments are aware, and None until they are known."""

    context: EnvelopeContext
    status: str
    payload_sha256: bytes
    share_commitment: bytes
    number: int
    title: str
    subject_reference: str | None
    priority: str
    contact_deadline_days: int
    coordinator_notes: str | None
    consent_required: bool
    expires_at: datetime | None
    dispatched_at: datetime | None
    dispatcher_certificate_id: UUID

    def encode(self) -> bytes:
        """Return the canonical body; Tampered (`manifest_invalid`) where it has none."""
        if self.status not in STATUSES:
            raise manifest_invalid()
        try:
            return canonical(
                {
                    **self.context.fields(),
                    "status": self.status,
                    "payload_sha256": self.payload_sha256.hex(),
                    "share_commitment": self.share_commitment.hex(),
                    "number": self.number,
                    "title": self.title,
                    "subject_reference": self.subject_reference,
                    "priority": self.priority,
                    "contact_deadline_days": self.contact_deadline_days,
                    "coordinator_notes": self.coordinator_notes,
                    "consent_required": bool(self.consent_required),
                    "expires_at": _moment(self.expires_at),
                    "dispatched_at": _moment(self.dispatched_at),
                    "dispatcher_certificate_id": str(self.dispatcher_certificate_id),
                }
            )
        except (ValueError, TypeError, OverflowError):
            raise manifest_invalid() from None


def payload_digest(encrypted_payload: bytes) -> bytes:
    """Return the SHA-256 of the ciphertext, for `Manifest.payload_sha256`."""
    return hashlib.sha256(encrypted_payload).digest()


def sign_manifest(manifest: Manifest, dispatcher: Identity) -> bytes:
    """Sign as the dispatcher: 64 bytes."""
    return dispatcher.sign(PURPOSE, manifest.encode())


def verify_manifest(manifest: Manifest, signature: bytes, dispatcher: PublicIdentity) -> None:
    """Raise Tampered (`manifest_invalid`) unless the dispatcher signed exactly this.

    Build `manifest` from what is stored now, its digest from the ciphertext at hand.
    """
    if not dispatcher.verify(PURPOSE, manifest.encode(), signature):
        raise manifest_invalid()


def manifest_invalid() -> AssignError:
    """Return the error for an assignment that its dispatcher did not sign as it stands."""
    return Tampered(
        _("This assignment is not as its coordinator signed it."),
        _("Do not rely on it. Tell the coordinator, by another way than this program."),
        code="manifest_invalid",
    )


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)
