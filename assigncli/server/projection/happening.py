"""One thing that happened: an entry of the log, with what only its statement says."""

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

    `facts` are the entry's, `arguments`, `texts` and the hashes of `attachments` those of the
    statement that it carries out, and `statement` is that one's hash; where the service states it
    alone there are none of these.
    `sequence` is the entry's place in the log, 0 while it has none yet.
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
        """Return the id that a fact gives; None where it gives none."""
        found = self.facts.get(name)
        return None if found is None else UUID(str(found))
