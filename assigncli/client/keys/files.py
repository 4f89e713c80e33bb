"""Private keys in files that only their owner may read.

The folder is 0700 and each file 0600. Wider modes and other owners are refused, not repaired.
Windows has no such modes to check: there a file is protected by the user's profile folder. This
module has no cryptography: the function that locks is an argument.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.client.keys.place import KeyPlace, SecretName, key_damaged, key_missing
from assigncli.errors import AssignError, IdentityUnavailable, StoreUnavailable
from assigncli.private_files import close_to_others, make_folder

Locker = Callable[[bytes, bytes], bytes]

_POSIX: Final = os.name == "posix"
_OTHERS: Final = 0o077
_LENT_TOO_WIDE: Final = 0o027
_LABEL: Final = re.compile(
    "(?P<organization>[0-9a-f-]{36})_(?P<member>[0-9a-f-]{36})_identity[.]key$"
)

KEY: Final = ".key"
PIN: Final = ".root"
SEALED: Final = ".sealed"
NEW: Final = ".new"
_MAX_FILE: Final = 16 * 1024


class PassphraseFiles:
    """One passphrase-protected file per secret, for machines without a key store.

    `passphrase` is called when it is first needed, and at most once.
    """

    place = KeyPlace.FILE

    def __init__(
        self,
        directory: Path,
        passphrase: Callable[[], bytes],
        *,
        lock: Locker,
        unlock: Locker,
    ) -> None:
        """Keep files in `directory`; `lock` and `unlock` take the bytes and the passphrase."""
        self._folder = _Folder(directory)
        self._ask = passphrase
        self._answer: bytes | None = None
        self._lock = lock
        self._unlock = unlock

    def holds(self, name: SecretName) -> bool:
        """Say whether there is a file of that name; it is not opened."""
        return self._folder.holds(name)

    def load(self, name: SecretName) -> bytes:
        """Return the secret; `key_file_unsafe` for a file that others could read or change."""
        blob = self._folder.read(name)
        return self._unlock(blob, self._passphrase())

    def save(self, name: SecretName, secret: bytes) -> None:
        """Lock the secret and write its file atomically."""
        self._folder.write(name, self._lock(secret, self._passphrase()))

    def delete(self, name: SecretName) -> None:
        """Remove the file."""
        self._folder.remove(name)

    def _passphrase(self) -> bytes:
        if self._answer is None:
            self._answer = self._ask()
        return self._answer


class ServiceCredentials:
    """Service identities that a supervisor lends to one process, read-only.

    systemd does so with `LoadCredential`, in the folder that it names in CREDENTIALS_DIRECTORY.
    """

    def __init__(self, directory: Path) -> None:
        """Read from `directory`."""
        self._folder: _Folder = _LentFolder(directory)

    def holds(self, name: SecretName) -> bool:
        """Say whether there is a file of that name; it is not opened."""
        return self._folder.holds(name)

    def load(self, name: SecretName) -> bytes:
        """Return the secret; `key_file_unsafe` for a file that others could read or change."""
        return self._folder.read(name)

    def pinned(self, name: SecretName) -> bytes:
        """Return the pinned root key; `key_missing` where there is none."""
        return self._folder.read(name, PIN)

    def new(self, name: SecretName) -> bytes | None:
        """Return the secret that is to replace the identity; None where none waits."""
        try:
            return self._folder.read(name, NEW)
        except IdentityUnavailable as fault:
            if fault.code != "key_missing":
                raise
            return None

    def identities(self) -> list[SecretName]:
        """Return the names of the identities in the folder, in a stable order."""
        return self._folder.identities()


class ServiceFiles(ServiceCredentials):
    """Unprotected files, only for the service identity: cron cannot type a passphrase.

    That identity opens no payload. A root key is refused (`key_place_wrong`).
    """

    place = KeyPlace.SERVICE

    def __init__(self, directory: Path) -> None:
        """Keep files in `directory`."""
        self._folder = _Folder(directory)

    def save(self, name: SecretName, secret: bytes) -> None:
        """Write the secret unencrypted, readable only by its owner."""
        if name.kind != "identity":
            raise IdentityUnavailable("key_place_wrong")
        self._folder.write(name, secret)

    def delete(self, name: SecretName) -> None:
        """Remove the secret and its pinned root key, and the folder if it is then empty."""
        self._folder.remove(name)
        self._folder.remove(name, PIN)
        self._folder.remove(name, SEALED)
        self._folder.remove(name, NEW)
        self._folder.remove_if_empty()

    def save_new(self, name: SecretName, secret: bytes) -> None:
        """Keep a secret that is to replace the identity, beside it."""
        self._folder.write(name, secret, NEW)

    def take_new(self, name: SecretName) -> None:
        """Let the new secret take the place of the identity, which is deleted by that.

        What a passphrase has sealed is the old one, so it goes first. Where a run is killed in
        between, the next one goes on.
        """
        self._folder.remove(name, SEALED)
        self._folder.rename(name, NEW, KEY)

    def seal(self, name: SecretName, blob: bytes) -> None:
        """Keep the identity as a passphrase has sealed it, for backups made while nobody types."""
        self._folder.write(name, blob, SEALED)

    def sealed(self, name: SecretName) -> bytes:
        """Return what `seal` kept; `key_missing` where there is none."""
        return self._folder.read(name, SEALED)

    def pin(self, name: SecretName, root_public_key: bytes) -> None:
        """Keep the root key, 32 bytes, by which the identity's organisation is verified."""
        self._folder.write(name, root_public_key, PIN)


