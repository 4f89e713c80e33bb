"""Lock a file's content under a passphrase: a random key encrypts it, the passphrase locks the key.

What is known of the content, such as a header, is authenticated with it. This module reads no file.
"""

from __future__ import annotations

import struct
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError
from nacl.utils import random as random_bytes

from assigncli.crypto.passphrase import lock, unlock
from assigncli.errors import IdentityUnavailable

_LENGTH: Final = struct.Struct(">H")
_NONCE: Final = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


def lock_content(content: bytes, passphrase: bytes, known: bytes) -> bytes:
    """Return `content`, readable with the passphrase alone; raises as `passphrase.lock`."""
    key = random_bytes(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    locked, nonce = lock(key, passphrase), random_bytes(_NONCE)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(content, known + locked, nonce, key)
    return _LENGTH.pack(len(locked)) + locked + nonce + bytes(sealed)


def unlock_content(blob: bytes, passphrase: bytes, known: bytes) -> bytes:
    """Return what `lock_content` locked.

    Raises IdentityUnavailable `passphrase_wrong`, also for an altered content, `key_file_damaged`.
    """
    if len(blob) < _LENGTH.size:
        raise IdentityUnavailable("key_file_damaged", "file")
    (length,) = _LENGTH.unpack_from(blob)
    rest = blob[_LENGTH.size :]
    locked, nonce, sealed = rest[:length], rest[length:][:_NONCE], rest[length + _NONCE :]
    key = unlock(locked, passphrase)
    try:
        content = crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, known + locked, nonce, key)
    except (CryptoError, ValueError, TypeError):
        raise IdentityUnavailable("passphrase_wrong") from None
    return bytes(content)
