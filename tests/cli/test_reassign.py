"""`reassign`: another mentor gets the assignment, nothing is typed again, and the old one ends."""

from __future__ import annotations

import shutil
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.attacker import column, value
from tests.cli.test_hostile_batch import honest
from tests.hostile import Answer, Hostile
from tests.office import ACCEPT, PERSON, Office
from tests.quick import a_few
from tests.refusals import shares

ACT = "assignment.reassigned"
SAME = (
    *("title", "subject_reference", "priority", "contact_deadline_days", "consent_required"),
    *("coordinator_notes", "internal_notes"),
)


def reassigned(office: Office, number: int, to: str, **how: Any) -> dict[str, Any]:
    found: dict[str, Any] = office.ok(f"reassign {number} --to {to} --yes --json", **how).json
    return found


def shown(office: Office, number: int) -> dict[str, Any]:
    found: dict[str, Any] = office.ok(f"show {number} --json").json
    return found


# ---- what it does


def test_an_unread_assignment_is_recalled_and_all_that_was_typed_goes_along(office: Office) -> None:
    number = office.dispatch(
        "--priority urgent --reference SAK-1 --deadline-days 5"
        " --coordinator-notes Lupe --internal-notes 'Second request.'"
    )
    said = reassigned(office, number, "ola")
    assert (said["replaced_number"], said["disclosed"]) == (number, False)
    assert (said["recipient"], said["status"], said["priority"]) == ("ola", "dispatched", "urgent")
    old, new = (shown(office, each) for each in (number, said["number"]))
    assert (old["status"], old["replaced_by"]) == ("recalled", new["number"])
    assert (new["status"], new["replaced_by"]) == ("dispatched", None)
    assert [new[name] for name in SAME] == [old[name] for name in SAME]
    office.refused(f"open {number} --reveal", "valid_status_transition", 6, profile="kari")
    brief = office.ok(f"open {new['number']} --reveal --json", profile="ola").json
    assert {name: brief[name] for name in PERSON} == PERSON
    assert shares(office) == 1
    for line in ("audit verify", "store check"):
        office.ok(line)


def test_one_that_was_read_is_cancelled_and_stays_disclosed(office: Office) -> None:
    number = office.dispatch()
    office.to_status(number, "acknowledged")
    result = office.ok(f"reassign {number} --to ola --yes")
    assert result.stdout.startswith(
        "Assignment 2 is sent to Ola Dunk. Assignment 1 is cancelled. Kari Nordmann has read it;"
        " treat it as disclosed.\n"
    )
    old = shown(office, number)
    assert (old["status"], old["cancel_reason"], old["replaced_by"]) == ("cancelled", None, 2)
    assert "Sent again as: assignment 2" in office.ok(f"show {number}").stdout
    office.ok("audit verify")


@pytest.mark.slow
def test_the_new_mentor_consents_for_themselves(office: Office) -> None:
    number = office.dispatch("--consent-required")
    office.ok(f"consent {number} {ACCEPT}", profile="kari")
    new = reassigned(office, number, "ola")["number"]
    office.refused(f"open {new} --reveal", "consent_before_payload_access", 6, profile="ola")
    office.ok(f"consent {new} {ACCEPT}", profile="ola")
    office.ok(f"open {new} --reveal", profile="ola")


@pytest.mark.slow
def test_its_days_begin_again_but_a_last_day_that_was_given_stays(office: Office) -> None:
    given = office.dispatch("--expires 24.12.2026")
    usual = office.dispatch()
    office.later(days=5)
    for number, same in ((given, True), (usual, False)):
        before = shown(office, number)
        after = shown(office, reassigned(office, number, "ola")["number"])
        assert (after["expires_at"] == before["expires_at"]) is same
        assert after["contact_due_at"] > before["contact_due_at"]


def test_counts_go_from_the_old_mentor_to_the_new(office: Office) -> None:
    office.dispatch()
    reassigned(office, 1, "ola")
    figures = office.ok("honorarium report --json").json["mentors"]
    assert [(each["handle"], each["dispatched"]) for each in figures] == [
        ("kari", 0),
        ("ola", 1),
    ]


def test_both_mentors_are_told_and_the_access_is_in_the_log(office: Office) -> None:
    address = office.folder / "address"
    address.write_text("json://127.0.0.1:9/\n", encoding="utf-8")
    for handle in ("kari", "ola"):
        office.ok(f"member notify {handle} --channel {address}")
    office.dispatch()
    reassigned(office, 1, "ola")
    kinds = office.ok("audit log --json --limit 9").json["entries"]
    acts = [each["action"] for each in kinds]
    assert acts[:4] == [
        "assignment.recalled",
        "assignment.dispatched",
        "assignment.created",
        "payload_decrypted",
    ]
    owed = "SELECT count(*) FROM notifications WHERE kind = ?"
    assert (value(office, owed, "recalled"), value(office, owed, "dispatched")) == (1, 2)


def test_a_sheet_that_is_run_again_does_not_send_the_row_again(office: Office) -> None:
    sheet = office.folder / "sheet.csv"
    sheet.write_text(
        "navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel\n"
        "Olga Prøvesen;Granitten 12 B;0181;Oslo;22 11 22 11;Synsrest.;kari;Hjemmebesøk\n",
        encoding="utf-8",
    )
    office.ok(f"dispatch --csv {sheet}")
    reassigned(office, 1, "ola")
    office.ok(f"dispatch --csv {sheet}")
    assert value(office, "SELECT count(*) FROM assignments") == 2


