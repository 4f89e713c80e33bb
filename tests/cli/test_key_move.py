"""`key move`: to files under a passphrase and back, and a new passphrase; keys stay the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assigncli.client.keys import PassphraseFiles
from assigncli.client.keys.place import SecretName
from tests.office import Office
from tests.refusals import refused

OLD, NEW = "four words of mine", "four other words here"


def at(office: Office, name: str, said: str) -> Path:
    path = office.folder / name
    path.write_text(f"{said}\n", encoding="utf-8")
    return path


def place(office: Office, profile: str) -> str:
    found: str = json.loads((office.home / "profiles" / f"{profile}.json").read_text())["keys"]
    return found


@pytest.mark.slow
def test_to_a_file_to_another_passphrase_and_back(office: Office) -> None:
    office.dispatch()
    first, second = at(office, "first", OLD), at(office, "second", NEW)
    said = office.ok(f"key move --to file --new-passphrase-file {first}", profile="kari")
    assert said.stdout == "The keys are in a file protected by a passphrase now.\n"
    assert place(office, "kari") == "file"
    office.ok(f"open 1 --reveal --passphrase-file {first}", profile="kari")
    changed = f"key move --to file --passphrase-file {first} --new-passphrase-file {second}"
    assert office.ok(changed, profile="kari").stdout == "The passphrase is changed.\n"
    refused(
        office, f"open 1 --reveal --passphrase-file {first}", "passphrase_wrong", 4, profile="kari"
    )
    office.ok(f"open 1 --reveal --passphrase-file {second}", profile="kari")
    back = f"key move --to keyring --passphrase-file {second}"
    office.ok(back, profile="kari")
    assert place(office, "kari") == "keyring"
    assert list((office.home / "keys").glob("*.key")) == []
    office.read(1)
    refused(office, "key move --to keyring", "keys_there_already", 2, profile="kari")


@pytest.mark.slow
def test_the_root_key_moves_with_its_founder(office: Office) -> None:
    first = at(office, "first", OLD)
    office.ok(f"key move --to file --new-passphrase-file {first}")
    kinds = sorted(path.name.rpartition("_")[2] for path in (office.home / "keys").iterdir())
    assert kinds == ["identity.key", "root.key"]
    text = (office.folder / "keyring.json").read_text()
    assert "_root" not in text


@pytest.mark.slow
def test_a_change_of_passphrase_that_was_killed_half_way_is_finished(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The founder has two keys: one has the new passphrase, the other the old one."""
    first, second = at(office, "first", OLD), at(office, "second", NEW)
    office.ok(f"key move --to file --new-passphrase-file {first}")
    kept, count = PassphraseFiles.save, iter(range(9))

    def dying(self: PassphraseFiles, name: SecretName, secret: bytes) -> None:
        if next(count) == 1:
            raise KeyboardInterrupt
        kept(self, name, secret)

    monkeypatch.setattr(PassphraseFiles, "save", dying)
    changed = f"key move --to file --passphrase-file {first} --new-passphrase-file {second}"
    assert office.run(changed).code == 130
    monkeypatch.undo()
    office.ok(changed)
    office.ok(f"list --passphrase-file {second}")


@pytest.mark.slow
@pytest.mark.parametrize("said", ["short", ""])
def test_a_passphrase_that_is_refused_moves_nothing(office: Office, said: str) -> None:
    before = office.snapshot()
    path = at(office, "bad", said)
    assert office.run(f"key move --to file --new-passphrase-file {path}").code == 2
    assert office.snapshot() == before
