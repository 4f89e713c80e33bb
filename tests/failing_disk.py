"""A disk that fails once: SQLite's own file system layer, with a fault put into one of its calls.

The vault is no file of SQLite: its own two calls, to write and to sync, are counted the same way.

SQLite calls the system through a VFS. `Disk` registers a copy of the usual one as the default, in
which every write, sync, truncation and opening of a journal is counted, and one of them, or all
from one on, is refused as the system would refuse it. What SQLite then does is SQLite's own doing.
It needs Python to use a shared SQLite library; elsewhere `available` says no.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from assigncli.server.vault import slot_file

OK: Final = 0
MAIN_JOURNAL: Final = 0x800
REFUSALS: Final = {
    "write": 13,  # SQLITE_FULL, as for ENOSPC
    "write_io": 10 | 3 << 8,  # SQLITE_IOERR_WRITE
    "sync": 10 | 4 << 8,  # SQLITE_IOERR_FSYNC, whatever the system's reason
    "truncate": 10 | 6 << 8,  # SQLITE_IOERR_TRUNCATE
    "open": 14,  # SQLITE_CANTOPEN
    "delete": 10 | 10 << 8,  # SQLITE_IOERR_DELETE
}

_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
_OPEN = ctypes.CFUNCTYPE(_I, _P, _P, _P, _I, _P)
_DELETE = ctypes.CFUNCTYPE(_I, _P, _P, _I)
_WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _L)
_TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _L)
_SYNC = ctypes.CFUNCTYPE(_I, _P, _I)


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, as far as its third version goes."""

    _fields_ = [
        ("iVersion", _I),
        *((name, _P) for name in ("xClose", "xRead", "xWrite", "xTruncate", "xSync")),
        *((f"other{number}", _P) for number in range(13)),
    ]


class _File(ctypes.Structure):
    """The head of every `sqlite3_file`."""

    _fields_ = [("pMethods", ctypes.POINTER(_Methods))]


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, its third version."""

    _fields_ = [
        ("iVersion", _I),
        ("szOsFile", _I),
        ("mxPathname", _I),
        ("pNext", _P),
        ("zName", ctypes.c_char_p),
        ("pAppData", _P),
        ("xOpen", _P),
        ("xDelete", _P),
        *((f"other{number}", _P) for number in range(14)),
    ]


def _library() -> Any:
    """Return the SQLite that this Python uses, or None where it is not a library of its own."""
    name = ctypes.util.find_library("sqlite3")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    library.sqlite3_libversion.restype = ctypes.c_char_p
    if library.sqlite3_libversion().decode() != sqlite3.sqlite_version:
        return None
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    return library


@dataclass(frozen=True)
class Point:
    """One call that may fail: its number, which call it is, and of which file."""

    number: int
    call: str
    file: str


@dataclass
class Disk:
    """Counts the calls, and refuses number `fatal`, with `lasting` all behind it, too."""

    fatal: int = 0
    lasting: bool = False
    full: bool = True
    points: list[Point] = field(default_factory=list)

    def refusal(self, call: str, path: str) -> int:
        """Count a call and return SQLite's code of what became of it."""
        number = len(self.points) + 1
        self.points.append(Point(number, call, _file(path)))
        if not self.fatal or number < self.fatal or (number > self.fatal and not self.lasting):
            return OK
        return REFUSALS["write" if self.full else "write_io"] if call == "write" else REFUSALS[call]


def _file(path: str) -> str:
    name = Path(path).name
    file = "vault" if ".vault" in name else "store"
    return f"{file} journal" if name.endswith("-journal") else file


