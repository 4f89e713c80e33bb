"""Attacks on the audit log's entries: `assign audit verify` says what is wrong, and with which.

A cut-off tail is found only with a checkpoint kept elsewhere, which is not tried here.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.identity import Identity
from assigncli.domain.actions import Action
from assigncli.server import certification
from assigncli.server.record import record
from tests.acting import identity_of
from tests.attacker import (
    certificate_id,
    column,
    enrol,
    found,
    guards_down,
    hex_id,
    insert,
    own_client,
    state,
    value,
    write,
)
from tests.office import PERSON, Office
from tests.quick import a_few, one_of_each, only

NOBODY = "0123456789abcdef" * 2
TAIL = 14
"""The first free place of the log once an assignment is dispatched."""


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose log holds something to attack, and is whole."""
    office = founded.copy_to(tmp_path_factory.mktemp("whole") / "office")
    office.dispatch()
    assert office.ok("audit verify --json").json["entries"] == TAIL - 1
    return office


# Altered


@pytest.mark.slow
@pytest.mark.parametrize("entry", only(7, of=(1, 7, TAIL - 1)))
@pytest.mark.parametrize(
    ("name", "other"),
    a_few(
        3,
        of=[
            ("at", "2026-11-20T11:00:00.000000Z"),
            ("actor_id", NOBODY),
            ("actor_certificate_id", NOBODY),
            ("action", "assignment.recalled"),
            ("subject_id", NOBODY),
            ("details", '{"number":9}'),
            ("statement_hash", bytes(32)),
            ("service_certificate_id", NOBODY),
            ("signature", bytes(64)),
        ],
    ),
)
def test_a_column_altered(office: Office, entry: int, name: str, other: str | bytes) -> None:
    write(office, f"UPDATE audit_log SET {name} = ? WHERE sequence = ?", other, entry)
    faults = found(office)
    code = "audit_forged" if name == "signature" else "audit_altered"
    assert (entry, code) in faults
    # All else rests on the founding.
    assert entry == 1 or {sequence for sequence, _code in faults} <= {entry, entry + 1}


@pytest.mark.parametrize(
    "spelled",
    a_few(
        2,
        of=[
            "at = replace(at, '.000000Z', '.0Z')",
            "at = replace(at, 'Z', '+00:00')",
            "subject_id = upper(subject_id)",
            "actor_certificate_id = '{' || actor_certificate_id || '}'",
        ],
    ),
)
def test_a_column_in_another_spelling(office: Office, spelled: str) -> None:
    """It means the same, but who looks for the entry by it would not find it."""
    write(office, f"UPDATE audit_log SET {spelled} WHERE sequence = {TAIL - 1}")
    assert (TAIL - 1, "audit_altered") in found(office)


@pytest.mark.slow
@pytest.mark.parametrize("rubbish", only("rubbish", of=("rubbish", b"\xff\x00", 7)))
@pytest.mark.parametrize(
    "name",
    a_few(
        3,
        of=[
            *("at", "actor_id", "actor_certificate_id", "action", "subject_id"),
            *("details", "statement_hash", "service_certificate_id", "signature"),
        ],
    ),
)
def test_a_column_that_cannot_even_be_read(
    office: Office, name: str, rubbish: str | bytes | int
) -> None:
    write(office, f"UPDATE audit_log SET {name} = ? WHERE sequence = 7", rubbish)
    faults = found(office)
    assert {(7, "audit_altered"), (7, "audit_forged")} & set(faults)
    assert {sequence for sequence, _code in faults} <= {7, 8}


@pytest.mark.parametrize("rubbish", only("rubbish", 99, of=("rubbish", 2.5, b"\x07", 99, 0, -1)))
def test_a_sequence_altered(office: Office, rubbish: str | bytes | float) -> None:
    write(office, "UPDATE audit_log SET sequence = ? WHERE sequence = 7", rubbish)
    assert (7, "audit_missing") in found(office)


def test_an_entry_moved_to_another_organisation(office: Office) -> None:
    office.ok("init --organization Other --handle berit --name Berit --keys keyring", profile=None)
    other = value(office, "SELECT id FROM organizations WHERE name = 'Other'")
    write(
        office,
        "UPDATE audit_log SET organization_id = ? WHERE sequence = 12"
        " AND action LIKE 'assignment.%'",
        other,
    )
    assert found(office) == [(12, "audit_missing")]
    assert office.run("audit verify", profile="berit").code == 1


