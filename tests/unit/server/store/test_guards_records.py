"""What is only added to, inside the database, against raw SQL."""

from __future__ import annotations

import pytest

from .conftest import World, moment, new_id

APPEND_ONLY = [
    "assignment_status_logs",
    "assignment_threshold_logs",
    "audit_log",
    "consent_records",
    "contact_attempts",
    "log_nodes",
    "organization_settings",
    "statements",
]


def live_in(world: World) -> None:
    """Put a row into every append-only table."""
    key = world.sent("read")
    world.consent(key)
    world.attempt(world.sent("acknowledged"))
    world.setting("honorarium_standard_from", "3")
    world.statement()


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_append_only(world: World, table: str) -> None:
    live_in(world)
    rows = world.db.execute(f"SELECT count(*) FROM {table}").fetchone()
    for statement in (
        f"UPDATE {table} SET organization_id = organization_id",
        f"UPDATE OR REPLACE {table} SET rowid = rowid + 1",
        f"DELETE FROM {table}",
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        f"REPLACE INTO {table} SELECT * FROM {table}",
    ):
        with world.refused("append_only"):
            world.db.execute(statement)
    assert world.db.execute(f"SELECT count(*) FROM {table}").fetchone() == rows


def test_append_only_keeps_row_numbers_that_a_trigger_could_not_see(world: World) -> None:
    live_in(world)
    columns: dict[str, object] = {
        "organization_id": world.own.id,
        "name": "x",
        "value": "1",
        "set_by": world.own.coordinator,
        "set_at": moment(),
    }
    for number in (-1, 0, 1):
        with world.refused("append_only"):
            world.add("organization_settings", **columns | {"id": number})


def test_append_only_holds_for_every_hidden_row_number(world: World) -> None:
    sent, done = world.sent(), world.sent("completed")
    world.change("assignments", sent, status="delivered", delivered_at=moment(1))
    with world.refused("append_only"):
        world.log(sent, "dispatched", "delivered", id=-1)
    with world.refused("append_only"):
        world.line(done, "completed", id=-1)
    with world.refused("append_only"):
        world.audit(id=-1)
    with world.refused("append_only"):
        world.consent(sent, rowid=-1)
    with world.refused("append_only"):
        world.key(world.own, rowid=-1)
    with world.refused("append_only"):
        world.certificate(world.own, world.own.mentor, rowid=-1)


def test_certificates_are_revoked_once_and_kept(world: World) -> None:
    key = world.own.coordinator_certificate
    for changes in (
        {"body": b"{1}"},
        {"signature": bytes(63) + b"1"},
        {"member_id": world.own.mentor},
        {"device": "another"},
        {"device_salt": bytes(15) + b"1"},
        {"revoked_at": "now"},
        {"rowid": 4000},
    ):
        with world.refused("append_only"):
            world.change("certificates", key, **changes)
    world.change("certificates", key, revoked_at=moment())
    for changes in ({"revoked_at": None}, {"revoked_at": moment(1)}):
        with world.refused("append_only"):
            world.change("certificates", key, **changes)
    with world.refused("append_only"):
        world.db.execute("DELETE FROM certificates")
    with world.refused("append_only"):
        world.db.execute("INSERT OR REPLACE INTO certificates SELECT * FROM certificates")


def test_encryption_keys_are_revoked_once_and_kept(world: World) -> None:
    key = world.key(world.own)
    for changes in (
        {"share_commitment": bytes(31) + b"1"},
        {"organization_id": world.organization().id},
        {"revoked_at": "now"},
        {"retired_at": "now"},
    ):
        with world.refused("append_only"):
            world.change("encryption_keys", key, **changes)
    world.change("encryption_keys", key, retired_at=moment())
    with world.refused("append_only"):
        world.change("encryption_keys", key, shredded_at=moment())
    world.change("encryption_keys", key, revoked_at=moment())
    with world.refused("append_only"):
        world.change("encryption_keys", key, shredded_at="now")
    world.change("encryption_keys", key, shredded_at=moment())
    for column in ("retired_at", "revoked_at", "shredded_at"):
        for value in (None, moment(1)):
            with world.refused("append_only"):
                world.change("encryption_keys", key, **{column: value})
    with world.refused("append_only"):
        world.db.execute("DELETE FROM encryption_keys")
    with world.refused("append_only"):
        world.db.execute("INSERT OR REPLACE INTO encryption_keys SELECT * FROM encryption_keys")


def test_organization_scope_isolation_of_keys(world: World) -> None:
    with world.refused("organization_scope_isolation"):
        world.add(
            "encryption_keys",
            id=new_id(),
            organization_id=new_id(),
            share_commitment=bytes(32),
            created_at=moment(),
        )


def test_organization_scope_isolation_of_assignments(world: World) -> None:
    with world.refused("organization_scope_isolation"):
        world.change("assignments", world.sent(), organization_id=world.organization().id)


