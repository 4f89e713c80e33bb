"""`privacy access`: who looked at a person's brief, with a proof that anybody can check."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.attacker import write
from tests.looks_checker import NotProven, checked
from tests.office import Office
from tests.refusals import rows

ACCESS = "privacy access --reference SAK-7"


@pytest.fixture
def read(office: Office) -> Office:
    """An office with two assignments about one person, of which one was read twice."""
    office.dispatch("--reference SAK-7")
    office.later(days=1)
    office.read(1)
    office.later(hours=1)
    office.read(1)
    office.create("--reference SAK-7")
    office.dispatch("--reference SAK-8")
    office.read(3)
    return office


@pytest.mark.slow
def test_every_look_is_said_with_day_role_and_purpose(read: Office) -> None:
    said = read.ok(ACCESS).stdout.splitlines()
    assert said[0] == "4 looks, oldest first. Assignments with this reference: 2."
    assert [line for line in said if line.startswith("Assignment")] == [
        "Assignment 1: 21 November at 12:00, coordinator, to write the brief",
        "Assignment 1: 22 November at 12:00, peer mentor, to make the visit",
        "Assignment 1: 22 November at 13:00, peer mentor, to make the visit",
        "Assignment 2: 22 November at 13:00, coordinator, to write the brief",
    ]
    assert "Kari" not in "".join(said)


@pytest.mark.slow
def test_names_are_given_only_where_they_are_asked_for(read: Office) -> None:
    without, named = read.ok(f"{ACCESS} --json").stdout, read.ok(f"{ACCESS} --names --json")
    for name in ("kari", "Kari Nordmann", "Anne Berg"):
        assert name not in without
    assert [each["name"] for each in named.json["looks"][:2]] == ["Anne Berg", "Kari Nordmann"]
    assert "peer mentor Kari Nordmann, to make" in read.ok(f"{ACCESS} --names").stdout


def root_key(office: Office) -> str:
    (key,) = rows(office, "SELECT hex(root_public_key) FROM organizations")[0]
    return str(key)


def test_each_look_is_proven_with_nothing_but_the_documented_form(read: Office) -> None:
    found = read.ok(f"{ACCESS} --json").json
    proven = [entry for each in found["proofs"] for entry in checked(each, root_key(read))]
    looks = {(each["number"], each["sequence"], each["at"]) for each in found["looks"]}
    assert looks == {
        (each["facts"]["number"], each["sequence"], f"{each['at'][:19]}Z") for each in proven
    }
    assert all(each["root_key"].upper() == root_key(read) for each in found["proofs"])


def _other_digit(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


@pytest.mark.slow
def test_a_proof_that_was_changed_anywhere_proves_nothing(read: Office) -> None:
    (proof, *_) = read.ok(f"{ACCESS} --json").json["proofs"]
    key = root_key(read)
    checked(proof, key)

    def refused(change: Any, with_key: str = key) -> None:
        altered = copy.deepcopy(proof)
        change(altered)
        with pytest.raises((NotProven, KeyError)):
            checked(altered, with_key)

    first = lambda each: each["entries"][0]  # noqa: E731
    refused(lambda each: first(each).update(signature=_other_digit(first(each)["signature"])))
    refused(lambda each: first(each)["proof"].pop())
    refused(lambda each: first(each)["proof"].append("00" * 32))
    refused(lambda each: first(each)["proof"].reverse())
    refused(lambda each: first(each).update(body=each["entries"][1]["body"]))
    refused(lambda each: each["certificates"].pop())
    refused(lambda each: each.update(checkpoint=each["checkpoint"].replace("\n", "\n1", 1)))
    refused(lambda each: None, with_key="00" * 32)


@pytest.mark.slow
def test_giving_it_out_is_recorded_and_only_for_administrators(read: Office) -> None:
    read.ok(ACCESS)
    newest = read.ok("audit log --limit 1 --json").json["entries"][0]
    assert (newest["action"], newest["subject_type"]) == ("privacy.exported", "organization")
    read.ok("member invite cora --name 'Cora Dal' --here --keys keyring --role coordinator")
    for profile in ("kari", "cora"):
        read.refused(ACCESS, "role_missing", 4, profile=profile)
    assert json.loads(read.ok("audit verify --json").stdout)["entries"]


@pytest.mark.slow
def test_nothing_is_said_of_a_reference_that_nobody_has(read: Office) -> None:
    read.refused("privacy access --reference SAK-70", "reference_not_found", 3)


@pytest.mark.slow
def test_archived_assignments_are_told_of_and_erased_ones_are_not(read: Office) -> None:
    read.ok("recall 2 --yes")
    read.ok("cancel 1 --yes --reason 'Moved away.'")
    read.later(days=800)
    read.ok("sweep")
    found = read.ok(f"{ACCESS} --json").json
    assert len(found["looks"]) == 4
    assert sum(len(checked(each, root_key(read))) for each in found["proofs"]) == 4
    read.ok("privacy erase --reference SAK-7 --yes")
    read.refused(ACCESS, "reference_not_found", 3)


@pytest.mark.slow
def test_a_look_that_was_altered_is_given_out_by_nobody(read: Office) -> None:
    looks = "WHERE action = 'payload_decrypted'"
    write(read, f"UPDATE audit_log SET details = '{{}}' {looks}")
    assert read.run(ACCESS).code == 1
