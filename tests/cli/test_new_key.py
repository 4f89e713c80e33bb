"""A server's new key, beside the store: made, compared, and then the only one that signs."""

from __future__ import annotations

import pytest

from assigncli.cli.session import vault_beside
from assigncli.server.store.engine import Store
from assigncli.server.vault.vault import Vault
from tests.attacker import value
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
    assert "service_uncertified" in office.run("sweep").stdout
    confirm(office, digits)
    office.ok("sweep", profile=None)
    found = office.run("doctor --json").json["findings"]
    (said,) = [each for each in found if each["name"] == "service_key"]
    assert said["well"]
