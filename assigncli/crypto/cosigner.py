"""An auditor's key, which signs cosignatures of checkpoints and nothing else.

Where the key is kept is decided in `client.keys`. Whether a checkpoint may be cosigned is decided
in `trust.cosigning`.
"""

from __future__ import annotations

from typing import Final

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from assigncli.crypto.identity import SeedKey, spoken_digits
from assigncli.crypto.sealing import require_signing_key
from assigncli.errors import AssignError

_COSIGNED: Final = b"cosignature/v1\ntime "


class CosignerKey(SeedKey):
    """An auditor's private key."""

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

    `purpose` keeps the digits of a checkpoint from passing for those of a key.
    """
    return spoken_digits(f"assigncli/{purpose}/v1\0{text}".encode())
