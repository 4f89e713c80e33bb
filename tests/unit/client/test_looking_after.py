"""What may be done to a member, told by evidence; the server's word is believed for no more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from assigncli.client.looking_after import (
    to_approve,
    to_certify,
    to_invite,
    to_pause,
    to_restore,
    to_revoke,
)
from assigncli.domain.lifecycle import MemberStatus
from assigncli.errors import AssignError
from assigncli.words.errors import said
from tests.unit.client.people import (
    KEYS,
    NEWCOMER,
    PEOPLE,
    TODAY,
    handle,
    joining,
    revoked,
    shown,
)
from tests.unit.trust.world import COORDINATOR, FOUNDER, MENTOR, SERVICE, Device, founded

NOBODY = {"unknown": [{"handle": "karu", "near": "kari"}]}


def refused(code: str, asks: Callable[[], object]) -> AssignError:
    with pytest.raises(AssignError) as fault:
        asks()
    assert fault.value.code == code
    return fault.value


@pytest.mark.parametrize("by", ["founder", "coordinator"])
def test_staff_may_certify_pause_and_revoke_a_mentor(by: str) -> None:
    found, actor = shown(), PEOPLE[by].certificate()
    members = (
        to_certify(found, actor, handle(MENTOR)),
        to_pause(found, actor, handle(MENTOR), TODAY),
        to_revoke(found, actor, handle(MENTOR)),
    )
    for each in members:
        assert (each.id, each.status) == (MENTOR.member, MemberStatus.ACTIVE)
        assert [device.id for device in each.devices] == [MENTOR.id]


@pytest.mark.parametrize(
    ("by", "whom", "code"),
    [
        ("mentor", MENTOR, "role_missing"),
        ("coordinator", COORDINATOR, "may_not_vouch"),
        ("coordinator", FOUNDER, "may_not_vouch"),
        ("founder", COORDINATOR, "member_not_a_mentor"),
    ],
)
def test_who_may_not_certify(by: str, whom: Device, code: str) -> None:
    refused(code, lambda: to_certify(shown(), PEOPLE[by].certificate(), handle(whom)))


@pytest.mark.parametrize(
    ("by", "whom", "code"),
    [
        ("mentor", COORDINATOR, "role_missing"),
        ("mentor", MENTOR, "role_missing"),
        ("coordinator", FOUNDER, "may_not_vouch"),
        ("founder", FOUNDER, "may_not_vouch"),
        ("founder", SERVICE, "may_not_vouch"),
    ],
)
def test_who_may_not_revoke(by: str, whom: Device, code: str) -> None:
    refused(code, lambda: to_revoke(shown(), PEOPLE[by].certificate(), handle(whom)))


@pytest.mark.parametrize("act", [to_certify, to_revoke, to_approve, to_invite])
def test_an_unknown_handle_is_told_to_staff_alone(act: Callable[..., Any]) -> None:
    found, coordinator = shown(rows=NOBODY), COORDINATOR.certificate()
    if act is to_invite:
        assert act(found, coordinator, "karu") is None
    else:
        error = refused("member_not_found", lambda: act(found, coordinator, "karu"))
        assert "kari" in said(error)[1]
    if act is not to_approve:
        refused("role_missing", lambda: act(found, MENTOR.certificate(), "karu"))


def test_a_certification_is_that_of_the_statement() -> None:
    world = founded()
    world.does(COORDINATOR, "member.certified", MENTOR.member, {"until": "2026-12-01"})
    for says in (None, "2030-01-01"):
        found = shown(world, certified_until=says)
        asks = partial(to_certify, found, COORDINATOR.certificate(), handle(MENTOR))
        refused("certificate_invalid", asks)
    found = shown(world, certified_until="2026-12-01")
    to_certify(found, COORDINATOR.certificate(), handle(MENTOR))


def test_a_mentor_may_pause_themselves_and_nobody_else() -> None:
    found = shown(reader=MENTOR.member)
    assert to_pause(found, MENTOR.certificate(), handle(MENTOR), TODAY).id == MENTOR.member
    actor = MENTOR.certificate()
    refused("role_missing", lambda: to_pause(found, actor, handle(PEOPLE["stranger"]), TODAY))
    refused("member_not_found", lambda: to_pause(found, actor, "nobody", TODAY))
    waits = shown(rows={"waiting": joining()["waiting"]}, reader=MENTOR.member)
    refused("role_missing", lambda: to_pause(waits, actor, "new", TODAY))


def test_who_is_paused_is_a_mentor_whose_certification_holds() -> None:
    actor = FOUNDER.certificate()
    refused("member_not_a_mentor", lambda: to_pause(shown(), actor, handle(COORDINATOR), TODAY))
    waits = shown(rows=joining())
    refused("member_not_a_mentor", lambda: to_pause(waits, actor, "new", TODAY))
    past = shown(certified_until="2026-11-24")
    refused("certification_lapsed", lambda: to_pause(past, actor, handle(MENTOR), TODAY))
    to_pause(shown(certified_until="2026-11-25"), actor, handle(MENTOR), TODAY)
    world = founded()
    world.alone("member.lapsed", MENTOR.member, {})
    lapsed = shown(world)
    refused("certification_lapsed", lambda: to_pause(lapsed, actor, handle(MENTOR), TODAY))
    world.does(FOUNDER, "member.certified", MENTOR.member, {"until": None})
    to_pause(shown(world), actor, handle(MENTOR), TODAY)


def test_a_membership_that_has_ended_is_the_log_s_to_say() -> None:
    actor, kept = FOUNDER.certificate(), handle(MENTOR)
    found = shown(revoked(), status="revoked")
    refused("member_already_revoked", lambda: to_pause(found, actor, kept, TODAY))
    refused("member_already_revoked", lambda: to_revoke(found, actor, kept))
    refused("certificate_invalid", lambda: to_certify(found, actor, kept))
    refused("handle_taken", lambda: to_invite(found, actor, kept))
    refused("member_not_waiting", lambda: to_approve(found, actor, kept))
    differs = to_revoke(shown(revoked(), status="active"), actor, kept)
    assert (differs.status, differs.differs) == (MemberStatus.REVOKED, True)


def test_a_row_that_differs_is_found_for_who_is_a_member() -> None:
    assert to_restore(shown(), handle(MENTOR)) is None
    found = to_restore(shown(status="revoked"), handle(MENTOR))
    assert found is not None
    assert found.id == MENTOR.member
    assert to_restore(shown(revoked(), status="active"), handle(MENTOR)) is None
    assert to_restore(shown(rows=joining()), "new") is None


def test_who_waits_is_as_the_server_says() -> None:
    found = shown(rows=joining())
    member, keys = to_approve(found, COORDINATOR.certificate(), "new")
    assert (member.id, keys, member.roles) == (NEWCOMER, KEYS, {"peer_mentor"})
    assert {name: text.text for name, text in member.texts.items()} == {
        "handle": "new",
        "display_name": "New Name",
        "device": "laptop",
    }
    refused("handle_taken", lambda: to_invite(found, COORDINATOR.certificate(), "new"))
    assert to_revoke(found, FOUNDER.certificate(), "new").id == NEWCOMER
    refused("may_not_vouch", lambda: to_revoke(found, COORDINATOR.certificate(), "new"))


def test_who_is_invited_may_be_invited_again_and_is_not_waiting() -> None:
    nothing = dict.fromkeys(("signing_key", "encryption_key", "device", "device_salt"))
    found = shown(rows=joining(**nothing))
    member = to_invite(found, COORDINATOR.certificate(), "new")
    assert member is not None
    assert (member.id, member.status) == (NEWCOMER, MemberStatus.INVITED)
    refused("member_not_waiting", lambda: to_approve(found, COORDINATOR.certificate(), "new"))


def test_a_request_that_was_ended_is_not_approved() -> None:
    world = founded()
    ended = ("member.revoked", NEWCOMER, {"certificates": []})
    world.does(FOUNDER, "member.revoked", NEWCOMER, {"open": 0}, ended)
    found, actor = shown(world, joining()), FOUNDER.certificate()
    refused("member_not_waiting", lambda: to_approve(found, actor, "new"))
    refused("handle_taken", lambda: to_invite(found, actor, "new"))


def test_keys_of_who_waits_are_for_those_who_approve() -> None:
    found = shown(rows={"waiting": joining()["waiting"]}, reader=MENTOR.member)
    refused("role_missing", lambda: to_approve(found, MENTOR.certificate(), "new"))
    refused("member_not_waiting", lambda: to_approve(found, MENTOR.certificate(), handle(MENTOR)))


@pytest.mark.parametrize(
    "cells",
    [{"id": "new"}, {"signing_key": "0"}, {"signing_key": 7}, {"device": 7}, {"roles": "chef"}],
)
def test_a_row_of_another_form_is_refused(cells: dict[str, object]) -> None:
    found = shown(rows=joining(**cells))
    refused("answer_malformed", lambda: to_approve(found, FOUNDER.certificate(), "new"))


def test_keys_that_are_none_are_not_certified_and_bar_nothing_else() -> None:
    found, actor = shown(rows=joining(signing_key="00")), FOUNDER.certificate()
    refused("public_key_invalid", lambda: to_approve(found, actor, "new"))
    assert to_revoke(found, actor, "new").id == NEWCOMER


def test_what_is_open_is_the_server_s_word() -> None:
    counts = {"open_assignments": [{"member": str(MENTOR.member), "count": 3}]}
    actor = FOUNDER.certificate()
    assert to_revoke(shown(rows=counts), actor, handle(MENTOR)).open == 3
    assert to_revoke(shown(), actor, handle(MENTOR)).open == 0
    said = shown(rows={"open_assignments": [{**counts["open_assignments"][0], "count": "3"}]})
    refused("answer_malformed", lambda: to_revoke(said, actor, handle(MENTOR)))
