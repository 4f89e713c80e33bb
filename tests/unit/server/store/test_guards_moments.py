"""Each step with its moment and each moment with its step, inside the database, against raw SQL."""

from __future__ import annotations

import sqlite3

import pytest

from tests.quick import all_in_one

from .conftest import STEPS, World, moment
from .test_guards_steps import archive

PATH = ["dispatched", "delivered", "read", "acknowledged", "contact_made", "completed"]
BEFORE = dict(zip(PATH, ["pending", *PATH], strict=False)) | {
    "recalled": "delivered",
    "cancelled": "read",
}
COLUMNS = [
    *STEPS.items(),
    ("recalled", "recalled_by_user_id"),
    ("cancelled", "cancelled_by_user_id"),
]


def before(world: World, step: str) -> str:
    """Return an assignment that is about to take the step."""
    key = world.draft() if BEFORE[step] == "pending" else world.sent(BEFORE[step])
    if step == "read":
        world.audit(subject_id=key, actor_id=world.own.mentor)
    return key


def written(world: World, step: str) -> str:
    """Return an assignment that has taken the step."""
    if step in PATH:
        return world.sent(step)
    key = world.sent(BEFORE[step])
    world.step(key, step)
    return key


def columns_of(world: World, key: str, step: str) -> dict[str, object]:
    """Return what the UPDATE of a legal step sets."""
    if step == "dispatched":
        return world.dispatch_columns(key)
    columns: dict[str, object] = {"status": step, STEPS[step]: moment(1)}
    if step in ("recalled", "cancelled"):
        columns[f"{step}_by_user_id"] = world.own.coordinator
    return columns


@pytest.mark.parametrize(("step", "column"), COLUMNS[1:])
def test_valid_status_transition_is_written_with_its_moment(
    world: World, step: str, column: str
) -> None:
    key = before(world, step)
    columns = columns_of(world, key, step)
    with world.refused("valid_status_transition"):
        world.change("assignments", key, **{n: v for n, v in columns.items() if n != column})
    world.change("assignments", key, **columns)


@all_in_one(("step", "column"), COLUMNS)
def test_valid_status_transition_comes_with_its_moment(
    world: World, step: str, column: str
) -> None:
    key = before(world, step)
    value = world.own.coordinator if column.endswith("_id") else moment(1)
    changes = {"expires_at": moment(30)} if step == "dispatched" else {}
    world.change("assignments", key, **{"updated_at": moment(1)} | changes)
    with world.refused("valid_status_transition"):
        world.change("assignments", key, **{column: value})


@all_in_one("step", STEPS)
def test_valid_status_transition_has_its_moment_in_the_one_form(world: World, step: str) -> None:
    key = before(world, step)
    columns = columns_of(world, key, step) | {STEPS[step]: moment(1).removesuffix("Z")}
    with world.refused("valid_status_transition"):
        world.change("assignments", key, **columns)


@pytest.mark.parametrize(("step", "column"), COLUMNS)
def test_assignment_immutable_after_dispatch_keeps_what_a_step_wrote(
    world: World, step: str, column: str
) -> None:
    key = written(world, step)
    other = world.member(world.own) if column.endswith("_id") else moment(2)
    for value in (other, None):
        with world.refused("assignment_immutable_after_dispatch"):
            world.change("assignments", key, **{column: value})


@pytest.mark.parametrize("step", PATH[1:])
def test_expired_payload_inaccessible_at_every_step(world: World, step: str) -> None:
    key = before(world, step)
    with world.refused("expired_payload_inaccessible"):
        world.change("assignments", key, status=step, **{STEPS[step]: moment(30)})


@pytest.mark.parametrize("end", ["recalled", "cancelled", "expired"])
def test_ten_day_no_contact_reminder_not_after_the_end(world: World, end: str) -> None:
    key = world.sent()
    world.step(key, end, days=30)
    with world.refused("ten_day_no_contact_reminder"):
        world.change("assignments", key, reminder_sent_at=moment(30))


def test_ten_day_no_contact_reminder_has_a_moment(world: World) -> None:
    key = world.sent()
    with world.refused("ten_day_no_contact_reminder"):
        world.change("assignments", key, reminder_sent_at="soon")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "1" * 32),
        ("number", 4000),
        ("organization_id", "2" * 32),
        ("status", "recalled"),
        ("import_key", b"other"),
        ("import_digest", b"other"),
    ],
)
def test_assignment_immutable_after_dispatch_is_archived_as_it_was(
    world: World, column: str, value: object
) -> None:
    key = world.sent("completed", import_key=b"row", import_digest=b"text")
    with world.refused("assignment_immutable_after_dispatch"):
        archive(world, key, **{column: value})


def test_an_archived_assignment_is_not_replaced(world: World) -> None:
    first, second = world.sent("completed"), world.sent("completed")
    archive(world, first)
    with world.replacing(), world.refused("append_only"):
        archive(world, first)
    with world.replacing(), world.refused("append_only"):
        archive(world, second, rowid=1)


def test_assignment_immutable_after_dispatch_deletes_each_by_its_own_archive(world: World) -> None:
    first, second = world.sent("completed"), world.sent("completed")
    archive(world, first)
    with world.refused("assignment_immutable_after_dispatch"):
        world.db.execute("DELETE FROM assignments WHERE id = ?", [second])


