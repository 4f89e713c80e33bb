"""Seal a short secret to one reader's X25519 key: HPKE base mode (RFC 9180).

The suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. `info` binds a sealed secret to
its context, so that it opens in no other. HPKE's base mode does not authenticate the sender: a
caller who needs that signs the result. What the secret is for is up to the caller.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import CryptoError

from assigncli.errors import AssignError, Tampered

KEY_SIZE: Final = 32
# The encapsulated key and the authentication tag that HPKE adds to the plaintext.
OVERHEAD: Final = 32 + 16

_HPKE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_READY: Final = 1024
_FIELD_PRIME: Final = 2**255 - 19
# Any private key detects low-order points: a clamped scalar takes all of them to zero.
_PROBE: Final = X25519PrivateKey.from_private_bytes(b"\x01" * KEY_SIZE)


def public_key_invalid() -> AssignError:
    """Return the error for a public key that cannot protect anything."""
    return Tampered("public_key_invalid")


def require_encryption_key(key: bytes) -> None:
    """Refuse an X25519 public key of low order or non-canonical encoding (RFC 7748 section 6.1)."""
    _usable(key)


def _usable(key: bytes) -> X25519PublicKey:
    if not isinstance(key, bytes) or len(key) != KEY_SIZE:
        raise public_key_invalid()
    return _ready(key)


@lru_cache(maxsize=_READY)
def _ready(key: bytes) -> X25519PublicKey:
    """Return a usable key; cached, because making it takes half as long as sealing."""
    if int.from_bytes(key, "little") >= _FIELD_PRIME:
        raise public_key_invalid()
    try:
        ready = X25519PublicKey.from_public_bytes(key)
        _PROBE.exchange(ready)
    except (ValueError, TypeError, RuntimeError, UnsupportedAlgorithm):
        raise public_key_invalid() from None
    return ready


def require_signing_key(key: bytes) -> None:
    """Refuse an Ed25519 public key that is not a point of the main subgroup."""
    if not isinstance(key, bytes) or len(key) != KEY_SIZE:
        raise public_key_invalid()
    try:
        usable = crypto_core_ed25519_is_valid_point(key)
    except (CryptoError, ValueError, TypeError):
        usable = False
    if not usable:
        raise public_key_invalid()


def seal_to(reader_key: bytes, secret: bytes, info: bytes) -> bytes:
    """Seal `secret` to `reader_key`, bound to `info`; returns the encapsulated key and ciphertext.

    Raises Tampered (`public_key_invalid`) for a key that would protect nothing.
    """
    ready = _usable(reader_key)
    try:
        return _HPKE.encrypt(secret, ready, info)
    except (ValueError, TypeError, RuntimeError, UnsupportedAlgorithm):
        raise public_key_invalid() from None


def open_sealed(sealed: bytes, encryption_seed: bytes, info: bytes) -> bytes | None:
    """Return the secret; None where it was altered, or sealed to another key or `info`."""
    try:
        private = X25519PrivateKey.from_private_bytes(encryption_seed)
        return _HPKE.decrypt(sealed, private, info)
    except (InvalidTag, ValueError, TypeError, RuntimeError, UnsupportedAlgorithm):
        return None
