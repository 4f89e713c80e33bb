"""What names a row never changes, and no row takes another's place, against raw SQL.

One thing is wrong in each case: with that part of the trigger gone, the database would take it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import World, moment, new_id

ANOTHER_ID = "5e7ee40cd6f849d787bd24c139d12716"
"""Of nothing there is, and the same in every process that collects the tests."""

JOINED: dict[str, object] = {
    "spent_at": moment(),
    "signing_key": bytes(32),
    "encryption_key": bytes(32),
    "device": "laptop",
    "device_salt": bytes(16),
}


def invite(world: World, **changes: object) -> None:
    columns: dict[str, object] = {
        "organization_id": world.own.id,
        "member_id": world.own.mentor,
        "token_hash": bytes(32),
        "expires_at": moment(14),
        "created_at": moment(),
    }
    world.add("invitations", **columns | changes)


def channel(world: World, **changes: object) -> None:
    columns: dict[str, object] = {
        "id": new_id(),
        "organization_id": world.own.id,
        "member_id": world.own.mentor,
        "sealed": b"\x01" + bytes(40),
        "created_at": moment(),
    }
    world.add("notification_channels", **columns | changes)


def refusal(world: World, **changes: object) -> None:
    columns: dict[str, object] = {
        "hash": b"1" * 32,
        "organization_id": world.own.id,
        "certificate_id": world.own.coordinator_certificate,
        "act": "dispatch",
        "subject_id": new_id(),
        "code": "title_no_pii",
        "facts": "{}",
        "at": moment(),
        "kept_until": moment(90),
        "sequence": 1,
        "counted": 3,
        "body": b"{}",
        "signature": bytes(64),
    }
    world.add("refused_statements", **columns | changes)


def wrap_of_a_draft(world: World, **changes: object) -> None:
    """Seal the key of a draft for its mentor again, after the wrap was removed."""
    key = world.draft()
    mine = [key, world.certificate_of(world.own.mentor)]
    world.db.execute("DELETE FROM key_wraps WHERE assignment_id = ? AND certificate_id = ?", mine)
    world.wrap(key, world.own.mentor, **changes)


def step_taken(world: World, **changes: object) -> None:
    key = world.sent()
    world.change("assignments", key, status="delivered", delivered_at=moment(1))
    world.log(key, "dispatched", "delivered", **changes)


REPLACED: list[tuple[str, Callable[[World], None], Callable[[World], None], str]] = [
    (
        "a certificate by its hidden number",
        lambda world: None,
        lambda world: world.certificate(world.own, world.own.mentor, rowid=1) and None,
        "append_only",
    ),
    (
        "a key by its hidden number",
        lambda world: world.key(world.own) and None,
        lambda world: world.key(world.own, rowid=1) and None,
        "append_only",
    ),
    (
        "a consent by its hidden number",
        lambda world: world.consent(world.sent()),
        lambda world: world.consent(world.sent(), rowid=1),
        "append_only",
    ),
    (
        "a consent by its id",
        lambda world: world.consent(world.sent(), id="1" * 32),
        lambda world: world.consent(world.sent(), id="1" * 32),
        "append_only",
    ),
    (
        "a wrap by its hidden number",
        lambda world: world.sent() and None,
        lambda world: wrap_of_a_draft(world, rowid=1),
        "assignment_immutable_after_dispatch",
    ),
    (
        "a ledger line by its number",
        lambda world: world.sent() and None,
        lambda world: world.line(world.sent("completed"), "completed", id=2),
        "append_only",
    ),
    (
        "a step's record by its number",
        lambda world: world.sent() and None,
        lambda world: step_taken(world, id=1),
        "append_only",
    ),
    (
        "an entry by its number",
        lambda world: world.audit(),
        lambda world: world.audit(id=1),
        "append_only",
    ),
    (
        "a node by its hidden number",
        lambda world: world.node(0, 0),
        lambda world: world.node(0, 1, rowid=1),
        "append_only",
    ),
    (
        "a statement by its hidden number",
        lambda world: world.statement() and None,
        lambda world: world.statement(rowid=1) and None,
        "append_only",
    ),
    (
        "a refused statement by its hidden number",
        refusal,
        lambda world: refusal(world, hash=b"2" * 32, rowid=1),
        "append_only",
    ),
    ("a refused statement by its hash", refusal, refusal, "append_only"),
    ("an address by its hidden number", channel, lambda w: channel(w, rowid=1), "already_exists"),
]


@pytest.mark.parametrize(
    ("before", "replace", "rule"), [case[1:] for case in REPLACED], ids=[c[0] for c in REPLACED]
)
def test_no_row_is_replaced(
    world: World, before: Callable[[World], None], replace: Callable[[World], None], rule: str
) -> None:
    before(world)
    with world.replacing(), world.refused(rule):
        replace(world)


def test_a_consent_is_not_replaced_by_a_second_one(world: World) -> None:
    key = world.sent()
    world.consent(key)
    with world.replacing(), world.refused("append_only"):
        world.consent(key)


def test_a_wrap_is_not_replaced_by_another_for_the_same_reader(world: World) -> None:
    key = world.sent()
    with world.replacing(), world.refused("assignment_immutable_after_dispatch"):
        world.wrap(key, world.own.mentor)


def test_a_ledger_line_is_not_replaced_by_a_second_of_its_kind(world: World) -> None:
    key, _ = world.sent(), world.sent()
    with world.replacing(), world.refused("append_only"):
        world.line(key, "dispatched")


def test_an_entry_is_not_replaced_by_another_of_its_sequence(world: World) -> None:
    world.audit()
    with world.replacing(), world.refused("append_only"):
        world.audit(sequence=1)


@pytest.mark.parametrize("rowid", [0, -1])
def test_append_only_keeps_low_row_numbers_free(world: World, rowid: int) -> None:
    """SQLite shows -1 to a trigger while it has yet to choose a row's number."""
    with world.refused("append_only"):
        invite(world, id=rowid)
    with world.refused("append_only"):
        world.node(0, 0, rowid=rowid)
    with world.refused("append_only"):
        world.statement(rowid=rowid)
    with world.refused("append_only"):
        refusal(world, rowid=rowid)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rowid", 4000),
        ("id", ANOTHER_ID),
        ("organization_id", ANOTHER_ID),
        ("member_id", ANOTHER_ID),
        ("body", b"{1}"),
        ("signature", b"1" * 64),
        ("device", "another"),
        ("device_salt", b"1" * 16),
        ("issued_at", moment(-1)),
    ],
)
def test_a_certificate_changes_in_nothing_while_it_is_revoked(
    world: World, column: str, value: object
) -> None:
    with world.refused("append_only"):
        columns = {"revoked_at": moment(), column: value}
        world.change("certificates", world.own.coordinator_certificate, **columns)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rowid", 4000),
        ("id", ANOTHER_ID),
        ("assignment_id", ANOTHER_ID),
        ("share_commitment", b"1" * 32),
        ("created_at", moment(-1)),
    ],
)
def test_what_names_a_key_never_changes(world: World, column: str, value: object) -> None:
    key = world.key(world.own)
    with world.refused("append_only"):
        world.change("encryption_keys", key, **{column: value})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("organization_id", ANOTHER_ID),
        ("created_at", moment(-1)),
        ("expires_at", moment(99)),
        ("spent_at", "soon"),
    ],
)
def test_an_invitation_changes_in_nothing_while_it_is_spent(
    world: World, column: str, value: object
) -> None:
    invite(world)
    columns = JOINED | {column: value}
    sets = ", ".join(f"{name} = ?" for name in columns)
    with world.refused("append_only"):
        world.db.execute(f"UPDATE invitations SET {sets}", [*columns.values()])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rowid", 4000),
        ("hash", b"2" * 32),
        ("organization_id", ANOTHER_ID),
        ("certificate_id", None),
        ("act", "recall"),
        ("subject_id", ANOTHER_ID),
        ("code", "title_invalid"),
        ("facts", "{1}"),
        ("at", moment(1)),
        ("kept_until", moment(1)),
        ("sequence", 2),
        ("body", b"{1}"),
        ("signature", b"1" * 64),
        ("counted", 2),
        ("counted", 5),
    ],
)
def test_what_is_said_of_a_refusal_is_emptied_or_counted_on_but_never_changed(
    world: World, column: str, value: object
) -> None:
    refusal(world)
    with world.refused("append_only"):
        world.db.execute(f"UPDATE refused_statements SET {column} = ?", [value])
    world.db.execute("UPDATE refused_statements SET counted = counted + 1")
    world.db.execute("UPDATE refused_statements SET body = NULL, signature = NULL")


