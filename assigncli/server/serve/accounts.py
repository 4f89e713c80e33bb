"""Which account of this machine may have unsigned questions answered, for which member.

A file of lines beside the store, the socket's counterpart of `authorized_keys`. A line is written
when a device joins, and counts once that device's certificate is in force: who joined and was never
approved reads nothing. The file may be edited while the server runs. Acts need no line, only a
signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli import private_files

SUFFIX: Final = ".accounts"
_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LINE: Final = re.compile(rf"uid=(\d{{1,10}}) member=({_UUID}) key=([0-9a-f]{{64}})", re.ASCII)
_HEADER: Final = (
    "# Accounts from which a device has joined. A line counts while the device's certificate does."
)
_Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class AccountLine:
    """The account (uid) from which a device with this signing key joined as the member."""

    uid: int
    member: UUID
    key: bytes

    def encode(self) -> str:
        """Return the line, without its end."""
        return f"uid={self.uid} member={self.member} key={self.key.hex()}"

    @classmethod
    def decode(cls, text: str) -> AccountLine | None:
        """Read what `encode` wrote; None for anything else."""
        found = _LINE.fullmatch(text.strip())
        if found is None:
            return None
        return cls(int(found[1]), UUID(found[2]), bytes.fromhex(found[3]))


@dataclass(eq=False)
class Accounts:
    """The lines of one store's file. One thread notes, any thread reads.

    `damaged` is called with the number of each line that cannot be read, once for each state of the
    file; such a line is ignored, and kept.
    """

    path: Path
    damaged: Callable[[int], None] = field(repr=False)
    _known: tuple[_Stamp | None, tuple[str, ...], frozenset[AccountLine]] = field(
        default=(None, (), frozenset()), init=False, repr=False
    )

    def keys(self, uid: int, member: UUID) -> frozenset[bytes]:
        """Return the signing keys with which this account joined as this member.

        Raises StoreUnavailable `settings_unreachable`, `store_unsafe`.
        """
        lines = self._read()[1]
        return frozenset(each.key for each in lines if (each.uid, each.member) == (uid, member))

    def uids(self) -> frozenset[int]:
        """Return the accounts that have a line; raises as `keys`."""
        return frozenset(each.uid for each in self._read()[1])

    def note(self, line: AccountLine, *, is_first: bool = False) -> None:
        """Write a line, unless it is there; with `is_first`, unless its key has any line.

        Raises as `keys`.
        """
        texts, lines = self._read()
        if line in lines or (is_first and any(each.key == line.key for each in lines)):
            return
        content = "\n".join([*(texts or (_HEADER,)), line.encode()])
        private_files.replace(self.path, f"{content}\n".encode())

    def _read(self) -> tuple[tuple[str, ...], frozenset[AccountLine]]:
        stamp = _stamp(self.path)
        known, texts, lines = self._known
        if stamp is None:
            return (), frozenset()
        if stamp != known:
            private_files.require_private(self.path)
            content = private_files.read(self.path) or b""
            texts = tuple(content.decode("utf-8", "replace").splitlines())
            lines = frozenset(self._lines(texts))
            self._known = stamp, texts, lines
        return texts, lines

    def _lines(self, texts: tuple[str, ...]) -> Iterator[AccountLine]:
        for number, text in enumerate(texts, start=1):
            if not text.strip() or text.startswith("#"):
                continue
            line = AccountLine.decode(text)
            if line is None:
                self.damaged(number)
            else:
                yield line


def beside(store: Path) -> Path:
    """Return the place of a store's file of accounts."""
    return store.with_name(store.name + SUFFIX)


def _stamp(path: Path) -> _Stamp | None:
    """Return what changes whenever the file does; None if there is none."""
    try:
        facts = private_files.look(path)
    except OSError:
        raise private_files.unreachable(path) from None
    return None if facts is None else (facts.st_ino, facts.st_mtime_ns, facts.st_size)
