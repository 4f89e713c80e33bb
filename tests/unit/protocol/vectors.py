"""The known answers of PROTOCOL.md, read once each, for the tests of what makes and reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent.parent / "vectors" / "protocol"


@cache
def vectors(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def flipped(data: bytes) -> Iterator[bytes]:
    """Yield `data` with one bit changed in each byte."""
    for at in range(len(data)):
        yield data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
