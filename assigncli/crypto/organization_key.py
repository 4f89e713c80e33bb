"""The organisation's own key: it seals notification addresses and keys the import hash.

It is 32 random bytes, sealed to the organisation's coordinators, administrators and service member.
It opens no payload: its seals carry another label than those of assignments, so that neither can
pass for the other.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from nacl.utils import random as random_bytes

from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.crypto.padding import pad, unpad
from assigncli.crypto.sealing import KEY_SIZE, OVERHEAD, open_sealed, seal_to
from assigncli.crypto.statement import canonical, prefixed
from assigncli.errors import AssignError, Tampered
from assigncli.locale import _

PURPOSE: Final = "organization-key"

_SUITE: Final = 1
_SUITE_BYTE: Final = bytes([_SUITE])
_NONCE: Final = 12
_LABEL: Final = b"assigncli/organization-key"
_VALUE_LABEL: Final = b"assigncli/organization-value"
_DIGEST_LABEL: Final = b"assigncli/organization-digest"


def new_organization_key() -> bytes:
    """Make a key from the operating system's randomness."""
    return random_bytes(KEY_SIZE)


def wrap_organization_key(
    key: bytes, organization_id: UUID, key_id: UUID, reader_id: UUID, reader_key: bytes
) -> bytes:
    """Seal the key to one reader, 80 bytes; Tampered (`public_key_invalid`) for an unusable key."""
    _require_key(key)
    return seal_to(reader_key, key, _wrap_info(organization_id, key_id, reader_id))


def unwrap_organization_key(
    wrapped: bytes, organization_id: UUID, key_id: UUID, reader_id: UUID, identity: Identity
) -> bytes:
    """Return the key; Tampered (`organization_key_altered`) where it was not sealed for this."""
    if len(wrapped) != KEY_SIZE + OVERHEAD:
        raise _altered()
    info = _wrap_info(organization_id, key_id, reader_id)
    key = open_sealed(wrapped, identity.encryption_seed, info)
    if key is None:
        raise _altered()
    return key


def organization_key_statement(
    organization_id: UUID, key_id: UUID, reader_id: UUID, wrapped: bytes
) -> bytes:
    """Return what the wrap's maker signs, with purpose `PURPOSE`."""
    return canonical(
        {
            "suite": _SUITE,
            "organization_id": str(organization_id),
            "key_id": str(key_id),
            "reader_id": str(reader_id),
            "wrap_sha256": hashlib.sha256(wrapped).hexdigest(),
        }
    )


def verify_organization_key_wrap(
    wrapped: bytes,
    signature: bytes,
    *,
    organization_id: UUID,
    key_id: UUID,
    reader_id: UUID,
    maker: PublicIdentity,
) -> None:
    """Raise Tampered (`organization_key_altered`) unless `maker` made this wrap for this reader."""
    body = organization_key_statement(organization_id, key_id, reader_id, wrapped)
    if not maker.verify(PURPOSE, body, signature):
        raise _altered()


def seal_value(
    key: bytes, value: bytes, *, organization_id: UUID, owner_id: UUID, purpose: str
) -> bytes:
    """Encrypt a short value (a notification address) for its owner and purpose, padded."""
    bound = prefixed(_VALUE_LABEL, organization_id.bytes, owner_id.bytes, purpose.encode("utf-8"))
    nonce = random_bytes(_NONCE)
    cipher = AESGCM(_subkey(key, _VALUE_LABEL))
    return _SUITE_BYTE + nonce + cipher.encrypt(nonce, pad(value), bound)


def open_value(
    sealed: bytes, key: bytes, *, organization_id: UUID, owner_id: UUID, purpose: str
) -> bytes:
    """Return the value; Tampered (`organization_value_altered`) where anything does not fit."""
    bound = prefixed(_VALUE_LABEL, organization_id.bytes, owner_id.bytes, purpose.encode("utf-8"))
    nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    if sealed[:1] != _SUITE_BYTE:
        raise _value_altered()
    try:
        return unpad(AESGCM(_subkey(key, _VALUE_LABEL)).decrypt(nonce, ciphertext, bound))
    except (InvalidTag, ValueError, TypeError, OverflowError):
        raise _value_altered() from None


def keyed_digest(key: bytes, data: bytes, *, purpose: str) -> bytes:
    """Return HMAC-SHA256 of `data`, which tells nothing to those without the key."""
    subkey = _subkey(key, _DIGEST_LABEL)
    return hmac.digest(subkey, prefixed(purpose.encode("utf-8"), data), "sha256")


def _wrap_info(organization_id: UUID, key_id: UUID, reader_id: UUID) -> bytes:
    return prefixed(_LABEL, _SUITE_BYTE, organization_id.bytes, key_id.bytes, reader_id.bytes)


def _subkey(key: bytes, label: bytes) -> bytes:
    _require_key(key)
    return HKDFExpand(algorithm=SHA256(), length=KEY_SIZE, info=label).derive(key)


def _require_key(key: bytes) -> None:
    if len(key) != KEY_SIZE:
        raise _altered()


def _value_altered() -> AssignError:
    return Tampered(
        _("A sealed setting was altered or does not belong here."),
        _("Enter it again, for example the notification address."),
        code="organization_value_altered",
    )


def _altered() -> AssignError:
    return Tampered(
        _("The organisation's key was altered or is not sealed to you."),
        _("Ask an administrator to seal it to you again."),
        code="organization_key_altered",
    )