def test_organization_scope_isolation_of_status_logs(world: World) -> None:
    key, other = world.sent(), world.organization()
    world.change("assignments", key, status="delivered", delivered_at=moment(1))
    for changes in ({"organization_id": other.id}, {"actor_id": other.coordinator}):
        with world.refused("organization_scope_isolation"):
            world.log(key, "dispatched", "delivered", **changes)


def test_organization_scope_isolation_of_notifications(world: World) -> None:
    other = world.organization()
    columns: dict[str, object] = {
        "id": new_id(),
        "organization_id": world.own.id,
        "assignment_id": world.sent(),
        "recipient_id": world.own.mentor,
        "kind": "dispatched",
        "status": "queued",
        "attempts": 0,
        "created_at": moment(),
        "due_at": moment(),
    }
    for changes in ({"organization_id": other.id}, {"recipient_id": other.mentor}):
        with world.refused("organization_scope_isolation"):
            world.add("notifications", **columns | changes)
    world.add("notifications", **columns)
    world.change("notifications", str(columns["id"]), status="sent", attempts=1)
    for column in ("organization_id", "assignment_id", "recipient_id"):
        with world.refused("organization_scope_isolation"):
            world.change("notifications", str(columns["id"]), **{column: new_id()})


def test_a_notification_that_was_sent_is_never_queued_again(world: World) -> None:
    id_ = new_id()
    world.add(
        "notifications",
        id=id_,
        organization_id=world.own.id,
        assignment_id=world.sent(),
        recipient_id=world.own.mentor,
        kind="dispatched",
        status="queued",
        attempts=0,
        created_at=moment(),
        due_at=moment(),
    )
    for status in ("sending", "unknown", "queued", "sent"):
        world.change("notifications", id_, status=status)
    with world.refused("append_only"):
        world.change("notifications", id_, status="queued")


def test_notification_channels_belong_to_a_member_and_are_never_changed(world: World) -> None:
    columns: dict[str, object] = {
        "id": new_id(),
        "organization_id": world.own.id,
        "member_id": world.own.mentor,
        "sealed": b"\x01" + bytes(40),
        "created_at": moment(),
    }
    with world.refused("organization_scope_isolation"):
        world.add("notification_channels", **columns | {"member_id": world.organization().mentor})
    with world.refused("payload_must_be_encrypted_before_storage"):
        world.add("notification_channels", **columns | {"sealed": "mailto://in-the-clear"})
    for rowid in (0, -1):
        with world.refused("already_exists"):
            world.add("notification_channels", **columns, rowid=rowid)
    world.add("notification_channels", **columns)
    with world.refused("append_only"):
        world.change("notification_channels", str(columns["id"]), sealed=b"\x01" + bytes(41))
    with world.refused("already_exists"):
        world.db.execute(
            "INSERT OR REPLACE INTO notification_channels SELECT * FROM notification_channels"
        )
    world.db.execute("DELETE FROM notification_channels")


def test_a_sweep_run_belongs_to_an_organization(world: World) -> None:
    with world.refused("organization_scope_isolation"):
        world.add("sweep_runs", organization_id=new_id(), at=moment(), done=0, failed=0)
    world.add("sweep_runs", organization_id=world.own.id, at=moment(), done=0, failed=0)
    with world.refused("organization_scope_isolation"):
        world.db.execute("UPDATE sweep_runs SET organization_id = ?", (world.organization().id,))


def test_organization_scope_isolation_of_a_step_of_another_organization(world: World) -> None:
    key, other = world.sent(), world.organization()
    theirs = {"organization_id": other.id, "actor_id": other.coordinator}
    for changes in (theirs, {"assignment_id": new_id()}):
        with world.refused("organization_scope_isolation"):
            world.log(key, "pending", "dispatched", **changes)


def test_valid_status_transition_is_recorded_for_what_took_it(world: World) -> None:
    key, other = world.sent(), world.sent()
    world.change("assignments", other, status="delivered", delivered_at=moment(1))
    with world.refused("valid_status_transition"):
        world.log(key, "dispatched", "delivered")


def test_organization_scope_isolation_of_a_notification_of_anothers_assignment(
    world: World,
) -> None:
    other = world.organization()
    columns: dict[str, object] = {
        "id": new_id(),
        "organization_id": world.own.id,
        "assignment_id": world.sent(),
        "recipient_id": world.own.mentor,
        "kind": "dispatched",
        "status": "queued",
        "attempts": 0,
        "created_at": moment(),
        "due_at": moment(),
    }
    theirs = {"organization_id": other.id, "recipient_id": other.mentor}
    for changes in (theirs, {"assignment_id": new_id()}):
        with world.refused("organization_scope_isolation"):
            world.add("notifications", **columns | changes)
