"""Cycles and the honorarium ledger inside the database, against raw SQL."""

from __future__ import annotations

import pytest

from .conftest import COUNTS, World, moment, new_id


def test_reporting_cycle_active(world: World) -> None:
    key = world.draft()
    ended, foreign = world.cycle(world.own, "2025-01-01", "2025-12-31"), world.organization().cycle
    for cycle, rule in (
        (ended, "reporting_cycle_active"),
        (None, "reporting_cycle_active"),
        (new_id(), "organization_scope_isolation"),
        (foreign, "organization_scope_isolation"),
    ):
        with world.refused(rule):
            world.dispatch(key, reporting_cycle_id=cycle, threshold_sequence_number=1)
    world.change("reporting_cycles", world.own.cycle, status="closed", closed_at=moment())
    with world.refused("reporting_cycle_active"):
        world.dispatch(key)


@pytest.mark.parametrize(("day", "covered"), [(-62, False), (-61, True), (304, True), (306, False)])
def test_reporting_cycle_active_with_a_day_for_time_zones(
    world: World, day: int, covered: bool
) -> None:
    key = world.draft(created_at=moment(-100))
    changes = {"dispatched_at": moment(day), "expires_at": moment(day + 30)}
    if covered:
        world.dispatch(key, **changes)
        return
    with world.refused("reporting_cycle_active"):
        world.dispatch(key, **changes)


def test_reporting_cycles_overlap(world: World) -> None:
    with world.refused("reporting_cycles_overlap"):
        world.cycle(world.own, "2026-12-31", "2027-12-31")
    later = world.cycle(world.own, "2027-01-01", "2027-12-31")
    with world.refused("reporting_cycles_overlap"):
        world.change("reporting_cycles", later, starts_on="2026-12-31")
    world.cycle(world.organization(), "2027-01-01", "2027-12-31")


def test_reporting_cycle_status(world: World) -> None:
    """A cycle begins open; the moment of its closing comes with it, stays, and goes with it."""
    cycle = world.own.cycle
    for changes in ({"status": "closed"}, {"closed_at": moment()}):
        with world.refused("reporting_cycle_status"):
            world.change("reporting_cycles", cycle, **changes)
    with world.refused("reporting_cycle_status"):
        world.change("reporting_cycles", cycle, status="closed", closed_at="yesterday")
    world.change("reporting_cycles", cycle, status="closed", closed_at=moment())
    for changes in ({"status": "open"}, {"closed_at": None}, {"closed_at": moment(1)}):
        with world.refused("reporting_cycle_status"):
            world.change("reporting_cycles", cycle, **changes)
    world.change("reporting_cycles", cycle, status="open", closed_at=None)
    columns: dict[str, object] = {
        "id": new_id(),
        "organization_id": world.own.id,
        "name": "2027",
        "starts_on": "2027-01-01",
        "ends_on": "2027-12-31",
        "created_at": moment(),
    }
    for unlike in ({"status": "closed"}, {"status": "open", "closed_at": moment()}):
        with world.refused("reporting_cycle_status"):
            world.put("INSERT INTO reporting_cycles", columns | unlike)


def test_reporting_cycles_are_kept(world: World) -> None:
    later = world.cycle(world.own, "2027-01-01", "2027-12-31")
    with world.refused("append_only"):
        world.db.execute("DELETE FROM reporting_cycles")
    with world.refused("organization_scope_isolation"):
        world.change("reporting_cycles", later, organization_id=world.organization().id)
    with world.refused("already_exists"):
        world.db.execute(
            "UPDATE OR REPLACE reporting_cycles SET name = ? WHERE id = ?",
            [world.value("reporting_cycles", world.own.cycle, "name"), later],
        )


def test_already_exists_covers_cycles(world: World) -> None:
    columns: dict[str, object] = {
        "id": new_id(),
        "organization_id": world.own.id,
        "name": "2027",
        "starts_on": "2027-01-01",
        "ends_on": "2027-12-31",
        "status": "open",
        "created_at": moment(),
    }
    name = world.value("reporting_cycles", world.own.cycle, "name")
    for taken in ({"id": world.own.cycle}, {"name": name}, {"rowid": 1}, {"rowid": -1}):
        with world.refused("already_exists"):
            world.put("INSERT OR REPLACE INTO reporting_cycles", columns | taken)


