# mypy: allow-untyped-calls
# keyring's own classes have untyped constructors.
from __future__ import annotations

import os
import secrets
import shutil
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import chainer, fail, null
from keyring.testing.backend import BackendBasicTests

from assigncli.client.keys import (
    Keychain,
    KeyPlace,
    OsKeyring,
    PassphraseFiles,
    SecretName,
    ServiceFiles,
    real_keyring_available,
)
from assigncli.errors import IdentityUnavailable
from tests.keyring_backend import VARIABLE, FileKeyring

NAME = SecretName(uuid4(), uuid4(), "identity")
ROOT = SecretName(NAME.organization_id, NAME.member_id, "root")
SECRET = secrets.token_bytes(65)
# Stands in an error or a key; by its value it may show in no traceback.
TELLTALE = "sekret"

posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners are POSIX's")


def toy_lock(secret: bytes, passphrase: bytes) -> bytes:
    """Stand in for the real lock, which the keychain is handed and knows nothing of."""
    return b"locked:" + passphrase + b":" + secret[::-1]


def toy_unlock(blob: bytes, passphrase: bytes) -> bytes:
    opening = b"locked:" + passphrase + b":"
    if not blob.startswith(opening):
        raise IdentityUnavailable("passphrase_wrong")
    return blob.removeprefix(opening)[::-1]


def files_in(folder: Path, passphrase: bytes = b"words") -> PassphraseFiles:
    return PassphraseFiles(folder, lambda: passphrase, lock=toy_lock, unlock=toy_unlock)


@pytest.fixture
def file_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileKeyring:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keyring.json"))
    return FileKeyring()


def code_of(act: Callable[[], object]) -> str:
    """Return the code of the error that `act` raises, having seen that it shows no secret."""
    with pytest.raises(IdentityUnavailable) as caught:
        act()
    shown = "".join(traceback.format_exception(caught.value)) + str(caught.value.facts)
    assert TELLTALE not in shown
    return caught.value.code


class TestFileKeyring(BackendBasicTests):
    """keyring's own contract, for the double that the rest of the suite relies on."""

    @pytest.fixture(autouse=True)
    def _init_properties(self, file_keyring: FileKeyring) -> Iterator[None]:
        """Give each test a file of its own, in place of the suite's `init_keyring`."""
        self.keyring = file_keyring
        self.credentials_created: set[tuple[str, str]] = set()
        yield
        self.cleanup()


@pytest.fixture(params=["keyring", "file", "service"])
def keychain(request: pytest.FixtureRequest, tmp_path: Path, file_keyring: FileKeyring) -> Keychain:
    places: dict[str, Keychain] = {
        "keyring": OsKeyring(file_keyring),
        "file": files_in(tmp_path / "keys"),
        "service": ServiceFiles(tmp_path / "keys"),
    }
    assert places[request.param].place == request.param
    return places[request.param]


class TestEveryKeychain:
    """One contract, kept by every place for keys."""

    def test_a_saved_secret_comes_back(self, keychain: Keychain) -> None:
        keychain.save(NAME, SECRET)
        assert keychain.load(NAME) == SECRET

    def test_saving_again_replaces(self, keychain: Keychain) -> None:
        keychain.save(NAME, b"old")
        keychain.save(NAME, SECRET)
        assert keychain.load(NAME) == SECRET

    def test_a_secret_that_is_not_there_is_missing(self, keychain: Keychain) -> None:
        assert code_of(lambda: keychain.load(NAME)) == "key_missing"

    def test_names_do_not_meet(self, keychain: Keychain) -> None:
        keychain.save(NAME, SECRET)
        others = [
            SecretName(uuid4(), NAME.member_id, "identity"),
            SecretName(NAME.organization_id, uuid4(), "identity"),
            ROOT,
        ]
        for other in others:
            assert code_of(lambda name=other: keychain.load(name)) == "key_missing"  # type: ignore[misc]

    def test_a_deleted_secret_is_missing_and_may_be_deleted_again(self, keychain: Keychain) -> None:
        keychain.delete(NAME)
        keychain.save(NAME, SECRET)
        keychain.delete(NAME)
        keychain.delete(NAME)
        assert code_of(lambda: keychain.load(NAME)) == "key_missing"


class Double:
    """A backend in memory; not a KeyringBackend, so that keyring does not offer it to others."""

    priority: float = 1

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, _service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, _service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, _service: str, username: str) -> None:
        del self.kept[username]


class Forgetful(Double):
    """Takes everything and keeps nothing."""

    def set_password(self, _service: str, username: str, password: str) -> None:
        """Keep nothing."""


class Plain(Double):
    """A backend that keyring itself does not recommend."""

    priority = 0.5


class Unsure:
    """A backend that cannot say whether it is there."""

    @property
    def priority(self) -> float:
        raise RuntimeError(TELLTALE)