class _Shim:
    """The VFS itself, registered once for the process; `disk` is None while nothing is asked."""

    def __init__(self, library: Any) -> None:
        self.library, self.disk = library, None
        self.usual = library.sqlite3_vfs_find(None)
        self.vfs = _Vfs()
        ctypes.memmove(ctypes.byref(self.vfs), self.usual, ctypes.sizeof(_Vfs))
        self.vfs.zName = b"failing"
        self._open = _OPEN(self.usual.contents.xOpen)
        self._delete = _DELETE(self.usual.contents.xDelete)
        self._kept = [_OPEN(self.open), _DELETE(self.delete)]
        self.vfs.xOpen, self.vfs.xDelete = (ctypes.cast(each, _P).value for each in self._kept)
        self._paths: dict[int, str] = {}
        self._methods: dict[int, _Methods] = {}

    def refusal(self, call: str, path: str) -> int:
        return OK if self.disk is None else self.disk.refusal(call, path)

    def open(self, vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = "" if name is None else ctypes.string_at(name).decode()
        if flags & MAIN_JOURNAL and (refused := self.refusal("open", path)):
            ctypes.cast(file, ctypes.POINTER(_P))[0] = None
            return refused
        result = int(self._open(vfs, name, file, flags, out))
        if result == OK and path:
            head = ctypes.cast(file, ctypes.POINTER(_File)).contents
            self._paths[file] = path
            head.pMethods = ctypes.pointer(self._ours(head.pMethods))
        return result

    def delete(self, vfs: int, name: int, sync: int) -> int:
        path = ctypes.string_at(name).decode()
        return self.refusal("delete", path) or int(self._delete(vfs, name, sync))

    def _ours(self, usual: Any) -> _Methods:
        """Return a copy of a table of methods with ours in three places."""
        address = ctypes.addressof(usual.contents)
        if address not in self._methods:
            copy = _Methods()
            ctypes.memmove(ctypes.byref(copy), usual, ctypes.sizeof(_Methods))
            write, truncate, sync = (
                _WRITE(copy.xWrite),
                _TRUNCATE(copy.xTruncate),
                _SYNC(copy.xSync),
            )

            def ours_write(file: int, data: int, size: int, at: int) -> int:
                return self.refusal("write", self._paths[file]) or write(file, data, size, at)

            def ours_truncate(file: int, size: int) -> int:
                return self.refusal("truncate", self._paths[file]) or truncate(file, size)

            def ours_sync(file: int, flags: int) -> int:
                return self.refusal("sync", self._paths[file]) or sync(file, flags)

            kept = [_WRITE(ours_write), _TRUNCATE(ours_truncate), _SYNC(ours_sync)]
            self._kept += kept
            copy.xWrite, copy.xTruncate, copy.xSync = (ctypes.cast(each, _P).value for each in kept)
            self._methods[address] = copy
        return self._methods[address]


_shim: _Shim | None = None


def available() -> bool:
    """Say whether SQLite's own layer can be reached from here."""
    return _library() is not None


def _refusing(disk: Disk, call: str, usual: Callable[..., None]) -> Callable[..., None]:
    """Return one of the vault's calls, refused as `disk` says."""

    def called(*arguments: Any) -> None:
        refusal = disk.refusal(call, "assign.db.vault")
        if refusal != OK:
            raise OSError(errno.ENOSPC if refusal == REFUSALS["write"] else errno.EIO, "no")
        usual(*arguments)

    return called


@contextmanager
def failing(disk: Disk) -> Iterator[Disk]:
    """Let every file of SQLite opened inside the block lie on this disk."""
    global _shim  # noqa: PLW0603 - files that are still open use it until the process ends
    if _shim is None:
        _shim = _Shim(_library())
    _shim.disk = disk
    _shim.library.sqlite3_vfs_register(ctypes.byref(_shim.vfs), 1)
    usual = {"write": slot_file.write_at, "sync": slot_file.sync}
    slot_file.write_at = _refusing(disk, "write", usual["write"])
    slot_file.sync = _refusing(disk, "sync", usual["sync"])
    try:
        yield disk
    finally:
        slot_file.write_at, slot_file.sync = usual["write"], usual["sync"]
        _shim.disk = None
        _shim.library.sqlite3_vfs_register(_shim.usual, 1)
