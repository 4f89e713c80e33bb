"""A copy of the vault, locked by a passphrase, with the day after which it should be gone.

With it, a brief that was deleted since can be opened again by who has a copy of the store too. So
it is a file of its own, and its day is noted beside the store: the next backup warns once that is
past.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.cli.session.backups import Passphrase
from assigncli.crypto.locked_file import lock_content, unlock_content
from assigncli.errors import AssignError, InvalidInput, NotFound, StoreUnavailable
from assigncli.private_files import read, replace
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Body, Id, Moment, Value
from assigncli.server.store import backup_file
from assigncli.server.vault.vault import Vault

_MAGIC: Final = b"assigncli shares"
_LENGTH: Final = struct.Struct(">I")
_SHARE: Final = struct.Struct("16s32s")
NOTES_SUFFIX: Final = ".vault-copies"
_FIRST: Final = len(_MAGIC) + _LENGTH.size


@dataclass(frozen=True)
class VaultCopy(Body):
    """What a copy says without its passphrase; `until` is the last day on which to keep it."""

    store: Id
    at: Moment
    until: Value


@dataclass(frozen=True)
class NotedCopy:
    """Where a copy of the vault was written, and until which day it should be kept."""

    path: Path
    until: date


def copy_vault(
    vault: Path, store: Path, store_id: UUID, at: datetime, target: Path, until: date, key: bytes
) -> int:
    """Write a copy of the vault to `target`, and note it; return how many shares it has.

    `at` is aware UTC, `key` the passphrase. Raises as `backup_file.writing` and `Vault.open`.
    """
    shares = b"".join(_SHARE.pack(id_.bytes, share) for id_, share in Vault.open(vault).copied())
    header = VaultCopy(store_id, at, until.isoformat()).encode()
    known = _MAGIC + _LENGTH.pack(len(header)) + header
    with backup_file.writing(target) as unnamed:
        backup_file.write_content(unnamed, known + lock_content(shares, key, known))
        _note(store, NotedCopy(target, until))
    return len(shares) // _SHARE.size


def put_vault_back(
    copy: Path, passphrase: Passphrase, store_id: UUID, vault: Vault, live: Collection[UUID]
) -> int:
    """Put the shares of these live keys back from a copy; return how many.

    A key that the vault itself has deleted is left alone. Raises NotFound `backup_missing`,
    InvalidInput `backup_damaged`, `vault_copy_of_another`, IdentityUnavailable `passphrase_wrong`.
    """
    content = _content(copy)
    try:
        (length,) = _LENGTH.unpack_from(content, len(_MAGIC))
        known = content[: _FIRST + length]
        header = VaultCopy.decode(known[_FIRST:])
    except (struct.error, Malformed):
        raise _damaged(copy) from None
    if header.store != store_id:
        raise InvalidInput("vault_copy_of_another", path=str(copy))
    shares = unlock_content(content[len(known) :], passphrase(), known)
    wanted = set(live)
    return vault.put_back(
        (UUID(bytes=id_), share)
        for id_, share in _SHARE.iter_unpack(shares)
        if UUID(bytes=id_) in wanted
    )


def past(store: Path, today: date) -> list[NotedCopy]:
    """Return the copies of this store's vault that should be gone, and may still be there."""
    return [each for each in _noted(store) if each.until < today and each.path.exists()]


def _content(copy: Path) -> bytes:
    try:
        content = copy.read_bytes()
    except FileNotFoundError:
        raise NotFound("backup_missing", path=str(copy)) from None
    except OSError:
        raise StoreUnavailable("backup_unreadable", path=str(copy)) from None
    if not content.startswith(_MAGIC):
        raise _damaged(copy)
    return content


def _note(store: Path, made: NotedCopy) -> None:
    kept = [*_noted(store), made]
    told = [{"path": str(each.path), "until": each.until.isoformat()} for each in kept]
    replace(_notes(store), json.dumps(told, indent=2).encode() + b"\n")


def _noted(store: Path) -> Iterator[NotedCopy]:
    with suppress(AssignError, ValueError, TypeError, KeyError):
        for each in json.loads(read(_notes(store)) or b"[]"):
            yield NotedCopy(Path(each["path"]), date.fromisoformat(each["until"]))


def _notes(store: Path) -> Path:
    return store.with_name(store.name + NOTES_SUFFIX)


def _damaged(copy: Path) -> InvalidInput:
    return InvalidInput("backup_damaged", path=str(copy))
