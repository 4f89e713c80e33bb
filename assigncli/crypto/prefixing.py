"""Join bytes so that they stay separable, for what is sealed, hashed or sent.

Loads no library: what only carries messages starts without any.
"""

from __future__ import annotations


def prefixed(*parts: bytes) -> bytes:
    """Join `parts`, each after its length (4 bytes, big-endian)."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
