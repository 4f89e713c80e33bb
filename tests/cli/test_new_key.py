"""A server's new key, beside the store: made, compared, and then the only one that signs."""

from __future__ import annotations

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
