"""Who may send and receive, inside the database, against a program that uses none of our code."""

from __future__ import annotations

import sqlite3

import pytest

from .conftest import World, moment


def test_only_coordinator_can_dispatch_also_for_drafts(world: World) -> None:
    admin = world.member(world.own, "org_admin")
    revoked = world.member(world.own, "coordinator", status="revoked")
    stranger = world.organization().coordinator
    for person in (admin, revoked, stranger, world.own.mentor, "nobody"):
        with world.refused("only_coordinator_can_dispatch"):
            world.draft(dispatched_by_user_id=person)
        with world.refused("only_coordinator_can_dispatch"):
            world.change("assignments", world.draft(), dispatched_by_user_id=person)


def test_only_coordinator_can_dispatch_when_the_role_was_lost(world: World) -> None:
    key = world.draft()
    world.db.execute("DELETE FROM member_roles WHERE member_id = ?", [world.own.coordinator])
    with world.refused("only_coordinator_can_dispatch"):
        world.dispatch(key)
    world.add("member_roles", member_id=world.own.coordinator, role="coordinator")
    world.dispatch(key)


def test_only_coordinator_can_dispatch_not_one_who_has_left(world: World) -> None:
    key = world.draft()
    for status in ("revoked", "invited"):
        world.change("members", world.own.coordinator, status=status)
        with world.refused("only_coordinator_can_dispatch"):
            world.dispatch(key)
    world.change("members", world.own.coordinator, status="active")
    world.dispatch(key)


def test_recipient_must_belong_to_same_organization(world: World) -> None:
    stranger, key = world.organization().mentor, world.draft()
    for person in (stranger, "nobody"):
        with world.refused("recipient_must_belong_to_same_organization"):
            world.draft(recipient_user_id=person)
        with world.refused("recipient_must_belong_to_same_organization"):
            world.change("assignments", key, recipient_user_id=person)
    world.change("members", world.own.mentor, status="revoked")
    with world.refused("recipient_must_belong_to_same_organization"):
        world.dispatch(key)


@pytest.mark.parametrize(
    "profile",
    [
        {"status": "paused"},
        {"status": "expired"},
        {"certified_until": "2026-02-28"},
    ],
)
def test_recipient_is_active_peer_mentor(world: World, profile: dict[str, object]) -> None:
    key, other = world.draft(), world.mentor(world.own, **profile)
    with world.refused("recipient_is_active_peer_mentor"):
        world.draft(recipient_user_id=other)
    with world.refused("recipient_is_active_peer_mentor"):
        world.change("assignments", key, recipient_user_id=other)
    ((column, value),) = profile.items()
    world.db.execute(
        f"UPDATE peer_mentor_profiles SET {column} = ? WHERE member_id = ?",
        [value, world.own.mentor],
    )
    with world.refused("recipient_is_active_peer_mentor"):
        world.dispatch(key)


def test_recipient_is_active_peer_mentor_needs_the_role(world: World) -> None:
    with world.refused("recipient_is_active_peer_mentor"):
        world.draft(recipient_user_id=world.own.coordinator)
    key = world.draft(recipient_user_id=world.mentor(world.own, certified_until="2026-03-01"))
    world.dispatch(key)


def test_recipient_is_active_peer_mentor_does_not_stop_a_recall(world: World) -> None:
    key = world.sent()
    world.db.execute("UPDATE peer_mentor_profiles SET status = 'paused'")
    world.change("members", world.own.mentor, status="revoked")
    world.step(key, "recalled")


