"""Reading needs neither keys nor vault, and shows no payload by accident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NoReturn

import pytest

from assigncli.cli.session.in_process import Session
from assigncli.client import edit, open
from assigncli.domain.follow_up import FollowUp
from assigncli.domain.payload import Payload
from assigncli.lookups import ByHandle, Nothing
from assigncli.lookups.about_assignments import (
    ATTENTION,
    LIST,
    SHOW,
    AssignmentFilter,
    WantedAssignment,
    WantedAttention,
    WantedPage,
)
from assigncli.lookups.about_members import KEYS, MEMBER, MEMBERS, WantedKeys, WantedMembers
from assigncli.lookups.about_office import CYCLES, SETTINGS
from assigncli.server import settings_in_force
from tests.acting import acting, altered
from tests.office import PERSON, Office


def never() -> NoReturn:
    pytest.fail("a key was unlocked or the vault was opened only to read")


@pytest.fixture
def locked(office: Office) -> Iterator[Session]:
    """Anne's session without keys and vault, after one draft and one dispatch."""
    office.create()
    office.dispatch()
    with acting(office, "anne") as session:
        yield altered(session, load_identity=never, open_vault=never)


def test_following_unlocks_nothing(locked: Session) -> None:
    page = locked.look(LIST, WantedPage(AssignmentFilter(), None, 10))
    assert [item.number for item in page.items] == [2, 1]
    assert locked.look(SHOW, WantedAssignment("2")).summary.title == "Home visit"
    found = locked.look(ATTENTION, WantedAttention(1, None))
    assert [(each.summary.number, *each.days) for each in found.items] == [(1, FollowUp.DRAFT)]


def test_looking_things_up_unlocks_nothing(locked: Session) -> None:
    assert locked.look(MEMBERS, WantedMembers()).members[0].handle == "anne"
    assert locked.look(MEMBER, ByHandle("KARI ")).display_name == "Kari Nordmann"
    assert locked.look(CYCLES, Nothing()).cycles[0].starts_on == date(2026, 1, 1)
    assert locked.look(SETTINGS, Nothing()).values["contact_deadline_days"] == "10"
    assert len(locked.look(KEYS, WantedKeys(None)).keys) == 1


def test_settings_in_force_are_typed(locked: Session) -> None:
    with locked.host.store.read() as tx:
        found = settings_in_force.in_force(locked.turn, tx)
    assert (found.contact_deadline_days, found.expires_after_days) == (10, 30)
    assert (found.thresholds.standard, found.thresholds.elevated) == (3, 15)
    assert found.cycles_by_hand is False


def test_no_result_that_holds_a_payload_shows_it(office: Office) -> None:
    office.dispatch()
    with acting(office, "kari") as session:
        brief = open.open_brief(session.client, "1")
    changes = edit.Changes(payload=Payload.from_fields(PERSON))
    assert brief.payload.full_name == PERSON["full_name"]
    for said in (repr(brief), str(brief), repr(changes), repr(brief.payload), repr(session)):
        for name, value in PERSON.items():
            assert name == "city" or value not in said
        assert "load_identity" not in said


def test_an_edit_without_changes_seals_anew(office: Office) -> None:
    number = office.create("--reference A-7 --internal-notes 'Only here.'")
    before = office.ok(f"show {number} --json").json
    with acting(office, "anne") as session, session.host.store.read() as tx:
        old = tx.connection().exec_driver_sql(
            "SELECT encrypted_payload, encryption_key_id, manifest_signature FROM assignments"
        ).one()  # fmt: skip
    office.ok(f"edit {number}")
    with acting(office, "anne") as session, session.host.store.read() as tx:
        new = tx.connection().exec_driver_sql(
            "SELECT encrypted_payload, encryption_key_id, manifest_signature FROM assignments"
        ).one()  # fmt: skip
    assert all(one != other for one, other in zip(old, new, strict=True))
    assert office.ok(f"show {number} --json").json == before
    office.ok(f"edit {number} --reference '' --internal-notes '' --coordinator-notes 'Bring it.'")
    shown = office.ok(f"show {number} --json").json
    assert (shown["subject_reference"], shown["internal_notes"]) == (None, None)
    assert shown["coordinator_notes"] == "Bring it."
