"""The size of a log and the root of its tree: what a device has seen of it (PROTOCOL.md 3.1).

It is a head without its signature. A module of its own, without cryptography: commands that only
read compare what they see with what was seen before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from assigncli.protocol.tree import EMPTY_ROOT


@dataclass(frozen=True)
class Seen:
    """The newest head that a device keeps, without its signature."""

    size: int
    root: bytes

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"size": self.size, "root": self.root.hex()}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields that conform to `SEEN`."""
        return cls(fields["size"], bytes.fromhex(fields["root"]))


NOTHING_SEEN: Final = Seen(0, EMPTY_ROOT)
