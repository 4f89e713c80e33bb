"""The commands when the store is held, read-only, foreign or newer, and when keys are out of reach.

As a user meets it: the code, the exit code, three lines, the same in JSON, and nothing written.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from assigncli.server.store.engine import Store
from assigncli.server.vault.vault import Vault
from tests import slots
from tests.office import Office, invitation_of_nobody
from tests.refusals import (
    damage,
    everything,
    refused,
    require_one_document,
    require_three_lines,
    shares,
)

if os.name != "posix":
    pytest.skip("signals, modes and limits are POSIX only", allow_module_level=True)

UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
SET = "config set unread_attention_days 3"
PASSPHRASE = "fem grønne synger i kor"

HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN " + sys.argv[2])
print("held", flush=True)
time.sleep(float(sys.argv[3]))
"""


def creating(office: Office) -> str:
    return f"create --to kari --title Visit --payload {office.person()}"


@contextmanager
def held(path: Path, how: str, seconds: float = 60) -> Iterator[None]:
    """Let another process hold the file, from now until it is over or we are done."""
    command = [sys.executable, "-c", HOLD, str(path), how, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a fifth of a second for a busy file instead of thirty."""
    for opening in (Store.open, Store.inspect, Vault.open):
        monkeypatch.setitem(opening.__kwdefaults__, "busy_seconds", 0.2)


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", [pytest.param("EXCLUSIVE", marks=pytest.mark.slow), "IMMEDIATE"])
def test_a_store_that_another_process_holds(office: Office, how: str) -> None:
    number, line = office.dispatch(), creating(office)
    before, kept = everything(office), shares(office)
    with held(office.store, how):
        for busy, profile in (
            (line, "anne"),
            (f"{line} --dispatch", "anne"),
            (f"recall --yes {number}", "anne"),
            (f"open {number} --reveal", "kari"),
            ("member pause kari", "anne"),
        ):
            result = office.refused(busy, "store_busy", 7, profile=profile)
            require_three_lines(result.stderr, "store_busy")
            spoken = office.run(f"{busy} --json", profile=profile)
            assert (spoken.code, spoken.stdout) == (7, "")
            require_one_document(spoken.stderr, result.stderr)
        if how == "IMMEDIATE":
            office.ok("list")
    assert everything(office) == before
    assert shares(office) == kept
    office.ok(line)


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_vault_that_another_process_holds(office: Office) -> None:
    number, line = office.dispatch(), creating(office)
    before = everything(office)
    with slots.held(office.vault):
        office.refused(line, "store_busy", 7)
        assert everything(office) == before
        office.read(number)  # who only reads waits for nobody
    office.ok(line)


@pytest.mark.slow
def test_a_store_that_is_locked_for_forty_seconds(office: Office) -> None:
    line = creating(office)
    before = everything(office)
    with held(office.store, "EXCLUSIVE", 40):
        started = time.monotonic()
        done = office.spawn(line)
        waited = time.monotonic() - started
        assert (done.returncode, done.stdout) == (7, b"")
        require_three_lines(done.stderr.decode(), "store_busy")
        assert 29 < waited < 36
        # The second try outlives the lock.
        assert office.spawn(line).returncode == 0
    assert everything(office) != before


def read_only(office: Office, line: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a user whom file modes hold back, root included."""
    words = office.command(line)
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root without setpriv cannot be held back by file modes")
        words = [*UNPRIVILEGED, *words]
    return subprocess.run(words, env=office.process_env(), capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("folder_too", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_read_only_store(office: Office, folder_too: bool) -> None:
    line = creating(office)
    before = everything(office)
    for path in (office.store, office.vault):
        path.chmod(0o400)
    if folder_too:
        office.home.chmod(0o500)
    try:
        plain, spoken = read_only(office, line), read_only(office, f"{line} --json")
        listed = read_only(office, "list")
    finally:
        office.home.chmod(0o700)
    assert (plain.returncode, plain.stdout) == (7, b"")
    assert (spoken.returncode, spoken.stdout) == (7, b"")
    require_three_lines(plain.stderr.decode(), "store_read_only")
    require_one_document(spoken.stderr.decode(), plain.stderr.decode())
    assert everything(office) == before
    assert listed.returncode == 0


@pytest.mark.slow
def test_a_store_that_may_be_written_but_its_vault_may_not(office: Office) -> None:
    line = creating(office)
    before = everything(office)
    office.vault.chmod(0o400)
    done = read_only(office, line)
    assert done.returncode == 7
    require_three_lines(done.stderr.decode(), "store_read_only")
    assert everything(office) == before


@pytest.mark.slow
def test_a_store_that_may_not_be_read(office: Office) -> None:
    office.store.chmod(0o000)
    done = read_only(office, "list")
    assert done.returncode == 7
    require_three_lines(done.stderr.decode(), "store_unreachable")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_file_that_is_no_store(office: Office, content: bytes) -> None:
    office.store.write_bytes(content)
    for line in (creating(office), "list", "store info"):
        before = office.snapshot()
        result = office.run(line)
        assert result.code == 7
        require_three_lines(result.stderr, result.error_code)
        assert result.error_code == "store_not_ours"
        assert office.snapshot() == before


def test_a_database_of_another_program(office: Office) -> None:
    office.store.unlink()
    with closing(sqlite3.connect(office.store)) as db:
        db.execute("CREATE TABLE assignments (id)")
        db.commit()
    office.store.chmod(0o600)
    for line in (creating(office), "list", "store check", "store upgrade"):
        refused(office, line, "store_not_ours", 7)
    refused(office, f"join {invitation_of_nobody(office.store)}", "store_not_ours", 7, profile=None)
    init = "init --organization Andre --handle bo --name Bo --keys keyring"
    refused(office, init, "store_not_ours", 7, profile=None)


def test_a_newer_store(office: Office) -> None:
    damage(office, "UPDATE alembic_version SET version_num = '9999_future'")
    for line in (creating(office), "list", "member list", "store upgrade"):
        said = refused(office, line, "store_newer", 7).stderr
        assert "newer" in said


def test_a_missing_store_or_vault(office: Office) -> None:
    number = office.dispatch()
    aside = office.folder / "aside"
    office.vault.rename(aside)
    refused(office, creating(office), "vault_missing", 7)
    refused(office, f"open {number} --reveal", "vault_missing", 7, profile="kari")
    office.ok("list")
    aside.rename(office.vault)
    office.store.rename(aside)
    refused(office, "list", "store_missing", 7)
    refused(office, f"join {invitation_of_nobody(office.store)}", "store_missing", 7, profile=None)
    aside.rename(office.store)
    office.read(number)


def test_a_vault_that_is_none(office: Office) -> None:
    office.vault.write_bytes(b"hello")
    refused(office, creating(office), "vault_not_ours", 7)
    office.vault.write_bytes(office.store.read_bytes())
    refused(office, creating(office), "vault_not_ours", 7)


def test_a_store_that_lacks_the_organisation(office: Office, tmp_path: Path) -> None:
    other = Office(tmp_path / "other")
    other.folder.mkdir()
    other.ok("init --organization Andre --handle bo --name Bo --keys keyring", profile=None)
    shutil.copyfile(other.store, office.store)
    refused(office, "list", "organization_not_found", 3)
    refused(office, creating(office), "organization_not_found", 3)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["fail", pytest.param("null", marks=pytest.mark.slow)])
def test_a_machine_without_a_key_store(office: Office, backend: str) -> None:
    env = {"PYTHON_KEYRING_BACKEND": f"keyring.backends.{backend}.Keyring"}
    line = creating(office)
    before = everything(office)
    plain, spoken = office.spawn(line, env=env), office.spawn(f"{line} --json", env=env)
    assert (plain.returncode, plain.stdout, spoken.stdout) == (4, b"", b"")
    require_three_lines(plain.stderr.decode(), "keyring_absent")
    require_one_document(spoken.stderr.decode(), plain.stderr.decode())
    assert everything(office) == before


@pytest.mark.slow
def test_a_founder_without_a_key_store(tmp_path: Path) -> None:
    office = Office(tmp_path / "office")
    office.folder.mkdir()
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    line = "init --organization Andre --handle bo --name Bo"
    asked = office.spawn(f"{line} --keys keyring", profile=None, env=env)
    assert asked.returncode == 4
    require_three_lines(asked.stderr.decode(), "keyring_absent")
    nobody = office.spawn(line, profile=None, env=env)
    assert nobody.returncode == 2
    assert b"This machine has no key store" in nobody.stderr
    assert b"Code: input_needed" in nobody.stderr
    assert not [path for path in office.folder.rglob("*") if path.is_file()]


def test_a_key_that_is_not_on_this_machine(office: Office) -> None:
    (office.folder / "keyring.json").write_text("{}")
    refused(office, creating(office), "key_missing", 4)
    office.ok("list")


@pytest.mark.parametrize("text", ["AAAA", "not base64 at all", ""])
def test_a_damaged_key_in_the_key_store(office: Office, text: str) -> None:
    path = office.folder / "keyring.json"
    entries = json.loads(path.read_text())["assigncli"]
    path.write_text(json.dumps({"assigncli": dict.fromkeys(entries, text)}))
    result = office.run(creating(office))
    assert result.code == 4
    require_three_lines(result.stderr, "key_file_damaged")


@pytest.fixture(scope="module")
def with_files(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose founder keeps keys in a file; other tests take copies."""
    office = Office(tmp_path_factory.mktemp("files") / "office")
    office.folder.mkdir()
    passphrase(office, PASSPHRASE)
    office.ok(
        "init --organization Andre --handle anne --name Anne --keys file"
        f" --passphrase-file {office.folder / 'passphrase'}",
        profile=None,
    )
    return office


def passphrase(office: Office, text: str | bytes) -> Path:
    path = office.folder / "passphrase"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "code", "exit_code"),
    [
        ("fem grønne synger i kur", "passphrase_wrong", 4),
        ("", "passphrase_file_empty", 2),
        (b"\xff\xfe", "passphrase_file_unreadable", 2),
    ],
)
def test_a_passphrase_that_does_not_open_the_keys(
    with_files: Office, tmp_path: Path, text: str | bytes, code: str, exit_code: int
) -> None:
    office = with_files.copy_to(tmp_path / "office")
    path = passphrase(office, text)
    said = refused(office, f"{SET} --passphrase-file {path}", code, exit_code).stderr
    assert "grønne" not in said


@pytest.mark.slow
def test_without_a_passphrase_the_keys_stay_shut(with_files: Office, tmp_path: Path) -> None:
    office = with_files.copy_to(tmp_path / "office")
    refused(office, SET, "input_needed", 2)
    missing = office.folder / "missing"
    refused(office, f"{SET} --passphrase-file {missing}", "passphrase_file_unreadable", 2)
    office.ok(f"{SET} --passphrase-file {passphrase(office, PASSPHRASE)}")


@pytest.mark.slow
def test_key_files_that_others_may_read(with_files: Office, tmp_path: Path) -> None:
    office = with_files.copy_to(tmp_path / "office")
    line = f"config set unread_attention_days 3 --passphrase-file {office.folder / 'passphrase'}"
    keys = office.home / "keys"
    for path in (keys, *keys.iterdir()):
        mode = path.stat().st_mode
        path.chmod(0o755 if path.is_dir() else 0o644)
        result = office.run(line)
        if "root" in path.name:  # the root key is not needed for this
            assert result.code == 0
        else:
            assert (result.code, result.error_code) == (4, "key_file_unsafe")
            require_three_lines(result.stderr, "key_file_unsafe")
        path.chmod(mode)


@pytest.mark.slow
def test_a_damaged_key_file(with_files: Office, tmp_path: Path) -> None:
    office = with_files.copy_to(tmp_path / "office")
    line = f"config set unread_attention_days 3 --passphrase-file {office.folder / 'passphrase'}"
    (path,) = (office.home / "keys").glob("*_identity.key")
    whole = path.read_bytes()
    for content in (b"", b"hello", whole[:-1], b"\xff" * 20_000):
        path.write_bytes(content)
        result = office.run(line)
        assert result.code == 4
        require_three_lines(result.stderr, result.error_code)
        assert result.error_code in ("key_file_damaged", "passphrase_wrong")
    path.unlink()
    refused(office, line, "key_missing", 4)