def test_an_entry_altered_with_its_hash(office: Office) -> None:
    other = hashlib.sha256(b"as the attacker computes it").digest()
    write(office, "UPDATE audit_log SET details = '{\"number\":9}' WHERE sequence = 7")
    write(office, "UPDATE log_nodes SET hash = ? WHERE level = 0 AND place = 6", other)
    assert (7, "audit_altered") in found(office)


# Removed, reordered


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gone", "entry"),
    only((1,), (7, 8, 9), of=[((1,), 1), ((7,), 7), ((TAIL - 2,), TAIL - 2), ((7, 8, 9), 7)]),
)
def test_entries_that_were_removed_are_found(
    office: Office, gone: tuple[int, ...], entry: int
) -> None:
    for each in gone:
        write(office, "DELETE FROM audit_log WHERE sequence = ?", each)
    faults = found(office)
    assert (entry, "audit_missing") in faults
    listed = office.run("audit verify --json").json["findings"]
    assert next(each for each in listed if each["code"] == "audit_missing")["through"] == gone[-1]


def test_an_entry_removed_and_the_gap_closed(office: Office) -> None:
    write(office, "DELETE FROM audit_log WHERE sequence = 7")
    for each in range(8, TAIL):
        write(office, "UPDATE audit_log SET sequence = ? WHERE sequence = ?", each - 1, each)
    assert (7, "audit_altered") in found(office)


def test_two_entries_reordered(office: Office) -> None:
    for old, new in ((7, 99), (8, 7), (99, 8)):
        write(office, "UPDATE audit_log SET sequence = ? WHERE sequence = ?", new, old)
    faults = found(office)
    assert {(7, "audit_altered"), (8, "audit_altered")} <= set(faults)
    assert (7, "audit_reordered") in faults


def test_two_entries_in_each_other_s_place(office: Office) -> None:
    columns = "at, actor_id, actor_certificate_id, action, subject_id, details"
    moved = f"{columns}, statement_hash, service_certificate_id, signature"
    with guards_down(office) as db:
        rows = [
            db.execute(f"SELECT {moved} FROM audit_log WHERE sequence = ?", (each,)).fetchone()
            for each in (8, 7)
        ]
        for each, row in zip((7, 8), rows, strict=True):
            places = ", ".join(f"{name} = ?" for name in moved.split(", "))
            db.execute(f"UPDATE audit_log SET {places} WHERE sequence = ?", (*row, each))
    assert {(7, "audit_altered"), (8, "audit_altered")} <= set(found(office))


# Inserted


def test_an_entry_inserted_in_the_middle(office: Office) -> None:
    with guards_down(office) as db:
        for each in range(TAIL - 1, 6, -1):
            db.execute("UPDATE audit_log SET sequence = ? WHERE sequence = ?", (each + 1, each))
        columns = [row[1] for row in db.execute("PRAGMA table_info(audit_log)") if row[1] != "id"]
        same = ", ".join(columns)
        others = same.replace("sequence", "7")
        db.execute(
            f"INSERT INTO audit_log ({same}) SELECT {others} FROM audit_log WHERE sequence = 6"
        )
    assert (7, "audit_altered") in found(office)


def test_an_entry_by_an_outsider(office: Office) -> None:
    stranger = Identity.generate()
    with (
        own_client(office, "anne", load_identity=lambda: stranger) as session,
        session.turn.write() as tx,
    ):
        anne, about = certification.own_certificates(session.turn, tx)[-1], uuid4()
        state(session, tx, anne, Action.PAYLOAD_DECRYPTED, about, {})
        record(session.turn, tx, anne, Action.PAYLOAD_DECRYPTED, about)
    assert found(office) == [(TAIL, "audit_forged")]


def test_an_entry_in_another_member_s_name(office: Office) -> None:
    insert(office, "ola", Action.PAYLOAD_DECRYPTED, uuid4())
    statement = "UPDATE audit_log SET actor_id = ? WHERE sequence = ?"
    write(office, statement, hex_id(office, "anne"), TAIL)
    assert found(office) == [(TAIL, "audit_altered")]


