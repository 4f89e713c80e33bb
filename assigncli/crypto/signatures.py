"""Sign and verify a body bound to one purpose.

What is signed is `assigncli/<purpose>/v1`, a zero byte, and the body. Who may sign what is not
decided here. Ed25519 is libsodium's alone, because implementations disagree on unusual signatures
and every verifier of a log must agree.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final

from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

_REMEMBERED: Final = 1024

_PURPOSE: Final = re.compile(r"[a-z]+(-[a-z]+)*\Z")
_HEAD: Final = re.compile(rb"assigncli/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n")


def signed_bytes(purpose: str, body: bytes) -> bytes:
    """Return the signed bytes; the purpose keeps one kind of body from passing for another."""
    return _said_before(purpose) + body


@lru_cache(maxsize=_REMEMBERED)
def _said_before(purpose: str) -> bytes:
    if not _PURPOSE.match(purpose):
        raise ValueError("A purpose is lower-case words joined by hyphens.")
    return b"assigncli/" + purpose.encode("ascii") + b"/v1\0"


def signature_holds(signing_key: bytes, purpose: str, body: bytes, signature: bytes) -> bool:
    """Say whether `signature` is `signing_key`'s over `body` for this purpose; never raises."""
    try:
        return _holds(signing_key, purpose, body, signature)
    except TypeError:  # an argument is not bytes
        return False


@lru_cache(maxsize=_REMEMBERED)
def _holds(signing_key: bytes, purpose: str, body: bytes, signature: bytes) -> bool:
    """Verify a signature; cached, because a command meets the same ones in each transaction."""
    try:
        _ready(signing_key).verify(signed_bytes(purpose, body), signature)
    except (CryptoError, ValueError, TypeError):
        return False
    return True


@lru_cache(maxsize=_REMEMBERED)
def _ready(signing_key: bytes) -> VerifyKey:
    return VerifyKey(signing_key)


def digest(purpose: str, body: bytes) -> bytes:
    """Return the SHA-256 that identifies a signed body; the signature is not covered."""
    return hashlib.sha256(signed_bytes(purpose, body)).digest()


def is_head_text(text: bytes) -> bool:
    """Say whether `text` begins like a head of a log, which `signed_bytes` never does.

    Heads are signed without a purpose, so that they are C2SP signed notes.
    """
    return _HEAD.match(text) is not None


def head_signature_holds(signing_key: bytes, text: bytes, signature: bytes) -> bool:
    """Say whether `signature` is `signing_key`'s over a head's text; never raises."""
    try:
        VerifyKey(signing_key).verify(text, signature)
    except (CryptoError, ValueError, TypeError):
        return False
    return is_head_text(text)