def test_organization_scope_isolation_of_members(world: World) -> None:
    other = world.organization()
    for table, key in (("members", world.own.mentor), ("organizations", world.own.id)):
        with world.refused("organization_scope_isolation"):
            world.change(table, key, id="0" * 32)
    with world.refused("organization_scope_isolation"):
        world.change("members", world.own.mentor, organization_id=other.id)
    with world.refused("organization_scope_isolation"):
        world.db.execute("UPDATE peer_mentor_profiles SET organization_id = ?", [other.id])
    with world.refused("organization_scope_isolation"):
        world.db.execute("UPDATE member_roles SET member_id = ?", [world.own.mentor])
    with world.refused("organization_scope_isolation"):
        world.mentor_profile(other, world.member(world.own, "peer_mentor"))
    with world.refused("organization_scope_isolation"):
        world.certificate(other, world.own.mentor)


@pytest.mark.parametrize(
    "table", ["organizations", "members", "member_roles", "peer_mentor_profiles"]
)
def test_no_row_takes_another_hidden_number(world: World, table: str) -> None:
    """UPDATE OR REPLACE to a number that is taken would delete the row that has it."""
    world.organization()
    for target in ("rowid + 1000", "rowid - 1000", f"(SELECT max(rowid) FROM {table})"):
        with world.refused("organization_scope_isolation"):
            world.db.execute(f"UPDATE OR REPLACE {table} SET rowid = {target}")


def test_a_profile_stays_its_mentors(world: World) -> None:
    other = world.member(world.own, "peer_mentor")
    with world.refused("organization_scope_isolation"):
        world.db.execute("UPDATE peer_mentor_profiles SET member_id = ?", [other])


def test_organization_scope_isolation_keeps_a_member_with_a_certificate(world: World) -> None:
    """Nothing else refers to them, and still their signatures must be checked."""
    key = world.member(world.own, "coordinator")
    world.certificate(world.own, key)
    with world.refused("organization_scope_isolation"):
        world.db.execute("DELETE FROM members WHERE id = ?", [key])


def test_a_draft_handed_to_another_coordinator_needs_their_certificate(world: World) -> None:
    other = world.member(world.own, "coordinator")
    own = world.certificate(world.own, other)
    key = world.draft()
    world.change("assignments", key, dispatched_by_user_id=other)
    world.db.execute(
        "DELETE FROM key_wraps WHERE certificate_id = ?", [world.own.coordinator_certificate]
    )
    world.wrap(key, other)
    columns = world.dispatch_columns(key)
    with world.refused("organization_scope_isolation"):
        world.change("assignments", key, **columns)
    world.change("assignments", key, dispatcher_certificate_id=own)
    world.dispatch(key)


def test_organization_scope_isolation_keeps_members_that_are_referred_to(world: World) -> None:
    for key in (
        world.own.coordinator,
        str(world.value("assignments", world.draft(), "recipient_user_id")),
    ):
        with world.refused("organization_scope_isolation"):
            world.db.execute("DELETE FROM members WHERE id = ?", [key])
    world.db.execute("DELETE FROM members WHERE id = ?", [world.member(world.own)])


def test_organization_scope_isolation_of_a_withdrawal(world: World) -> None:
    stranger, key = world.organization().coordinator, world.sent()
    for step in ("recalled", "cancelled"):
        with world.refused("organization_scope_isolation"):
            world.step(key, step, **{f"{step}_by_user_id": stranger})


def test_organization_scope_isolation_of_the_dispatchers_certificate(world: World) -> None:
    other = world.organization()
    for certificate in (
        other.coordinator_certificate,
        world.certificate(world.own, world.own.mentor),
        "none",
    ):
        with world.refused("organization_scope_isolation"):
            world.draft(dispatcher_certificate_id=certificate)
        with world.refused("organization_scope_isolation"):
            world.change("assignments", world.draft(), dispatcher_certificate_id=certificate)


