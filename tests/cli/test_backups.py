"""Backups and restores through the command line: what was deleted stays deleted."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from assigncli.errors import StoreUnavailable
from assigncli.server.store.engine import Store
from tests.attacker import alter
from tests.backing_up import (
    agreed,
    backed_up,
    before_restore,
    confirmed,
    list_of_deletions,
    lose_machine,
    lose_store,
    passphrase_file,
    require_sound,
    restored,
    with_passphrase,
)
from tests.office import Office, found
from tests.quick import only
from tests.refusals import rows
from tests.sweeping import held_shares, share

MEMBERS = ("kari", "ola", "per")


def numbers(office: Office) -> list[int]:
    """Return the numbers of the assignments in the store, in order."""
    return [row[0] for row in rows(office, "SELECT number FROM assignments ORDER BY number")]


def opens(office: Office, number: int, profile: str = "kari") -> bool:
    """Say whether the brief opens; if not, it must be because its key is gone, or by a rule."""
    result = office.run(f"open {number} --reveal", profile=profile)
    assert result.code in (0, 6, 7), result.said
    return result.code == 0


def recalled(office: Office) -> None:
    office.ok("recall 1 --yes")


def cancelled(office: Office) -> None:
    office.read(1)
    office.ok("cancel 1 --yes --reason 'Moved away.'")


def expired(office: Office) -> None:
    office.later(days=40)
    office.ok("sweep")


def completed_and_kept_for_its_time(office: Office) -> None:
    office.to_status(1, "completed")
    office.later(days=40)
    office.ok("sweep")


ENDINGS = [recalled, cancelled, expired, completed_and_kept_for_its_time]


@pytest.mark.slow
@pytest.mark.parametrize("end", only(recalled, expired, of=ENDINGS), ids=lambda end: end.__name__)
@pytest.mark.parametrize("how", ["the list alone", "a newer backup", "the store itself"])
def test_with_the_newest_list_nothing_that_was_deleted_opens(
    office: Office, end: object, how: str
) -> None:
    office.dispatch()
    backup = backed_up(office)
    assert callable(end)
    end(office)
    assert held_shares(office) == 0
    old_vault = office.vault.read_bytes()
    if how == "the store itself":
        said = restored(office, backup)
    else:
        deletions = list_of_deletions(office) if how == "the list alone" else backed_up(office, "2")
        lose_store(office)
        said = restored(office, backup, f"--deletions {deletions}")
    assert "assignments 1" in said.stdout
    assert office.vault.read_bytes() == old_vault
    confirmed(office)
    agreed(office, "kari")
    assert not opens(office, 1)
    require_sound(office)


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDINGS, ids=[each.__name__ for each in ENDINGS])
def test_an_old_vault_brings_back_no_share_that_the_list_names(office: Office, end: object) -> None:
    office.dispatch()
    office.dispatch()
    backup, old_vault = backed_up(office), office.vault.read_bytes()
    assert callable(end)
    end(office)
    deletions = list_of_deletions(office)
    lose_store(office)
    office.vault.write_bytes(old_vault)
    restored(office, backup, f"--deletions {deletions}")
    left = 0 if end in (expired, completed_and_kept_for_its_time) else 1
    assert held_shares(office) == left
    office.vault.write_bytes(old_vault)  # once more, after the restore
    confirmed(office)
    agreed(office, "kari")
    assert not opens(office, 1)
    assert opens(office, 2) is (left == 1)
    office.ok("sweep")
    assert held_shares(office) == left
    require_sound(office)


@pytest.mark.slow
@pytest.mark.parametrize("end", [recalled, cancelled])
def test_without_a_list_it_is_said_what_may_happen_and_the_exit_code_is_5(
    office: Office, end: object
) -> None:
    office.dispatch()
    backup, old_vault = backed_up(office), office.vault.read_bytes()
    assert callable(end)
    end(office)
    lose_store(office)
    office.vault.write_bytes(old_vault)
    said = restored(office, backup, code=5).stdout
    for text in ("deleted after 21 November", "may open again", "given twice", "repeated"):
        assert text in said
    confirmed(office)
    agreed(office, "kari")
    assert opens(office, 1)  # which was said


def test_the_vault_in_place_tells_what_was_deleted_even_without_a_list(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    recalled(office)
    lose_store(office)
    assert "assignments 1" in restored(office, backup, code=5).stdout
    confirmed(office)
    agreed(office, "kari")
    assert not opens(office, 1)
    assert office.ok("store check").stdout.startswith("The store and the vault are intact")


@pytest.mark.slow
def test_a_member_who_was_revoked_since_stays_out(office: Office) -> None:
    office.dispatch(to="per")
    backup = backed_up(office)
    office.ok("member revoke per --yes")
    said = restored(office, backup).stdout
    assert "They were revoked since and are refused: Per Ås." in said
    confirmed(office)
    assert office.run("inbox", profile="per").code == 4
    assert office.run("open 1 --reveal", profile="per").code == 4
    office.ok("member revoke per --yes")
    require_sound(office)


@pytest.mark.slow
def test_no_number_is_given_twice(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    assert [office.dispatch(), office.dispatch()] == [2, 3]
    restored(office, backup)
    confirmed(office)
    assert numbers(office) == [1]
    assert office.dispatch() == 4
    again = backed_up(office, "again")
    lose_store(office)
    before_restore(office).unlink()
    restored(office, again, code=5)
    confirmed(office)
    assert office.dispatch() == 5
    require_sound(office)


def test_no_reminder_is_sent_again(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    office.later(days=12)
    assert "gets a reminder" in office.ok("sweep").stdout
    deletions = list_of_deletions(office)
    lose_store(office)
    restored(office, backup, f"--deletions {deletions}")
    confirmed(office)
    assert "reminder" not in office.ok("sweep").stdout
    assert "reminder" not in office.ok("sweep --dry-run").stdout
    assert "unknown" in office.ok("show 1 --json").stdout


@pytest.mark.slow
def test_without_a_list_a_reminder_is_repeated_as_was_said(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    office.later(days=12)
    office.ok("sweep")
    lose_store(office)
    assert "reminders may be repeated" in restored(office, backup, code=5).stdout
    confirmed(office)
    assert "gets a reminder" in office.ok("sweep").stdout


def test_what_was_waiting_to_be_sent_is_not_sent_by_itself(office: Office) -> None:
    office.dispatch()
    queued = "SELECT status, problem FROM notifications"
    assert rows(office, queued) == [("queued", None)]
    backup = backed_up(office)
    restored(office, backup)
    assert rows(office, queued) == [("unknown", "interrupted")]


@pytest.mark.slow
def test_until_it_is_confirmed_nothing_is_taken(office: Office) -> None:
    office.dispatch()
    lost = office.copy_to(office.folder.with_name("other-machine"))
    backup = backed_up(office)
    lose_store(office)
    restored(office, backup, code=5)
    before = rows(office, "SELECT count(*) FROM audit_log")
    refused = ("restore_unconfirmed", 7)
    for line, profile in (
        ("create --to kari --title 'Home visit' --payload {}", "anne"),
        ("recall 1 --yes", "anne"),
        ("open 1 --reveal", "kari"),
        ("inbox", "kari"),
        ("config set expires_after_days 20", "anne"),
    ):
        office.refused(line.format(office.person()), *refused, profile=profile)
    assert office.run("store restore --confirm --cause other", profile="kari").code == 4
    office.later(days=40)
    assert "restore_unconfirmed" in office.run("sweep").stdout
    assert rows(office, "SELECT count(*) FROM audit_log") == before
    confirmed(office)
    office.ok("sweep")
    assert office.ok("show 1 --json").json["status"] == "expired"
    assert lost.ok("list").code == 0
    require_sound(office)


@pytest.mark.slow
def test_a_device_that_saw_more_is_told_how_much_and_what_of_its_own_is_gone(
    office: Office,
) -> None:
    office.dispatch()
    office.to_status(1, "acknowledged")
    backup = backed_up(office)
    office.ok("contact 1", profile="kari")
    office.ok("complete 1", profile="kari")
    restored(office, backup)
    office.refused("inbox", "log_behind", 1, profile="kari")
    office.refused("store restore --accept", "restore_unconfirmed", 7, profile="kari")
    confirmed(office)
    office.refused("inbox", "log_behind", 1, profile="kari")
    asked = office.refused("store restore --accept", "confirmation_needed", 2, profile="kari")
    assert "assign store restore --accept --profile kari --yes" in asked.stderr
    said = office.ok("store restore --accept --yes", profile="kari").stdout
    assert "Anne Berg signed on 21 November that the store was restored: the disk failed." in said
    assert "2 entries that this machine has seen are gone." in said
    assert "Yours, and gone: contact made, assignment 1," in said
    assert "Yours, and gone: completed, assignment 1," in said
    office.ok("contact 1", profile="kari")
    office.ok("complete 1", profile="kari")
    require_sound(office)
    nothing = office.ok("store restore --accept", profile="ola").stdout
    assert nothing.startswith("This machine has seen nothing that")


@pytest.mark.slow
def test_a_device_that_saw_more_than_the_administrator_named_tells_its_head(
    office: Office,
) -> None:
    office.dispatch()
    backup = backed_up(office)
    anne = (office.home / "heads" / "anne.json").read_bytes()
    office.read(1)
    (office.home / "heads" / "anne.json").write_bytes(anne)  # anne's machine saw none of that
    lose_store(office)
    restored(office, backup, code=5)
    confirmed(office)
    said = office.refused(
        "store restore --accept --yes", "log_restored_otherwise", 1, profile="kari"
    )
    (head,) = re.findall(r"--head (\d+:[0-9a-f]{64})[.]", said.stderr)
    office.refused("store restore --confirm --cause other --head 3:00", "head_unreadable", 2)
    confirmed(office, f"--head {head}")
    agreed(office, "kari")
    assert opens(office, 1)
    require_sound(office)


def test_the_log_says_what_happened(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    size = rows(office, "SELECT max(sequence) FROM audit_log")[0][0]
    office.ok("recall 1 --yes")
    restored(office, backup)
    confirmed(office)
    said = office.ok("audit verify").stdout
    assert f"Entry {size + 1}: the store was restored on 21 November." in said
    assert f"Entry {size + 1} from before is lost." in said
    assert office.ok("audit log --limit 1").stdout.splitlines()[2].endswith("store restored")
    office.refused("store restore --confirm --cause other", "log_not_restored", 2)


def test_a_restore_is_confirmed_once_however_often_it_is_said(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    office.ok("recall 1 --yes")
    restored(office, backup, f"--deletions {list_of_deletions(office)}")
    confirmed(office)
    office.refused("store restore --confirm --cause disk_failed", "log_not_restored", 2)
    assert rows(office, "SELECT count(*) FROM audit_log WHERE action = 'log.restored'") == [(1,)]


def test_a_backup_is_private_and_overwrites_nothing(office: Office) -> None:
    backup = backed_up(office)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    before = backup.read_bytes()
    for more in ("", "--only-deletions"):
        office.refused(f"store backup {backup} {more}", "backup_exists", 2)
    assert backup.read_bytes() == before
    assert list(office.folder.glob(".backup*")) == []
    office.refused(f"store backup {office.folder}/nowhere/b", "backup_unwritable", 7)


@pytest.mark.slow
def test_it_is_sealed_once_and_then_asks_for_nothing(office: Office) -> None:
    office.refused(f"store backup {office.folder}/b", "input_needed", 2)
    backed_up(office)
    office.ok(f"store backup {office.folder}/nightly")
    office.ok(
        f"store backup {office.folder}/anew --new-passphrase"
        f" --passphrase-file {passphrase_file(office, 'another long one', 'other')}"
    )
    deletions = list_of_deletions(office)
    lose_machine(office)
    line = f"store restore {{}} --store {office.store} --deletions {deletions} --yes "
    for name, text in (("anew", "correct horse battery"), ("nightly", "another long one")):
        path = passphrase_file(office, text, "wrong")
        wrong = line.format(office.folder / name) + f"--passphrase-file {path}"
        office.refused(wrong, "passphrase_wrong", 4, profile=None)
        assert not office.store.exists()
    office.ok(line.format(office.folder / "nightly") + with_passphrase(office), profile=None)


@pytest.mark.slow
def test_a_lost_machine_is_restored_on_a_new_one(office: Office) -> None:
    office.dispatch()
    backup, deletions = backed_up(office), list_of_deletions(office)
    lose_machine(office)
    restored(office, backup, f"--deletions {deletions}")
    confirmed(office)
    office.ok("sweep")
    assert not opens(office, 1)  # the vault is not in a backup
    assert office.dispatch() == 2
    assert opens(office, 2)
    assert "is whole" in office.ok("audit verify").stdout


def test_no_command_takes_a_backup_for_a_store(office: Office) -> None:
    backup = backed_up(office)
    office.store.write_bytes(backup.read_bytes())
    office.refused("list", "store_not_ours", 7)


def _cut(content: bytes) -> bytes:
    return content[:-1]


def _short(content: bytes) -> bytes:
    return content[:5000]


def _empty(_content: bytes) -> bytes:
    return b""


def _altered_in_the_middle(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _altered_at_the_end(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def _longer(content: bytes) -> bytes:
    return content + b"\0"


@pytest.mark.slow
@pytest.mark.parametrize(
    "alter", [_cut, _short, _empty, _altered_in_the_middle, _altered_at_the_end, _longer]
)
def test_a_file_that_is_not_whole_is_refused_and_nothing_is_changed(
    office: Office, alter: object
) -> None:
    backup = backed_up(office)
    assert callable(alter)
    broken = office.folder / "broken"
    broken.write_bytes(alter(backup.read_bytes()))
    before = office.snapshot()
    for line in (
        f"store restore {broken} --yes",
        f"store restore {backup} --deletions {broken} --yes",
        f"store check {broken}",
    ):
        office.refused(line, "backup_damaged", 2)
    assert office.snapshot() == before


@pytest.mark.slow
def test_a_list_of_another_organisation_is_refused(office: Office, tmp_path: Path) -> None:
    other = found(tmp_path / "other")
    backup, deletions = backed_up(office), list_of_deletions(other)
    before = office.snapshot()
    office.refused(
        f"store restore {backup} --deletions {deletions} --yes", "deletions_of_another", 2
    )
    office.refused(f"store restore {deletions} --yes", "backup_without_store", 2)
    assert office.snapshot() == before


@pytest.mark.slow
def test_a_store_of_another_organisation_is_not_replaced(office: Office, tmp_path: Path) -> None:
    other = found(tmp_path / "other")
    backup = backed_up(office)
    before = other.snapshot()
    line = f"store restore {backup} --store {other.store} {with_passphrase(office)} --yes"
    office.refused(line, "store_of_another", 2)
    assert other.snapshot().keys() >= before.keys()
    assert other.store.read_bytes() == before["assign.db"]


@pytest.mark.slow
def test_the_store_that_is_replaced_is_kept_and_the_next_restore_says_so(office: Office) -> None:
    backup = backed_up(office)
    office.dispatch()
    old = office.store.read_bytes()
    restored(office, backup)
    kept = before_restore(office)
    assert kept.read_bytes() == old
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    office.refused(f"store restore {backup} --yes", "before_restore", 2)
    kept.unlink()
    restored(office, backup)


def test_replacing_a_store_is_asked_about(office: Office) -> None:
    backup = backed_up(office)
    said = office.refused(f"store restore {backup}", "confirmation_needed", 2)
    assert f"assign store restore {backup} --store {office.store}" in said.stderr


@pytest.mark.parametrize("more", ["", "x --confirm", "--confirm --accept", "x --accept"])
def test_one_thing_is_asked_at_a_time(office: Office, more: str) -> None:
    office.refused(f"store restore {more}", "restore_unclear", 2)


@pytest.mark.slow
def test_a_damaged_store_is_replaced_too_with_its_journal_out_of_the_way(office: Office) -> None:
    office.dispatch()
    backup, deletions = backed_up(office), list_of_deletions(office)
    journal = office.store.with_name("assign.db-journal")
    office.store.write_bytes(b"no database" * 1000)
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + os.urandom(5000))
    journal.chmod(0o600)
    restored(office, backup, f"--deletions {deletions}")
    assert not journal.exists() or journal.stat().st_size == 0
    confirmed(office)
    require_sound(office)


@pytest.mark.slow
def test_who_opened_the_old_store_before_writes_nothing_to_it(office: Office) -> None:
    backup = backed_up(office)
    with Store.open(office.store) as store:
        with store.read() as tx:
            assert tx is not None
        restored(office, backup)
        with pytest.raises(StoreUnavailable, match="store_replaced"), store.write():
            pass


@pytest.mark.slow
def test_checking_a_backup_tries_it_without_restoring(office: Office) -> None:
    office.dispatch()
    backup, deletions = backed_up(office), list_of_deletions(office)
    before = office.snapshot()
    said = office.ok(f"store check {backup}").stdout
    assert "whole" in said
    assert "was not tried" in said
    assert "was tried" in office.ok(f"store check {backup} {with_passphrase(office)}").stdout
    wrong = passphrase_file(office, "not the passphrase", "wrong")
    office.refused(f"store check {backup} --passphrase-file {wrong}", "passphrase_wrong", 4)
    assert "list of deletions" in office.ok(f"store check {deletions}").stdout
    told = office.ok(f"store check {backup} --json").json
    assert (told["entries"], told["problems"]) == (
        rows(office, "SELECT count(*) FROM audit_log")[0][0],
        [],
    )
    assert office.snapshot() == before


@pytest.mark.slow
def test_checking_a_backup_verifies_the_log_and_compares_the_tables_with_it(
    office: Office,
) -> None:
    office.dispatch()
    alter(office, 1, priority="urgent")
    forged = backed_up(office)
    office.refused(f"store check {forged}", "manifest_invalid", 1)


def with_vault(office: Office, more: str = "") -> tuple[Path, Path]:
    """Back up the store with a copy of its vault, and return both files."""
    copy = office.folder / "vault-copy"
    return backed_up(office, more=f"--with-vault {copy} {more}"), copy


@pytest.mark.slow
def test_a_copy_of_the_vault_brings_back_all_but_what_was_deleted(office: Office) -> None:
    for _number in range(3):
        office.dispatch()
    backup, copy = with_vault(office)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert share(office, 2) not in copy.read_bytes()
    office.ok("recall 1 --yes")
    deletions = list_of_deletions(office)
    lose_machine(office)
    restored(office, backup, f"--deletions {deletions} --vault {copy}")
    confirmed(office)
    assert [opens(office, number) for number in (1, 2, 3)] == [False, True, True]
    require_sound(office)


@pytest.mark.slow
def test_a_copy_puts_nothing_where_the_vault_itself_has_deleted(office: Office) -> None:
    office.dispatch()
    backup, copy = with_vault(office)
    office.ok("recall 1 --yes")
    lose_store(office)
    restored(office, backup, f"--vault {copy}", code=5)
    confirmed(office)
    agreed(office, "kari")
    assert not opens(office, 1)
    assert held_shares(office) == 0


@pytest.mark.slow
def test_a_copy_of_the_vault_needs_its_passphrase_and_its_own_store(
    office: Office, tmp_path: Path
) -> None:
    backup, copy = with_vault(office)
    other = found(tmp_path / "other")
    elsewhere = backed_up(other)
    wrong = passphrase_file(office, "not the passphrase", "wrong")
    line = f"store restore {{}} --vault {{}} --passphrase-file {wrong} --yes"
    before = office.store.read_bytes()
    office.refused(line.format(backup, copy), "passphrase_wrong", 4)
    other.refused(line.format(elsewhere, copy), "vault_copy_of_another", 2)
    office.refused(line.format(backup, backup), "backup_damaged", 2)
    office.refused(line.format(backup, tmp_path / "none"), "backup_missing", 3)
    assert office.store.read_bytes() == before


@pytest.mark.slow
def test_a_backup_warns_of_a_copy_that_should_be_gone(office: Office) -> None:
    _backup, copy = with_vault(office, "--vault-until 1.12.2026")
    office.later(days=10)
    assert "should be gone" not in office.ok(f"store backup {office.folder}/2").stderr
    office.later(days=1)
    said = office.ok(f"store backup {office.folder}/3").stderr
    gone = "should be gone since 1 December 2026. Delete it."
    assert f"The copy of the vault at {copy} {gone}" in said
    copy.unlink()
    assert "should be gone" not in office.ok(f"store backup {office.folder}/4").stderr
    day = f"store backup {office.folder}/5 --with-vault {copy} --vault-until 1.11.2026"
    office.refused(day, "vault_until_past", 2)


@pytest.mark.slow
def test_a_restore_that_was_agreed_to_explains_no_later_loss(office: Office) -> None:
    office.dispatch()
    backup = backed_up(office)
    for _number in range(4):
        office.dispatch()
    office.ok("inbox", profile="kari")
    restored(office, backup)
    confirmed(office)
    agreed(office, "kari")
    old = office.store.read_bytes()
    office.dispatch()
    office.ok("inbox", profile="kari")
    office.store.write_bytes(old)  # by somebody who wants it forgotten
    office.refused("inbox", "log_behind", 1, profile="kari")
    office.refused("store restore --accept --yes", "log_restored_otherwise", 1, profile="kari")
