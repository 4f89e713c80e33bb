"""A member's key pairs, the organisation's root key, their stored form and their fingerprint.

An identity is an Ed25519 seed to sign with and an X25519 seed to open with. This module does not
know where keys are kept (`client.keys`) or who certifies them (`trust`), and asks nobody for a
passphrase.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from nacl.signing import SigningKey
from nacl.utils import random as random_bytes

from assigncli.crypto.passphrase import lock, unlock
from assigncli.crypto.sealing import KEY_SIZE, require_encryption_key, require_signing_key
from assigncli.crypto.signatures import is_head_text, signed_bytes
from assigncli.errors import AssignError, IdentityUnavailable

__all__ = [
    "Identity",
    "PublicIdentity",
    "RootKey",
    "SeedKey",
    "fingerprints_match",
    "lock",
    "service_fingerprint",
    "spoken_digits",
    "spoken_fingerprint",
    "unlock",
]

_VERSION: Final = b"\x01"
_GROUPS: Final = 8
_GROUP_DIGITS: Final = 5
_DIGITS: Final = _GROUPS * _GROUP_DIGITS


@dataclass(frozen=True)
class PublicIdentity:
    """A member's public keys, 32 bytes each; Tampered (`public_key_invalid`) for unusable ones."""

    signing_key: bytes
    encryption_key: bytes

    def __post_init__(self) -> None:
        """Refuse keys of low order or in a non-canonical encoding."""
        require_signing_key(self.signing_key)
        require_encryption_key(self.encryption_key)


@dataclass(frozen=True, repr=False)
class Identity:
    """A member's private keys, as two seeds of 32 bytes.

    The stored form starts with a version byte. Version 1 is the two seeds; a later version may add
    a second encryption key.
    """

    signing_seed: bytes
    encryption_seed: bytes

    def __post_init__(self) -> None:
        """Refuse seeds of another length: IdentityUnavailable (`key_file_damaged`)."""
        _require_seeds(self.signing_seed, self.encryption_seed)

    @classmethod
    def generate(cls) -> Self:
        """Return a new identity from the operating system's randomness."""
        return cls(random_bytes(KEY_SIZE), random_bytes(KEY_SIZE))

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `to_bytes` returned; else IdentityUnavailable (`key_file_damaged`)."""
        if len(stored) != 1 + 2 * KEY_SIZE or stored[:1] != _VERSION:
            raise _damaged()
        return cls(stored[1 : 1 + KEY_SIZE], stored[1 + KEY_SIZE :])

    def to_bytes(self) -> bytes:
        """Return the private form, 65 bytes; only for a keychain."""
        return _VERSION + self.signing_seed + self.encryption_seed

    @cached_property
    def public(self) -> PublicIdentity:
        """The public keys that belong to these."""
        encryption = X25519PrivateKey.from_private_bytes(self.encryption_seed).public_key()
        signing = self._signing.verify_key.encode()
        return PublicIdentity(signing, encryption.public_bytes_raw())

    def sign(self, purpose: str, body: bytes) -> bytes:
        """Sign `body` for `purpose`; returns 64 bytes, Ed25519."""
        return bytes(self._signing.sign(signed_bytes(purpose, body)).signature)

    def sign_head(self, text: bytes) -> bytes:
        """Sign a head's text without a purpose; returns 64 bytes. ValueError for any other text."""
        if not is_head_text(text):
            raise ValueError("Only the text of a head is signed without a purpose.")
        return bytes(self._signing.sign(text).signature)

    @cached_property
    def _signing(self) -> SigningKey:
        """The signing key, derived once: deriving it costs as much as a signature."""
        return SigningKey(self.signing_seed)


@dataclass(frozen=True, repr=False)
class SeedKey:
    """A private key that only signs, as a seed of 32 bytes; what it signs is its own kind's."""

    seed: bytes

    def __post_init__(self) -> None:
        """Refuse a seed of another length: IdentityUnavailable (`key_file_damaged`)."""
        _require_seeds(self.seed)

    @classmethod
    def generate(cls) -> Self:
        """Return a new key from the operating system's randomness."""
        return cls(random_bytes(KEY_SIZE))

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `to_bytes` returned; else IdentityUnavailable (`key_file_damaged`)."""
        if len(stored) != 1 + KEY_SIZE or stored[:1] != _VERSION:
            raise _damaged()
        return cls(stored[1:])

    def to_bytes(self) -> bytes:
        """Return the private form, 33 bytes; only for a keychain."""
        return _VERSION + self.seed

    @cached_property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return bytes(SigningKey(self.seed).verify_key.encode())


class RootKey(SeedKey):
    """The organisation's root, whose public key every client pins."""

    def sign(self, purpose: str, body: bytes) -> bytes:
        """Sign `body` for `purpose`; returns 64 bytes, Ed25519."""
        return bytes(SigningKey(self.seed).sign(signed_bytes(purpose, body)).signature)


def spoken_fingerprint(
    *, root_key: bytes, organization_id: UUID, member_id: UUID, public: PublicIdentity
) -> str:
    """Return 40 decimal digits in 8 groups of five, to be read aloud and compared.

    One comparison covers the organisation's root key and both of the member's keys, so a swap of
    any is noticed.
    """
    require_signing_key(root_key)
    told = b"assigncli/fingerprint/v1\0" + root_key + organization_id.bytes + member_id.bytes
    told += public.signing_key + public.encryption_key
    return spoken_digits(told)


def spoken_digits(told: bytes) -> str:
    """Return 40 decimal digits in 8 groups of five, by which people compare bytes by telephone.

    They are SHA-512 reduced modulo 10^40, about 132 bits; the bias of the reduction is below
    2^-370.
    """
    number = int.from_bytes(hashlib.sha512(told).digest(), "big") % 10**_DIGITS
    digits = f"{number:0{_DIGITS}d}"
    starts = range(0, _DIGITS, _GROUP_DIGITS)
    return " ".join(digits[start : start + _GROUP_DIGITS] for start in starts)


def service_fingerprint(public: PublicIdentity) -> bytes:
    """Return the 32 bytes by which a founding line names the service's keys (PROTOCOL.md 6.3)."""
    told = b"assigncli/service-key/v1\0" + public.signing_key + public.encryption_key
    return hashlib.sha256(told).digest()


def fingerprints_match(one: str, other: str) -> bool:
    """Compare two typed fingerprints; spaces and punctuation are ignored."""
    first, second = _spoken_digits(one), _spoken_digits(other)
    same = hmac.compare_digest(first, second)
    return same and len(first) == _DIGITS and first.isdigit()


def _spoken_digits(text: str) -> bytes:
    kept = "".join(char for char in text if char.isalnum())
    return kept.encode("utf-8", "replace")


def _require_seeds(*seeds: bytes) -> None:
    if any(not isinstance(seed, bytes) or len(seed) != KEY_SIZE for seed in seeds):
        raise _damaged()


def _damaged() -> AssignError:
    return IdentityUnavailable("key_file_damaged")
