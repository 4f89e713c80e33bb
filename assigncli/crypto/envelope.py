"""Seal and open one assignment (suite 1).

The payload is encrypted under a key made of two halves: a `secret`, wrapped to each reader, and a
`share`, which lives in the vault alone. Either half on its own opens nothing, so deleting the share
ends every copy. Everything is bound to its context: an envelope, a wrap or a share moved to another
assignment, organisation, reader or dispatcher does not open. Who may open, and when, is not decided
here.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.utils import random as random_bytes

from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.crypto.padding import pad, unpad
from assigncli.crypto.sealing import KEY_SIZE, OVERHEAD, open_sealed, seal_to
from assigncli.crypto.statement import canonical, prefixed
from assigncli.errors import AssignError, RuleRefused, Tampered
from assigncli.locale import _

SUITE: Final = 1
WRAP_PURPOSE: Final = "wrap"

_SUITE_BYTE: Final = bytes([SUITE])
_NONCE: Final = 12
_TAG: Final = 16
_LABEL: Final = b"assigncli/envelope"
_SHARE_TAG: Final = b"assigncli/share/v1\0"


@dataclass(frozen=True)
class EnvelopeContext:
    """What one envelope is bound to, for good."""

    organization_id: UUID
    assignment_id: UUID
    encryption_key_id: UUID
    recipient_id: UUID
    dispatcher_id: UUID

    def encode(self) -> bytes:
        """Return the bytes that key, ciphertext, wraps and share are bound to."""
        return prefixed(_LABEL, _SUITE_BYTE, *(part.bytes for part in self._parts()))

    def _parts(self) -> tuple[UUID, ...]:
        return (
            self.organization_id,
            self.assignment_id,
            self.encryption_key_id,
            self.recipient_id,
            self.dispatcher_id,
        )

    def fields(self) -> dict[str, str | int]:
        """Return the same as fields of a signed statement."""
        return {
            "suite": SUITE,
            "organization_id": str(self.organization_id),
            "assignment_id": str(self.assignment_id),
            "encryption_key_id": str(self.encryption_key_id),
            "recipient_id": str(self.recipient_id),
            "dispatcher_id": str(self.dispatcher_id),
        }


@dataclass(frozen=True, repr=False)
class Sealed:
    """A sealed payload: ciphertext and commitment for the store, share for the vault.

    The secret is for `wrap` and then to be forgotten; it is stored nowhere.
    """

    encrypted_payload: bytes
    share: bytes
    share_commitment: bytes
    secret: bytes


def seal(payload: bytes, context: EnvelopeContext) -> Sealed:
    """Encrypt `payload` under a fresh key, padded so that its length says little.

    Raises RuleRefused (`encrypted_payload_non_empty`) for an empty payload.
    """
    if not payload:
        raise RuleRefused(
            "encrypted_payload_non_empty",
            _("There is nothing to send: the sensitive record is empty."),
            _("Fill in the record, then try again."),
        )
    secret, share = random_bytes(KEY_SIZE), random_bytes(KEY_SIZE)
    nonce, bound = random_bytes(_NONCE), context.encode()
    sealed = AESGCM(_content_key(secret, share, bound)).encrypt(nonce, pad(payload), bound)
    return Sealed(_SUITE_BYTE + nonce + sealed, share, commitment(share, context), secret)


def open_envelope(
    encrypted_payload: bytes, secret: bytes, share: bytes, context: EnvelopeContext
) -> bytes:
    """Return the payload; Tampered (`payload_altered`) where anything does not fit.

    Check the manifest first, and the share with `verify_share`: this cannot tell which part is
    wrong.
    """
    if encrypted_payload[:1] != _SUITE_BYTE or len(encrypted_payload) < 1 + _NONCE + _TAG:
        raise _payload_altered()
    if len(secret) != KEY_SIZE or len(share) != KEY_SIZE:
        raise _payload_altered()
    nonce, sealed = encrypted_payload[1 : 1 + _NONCE], encrypted_payload[1 + _NONCE :]
    bound = context.encode()
    try:
        padded = AESGCM(_content_key(secret, share, bound)).decrypt(nonce, sealed, bound)
        return unpad(padded)
    except (InvalidTag, ValueError, TypeError, OverflowError):
        raise _payload_altered() from None


def commitment(share: bytes, context: EnvelopeContext) -> bytes:
    """Return the SHA-256 that lets a manifest vouch for a share without revealing it."""
    return hashlib.sha256(_SHARE_TAG + context.encode() + share).digest()


def verify_share(share: bytes, context: EnvelopeContext, share_commitment: bytes) -> None:
    """Raise Tampered (`share_mismatch`) unless the vault's share is the one that was committed."""
    right = len(share) == KEY_SIZE
    if not (right and hmac.compare_digest(commitment(share, context), share_commitment)):
        raise Tampered(
            _("The vault's part of the key does not belong to this assignment."),
            _("Do not go on. Ask an administrator to check the store and the vault."),
            code="share_mismatch",
        )


def wrap(secret: bytes, context: EnvelopeContext, reader_id: UUID, reader_key: bytes) -> bytes:
    """Seal `secret` to one reader: the encapsulated key, then the ciphertext, 80 bytes.

    Raises Tampered (`public_key_invalid`) for a key that would protect nothing.
    """
    if len(secret) != KEY_SIZE:
        raise _wrap_altered()
    return seal_to(reader_key, secret, _wrap_info(context, reader_id))


def unwrap(wrapped: bytes, context: EnvelopeContext, reader_id: UUID, identity: Identity) -> bytes:
    """Return the secret; Tampered (`wrap_altered`) for a wrap of another reader or place."""
    if len(wrapped) != KEY_SIZE + OVERHEAD:
        raise _wrap_altered()
    secret = open_sealed(wrapped, identity.encryption_seed, _wrap_info(context, reader_id))
    if secret is None:
        raise _wrap_altered()
    return secret


def wrap_statement(context: EnvelopeContext, reader_id: UUID, wrapped: bytes) -> bytes:
    """Return what a wrap's maker signs, with purpose `WRAP_PURPOSE`."""
    digest = hashlib.sha256(wrapped).hexdigest()
    return canonical({**context.fields(), "reader_id": str(reader_id), "wrap_sha256": digest})


def verify_wrap(
    wrapped: bytes,
    signature: bytes,
    context: EnvelopeContext,
    reader_id: UUID,
    maker: PublicIdentity,
) -> None:
    """Raise Tampered (`wrap_altered`) unless `maker` made this wrap for this reader and place."""
    body = wrap_statement(context, reader_id, wrapped)
    if not maker.verify(WRAP_PURPOSE, body, signature):
        raise _wrap_altered()


def _content_key(secret: bytes, share: bytes, bound: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=bound).derive(secret + share)


def _wrap_info(context: EnvelopeContext, reader_id: UUID) -> bytes:
    return context.encode() + prefixed(reader_id.bytes)


def _payload_altered() -> AssignError:
    return Tampered(
        _("The assignment's encrypted record was altered or does not belong here."),
        _("Do not rely on this assignment. Tell the coordinator who sent it."),
        code="payload_altered",
    )


def _wrap_altered() -> AssignError:
    return Tampered(
        _("The assignment's sealed key was altered or is not meant for you."),
        _("Ask the coordinator who sent the assignment to seal it to you again."),
        code="wrap_altered",
    )
