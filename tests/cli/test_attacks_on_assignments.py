"""Attacks on assignments by somebody who may write to the database: each is detected and named.

Forged ones, steps and consents that nobody took or gave, and who asks when. The attacker's means
are in `tests.attacker`; nothing of a payload is shown, and a refused attempt to open is in the
audit log.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from assigncli.client import open
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.crypto.identity import Identity
from assigncli.domain.actions import Action
from assigncli.domain.consent_text import CURRENT
from assigncli.protocol.manifest import Manifest
from tests import slots
from tests.acting import identity_of
from tests.attacker import (
    alter,
    caught,
    caught_opening,
    certify_as,
    column,
    enrol,
    forge_assignment,
    hex_id,
    insert,
    opening,
    value,
    write,
)
from tests.office import ACCEPT, Office
from tests.quick import only

LATER = "2027-06-01T00:00:00.000000Z"
SOONER = "2026-11-21T12:00:00.000000Z"

# Assignments that nobody dispatched


def test_an_assignment_forged_by_a_mentor_who_signs_as_himself(office: Office) -> None:
    number = forge_assignment(office, "ola")
    (found,) = office.ok("inbox --json", profile="kari").json["unverified"]
    assert found["code"] == "entry_invalid"
    caught_opening(office, number, "entry_invalid")


def test_an_assignment_forged_by_a_mentor_in_a_coordinator_s_name(office: Office) -> None:
    number = forge_assignment(office, "ola", member_id=UUID(hex_id(office, "anne")))
    caught_opening(office, number, "manifest_invalid")


def test_a_draft_sent_by_raw_sql(office: Office) -> None:
    number = office.create("--expires 2026-12-10")
    alter(office, number, status="dispatched")
    caught_opening(office, number, "manifest_invalid")
    alter(office, number, dispatched_at=SOONER)
    caught_opening(office, number, "manifest_invalid")


@pytest.mark.parametrize(("days", "code"), [(0, "certificate_invalid"), (-2, "entry_invalid")])
def test_a_dispatch_by_a_coordinator_who_has_left_whatever_its_date(
    office: Office, days: int, code: str
) -> None:
    enrol(office, "bob", "coordinator")
    office.later(days=7)
    office.ok("member revoke --yes bob")
    number = forge_assignment(office, "bob", now=office.now + timedelta(days=days))
    caught_opening(office, number, code)


def test_what_a_coordinator_sent_before_leaving_still_opens(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    line = f"create --to kari --title Visit --payload {office.person()} --dispatch --json"
    number = office.ok(line, profile="bob").json["number"]
    office.ok("member revoke --yes bob")
    office.read(number)


def test_a_draft_is_sent_to_every_device_there_is_by_then(office: Office) -> None:
    number = office.create()
    office.later(days=1)
    enrol(office, "bob", "org_admin")
    certify_as(office, "bob", "anne", Identity.generate().public)
    certify_as(office, "bob", "kari", identity_of(office, "kari").public)
    office.ok(f"dispatch {number}")
    office.read(number)
    sealed_to = "SELECT certificate_id FROM key_wraps ORDER BY certificate_id"
    in_force = (
        "SELECT certificates.id FROM certificates JOIN members ON members.id = member_id"
        " WHERE handle IN ('anne', 'kari') ORDER BY certificates.id"
    )
    with closing(sqlite3.connect(office.store)) as db:
        devices = [each for (each,) in db.execute(in_force)]
        assert [each for (each,) in db.execute(sealed_to)] == devices
    signed = Manifest.decode(bytes(column(office, number, "manifest_body")))
    assert len(devices) == 4
    assert sorted(each.hex for each in signed.readers) == devices


# Where it stands


@pytest.mark.parametrize("end", ["recall --yes {}", "cancel --yes {} --reason Moved"])
def test_one_that_was_withdrawn_brought_back_with_its_share(
    office: Office, tmp_path: Path, end: str
) -> None:
    number, backup = office.dispatch(), tmp_path / "backup"
    shutil.copy2(office.vault, backup)
    office.ok(end.format(number))
    alter(office, number, status="dispatched", recalled_at=None, cancelled_at=None)
    write(office, "UPDATE encryption_keys SET revoked_at = NULL")
    shutil.copy2(backup, office.vault)
    caught_opening(office, number, "manifest_invalid")


def test_one_that_expired_brought_back_with_its_share(office: Office, tmp_path: Path) -> None:
    number, backup = office.dispatch(), tmp_path / "backup"
    shutil.copy2(office.vault, backup)
    office.later(days=31)
    caught_opening(office, number, "expired_payload_inaccessible", 6)
    shutil.copy2(backup, office.vault)
    alter(office, number, status="dispatched")
    caught_opening(office, number, "manifest_invalid")
    office.later(days=-31)
    caught(office, opening(number), "clock_behind", profile="kari")


def test_the_status_set_back_without_the_share(office: Office) -> None:
    number = office.dispatch()
    office.ok(f"recall --yes {number}")
    alter(office, number, status="dispatched")
    caught_opening(office, number, "manifest_invalid")


def test_a_share_that_is_gone(office: Office) -> None:
    number = office.dispatch()
    for key in slots.shares(office.vault):
        slots.delete(office.vault, key)
    caught_opening(office, number, "share_missing", 7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "status", only("read", "acknowledged", of=["delivered", "read", "acknowledged", "contact_made"])
)
def test_steps_that_nobody_took(office: Office, status: str) -> None:
    number = office.dispatch()
    alter(office, number, status=status)
    caught_opening(office, number, "manifest_invalid")
    for line in ("ack", "contact", "complete"):
        caught(office, f"{line} {number}", "manifest_invalid", profile="kari")


# Consent


def test_consent_forged_in_the_column(office: Office) -> None:
    number = office.dispatch("--consent-required")
    alter(office, number, consent_completed_at=SOONER)
    caught_opening(office, number, "consent_invalid")
    caught(office, f"consent {number} {ACCEPT}", "consent_invalid", profile="kari")


_LAST_STATEMENT = (
    "SELECT statement_hash FROM audit_log WHERE action = 'consent.completed'"
    " ORDER BY sequence DESC LIMIT 1"
)


def moved(office: Office, number: int, other: int) -> None:
    """Move kari's consent to one assignment over to another."""
    ids = column(office, number, "id"), column(office, other, "id")
    write(office, "UPDATE consent_records SET assignment_id = ? WHERE assignment_id = ?", *ids)


