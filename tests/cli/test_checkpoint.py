"""A checkpoint goes to the auditor and comes back cosigned, and the log is held against it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from assigncli.file_lock import taken
from assigncli.protocol.signed_note import SignedNote, VerifierKey
from assigncli.protocol.witnessing import Checkpoint, Submitted
from assigncli.trust.cosigning import cosigned_at, verified_by
from tests.attacker import forget_heads, remove_entries, write
from tests.auditing import NAME, Auditing
from tests.office import Office
from tests.refusals import everything, refused
from tests.rewriting import log, rewrite
from tests.serving import reached
from tests.typist import typed


@pytest.fixture
def auditing(office: Office) -> Auditing:
    office.dispatch()
    return Auditing.of(office)


def test_a_checkpoint_is_four_lines_that_can_be_read_out(office: Office) -> None:
    lines = office.ok("audit checkpoint").stdout.splitlines()
    assert lines[0] == "The audit log of Testforeningen has 11 entries."
    assert lines[1] == "At: 21 November at 12:00"
    for line, label in zip(lines[2:], ("Checkpoint", "Key of the log"), strict=True):
        assert re.fullmatch(rf"{label}, in digits:(?: \d{{5}}){{8}}", line)


def test_a_mentor_takes_one_too_and_is_not_told_the_name(office: Office) -> None:
    assert office.ok("audit checkpoint", profile="kari").stdout.startswith("The audit log has 11 ")


def test_the_file_is_the_note_that_json_has_and_its_root_is_that_of_the_log(
    auditing: Auditing,
) -> None:
    path, said = auditing.taken("first.txt"), auditing.shown()
    note = SignedNote.read(path.read_bytes())
    whole = auditing.office.ok("audit verify --json").json
    found = Checkpoint.read(note.text)
    assert path.read_text(encoding="utf-8") == said["note"]
    assert (found.origin, found.size, found.root.hex()) == (
        said["origin"],
        whole["size"],
        whole["root"],
    )
    assert (said["size"], said["root"]) == (whole["size"], whole["root"])
    assert verified_by(note, [VerifierKey.read(said["key"])]).name == said["origin"]


def test_the_auditor_needs_neither_store_nor_profile(auditing: Auditing) -> None:
    done = auditing.first()
    assert not (auditing.auditor.home / "profiles").exists()
    assert not auditing.auditor.store.exists()
    note = SignedNote.read(done.read_bytes())
    assert [each.name for each in note.signatures] == [auditing.shown()["origin"], NAME]
    kept = json.loads((auditing.auditor.home / "auditor" / "auditor.json").read_text())
    assert cosigned_at(note, VerifierKey.read(kept["key"])) == int(auditing.auditor.now.timestamp())


def test_from_one_checkpoint_to_the_next_the_file_carries_the_proof(auditing: Auditing) -> None:
    first = auditing.first()
    auditing.office.dispatch()
    second = auditing.taken("second.txt", first)
    submitted = Submitted.read(second.read_bytes())
    assert (submitted.old, len(submitted.proof)) == (13, 5)
    said = auditing.run(str(second))
    assert "has grown from 13 to 15 entries" in said.stdout
    assert auditing.run(f"{second} --force").code == 2  # it begins at what was cosigned before
    third = auditing.taken("third.txt", second.with_name("second.cosigned.txt"))
    assert "Cosigned again: the audit log has 15 entries" in auditing.run(str(third)).stdout


@pytest.mark.slow
def test_the_log_is_verified_against_what_the_auditor_kept(auditing: Auditing) -> None:
    done = auditing.first()
    key = json.loads((auditing.auditor.home / "auditor" / "auditor.json").read_text())["key"]
    auditing.office.dispatch()
    found = auditing.office.ok(f"audit verify --against {done} --auditor {key} --json").json
    assert (found["against"], found["size"]) == (13, 15)
    assert found["cosigned_at"] == "2026-11-21T11:00:00Z"
    plain = auditing.office.ok(f"audit verify --against {auditing.folder / 'first.txt'}")
    assert "Continues the checkpoint of: 13 entries" in plain.stdout
    line = f"audit verify --against {auditing.folder / 'first.txt'} --auditor {key}"
    refused(auditing.office, line, "cosignature_missing", 1)
    refused(auditing.office, f"audit verify --auditor {key}", "usage", 2)


# Found by the auditor's file alone


def require_found(auditing: Auditing, done: Path, code: str) -> None:
    """Require that who has seen nothing before finds it by the file, and by the file alone."""
    forget_heads(auditing.office)
    auditing.office.ok("audit verify")
    forget_heads(auditing.office)
    found = auditing.office.run(f"audit verify --against {done} --json")
    assert (found.code, found.error["code"]) == (1, code)
    assert [each["code"] for each in found.json["findings"]] == [code]
    forget_heads(auditing.office)
    spoken = auditing.office.run(f"audit verify --against {done}")
    assert "Meaning: the checkpoint in the file" in spoken.stdout
    assert spoken.error_code == code
    forget_heads(auditing.office)
    next_one = auditing.folder / "next.txt"
    refused(auditing.office, f"audit checkpoint {next_one} --since {done}", code, 1, writes=True)
    assert not next_one.exists()


@pytest.mark.slow
def test_a_cut_tail_is_found(auditing: Auditing) -> None:
    auditing.office.refused("open 1 --reveal", "not_your_assignment", 4, profile="ola")
    done = auditing.first()
    rewrite(auditing.office, log(auditing.office)[:-1])
    require_found(auditing, done, "checkpoint_shorter")


@pytest.mark.slow
def test_an_old_copy_is_found(auditing: Auditing) -> None:
    old = auditing.office.store.read_bytes()
    auditing.office.create()
    done = auditing.first()
    auditing.office.store.write_bytes(old)
    require_found(auditing, done, "checkpoint_shorter")


@pytest.mark.slow
def test_a_fork_is_found_by_verifying_and_by_the_auditor(auditing: Auditing) -> None:
    auditing.office.refused("open 1 --reveal", "not_your_assignment", 4, profile="ola")
    done = auditing.first()
    items = log(auditing.office)
    items[-1] = items[-1].told(code="share_missing")
    rewrite(auditing.office, items)
    require_found(auditing, done, "checkpoint_forked")
    other = auditing.taken("other.txt")
    auditing.refuses(other, "checkpoint_forked", 1)


def test_the_auditor_refuses_a_shorter_log(auditing: Auditing) -> None:
    shorter = auditing.taken("shorter.txt")
    auditing.office.dispatch()
    auditing.first()
    said = refused(
        auditing.auditor, f"audit cosign {shorter}", "checkpoint_shorter", 1, profile=None
    )
    assert "has 13 of the 15 entries" in said.stderr


@pytest.mark.slow
def test_the_auditor_refuses_a_longer_log_that_is_another(auditing: Auditing) -> None:
    """The office forks: the proof that it can give leads from its own checkpoint of that size."""
    auditing.office.refused("open 1 --reveal", "not_your_assignment", 4, profile="ola")
    auditing.first()
    items = log(auditing.office)
    items[-1] = items[-1].told(code="share_missing")
    rewrite(auditing.office, items)
    forget_heads(auditing.office)
    forked = auditing.taken("forked.txt")
    auditing.office.create()
    longer = auditing.taken("longer.txt", forked)
    said = refused(
        auditing.auditor, f"audit cosign {longer}", "checkpoint_unproven", 1, profile=None
    )
    assert "does not lead" in said.stderr


@pytest.mark.slow
def test_a_damaged_store_says_its_own_faults_beside_the_checkpoint(auditing: Auditing) -> None:
    done = auditing.first()
    write(auditing.office, "UPDATE audit_log SET signature = ? WHERE sequence = 5", bytes(64))
    found = auditing.office.run(f"audit verify --against {done} --json")
    assert found.code == 1
    assert "audit_forged" in {each["code"] for each in found.json["findings"]}
    remove_entries(auditing.office, "sequence > ?", 9)
    found = auditing.office.run(f"audit verify --against {done} --json")
    codes = {each["code"] for each in found.json["findings"]}
    assert {"audit_forged", "checkpoint_shorter"} <= codes


# What is refused before anything is cosigned


def test_a_log_that_was_never_cosigned_needs_its_key_and_its_digits(auditing: Auditing) -> None:
    path, said = auditing.taken("first.txt"), auditing.shown()
    line = f"audit cosign {path}"
    refused(auditing.auditor, line, "log_key_needed", 2, profile=None)
    refused(auditing.auditor, f"{line} --key nonsense", "log_key_malformed", 2, profile=None)
    line += f" --key '{said['key']}'"
    refused(auditing.auditor, f"{line} --name x", "input_needed", 2, profile=None)
    wrong = said["key_fingerprint"].translate(str.maketrans("0123456789", "1234567890"))
    line = f"{line} --name {NAME} --keys keyring"
    given = f"{line} --fingerprint '{wrong}'"
    refused(auditing.auditor, given, "fingerprint_mismatch", 1, profile=None)
    given = f"audit cosign {path} --key '{said['key']}' --fingerprint '{said['key_fingerprint']}'"
    refused(auditing.auditor, f"{given} --name 'a b'", "auditor_name", 2, profile=None)
    assert not (auditing.auditor.home / "auditor").exists()


def test_the_digits_of_the_key_are_typed_in_and_compared(auditing: Auditing) -> None:
    path, said = auditing.taken("first.txt"), auditing.shown()
    line = f"audit cosign {path} --key '{said['key']}' --keys keyring"
    groups = said["key_fingerprint"].split()
    wrong = [*groups[:6], "00000", "00000", "00000"]
    stopped = typed(auditing.auditor, line, *wrong, profile="nobody")
    assert (stopped.code, stopped.error_code) == (1, "fingerprint_mismatch")
    assert all(group not in stopped.stderr for group in groups)
    done = typed(auditing.auditor, line, *groups, "two words", NAME, profile="nobody")
    assert done.code == 0, done.said
    assert path.with_name("first.cosigned.txt").exists()


def test_a_new_key_of_the_log_is_compared_again(auditing: Auditing) -> None:
    first = auditing.first()
    key = VerifierKey.read(auditing.shown()["key"])
    other = VerifierKey(key.name, key.kind, VerifierKey.read(_of_auditor(auditing)).key)
    line = f"audit cosign {auditing.taken('again.txt', first)} --key '{other.encode()}'"
    refused(auditing.auditor, line, "checkpoint_unsigned", 1, profile=None)
    elsewhere = VerifierKey(f"assigncli/{'0' * 7}1-0000-4000-8000-000000000000", key.kind, key.key)
    line = f"audit cosign {first} --key '{elsewhere.encode()}' --force"
    refused(auditing.auditor, line, "checkpoint_of_another", 2, profile=None)


def _of_auditor(auditing: Auditing) -> str:
    kept = json.loads((auditing.auditor.home / "auditor" / "auditor.json").read_text())
    key: str = kept["key"]
    return key


@pytest.mark.slow
def test_a_checkpoint_of_another_organisation_is_refused(
    auditing: Auditing, machine: Office
) -> None:
    done = auditing.first()
    machine.ok(
        "init --organization Other --handle eva --name 'Eva Li' --keys keyring", profile=None
    )
    line = f"audit verify --against {done}"
    refused(machine, line, "checkpoint_of_another", 2, profile="eva", writes=True)
    line = f"audit checkpoint --since {done}"
    refused(machine, line, "checkpoint_of_another", 2, profile="eva", writes=True)
    theirs = auditing.folder / "theirs.txt"
    machine.ok(f"audit checkpoint {theirs}", profile="eva")
    auditing.refuses(theirs, "log_key_needed", 2)


def test_the_auditor_s_last_checkpoint_counts_also_without_the_file(auditing: Auditing) -> None:
    """A checkpoint alone, or a proof from the empty log, cannot make the auditor start afresh."""
    auditing.first()
    auditing.office.dispatch()
    alone = auditing.taken("alone.txt")
    said = refused(
        auditing.auditor, f"audit cosign {alone}", "checkpoint_unproven", 2, profile=None
    )
    assert "the 13 entries you cosigned last" in said.stderr
    from_nothing = auditing.folder / "nothing.txt"
    from_nothing.write_bytes(b"old 0\n\n" + alone.read_bytes())
    line = f"audit cosign {from_nothing}"
    refused(auditing.auditor, line, "checkpoint_unproven", 2, profile=None)


# Hostile files


def altered(note: bytes, what: str) -> bytes:
    """Return a signed checkpoint after somebody has been at it."""
    text, signed = note.decode().split("\n\n")
    origin, size, root = text.split("\n")
    blob = base64.b64decode(signed.split(" ")[2])
    other_id = base64.b64encode(bytes(4) + blob[4:]).decode()
    line = "— example.org/other " + base64.b64encode(bytes(68)).decode() + "\n"
    changed = {
        "origin": f"example.com/log\n{size}\n{root}\n\n{signed}",
        "organisation": note.decode().replace("assigncli/", "assigncli/0", 1),
        "key id": f"{text}\n\n— {origin} {other_id}\n",
        "signature": f"{text}\n\n— {origin} {base64.b64encode(blob[:-1] + bytes(1)).decode()}\n",
        "size": f"{origin}\n{int(size) + 1}\n{root}\n\n{signed}",
        "root": f"{origin}\n{size}\n{base64.b64encode(bytes(32)).decode()}\n\n{signed}",
        "huge size": f"{origin}\n{'9' * 60_000}\n{root}\n\n{signed}",
        "past every log": f"{origin}\n{2**64}\n{root}\n\n{signed}",
        "padded size": f"{origin}\n0{size}\n{root}\n\n{signed}",
        "negative size": f"{origin}\n-1\n{root}\n\n{signed}",
        "line ends": note.decode().replace("\n", "\r\n"),
        "extension": f"{text}\nmore\n\n{signed}",
        "no signature": f"{text}\n",
        "unsigned": f"{text}\n\n{line}",
        "too many signatures": f"{text}\n\n{signed}{line * 64}",
        "a proof of nothing": f"old x\n\n{note.decode()}",
        "a proof too long": "old 3\n" + f"{root}\n" * 64 + f"\n{note.decode()}",
        "a long line": f"{origin}\n{size}\n{root}\n\n{signed}" + "x" * 100_000_000,
        "nothing": "",
        "control characters": note.decode().replace("\n\n", "\n\n\x1b[2J", 1),
    }
    return changed[what].encode()


HOSTILE = {
    "origin": ("checkpoint_of_another", 2),
    "organisation": ("checkpoint_of_another", 2),
    "key id": ("checkpoint_unsigned", 1),
    "signature": ("checkpoint_unsigned", 1),
    "size": ("checkpoint_unsigned", 1),
    "root": ("checkpoint_unsigned", 1),
    "unsigned": ("checkpoint_unsigned", 1),
    **dict.fromkeys(
        (
            *("huge size", "past every log", "padded size", "negative size", "line ends"),
            *("extension", "no signature", "too many signatures", "a proof of nothing"),
            *("a proof too long", "a long line", "nothing", "control characters"),
        ),
        ("checkpoint_malformed", 2),
    ),
}


@pytest.mark.slow
def test_hostile_files_are_refused_by_office_and_auditor(auditing: Auditing) -> None:
    auditing.first()
    note, path = auditing.taken("note.txt").read_bytes(), auditing.folder / "hostile.txt"
    before = everything(auditing.auditor)
    for what, (code, exit_code) in HOSTILE.items():
        path.write_bytes(altered(note, what))
        said = auditing.run(str(path))
        assert (said.error_code, said.code) == (code, exit_code), what
        said = auditing.office.run(f"audit verify --against {path}")
        assert (said.error_code, said.code) == (code, exit_code), what
        assert len(said.stderr) < 500
    assert everything(auditing.auditor) == before


@pytest.mark.slow
def test_signatures_of_others_are_ignored_and_not_handed_on(auditing: Auditing) -> None:
    path = auditing.taken("first.txt")
    line = "— example.org/other " + base64.b64encode(bytes(68)).decode() + "\n"
    path.write_bytes(path.read_bytes() + line.encode() * 63)
    done = auditing.cosigned(path, auditing.introduction())
    assert len(SignedNote.read(done.read_bytes()).signatures) == 2
    auditing.office.ok(f"audit verify --against {path}")


@pytest.mark.slow
def test_a_file_is_written_over_only_when_told(auditing: Auditing) -> None:
    path = auditing.taken("first.txt")
    office = auditing.office
    refused(office, f"audit checkpoint {path}", "output_exists", 2)
    office.ok(f"audit checkpoint {path} --force")
    refused(office, f"audit checkpoint {office.folder}", "output_unwritable", 2)
    refused(office, f"audit checkpoint {office.folder}/none/file", "output_unwritable", 2)
    refused(office, f"audit checkpoint {office.store} --force", "output_unwritable", 2)
    refused(office, "audit verify --against nowhere.txt", "checkpoint_unreadable", 2)
    done = auditing.cosigned(path, auditing.introduction())
    auditing.refuses(path, "output_exists", 2)
    assert auditing.cosigned(path, "--force") == done


@pytest.mark.slow
def test_what_the_auditor_keeps_is_not_guessed_when_it_is_damaged(auditing: Auditing) -> None:
    path = auditing.taken("again.txt", auditing.first())
    folder = auditing.auditor.home / "auditor"
    (kept,) = (each for each in folder.glob("*.json") if each.name != "auditor.json")
    for damaged in (kept, folder / "auditor.json"):
        good = damaged.read_bytes()
        for rubbish in (b"", b"[]", b"\xff", good.replace(b"+", b"-"), good[:-3]):
            damaged.write_bytes(rubbish)
            auditing.refuses(path, "auditor_damaged", 2)
        damaged.write_bytes(good)
    assert "as before" in auditing.run(str(path)).stdout


@pytest.mark.slow
def test_a_key_that_is_gone_or_another_s_cosigns_nothing(auditing: Auditing) -> None:
    path = auditing.taken("again.txt", auditing.first())
    keyring = auditing.auditor.folder / "keyring.json"
    ((service, kept),) = json.loads(keyring.read_text()).items()
    other = base64.b64encode(b"\x01" + bytes(32)).decode()
    keyring.write_text(json.dumps({service: dict.fromkeys(kept, other)}))
    auditing.refuses(path, "auditor_key_differs", 1)
    keyring.write_text("{}")
    auditing.refuses(path, "key_missing", 4)


@pytest.mark.slow
def test_a_key_in_a_file_is_unlocked_by_its_passphrase(auditing: Auditing) -> None:
    path, said = auditing.taken("first.txt"), auditing.shown()
    words = auditing.auditor.folder / "words"
    words.write_text("correct horse battery\n")
    line = (
        f"{path} --key '{said['key']}' --fingerprint '{said['key_fingerprint']}' --name {NAME} "
        f"--keys file"
    )
    done = auditing.cosigned(path, f"{line.partition(' ')[2]} --passphrase-file {words}")
    again = auditing.taken("again.txt", done)
    words.write_text("wrong horse battery\n")
    line = f"audit cosign {again} --passphrase-file {words}"
    refused(auditing.auditor, line, "passphrase_wrong", 4, profile=None)
    words.write_text("correct horse battery\n")
    assert auditing.cosigned(again, f"--passphrase-file {words}").exists()


@pytest.mark.slow
def test_a_clock_that_was_set_back_cosigns_nothing(auditing: Auditing) -> None:
    path = auditing.taken("again.txt", auditing.first())
    auditing.auditor.later(seconds=-1)
    auditing.refuses(path, "clock_behind", 1)
    auditing.auditor.later(seconds=1)
    assert "as before" in auditing.run(str(path)).stdout


@pytest.mark.slow
def test_two_at_once_do_not_cosign_beside_each_other(auditing: Auditing) -> None:
    path = auditing.taken("again.txt", auditing.first())
    with (auditing.auditor.home / "auditor" / "lock").open("ab") as file:
        assert taken(file)
        auditing.refuses(path, "auditor_busy", 7)


@pytest.mark.slow
def test_a_disk_that_fails_after_the_cosignature_costs_only_a_repetition(
    auditing: Auditing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assigncli.cli.output import note_file

    path = auditing.taken("again.txt", auditing.first())
    with monkeypatch.context() as patched:
        patched.setattr(note_file.os, "fsync", _failing)
        said = auditing.run(f"{path} --output {auditing.folder / 'elsewhere.txt'}")
    assert said.error_code in ("output_unwritable", "settings_unreachable")
    assert not (auditing.folder / "elsewhere.txt").exists()
    assert "as before" in auditing.run(str(path)).stdout


def _failing(_handle: int) -> None:
    raise OSError(5, "Input/output error")


# At a server


@pytest.mark.slow
def test_at_a_server_it_is_all_the_same(auditing: Auditing) -> None:
    office = auditing.office
    with reached(office):
        auditing.auditor.now = office.now
        office.dispatch()
        first = auditing.first()
        office.dispatch()
        second = auditing.cosigned(auditing.taken("second.txt", first))
        office.dispatch()
        found = office.ok(f"audit verify --against {second} --json").json
        assert found["size"] > found["against"]
        other = SignedNote.read(second.read_bytes())
        forged = Checkpoint.read(other.text)
        path = auditing.folder / "forged.txt"
        path.write_bytes(other.encode().replace(f"\n{forged.size}\n".encode(), b"\n3\n"))
        refused(office, f"audit verify --against {path}", "checkpoint_unsigned", 1, writes=True)
    # The same file finds an old copy that is served.
    old = office.store.read_bytes()
    with reached(office):
        office.dispatch()
        third = auditing.cosigned(auditing.taken("third.txt", second))
    office.store.write_bytes(old)
    forget_heads(office)
    with reached(office):
        found_old = office.run(f"audit verify --against {third} --json")
        assert [each["code"] for each in found_old.json["findings"]] == ["checkpoint_shorter"]
