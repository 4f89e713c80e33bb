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


@dataclass(frozen=True)
class HeldRow:
    """One row that names the member: its table, and its columns by name, as they are stored."""

    table: str
    columns: dict[str, str | int | None]


@dataclass(frozen=True)
class ReadOn:
    """Where the next part begins: in this table, after the row with this hidden number."""

    table: str
    after: int


@dataclass(frozen=True)
class WantedHeld:
    """Whose rows are asked for, and from where on; None for the first part."""

    handle: str
    place: ReadOn | None


@dataclass(frozen=True)
class Held:
    """Part of what is held about a member; `following` is None at the end."""

    member_id: UUID
    handle: str
    display_name: str
    rows: tuple[HeldRow, ...]
    following: ReadOn | None


PERSON = Lookup("show.person", ByReference, PersonAssignments)
HELD = Lookup("show.held", WantedHeld, Held)
