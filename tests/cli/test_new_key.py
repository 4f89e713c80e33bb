"""A server's new key, beside the store: made, compared, and then the only one that signs."""

from __future__ import annotations

import pytest

from assigncli.cli.session import vault_beside
from assigncli.server.store.engine import Store
from assigncli.server.vault.vault import Vault
from tests.attacker import value
from tests.looks_checker import checked
from tests.losing import lost, notes
from tests.office import Office, Result


def make(office: Office) -> str:
    """Give the store a new key; return its digits."""
    made = office.ok(f"serve --new-key --store {office.store} --json", profile=None).json
    (key,) = made["new_keys"]
    return str(key["fingerprint"])


def suffixes(office: Office) -> list[str]:
    """Return the kinds of files beside the store that hold the service's keys."""
    folder = office.store.with_name(office.store.name + ".service")
    return sorted(each.suffix for each in folder.iterdir() if each.suffix != ".head")


def confirm(office: Office, digits: str, more: str = "") -> Result:
    return office.ok(f"member approve service --fingerprint '{digits}' {more}")


def test_a_new_key_signs_from_its_own_entry_on(office: Office) -> None:
    number = office.dispatch()
    digits = make(office)
    assert len(digits.split()) == 8
    office.refused("recall 1 --yes", "service_uncertified", 7)
    assert office.ok("list").stdout
    confirm(office, digits)
    office.to_status(number, "completed")
    assert "whole" in office.ok("audit verify").stdout
    ended = "SELECT count(*) FROM certificates WHERE revoked_at IS NOT NULL"
    assert value(office, ended) == 1
    assert suffixes(office) == [".key", ".root"]


@pytest.mark.slow
def test_a_key_that_waits_is_not_made_again_and_one_that_is_certified_not_at_once(
    office: Office,
) -> None:
    digits = make(office)
    assert make(office) == digits
    confirm(office, digits)
    assert make(office) != digits


@pytest.mark.slow
def test_there_is_no_key_to_replace_without_a_store_or_an_organisation(office: Office) -> None:
    nowhere = office.folder / "nowhere.db"
    line = f"serve --new-key --store {nowhere} --socket {office.folder / 'socket'}"
    office.refused(line, "store_missing", 7, profile=None)
    assert not nowhere.exists()
    Vault.create(vault_beside(nowhere))
    Store.create(nowhere, now=office.now).close()
    office.refused(line, "new_key_too_early", 2, profile=None)


@pytest.mark.slow
def test_doctor_and_store_info_say_that_a_key_waits(office: Office) -> None:
    office.ok("sweep", profile=None)
    assert office.ok("store info --json").json["key_waits"] is False
    digits = make(office)
    assert office.ok("store info --json").json["key_waits"] is True
    assert "New key of the server: waits to be confirmed" in office.ok("store info").stdout
    found = office.run("doctor --json").json["findings"]
    (said,) = [each for each in found if each["name"] == "service_key"]
    assert not said["well"]
    assert "assign member approve service" in said["finding"]
    found = office.run(f"doctor --store {office.store} --json", profile=None).json["findings"]
    assert [each["name"] for each in found if not each["well"]] == ["service_key"]
    confirm(office, digits)
    found = office.run("doctor --json").json["findings"]
    (said,) = [each for each in found if each["name"] == "service_key"]
    assert said["well"]


@pytest.mark.slow
def test_the_sweep_makes_no_entry_before_the_key_is_confirmed(office: Office) -> None:
    office.dispatch()
    digits = make(office)
    office.later(days=40)
    entries = value(office, "SELECT count(*) FROM audit_log")
    swept = office.run("sweep")
    assert (swept.code, "service_uncertified" in swept.stdout) == (5, True)
    assert value(office, "SELECT count(*) FROM audit_log") == entries
    confirm(office, digits)
    office.ok("sweep")
    assert office.ok("show 1 --json").json["status"] == "expired"


@pytest.mark.slow
def test_a_key_that_nobody_confirmed_can_be_deleted_again(office: Office) -> None:
    make(office)
    (new,) = office.store.with_name("assign.db.service").glob("*.new")
    new.unlink()
    office.dispatch()
    office.refused("member approve service --fingerprint 1", "service_not_waiting", 2)


DONE = "An earlier act got no answer, but was carried out: "
NOTHING = "An earlier act got no answer, was not carried out and will not be: "


@pytest.mark.slow
@pytest.mark.parametrize("has_seen", [False, True])
@pytest.mark.parametrize(("request_is_lost", "said"), [(False, DONE), (True, NOTHING)])
def test_what_became_of_an_act_is_said_across_a_new_key(
    office: Office, said: str, *, has_seen: bool, request_is_lost: bool
) -> None:
    """Whether or not this device has seen the new one before it asks."""
    office.dispatch()
    office.to_status(1, "read")
    lost(office, "ack 1", "kari", request=request_is_lost)
    (note,) = notes(office, "kari")
    kept = note.read_bytes()
    confirm(office, make(office))
    if has_seen:
        note.unlink()
        office.ok("inbox", profile="kari")
        note.write_bytes(kept)
    heard = office.ok("inbox", profile="kari").stderr
    assert heard.startswith(said), heard
    assert notes(office, "kari") == []
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_looks_and_checkpoints_of_both_keys_are_proven(office: Office) -> None:
    office.dispatch("--reference SAK-7")
    office.read(1)
    before = office.folder / "before.txt"
    office.ok(f"audit checkpoint {before}")
    old = office.ok("audit checkpoint --json").json["key"]
    confirm(office, make(office))
    assert office.ok("audit checkpoint --json").json["key"] != old
    office.ok(f"audit verify --against {before}")
    found = office.ok("privacy access --reference SAK-7 --json").json
    (proof,) = found["proofs"]
    assert checked(proof, proof["root_key"])
    after = office.folder / "after.txt"
    office.ok(f"audit checkpoint {after} --since {before}")


@pytest.mark.slow
def test_an_auditor_who_knows_the_old_key_is_told_to_ask_and_compares_the_new_one(
    office: Office,
) -> None:
    first, second = office.folder / "first.txt", office.folder / "second.txt"
    office.ok(f"audit checkpoint {first}")
    log = office.ok("audit checkpoint --json").json
    by = "--name example.org/eli --keys keyring"
    named = f"--key '{log['key']}' --fingerprint '{log['key_fingerprint']}' {by}"
    office.ok(f"audit cosign {first} {named}", profile=None)
    confirm(office, make(office))
    office.ok(f"audit checkpoint {second} --since {first.with_name('first.cosigned.txt')}")
    asked = office.refused(f"audit cosign {second}", "checkpoint_unsigned", 1, profile=None)
    assert "Ask an administrator whether the log has a new key." in asked.stderr
    log = office.ok("audit checkpoint --json").json
    named = f"--key '{log['key']}' --fingerprint '{log['key_fingerprint']}'"
    said = office.ok(f"audit cosign {second} {named}", profile=None).stdout
    assert "has grown" in said
    office.ok(f"audit verify --against {second.with_name('second.cosigned.txt')}")
