"""The organisation's cycles and upkeep, as `doctor` and `status` show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assigncli.domain.reporting_cycles import Cycle
from assigncli.errors import AssignError
from assigncli.lookups import Lookup, Nothing


@dataclass(frozen=True)
class Coverage:
    """The cycle that covers today, for display.

    `name` is None if the calendar year's opens by itself. `refusal` says why nothing can be sent;
    None if something can.
    """

    name: str | None
    refusal: AssignError | None


@dataclass(frozen=True)
class Swept:
    """The last sweep of the organisation: when (aware UTC), and how many things failed."""

    at: datetime
    failed: int


@dataclass(frozen=True)
class Upkeep:
    """The upkeep of the organisation in its store. Times are aware UTC.

    `coverage` is for coordinators and administrators only, who can change it.
    """

    newest_entry: datetime | None
    last_sweep: Swept | None
    service_members: tuple[UUID, ...]
    coverage: Coverage | None


@dataclass(frozen=True)
class Cycles:
    """Reporting cycles, newest first."""

    cycles: tuple[Cycle, ...]


@dataclass(frozen=True)
class SettingValues:
    """Every setting's value as text, by name; the default for those never set."""

    values: dict[str, str]


CYCLES = Lookup("show.cycles", Nothing, Cycles)
SETTINGS = Lookup("show.settings", Nothing, SettingValues)
UPKEEP = Lookup("show.upkeep", Nothing, Upkeep)
