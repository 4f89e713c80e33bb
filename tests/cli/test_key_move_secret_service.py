"""`key move` with a real Secret Service, and on a machine that has none."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.office import ROOT

pytestmark = [
    pytest.mark.secret_service,
    pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="dbus-run-session is missing"),
    pytest.mark.skipif(
        not shutil.which("gnome-keyring-daemon"), reason="gnome-keyring-daemon is missing"
    ),
]

RUN_ALL = """
import json, subprocess, sys
import secretstorage

def kept():
    bus = secretstorage.dbus_init()
    items = secretstorage.get_default_collection(bus).get_all_items()
    names = [each.get_attributes().get("username", "") for each in items]
    return sorted(name.rpartition("_")[2] for name in names)

done = []
for line in json.loads(sys.argv[1]):
    ended = subprocess.run([sys.executable, "-m", "assigncli", *line], stdin=subprocess.DEVNULL,
                           capture_output=True, text=True)
    done.append([ended.returncode, ended.stdout, ended.stderr, kept()])
print(json.dumps(done))
"""


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a user without anything of the real user's."""
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "ASSIGN_HOME": str(folder / "home"),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
    }


def with_service(folder: Path, *lines: str) -> list[Any]:
    """Run commands where a fresh gnome-keyring is unlocked on a bus of its own.

    Returns for each its exit code, what it said on both streams, and the kinds of keys that the
    Secret Service holds then.
    """
    steps = 'gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@" </dev/null'
    commands = json.dumps([line.split() for line in lines])
    run = subprocess.run(
        [
            *("dbus-run-session", "--", "sh", "-c", steps, "sh"),
            *(sys.executable, "-c", RUN_ALL, commands),
        ],
        env=environment(folder),
        input=secrets.token_hex(16),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    done: list[Any] = json.loads(run.stdout)
    return done


def without(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a command where there is no Secret Service."""
    return subprocess.run(
        [sys.executable, "-m", "assigncli", *line.split()],
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def files(folder: Path) -> list[str]:
    """Return the kinds of keys that are kept in files."""
    return sorted(path.stem.rpartition("_")[2] for path in (folder / "home" / "keys").glob("*.key"))


INIT = "init --organization Testforeningen --handle anne --name Anne"
SETS = "config set contact_deadline_days"


def test_keys_go_to_the_secret_service_and_back_and_sign_from_each_place(tmp_path: Path) -> None:
    typed = tmp_path / "passphrase"
    typed.write_text("four words of mine\n", encoding="utf-8")
    by_file = f"--passphrase-file {typed}"
    done = with_service(
        tmp_path,
        f"{INIT} --keys keyring",
        f"key move --to file --new-passphrase-file {typed}",
        f"{SETS} 11 {by_file}",
        f"key move --to keyring {by_file}",
        f"{SETS} 12",
        "key list",
        "key move --to keyring",
        f"key move --to file --new-passphrase-file {typed}",
    )
    codes = [code for code, *_said in done]
    assert codes == [0, 0, 0, 0, 0, 0, 2, 0], done
    both, none = ["identity", "root"], []
    assert [kept for *_said, kept in done] == [both, none, none, both, both, both, both, none]
    assert "The keys are in the key store of this machine now." in done[3][1]
    assert "Code: keys_there_already" in done[6][2]
    assert files(tmp_path) == both
    refused = without(tmp_path, f"key move --to keyring {by_file}")
    assert refused.returncode == 4
    assert "Code: keyring_absent" in refused.stderr
    assert files(tmp_path) == both
    assert without(tmp_path, f"{SETS} 13 {by_file}").returncode == 0


def test_where_the_secret_service_is_gone_keys_in_it_are_missed_and_nothing_is_moved(
    tmp_path: Path,
) -> None:
    """As by SSH to a desktop machine: the keys are there, and the service is not."""
    (founded,) = with_service(tmp_path, f"{INIT} --keys keyring")
    assert founded[0] == 0, founded
    typed = tmp_path / "passphrase"
    typed.write_text("four words of mine\n", encoding="utf-8")
    refused = without(tmp_path, f"key move --to file --new-passphrase-file {typed}")
    assert refused.returncode == 4
    assert "Traceback" not in refused.stderr
    assert "Code: keyring_absent" in refused.stderr, refused.stderr
    assert files(tmp_path) == []
