"""Reporting cycles and the honorarium ledger: numbers that are neither shared nor skipped.

The ledger is the only count. A dispatch is written first, then its line, in one transaction; a
dispatch or withdrawal without its line stops the next dispatch to the same mentor. Each line
carries the counts after it, which are held to the line before: whoever asks reads the last line.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own constants, never from input

from __future__ import annotations

from typing import Final

from assigncli.domain.honorarium import CHANGES, DEFAULT_THRESHOLDS, LedgerKind, Tier
from assigncli.domain.lifecycle import Status
from assigncli.domain.rules import Rule
from assigncli.store.conditions import IS_WITHDRAWN
from assigncli.store.guards.people import DISPATCHING
from assigncli.store.guards.shape import (
    Code,
    Guard,
    fixed,
    is_moment,
    one_of,
    refuse,
    undeletable,
    unreplaceable,
)

_CYCLE_OF_ORGANIZATION: Final = (
    "id = NEW.reporting_cycle_id AND organization_id = NEW.organization_id"
)


def _within(moment: str) -> str:
    """Test a moment against a cycle's local days; a day's leniency covers every time zone."""
    return f"substr({moment}, 1, 10) BETWEEN date(starts_on, '-1 day') AND date(ends_on, '+1 day')"


_OVERLAP: Final = (
    "EXISTS (SELECT 1 FROM reporting_cycles WHERE organization_id = NEW.organization_id"
    " AND id <> NEW.id AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on)"
)

_CYCLE_GUARDS: Final = (
    *unreplaceable("reporting_cycles", Code.ALREADY_EXISTS, ("id",), ("organization_id", "name")),
    fixed("reporting_cycles", Rule.ORGANIZATION_SCOPE_ISOLATION, "id", "organization_id"),
    undeletable("reporting_cycles"),
    refuse(
        "reporting_cycles_overlap_insert",
        Code.CYCLES_OVERLAP,
        "BEFORE INSERT ON reporting_cycles",
        _OVERLAP,
    ),
    refuse(
        "reporting_cycles_overlap_update",
        Code.CYCLES_OVERLAP,
        "BEFORE UPDATE OF starts_on, ends_on ON reporting_cycles",
        _OVERLAP,
    ),
    refuse(
        "reporting_cycles_name_taken",
        Code.ALREADY_EXISTS,
        "BEFORE UPDATE OF name ON reporting_cycles",
        "EXISTS (SELECT 1 FROM reporting_cycles WHERE organization_id = NEW.organization_id"
        " AND name = NEW.name AND id <> OLD.id)",
    ),
    refuse(
        "reporting_cycles_begin_open",
        Code.CYCLE_STATUS,
        "BEFORE INSERT ON reporting_cycles",
        "NEW.status <> 'open' OR NEW.closed_at IS NOT NULL",
    ),
    refuse(
        "reporting_cycles_closed_at",
        Code.CYCLE_STATUS,
        "BEFORE UPDATE OF status, closed_at ON reporting_cycles",
        one_of(
            f"(NEW.status = 'closed') IS NOT {is_moment('NEW.closed_at')}",
            "(NEW.status <> 'closed' AND NEW.closed_at IS NOT NULL)",
            "(OLD.status = 'closed' AND NEW.status = 'closed'"
            " AND NEW.closed_at IS NOT OLD.closed_at)",
        ),
    ),
    refuse(
        "reporting_cycle_active",
        Rule.REPORTING_CYCLE_ACTIVE,
        "BEFORE UPDATE OF status ON assignments",
        f"{DISPATCHING}\n  AND NOT EXISTS (SELECT 1 FROM reporting_cycles"
        f" WHERE {_CYCLE_OF_ORGANIZATION} AND status = 'open'"
        f" AND {_within('NEW.dispatched_at')})",
    ),
)


def _same_cycle(event: str, name: str) -> Guard:
    return refuse(
        f"assignments_cycle_{name}",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        event,
        "NEW.reporting_cycle_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reporting_cycles"
        f" WHERE {_CYCLE_OF_ORGANIZATION})",
    )


def _threshold(name: str, default: int) -> str:
    """Return the newest setting of the organisation, or its default."""
    return (
        "coalesce((SELECT CAST(value AS INTEGER) FROM organization_settings"
        f" WHERE organization_id = NEW.organization_id AND name = '{name}'"
        f" ORDER BY id DESC LIMIT 1), {default})"
    )


_ELEVATED_FROM: Final = _threshold("honorarium_elevated_from", DEFAULT_THRESHOLDS.elevated)
_STANDARD_FROM: Final = _threshold("honorarium_standard_from", DEFAULT_THRESHOLDS.standard)
_TIER: Final = (
    f"CASE WHEN NEW.threshold_sequence_number >= {_ELEVATED_FROM} THEN '{Tier.ELEVATED}'\n"
    f"    WHEN NEW.threshold_sequence_number >= {_STANDARD_FROM} THEN '{Tier.STANDARD}'\n"
    f"    ELSE '{Tier.NONE}' END"
)
_RUNNING_COUNT: Final = (
    "coalesce((SELECT dispatched_count FROM assignment_threshold_logs"
    " WHERE member_id = NEW.recipient_user_id AND reporting_cycle_id = NEW.reporting_cycle_id"
    " ORDER BY id DESC LIMIT 1), 0)"
)


_DISPATCHED: Final = f"'{LedgerKind.DISPATCHED}'"


def _line(kind: str, assignment: str = "a.id") -> str:
    return (
        "EXISTS (SELECT 1 FROM assignment_threshold_logs"
        f" WHERE assignment_id = {assignment} AND kind = {kind})"
    )


# A dispatch that waits for its line lets no other through. Until then the running count can only
# go down, so its number is the next one at least: none below that needs to be looked at.
_LINE_MISSING: Final = (
    "EXISTS (SELECT 1 FROM assignments AS a"
    " WHERE a.recipient_user_id = NEW.recipient_user_id"
    " AND a.reporting_cycle_id = NEW.reporting_cycle_id AND a.id <> NEW.id"
    " AND a.threshold_sequence_number >= NEW.threshold_sequence_number"
    f" AND NOT {_line(_DISPATCHED)})\n"
    "  OR EXISTS (SELECT 1 FROM assignments AS a"
    " WHERE a.recipient_user_id = NEW.recipient_user_id"
    " AND a.reporting_cycle_id = NEW.reporting_cycle_id"
    # The plus sign lets the index of what was withdrawn be taken, and not that of all numbers.
    " AND +a.threshold_sequence_number IS NOT NULL"
    f" AND a.{IS_WITHDRAWN} AND NOT {_line('a.status')})"
)
_COUNTED_DRAFT: Final = (
    f"NEW.threshold_sequence_number IS NOT NULL OR NEW.honorarium_tier IS NOT '{Tier.NONE}'"
)

_DISPATCH_GUARDS: Final = (
    _same_cycle("BEFORE INSERT ON assignments", "insert"),
    _same_cycle("BEFORE UPDATE OF reporting_cycle_id ON assignments", "update"),
    refuse(
        "threshold_of_draft_insert",
        Rule.THRESHOLD_HONORARIUM_COUNTING,
        "BEFORE INSERT ON assignments",
        _COUNTED_DRAFT,
    ),
    refuse(
        "threshold_of_draft_update",
        Rule.THRESHOLD_HONORARIUM_COUNTING,
        "BEFORE UPDATE OF threshold_sequence_number, honorarium_tier ON assignments",
        f"OLD.status = '{Status.PENDING}' AND NEW.status <> '{Status.DISPATCHED}'"
        f" AND ({_COUNTED_DRAFT})",
    ),
    refuse(
        "threshold_honorarium_trigger",
        Rule.THRESHOLD_HONORARIUM_TRIGGER,
        "BEFORE UPDATE OF status ON assignments",
        f"{DISPATCHING} AND NEW.threshold_sequence_number IS NOT NULL"
        f" AND NEW.honorarium_tier IS NOT {_TIER}",
    ),
    refuse(
        "threshold_honorarium_counting",
        Rule.THRESHOLD_HONORARIUM_COUNTING,
        "BEFORE UPDATE OF status ON assignments",
        f"{DISPATCHING} AND (NEW.threshold_sequence_number IS NOT 1 + {_RUNNING_COUNT}"
        f"\n  OR {_LINE_MISSING})",
    ),
)


def _changes(change: str) -> str:
    branches = " ".join(
        f"WHEN '{kind}' THEN {getattr(changes, change)}" for kind, changes in CHANGES.items()
    )
    return f"NEW.{change} IS NOT CASE NEW.kind {branches} END"


_OF_ITS_ASSIGNMENT: Final = (
    "EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id"
    " AND organization_id = NEW.organization_id AND recipient_user_id = NEW.member_id)"
)
_DISPATCHED_LINE: Final = (
    "EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id"
    f" AND status <> '{Status.PENDING}' AND threshold_sequence_number IS NOT NULL"
    " AND reporting_cycle_id = NEW.reporting_cycle_id)"
)
_WITHDRAWN_LINE: Final = (
    "(EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND status = NEW.kind)"
    " AND EXISTS (SELECT 1 FROM assignment_threshold_logs"
    f" WHERE assignment_id = NEW.assignment_id AND kind = '{LedgerKind.DISPATCHED}'"
    " AND reporting_cycle_id = NEW.reporting_cycle_id))"
)
_COMPLETED_LINE: Final = (
    "EXISTS (SELECT 1 FROM assignments AS a"
    " JOIN reporting_cycles AS c ON c.id = NEW.reporting_cycle_id"
    f" WHERE a.id = NEW.assignment_id AND a.status = '{Status.COMPLETED}'"
    f" AND ({_within('a.completed_at')} OR c.id = a.reporting_cycle_id))"
)

_LINE_GUARDS: Final = (
    refuse(
        "assignment_threshold_logs_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON assignment_threshold_logs",
        one_of(
            f"NOT {_OF_ITS_ASSIGNMENT}",
            f"NOT EXISTS (SELECT 1 FROM reporting_cycles WHERE {_CYCLE_OF_ORGANIZATION})",
        ),
    ),
    refuse(
        "assignment_threshold_logs_change",
        Rule.THRESHOLD_HONORARIUM_COUNTING,
        "BEFORE INSERT ON assignment_threshold_logs",
        one_of(
            _changes("dispatched_change"),
            _changes("completed_change"),
            f"(NEW.in_person IS NOT NULL AND (NEW.kind <> '{LedgerKind.COMPLETED}'"
            " OR NEW.in_person NOT IN (0, 1)))",
        ),
    ),
    refuse(
        "assignment_threshold_logs_step",
        Rule.THRESHOLD_HONORARIUM_COUNTING,
        "BEFORE INSERT ON assignment_threshold_logs",
        f"{_OF_ITS_ASSIGNMENT} AND NOT CASE NEW.kind\n"
        f"    WHEN '{LedgerKind.DISPATCHED}' THEN {_DISPATCHED_LINE}\n"
        f"    WHEN '{LedgerKind.COMPLETED}' THEN {_COMPLETED_LINE}\n"
        f"    ELSE {_WITHDRAWN_LINE} END",
    ),
)

_AFTER: Final = {
    "dispatched_count": "NEW.dispatched_change",
    "completed_count": "NEW.completed_change",
    "from_earlier_count": "(NEW.kind = 'completed' AND NEW.reporting_cycle_id IS NOT"
    " (SELECT reporting_cycle_id FROM assignments WHERE id = NEW.assignment_id))",
    "in_person_count": "(NEW.in_person IS 1)",
    "not_in_person_count": "(NEW.in_person IS 0)",
}
_COUNT_GUARDS: Final = (
    refuse(
        "assignment_threshold_logs_counts",
        Rule.THRESHOLD_HONORARIUM_COUNTING,
        "BEFORE INSERT ON assignment_threshold_logs",
        f"NEW.dispatched_count < 0\n  OR ({', '.join(f'NEW.{name}' for name in _AFTER)}) IS NOT\n"
        "    (SELECT "
        + ",\n      ".join(f"coalesce(l.{name}, 0) + {change}" for name, change in _AFTER.items())
        + "\n    FROM (SELECT 1) LEFT JOIN assignment_threshold_logs AS l ON l.id ="
        " (SELECT max(id) FROM assignment_threshold_logs\n"
        "      WHERE member_id = NEW.member_id AND reporting_cycle_id = NEW.reporting_cycle_id))",
    ),
    refuse(
        "assignment_threshold_logs_last",
        Rule.THRESHOLD_HONORARIUM_COUNTING,
        "AFTER INSERT ON assignment_threshold_logs",
        "NEW.id <> (SELECT max(id) FROM assignment_threshold_logs)\n"
        "  OR NEW.id <> 1 + coalesce("
        "(SELECT max(id) FROM assignment_threshold_logs WHERE id < NEW.id), 0)",
    ),
)

LEDGER_GUARDS: Final = (*_COUNT_GUARDS, *_CYCLE_GUARDS, *_DISPATCH_GUARDS, *_LINE_GUARDS)