def test_a_refusal_goes_only_when_it_no_longer_counts(world: World) -> None:
    refusal(world)
    with world.refused("append_only"):
        world.db.execute("DELETE FROM refused_statements")
    world.db.execute("UPDATE refused_statements SET counted = NULL")
    world.db.execute("DELETE FROM refused_statements")


def test_what_was_carried_out_is_not_refused(world: World) -> None:
    done = world.statement()
    with world.refused("already_exists"):
        refusal(world, hash=done)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("reporting_cycles", "rowid", 4000),
        ("reporting_cycles", "id", ANOTHER_ID),
        ("notifications", "rowid", 4000),
        ("notifications", "id", ANOTHER_ID),
        ("notifications", "kind", "recalled"),
        ("sweep_runs", "rowid", 4000),
        ("organization_key_wraps", "use", "addresses"),
    ],
)
def test_organization_scope_isolation_fixes_what_names_a_row(
    world: World, table: str, column: str, value: object
) -> None:
    own = {"organization_id": world.own.id}
    world.add(
        "notifications",
        **own,
        id=new_id(),
        assignment_id=world.sent(),
        recipient_id=world.own.mentor,
        kind="dispatched",
        status="queued",
        attempts=0,
        created_at=moment(),
        due_at=moment(),
    )
    world.add("sweep_runs", **own, at=moment(), done=0, failed=0)
    world.add(
        "organization_key_wraps",
        **own,
        key_id=new_id(),
        use="imports",
        certificate_id=world.own.coordinator_certificate,
        wrap=bytes(80),
        maker_certificate_id=world.own.coordinator_certificate,
        signature=bytes(64),
        created_at=moment(),
    )
    with world.refused("organization_scope_isolation"):
        world.db.execute(f"UPDATE {table} SET {column} = ?", [value])


