"""The organisation's own keys: one seals notification addresses, one keys the import hash.

Each is 32 random bytes. Neither opens a payload: their wraps are bound to another label than those
of assignments, so that neither can be used as the other. Which devices hold them, and who signed
the wraps, is not decided here.
"""

from __future__ import annotations

import hmac
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from nacl.utils import random as random_bytes

from assigncli.crypto.identity import Identity
from assigncli.crypto.padding import STEP, pad, unpad
from assigncli.crypto.prefixing import prefixed
from assigncli.crypto.sealing import KEY_SIZE, OVERHEAD, open_sealed, seal_to
from assigncli.errors import AssignError, Tampered

_SUITE_BYTE: Final = b"\x01"
_NONCE: Final = 12
_TAG: Final = 16
_VALUE_LABEL: Final = b"assigncli/organization-value"
_DIGEST_LABEL: Final = b"assigncli/organization-digest"


def organization_key_altered() -> AssignError:
    """Return the error for a wrap that is not what its maker signed for this reader."""
    return Tampered("organization_key_altered")


def new_organization_key() -> bytes:
    """Return a new key from the operating system's randomness."""
    return random_bytes(KEY_SIZE)


def wrap_organization_key(key: bytes, info: bytes, reader_key: bytes) -> bytes:
    """Seal the key to one device, bound to `info`; 80 bytes.

    Raises Tampered `public_key_invalid` for an unusable reader's key, `organization_key_altered`
    for a key that is not 32 bytes.
    """
    _require_key(key)
    return seal_to(reader_key, key, info)


def unwrap_organization_key(wrapped: bytes, info: bytes, identity: Identity) -> bytes:
    """Return the key; Tampered (`organization_key_altered`) for another reader's wrap or `info`."""
    if len(wrapped) != KEY_SIZE + OVERHEAD:
        raise organization_key_altered()
    key = open_sealed(wrapped, identity.encryption_seed, info)
    if key is None:
        raise organization_key_altered()
    return key


def seal_value(
    key: bytes, value: bytes, *, organization_id: UUID, owner_id: UUID, purpose: str
) -> bytes:
    """Encrypt a short value (a notification address), padded, for its owner and purpose."""
    bound = prefixed(_VALUE_LABEL, organization_id.bytes, owner_id.bytes, purpose.encode("utf-8"))
    nonce = random_bytes(_NONCE)
    cipher = AESGCM(_subkey(key, _VALUE_LABEL))
    return _SUITE_BYTE + nonce + cipher.encrypt(nonce, pad(value), bound)


def is_sealed(value: bytes) -> bool:
    """Say whether `value` has the form of what `seal_value` returns."""
    padded = len(value) - len(_SUITE_BYTE) - _NONCE - _TAG
    return value[:1] == _SUITE_BYTE and padded > 0 and padded % STEP == 0


def open_value(
    sealed: bytes, key: bytes, *, organization_id: UUID, owner_id: UUID, purpose: str
) -> bytes:
    """Return the value; Tampered (`organization_value_altered`) where anything does not match."""
    bound = prefixed(_VALUE_LABEL, organization_id.bytes, owner_id.bytes, purpose.encode("utf-8"))
    nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    if sealed[:1] != _SUITE_BYTE:
        raise _value_altered()
    try:
        return unpad(AESGCM(_subkey(key, _VALUE_LABEL)).decrypt(nonce, ciphertext, bound))
    except (InvalidTag, ValueError, TypeError, OverflowError):
        raise _value_altered() from None


def keyed_digest(key: bytes, data: bytes, *, purpose: str) -> bytes:
    """Return HMAC-SHA256 of `data`, which reveals nothing without the key."""
    subkey = _subkey(key, _DIGEST_LABEL)
    return hmac.digest(subkey, prefixed(purpose.encode("utf-8"), data), "sha256")


def _subkey(key: bytes, label: bytes) -> bytes:
    _require_key(key)
    return HKDFExpand(algorithm=SHA256(), length=KEY_SIZE, info=label).derive(key)


def _require_key(key: bytes) -> None:
    if len(key) != KEY_SIZE:
        raise organization_key_altered()


def _value_altered() -> AssignError:
    return Tampered("organization_value_altered")
