"""An auditor's key, which signs cosignatures of checkpoints and nothing else.

Where the key is kept is decided in `client.keys`. Whether a checkpoint may be cosigned is decided
in `trust.cosigning`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random as random_bytes

from assigncli.crypto.sealing import KEY_SIZE, require_signing_key
from assigncli.errors import AssignError, IdentityUnavailable

_VERSION: Final = b"\x01"
_COSIGNED: Final = b"cosignature/v1\ntime "
_GROUPS: Final = 8
_GROUP_DIGITS: Final = 5
_DIGITS: Final = _GROUPS * _GROUP_DIGITS


@dataclass(frozen=True, repr=False)
class CosignerKey:
    """An auditor's private key, as a seed of 32 bytes."""

    seed: bytes

    def __post_init__(self) -> None:
        """Refuse a seed of another length: IdentityUnavailable (`key_file_damaged`)."""
        if len(self.seed) != KEY_SIZE:
            raise _damaged()

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

    def cosign(self, text: bytes) -> bytes:
        """Return the signature, 64 bytes, over a cosigned text; ValueError for any other text."""
        if not text.startswith(_COSIGNED):
            raise ValueError("Only the text of a cosignature is signed with an auditor's key.")
        return bytes(SigningKey(self.seed).sign(text).signature)


def note_signature_holds(key: bytes, text: bytes, signature: bytes) -> bool:
    """Say whether `signature` is `key`'s over a note's or a cosigned text; never raises.

    Keys of low order are refused, because with them a signature holds over any text.
    """
    try:
        require_signing_key(key)
        VerifyKey(key).verify(text, signature)
    except (AssignError, CryptoError, ValueError, TypeError):
        return False
    return True


def spoken_note(purpose: str, text: str) -> str:
    """Return 40 decimal digits in 8 groups of five, by which people compare a text by telephone.

    It is SHA-512 reduced modulo 10^40, about 132 bits. `purpose` keeps the digits of a checkpoint
    from passing for those of a key.
    """
    told = f"assigncli/{purpose}/v1\0{text}".encode()
    number = int.from_bytes(hashlib.sha512(told).digest(), "big") % 10**_DIGITS
    digits = f"{number:0{_DIGITS}d}"
    starts = range(0, _DIGITS, _GROUP_DIGITS)
    return " ".join(digits[start : start + _GROUP_DIGITS] for start in starts)


def _damaged() -> AssignError:
    return IdentityUnavailable("key_file_damaged")