def test_a_role_stays_its_members(world: World) -> None:
    columns = [world.member(world.own), world.own.coordinator]
    with world.refused("organization_scope_isolation"):
        world.db.execute("UPDATE member_roles SET member_id = ? WHERE member_id = ?", columns)


@pytest.mark.parametrize("column", ["rowid", "assignment_id", "certificate_id"])
def test_a_wrap_is_not_moved(world: World, column: str) -> None:
    key, other = world.sent(), world.draft()
    world.db.execute("DELETE FROM key_wraps WHERE assignment_id = ?", [other])
    mine = world.certificate_of(world.own.mentor)
    values = {
        "rowid": 4000,
        "assignment_id": other,
        "certificate_id": world.certificate(world.own, world.own.mentor),
    }
    with world.refused("assignment_immutable_after_dispatch"):
        world.db.execute(
            f"UPDATE key_wraps SET {column} = ? WHERE assignment_id = ? AND certificate_id = ?",
            [values[column], key, mine],
        )


@pytest.mark.parametrize("column", ["import_key", "import_digest"])
def test_an_import_is_not_told_otherwise(world: World, column: str) -> None:
    key = world.draft(import_key=b"row", import_digest=b"text")
    with world.refused("assignment_immutable_after_dispatch"):
        world.change("assignments", key, **{column: b"other"})


def restored(world: World) -> None:
    world.add(
        "log_restores",
        organization_id=world.own.id,
        size=7,
        last_number=3,
        listed_at=moment(),
        restored_at=moment(),
    )
    world.add("lost_endings", organization_id=world.own.id, kind="key", id=ANOTHER_ID)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_restores SET last_number = 2",
        f"UPDATE log_restores SET organization_id = '{ANOTHER_ID}'",
        "DELETE FROM log_restores",
        "UPDATE lost_endings SET kind = 'reminder'",
        "DELETE FROM lost_endings",
    ],
)
def test_what_a_restore_knows_to_be_lost_is_never_forgotten(world: World, statement: str) -> None:
    restored(world)
    world.db.execute("UPDATE log_restores SET last_number = 4, size = 6")
    with world.refused("append_only"):
        world.db.execute(statement)
