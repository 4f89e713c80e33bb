"""Lock a secret under a passphrase: Argon2id (RFC 9106) and XChaCha20-Poly1305.

The header (format, cost and salt) is authenticated with the secret, and its cost is checked against
limits before any work is done. So a planted file can neither exhaust the machine nor make it derive
a cheap key. This module reads no file and asks for no passphrase.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Self

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.utils import random as random_bytes

from assigncli.errors import AssignError, IdentityUnavailable, InvalidInput

MODERATE: Final = (argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
"""3 passes over 256 MiB: half a second for each command that needs the key.

That is deliberately above the 64 MiB that RFC 9106 recommends where memory is scarce. A thief of
the machine has the file, a person chose the passphrase, and it protects diagnoses: each guess must
cost as much memory as a small machine can spare. Members with a system key store do not wait for
this.
"""
INTERACTIVE: Final = (argon2id.OPSLIMIT_INTERACTIVE, argon2id.MEMLIMIT_INTERACTIVE)
# The most that a file may require: passes, and bytes of memory.
CEILING: Final = (10, 1024**3)
MAX_SECRET: Final = 4096

_MAGIC: Final = b"assignkey\x01"
_HEADER: Final = struct.Struct(f">{len(_MAGIC)}sIQ{argon2id.SALTBYTES}s")
_NONCE: Final = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_SMALLEST: Final = _HEADER.size + _NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES


@dataclass(frozen=True)
class _Header:
    """The header of a locked secret; its cost is checked when it is created."""

    opslimit: int
    memlimit: int
    salt: bytes

    def __post_init__(self) -> None:
        cost = (self.opslimit, self.memlimit)
        within = zip(INTERACTIVE, cost, CEILING, strict=True)
        if not all(least <= value <= most for least, value, most in within):
            raise _damaged()

    @classmethod
    def read(cls, blob: bytes) -> Self:
        magic, opslimit, memlimit, salt = _HEADER.unpack_from(blob)
        if magic != _MAGIC:
            raise _damaged()
        return cls(opslimit, memlimit, salt)

    def encode(self) -> bytes:
        return _HEADER.pack(_MAGIC, self.opslimit, self.memlimit, self.salt)

    def derive(self, passphrase: bytes) -> bytes:
        try:
            return argon2id.kdf(
                crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
                passphrase,
                self.salt,
                opslimit=self.opslimit,
                memlimit=self.memlimit,
            )
        except (CryptoError, RuntimeError, MemoryError):
            raise IdentityUnavailable("memory_short") from None


def lock(secret: bytes, passphrase: bytes, *, cost: tuple[int, int] = MODERATE) -> bytes:
    """Lock `secret` under `passphrase`; `cost` is Argon2id's passes and bytes of memory.

    Raises InvalidInput (`passphrase_empty`) for an empty passphrase, IdentityUnavailable
    `memory_short`, and `key_file_damaged` for a secret over `MAX_SECRET` or a cost outside the
    limits.
    """
    if not passphrase:
        raise InvalidInput("passphrase_empty")
    if len(secret) > MAX_SECRET:
        raise _damaged()
    header = _Header(*cost, random_bytes(argon2id.SALTBYTES))
    known, nonce = header.encode(), random_bytes(_NONCE)
    key = header.derive(passphrase)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(secret, known, nonce, key)
    return known + nonce + bytes(sealed)


def unlock(blob: bytes, passphrase: bytes) -> bytes:
    """Return the secret in `blob`.

    Raises IdentityUnavailable: `key_file_damaged` for a blob that `lock` did not make,
    `passphrase_wrong` where it does not open (a flipped bit looks the same), `memory_short`.
    """
    if not _SMALLEST <= len(blob) <= _SMALLEST + MAX_SECRET:
        raise _damaged()
    header = _Header.read(blob)
    nonce, sealed = blob[_HEADER.size :][:_NONCE], blob[_HEADER.size + _NONCE :]
    key = header.derive(passphrase)
    try:
        secret = crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, header.encode(), nonce, key)
    except (CryptoError, ValueError, TypeError):
        raise _wrong() from None
    return bytes(secret)


def _wrong() -> AssignError:
    return IdentityUnavailable("passphrase_wrong")


def _damaged() -> AssignError:
    return IdentityUnavailable("key_file_damaged", "file")
