"""A mentor's decline inside the database, against a program that uses none of our code."""

from __future__ import annotations

import pytest

from assigncli.domain.declining import DECLINABLE, DeclineReason
from assigncli.domain.lifecycle import TERMINAL, TRANSITIONS, Status

from .conftest import STEPS, World, moment
from .test_guards_steps import standing

DECLINED = {"declined_at": moment(2), "decline_reason": "ill"}


def declined(world: World, until: str = "dispatched") -> str:
    """Return an assignment that was declined in that status."""
    key = world.sent(until)
    world.change("assignments", key, **DECLINED)
    return key


@pytest.mark.parametrize("status", Status)
def test_a_mentor_declines_what_is_sent_until_contact_is_made(world: World, status: Status) -> None:
    key = standing(world, status)
    if status in DECLINABLE:
        world.change("assignments", key, **DECLINED)
        return
    with world.refused("valid_status_transition"):
        world.change("assignments", key, **DECLINED)


def test_nothing_begins_as_declined(world: World) -> None:
    with world.refused("valid_status_transition"):
        world.add("assignments", **world.draft_columns() | DECLINED)


def test_a_decline_is_no_step_and_comes_with_none(world: World) -> None:
    key = world.sent()
    with world.refused("valid_status_transition"):
        world.change("assignments", key, status="delivered", delivered_at=moment(2), **DECLINED)
    with world.refused("valid_status_transition"):
        world.change("assignments", key, **DECLINED | {"declined_at": moment(2)[:10]})
    with world.refused("expired_payload_inaccessible"):
        world.change("assignments", key, **DECLINED | {"declined_at": moment(30)})


def test_moment_and_reason_come_together_and_the_reason_is_on_the_list(world: World) -> None:
    key = world.sent()
    for columns in (
        {"declined_at": moment(2)},
        {"decline_reason": "ill"},
    ):
        with world.refused("decline_whole"):
            world.change("assignments", key, **columns)
    with world.refused("decline_reason_known"):
        world.change("assignments", key, **DECLINED | {"decline_reason": "tired"})


@pytest.mark.parametrize("reason", DeclineReason)
def test_each_reason_is_known(world: World, reason: DeclineReason) -> None:
    key = world.sent()
    world.change("assignments", key, **DECLINED | {"decline_reason": reason})
    assert world.value("assignments", key, "decline_reason") == reason


def test_a_decline_is_written_once_and_never_taken_back(world: World) -> None:
    key = declined(world)
    for columns in (
        {"decline_reason": "other"},
        {"declined_at": moment(3)},
        {"declined_at": None, "decline_reason": None},
    ):
        with world.refused("assignment_immutable_after_dispatch"):
            world.change("assignments", key, **columns)


@pytest.mark.parametrize(
    ("status", "target"),
    [(status, target) for status in sorted(DECLINABLE) for target in sorted(TRANSITIONS[status])],
)
def test_what_is_declined_only_ends(world: World, status: Status, target: Status) -> None:
    key = declined(world, status)
    if target in TERMINAL:
        world.step(key, target, days=31)
        return
    if target is Status.READ:
        world.audit(subject_id=key, actor_id=world.own.mentor)
    with world.refused("assignment_declined"):
        world.change("assignments", key, **{"status": target, STEPS[target]: moment(3)})


def test_who_declined_neither_consents_nor_tries(world: World) -> None:
    with world.refused("assignment_declined"):
        world.consent(declined(world))
    with world.refused("assignment_declined"):
        world.attempt(declined(world, "acknowledged"))
    key = world.sent("delivered", consent_required=1)
    world.consent(key)
    world.change("assignments", key, **DECLINED)
    with world.refused("assignment_declined"):
        world.change("assignments", key, consent_completed_at=moment(3))


def test_nobody_is_reminded_of_what_is_declined(world: World) -> None:
    with world.refused("ten_day_no_contact_reminder"):
        world.change("assignments", declined(world), reminder_sent_at=moment(11))
