"""Signed, hash-chained entries: the audit log's arithmetic.

Each entry is signed by its actor and names the hash of the one before, so that an altered, removed,
reordered or forged entry is found, and which one. A cut-off tail is found only with a checkpoint
that was kept elsewhere. Nothing here reads or writes a log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.crypto.statement import canonical, read_object, stamp
from assigncli.errors import AssignError, Tampered
from assigncli.locale import _

PURPOSE: Final = "audit"
# The first entry's previous hash; the body's organisation keeps one log's start from another's.
GENESIS: Final = bytes(32)

ALTERED: Final = "audit_altered"
MISSING: Final = "audit_missing"
REORDERED: Final = "audit_reordered"
FORGED: Final = "audit_forged"

_HASH_TAG: Final = b"assigncli/audit-entry/v1\0"


@dataclass(frozen=True)
class Entry:
    """One act: who did what to which, when (aware, UTC), after which entry.

    `sequence` counts from 1 in each organisation; `details` is the text of a canonical JSON object.
    """

    organization_id: UUID
    sequence: int
    at: datetime
    actor_id: UUID
    actor_certificate_id: UUID
    action: str
    subject_type: str
    subject_id: UUID | None
    details: str
    previous_hash: bytes

    def encode(self) -> bytes:
        """Return the canonical body that is hashed and signed; Tampered (`audit_altered`)."""
        try:
            return canonical(
                {
                    "organization_id": str(self.organization_id),
                    "sequence": self.sequence,
                    "at": stamp(self.at),
                    "actor_id": str(self.actor_id),
                    "actor_certificate_id": str(self.actor_certificate_id),
                    "action": self.action,
                    "subject_type": self.subject_type,
                    "subject_id": None if self.subject_id is None else str(self.subject_id),
                    "details": self.details,
                    "previous_hash": self.previous_hash.hex(),
                }
            )
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise _altered() from None

    def hash(self) -> bytes:
        """Return the SHA-256 that the next entry names."""
        return _digest_of(self.encode())


@dataclass(frozen=True)
class Link:
    """A place in a log: an entry's sequence and hash. A checkpoint is one kept elsewhere."""

    sequence: int
    hash: bytes


START: Final = Link(0, GENESIS)


@dataclass(frozen=True)
class Finding:
    """What is wrong at `sequence`; for missing entries, up to and with `through`."""

    sequence: int
    code: str
    through: int | None = None


def sign_entry(entry: Entry, identity: Identity) -> bytes:
    """Sign as the actor: 64 bytes; Tampered (`audit_altered`) for details not in canonical form."""
    _hash, signature = seal_entry(entry, identity)
    return signature


def seal_entry(entry: Entry, identity: Identity) -> tuple[bytes, bytes]:
    """Return the hash that the next entry names, and the actor's signature; as `sign_entry`."""
    if entry.details != canonical_details(entry.details):
        raise _altered()
    body = entry.encode()
    return _digest_of(body), identity.sign(PURPOSE, body)


def verify_entry(entry: Entry, signature: bytes, public: PublicIdentity) -> bool:
    """Say whether the actor signed exactly this entry."""
    return public.verify(PURPOSE, entry.encode(), signature)


def canonical_details(text: str) -> str:
    """Return the one spelling of a JSON object's text; Tampered (`audit_altered`) for no object."""
    try:
        details: Any = read_object(text.encode("utf-8"))
        return canonical(details).decode("utf-8")
    except (ValueError, TypeError, RecursionError):
        raise _altered() from None


def check_links(
    entries: Iterable[tuple[Entry, bytes, bytes]],
    *,
    organization_id: UUID,
    public_key_of: Callable[[UUID, UUID], PublicIdentity | None],
    after: Link = START,
    checkpoint: Link | None = None,
) -> Iterator[Finding]:
    """Yield what is wrong with a log, entry by entry, holding one entry at a time.

    `entries` gives (entry, stored hash, signature) by rising sequence, from the one after `after`.
    `public_key_of` takes a certificate's and an actor's id and gives the keys where the certificate
    verifies and is that actor's. `checkpoint` is an earlier place kept outside the store: an entry
    there with another hash, or a log that ends before it, is found.
    """
    expected = after.sequence + 1
    previous: bytes | None = after.hash
    for entry, stored_hash, signature in entries:
        if entry.sequence > expected:
            yield Finding(expected, MISSING, entry.sequence - 1)
            previous = None
        if entry.sequence < expected or _breaks(entry, previous):
            yield Finding(entry.sequence, REORDERED)
        fault = _fault(entry, stored_hash, signature, organization_id, public_key_of)
        if checkpoint is not None and checkpoint.sequence == entry.sequence:
            fault = fault if checkpoint.hash == stored_hash else ALTERED
        if fault is not None:
            yield Finding(entry.sequence, fault)
        # A faulty entry's own hash says nothing about the entry after it.
        previous = stored_hash if fault is None else None
        expected = max(expected, entry.sequence + 1)
    if checkpoint is not None and checkpoint.sequence >= expected:
        yield Finding(expected, MISSING, checkpoint.sequence)


def _breaks(entry: Entry, previous: bytes | None) -> bool:
    return previous is not None and entry.previous_hash != previous


def _digest_of(body: bytes) -> bytes:
    return hashlib.sha256(_HASH_TAG + body).digest()


def _digest(entry: Entry) -> bytes | None:
    try:
        return entry.hash()
    except Tampered:
        return None


def _fault(
    entry: Entry,
    stored_hash: bytes,
    signature: bytes,
    organization_id: UUID,
    public_key_of: Callable[[UUID, UUID], PublicIdentity | None],
) -> str | None:
    if _digest(entry) != stored_hash:
        return ALTERED
    if entry.organization_id != organization_id:
        return FORGED
    public = public_key_of(entry.actor_certificate_id, entry.actor_id)
    if public is None or not verify_entry(entry, signature, public):
        return FORGED
    return None


def _altered() -> AssignError:
    return Tampered(
        _("An entry of the audit log is not in its proper form."),
        _("Do not rely on the log. Run the command assign audit verify to see where."),
        code=ALTERED,
    )