def test_organization_scope_isolation_of_cycles(world: World) -> None:
    foreign = world.organization().cycle
    with world.refused("organization_scope_isolation"):
        world.draft(reporting_cycle_id=foreign)
    with world.refused("organization_scope_isolation"):
        world.change("assignments", world.draft(), reporting_cycle_id=foreign)


def test_threshold_sequence_positive(world: World) -> None:
    with world.refused("threshold_honorarium_counting"):
        world.draft(threshold_sequence_number=1)
    for change in ({"threshold_sequence_number": 1}, {"honorarium_tier": "elevated"}):
        with world.refused("threshold_honorarium_counting"):
            world.change("assignments", world.draft(), **change)
    for number in (0, -1):
        with world.refused("threshold_honorarium_counting"):
            world.dispatch(world.draft(), threshold_sequence_number=number)
    world.db.execute("DROP TRIGGER threshold_of_draft_insert")
    with world.refused("threshold_sequence_positive"):
        world.draft(threshold_sequence_number=0)


def test_threshold_honorarium_counting_follows_the_ledger(world: World) -> None:
    first, second, third = world.sent(), world.sent(), world.draft()
    assert world.value("assignments", second, "threshold_sequence_number") == 2
    for wrong in (1, 2, 4, None):
        with world.refused("threshold_honorarium_counting"):
            world.dispatch(third, threshold_sequence_number=wrong)
    world.step(first, "recalled")
    world.line(first, "recalled")
    world.dispatch(third)
    assert world.value("assignments", third, "threshold_sequence_number") == 2


def test_threshold_honorarium_counting_waits_for_a_missing_line(world: World) -> None:
    """A dispatch or withdrawal by raw SQL without its line would share or skip a number."""
    forged, second = world.draft(), world.draft()
    world.change("assignments", forged, **world.dispatch_columns(forged))
    with world.refused("threshold_honorarium_counting"):
        world.dispatch(second)
    world.line(forged, "dispatched")
    world.dispatch(second)
    world.step(second, "cancelled")
    with world.refused("threshold_honorarium_counting"):
        world.sent()
    world.line(second, "cancelled")
    assert world.value("assignments", world.sent(), "threshold_sequence_number") == 2


def test_threshold_honorarium_counting_waits_also_when_the_count_has_gone_down(
    world: World,
) -> None:
    """A line that is missing is found whatever was withdrawn since, and whatever was before it."""
    for _ in range(3):
        recalled = world.sent()
        world.step(recalled, "recalled")
        world.line(recalled, "recalled")
    sent = [world.sent() for _ in range(4)]
    forged = world.draft()
    world.change("assignments", forged, **world.dispatch_columns(forged))
    for key in sent:
        world.step(key, "cancelled")
        world.line(key, "cancelled")
        with world.refused("threshold_honorarium_counting"):
            world.sent()
    world.line(forged, "dispatched")
    world.step(forged, "recalled")
    with world.refused("threshold_honorarium_counting"):
        world.sent()
    world.line(forged, "recalled")
    assert world.value("assignments", world.sent(), "threshold_sequence_number") == 1


@pytest.mark.parametrize("name", COUNTS)
def test_threshold_honorarium_counting_holds_counts_to_the_line_before(
    world: World, name: str
) -> None:
    world.line(world.sent("completed"), "completed", in_person=1)
    world.line(world.sent("completed"), "completed", in_person=0)
    sent, done = world.draft(), world.sent("completed")
    world.change("assignments", sent, **world.dispatch_columns(sent))
    for key, kind in ((sent, "dispatched"), (done, "completed")):
        right = world.line_columns(key, kind)[name]
        for wrong in (right - 1, right + 1, 0 if right else 2, -1, None, "many"):
            with world.refused("threshold_honorarium_counting"):
                world.line(key, kind, **{name: wrong})
    world.line(done, "completed")
    world.line(sent, "dispatched")


