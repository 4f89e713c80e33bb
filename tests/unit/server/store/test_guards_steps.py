"""The lifecycle inside the database, against a program that uses none of our code."""

from __future__ import annotations

import sqlite3

import pytest

from assigncli.domain.lifecycle import PATH, TERMINAL, TRANSITIONS, Status
from tests.quick import all_in_one

from .conftest import STEPS, World, moment

EVERY_STEP = [(source, target) for source in Status for target in Status if source is not target]


def standing(world: World, status: Status) -> str:
    """Return an assignment in `status`, reached by legal steps."""
    if status is Status.PENDING:
        return world.draft()
    if status in PATH:
        return world.sent(until=status)
    key = world.sent()
    world.step(key, status, days=31)
    return key


@pytest.mark.parametrize(("source", "target"), EVERY_STEP)
def test_valid_status_transition_holds_for_every_pair(
    world: World, source: Status, target: Status
) -> None:
    key = standing(world, source)
    days = 31 if target is Status.EXPIRED else 2
    changes = {"expires_at": moment(30)} if source is Status.PENDING else {}
    if target in TRANSITIONS[source]:
        if target is Status.DISPATCHED:
            world.dispatch(key)
        else:
            world.step(key, target, days=days, **changes)
        assert world.value("assignments", key, "status") == target
        return
    late_recall = target is Status.RECALLED and source not in TERMINAL
    rule = "recall_only_before_read" if late_recall else "valid_status_transition"
    columns = {"status": target, "updated_at": moment(days)} | changes
    if target in STEPS and world.value("assignments", key, STEPS[target]) is None:
        columns[STEPS[target]] = moment(days)
        if target in ("recalled", "cancelled"):
            columns[f"{target}_by_user_id"] = world.own.coordinator
    with world.refused(rule):
        world.change("assignments", key, **columns)


def test_valid_status_transition_starts_at_pending(world: World) -> None:
    for changes in (
        {"status": "dispatched", "dispatched_at": moment()},
        {"status": "completed"},
        {"dispatched_at": moment()},
        {"completed_at": moment()},
        {"reminder_sent_at": moment()},
        {"consent_completed_at": moment()},
        {"recalled_by_user_id": world.own.coordinator},
        {"created_at": "yesterday"},
    ):
        with world.refused("valid_status_transition"):
            world.add("assignments", **world.draft_columns() | changes)


@all_in_one(
    "column",
    [
        *STEPS.values(),
        "reminder_sent_at",
        "consent_completed_at",
        "recalled_by_user_id",
        "cancelled_by_user_id",
    ],
)
def test_valid_status_transition_starts_with_no_moment(world: World, column: str) -> None:
    value = world.own.coordinator if column.endswith("_id") else moment()
    columns = world.draft_columns() | {column: value, "expires_at": moment(30)}
    with world.refused("valid_status_transition"):
        world.add("assignments", **columns)


def test_valid_status_transition_moves_status_and_moment_together(world: World) -> None:
    key = world.sent()
    with world.refused("valid_status_transition"):
        world.change("assignments", key, status="delivered")
    with world.refused("valid_status_transition"):
        world.change("assignments", key, delivered_at=moment())
    with world.refused("valid_status_transition"):
        world.change("assignments", key, status="delivered", delivered_at="soon")
    with world.refused("valid_status_transition"):
        world.change("assignments", key, status="recalled", recalled_at=moment())
    world.change("assignments", key, status="delivered", delivered_at=moment(1))


def test_valid_status_transition_refuses_a_log_of_a_step_not_taken(world: World) -> None:
    key = world.sent()
    with world.refused("valid_status_transition"):
        world.log(key, "dispatched", "delivered")
    with world.refused("valid_status_transition"):
        world.log(key, "pending", "dispatched")
    world.change("assignments", key, status="delivered", delivered_at=moment(1))
    with world.refused("valid_status_transition"):
        world.log(key, "read", "delivered")
    world.log(key, "dispatched", "delivered")


def test_recall_only_before_read(world: World) -> None:
    unread, read = world.sent("delivered"), world.sent("read")
    with world.refused("recall_only_before_read"):
        world.step(read, "recalled")
    with world.refused("recall_only_before_read"):
        world.change("assignments", read, status="recalled")
    world.step(unread, "recalled")


FIXED = {
    "title": "Another visit",
    "subject_reference": "A-1",
    "encrypted_payload": b"\x01" + bytes(12 + 512 + 16),
    "priority": "urgent",
    "contact_deadline_days": 11,
    "expires_at": moment(60),
    "consent_required": 1,
    "threshold_sequence_number": 2,
    "honorarium_tier": "standard",
    "reporting_cycle_id": None,
    "coordinator_notes": "Ring the bell",
    "internal_notes": "Second try",
    "title_salt": bytes(15) + b"1",
    "subject_reference_salt": bytes(15) + b"1",
    "coordinator_notes_salt": bytes(15) + b"1",
    "internal_notes_salt": bytes(15) + b"1",
    "manifest_body": b"{1}",
    "manifest_signature": bytes(63) + b"1",
}


