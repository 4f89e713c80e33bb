"""Seal and open the payload of one assignment (suite 1).

The payload is encrypted under a key derived from two halves: a `secret`, wrapped for each reader,
and a `share`, which only the vault has. Neither half alone opens anything, so deleting the share
makes every copy unreadable. Everything is bound to bytes that identify its context
(`protocol.context`): an envelope or a wrap that is moved does not open. Who may open, and when, is
not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.utils import random as random_bytes

from assigncli.crypto.identity import Identity
from assigncli.crypto.padding import pad, unpad
from assigncli.crypto.sealing import KEY_SIZE, OVERHEAD, open_sealed, seal_to
from assigncli.errors import AssignError, RuleRefused, Tampered

_SUITE_BYTE: Final = b"\x01"
_NONCE: Final = 12
_TAG: Final = 16


@dataclass(frozen=True, repr=False)
class Sealed:
    """A sealed payload: ciphertext for the store, share for the vault.

    The secret is for `wrap` and then to be discarded; it is stored nowhere.
    """

    encrypted_payload: bytes
    share: bytes
    secret: bytes


def seal(payload: bytes, bound: bytes) -> Sealed:
    """Encrypt `payload` under a fresh key, bound to its context and padded to hide its length.

    Raises RuleRefused (`encrypted_payload_non_empty`) for an empty payload.
    """
    if not payload:
        raise RuleRefused("encrypted_payload_non_empty")
    secret, share = random_bytes(KEY_SIZE), random_bytes(KEY_SIZE)
    nonce = random_bytes(_NONCE)
    sealed = AESGCM(_content_key(secret, share, bound)).encrypt(nonce, pad(payload), bound)
    return Sealed(_SUITE_BYTE + nonce + sealed, share, secret)


def open_envelope(encrypted_payload: bytes, secret: bytes, share: bytes, bound: bytes) -> bytes:
    """Return the payload; Tampered (`payload_altered`) where anything does not match.

    Check the manifest and the share's commitment first: this function cannot tell which part is
    wrong.
    """
    if encrypted_payload[:1] != _SUITE_BYTE or len(encrypted_payload) < 1 + _NONCE + _TAG:
        raise _payload_altered()
    if len(secret) != KEY_SIZE or len(share) != KEY_SIZE:
        raise _payload_altered()
    nonce, sealed = encrypted_payload[1 : 1 + _NONCE], encrypted_payload[1 + _NONCE :]
    try:
        padded = AESGCM(_content_key(secret, share, bound)).decrypt(nonce, sealed, bound)
        return unpad(padded)
    except (InvalidTag, ValueError, TypeError, OverflowError):
        raise _payload_altered() from None


def wrap(secret: bytes, info: bytes, reader_key: bytes) -> bytes:
    """Seal `secret` to one reader, bound to `info`: encapsulated key, then ciphertext, 80 bytes.

    Raises Tampered (`public_key_invalid`) for a key that would protect nothing.
    """
    if len(secret) != KEY_SIZE:
        raise wrap_altered()
    return seal_to(reader_key, secret, info)


def unwrap(wrapped: bytes, info: bytes, identity: Identity) -> bytes:
    """Return the secret; Tampered (`wrap_altered`) for a wrap of another reader or `info`."""
    if len(wrapped) != KEY_SIZE + OVERHEAD:
        raise wrap_altered()
    secret = open_sealed(wrapped, identity.encryption_seed, info)
    if secret is None:
        raise wrap_altered()
    return secret


def _content_key(secret: bytes, share: bytes, bound: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=bound).derive(secret + share)


def _payload_altered() -> AssignError:
    return Tampered("payload_altered")


def wrap_altered() -> AssignError:
    """Return the error for a wrap that does not open with this key and `info`."""
    return Tampered("wrap_altered", "not_for_you")