def test_threshold_honorarium_counting_counts_each_cycle_and_mentor_by_itself(
    world: World,
) -> None:
    other = world.cycle(world.own, "2027-01-01", "2027-12-31")
    for said in (None, 1, 0, 1):
        done = world.draft()
        world.dispatch(done, expires_at=moment(400))
        for target in ("delivered", "read", "acknowledged", "contact_made"):
            world.step(done, target)
        world.step(done, "completed", days=310)
        world.line(done, "completed", reporting_cycle_id=other, in_person=said)
    last = "SELECT {} FROM assignment_threshold_logs WHERE {} = ? ORDER BY id DESC".format
    found = world.db.execute(last(", ".join(COUNTS), "reporting_cycle_id"), [other]).fetchone()
    assert found == (0, 4, 4, 2, 1)
    second = world.draft(recipient_user_id=world.mentor(world.own))
    world.dispatch(second)
    found = world.db.execute(last(", ".join(COUNTS), "assignment_id"), [second]).fetchone()
    assert found == (1, 0, 0, 0, 0)


def test_append_only_takes_a_ledger_line_at_the_end_alone(world: World) -> None:
    """The last line is the one with the highest number, and none is left out before it."""
    done, _ = world.sent("completed"), world.sent()
    for far in (4, 2**63 - 1):
        with world.refused("append_only"):
            world.line(done, "completed", id=far)
    world.db.execute("DROP TRIGGER assignment_threshold_logs_no_update")
    world.db.execute("UPDATE assignment_threshold_logs SET id = 3 WHERE id = 2")
    with world.refused("append_only"):
        world.line(done, "completed", id=2)
    world.line(done, "completed", id=4)


def unwritten(world: World) -> str:
    """Return an assignment that was dispatched by raw SQL, without its line."""
    key = world.draft()
    world.change("assignments", key, **world.dispatch_columns(key))
    return key


def sent_in(world: World, cycle: str) -> None:
    """Dispatch something in a cycle of 2025."""
    now, world.own.cycle = world.own.cycle, cycle
    world.dispatch(world.draft(created_at=moment(-100)), dispatched_at=moment(-90))
    world.own.cycle = now


def test_threshold_honorarium_counting_goes_on_from_the_last_line(world: World) -> None:
    for _ in range(3):
        world.sent()
    with world.refused("threshold_honorarium_counting"):
        world.line(unwritten(world), "dispatched", dispatched_count=2)


def test_threshold_honorarium_counting_goes_on_from_no_line_of_another_mentor(
    world: World,
) -> None:
    other = world.draft(recipient_user_id=world.mentor(world.own))
    world.change("assignments", other, **world.dispatch_columns(other))
    world.sent()
    with world.refused("threshold_honorarium_counting"):
        world.line(other, "dispatched", dispatched_count=2)


def test_threshold_honorarium_counting_goes_on_from_no_line_of_another_cycle(
    world: World,
) -> None:
    key = unwritten(world)
    sent_in(world, world.cycle(world.own, "2025-01-01", "2025-12-31"))
    with world.refused("threshold_honorarium_counting"):
        world.line(key, "dispatched", dispatched_count=2)


def test_threshold_honorarium_counting_says_from_earlier_of_the_assignment_itself(
    world: World,
) -> None:
    done = world.sent("completed")
    world.draft(reporting_cycle_id=world.cycle(world.own, "2027-01-01", "2027-12-31"))
    with world.refused("threshold_honorarium_counting"):
        world.line(done, "completed", from_earlier_count=1)


def test_a_damaged_count_stops_the_next_dispatch_and_no_withdrawal(world: World) -> None:
    sent = world.sent()
    world.db.execute("DROP TRIGGER assignment_threshold_logs_no_update")
    world.db.execute("UPDATE assignment_threshold_logs SET dispatched_count = 0")
    world.step(sent, "recalled")
    world.line(sent, "recalled", dispatched_count=-1)
    with world.refused("threshold_sequence_positive"):
        world.dispatch(world.draft(), threshold_sequence_number=0)
    with world.refused("threshold_honorarium_counting"):
        world.dispatch(world.draft(), threshold_sequence_number=1)


