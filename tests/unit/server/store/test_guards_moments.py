"""Each step with its moment and each moment with its step, inside the database, against raw SQL."""

from __future__ import annotations

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
