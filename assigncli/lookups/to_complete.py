"""What a shell may be offered to complete a line with; never personal data.

It is offered and nothing more: a command that is then run looks everything up itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from assigncli.domain.lifecycle import Status


@dataclass(frozen=True)
class Which:
    """Which assignments are offered: whose, in which statuses (all if none is named).

    "seen" is all that the member may see, "received" what is sent to them and not declined,
    "office" is for the office only, and "own" for what they made there themselves.
    """

    whose: Literal["seen", "received", "office", "own"] = "seen"
    statuses: tuple[Status, ...] = ()
    awaits_consent: bool = False


@dataclass(frozen=True)
class OfferedNumber:
    """An assignment's number and title."""

    number: int
    title: str


@dataclass(frozen=True)
class OfferedHandle:
    """A member's handle, with the words for status, mentor's profile (or None) and roles."""

    handle: str
    status: str
    profile: str | None
    roles: frozenset[str]


@dataclass(frozen=True)
class OfferedCycle:
    """A cycle's name and status."""

    name: str
    status: str


class Offers(Protocol):
    """What one member may be offered, from a store or from the last lists of a remote one."""

    def numbers(self, which: Sequence[Which], prefix: str) -> list[OfferedNumber]:
        """Return assignments whose number begins so, newest first."""

    def handles(self, prefix: str) -> list[OfferedHandle]:
        """Return members whose handle begins so; a mentor is offered only their own."""

    def cycles(self) -> list[OfferedCycle]:
        """Return the cycles, newest first."""