def given_by_another(office: Office, number: int, other: int) -> None:
    """Let another's signed consent stand for kari's, entry and all."""
    moved(office, number, other)
    subject = UUID(str(column(office, number, "id")))
    said = {
        "text": CURRENT.version,
        "language": "en",
        "steps": CURRENT.names,
        "text_sha256": CURRENT.digest("en").hex(),
    }
    insert(office, "ola", Action.CONSENT_COMPLETED, subject, said, number=number)
    write(office, f"UPDATE consent_records SET statement_hash = ({_LAST_STATEMENT})")


def entry_moved(office: Office, number: int, other: int) -> None:
    """Move it, and let its entry say so."""
    moved(office, number, other)
    write(
        office,
        "UPDATE audit_log SET subject_id = ? WHERE action = 'consent.completed'",
        column(office, number, "id"),
    )


def statement_altered(office: Office, number: int, other: int) -> None:
    """Move it, and let its entry and its statement say so."""
    entry_moved(office, number, other)
    ids = [UUID(str(column(office, each, "id"))) for each in (other, number)]
    body = value(office, f"SELECT body FROM statements WHERE hash = ({_LAST_STATEMENT})")
    assert isinstance(body, bytes)
    swapped = body.replace(str(ids[0]).encode(), str(ids[1]).encode())
    write(office, f"UPDATE statements SET body = ? WHERE hash = ({_LAST_STATEMENT})", swapped)


@pytest.mark.parametrize(
    "attack",
    only(moved, of=[moved, given_by_another, entry_moved, statement_altered]),
)
def test_a_consent_that_was_not_given_to_this(
    office: Office, attack: Callable[[Office, int, int], None]
) -> None:
    number, other = (office.dispatch("--consent-required") for _ in range(2))
    office.ok(f"consent {other} {ACCEPT}", profile="kari")
    attack(office, number, other)
    alter(office, number, consent_completed_at=SOONER)
    # What is moved in the log too is no entry that kari, or anybody, could have made.
    caught_opening(office, number, "consent_invalid" if attack is moved else "entry_invalid")


# Who asks, and when


@pytest.mark.parametrize(
    "line",
    only(
        "open {} --reveal",
        "ack {}",
        of=["open {} --reveal", "ack {}", "contact {}", "complete {}", "consent {} " + ACCEPT],
    ),
)
def test_somebody_else_s_assignment(office: Office, line: str) -> None:
    number = office.dispatch("--consent-required")
    opens = line.startswith("open")
    for profile in ("ola", "anne"):
        attack = line.format(number)
        caught(office, attack, "not_your_assignment", 4, profile=profile, recorded=opens)


def test_expired_whatever_the_database_says_and_without_a_sweep(office: Office) -> None:
    number = office.dispatch()
    office.later(days=31)
    assert office.ok("inbox --json", profile="kari").json["assignments"] == []
    caught_opening(office, number, "expired_payload_inaccessible", 6)
    assert column(office, number, "status") == "expired"
    assert slots.shares(office.vault) == {}
    alter(office, number, expires_at=LATER)
    caught_opening(office, number, "manifest_invalid")


def test_a_store_changed_between_the_check_and_the_access(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown is what was verified; the change is found by whoever looks next."""
    number, held = office.dispatch(), open._held

    def hold_then_attack(client: Client, case: Case, reader: str) -> object:
        found = held(client, case, reader)
        write(office, "UPDATE assignments SET title = 'Another visit'")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(open, "_held", hold_then_attack)
        shown = office.ok(f"{opening(number)} --json", profile="kari").json
    assert shown["title"] == "Home visit"
    caught(office, opening(number), "text_altered", profile="kari", recorded=True)
