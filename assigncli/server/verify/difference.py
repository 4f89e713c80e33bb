"""What is found where a table of the store says otherwise than the signed entries."""

from __future__ import annotations

from dataclasses import dataclass, field

from assigncli.server.finding import Finding


@dataclass(frozen=True)
class Difference(Finding):
    """Where a table says otherwise than the log; `sequence` is 0 where no entry speaks of it.

    `number` is the assignment's. `name` says what of it: a status; else the name of a setting, a
    cycle or a member.
    `column` is the column that differs. `explainable` says that an entry which is missing or not
    good may have said so. `member` is whose row it is, by the id as it lies.
    """

    number: int | None = None
    name: str | None = None
    column: str | None = None
    explainable: bool = field(default=False, compare=False)
    member: str | None = field(default=None, compare=False)
