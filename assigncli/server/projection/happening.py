"""An entry of the log, together with what only its statement says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from assigncli.protocol.texts import Text


@dataclass(frozen=True)
class Happening:
    """What an entry says: which act, about which subject, by which member, when (aware UTC).

    `facts` are the entry's. `arguments`, `texts` and the hashes of `attachments` are those of the
    statement that it carries out, and `statement` is its hash; all are empty where the service acts
    without a statement. `sequence` is the entry's place in the log, 0 until it has one.
    """

    organization: UUID
    act: str
    subject: UUID
    actor: UUID
    at: datetime
    facts: Mapping[str, Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict, repr=False)
    attachments: tuple[bytes, ...] = ()
    statement: bytes | None = None
    sequence: int = 0

    def id(self, name: str) -> UUID | None:
        """Return the id in a fact, or None."""
        found = self.facts.get(name)
        return None if found is None else UUID(str(found))
