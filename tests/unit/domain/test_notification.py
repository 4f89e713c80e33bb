"""What becomes of a notification, from what is known of each channel that it was sent to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assigncli.domain.lifecycle import OPEN, Status
from assigncli.domain.notification import (
    LEASE,
    MAX_ATTEMPTS,
    NotificationKind,
    NotificationStatus,
    SendOutcome,
    is_abandoned,
    is_moot,
    verdict,
)

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
SENT, OUT_OF_REACH, UNKNOWN, MALFORMED = (
    SendOutcome.SENT,
    SendOutcome.UNREACHABLE,
    SendOutcome.UNKNOWN,
    SendOutcome.MALFORMED,
)


@pytest.mark.parametrize(
    ("outcomes", "status", "problem"),
    [
        ([SENT, UNKNOWN, OUT_OF_REACH], "sent", None),
        ([OUT_OF_REACH, UNKNOWN, MALFORMED], "unknown", "unknown"),
        ([MALFORMED, OUT_OF_REACH], "queued", "unreachable"),
        ([MALFORMED, MALFORMED], "failed", "channel_invalid"),
    ],
)
def test_one_channel_that_took_it_is_enough_and_doubt_forbids_another_try(
    outcomes: list[SendOutcome], status: str, problem: str | None
) -> None:
    found, why, again = verdict(outcomes, 1, NOW)
    assert (found, why, again is not None) == (status, problem, status == "queued")


def test_the_pauses_double_to_six_hours_and_the_tenth_attempt_is_the_last() -> None:
    pauses = [verdict([OUT_OF_REACH], attempt, NOW)[2] for attempt in range(1, MAX_ATTEMPTS)]
    minutes = [at and (at - NOW) // timedelta(minutes=1) for at in pauses]
    assert minutes == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    last = verdict([OUT_OF_REACH], MAX_ATTEMPTS, NOW)
    assert last == (NotificationStatus.FAILED, OUT_OF_REACH, None)


def test_a_row_that_counts_below_nothing_stops_no_sweep() -> None:
    assert verdict([OUT_OF_REACH], -(10**6), NOW)[0] is NotificationStatus.QUEUED


def test_a_sender_is_given_up_once_the_lease_is_over_whatever_way_the_clock_went() -> None:
    assert is_abandoned(None, NOW)
    for sign in (1, -1):
        assert not is_abandoned(NOW, NOW + sign * LEASE)
        assert is_abandoned(NOW, NOW + sign * (LEASE + timedelta(seconds=1)))


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("dispatched", {"pending", "dispatched", "delivered"}),
        ("reminder", {"dispatched", "delivered", "read", "acknowledged"}),
        ("reminded", {"dispatched", "delivered", "read", "acknowledged"}),
        ("declined", set(OPEN)),
        *((kind, set(Status)) for kind in ("recalled", "cancelled", "expired", "completed")),
    ],
)
def test_nobody_is_called_to_what_is_over(kind: str, needed: set[str]) -> None:
    told = NotificationKind(kind)
    assert {status for status in Status if not is_moot(told, status, declined=False)} == needed


@pytest.mark.parametrize("kind", NotificationKind)
def test_nobody_is_called_to_what_the_mentor_has_declined(kind: NotificationKind) -> None:
    calls_for_the_visit = kind in ("dispatched", "reminder", "reminded")
    assert is_moot(kind, Status.DISPATCHED, declined=True) is calls_for_the_visit
