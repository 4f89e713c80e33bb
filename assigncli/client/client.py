"""A member's side of every exchange: their keys, what they pinned and saw, and the connection.

Composed by `cli.session`. The keys are loaded only when an act needs them, so that reading a list
unlocks nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn
from uuid import UUID

from assigncli.kept_heads import Witness

if TYPE_CHECKING:
    from assigncli.client.exchange import Connection
    from assigncli.client.waiting import Waiting
    from assigncli.crypto.identity import Identity
    from assigncli.lookups import Look
    from assigncli.trust.replies import Done


def _unconnected(*_sent: object) -> NoReturn:
    raise AssertionError("a client is used before it is connected")


def _nothing(*_done: object) -> None:
    """Note nothing."""


@dataclass(eq=False)
class Client:
    """One acting member. `now` is aware UTC; `zone` is the organisation's IANA time zone.

    `now` never moves back: it becomes the time of the last act. `address` is the server's address
    for invitations.
    """

    address: str
    now: datetime
    organization_id: UUID
    member_id: UUID
    root_public_key: bytes = field(repr=False)
    zone: str
    load_identity: Callable[[], Identity] = field(repr=False)
    connection: Connection = field(default=_unconnected, repr=False)
    look: Look = field(default=_unconnected, repr=False)
    """Looks up what is shown to people."""
    witness: Witness = field(default_factory=Witness, repr=False)
    waiting: Waiting | None = field(default=None, repr=False)
    """What this profile has signed and has no answer to; None where nothing is noted."""
    note_done: Callable[[Done], object] = field(default=_nothing, repr=False)
    """Notes an act that was carried out."""
    unasked: Callable[[], AbstractContextManager[object]] = field(default=nullcontext, repr=False)
    """Wraps exchanges that the person did not ask for."""

    @cached_property
    def identity(self) -> Identity:
        """The acting member's private keys; raises IdentityUnavailable."""
        return self.load_identity()
