"""A class says its fields once, and reading and writing follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import pytest

from assigncli.protocol.canonical import Malformed, encode
from assigncli.protocol.codec import (
    Body,
    Coded,
    Hash,
    Id,
    Items,
    Many,
    Moment,
    Number,
    Word,
    spread,
)


@dataclass(frozen=True)
class Place(Coded):
    street: Word
    at: Moment | None


@dataclass(frozen=True)
class Round(Body, limit=400, suite=True):
    id: Id
    first: Annotated[Place, spread(Place)]
    last: Place | None
    stops: Annotated[tuple[Number, ...], Items(1, 2)]
    marks: tuple[Hash, ...] = ()
    others: Many[Place] = ()

    def require(self) -> None:
        if self.last == self.first:
            raise Malformed("last")


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOME, SHOP = Place("home", None), Place("shop", NOON)
FULL = Round(UUID(int=7), HOME, SHOP, (1, 2), (bytes(32),), (HOME, SHOP))
FIELDS: dict[str, Any] = {
    "v": 1,
    "suite": 1,
    "id": "00000000-0000-0000-0000-000000000007",
    "street": "home",
    "at": None,
    "last": {"street": "shop", "at": "2026-11-24T12:00:00.000000Z"},
    "stops": [1, 2],
    "marks": ["00" * 32],
    "others": [
        {"street": "home", "at": None},
        {"street": "shop", "at": "2026-11-24T12:00:00.000000Z"},
    ],
}


def test_what_is_written_is_read() -> None:
    assert FULL.encode() == encode(FIELDS)
    read = Round.decode(FULL.encode())
    assert (read, hash(read), repr(read)) == (FULL, hash(FULL), repr(FULL))
    with pytest.raises(FrozenInstanceError):
        read.marks = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    [
        {"suite": 2},
        {"street": "Home"},
        {"last": {"street": "shop"}},
        {"last": {"street": "home", "at": None}},
        {"stops": []},
        {"stops": [1, 2, 3]},
        {"marks": ["00" * 32] * 65},
        {"others": [None]},
        {"first": {"street": "home", "at": None}},
        {"others": [{"street": "home", "at": None}] * 10},
    ],
)
def test_what_no_such_object_says_is_refused(change: Mapping[str, Any]) -> None:
    with pytest.raises(Malformed):
        Round.decode(encode({**FIELDS, **change}))


def test_a_field_without_a_form_is_a_mistake_in_the_program() -> None:
    @dataclass(frozen=True)
    class Nameless(Coded):
        name: str

    @dataclass(frozen=True)
    class Nested(Coded):
        places: tuple[Annotated[Place, spread(Place)], ...]

    for kind in (Nameless, Nested):
        with pytest.raises(TypeError):
            kind.form()