@all_in_one("column", FIXED)
@all_in_one("status", ["dispatched", "completed"])
def test_assignment_immutable_after_dispatch(world: World, column: str, status: str) -> None:
    key = world.sent(status)
    with world.refused("assignment_immutable_after_dispatch"):
        world.change("assignments", key, **{column: FIXED[column]})


DRAFT_COLUMNS = sorted(set(FIXED) - {"threshold_sequence_number", "honorarium_tier"})


@all_in_one("column", DRAFT_COLUMNS)
def test_assignment_immutable_after_dispatch_leaves_a_draft_open(world: World, column: str) -> None:
    world.change("assignments", world.draft(), **{column: FIXED[column]})


def test_assignment_immutable_after_dispatch_covers_people_and_keys(world: World) -> None:
    key = world.sent()
    for column, value in (
        ("recipient_user_id", world.mentor(world.own)),
        ("dispatched_by_user_id", world.member(world.own, "coordinator")),
        ("encryption_key_id", world.key(world.own)),
        ("dispatcher_certificate_id", world.certificate(world.own, world.own.coordinator)),
    ):
        with world.refused("assignment_immutable_after_dispatch"):
            world.change("assignments", key, **{column: value})


def test_assignment_immutable_after_dispatch_writes_each_moment_once(world: World) -> None:
    key = world.sent("completed")
    for column in ("dispatched_at", "delivered_at", "first_read_at", "completed_at"):
        for value in (moment(3), None):
            with world.refused("assignment_immutable_after_dispatch"):
                world.change("assignments", key, **{column: value})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "0" * 32),
        ("number", 4000),
        ("created_at", moment(-1)),
        ("import_key", b"row"),
        ("import_digest", b"text"),
        ("rowid", 4000),
    ],
)
def test_assignment_immutable_after_dispatch_fixes_what_names_it(
    world: World, column: str, value: object
) -> None:
    with world.refused("assignment_immutable_after_dispatch"):
        world.change("assignments", world.draft(), **{column: value})


def test_assignment_immutable_after_dispatch_refuses_replacing_it(world: World) -> None:
    key = world.sent()
    number = world.value("assignments", key, "number")
    rowid = world.value("assignments", key, "rowid")
    for taken in ({"id": key}, {"number": number}, {"rowid": rowid}, {"rowid": -1}):
        with world.refused("assignment_immutable_after_dispatch"):
            world.put("INSERT OR REPLACE INTO assignments", world.draft_columns() | taken)
    other = world.draft()
    with world.refused("assignment_immutable_after_dispatch"):
        world.db.execute("UPDATE OR REPLACE assignments SET rowid = ? WHERE id = ?", [rowid, other])
    assert world.value("assignments", key, "status") == "dispatched"


IMPORTED = {"import_key": b"row", "import_digest": b"text"}


def require_import_known(world: World) -> None:
    for verb in ("INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE"):
        with world.refused("import_key_exists"):
            world.put(f"{verb} INTO assignments", world.draft_columns() | IMPORTED)


def test_import_key_exists_also_for_a_replace(world: World) -> None:
    world.draft(**IMPORTED)
    require_import_known(world)
    world.draft(world.organization(), **IMPORTED)


def test_import_key_exists_also_when_it_is_archived(world: World) -> None:
    key = world.sent("completed", **IMPORTED)
    for other in ({"import_key": None, "import_digest": None}, {"import_digest": b"other"}):
        with world.refused("assignment_immutable_after_dispatch"):
            archive(world, key, **other)
    archive(world, key)
    require_import_known(world)
    world.db.execute("DELETE FROM assignments WHERE id = ?", [key])
    require_import_known(world)
    world.draft(world.organization(), **IMPORTED)


@pytest.mark.parametrize("column", ["id", "number"])
def test_what_is_archived_keeps_its_id_and_number(world: World, column: str) -> None:
    key = world.sent("completed")
    number = world.value("assignments", key, "number")
    archive(world, key)
    world.db.execute("DELETE FROM assignments WHERE id = ?", [key])
    with world.refused("assignment_immutable_after_dispatch"):
        world.draft(**{column: {"id": key, "number": number}[column]})


@pytest.mark.parametrize("column", IMPORTED)
def test_an_import_key_and_its_digest_come_together(world: World, column: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="import_whole"):
        world.draft(**{column: b"alone"})