class _Folder:
    """A folder of small files that only their owner may read (0700 and 0600)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def holds(self, name: SecretName) -> bool:
        with _file_errors(self._directory):
            return os.path.lexists(self._path(name))

    def read(self, name: SecretName, suffix: str = KEY) -> bytes:
        with _file_errors(self._directory):
            self._require_safe(os.stat(self._directory), stat.S_ISDIR)
            # Without O_NONBLOCK, opening a FIFO in place of the file would block.
            opened = os.open(
                self._path(name, suffix), os.O_RDONLY | _flags("O_NOFOLLOW", "O_NONBLOCK")
            )
            with open(opened, "rb") as file:
                self._require_safe(os.fstat(opened), stat.S_ISREG)
                blob = file.read(_MAX_FILE + 1)
        if len(blob) > _MAX_FILE:
            raise key_damaged()
        return blob

    def write(self, name: SecretName, blob: bytes, suffix: str = KEY) -> None:
        path = self._path(name, suffix)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            make_folder(self._directory)
        except StoreUnavailable:
            raise _unusable(self._directory) from None
        with _file_errors(self._directory):
            self._require_safe(os.stat(self._directory), stat.S_ISDIR)
            try:
                self._fill(fresh, blob)
                os.replace(fresh, path)
            except BaseException:
                fresh.unlink(missing_ok=True)
                raise
            self._settle()

    def rename(self, name: SecretName, suffix: str, into: str) -> None:
        with _file_errors(self._directory):
            os.replace(self._path(name, suffix), self._path(name, into))
            self._settle()

    def remove_if_empty(self) -> None:
        with contextlib.suppress(OSError):
            self._directory.rmdir()

    def remove(self, name: SecretName, suffix: str = KEY) -> None:
        with _file_errors(self._directory):
            self._path(name, suffix).unlink(missing_ok=True)
            if self._directory.is_dir():
                self._settle()

    def identities(self) -> list[SecretName]:
        try:
            found = [_LABEL.search(path.name) for path in sorted(self._directory.iterdir())]
        except FileNotFoundError:
            return []
        except OSError:
            raise _unusable(self._directory) from None
        return [
            SecretName(UUID(match["organization"]), UUID(match["member"]), "identity")
            for match in found
            if match is not None
        ]

    def _path(self, name: SecretName, suffix: str = KEY) -> Path:
        return self._directory / f"{name.label}{suffix}"

    def _fill(self, path: Path, blob: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _flags("O_NOFOLLOW", "O_BINARY")
        with open(os.open(path, flags, 0o600), "wb") as file:
            close_to_others(file.fileno())
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())

    def _settle(self) -> None:
        """Make a rename or a removal survive a power cut, where the system can."""
        if not _POSIX:
            return
        opened = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def _require_safe(self, found: os.stat_result, right_kind: Callable[[int], bool]) -> None:
        if not right_kind(found.st_mode):
            raise _unsafe(self._directory)
        if _POSIX and (found.st_mode & _OTHERS or found.st_uid != os.geteuid()):
            raise _unsafe(self._directory)


class _LentFolder(_Folder):
    """A supervisor's folder: file names may have a prefix, and root may own the files.

    A group may read, because that is how an access list for this one process shows in the mode.
    """

    def _path(self, name: SecretName, suffix: str = KEY) -> Path:
        found = sorted(self._directory.glob(f"*{name.label}{suffix}"))
        return found[0] if found else super()._path(name, suffix)

    def _require_safe(self, found: os.stat_result, right_kind: Callable[[int], bool]) -> None:
        if not right_kind(found.st_mode):
            raise _unsafe(self._directory)
        if _POSIX and (found.st_mode & _LENT_TOO_WIDE or found.st_uid not in (0, os.geteuid())):
            raise _unsafe(self._directory)


def _flags(*names: str) -> int:
    """Join the open flags that this system has."""
    joined = 0
    for name in names:
        joined |= getattr(os, name, 0)
    return joined


@contextlib.contextmanager
def _file_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise key_missing() from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise _unsafe(folder) from None
        raise _unusable(folder) from None


def _unusable(folder: Path) -> AssignError:
    return IdentityUnavailable("key_file_unusable", folder=str(folder))


def _unsafe(folder: Path) -> AssignError:
    return IdentityUnavailable("key_file_unsafe", folder=str(folder))
