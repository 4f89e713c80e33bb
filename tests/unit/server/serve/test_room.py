"""Who gives way where there is too little room: never one who is in the middle of something."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from assigncli.server.serve.limits import Limits
from assigncli.server.serve.room import Guest, Room, State

LIMITS = Limits(
    connections=6,
    connections_of_account=3,
    hello_within=5,
    displaced_after=1,
    idle_within=100,
    idle_displaced_after=30,
    grace=5,
    bytes_a_second=100,
    held=1_000,
    held_of_account=400,
    unread=1_000,
    goodbye=2,
)
RELAY = 7


@pytest.fixture
def room() -> Room:
    return Room(LIMITS, frozenset({RELAY}))


def entered(room: Room, uid: int = 1, state: State = State.GREETING, now: float = 0.0) -> Guest:
    guest = Guest(uid, since=now)
    room.enter(guest)
    room.become(guest, state, now)
    return guest


def test_an_account_has_its_share_and_a_trusted_one_half_of_all(room: Room) -> None:
    assert not any(room.is_full_for(entered(room)) for _each in range(3))
    assert room.is_full_for(entered(room))
    other = Room(replace(LIMITS, connections=20), frozenset({RELAY}))
    assert not any(other.is_full_for(entered(other, RELAY)) for _each in range(10))
    assert other.is_full_for(entered(other, RELAY))


def test_a_member_who_comes_by_a_trusted_account_has_the_share_of_one_account(room: Room) -> None:
    kari, ola = UUID(int=1), UUID(int=2)
    wide = Room(replace(LIMITS, connections=20), frozenset({RELAY}))
    guests = [entered(wide, RELAY, State.WORKING) for _each in range(4)]
    for guest in guests:
        wide.hold(guest, 10)
        wide.name(guest, kari)
    assert wide.is_full_for(guests[-1])
    other = entered(wide, RELAY, State.WORKING)
    wide.name(other, ola)
    assert not wide.is_full_for(other)
    assert (wide.count, wide.held) == (5, 40)
    wide.hold(guests[0], 400)
    assert wide.overfull(guests[0]) is guests[0]
    assert wide.overfull(other) is None


def test_all_together_have_no_more_than_there_are(room: Room) -> None:
    for uid in (1, 1, 1, 2, 2, 2):
        assert not room.is_full_for(entered(room, uid))
    assert room.is_full_for(entered(room, 3))


def test_who_has_said_no_hello_gives_way_before_who_is_idle(room: Room) -> None:
    idle, silent, _working = (
        entered(room, state=state) for state in (State.RESTING, State.GREETING, State.WORKING)
    )
    new = entered(room, now=50)
    assert room.giving_way_to(new, 50) is silent
    room.leave(silent)
    room.become(new, State.RESTING, 50)
    assert room.giving_way_to(entered(room, now=50), 50) is idle


def test_who_has_just_come_or_is_busy_does_not_give_way(room: Room) -> None:
    entered(room, now=49.5)
    for state in (State.WORKING, State.ARRIVING, State.ANSWERING):
        entered(room, state=state)
    entered(room, state=State.RESTING, now=25)
    assert room.giving_way_to(entered(room, now=50), 50) is None


def test_an_account_gives_way_for_others_only_where_it_has_most(room: Room) -> None:
    for _each in range(3):
        entered(room, 1)
    for _each in range(2):
        entered(room, 2)
    new = entered(room, 3, now=50)
    leaving = room.giving_way_to(new, 50)
    assert leaving is not None
    assert leaving.uid == 1


def test_too_many_bytes_end_the_request_that_arrives_longest_of_that_account(room: Room) -> None:
    first = entered(room, 1, State.ARRIVING, now=1)
    second = entered(room, 1, State.ARRIVING, now=2)
    other = entered(room, 2, State.ARRIVING)
    room.hold(other, 300)
    room.hold(first, 200)
    room.hold(second, 200)
    assert room.overfull(second) is None
    room.hold(second, 201)
    assert room.overfull(second) is first
    room.leave(first)
    assert room.overfull(second) is None
    assert room.held == 501


def test_too_many_bytes_of_all_end_a_request_of_who_holds_most(room: Room) -> None:
    for uid, size in ((1, 400), (2, 350)):
        room.hold(entered(room, uid, State.ARRIVING), size)
    last = entered(room, 3, State.ARRIVING)
    room.hold(last, 300)
    leaving = room.overfull(last)
    assert leaving is not None
    assert leaving.uid == 1


def test_too_much_unread_ends_who_reads_longest(room: Room) -> None:
    first = entered(room, 1, State.ANSWERING, now=1)
    second = entered(room, 2, State.ANSWERING, now=2)
    room.leave_unread(first, 400)
    room.leave_unread(second, 600)
    assert room.overlong() is None
    room.leave_unread(second, 601)
    assert room.overlong() is first


@pytest.mark.parametrize(
    ("state", "within"),
    [(State.GREETING, 5), (State.RESTING, 100), (State.CLOSING, 2)],
)
def test_each_thing_has_its_time(room: Room, state: State, within: float) -> None:
    guest = entered(room, state=state)
    assert room.late(within) == []
    assert room.late(within + 0.1) == [guest]


def test_who_works_or_is_answered_is_never_late_here(room: Room) -> None:
    for state in (State.WORKING, State.ANSWERING):
        entered(room, state=state)
    assert room.late(1e9) == []


def test_a_request_that_arrives_too_slowly_is_late_after_its_grace(room: Room) -> None:
    guest = entered(room, state=State.ARRIVING)
    room.hold(guest, 100)
    assert room.late(6) == []
    assert room.late(6.1) == [guest]
    room.hold(guest, 400)
    assert room.late(9) == []


def test_leaving_twice_takes_nothing_from_others(room: Room) -> None:
    guest, _other = entered(room), entered(room)
    room.hold(guest, 5)
    room.leave_unread(guest, 5)
    room.leave(guest)
    room.leave(guest)
    room.hold(guest, 9)
    assert (room.count, room.held, room.unread, len(list(room))) == (1, 0, 0, 1)
