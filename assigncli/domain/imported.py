"""The assignment that a row of an earlier sheet created."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from assigncli.domain.lifecycle import Status


@dataclass(frozen=True)
class Imported:
    """An assignment created from a sheet's row, with the keyed digest of that row."""

    number: int
    id: UUID
    status: Status
    digest: bytes = field(repr=False)