def test_an_entry_signed_by_a_member_with_another_s_certificate(office: Office) -> None:
    keys = identity_of(office, "ola")
    with (
        own_client(office, "anne", load_identity=lambda: keys) as session,
        session.turn.write() as tx,
    ):
        anne, about = certification.own_certificates(session.turn, tx)[-1], uuid4()
        state(session, tx, anne, Action.MEMBER_REVOKED, about, {"open": 0})
        record(session.turn, tx, anne, Action.MEMBER_REVOKED, about, certificates=[])
    assert found(office) == [(TAIL, "audit_forged")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "action",
    one_of_each(
        (
            Action.ASSIGNMENT_DISPATCHED,
            Action.ASSIGNMENT_RECALLED,
            Action.MEMBER_APPROVED,
            Action.MEMBER_REVOKED,
            Action.SETTING_CHANGED,
        ),
        kind=lambda action: action.value.partition(".")[0],
    ),
)
def test_an_entry_for_an_act_that_the_role_may_not_do(office: Office, action: Action) -> None:
    kari = UUID(hex_id(office, "kari"))
    hers = str(UUID(certificate_id(office, "kari")))
    if action is Action.MEMBER_REVOKED:
        insert(office, "ola", action, kari, {"open": 0}, certificates=[hers])
    elif action is Action.MEMBER_APPROVED:
        said = {"certificate": hers, "certified_until": None}
        insert(office, "ola", action, kari, said, certificate=hers, digest="00" * 32)
    else:
        insert(office, "ola", action, kari)
    assert (TAIL, "audit_forged") in found(office)


def test_an_entry_of_no_known_kind(office: Office) -> None:
    insert(office, "ola", Action.PAYLOAD_DECRYPTED, uuid4())
    write(office, "UPDATE audit_log SET action = 'nothing' WHERE sequence = ?", TAIL)
    assert (TAIL, "audit_altered") in found(office)


def test_an_entry_by_a_coordinator_who_has_left(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    office.ok("member revoke --yes bob")
    after = int(str(value(office, "SELECT max(sequence) FROM audit_log"))) + 1
    insert(office, "bob", Action.ASSIGNMENT_RECALLED, uuid4())
    assert found(office) == [(after, "audit_forged")]


def test_a_member_s_entries_stay_good_after_a_renewal_and_after_leaving(office: Office) -> None:
    office.read(1)
    office.ok("member certify kari")
    office.ok("ack 1", profile="kari")
    office.ok("member revoke --yes kari")
    assert "whole" in office.ok("audit verify").stdout


def test_a_log_that_is_gone(office: Office) -> None:
    with guards_down(office) as db:
        db.execute("DELETE FROM audit_log")
    faults = found(office)
    assert (None, "certificate_unrecorded") in faults


def test_details_never_name_the_person(office: Office) -> None:
    """Nor do the statements of a completion and of an export: ids, a count, yes or no, a word."""
    office.to_status(1, "contact_made")
    office.ok("complete 1 --in-person", profile="kari")
    office.ok(f"honorarium report --mentor kari --output {office.folder / 'figures.csv'}")
    with closing(sqlite3.connect(office.store)) as db:
        details = [json.loads(text) for (text,) in db.execute("SELECT details FROM audit_log")]
        bodies = [json.loads(body) for (body,) in db.execute("SELECT body FROM statements")]
    completed = {"from", "to", "cycle", "count", "tier", "number"}
    sent = {"recipient", "manifest", "encryption_key", "as", "starts_on", "ends_on"}
    approved = {"certificate", "digest", "service_digest", "first", "code"}
    named = {key for each in details for key in each}
    assert completed | sent <= named <= completed | sent | approved
    assert all(
        UUID(each[key])
        for each in details
        for key in ("cycle", "recipient", "encryption_key")
        if key in each
    )
    approvals = [each for each in details if "digest" in each]
    assert all(UUID(each["certificate"]) for each in approvals)
    assert all(len(bytes.fromhex(each["digest"])) == 32 for each in approvals)
    (completion,) = (each for each in details if each.get("to") == "completed")
    assert completion.keys() == {"number", "from", "to", "cycle", "count", "tier"}
    (export,) = (each["arguments"] for each in bodies if each["act"] == "honorarium.exported")
    assert (export["report"], export["up_to"]) == ("honorarium", 2)
    assert all(UUID(each) for each in (export["member"], *export["cycles"]))
    details += [each["arguments"] for each in bodies]
    said = " ".join(str(value) for each in details for value in each.values())
    assert str(column(office, 1, "title")) not in said
    for name in ("full_name", "address", "phone", "medical_summary"):
        assert PERSON[name] not in said
