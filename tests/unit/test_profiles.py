"""Profiles and settings on disk: whole, private, and refused where they are not."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from assigncli import beginnings, private_files, profiles
from assigncli.errors import AssignError, InvalidInput, NotFound, StoreUnavailable
from assigncli.folders import Folders, folders
from assigncli.profiles import (
    MachineSettings,
    Preferences,
    Profile,
    list_profiles,
    load_profile,
    load_settings,
    preferences,
    save_profile,
    save_settings,
    set_current,
)
from assigncli.server_address import LocalStore, read_address
from assigncli.words.errors import said

MARK = "41234567"
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {"ASSIGN_HOME": str(home)}


def profile(name: str = "oslo", **changes: object) -> Profile:
    whole = Profile(
        name=name,
        address=LocalStore(Path("/data/store.db")),
        vault_path=Path("/data/vault.db"),
        organization_id=UUID(int=1),
        member_id=UUID(int=2),
        handle="kari",
        root_public_key=bytes(range(32)),
        keys="file",
        language="nb",
        output="table",
    )
    return replace(whole, **changes)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_saved_is_loaded(environ: dict[str, str]) -> None:
    for saved in (profile(), profile("bergen", language=None, output=None, keys="keyring")):
        save_profile(saved, environ)
        assert load_profile(saved.name, environ) == saved
    assert list_profiles(environ) == ["bergen", "oslo"]


@pytest.mark.parametrize("address", ["unix:/run/assign/socket", "ssh://anne@office:2222"])
def test_a_profile_of_a_server_is_loaded_and_has_no_files(
    environ: dict[str, str], home: Path, address: str
) -> None:
    saved = profile(address=read_address(address), vault_path=None)
    save_profile(saved, environ)
    assert load_profile("oslo", environ) == saved
    assert saved.server == read_address(address)
    document = json.loads((home / "profiles" / "oslo.json").read_text())
    assert (document["store"], document["vault"]) == (address, None)
    for files in ("store", "vault"):
        with pytest.raises(InvalidInput) as raised:
            getattr(saved, files)
        assert raised.value.code == "needs_server_machine"
        assert address in said(raised.value)[0]


def test_a_profile_of_this_machine_has_no_server() -> None:
    assert profile().server is None
    assert (profile().store, profile().vault) == (Path("/data/store.db"), Path("/data/vault.db"))


@posix
def test_ours_alone_and_nothing_left_behind(home: Path, environ: dict[str, str]) -> None:
    save_profile(profile(), environ)
    save_profile(profile(handle="ola"), environ)
    set_current("oslo", environ)
    assert mode(home) == mode(home / "profiles") == 0o700
    assert mode(home / "profiles" / "oslo.json") == mode(home / "current") == 0o600
    assert sorted(path.name for path in home.rglob("*")) == ["current", "oslo.json", "profiles"]


def test_a_write_that_fails_leaves_the_old_one(
    home: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_profile(profile(), environ)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_files.os, "fsync", full)
    with pytest.raises(StoreUnavailable) as raised:
        save_profile(profile(handle="ola"), environ)
    assert raised.value.code == "settings_unreachable"
    assert load_profile("oslo", environ).handle == "kari"
    assert [path.name for path in (home / "profiles").iterdir()] == ["oslo.json"]


def test_which_profile_is_meant(environ: dict[str, str]) -> None:
    with pytest.raises(NotFound) as missing:
        load_profile(None, environ)
    assert missing.value.code == "profile_missing"
    assert "assign init" in said(missing.value)[1]
    assert "assign join" in said(missing.value)[1]

    save_profile(profile("oslo"), environ)
    assert load_profile(None, environ).name == "oslo"

    save_profile(profile("bergen"), environ)
    with pytest.raises(InvalidInput) as unclear:
        load_profile(None, environ)
    assert unclear.value.code == "profile_unclear"
    assert "bergen, oslo" in said(unclear.value)[1]

    set_current("bergen", environ)
    assert load_profile(None, environ).name == "bergen"
    assert load_profile(None, {**environ, "ASSIGN_PROFILE": "oslo"}).name == "oslo"
    assert load_profile("bergen", {**environ, "ASSIGN_PROFILE": "oslo"}).name == "bergen"
    with pytest.raises(NotFound):
        load_profile("tromso", environ)
    with pytest.raises(NotFound):
        set_current("tromso", environ)


@pytest.mark.parametrize("name", ["..", "../oslo", "Oslo", "a/b", "a b", "", "a" * 65, "\n", "ø"])
def test_names_that_are_refused(environ: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        save_profile(profile(name), environ)
    assert raised.value.code == "profile_name"
    if name:
        with pytest.raises(InvalidInput):
            load_profile(name, environ)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("format", None),
        ("store", 7),
        ("organization_id", MARK),
        ("member_id", None),
        ("root_public_key", MARK),
        ("root_public_key", 7),
        ("keys", MARK),
        ("language", MARK),
        ("language", [MARK]),
        ("output", MARK),
    ],
)
def test_a_damaged_profile_is_named_not_quoted(
    home: Path, environ: dict[str, str], field: str, value: object
) -> None:
    save_profile(profile(), environ)
    path = home / "profiles" / "oslo.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(InvalidInput) as raised:
        load_profile(None, environ)
    assert raised.value.code == "profile_damaged"
    assert raised.value.__suppress_context__
    assert MARK not in " ".join(said(raised.value))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"signing_key": MARK},
        {"service_id": MARK},
        {"signing_key": 7},
        {"signing_key": None, "service_id": None},
    ],
)
def test_a_damaged_note_of_a_profile_that_was_begun_is_named_not_quoted(
    home: Path, environ: dict[str, str], more: dict[str, object]
) -> None:
    with beginnings.alone(environ):
        beginnings.note(beginnings.Beginning(profile(), bytes(32)), environ)
    (path,) = (home / "profiles").glob("*.begun")
    noted = json.loads(path.read_text())
    gone = {} if more else {"signing_key", "service_id"}
    kept = {name: value for name, value in noted.items() if name not in gone}
    path.write_text(json.dumps({**kept, **more}))
    with pytest.raises(InvalidInput) as raised:
        beginnings.noted("oslo", environ)
    assert raised.value.code == "profile_damaged"
    assert MARK not in " ".join(said(raised.value))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_a_file_that_is_no_profile(home: Path, environ: dict[str, str], content: bytes) -> None:
    save_profile(profile(), environ)
    save_settings(MachineSettings("nb"), environ)
    (home / "profiles" / "oslo.json").write_bytes(content)
    (home / "settings.json").write_bytes(content)
    with pytest.raises(InvalidInput) as raised:
        load_profile("oslo", environ)
    assert raised.value.code == "profile_damaged"
    with pytest.raises(InvalidInput) as raised:
        load_settings(environ)
    assert raised.value.code == "settings_damaged"
    assert preferences(None, environ) == Preferences()


@posix
@pytest.mark.parametrize("wide", ["", "profiles"])
@pytest.mark.parametrize("bits", [0o750, 0o705, 0o777])
def test_a_folder_that_others_may_enter(
    home: Path, environ: dict[str, str], wide: str, bits: int
) -> None:
    save_profile(profile(), environ)
    (home / wide).chmod(bits)
    for attempt in (lambda: load_profile(None, environ), lambda: save_profile(profile(), environ)):
        with pytest.raises(StoreUnavailable) as raised:
            attempt()
        assert raised.value.code == "folder_unsafe"
        assert f"chmod 700 {home / wide}" in said(raised.value)[1]
    assert preferences(None, environ) == Preferences()


@posix
def test_a_folder_of_somebody_else(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_profile(profile(), environ)
    monkeypatch.setattr(private_files.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(StoreUnavailable) as raised:
        load_profile(None, environ)
    assert raised.value.code == "folder_unsafe"


def test_a_file_where_a_folder_should_be(home: Path, environ: dict[str, str]) -> None:
    home.write_text("")
    home.chmod(0o600)
    with pytest.raises(AssignError):
        load_profile("oslo", environ)
    with pytest.raises(AssignError):
        save_profile(profile(), environ)
    assert preferences(None, environ) == Preferences()


def test_settings_are_read_as_they_were_saved(environ: dict[str, str]) -> None:
    assert load_settings(environ) == MachineSettings()
    save_settings(MachineSettings("nb", "table"), environ)
    assert load_settings(environ) == MachineSettings("nb", "table")


def test_the_profile_is_preferred_to_the_machine(environ: dict[str, str]) -> None:
    save_settings(MachineSettings("en", "table"), environ)
    assert preferences(None, environ) == Preferences("en", "table")
    save_profile(profile(language="nb", output="linear"), environ)
    assert preferences(None, environ) == Preferences("nb", "linear")
    save_profile(profile(language=None, output=None), environ)
    assert preferences(None, environ) == Preferences("en", "table")


def test_a_damaged_current_file_is_as_if_there_were_none(
    home: Path, environ: dict[str, str]
) -> None:
    save_profile(profile(), environ)
    (home / "current").write_bytes(b"\xff../../etc")
    assert load_profile(None, environ).name == "oslo"


def test_folders_are_the_home_or_those_of_the_platform(
    home: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folders(environ) == Folders(home, home)
    assert folders(environ).keys == home / "keys"
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CONFIG_HOME", "/x/config")
        monkeypatch.setenv("XDG_DATA_HOME", "/x/data")
        assert folders({}) == Folders(Path("/x/config/assigncli"), Path("/x/data/assigncli"))


def test_nothing_is_made_by_reading(home: Path, environ: dict[str, str]) -> None:
    list_profiles(environ)
    load_settings(environ)
    preferences(None, environ)
    assert not home.exists()
    assert profiles.FORMAT == 1