# ---- what it refuses, with nothing done


@pytest.mark.parametrize(
    ("before", "line", "code", "exit_code"),
    a_few(
        3,
        of=[
            ((), "reassign 9 --to ola --yes", "assignment_not_found", 3),
            (("create --to kari --title Draft --payload {person}",), "reassign 1 --to ola --yes",
             "valid_status_transition", 6),
            (("send",), "reassign 1 --to kari --yes", "same_mentor", 2),
            (("send",), "reassign 1 --to nobody --yes", "member_not_found", 3),
            (("send",), "reassign 1 --to anne --yes", "recipient_is_active_peer_mentor", 6),
            (("send", "member pause ola"), "reassign 1 --to ola --yes",
             "recipient_is_active_peer_mentor", 6),
            (("send", "recall 1 --yes"), "reassign 1 --to ola --yes",
             "valid_status_transition", 6),
            (("send",), "reassign 1 --to ola", "confirmation_needed", 2),
        ],
    ),
)  # fmt: skip
def test_what_cannot_be_reassigned_is_said_and_nothing_is_done(
    office: Office, before: tuple[str, ...], line: str, code: str, exit_code: int
) -> None:
    for each in before:
        if each == "send":
            office.dispatch()
        else:
            office.ok(each.format(person=office.person()))
    kept = value(office, "SELECT group_concat(status) FROM assignments")
    office.refused(line, code, exit_code)
    assert value(office, "SELECT group_concat(status) FROM assignments") == kept


def test_a_completed_or_expired_one_is_not_reassigned(office: Office) -> None:
    office.to_status(office.dispatch(), "completed")
    office.refused("reassign 1 --to ola --yes", "valid_status_transition", 6)
    office.dispatch()
    office.later(days=40)
    office.refused("reassign 2 --to ola --yes", "expired_payload_inaccessible", 6)


def test_another_coordinator_and_a_mentor_may_not(office: Office) -> None:
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    office.dispatch()
    result = office.refused("reassign 1 --to ola --yes", "not_your_assignment", 4, profile="eva")
    assert "Anne Berg" in result.stderr
    office.refused("reassign 1 --to ola --yes", "only_coordinator_can_dispatch", 6, profile="kari")


def test_what_is_no_longer_so_stops_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mentor opens the brief between the question and the answer."""
    from assigncli.client import reassign

    office.dispatch()
    opened = reassign.open_own

    def read_meanwhile(*args: Any) -> Any:
        payload = opened(*args)
        office.ok("open 1 --reveal", profile="kari")
        return payload

    monkeypatch.setattr(reassign, "open_own", read_meanwhile)
    office.refused("reassign 1 --to ola --yes", "changed_meanwhile", 1)
    assert value(office, "SELECT count(*) FROM assignments") == 1
    assert shares(office) == 1
    office.ok("audit verify")


def test_where_the_share_is_gone_nothing_is_sent(office: Office) -> None:
    office.dispatch()
    copy = office.folder / "other.vault"
    shutil.copy(office.vault, copy)
    office.ok("recall 1 --yes")
    office.dispatch()
    shutil.copy(copy, office.vault)
    result = office.run("reassign 2 --to ola --yes")
    assert result.code != 0
    assert value(office, "SELECT count(*) FROM assignments") == 2


# ---- a client of somebody's own making


def sends(office: Office, by: str = "anne", /, **said: Any) -> Answer:
    """Have somebody reassign assignment 1 to ola, with arguments of their own."""
    row, share = honest(office, recipient="ola")
    new = _assignment_of(row.manifest)
    batch, given = _attached(row, share)
    arguments = {"number": 1, "new": str(new), "read": False, **said}
    return Hostile(office, by).does(ACT, 1, arguments, attachments=(batch, given))


def _assignment_of(manifest: bytes) -> UUID:
    from assigncli.protocol.manifest import Manifest

    return Manifest.decode(manifest).context.assignment


def _attached(row: Any, share: Any) -> tuple[bytes, bytes]:
    from assigncli.protocol.batches import encode_batch, encode_shares

    return encode_batch([row]), encode_shares([share])


def test_an_honest_one_is_carried_out(office: Office) -> None:
    office.dispatch()
    entries = [entry.act for entry in sends(office).entries]
    assert entries == ["assignment.created", "assignment.dispatched", "assignment.recalled"]
    office.ok("audit verify")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"number": 2}, "number_differs"),
        ({"read": True}, "changed_meanwhile"),
        ({"new": str(uuid4())}, "manifest_invalid"),
    ],
)
def test_arguments_that_are_not_so_are_refused(
    office: Office, said: dict[str, Any], code: str
) -> None:
    office.dispatch()
    assert sends(office, **said).code == code
    assert column(office, 1, "status") == "dispatched"
    assert shares(office) == 1
    office.ok("audit verify")


def test_by_the_mentor_or_another_coordinator_it_is_refused(office: Office) -> None:
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    office.dispatch()
    assert sends(office, "kari").code == "only_coordinator_can_dispatch"
    assert sends(office, "eva").code == "not_your_assignment"
    assert column(office, 1, "status") == "dispatched"


def test_a_recalled_or_completed_one_is_refused(office: Office) -> None:
    office.dispatch()
    office.ok("recall 1 --yes")
    assert sends(office).code == "valid_status_transition"
    assert value(office, "SELECT count(*) FROM assignments") == 1
