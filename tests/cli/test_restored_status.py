"""After a restore: briefs that nobody can read any more, and copies of the vault past their day."""

from __future__ import annotations

import pytest

from tests.backing_up import (
    agreed,
    backed_up,
    confirmed,
    list_of_deletions,
    lose_machine,
    lose_store,
    restored,
)
from tests.office import Office
from tests.serving import reached

pytestmark = pytest.mark.slow  # each makes backups, and restores

GONE = "can be read by nobody any more: since the store was restored, the vault has no key for it."


def lacking(office: Office) -> list[tuple[int, bool]]:
    """Return what `status` names as unreadable, and whether nobody can read it."""
    said = office.ok("status --json").json
    return [(each["number"], each["by_nobody"]) for each in said["unreadable"]]


def test_status_names_what_was_restored_without_its_share(office: Office) -> None:
    """The vault is on the disk that died: all that is open is named, and nothing made since."""
    for _each in range(3):
        office.dispatch()
    office.ok("cancel 2 --yes --reason 'Moved away.'")
    office.create()
    backup, deletions = backed_up(office), list_of_deletions(office)
    assert lacking(office) == []
    lose_machine(office)
    restored(office, backup, f"--deletions {deletions}")
    confirmed(office)
    agreed(office, "kari")
    new = office.dispatch()
    assert lacking(office) == [(1, True), (3, True), (4, True)]
    said = office.ok("status").stdout
    for number in (1, 3, 4):
        assert f"Assignment {number}, Home visit, {GONE}" in said
    office.read(new)
    for number in (1, 3, 4):
        office.ok(
            f"cancel {number} --yes --reason 'Lost.'" if number == 4 else f"recall {number} --yes"
        )
    assert lacking(office) == []


def test_status_names_what_was_deleted_since_the_backup(office: Office) -> None:
    """Recalled after the backup: the restored row says it is open, and no key opens it."""
    for _each in range(2):
        office.dispatch()
    backup = backed_up(office)
    office.ok("recall 1 --yes")
    deletions = list_of_deletions(office)
    lose_store(office)
    restored(office, backup, f"--deletions {deletions}")
    confirmed(office)
    agreed(office, "kari")
    assert lacking(office) == [(1, True)]
    office.read(2)
    with reached(office):
        assert lacking(office) == [(1, True)]


def test_without_its_vault_status_goes_on_and_says_nothing_of_it(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    office.dispatch()
    restored(office, backup)
    confirmed(office)
    office.vault.rename(office.vault.with_name("elsewhere"))
    assert lacking(office) == []


def test_the_doctor_names_a_copy_of_the_vault_that_should_be_gone(office: Office) -> None:
    copy = office.folder / "vault-copy"
    backed_up(office, more=f"--with-vault {copy} --vault-until 1.12.2026")
    said = "No copy of the vault that was made here is kept past its last day."
    assert found(office, "doctor") == (True, said)
    office.later(days=11)
    gone = f"The copy of the vault at {copy} should be gone since 1 December 2026."
    for line in ("doctor", f"doctor --store {office.store}"):
        well, finding = found(office, line)
        assert not well
        assert finding.startswith(gone)
    copy.unlink()
    assert found(office, "doctor") == (True, said)


def found(office: Office, line: str) -> tuple[bool, str]:
    """Return what the doctor says of copies of the vault."""
    profile = None if "--store" in line else "anne"
    said = office.run(f"{line} --json", profile=profile).json["findings"]
    (about,) = (each for each in said if each["name"] == "vault_copies")
    return about["well"], about["finding"]
