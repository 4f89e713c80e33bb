"""Pad to steps of 256 bytes (ISO/IEC 7816-4), so that a ciphertext's length reveals little.

Padding is always present and always minimal, and removing it checks both. The number of steps is
still visible.
"""

from __future__ import annotations

from typing import Final

STEP: Final = 256
_MARK: Final = b"\x80"


def pad(payload: bytes) -> bytes:
    """Append the mark, and zeros up to the next step."""
    marked = payload + _MARK
    return marked + bytes(-len(marked) % STEP)


def unpad(padded: bytes) -> bytes:
    """Return the payload; ValueError unless `pad` would give exactly `padded`."""
    payload, mark, _zeros = padded.rpartition(_MARK)
    if not mark or pad(payload) != padded:
        raise ValueError("The padding is not right.")
    return payload
