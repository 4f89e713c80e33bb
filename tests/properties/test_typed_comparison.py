"""A key that was swapped: how often it is approved by typed digits, and by the question before.

The attacker makes keys until some groups of their digits are those of the true keys. The reader
compares two of the eight groups and says yes; or types what they hear, and the program compares.
What is typed goes through the real prompts, and the digits are those of real keys.
"""

from __future__ import annotations

import io
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import pytest

from assigncli.cli.frame import Frame, Globals, entered
from assigncli.cli.input import telephone
from assigncli.cli.output import Output
from assigncli.crypto.identity import Identity, spoken_fingerprint
from assigncli.errors import Tampered
from tests.quick import all_in_one
from tests.typist import Typist

GROUPS, PLACES, COMPARED, TRIES = 8, 5, 2, 3
FIRST_AND_LAST = (0, GROUPS - 1)
ROUNDS = 200
"""Swapped keys that are tried for each number of groups that fit."""


@pytest.fixture
def terminal() -> Iterator[io.StringIO]:
    """A frame to ask in, and all that was said in it."""
    said = io.StringIO()
    frame = Frame(Globals(), Output("linear", False, io.StringIO(), said), {})
    with entered(frame, "en"):
        yield said


@pytest.fixture
def types(terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """What tells whether the program takes these typed groups for those that it expects."""

    def is_taken(expected: Sequence[str], *typed: str) -> bool:
        monkeypatch.setattr(sys, "stdin", Typist(*typed))
        terminal.truncate(terminal.seek(0))
        try:
            telephone.compared("Kari", "About.", " ".join(expected), "--fingerprint")
        except Tampered:
            return False
        return True

    return is_taken


def digits(chance: random.Random) -> list[str]:
    """Return the groups that somebody reads out from keys of their own."""
    return _spoken(Identity.generate(), chance).split()


def _spoken(own: Identity, chance: random.Random) -> str:
    return spoken_fingerprint(
        root_key=Identity.generate().public.signing_key,
        organization_id=UUID(int=chance.getrandbits(128)),
        member_id=UUID(int=chance.getrandbits(128)),
        public=own.public,
    )


def ground(true: Sequence[str], fitting: Sequence[int], chance: random.Random) -> list[str]:
    """Return the digits of a swapped key that was made until just these groups fit."""
    other = digits(chance)
    return [
        group if place in fitting else (mine if mine != group else altered(mine, 0))
        for place, (group, mine) in enumerate(zip(true, other, strict=True))
    ]


def says_yes(heard: Sequence[str], shown: Sequence[str], compared: Sequence[int]) -> bool:
    """Return what a reader answers who compares these groups only."""
    return all(heard[place] == shown[place] for place in compared)


@pytest.mark.slow
def test_swapped_keys_are_approved_by_the_question_and_not_by_what_is_typed(
    types: Callable[..., bool],
) -> None:
    """The share of swapped keys that are accepted, by how many of their groups fit."""
    chance = random.Random(15)  # noqa: S311 repeatable, not secret
    for count in range(GROUPS):
        known, guessed, typed = 0, 0, 0
        for _round in range(ROUNDS):
            true = digits(chance)
            best = [*FIRST_AND_LAST, *range(1, GROUPS - 1)][:count]
            known += says_yes(true, ground(true, best, chance), FIRST_AND_LAST)
            anywhere = chance.sample(range(GROUPS), count)
            swapped = ground(true, anywhere, chance)
            guessed += says_yes(true, swapped, chance.sample(range(GROUPS), COMPARED))
            heard = [group for group in true for _again in range(TRIES)]
            typed += types(swapped, *_until_refused(heard, swapped))
        share = math.comb(count, COMPARED) / math.comb(GROUPS, COMPARED)
        print(
            f"{count} groups fit: yes to first and last {known / ROUNDS:.0%}, yes to two at random"
            f" {guessed / ROUNDS:.0%} (expected {share:.0%}), typed {typed / ROUNDS:.0%}"
        )
        assert known == (ROUNDS if count >= COMPARED else 0)
        assert abs(guessed / ROUNDS - share) < 0.15
        assert typed == 0


def _until_refused(heard: Sequence[str], expected: Sequence[str]) -> list[str]:
    """Return what is typed until the program gives up: each group as heard, again when asked."""
    typed: list[str] = []
    for place, group in enumerate(expected):
        said = heard[place * TRIES : (place + 1) * TRIES]
        typed += said[:1] if said[0] == group else said
        if said[0] != group:
            break
    return typed


def test_true_keys_are_approved_by_what_is_typed(types: Callable[..., bool]) -> None:
    """Group by group, all at once, and with a group that was misheard twice."""
    chance = random.Random(16)  # noqa: S311 repeatable, not secret
    for _round in range(20):
        true = digits(chance)
        assert types(true, *true)
        assert types(true, " ".join(true))
        place = chance.randrange(GROUPS)
        wrong = altered(true[place], 0)
        assert types(true, *true[:place], wrong, wrong, *true[place:])


def altered(group: str, place: int, by: int = 1) -> str:
    """Return a group with one digit that is another."""
    other = str((int(group[place]) + by) % 10)
    return group[:place] + other + group[place + 1 :]


@all_in_one(
    ("group", "place", "by"),
    [
        (group, place, by)
        for group in range(GROUPS)
        for place in range(PLACES)
        for by in range(1, 10)
    ],
)
def test_a_wrong_digit_in_any_group_stops(
    types: Callable[..., bool], group: int, place: int, by: int
) -> None:
    """Typed group by group, and all at once; nothing after that group is asked for."""
    true = [f"{number:05d}" for number in range(10_203, 10_203 + 11_111 * GROUPS, 11_111)]
    wrong = altered(true[group], place, by)
    assert not types(true, *true[:group], *[wrong] * TRIES)
    whole = " ".join([*true[:group], wrong, *true[group + 1 :]])
    assert not types(true, *[whole] * TRIES)


def test_a_reader_who_listens_to_two_groups_approves_nothing_by_typing(
    types: Callable[..., bool],
) -> None:
    """They cannot say yes to the rest: they would have to guess five digits in three tries."""
    chance = random.Random(17)  # noqa: S311 repeatable, not secret
    for _round in range(50):
        true = digits(chance)
        guesses = [f"{chance.randrange(10**PLACES):05d}" for _try in range(TRIES)]
        assert not types(true, *true[:COMPARED], *guesses)


@pytest.mark.slow
def test_what_it_costs_to_make_keys_that_fit() -> None:
    """By this program's own making of keys: one group is minutes, the two of a reader months."""
    chance, count = random.Random(18), 3_000  # noqa: S311 repeatable, not secret
    began = time.perf_counter()
    told, root = UUID(int=chance.getrandbits(128)), Identity.generate().public.signing_key
    for _key in range(count):
        public = Identity.generate().public
        spoken_fingerprint(root_key=root, organization_id=told, member_id=told, public=public)
    each = (time.perf_counter() - began) / count
    for groups in (1, COMPARED, GROUPS):
        hours = each * 10 ** (PLACES * groups) / 3600
        print(f"{groups} groups: {hours:.1e} hours on one processor")
    assert each * 10 ** (PLACES * GROUPS) / 3600 / 24 / 365 > 1e20
