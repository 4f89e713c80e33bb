"""Backups from before and after a new key of the server, restored where either key is."""

from __future__ import annotations

import pytest

from tests.backing_up import (
    agreed,
    backed_up,
    confirmed,
    list_of_deletions,
    lose_machine,
    lose_store,
    require_sound,
    restored,
)
from tests.cli.test_new_key import confirm, make, suffixes
from tests.office import Office

pytestmark = pytest.mark.slow  # each seals a key by a passphrase more than once


def test_a_backup_from_after_it_brings_the_new_key(office: Office) -> None:
    office.dispatch()
    backed_up(office, "before")  # which leaves the old key sealed beside the store
    confirm(office, make(office))
    backup = backed_up(office)
    lose_machine(office)
    assert "is the old one again" not in restored(office, backup, code=5).stdout
    confirmed(office)
    agreed(office, "kari")
    assert suffixes(office) == [".key", ".root"]
    assert "is whole" in office.ok("audit verify").stdout  # the vault is gone with the machine
    office.dispatch()
    office.ok("inbox", profile="kari")


def test_after_a_backup_from_before_it_the_new_key_waits_again(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    digits = make(office)
    confirm(office, digits)
    office.ok("inbox", profile="kari")  # so that kari's machine has seen the new one
    said = restored(office, backup).stdout
    assert "The server's key was replaced since, and is the old one again." in said
    assert "revoked since" not in said
    assert ".new" in suffixes(office)
    office.refused("key list", "log_behind", 1, profile="kari")
    office.refused("inbox", "restore_unconfirmed", 7, profile="kari")
    office.refused("member approve service --fingerprint 1", "log_behind", 1)
    another = "The server signs with another key than this machine has seen."
    assert another in confirmed(office).stdout
    office.refused("recall 1 --yes", "service_uncertified", 7)
    assert make(office) == digits
    assert another in office.ok("store restore --accept --yes", profile="kari").stdout
    confirm(office, digits)
    office.to_status(1, "acknowledged")
    assert suffixes(office) == [".key", ".root"]
    require_sound(office)


def test_a_list_that_only_the_new_key_signed_is_refused_where_that_key_is_not(
    office: Office,
) -> None:
    office.dispatch()
    backup = backed_up(office)
    confirm(office, make(office))
    office.ok("recall 1 --yes")
    deletions = list_of_deletions(office)
    lose_store(office)
    restored(office, backup, f"--deletions {deletions}")  # the new key is beside the store
    lose_machine(office)
    line = f"store restore {backup} --store {office.store} --yes --deletions {deletions}"
    with_it = f"--passphrase-file {office.folder / 'passphrase'}"
    office.refused(f"{line} {with_it}", "deletions_invalid", 2, profile=None)


def test_an_older_key_beside_the_store_gives_way_to_that_of_the_backup(office: Office) -> None:
    folder = office.store.with_name("assign.db.service")
    (key,) = folder.glob("*.key")
    old = key.read_bytes()
    confirm(office, make(office))
    backup = backed_up(office)
    lose_store(office)
    key.write_bytes(old)
    restored(office, backup, code=5)
    assert suffixes(office) == [".key", ".root", ".sealed"]
    assert key.read_bytes() != old
    confirmed(office)
    require_sound(office)
