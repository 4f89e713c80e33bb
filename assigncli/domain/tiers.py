"""Compute running counts, sequence number and tier from ledger lines (SPEC section 6).

Each line carries the counts after it, computed from those of the line before. This module reads and
stores no line, and makes no report.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from assigncli.domain.rules import Rule
from assigncli.errors import InvalidInput, RuleRefused


class LedgerKind(StrEnum):
    """What a line of the ledger records."""

    DISPATCHED = "dispatched"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    COMPLETED = "completed"


class Change(NamedTuple):
    """How much one line changes a mentor's two counts in its cycle."""

    dispatched_change: int
    completed_change: int


CHANGES: Final[dict[LedgerKind, Change]] = {
    LedgerKind.DISPATCHED: Change(1, 0),
    LedgerKind.RECALLED: Change(-1, 0),
    LedgerKind.CANCELLED: Change(-1, 0),
    LedgerKind.EXPIRED: Change(-1, 0),
    LedgerKind.COMPLETED: Change(0, 1),
}
"""The only changes a line may carry; a test compares the database's trigger with it."""


class Counts(NamedTuple):
    """A mentor's running counts in one cycle, after one line; all 0 before the first.

    `dispatched_count` excludes recalled, cancelled and expired assignments. The others count
    completions: all of them; those dispatched in another cycle; and those where the mentor said
    that the contact was in person, or that it was not.
    """

    dispatched_count: int = 0
    completed_count: int = 0
    from_earlier_count: int = 0
    in_person_count: int = 0
    not_in_person_count: int = 0

    def after(
        self, kind: LedgerKind, *, in_person: bool | None = None, from_earlier: bool = False
    ) -> Counts:
        """Return the counts after one more line; the last two arguments are for a completion."""
        change = CHANGES[kind]
        return Counts(
            self.dispatched_count + change.dispatched_change,
            self.completed_count + change.completed_change,
            self.from_earlier_count + from_earlier,
            self.in_person_count + (in_person is True),
            self.not_in_person_count + (in_person is False),
        )


class Tier(StrEnum):
    """The honorarium that a count earns."""

    NONE = "none"
    STANDARD = "standard"
    ELEVATED = "elevated"


@dataclass(frozen=True)
class Thresholds:
    """The count from which each tier holds.

    Raises InvalidInput `thresholds_invalid` unless 1 <= standard < elevated.
    """

    standard: int = 3
    elevated: int = 15

    def __post_init__(self) -> None:
        """Refuse thresholds out of order."""
        if not 1 <= self.standard < self.elevated:
            raise InvalidInput("thresholds_invalid")


DEFAULT_THRESHOLDS: Final = Thresholds()


def tier_for(count: int, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Tier:
    """Return the tier that holds at `count` (rule `threshold_honorarium_trigger`)."""
    if count >= thresholds.elevated:
        return Tier.ELEVATED
    return Tier.STANDARD if count >= thresholds.standard else Tier.NONE


def tier_reached_at(count: int, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Tier | None:
    """Return the tier that the `count`-th completion is the first to earn, or None."""
    tier = tier_for(count, thresholds)
    return tier if tier is not tier_for(count - 1, thresholds) else None


def next_tier(count: int, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Tier | None:
    """Return the tier above the one at `count`; None at the highest."""
    return {
        Tier.NONE: Tier.STANDARD,
        Tier.STANDARD: Tier.ELEVATED,
        Tier.ELEVATED: None,
    }[tier_for(count, thresholds)]


def remaining(count: int, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> int | None:
    """Return how many completions are left to the next tier; None at the highest."""
    for threshold in (thresholds.standard, thresholds.elevated):
        if count < threshold:
            return threshold - count
    return None


def next_sequence(running_count: int) -> int:
    """Return the `threshold_sequence_number` of the next dispatch: the running count plus one.

    Raises RuleRefused `threshold_sequence_positive` if that is below one, which only a damaged
    ledger can cause.
    """
    if running_count < 0:
        raise RuleRefused(Rule.THRESHOLD_SEQUENCE_POSITIVE)
    return running_count + 1