def test_title_no_pii_is_not_hidden_in_the_archive(world: World) -> None:
    with world.refused("title_no_pii"):
        archive(world, world.sent("completed"), title="Visit\0")
    for reference in ("13097248022", "SAK\0"):
        with world.refused("title_no_pii"):
            archive(world, world.sent("completed"), subject_reference=reference)


ERASED = {
    "title": "",
    "title_salt": b"",
    "subject_reference": None,
    "subject_reference_salt": b"",
    "erased_at": moment(500),
}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rowid", 17),
        ("id", "1" * 32),
        ("number", 4000),
        ("organization_id", "2" * 32),
        ("recipient_user_id", "3" * 32),
        ("dispatched_by_user_id", "4" * 32),
        ("status", "recalled"),
        ("honorarium_tier", "elevated"),
        ("threshold_sequence_number", 9),
        ("reporting_cycle_id", "5" * 32),
        ("import_key", b"other"),
        ("import_digest", b"other"),
        ("manifest_body", b"other"),
        ("created_at", moment(2)),
        ("dispatched_at", moment(2)),
        ("completed_at", moment(2)),
        ("closed_at", moment(2)),
        ("archived_at", moment(2)),
        ("erased_at", "soon"),
    ],
)
def test_erasing_empties_texts_and_changes_nothing_else(
    world: World, column: str, value: object
) -> None:
    key = world.sent("completed", import_key=b"row", import_digest=b"text")
    archive(world, key)
    with world.refused("append_only"):
        world.change("archived_assignments", key, **ERASED | {column: value})
    world.change("archived_assignments", key, **ERASED)


def test_what_is_archived_is_changed_by_erasing_alone_and_once(world: World) -> None:
    key = world.sent("completed")
    archive(world, key)
    with world.refused("append_only"):
        world.change("archived_assignments", key, title="other")
    world.change("archived_assignments", key, **ERASED)
    for at in (moment(501), moment(500)):
        with world.refused("append_only"):
            world.change("archived_assignments", key, erased_at=at)


@pytest.mark.parametrize("column", sorted(ERASED.keys() - {"erased_at"}))
def test_what_is_erased_has_no_text(world: World, column: str) -> None:
    key, kept = world.sent("completed"), "x" if not column.endswith("salt") else b"x"
    with pytest.raises(sqlite3.IntegrityError, match="archived_texts"):
        archive(world, key, **ERASED | {column: kept})
    archive(world, key, **ERASED)


def test_what_is_not_erased_has_a_title(world: World) -> None:
    for title in ("", "x" * 201):
        with pytest.raises(sqlite3.IntegrityError, match="archived_texts"):
            archive(world, world.sent("completed"), title=title)


REASON = {"reason": "Moved away.", "reason_salt": bytes(16)}
EMPTIED = {"reason": None, "reason_salt": None}


def cancelled(world: World, key: str) -> str:
    """Cancel an assignment; return the record of that step."""
    columns = {"cancelled_at": moment(1), "cancelled_by_user_id": world.own.coordinator}
    world.change("assignments", key, status="cancelled", **columns)
    world.log(key, "dispatched", "cancelled", **REASON)
    (record,) = world.db.execute(
        "SELECT max(id) FROM assignment_status_logs WHERE assignment_id = ?", [key]
    ).fetchone()
    return str(record)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rowid", 4000),
        ("organization_id", "2" * 32),
        ("assignment_id", "3" * 32),
        ("from_status", "read"),
        ("to_status", "recalled"),
        ("actor_id", "4" * 32),
        ("at", moment(2)),
        ("reason", "Another."),
        ("reason_salt", bytes(16)),
    ],
)
def test_a_reason_is_emptied_and_nothing_else_of_a_step(
    world: World, column: str, value: object
) -> None:
    key = world.sent()
    record = cancelled(world, key)
    archive(world, key)
    with world.refused("append_only"):
        world.change("assignment_status_logs", record, **EMPTIED | {column: value})
    world.change("assignment_status_logs", record, **EMPTIED)


def test_a_reason_stays_until_its_own_assignment_is_archived(world: World) -> None:
    key, other = world.sent(), world.sent()
    record = cancelled(world, key)
    cancelled(world, other)
    archive(world, other)
    with world.refused("append_only"):
        world.change("assignment_status_logs", record, **EMPTIED)
    archive(world, key)
    world.change("assignment_status_logs", record, **EMPTIED)


def test_organization_scope_isolation_of_attempts(world: World) -> None:
    key, other = world.sent("acknowledged"), world.mentor(world.own)
    for changes in (
        {"member_id": other},
        {"organization_id": world.organization().id},
        {"assignment_id": "1" * 32},
    ):
        with world.refused("organization_scope_isolation"):
            world.attempt(key, **changes)
    world.attempt(key)


@pytest.mark.parametrize("until", ["dispatched", "read", "contact_made", "completed"])
def test_valid_status_transition_of_attempts(world: World, until: str) -> None:
    key = world.sent(until)
    with world.refused("valid_status_transition"):
        world.attempt(key)


def test_attempts_are_counted_from_one_each_for_its_assignment(world: World) -> None:
    key, other = world.sent("acknowledged"), world.sent("acknowledged")
    world.attempt(other)
    for changes in ({"attempt": 0}, {"attempt": 2}, {"at": "soon"}, {"id": -1}):
        with world.refused("append_only"):
            world.attempt(key, **changes)
    world.attempt(key)
    with world.replacing(), world.refused("append_only"):
        world.attempt(key, attempt=2, id=1)
    world.attempt(key, attempt=2)