@pytest.mark.parametrize(
    ("count", "tier", "wrong"),
    [(2, "none", "standard"), (3, "standard", "none"), (15, "elevated", "standard")],
)
def test_threshold_honorarium_trigger(world: World, count: int, tier: str, wrong: str) -> None:
    for _ in range(count - 1):
        world.sent()
    key = world.draft()
    with world.refused("threshold_honorarium_trigger"):
        world.dispatch(key, honorarium_tier=wrong)
    world.dispatch(key, honorarium_tier=tier)


def test_threshold_honorarium_trigger_follows_the_newest_setting(world: World) -> None:
    for value in ("9", "1"):
        world.setting("honorarium_standard_from", value)
    key = world.draft()
    with world.refused("threshold_honorarium_trigger"):
        world.dispatch(key)
    world.dispatch(key, honorarium_tier="standard")


def test_threshold_honorarium_counting_of_ledger_lines(world: World) -> None:
    draft, sent, done = world.draft(), world.sent(), world.sent("completed")
    for key, kind, changes in (
        (draft, "dispatched", {}),
        (sent, "recalled", {}),
        (sent, "completed", {}),
        (done, "cancelled", {}),
        (done, "completed", {"completed_change": 2}),
        (done, "completed", {"dispatched_change": -1}),
        (done, "bonus", {"dispatched_change": 0, "completed_change": 1}),
    ):
        with world.refused("threshold_honorarium_counting"):
            world.line(key, kind, **changes)
    world.line(done, "completed")
    with world.refused("append_only"):
        world.line(done, "completed")


def test_threshold_honorarium_counting_needs_a_dispatched_line_first(world: World) -> None:
    unsent = world.draft()
    world.step(unsent, "recalled")
    with world.refused("threshold_honorarium_counting"):
        world.line(unsent, "recalled")


def test_threshold_honorarium_counting_puts_a_completion_in_its_own_cycle(world: World) -> None:
    done, earlier = world.sent("completed"), world.cycle(world.own, "2025-01-01", "2025-12-31")
    with world.refused("threshold_honorarium_counting"):
        world.line(done, "completed", reporting_cycle_id=earlier)


def test_organization_scope_isolation_of_ledger_lines(world: World) -> None:
    done, other = world.sent("completed"), world.organization()
    for changes in (
        {"organization_id": other.id},
        {"member_id": other.mentor},
        {"member_id": world.mentor(world.own)},
        {"reporting_cycle_id": other.cycle},
    ):
        with world.refused("organization_scope_isolation"):
            world.line(done, "completed", **changes)


def test_reporting_cycles_overlap_when_one_is_prolonged(world: World) -> None:
    world.cycle(world.own, "2027-01-01", "2027-12-31")
    with world.refused("reporting_cycles_overlap"):
        world.change("reporting_cycles", world.own.cycle, ends_on="2027-01-01")


def test_reporting_cycle_status_of_an_open_cycle_has_no_word_in_its_place(world: World) -> None:
    with world.refused("reporting_cycle_status"):
        world.change("reporting_cycles", world.own.cycle, closed_at="soon")


def test_threshold_honorarium_counting_of_a_draft_that_would_earn(world: World) -> None:
    with world.refused("threshold_honorarium_counting"):
        world.draft(honorarium_tier="standard")


@pytest.mark.parametrize("tier", ["standard", "elevated"])
def test_threshold_honorarium_trigger_asks_for_no_other_setting(world: World, tier: str) -> None:
    world.setting("contact_deadline_days", "1")
    with world.refused("threshold_honorarium_trigger"):
        world.dispatch(world.draft(), honorarium_tier=tier)


@pytest.mark.parametrize("tier", ["standard", "elevated"])
def test_threshold_honorarium_trigger_asks_for_no_other_organization(
    world: World, tier: str
) -> None:
    own, world.own = world.own, world.organization()
    world.setting(f"honorarium_{tier}_from", "1")
    world.own = own
    with world.refused("threshold_honorarium_trigger"):
        world.dispatch(world.draft(), honorarium_tier=tier)


def test_threshold_honorarium_counting_is_the_mentors_own(world: World) -> None:
    world.sent()
    key = world.draft(recipient_user_id=world.mentor(world.own))
    with world.refused("threshold_honorarium_counting"):
        world.dispatch(key, threshold_sequence_number=2)


