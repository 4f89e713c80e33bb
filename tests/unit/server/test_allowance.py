"""A member has so many signed messages at once, and then so many a second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from assigncli.server.allowance import Allowance

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KARI, OLA = UUID(int=1), UUID(int=2)


@pytest.fixture
def spent() -> Allowance:
    """An allowance of five at once and two a second, of which kari has nothing left."""
    allowance = Allowance(at_once=5, a_second=2.0)
    assert all(allowance.spend(KARI, NOW) for _each in range(5))
    return allowance


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_what_one_has_used_up_is_not_taken_from_another(spent: Allowance) -> None:
    assert not spent.spend(KARI, NOW)
    assert spent.spend(OLA, NOW)


def test_it_comes_back_at_its_rate_and_never_to_more_than_at_first(spent: Allowance) -> None:
    assert not spent.spend(KARI, after(0.4))
    assert spent.spend(KARI, after(0.5))
    assert not spent.spend(KARI, after(0.9))
    assert sum(spent.spend(KARI, after(1000)) for _each in range(9)) == 5


def test_who_is_refused_loses_nothing_by_it(spent: Allowance) -> None:
    assert not any(spent.spend(KARI, after(0.01 * each)) for each in range(49))
    assert spent.spend(KARI, after(0.5))


def test_a_clock_that_is_put_back_gives_nothing_and_takes_nothing(spent: Allowance) -> None:
    assert not spent.spend(KARI, after(-3600))
    assert spent.spend(KARI, after(0.5))
    assert spent.spend(OLA, after(-3600))


def test_who_has_everything_back_is_forgotten(spent: Allowance) -> None:
    assert spent.spend(OLA, after(2.4))
    assert KARI in spent._used
    assert spent.spend(UUID(int=3), after(2.5))
    assert KARI not in spent._used
