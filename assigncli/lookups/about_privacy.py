"""What is kept about a person visited, found by their reference, and about a member."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from assigncli.domain.lifecycle import Status
from assigncli.lookups import Lookup


@dataclass(frozen=True)
class ByReference:
    """Asked about one person visited: the reference of their assignments, exactly."""

    reference: str


@dataclass(frozen=True)
class PersonAssignment:
    """One assignment about the person; `is_archived` if only the archive has it."""

    id: UUID
    number: int
    title: str
    status: Status
    recipient: str
    recipient_name: str
    is_archived: bool


@dataclass(frozen=True)
class PersonAssignments:
    """The assignments with one reference, by number. Two persons may share a reference."""

    assignments: tuple[PersonAssignment, ...]


PERSON = Lookup("show.person", ByReference, PersonAssignments)
