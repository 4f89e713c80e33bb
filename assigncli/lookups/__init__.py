"""What a member looks up at the server, and what the server shows: typed, for people to read.

An answer is the server's word: nothing in it is proven but that the log continues what this device
has seen of it, and no act rests on it. Acts ask for evidence instead (`protocol.question`). In the
server's own process a lookup is a call; elsewhere it is a question, and `crossing` writes and reads
what is asked and shown (PROTOCOL.md section 3.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Asked = TypeVar("Asked")
Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Lookup(Generic[Asked, Shown]):
    """One kind of lookup: its name in a question, and the types of what is asked and shown."""

    name: str
    asked: type[Asked]
    shown: type[Shown]


class Look(Protocol):
    """Looks something up; raises the server's errors, and StoreUnavailable."""

    def __call__(self, lookup: Lookup[Asked, Shown], asked: Asked, /) -> Shown:
        """Return what the server shows."""


@dataclass(frozen=True)
class Nothing:
    """Asked of a lookup that needs no argument."""


@dataclass(frozen=True)
class ByHandle:
    """Asked about one member."""

    handle: str


AnyLookup = Lookup[Any, Any]
