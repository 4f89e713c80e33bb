"""Who takes assignments on a day, and what is advised for those open with who does not."""

from __future__ import annotations

from datetime import date

from assigncli.domain.availability import Unavailability, profile_on, unavailability
from assigncli.domain.lifecycle import OPEN, ProfileStatus, Status
from assigncli.words.absence import what_to_do
from tests.quick import all_in_one

TODAY, BEFORE = date(2026, 12, 3), date(2026, 12, 2)
ACTIVE, PAUSED, EXPIRED = ProfileStatus.ACTIVE, ProfileStatus.PAUSED, ProfileStatus.EXPIRED


@all_in_one(
    ("status", "paused_until", "certified_until", "stands"),
    [
        (ACTIVE, None, None, ACTIVE),
        (ACTIVE, None, TODAY, ACTIVE),
        (ACTIVE, None, BEFORE, EXPIRED),
        (PAUSED, None, None, PAUSED),
        (PAUSED, TODAY, TODAY, PAUSED),
        (PAUSED, BEFORE, None, ACTIVE),
        (PAUSED, None, BEFORE, EXPIRED),
        (PAUSED, BEFORE, BEFORE, EXPIRED),
        (EXPIRED, None, None, EXPIRED),
        (EXPIRED, BEFORE, TODAY, EXPIRED),
    ],
)
def test_a_pause_and_a_certification_hold_through_their_last_day(
    status: ProfileStatus,
    paused_until: date | None,
    certified_until: date | None,
    stands: ProfileStatus,
) -> None:
    assert profile_on(TODAY, status, paused_until, certified_until) is stands


def test_the_reason_that_counts_most() -> None:
    for profile in ProfileStatus:
        assert unavailability(left=True, profile=profile) is Unavailability.LEFT
    assert unavailability(left=False, profile=EXPIRED) is Unavailability.LAPSED
    assert unavailability(left=False, profile=PAUSED) is Unavailability.PAUSED
    assert unavailability(left=False, profile=ACTIVE) is None


@all_in_one("status", OPEN)
@all_in_one("why", Unavailability)
def test_the_advice_fits_status_and_reason_on_one_line(why: Unavailability, status: Status) -> None:
    said = what_to_do(why, status, 123_456, "x" * 32)
    verb = {Status.PENDING: "edit", Status.DISPATCHED: "recall", Status.DELIVERED: "recall"}
    assert f"assign {verb.get(status, 'cancel')} 123456" in said
    assert ("assign member resume" in said) is (why is Unavailability.PAUSED)
    assert ("assign member certify" in said) is (why is Unavailability.LAPSED)
    assert len(f"What to do: {said}") <= 160