def test_organization_scope_isolation_of_the_organization_key(world: World) -> None:
    other = world.organization()
    columns: dict[str, object] = {
        "organization_id": world.own.id,
        "key_id": "2" * 32,
        "use": "imports",
        "certificate_id": world.own.coordinator_certificate,
        "wrap": bytes(80),
        "maker_certificate_id": world.own.coordinator_certificate,
        "signature": bytes(64),
        "created_at": moment(),
    }
    with world.refused("organization_scope_isolation"):
        theirs = {"certificate_id": other.coordinator_certificate}
        world.add("organization_key_wraps", **columns | theirs)
    world.add("organization_key_wraps", **columns)
    for column in ("organization_id", "key_id", "use", "certificate_id", "rowid"):
        value = "1000" if column == "rowid" else "'other'"
        with world.refused("organization_scope_isolation"):
            world.db.execute(f"UPDATE organization_key_wraps SET {column} = {value}")


def test_already_exists_covers_members_and_their_handles(world: World) -> None:
    taken = world.value("members", world.own.mentor, "handle")
    columns: dict[str, object] = {
        "id": "1" * 32,
        "organization_id": world.own.id,
        "handle": "new",
        "handle_salt": bytes(16),
        "display_name": "Ola",
        "display_name_salt": bytes(16),
        "status": "active",
        "created_at": moment(),
        "updated_at": moment(),
    }
    for change in ({"id": world.own.mentor}, {"handle": taken}, {"rowid": 1}, {"rowid": -1}):
        with world.refused("already_exists"):
            world.put("INSERT OR REPLACE INTO members", columns | change)
    with world.refused("already_exists"):
        world.db.execute(
            "UPDATE OR REPLACE members SET handle = ? WHERE id = ?", [taken, world.own.coordinator]
        )


JOINED: dict[str, object] = {
    "signing_key": bytes(32),
    "encryption_key": bytes(32),
    "device": "laptop",
    "device_salt": bytes(16),
}


def invitation(world: World, **changes: object) -> dict[str, object]:
    """Return an invitation of the mentor that nobody has joined with, but for `changes`."""
    columns: dict[str, object] = {
        "id": 1,
        "organization_id": world.own.id,
        "member_id": world.own.mentor,
        "token_hash": bytes(32),
        "expires_at": moment(14),
        "created_at": moment(),
    }
    return columns | changes


def test_organization_scope_isolation_of_an_invitation(world: World) -> None:
    other = world.organization()
    for column, own in (("organization_id", other.id), ("member_id", other.mentor)):
        with world.refused("organization_scope_isolation"):
            world.add("invitations", **invitation(world, **{column: own}))
    world.add("invitations", **invitation(world))


def test_an_invitation_is_spent_once_and_by_nothing_else_changed(world: World) -> None:
    with world.refused("append_only"):
        world.add("invitations", **invitation(world, spent_at=moment(), **JOINED))
    world.add("invitations", **invitation(world))
    with world.refused("append_only"):
        world.put("INSERT OR REPLACE INTO invitations", invitation(world, token_hash=b"x" * 32))
    for column, value in (
        ("token_hash", b"x" * 32),
        ("expires_at", moment(99)),
        ("member_id", world.own.coordinator),
        ("rowid", 7),
    ):
        with world.refused("append_only"):
            columns = {"spent_at": moment(), **JOINED, column: value}
            sets = ", ".join(f"{name} = ?" for name in columns)
            world.db.execute(f"UPDATE invitations SET {sets}", [*columns.values()])
    with world.refused("append_only"):
        world.db.execute("UPDATE invitations SET spent_at = 'soon'")
    sets = ", ".join(f"{name} = ?" for name in ("spent_at", *JOINED))
    world.db.execute(f"UPDATE invitations SET {sets}", [moment(), *JOINED.values()])
    for name, value in JOINED.items():
        with world.refused("append_only"):
            world.db.execute(f"UPDATE invitations SET {name} = ?", [value])


@pytest.mark.parametrize("token", [b"", bytes(31), bytes(33)])
def test_an_invitation_has_the_hash_of_a_token(world: World, token: bytes) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="invitations_token"):
        world.add("invitations", **invitation(world, token_hash=token))


