"""The size of a log and the root of its tree: what a device has seen of it (PROTOCOL.md 3.1).

It is a head without its signature. A module of its own, without cryptography or forms: commands
that only read compare what they see with what was seen before.
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
