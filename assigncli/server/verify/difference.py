"""A finding about a table of the store that contradicts the signed entries."""

from __future__ import annotations

from dataclasses import dataclass, field

from assigncli.server.finding import Finding


@dataclass(frozen=True)
class Difference(Finding):
    """Where a table contradicts the log; `sequence` is 0 where no entry speaks of it.

    `number` is the assignment's. `name` is a status, or the name of a setting, a cycle or a member.
    `column` is the column that differs. `explainable` says that a missing or bad entry may explain
    it. `member` is the id of the row's member, as stored.
    """

    number: int | None = None
    name: str | None = None
    column: str | None = None
    explainable: bool = field(default=False, compare=False)
    member: str | None = field(default=None, compare=False)