@pytest.mark.parametrize("missing", JOINED)
def test_what_has_joined_is_there_whole(world: World, missing: str) -> None:
    world.add("invitations", **invitation(world))
    columns = {name: value for name, value in JOINED.items() if name != missing}
    sets = ", ".join(f"{name} = ?" for name in ("spent_at", *columns))
    with pytest.raises(sqlite3.IntegrityError, match="invitations_spent_whole"):
        world.db.execute(f"UPDATE invitations SET {sets}", [moment(), *columns.values()])


def test_recipient_must_belong_to_same_organization_and_be_active(world: World) -> None:
    mentor = world.mentor(world.own)
    world.change("members", mentor, status="revoked")
    with world.refused("recipient_must_belong_to_same_organization"):
        world.draft(recipient_user_id=mentor)


def test_recipient_is_active_peer_mentor_not_by_a_profile_alone(world: World) -> None:
    key, other = world.draft(), world.member(world.own, "coordinator")
    world.mentor_profile(world.own, other)
    with world.refused("recipient_is_active_peer_mentor"):
        world.draft(recipient_user_id=other)
    with world.refused("recipient_is_active_peer_mentor"):
        world.change("assignments", key, recipient_user_id=other)


def test_recipient_is_active_peer_mentor_not_when_a_pause_was_no_pause(world: World) -> None:
    key = world.draft()
    other = world.mentor(world.own, status="expired", paused_until="2026-01-01")
    with world.refused("recipient_is_active_peer_mentor"):
        world.draft(recipient_user_id=other)
    with world.refused("recipient_is_active_peer_mentor"):
        world.change("assignments", key, recipient_user_id=other)


def test_organization_scope_isolation_keeps_a_member_with_an_assignment(world: World) -> None:
    """Also one who has no certificate yet."""
    recipient = world.member(world.own, "peer_mentor")
    world.mentor_profile(world.own, recipient)
    world.add("assignments", **world.draft_columns() | {"recipient_user_id": recipient})
    dispatcher = world.member(world.own, "coordinator")
    world.change("assignments", world.draft(), dispatched_by_user_id=dispatcher)
    for member in (recipient, dispatcher):
        with world.refused("organization_scope_isolation"):
            world.db.execute("DELETE FROM members WHERE id = ?", [member])


@pytest.mark.parametrize("who", ["admin", "revoked", "stranger", "alone"])
def test_only_coordinator_can_dispatch_whatever_certificate_they_have(
    world: World, who: str
) -> None:
    other = world.organization()
    person = {
        "admin": lambda: world.member(world.own, "org_admin"),
        "revoked": lambda: world.member(world.own, "coordinator", status="revoked"),
        "stranger": lambda: other.coordinator,
        "alone": lambda: world.member(world.own),
    }[who]()
    theirs = {
        "dispatched_by_user_id": person,
        "dispatcher_certificate_id": world.certificate_of(person),
    }
    with world.refused("only_coordinator_can_dispatch"):
        world.draft(**theirs)
    with world.refused("only_coordinator_can_dispatch"):
        world.change("assignments", world.draft(), **theirs)


def test_a_certificate_is_suspended_at_a_moment_and_lifted_and_nothing_else(world: World) -> None:
    key = world.own.coordinator_certificate
    for wrong in ("2026", "", 7):
        with world.refused("append_only"):
            world.change("certificates", key, suspended_at=wrong)
    world.change("certificates", key, suspended_at=moment(-2))
    with world.refused("append_only"):  # another moment
        world.change("certificates", key, suspended_at=moment(-1))
    with world.refused("append_only"):  # lifted by the end that it comes to
        world.change("certificates", key, suspended_at=None, revoked_at=moment(-1))
    world.change("certificates", key, suspended_at=None)
    with world.refused("append_only"):  # suspended and ended at once
        world.change("certificates", key, suspended_at=moment(-1), revoked_at=moment(-1))
