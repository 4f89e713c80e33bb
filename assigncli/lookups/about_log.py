"""The audit log as it is read, and what verifying it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assigncli.lookups import Lookup, Nothing

Fact = str | int | bool | Sequence[str] | None
"""A fact of an entry."""


@dataclass(frozen=True)
class Recorded:
    """One audit entry for display; `at` is aware UTC.

    `number` is the number of the assignment it is about, from the entry. The entry of a refused
    attempt has none; its number is looked up in the store. `actor` is a name; None for the root
    key.
    """

    sequence: int
    at: datetime
    actor: str | None
    action: str
    subject_type: str
    subject_id: UUID | None
    details: dict[str, Fact]
    number: Fact


@dataclass(frozen=True)
class LogPage:
    """Part of the log, newest first; `before` is the argument for the next part, None at the end.

    `total` counts all entries, or those of the one assignment asked for.
    """

    entries: tuple[Recorded, ...]
    total: int
    before: int | None


@dataclass(frozen=True)
class LogFault:
    """What is wrong at the entry `sequence`; for several entries, up to and including `through`.

    `of_table` says that a table of the store contradicts the log; `sequence` is 0 where no entry
    speaks of it. `number` is the assignment's, `name` a status or the name of a setting, a cycle or
    a member, and `column` the column that differs.
    """

    sequence: int
    through: int | None
    code: str
    of_table: bool
    number: int | None
    name: str | None
    column: str | None


@dataclass(frozen=True)
class LogRestored:
    """A restore that an administrator confirmed in the entry `sequence`, at `at` (aware UTC).

    Entries from `sequence` up to `lost_to` had been written before and are lost; if `lost_to` is
    below `sequence`, nobody knew of any.
    """

    sequence: int
    at: datetime
    lost_to: int
    cause: str


@dataclass(frozen=True)
class LogCheck:
    """The result of verifying the log: `entries` were read; `size` and `root` are the head's."""

    entries: int
    size: int
    root: str
    faults: tuple[LogFault, ...]
    restores: tuple[LogRestored, ...] = ()


@dataclass(frozen=True)
class WantedLog:
    """Which part of the log is asked for: of one assignment as typed or of all, below `before`."""

    reference: str | None
    before: int | None
    limit: int


LOG = Lookup("show.log", WantedLog, LogPage)
CHECK = Lookup("show.check", Nothing, LogCheck)
