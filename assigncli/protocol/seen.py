"""The size of a log and the root of its tree, as a device has seen them (PROTOCOL.md 3.1).

This is a head without its signature. It is a separate module without cryptography or forms, because
commands that only read use it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assigncli.protocol.tree import EMPTY_ROOT


@dataclass(frozen=True)
class Seen:
    """The newest head that a device keeps, without its signature."""

    size: int
    root: bytes


NOTHING_SEEN: Final = Seen(0, EMPTY_ROOT)
