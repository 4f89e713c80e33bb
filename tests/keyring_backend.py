"""A key store for tests: a keyring backend that keeps its entries in one JSON file.

It is a test double, never a place for real keys: it protects nothing beyond the file's mode. It
passes keyring's own contract suite (see `unit/client/test_keys.py`), so that code which works with
it works with a real backend. Use it with `PYTHON_KEYRING_BACKEND=tests.keyring_backend.FileKeyring`
and `ASSIGN_TEST_KEYRING` naming the file; several processes may use one file at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.compat import properties
from keyring.errors import InitError, PasswordDeleteError

VARIABLE = "ASSIGN_TEST_KEYRING"

Entries = dict[str, dict[str, str]]


class FileKeyring(KeyringBackend):
    """Passwords by service and user name, in the file that the environment names."""

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805 - a class's own property
        """Say that it is recommended, where the environment names a file for it."""
        if not os.environ.get(VARIABLE):
            raise RuntimeError(f"{VARIABLE} names no file")
        return 1

    def get_password(self, service: str, username: str) -> str | None:
        with _locked() as path:
            return _read(path).get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        with _locked() as path:
            entries = _read(path)
            entries.setdefault(service, {})[username] = password
            _write(path, entries)

    def delete_password(self, service: str, username: str) -> None:
        with _locked() as path:
            entries = _read(path)
            if username not in entries.get(service, {}):
                raise PasswordDeleteError("no such password")
            del entries[service][username]
            _write(path, entries)


@contextlib.contextmanager
def _locked() -> Iterator[Path]:
    named = os.environ.get(VARIABLE)
    if not named:
        raise InitError(f"{VARIABLE} names no file")
    path = Path(named)
    beside = path.with_name(path.name + ".lock")
    with open(os.open(beside, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as lock:
        _wait_for(lock.fileno())
        yield path


if sys.platform == "win32":
    import msvcrt

    def _wait_for(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _wait_for(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)


def _read(path: Path) -> Entries:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    entries: Entries = json.loads(text)
    return entries


def _write(path: Path, entries: Entries) -> None:
    fresh = path.with_name(path.name + ".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with open(os.open(fresh, flags, 0o600), "w", encoding="utf-8") as file:
        json.dump(entries, file)
    os.replace(fresh, path)
