"""The lifecycle: one step at a time, each with its moment, nothing else moving after dispatch.

Made from `lifecycle.TRANSITIONS`, so that the program and the database cannot disagree. A guard
knows no clock: it compares the moments that were written.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own constants, never from input

from __future__ import annotations

from typing import Final

from assigncli.domain.lifecycle import STEP_MOMENTS, TERMINAL, TRANSITIONS, UNREAD, Status
from assigncli.domain.rules import Rule
from assigncli.store.guards.shape import (
    Code,
    Guard,
    changed,
    is_moment,
    listed,
    one_of,
    refuse,
)

_STEP_ACTORS: Final = {
    Status.RECALLED: "recalled_by_user_id",
    Status.CANCELLED: "cancelled_by_user_id",
}
_STEP_COLUMNS: Final = (*STEP_MOMENTS.items(), *_STEP_ACTORS.items())
_WRITTEN_ONCE: Final = tuple(column for _status, column in _STEP_COLUMNS)
_MENTOR_STEPS: Final = (
    Status.DELIVERED,
    Status.READ,
    Status.ACKNOWLEDGED,
    Status.CONTACT_MADE,
    Status.COMPLETED,
)
_FIXED_FOREVER: Final = ("rowid", "id", "number", "created_at", "import_key", "import_digest")
_FIXED_AFTER_DISPATCH: Final = (
    "recipient_user_id",
    "dispatched_by_user_id",
    "title",
    "title_salt",
    "subject_reference",
    "subject_reference_salt",
    "encrypted_payload",
    "encryption_key_id",
    "priority",
    "contact_deadline_days",
    "expires_at",
    "consent_required",
    "threshold_sequence_number",
    "honorarium_tier",
    "reporting_cycle_id",
    "coordinator_notes",
    "coordinator_notes_salt",
    "internal_notes",
    "internal_notes_salt",
    "manifest_body",
    "manifest_signature",
    "dispatcher_certificate_id",
)
_READ_OR_LATER: Final = frozenset(Status) - frozenset(UNREAD) - TERMINAL


def entering(status: Status) -> str:
    """Return the test that an UPDATE moves an assignment into `status`."""
    return f"(NEW.status = '{status}' AND OLD.status <> '{status}')"


def _allowed_steps() -> str:
    branches = [
        f"WHEN '{status}' THEN NEW.status IN ({listed(targets)})"
        for status, targets in TRANSITIONS.items()
        if targets
    ]
    return "CASE OLD.status " + "\n    ".join(branches) + " ELSE 0 END"


_LATE_RECALL: Final = (
    f"(NEW.status = '{Status.RECALLED}' AND OLD.status <> '{Status.RECALLED}'"
    f" AND (OLD.status IN ({listed(_READ_OR_LATER)})"
    f" OR (OLD.first_read_at IS NOT NULL AND OLD.status NOT IN ({listed(TERMINAL)}))))"
)


def _out_of_step(status: Status, column: str) -> str:
    """Test that a step lacks its column, or that a column is filled without its step."""
    return (
        f"(NEW.{column} IS NULL AND {entering(status)})"
        f"\n  OR (OLD.{column} IS NULL AND NEW.{column} IS NOT NULL AND NOT {entering(status)})"
    )


def _malformed_moment(column: str) -> str:
    return f"(NEW.{column} IS NOT OLD.{column} AND NOT {is_moment(f'NEW.{column}')})"


def _insert_guards() -> tuple[Guard, ...]:
    empty = (*_WRITTEN_ONCE, "reminder_sent_at", "consent_completed_at")
    return (
        refuse(
            "valid_status_transition_insert",
            Rule.VALID_STATUS_TRANSITION,
            "BEFORE INSERT ON assignments",
            f"NEW.status IS NOT '{Status.PENDING}' OR NOT {is_moment('NEW.created_at')}\n  OR "
            + " OR ".join(f"NEW.{column} IS NOT NULL" for column in empty),
        ),
        refuse(
            "assignments_no_replace",
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            "BEFORE INSERT ON assignments",
            one_of(
                "EXISTS (SELECT 1 FROM assignments WHERE rowid = NEW.rowid)",
                *_known(("id",), ("organization_id", "number")),
            ),
        ),
        refuse(
            "assignments_import_key",
            Code.IMPORT_KEY_EXISTS,
            "BEFORE INSERT ON assignments",
            one_of(
                *(
                    f"EXISTS (SELECT 1 FROM {table} WHERE organization_id = NEW.organization_id"
                    " AND import_key = NEW.import_key)"
                    for table in ("assignments", "archived_assignments")
                )
            ),
        ),
        refuse(
            "assignments_rowid",
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            "AFTER INSERT ON assignments",
            "NEW.rowid < 1",
        ),
    )


def _known(*keys: tuple[str, ...]) -> list[str]:
    return [
        f"EXISTS (SELECT 1 FROM {table} WHERE "
        + " AND ".join(f"{column} = NEW.{column}" for column in key)
        + ")"
        for table in ("assignments", "archived_assignments")
        for key in keys
    ]


def _step_guards() -> tuple[Guard, ...]:
    columns = ", ".join(("status", *_WRITTEN_ONCE))
    return (
        refuse(
            "valid_status_transition_update",
            Rule.VALID_STATUS_TRANSITION,
            "BEFORE UPDATE OF status ON assignments",
            f"NEW.status IS NOT OLD.status\n  AND NOT {_LATE_RECALL}\n  AND NOT {_allowed_steps()}",
        ),
        refuse(
            "recall_only_before_read",
            Rule.RECALL_ONLY_BEFORE_READ,
            "BEFORE UPDATE OF status ON assignments",
            _LATE_RECALL,
        ),
        refuse(
            "valid_status_transition_moment",
            Rule.VALID_STATUS_TRANSITION,
            f"BEFORE UPDATE OF {columns} ON assignments",
            f"NOT {_LATE_RECALL} AND "
            + one_of(
                *(_out_of_step(*step) for step in _STEP_COLUMNS),
                *(_malformed_moment(column) for column in STEP_MOMENTS.values()),
            ),
        ),
        refuse(
            "assignment_moments_written_once",
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            f"BEFORE UPDATE OF {', '.join(_WRITTEN_ONCE)} ON assignments",
            one_of(*(f"(OLD.{c} IS NOT NULL AND NEW.{c} IS NOT OLD.{c})" for c in _WRITTEN_ONCE)),
        ),
    )


def _immutability_guards() -> tuple[Guard, ...]:
    return (
        refuse(
            "assignments_organization",
            Rule.ORGANIZATION_SCOPE_ISOLATION,
            "BEFORE UPDATE OF organization_id ON assignments",
            changed("organization_id"),
        ),
        refuse(
            "assignments_fixed",
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            "BEFORE UPDATE ON assignments",
            changed(*_FIXED_FOREVER),
        ),
        refuse(
            "assignment_immutable_after_dispatch",
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            f"BEFORE UPDATE OF {', '.join(_FIXED_AFTER_DISPATCH)} ON assignments",
            f"OLD.status <> '{Status.PENDING}' AND ({changed(*_FIXED_AFTER_DISPATCH)})",
        ),
        refuse(
            "assignments_no_delete",
            Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
            "BEFORE DELETE ON assignments",
            f"OLD.status NOT IN ({listed(TERMINAL)})"
            " OR NOT EXISTS (SELECT 1 FROM archived_assignments WHERE id = OLD.id)",
        ),
    )


def _time_guards() -> tuple[Guard, ...]:
    step_moment = " ".join(f"WHEN '{s}' THEN NEW.{STEP_MOMENTS[s]}" for s in _MENTOR_STEPS)
    return (
        refuse(
            "expired_payload_inaccessible",
            Rule.EXPIRED_PAYLOAD_INACCESSIBLE,
            "BEFORE UPDATE OF status ON assignments",
            f"NEW.status <> OLD.status AND NEW.status IN ({listed(_MENTOR_STEPS)})"
            f"\n  AND {is_moment(f'CASE NEW.status {step_moment} END')}"
            f"\n  AND coalesce(CASE NEW.status {step_moment} END >= NEW.expires_at, 0)",
        ),
        refuse(
            "auto_expiry",
            Rule.AUTO_EXPIRY,
            "BEFORE UPDATE OF status ON assignments",
            f"{entering(Status.EXPIRED)}\n  AND NOT ({is_moment('NEW.updated_at')}"
            " AND coalesce(NEW.updated_at >= NEW.expires_at, 0))",
        ),
        refuse(
            "ten_day_no_contact_reminder",
            Rule.TEN_DAY_NO_CONTACT_REMINDER,
            "BEFORE UPDATE OF reminder_sent_at ON assignments",
            f"{changed('reminder_sent_at')} AND (OLD.reminder_sent_at IS NOT NULL"
            f" OR NEW.contact_made_at IS NOT NULL OR NEW.dispatched_at IS NULL"
            f" OR NEW.status IN ({listed(TERMINAL)})"
            f" OR NOT {is_moment('NEW.reminder_sent_at')})",
        ),
    )


def _shape_guards(event: str, name: str) -> tuple[Guard, ...]:
    """Hold what a CHECK misses, since SQLite compares any text as greater than any number."""
    return (
        refuse(
            f"contact_deadline_days_{name}",
            Rule.CONTACT_DEADLINE_DAYS_POSITIVE,
            event.format("contact_deadline_days"),
            "typeof(NEW.contact_deadline_days) <> 'integer'",
        ),
        refuse(
            f"expires_at_{name}",
            Rule.EXPIRES_AT_IN_FUTURE,
            event.format("expires_at"),
            f"NEW.expires_at IS NOT NULL AND NOT {is_moment('NEW.expires_at')}",
        ),
    )


STEP_GUARDS: Final = (
    *_insert_guards(),
    *_step_guards(),
    *_immutability_guards(),
    *_time_guards(),
    *_shape_guards("BEFORE INSERT ON assignments", "insert"),
    *_shape_guards("BEFORE UPDATE OF {} ON assignments", "update"),
    refuse(
        "expires_at_dispatch",
        Rule.EXPIRES_AT_IN_FUTURE,
        "BEFORE UPDATE OF status ON assignments",
        f"{entering(Status.DISPATCHED)} AND NEW.expires_at IS NULL",
    ),
)
