"""`members.status` changed by raw SQL: believed by nobody, found, and put right by a command."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from uuid import UUID

import pytest

from tests.attacker import hex_id
from tests.office import Office
from tests.quick import a_few, only
from tests.refusals import refused

FALSE = ["invited", "requested", "revoked"]


def say(office: Office, handle: str, status: str) -> None:
    """Write a status into a member's row, with the guards put back afterwards."""
    with closing(sqlite3.connect(office.store)) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in guards:
            db.execute(f"DROP TRIGGER {name}")
        changed = db.execute("UPDATE members SET status = ? WHERE handle = ?", [status, handle])
        assert changed.rowcount == 1
        for _name, sql in guards:
            db.execute(sql)
        db.commit()


def kept(office: Office, handle: str) -> str:
    """Return the status in the member's row."""
    with closing(sqlite3.connect(office.store)) as db:
        (found,) = db.execute("SELECT status FROM members WHERE handle = ?", [handle]).fetchone()
    return str(found)


def shown(office: Office, handle: str, profile: str = "anne") -> str:
    """Return the status that is said of a member."""
    found: str = office.ok(f"member show {handle} --json", profile=profile).json["status"]
    return found


def require_found(office: Office, *handles: str) -> None:
    """Assert that verifying names these members, and that the store's check finds them."""
    verdict = office.run("audit verify --json")
    findings = verdict.json["findings"]
    assert {each["code"] for each in findings} == {"member_status_differs"}
    assert sorted(each["name"] for each in findings) == sorted(handles)
    assert verdict.error["code"] == "member_status_differs"
    assert all("assign member approve" in each["meaning"] for each in findings)
    check = office.run("store check --json")
    assert [each["code"] for each in check.json["problems"]] == ["member_status_differs"]


def require_well(office: Office) -> None:
    """Assert that nothing is found any more."""
    assert "whole" in office.ok("audit verify").stdout
    office.ok("store check")


def creating(office: Office, to: str) -> str:
    return f"create --to {to} --title Visit --payload {office.person()} --dispatch"


@pytest.mark.slow
@pytest.mark.parametrize("status", only("invited", of=FALSE))
def test_a_mentor_is_not_locked_out(office: Office, status: str) -> None:
    number = office.dispatch()
    say(office, "kari", status)
    require_found(office, "kari")
    assert shown(office, "kari") == "active"
    office.to_status(number, "completed")
    office.ok("honorarium report --mentor kari", profile="kari")


@pytest.mark.slow
@pytest.mark.parametrize("status", only("revoked", of=FALSE))
def test_approving_puts_it_right(office: Office, status: str) -> None:
    draft = office.create()
    say(office, "kari", status)
    for line in (creating(office, "kari"), f"dispatch {draft}"):
        said = refused(office, line, "member_status_differs", 1).stderr
        assert "assign member approve kari" in said
    assert office.ok("member approve kari").stdout == (
        "Kari Nordmann was approved before, and is a member again in the store too.\n"
    )
    assert kept(office, "kari") == "active"
    require_well(office)
    assert "\nEntry 13: status of a membership put right\n" in office.ok("audit log").stdout
    office.ok(f"dispatch {draft}")
    office.read(office.dispatch())
    refused(office, "member approve kari", "member_not_waiting", 2)


@pytest.mark.slow
@pytest.mark.parametrize("status", only("revoked", of=FALSE))
def test_the_only_administrator_puts_their_own_right(office: Office, status: str) -> None:
    say(office, "anne", status)
    for line in ("list", "status", "honorarium report", "audit log", "member list"):
        office.ok(line)
    said = refused(office, creating(office, "kari"), "member_status_differs", 1).stderr
    assert "assign member approve anne" in said
    sheet = "dispatch --csv examples/dispatch-without-mentor.csv --to kari"
    refused(office, sheet, "member_status_differs", 1)
    office.ok("member approve anne")
    require_well(office)
    office.dispatch()


@pytest.mark.slow
def test_certifying_and_revoking_put_it_right_too(office: Office) -> None:
    say(office, "kari", "invited")
    office.ok("member certify kari")
    assert kept(office, "kari") == "active"
    say(office, "ola", "revoked")
    office.ok("member revoke ola --yes")  # they were a member all the while
    refused(office, "inbox", "membership_revoked", 4, profile="ola")
    require_well(office)


def test_a_mentor_puts_nothing_right(office: Office) -> None:
    say(office, "kari", "invited")
    refused(office, "member approve kari", "role_missing", 4, profile="kari")
    refused(office, "member approve kari", "role_missing", 4, profile="ola")
    assert kept(office, "kari") == "invited"


@pytest.mark.parametrize("status", a_few(2, of=FALSE))
def test_nobody_joins_in_the_place_of_an_approved_member(office: Office, status: str) -> None:
    say(office, "kari", status)
    refused(office, "member invite kari --name 'Kari Nordmann'", "handle_taken", 2)
    words = office.invitation("dag", "Dag Dal").split()
    words[3] = str(UUID(hex_id(office, "kari")))
    line = " ".join(words)
    line = f"join {line} --profile k2 --keys keyring"
    office.refused(line, "token_invalid", 4, profile=None)


@pytest.mark.slow
@pytest.mark.parametrize("status", only("active", of=["active", "invited", "requested"]))
def test_a_revoked_member_is_not_let_in(office: Office, status: str) -> None:
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    draft = office.create()
    office.ok("member revoke eva --yes")
    office.ok("member revoke kari --yes")
    say(office, "eva", status)
    say(office, "kari", status)
    assert (shown(office, "eva"), shown(office, "kari")) == ("revoked", "revoked")
    for line in ("list", "status", "show 1", "honorarium report", "audit log"):
        refused(office, line, "role_missing", 4, profile="eva")
    refused(office, creating(office, "ola"), "membership_revoked", 4, profile="eva")
    refused(office, "inbox", "membership_revoked", 4, profile="kari")
    refused(office, f"dispatch {draft}", "recipient_must_belong_to_same_organization")
    refused(office, "member approve kari", "member_not_waiting", 2)
    refused(office, "member invite kari --name 'Kari Nordmann'", "handle_taken", 2)
    require_found(office, "eva", "kari")
    for handle in ("eva", "kari"):
        office.ok(f"member revoke {handle} --yes")
        assert kept(office, handle) == "revoked"
        refused(office, f"member revoke {handle} --yes", "member_already_revoked", 2)
    require_well(office)


def asked(office: Office) -> str:
    """Let dag ask to join; return the digits."""
    return office.join("dag", "Dag")


@pytest.mark.slow
def test_a_request_can_be_ended_by_an_administrator(office: Office) -> None:
    digits = asked(office)
    office.ok("member revoke dag --yes")
    assert shown(office, "dag") == "revoked"
    line = f"member approve dag --fingerprint '{digits}'"
    refused(office, line, "member_not_waiting", 2)
    require_well(office)


@pytest.mark.slow
@pytest.mark.parametrize("status", only("active", of=["active", "invited", "revoked"]))
def test_who_only_asked_is_not_let_in_and_can_be_approved(office: Office, status: str) -> None:
    digits = asked(office)
    say(office, "dag", status)
    assert shown(office, "dag") == "requested"
    refused(office, "inbox", "not_approved", 4, profile="dag")
    refused(office, creating(office, "dag"), "recipient_must_belong_to_same_organization")
    assert "dag" in office.run("audit verify").stdout
    office.ok(f"member approve dag --fingerprint '{digits}'")
    require_well(office)
    office.read(office.dispatch(to="dag"), profile="dag")