class Failing(Double):
    """A backend that raises the same error whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, _service: str, _username: str) -> str | None:
        raise self.error

    def set_password(self, _service: str, _username: str, _password: str) -> None:
        raise self.error


def over(backend: object) -> OsKeyring:
    return OsKeyring(cast(keyring.backend.KeyringBackend, backend))


@pytest.mark.parametrize("kind", [fail.Keyring, null.Keyring, Plain, Unsure, Forgetful])
def test_a_key_store_that_cannot_be_relied_on_is_refused(
    kind: Callable[[], object],
) -> None:
    assert code_of(lambda: over(kind()).save(NAME, SECRET)) == "keyring_absent"
    assert code_of(lambda: over(kind()).probe()) == "keyring_absent"


class LockedException(Exception):
    """As SecretStorage raises, under the same name."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (keyring.errors.KeyringLocked(TELLTALE), "keyring_locked"),
        (LockedException(TELLTALE), "keyring_locked"),
        (keyring.errors.NoKeyringError(TELLTALE), "keyring_absent"),
        (keyring.errors.InitError(TELLTALE), "keyring_absent"),
        (keyring.errors.PasswordSetError(TELLTALE), "keyring_absent"),
        (OSError(TELLTALE), "keyring_absent"),
        (ValueError(TELLTALE), "keyring_absent"),
    ],
)
def test_whatever_a_backend_raises_becomes_ours(error: Exception, code: str) -> None:
    keychain = over(Failing(error))
    assert code_of(lambda: keychain.load(NAME)) == code
    assert code_of(lambda: keychain.save(NAME, SECRET)) == code
    assert code_of(lambda: keychain.delete(NAME)) == code
    assert code_of(keychain.probe) == code


def test_a_chain_counts_by_its_first_link(
    file_keyring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chained(*links: object) -> OsKeyring:
        monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: list(links))
        return OsKeyring(chainer.ChainerBackend())

    keychain = chained(Plain(), file_keyring)
    keychain.save(NAME, SECRET)
    assert OsKeyring(file_keyring).load(NAME) == SECRET
    assert keychain.load(NAME) == SECRET
    assert code_of(lambda: chained(Plain()).save(NAME, SECRET)) == "keyring_absent"
    assert code_of(lambda: chained().save(NAME, SECRET)) == "keyring_absent"


def test_an_entry_that_is_not_ours_is_damaged(file_keyring: FileKeyring) -> None:
    file_keyring.set_password("assigncli", NAME.label, "not base64 é")
    assert code_of(lambda: OsKeyring(file_keyring).load(NAME)) == "key_file_damaged"


def test_a_probe_leaves_nothing_behind(file_keyring: FileKeyring, tmp_path: Path) -> None:
    OsKeyring(file_keyring).probe()
    assert "probe" not in (tmp_path / "keyring.json").read_text(encoding="utf-8")