def test_threshold_honorarium_counting_begins_again_with_each_cycle(world: World) -> None:
    sent_in(world, world.cycle(world.own, "2025-01-01", "2025-12-31"))
    with world.refused("threshold_honorarium_counting"):
        world.dispatch(world.draft(), threshold_sequence_number=2)


def test_threshold_honorarium_counting_is_not_content_with_anothers_line(world: World) -> None:
    world.sent()
    unwritten(world)
    with world.refused("threshold_honorarium_counting"):
        world.sent()


def test_threshold_honorarium_counting_is_not_content_with_a_completion(world: World) -> None:
    key = unwritten(world)
    for step in ("delivered", "read", "acknowledged", "contact_made", "completed"):
        world.step(key, step)
    world.line(key, "completed")
    with world.refused("threshold_honorarium_counting"):
        world.sent()


@pytest.mark.parametrize("end", ["recalled", "cancelled", "expired"])
def test_threshold_honorarium_counting_waits_for_every_withdrawal(world: World, end: str) -> None:
    """Also where another assignment that ended so has its line."""
    for is_written in (True, False):
        key = world.sent()
        world.step(key, end, days=30)
        if is_written:
            world.line(key, end)
    with world.refused("threshold_honorarium_counting"):
        world.sent()


def test_organization_scope_isolation_of_a_line_of_the_recipient_of_another(world: World) -> None:
    key, mentor = unwritten(world), world.mentor(world.own)
    world.draft(recipient_user_id=mentor)
    with world.refused("organization_scope_isolation"):
        world.line(key, "dispatched", member_id=mentor)


def test_organization_scope_isolation_of_a_line_in_another_organization(world: World) -> None:
    key, other = unwritten(world), world.organization()
    theirs = {"organization_id": other.id, "reporting_cycle_id": other.cycle}
    with world.refused("organization_scope_isolation"):
        world.line(key, "dispatched", **theirs)


def test_threshold_honorarium_counting_says_in_person_of_a_completion_alone(world: World) -> None:
    done = world.sent("completed")
    with world.refused("threshold_honorarium_counting"):
        world.line(unwritten(world), "dispatched", in_person=1)
    with world.refused("threshold_honorarium_counting"):
        world.line(done, "completed", in_person=2)
    world.line(done, "completed", in_person=1)


def test_threshold_honorarium_counting_has_no_line_for_what_was_never_sent(world: World) -> None:
    key = world.draft(reporting_cycle_id=world.own.cycle)
    world.step(key, "cancelled")
    with world.refused("threshold_honorarium_counting"):
        world.line(key, "dispatched")


def test_threshold_honorarium_counting_puts_a_dispatch_in_its_cycle(world: World) -> None:
    later = world.cycle(world.own, "2027-01-01", "2027-12-31")
    with world.refused("threshold_honorarium_counting"):
        world.line(unwritten(world), "dispatched", reporting_cycle_id=later)


def test_threshold_honorarium_counting_puts_no_completion_in_a_later_cycle(world: World) -> None:
    done, later = world.sent("completed"), world.cycle(world.own, "2027-01-01", "2027-12-31")
    with world.refused("threshold_honorarium_counting"):
        world.line(done, "completed", reporting_cycle_id=later)


def test_threshold_honorarium_counting_takes_back_what_was_withdrawn_itself(world: World) -> None:
    key, other = world.sent(), world.sent()
    world.step(other, "recalled")
    with world.refused("threshold_honorarium_counting"):
        world.line(key, "recalled")


def test_threshold_honorarium_counting_takes_back_what_was_counted_itself(world: World) -> None:
    world.sent()
    key = unwritten(world)
    world.step(key, "recalled")
    with world.refused("threshold_honorarium_counting"):
        world.line(key, "recalled")


def test_threshold_honorarium_counting_takes_back_where_it_was_counted(world: World) -> None:
    key, other = world.sent(), world.cycle(world.own, "2025-01-01", "2025-12-31")
    sent_in(world, other)
    world.step(key, "recalled")
    with world.refused("threshold_honorarium_counting"):
        world.line(key, "recalled", reporting_cycle_id=other)