def archive(world: World, key: str, **changes: object) -> None:
    kept = (
        "id, number, organization_id, recipient_user_id, dispatched_by_user_id, title, status,"
        " title_salt, subject_reference, subject_reference_salt, import_key, import_digest,"
        " manifest_body"
    )
    row = world.db.execute(
        f"SELECT {kept}, honorarium_tier, created_at FROM assignments WHERE id = ?", [key]
    )
    row.row_factory = sqlite3.Row
    columns = dict(row.fetchone()) | {"closed_at": moment(1), "archived_at": moment(400)}
    world.add("archived_assignments", **columns | changes)


def test_assignment_immutable_after_dispatch_deletes_only_what_is_archived(world: World) -> None:
    draft, open_one, done = world.draft(), world.sent(), world.sent("completed")
    for key in (draft, open_one, done):
        with world.refused("assignment_immutable_after_dispatch"):
            world.db.execute("DELETE FROM assignments WHERE id = ?", [key])
    with world.refused("assignment_immutable_after_dispatch"):
        archive(world, open_one)
    with world.refused("assignment_immutable_after_dispatch"):
        archive(world, open_one, status="completed")
    with world.refused("title_no_pii"):
        archive(world, done, title="Visit 13097248022")
    with world.refused("append_only"):
        archive(world, done, rowid=-1)
    archive(world, done)
    with world.refused("append_only"):
        world.db.execute(
            "INSERT OR REPLACE INTO archived_assignments SELECT * FROM archived_assignments"
        )
    world.db.execute("DELETE FROM key_wraps WHERE assignment_id = ?", [done])
    world.db.execute("DELETE FROM assignments WHERE id = ?", [done])
    with world.refused("append_only"):
        world.db.execute("UPDATE archived_assignments SET title = 'other'")
    with world.refused("assignment_immutable_after_dispatch"):
        world.draft(id=done)


def test_expires_at_in_future_when_a_draft_is_dispatched_too_late(world: World) -> None:
    """A draft's own expiry may pass before it is sent; the moment itself is too late."""
    key = world.draft(expires_at=moment(5))
    for days in (5, 6):
        columns = world.dispatch_columns(key) | {"dispatched_at": moment(days)}
        with world.refused("expires_at_in_future"):
            world.change("assignments", key, **columns | {"expires_at": moment(5)})
    world.dispatch(key, dispatched_at=moment(4.9), expires_at=moment(5))


def test_expires_at_in_future(world: World) -> None:
    with world.refused("expires_at_in_future"):
        world.draft(expires_at=moment(0))
    with world.refused("expires_at_in_future"):
        world.draft(expires_at="never")
    key = world.draft(expires_at=moment(1))
    for never in (None, moment(0), moment(-1), "never"):
        with world.refused("expires_at_in_future"):
            world.dispatch(key, expires_at=never)
    world.dispatch(key)


def test_contact_deadline_days_positive(world: World) -> None:
    for days in (0, -1, "soon", 1.5):
        with world.refused("contact_deadline_days_positive"):
            world.draft(contact_deadline_days=days)
    key = world.draft(contact_deadline_days=1)
    with world.refused("contact_deadline_days_positive"):
        world.change("assignments", key, contact_deadline_days="soon")


def test_subject_reference_max_length(world: World) -> None:
    with world.refused("subject_reference_max_length"):
        world.draft(subject_reference="x" * 41)
    world.draft(subject_reference="x" * 40)


def test_expired_payload_inaccessible(world: World) -> None:
    for late in (30, 31):
        unread, delivered = world.sent(), world.sent("delivered")
        acknowledged = world.sent("acknowledged")
        for key, step in (
            (unread, "delivered"),
            (delivered, "read"),
            (acknowledged, "contact_made"),
        ):
            with world.refused("expired_payload_inaccessible"):
                world.step(key, step, days=late)
    world.step(delivered, "read", days=29.99)


def test_auto_expiry_not_before_its_time(world: World) -> None:
    key = world.sent("read")
    for early in (moment(29), "zzz"):
        with world.refused("auto_expiry"):
            world.change("assignments", key, status="expired", updated_at=early)
    with world.refused("auto_expiry"):
        world.step(world.draft(), "expired", days=400)
    world.step(key, "expired", days=30)


def test_ten_day_no_contact_reminder_once_and_only_before_contact(world: World) -> None:
    waiting, met, done = world.sent("read"), world.sent("contact_made"), world.sent("completed")
    world.change("assignments", waiting, reminder_sent_at=moment(10))
    for value in (moment(11), None):
        with world.refused("ten_day_no_contact_reminder"):
            world.change("assignments", waiting, reminder_sent_at=value)
    for key in (met, done, world.draft()):
        with world.refused("ten_day_no_contact_reminder"):
            world.change("assignments", key, reminder_sent_at=moment(10))