def test_a_real_key_store_is_told_from_none(
    file_keyring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[keyring.backend.KeyringBackend] = [file_keyring, null.Keyring(), fail.Keyring()]
    answers = []
    for backend in chosen:
        monkeypatch.setattr(keyring, "get_keyring", lambda backend=backend: backend)
        answers.append(real_keyring_available())
    assert answers == [True, False, False]


def test_what_is_kept_fits_every_system(file_keyring: FileKeyring) -> None:
    OsKeyring(file_keyring).save(NAME, SECRET)
    kept = file_keyring.get_password("assigncli", NAME.label)
    assert kept is not None
    assert len(kept) < 1280


class TestPassphraseFiles:
    """What only the passphrase-protected files promise."""

    def test_the_passphrase_is_asked_for_once_and_late(self, tmp_path: Path) -> None:
        asked: list[int] = []

        def ask() -> bytes:
            asked.append(1)
            return b"words"

        keychain = PassphraseFiles(tmp_path / "keys", ask, lock=toy_lock, unlock=toy_unlock)
        assert code_of(lambda: keychain.load(NAME)) == "key_missing"
        assert asked == []
        keychain.save(NAME, SECRET)
        keychain.save(ROOT, SECRET)
        assert keychain.load(NAME) == SECRET
        assert asked == [1]

    def test_a_wrong_passphrase_comes_through(self, tmp_path: Path) -> None:
        files_in(tmp_path / "keys").save(NAME, SECRET)
        other = files_in(tmp_path / "keys", b"other")
        assert code_of(lambda: other.load(NAME)) == "passphrase_wrong"

    def test_the_file_holds_what_lock_gave(self, tmp_path: Path) -> None:
        files_in(tmp_path / "keys").save(NAME, SECRET)
        (file,) = (tmp_path / "keys").iterdir()
        assert file.read_bytes() == toy_lock(SECRET, b"words")
        assert file.name == f"{NAME.label}.key"


def key_file(folder: Path) -> Path:
    ServiceFiles(folder).save(NAME, SECRET)
    return folder / f"{NAME.label}.key"


@posix
class TestFileSafety:
    """Files that anyone else could read, write or plant are refused."""

    def test_folder_and_file_are_their_owners_alone(self, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            path = key_file(tmp_path / "deep" / "keys")
        finally:
            os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o666])
    def test_a_wider_file_is_refused(self, tmp_path: Path, mode: int) -> None:
        path = key_file(tmp_path / "keys")
        path.chmod(mode)
        assert code_of(lambda: ServiceFiles(path.parent).load(NAME)) == "key_file_unsafe"

    @pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
    def test_a_wider_folder_is_refused(self, tmp_path: Path, mode: int) -> None:
        path = key_file(tmp_path / "keys")
        path.parent.chmod(mode)
        keychain = ServiceFiles(path.parent)
        assert code_of(lambda: keychain.load(NAME)) == "key_file_unsafe"
        assert code_of(lambda: keychain.save(NAME, SECRET)) == "key_file_unsafe"

    def test_another_owners_file_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = key_file(tmp_path / "keys")
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert code_of(lambda: ServiceFiles(path.parent).load(NAME)) == "key_file_unsafe"

    def test_a_link_is_not_followed_for_reading(self, tmp_path: Path) -> None:
        path = key_file(tmp_path / "keys")
        real = path.rename(tmp_path / "elsewhere.key")
        path.symlink_to(real)
        assert code_of(lambda: ServiceFiles(path.parent).load(NAME)) == "key_file_unsafe"

    def test_a_link_is_not_followed_for_writing(self, tmp_path: Path) -> None:
        path = key_file(tmp_path / "keys")
        target = tmp_path / "target"
        target.write_bytes(b"untouched")
        path.unlink()
        path.symlink_to(target)
        ServiceFiles(path.parent).save(NAME, SECRET)
        assert target.read_bytes() == b"untouched"
        assert not path.is_symlink()

    def test_a_pipe_or_folder_in_its_place_is_refused(self, tmp_path: Path) -> None:
        path = key_file(tmp_path / "keys")
        path.unlink()
        os.mkfifo(path, 0o600)
        assert code_of(lambda: ServiceFiles(path.parent).load(NAME)) == "key_file_unsafe"
        path.unlink()
        path.mkdir(0o700)
        unsafe = {"key_file_unsafe", "key_file_unusable"}
        assert code_of(lambda: ServiceFiles(path.parent).load(NAME)) in unsafe

    def test_a_planted_temporary_file_is_not_written_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = key_file(tmp_path / "keys")
        monkeypatch.setattr(secrets, "token_hex", lambda _size: "known")
        planted = path.parent / f".{path.name}.known"
        planted.write_bytes(b"planted")
        keychain = ServiceFiles(path.parent)
        assert code_of(lambda: keychain.save(NAME, TELLTALE.encode())) == "key_file_unusable"
        assert keychain.load(NAME) == SECRET


def test_a_failed_write_leaves_the_old_key_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key_file(tmp_path / "keys")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    keychain = ServiceFiles(path.parent)
    assert code_of(lambda: keychain.save(NAME, TELLTALE.encode())) == "key_file_unusable"
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert keychain.load(NAME) == SECRET


def test_an_oversized_file_is_damaged(tmp_path: Path) -> None:
    path = key_file(tmp_path / "keys")
    path.write_bytes(bytes(20_000))
    assert code_of(lambda: ServiceFiles(path.parent).load(NAME)) == "key_file_damaged"


def test_a_root_key_is_never_kept_unprotected(tmp_path: Path) -> None:
    keychain = ServiceFiles(tmp_path / "keys")
    assert code_of(lambda: keychain.save(ROOT, SECRET)) == "key_place_wrong"
    assert not (tmp_path / "keys").exists()


def test_places_have_stable_names() -> None:
    assert [place.value for place in KeyPlace] == ["keyring", "file", "service"]


SECRET_SERVICE_SCRIPT = """
from uuid import UUID
from keyring.backends.SecretService import Keyring
from assigncli.errors import IdentityUnavailable
from assigncli.client.keys import OsKeyring, SecretName, real_keyring_available
name = SecretName(UUID(int=1), UUID(int=2), "identity")
secret = bytes(range(65))
assert real_keyring_available()
keychain = OsKeyring()
keychain.save(name, secret)
assert OsKeyring(Keyring()).load(name) == secret
keychain.delete(name)
keychain.delete(name)
try:
    keychain.load(name)
except IdentityUnavailable as error:
    print(error.code)
"""


@pytest.mark.secret_service
@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="dbus-run-session is missing")
@pytest.mark.skipif(
    not shutil.which("gnome-keyring-daemon"), reason="gnome-keyring-daemon is missing"
)
def test_a_real_secret_service_keeps_keys(tmp_path: Path) -> None:
    """Run a private bus and a fresh, unlocked gnome-keyring, and nothing of the user's own."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    steps = 'gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@" </dev/null'
    run = subprocess.run(
        [
            "dbus-run-session",
            "--",
            "sh",
            "-c",
            steps,
            "sh",
            sys.executable,
            "-c",
            SECRET_SERVICE_SCRIPT,
        ],
        env=environment,
        input=secrets.token_hex(16),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout.strip()) == (0, "key_missing"), run.stderr
