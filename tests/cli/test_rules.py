"""Each rule of SPEC section 4 through the real commands: the refusal, and its legal neighbour.

What a raw SQL write meets is tested in `unit/server/store`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.office import ACCEPT, PERSON, Office
from tests.quick import a_few, only
from tests.refusals import FOEDSELSNUMMER, damage, refused, rows, shares

IN_CLEAR = ("--title", "--reference", "--coordinator-notes", "--internal-notes")
PERSONAL = {
    FOEDSELSNUMMER: "a national identity or account number",
    "22 33 44 55": "a phone number",
    "olga@example.org": "an e-mail address",
    "born 3.4.1951": "a birth date",
    "Storgata 12": "a street address",
    "Prøvesen": "a name from the payload",
    "prøvesens": "a name from the payload",
    "Granitten": "a street address",
    "22112211": "a phone number",
    "ref 0123": "a number or reference from the payload",
}
NAMES = {
    "--title": "title",
    "--reference": "subject reference",
    "--coordinator-notes": "coordinator notes",
    "--internal-notes": "internal notes",
}


def creating(office: Office, more: str = "", *, to: str = "kari", title: str = "Visit") -> str:
    """Return the line that creates a draft."""
    named = "" if "--title" in more else f"--title '{title}'"
    return f"create --to {to} {named} --payload {office.person()} {more}"


@pytest.mark.parametrize("option", only("--title", of=IN_CLEAR))
def test_title_no_pii(office: Office, option: str) -> None:
    for value, kind in PERSONAL.items():
        line = creating(office, f"{option} 'Note {value}'")
        said = refused(office, line, "title_no_pii", unsaid=(value,)).stderr
        assert f"The {NAMES[option]} seems to hold" in said
        assert kind in said
    office.ok(creating(office, f"{option} 'Visit in Oslo, week 48 of 2026'"))


@pytest.mark.parametrize("option", only("--title", of=IN_CLEAR))
def test_title_no_pii_holds_for_an_edited_draft_too(office: Office, option: str) -> None:
    number = office.create()
    # The person's own name is found although only the ciphertext is in the store: the draft is
    # opened for the edit, which is recorded.
    refused(office, f"edit {number} {option} Olga", "title_no_pii", writes=True)
    assert "Olga" not in office.ok(f"show {number}").stdout
    office.ok(f"edit {number} {option} 'Visit with a magnifier'")


def test_title_no_pii_holds_for_a_reason_too(office: Office) -> None:
    number = office.dispatch()
    refused(office, f"cancel --yes {number} --reason 'Ring 22 33 44 55'", "title_no_pii")


def test_encrypted_payload_non_empty(office: Office) -> None:
    empty = dict.fromkeys(PERSON, "")
    for content in ("", " \n", "{}", '{"full_name": null}', str(empty).replace("'", '"')):
        refused(
            office,
            "create --to kari --title Visit --payload -",
            "encrypted_payload_non_empty",
            stdin=content,
        )
    number = office.create()
    refused(office, f"edit {number} --payload -", "encrypted_payload_non_empty", stdin="{}")


RANDOM = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-fA-F]{16,}")
"""Ids and digests, in which four digits may stand by chance."""


def texts_at_rest(office: Office) -> Iterator[str]:
    """Yield the names of all files, and every text in the databases and in the other files."""
    for path in office.files():
        yield path.name
        content = path.read_bytes()
        if not content.startswith(b"SQLite format 3"):
            yield content.decode("utf-8", "replace")
            continue
        with closing(sqlite3.connect(path)) as db:
            names = [
                name
                for (name,) in db.execute(
                    "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'"
                )
            ]
            for name in names:
                for cells in db.execute(f"SELECT * FROM {name}"):
                    yield from (str(cell) for cell in cells if isinstance(cell, str | int))


def test_a_postal_code_in_the_clear_would_be_found(office: Office) -> None:
    """Under whatever id: what the next test looks for is found where it is."""
    number = office.create()
    code = PERSON["postal_code"]
    assert not [text for text in texts_at_rest(office) if code in RANDOM.sub("", text)]
    damage(office, f"UPDATE assignments SET subject_reference = 'x {code}' WHERE number = {number}")
    found = [text for text in texts_at_rest(office) if code in RANDOM.sub("", text)]
    assert found == [f"x {code}"]


def test_payload_must_be_encrypted_before_storage(office: Office) -> None:
    number = office.create("--reference A-7")
    office.ok(f"edit {number} --title 'Another title'")
    office.ok(f"dispatch {number}")
    ((stored,),) = rows(office, "SELECT encrypted_payload FROM assignments")
    assert isinstance(stored, bytes)
    assert (stored[0], (len(stored) - 29) % 256) == (1, 0)
    for name, content in office.snapshot().items():
        for field, value in PERSON.items():
            if field not in ("city", "postal_code"):
                assert value.encode() not in content, (name, field)
        assert f'"{PERSON["postal_code"]}"'.encode() not in content, name
    for text in texts_at_rest(office):
        assert PERSON["postal_code"] not in RANDOM.sub("", text)
    assert PERSON["full_name"] in office.read(number).stdout


def test_encryption_key_exists(office: Office) -> None:
    dead, live = office.create(), office.create()
    damage(
        office,
        "UPDATE encryption_keys SET revoked_at = '2026-11-21T11:00:00.000000Z' WHERE id ="
        f" (SELECT encryption_key_id FROM assignments WHERE number = {dead})",
        guards=tuple(
            str(name)
            for (name,) in rows(
                office,
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                " AND tbl_name = 'encryption_keys' AND sql LIKE '%UPDATE%'",
            )
        ),
    )
    refused(office, f"dispatch {dead}", "encryption_key_exists", writes=True)
    office.ok(f"dispatch {live}")


def test_only_coordinator_can_dispatch(office: Office) -> None:
    office.ok("member invite bo --name Bo --role org_admin --here --keys keyring")
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    number = office.create()
    rule = "only_coordinator_can_dispatch"
    for profile in ("kari", "bo"):
        refused(office, creating(office), rule, profile=profile)
        refused(office, f"edit {number} --title X", rule, profile=profile)
        refused(office, f"dispatch {number}", rule, profile=profile)
        refused(office, f"recall --yes {number}", rule, profile=profile)
        refused(office, f"cancel --yes {number} --reason Moved", rule, profile=profile)
    # A draft is its coordinator's own: another could not sign for what they did not see.
    refused(office, f"edit {number} --title X", rule, profile="eva")
    refused(office, f"dispatch {number}", rule, profile="eva")
    office.ok(creating(office, "--dispatch"), profile="eva")
    office.ok(f"dispatch {number}")
    office.ok(f"recall --yes {number}", profile="eva")


def test_recipient_must_belong_to_same_organization(office: Office) -> None:
    rule = "recipient_must_belong_to_same_organization"
    office.ok("member invite dag --name Dag")
    refused(office, creating(office, to="dag"), rule)
    number = office.create(to="ola")
    office.ok("member revoke --yes ola")
    refused(office, creating(office, to="ola"), rule)
    refused(office, f"dispatch {number}", rule)
    refused(office, f"edit {number} --title X", rule, writes=True)
    office.ok(f"edit {number} --to kari")
    office.ok(f"dispatch {number}")


def test_recipient_is_active_peer_mentor(office: Office) -> None:
    rule = "recipient_is_active_peer_mentor"
    office.ok("member pause ola --until 30.11.2026")
    office.ok("member certify per --certified-until 22.11.2026")
    office.ok(creating(office, to="per"))
    number = office.create(to="kari")
    office.ok("member pause kari")
    office.later(days=2)
    for mentor in ("kari", "ola", "per", "anne"):
        refused(office, creating(office, to=mentor), rule)
        refused(office, creating(office, "--dispatch", to=mentor), rule)
    refused(office, f"dispatch {number}", rule)
    office.ok("member resume kari")
    office.ok("member resume ola")
    office.ok("member certify per")
    for mentor in ("kari", "ola", "per"):
        office.ok(creating(office, "--dispatch", to=mentor))
    office.ok(f"dispatch {number}")


SAID = {
    "acknowledged": "already confirmed",
    "contact made": "already recorded",
    "completed": "completed",
}


def test_valid_status_transition(office: Office) -> None:
    rule = "valid_status_transition"
    number = office.create()
    steps = {
        f"open {number} --reveal": "read",
        f"ack {number}": "acknowledged",
        f"contact {number}": "contact made",
        f"complete {number}": "completed",
    }
    lines = list(steps)
    for line in lines:  # a draft is not there for its mentor yet
        refused(office, line, rule, profile="kari", writes=line.startswith("open"))
    office.ok(f"dispatch {number}")
    refused(office, f"dispatch {number}", rule)
    for position, line in enumerate(lines):
        for skipped in lines[position + 1 :]:
            refused(office, skipped, rule, profile="kari")
        office.ok(line, profile="kari")
        if position:  # opening once more is no step
            said = refused(office, line, rule, profile="kari").stderr
            assert SAID[steps[line]] in said
    refused(office, f"recall --yes {number}", rule)
    refused(office, f"cancel --yes {number} --reason Moved", rule)
    assert office.ok(f"show {number} --json").json["status"] == "completed"


def test_recall_only_before_read(office: Office) -> None:
    number = office.dispatch()
    for status in ("read", "acknowledged", "contact_made"):
        line = {"read": f"open {number} --reveal", "acknowledged": f"ack {number}"}
        office.ok(line.get(status, f"contact {number}"), profile="kari")
        said = refused(office, f"recall --yes {number}", "recall_only_before_read").stderr
        assert "assign cancel" in said
    done = office.ok(f"cancel --yes {number} --reason 'The visit is not needed.' --json").json
    assert (done["status"], done["disclosed"]) == ("cancelled", True)
    assert "treat it as disclosed" in done["message"]


@pytest.mark.parametrize("status", a_few(2, of=["pending", "dispatched", "delivered"]))
def test_recall_only_before_read_lets_the_unread_be_recalled(office: Office, status: str) -> None:
    number = office.create() if status == "pending" else office.dispatch()
    if status == "delivered":
        office.to_status(number, status)
    office.ok("member pause kari")  # recall works whatever the mentor's profile
    done = office.ok(f"recall --yes {number} --json").json
    assert (done["status"], done["disclosed"]) == ("recalled", False)
    assert done["was_dispatched"] == (status != "pending")
    assert shares(office) == 0
    refused(
        office,
        f"open {number} --reveal",
        "valid_status_transition",
        profile="kari",
        writes=True,
    )


def test_assignment_immutable_after_dispatch(office: Office) -> None:
    rule = "assignment_immutable_after_dispatch"
    number = office.create()
    office.ok(f"edit {number} --to ola --title 'Other title' --payload {office.person()}")
    office.ok(f"dispatch {number}")
    for change in (
        "--title X",
        "--to kari",
        f"--payload {office.person()}",
        "--expires 31.12.2026",
        "--internal-notes X",
        "--priority urgent",
        "",
    ):
        refused(office, f"edit {number} {change}", rule)
    office.ok(f"recall --yes {number}")
    refused(office, f"edit {number} --title X", rule)


def test_expires_at_in_future(office: Office) -> None:
    for day in ("2026-11-20", "20.11.2026", "01.01.2000"):
        refused(office, creating(office, f"--expires {day}"), "expires_at_in_future")
    today = office.ok(f"{creating(office, '--expires 21.11.2026 --dispatch')} --json").json
    assert today["expires_at"] == "2026-11-21T23:00:00Z"
    number = office.create("--expires 21.11.2026")
    refused(office, f"edit {number} --expires 20.11.2026", "expires_at_in_future", writes=True)
    office.later(days=1)
    said = refused(office, f"dispatch {number}", "expires_at_in_future").stderr
    # The rule itself, before the database is asked.
    assert "The expiry date has already passed." in said


def test_contact_deadline_days_positive(office: Office) -> None:
    rule = "contact_deadline_days_positive"
    for days in (0, -1):
        refused(office, creating(office, f"--deadline-days {days}"), rule)
    refused(office, "config set contact_deadline_days 0", rule)
    number = office.create("--deadline-days 1")
    refused(office, f"edit {number} --deadline-days 0", rule, writes=True)
    refused(office, creating(office, "--deadline-days 366"), "contact_deadline_too_long", 2)
    assert office.ok(f"dispatch {number} --json").json["contact_due_at"] == "2026-11-21T23:00:00Z"


def test_threshold_sequence_positive(office: Office) -> None:
    number = office.dispatch()
    line = rows(
        office,
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        " AND tbl_name = 'assignment_threshold_logs' AND sql LIKE '%UPDATE%'",
    )
    damage(
        office,
        "UPDATE assignment_threshold_logs SET dispatched_count = 0",
        guards=tuple(str(name) for (name,) in line),
    )
    office.ok(f"recall --yes {number}")  # what was sent can be withdrawn even then
    draft = office.create()
    refused(office, f"dispatch {draft}", "threshold_sequence_positive")
    office.dispatch(to="ola")


def test_subject_reference_max_length(office: Office) -> None:
    rule = "subject_reference_max_length"
    refused(office, creating(office, f"--reference {'å' * 41}"), rule)
    number = office.create(f"--reference {'å' * 40}")
    refused(office, f"edit {number} --reference {'b' * 41}", rule, writes=True)


def test_reporting_cycle_active(office: Office) -> None:
    office.ok("config set reporting_cycles by_hand")
    number = office.create()
    office.ok("cycle close 2026 --force --yes")
    refused(office, f"dispatch {number}", "reporting_cycle_active")
    refused(office, creating(office, "--dispatch"), "reporting_cycle_active")
    office.later(days=60)
    refused(office, f"dispatch {number}", "reporting_cycle_active")
    office.ok("cycle open Winter --from 01.01.2027 --to 31.03.2027")
    office.ok(f"dispatch {number}")


def test_consent_before_payload_access(office: Office) -> None:
    rule = "consent_before_payload_access"
    number = office.dispatch("--consent-required")
    line = f"open {number} --reveal"
    said = refused(office, line, rule, profile="kari", writes=True).stderr
    assert "assign consent" in said
    assert office.ok(f"show {number} --json").json["first_read_at"] is None
    for part in ("--accept confidentiality", ACCEPT.replace("--accept purpose ", "")):
        refused(office, f"consent {number} {part}", "consent_incomplete", 2, profile="kari")
    refused(office, f"consent {number} {ACCEPT}", "not_your_assignment", 4, profile="ola")
    refused(office, line, rule, profile="kari", writes=True)
    office.ok(f"consent {number} {ACCEPT}", profile="kari")
    assert PERSON["full_name"] in office.ok(line, profile="kari").stdout


def test_expired_payload_inaccessible(office: Office) -> None:
    rule = "expired_payload_inaccessible"
    number, other = office.dispatch("--expires 30.11.2026"), office.dispatch()
    office.now = datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
    office.read(number)  # the last second of the day, in Oslo
    office.later(seconds=1)
    held = shares(office)
    said = refused(office, f"open {number} --reveal", rule, profile="kari", writes=True).stderr
    assert "has expired" in said
    assert shares(office) == held - 1
    shown = office.ok(f"show {number} --json").json
    assert (shown["status"], shown["timeline"][-1]["actor"]) == ("expired", "service")
    refused(office, f"ack {number}", rule, profile="kari")
    refused(office, f"contact {number}", rule, profile="kari")
    office.read(other)


def test_auto_expiry(office: Office) -> None:
    """The sweep is to come; here it is the reader who comes first that expires it."""
    number = office.dispatch()
    office.to_status(number, "read")
    office.later(days=30)
    assert office.ok("inbox", profile="kari").stdout == "No assignments for you.\n"
    office.refused(f"ack {number}", "expired_payload_inaccessible", 6, profile="kari")
    assert office.ok(f"show {number} --json").json["status"] == "expired"
    ((revoked,),) = rows(office, "SELECT revoked_at FROM encryption_keys")
    assert revoked == "2026-12-21T11:00:00.000000Z"
    assert shares(office) == 0
    kinds = rows(office, "SELECT kind, dispatched_change FROM assignment_threshold_logs")
    assert kinds == [("dispatched", 1), ("expired", -1)]
    told = rows(office, "SELECT recipient_id FROM notifications WHERE kind LIKE '%expired'")
    assert len(set(told)) == 2
    assert "whole" in office.ok("audit verify").stdout


def test_audit_all_access(office: Office) -> None:
    number = office.dispatch()
    office.refused(f"open {number} --reveal", "not_your_assignment", 4, profile="ola")
    damage(
        office,
        "CREATE TRIGGER no_record BEFORE INSERT ON audit_log WHEN NEW.action = 'payload_decrypted'"
        " BEGIN SELECT RAISE(ABORT, 'audit_all_access'); END",
    )
    line = f"open {number} --reveal"
    refused(office, line, "audit_all_access", profile="kari", writes=True)
    assert office.ok(f"show {number} --json").json["status"] == "dispatched"
    damage(office, "DROP TRIGGER no_record")
    office.read(number)
    entries = office.ok(f"audit log --assignment {number} --json").json["entries"]
    actions = [(entry["action"], entry["actor"]) for entry in reversed(entries)]
    assert actions[2:] == [
        ("attempt.refused", "Ola Dunk"),
        ("attempt.refused", "Kari Nordmann"),
        ("assignment.delivered", "service"),
        ("assignment.read", "Kari Nordmann"),
        ("payload_decrypted", "Kari Nordmann"),
    ]
    said = entries[-3]["details"]
    assert (said["act"], said["code"]) == ("payload.refused", "not_your_assignment")
    assert entries[-4]["details"]["code"] == "audit_all_access"


def test_ten_day_no_contact_reminder(office: Office) -> None:
    """The reminder is the sweep's; what is due, and from when, can be heard already."""
    office.now = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    waiting, reached = office.dispatch(), office.dispatch()
    office.to_status(reached, "contact_made")
    office.now = datetime(2026, 12, 10, 22, 59, 59, tzinfo=UTC)
    assert office.ok("list --overdue --json").json["assignments"] == []
    office.later(seconds=1)
    (due,) = office.ok("list --overdue --json").json["assignments"]
    assert (due["number"], due["contact_due_at"]) == (waiting, "2026-12-10T23:00:00Z")


