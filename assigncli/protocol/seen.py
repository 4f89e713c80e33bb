"""The size of a log and the root of its tree: what a device has seen of it (PROTOCOL.md 3.1).

It is a head without its signature. A module of its own, without cryptography: commands that only
read compare what they see with what was seen before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assigncli.protocol.codec import Coded, Hash, Number
from assigncli.protocol.tree import EMPTY_ROOT


@dataclass(frozen=True)
class Seen(Coded):
    """The newest head that a device keeps, without its signature."""

    size: Number
    root: Hash


NOTHING_SEEN: Final = Seen(0, EMPTY_ROOT)