def test_threshold_honorarium_trigger(office: Office) -> None:
    lines = [office.ok(f"{creating(office, '--dispatch')} --json").json for _ in range(4)]
    found = [(line["threshold_sequence_number"], line["honorarium_tier"]) for line in lines]
    assert found == [(1, "none"), (2, "none"), (3, "standard"), (4, "standard")]


def test_threshold_honorarium_counting(office: Office) -> None:
    first, second = office.dispatch(), office.dispatch()
    office.ok(f"recall --yes {second}")
    office.to_status(first, "completed")
    third = office.dispatch()
    lines = rows(
        office, "SELECT kind, dispatched_change, completed_change FROM assignment_threshold_logs"
    )
    assert lines == [
        ("dispatched", 1, 0),
        ("dispatched", 1, 0),
        ("recalled", -1, 0),
        ("completed", 0, 1),
        ("dispatched", 1, 0),
    ]
    assert office.ok(f"show {third} --json").json["threshold_sequence_number"] == 2


def test_organization_scope_isolation(office: Office) -> None:
    number = office.dispatch("--internal-notes 'Only here.'")
    identity = office.ok(f"show {number} --json").json["id"]
    office.ok(
        "init --organization Naboforeningen --handle bo --name Bo --keys keyring", profile=None
    )
    for line in (
        f"show {number}",
        f"show {identity}",
        f"edit {identity} --title X",
        f"dispatch {identity}",
        f"recall --yes {identity}",
        f"open {identity} --reveal",
        f"ack {identity}",
        f"audit log --assignment {identity}",
    ):
        refused(office, line, "assignment_not_found", 3, profile="bo")
    refused(office, creating(office, to="kari"), "member_not_found", 3, profile="bo")
    refused(office, "member show kari", "member_not_found", 3, profile="bo")
    assert office.ok("list --json", profile="bo").json["assignments"] == []
    known = office.ok("member list --json", profile="bo").json["members"]
    assert [member["handle"] for member in known] == ["bo", "service"]
    office.ok("config set contact_deadline_days 3", profile="bo")
    assert office.ok("config get contact_deadline_days --json").json["value"] == "10"
    assert "whole" in office.ok("audit verify", profile="bo").stdout
    assert "whole" in office.ok("audit verify").stdout
