"""The assignments' key shares: the one door to a payload.

A store of its own, kept out of ordinary backups. Nothing opens without the 32 bytes kept here, so
deleting them ends every copy of the ciphertext. `release` asks `domain.access` again, whatever its
caller has asked before, and wants the receipt of a committed audit entry. It holds no payload, no
secret half and no metadata beyond the key's id, and it never decides who is who.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli import ballast, disk_error
from assigncli.domain.access import AuditReceipt, ReadRequest, require_readable, require_receipt
from assigncli.errors import StoreUnavailable, VaultUnavailable
from assigncli.locale import _
from assigncli.permissions import create_file, make_folder, require_private
from assigncli.vault_file import APPLICATION_ID, FILL, VERSION, require_readable_file
from assigncli.vault_refusals import explained, not_ours, other_share, out_of_reach, share_missing

SHARE_BYTES: Final = 32
BUSY_SECONDS: Final = 30.0
_FULL: Final = "disk_full"

_SHARE: Final = "SELECT share FROM shares WHERE key_id = ?"
_MARK_LABEL: Final = b"assigncli/share-mark/v1\0"
_MARK_PREFIX: Final = 4
# The journal of so few deletions always fits into the room that the ballast gives back.
_PIECE: Final = 32


def share_mark(key_id: UUID, share: bytes) -> bytes:
    """Return 36 bytes to find a share by: its first four, then SHA-256(label || key_id || share).

    The four are what makes finding residue in a large file possible in reasonable time. They do no
    harm: a mark is kept once its share is revoked, and 224 unknown bits remain. The hash is salted
    with the key's id, so that marks of two stores cannot be compared.
    """
    digest = hashlib.sha256(_MARK_LABEL + key_id.bytes + share).digest()
    return share[:_MARK_PREFIX] + digest


class Vault:
    """An open vault file. Every method is one transaction of its own."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Take the file as it is; use `create` or `open`."""
        self.path = path
        self._busy_seconds = busy_seconds

    @classmethod
    def create(cls, path: Path) -> Vault:
        """Make a new vault, or go on with one in which no share was ever put.

        Such a one is left where the making of a store was cut short. Raises as `require_free`.
        """
        make_folder(path.parent)
        cls.require_free(path)
        vault = cls(path)
        try:
            with suppress(FileExistsError):
                create_file(path)
        except OSError:
            raise out_of_reach() from None
        if vault._is_empty():
            with vault._connection() as connection:
                connection.executescript(FILL)
        vault.keep_ballast()
        return vault

    @classmethod
    def require_free(cls, path: Path) -> None:
        """Refuse a file that is there and was used: StoreUnavailable `vault_exists` or why not."""
        require_readable_file(path)
        require_private(path)
        if not path.exists() or cls(path)._is_empty():
            return
        if cls.open(path).unchecked(every=True)[0]:
            raise VaultUnavailable(
                _("There is already a file where the vault should be."),
                _("Choose another place for the store."),
                code="vault_exists",
            )

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Vault:
        """Open an existing vault.

        Raises StoreUnavailable `vault_missing`, `vault_not_ours`, `store_unsafe`.
        """
        require_readable_file(path)
        if not path.is_file():
            raise VaultUnavailable(
                _("The vault of this store is missing, so no brief can be opened."),
                _("Put the vault file back beside the store, or ask your operator."),
                code="vault_missing",
            )
        require_private(path)
        vault = cls(path, busy_seconds=busy_seconds)
        with vault._connection() as connection:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        if (application_id, version) != (APPLICATION_ID, VERSION):
            raise not_ours()
        return vault

    def put(self, key_id: UUID, share: bytes) -> None:
        """Keep one new share; done before the assignment's row is written."""
        self.put_all([(key_id, share)])

    def put_all(self, shares: Iterable[tuple[UUID, bytes]]) -> None:
        """Keep several new shares in one transaction."""
        rows = [(key_id.bytes, share) for key_id, share in shares]
        with self._connection() as connection, _transaction(connection):
            connection.executemany("INSERT INTO shares (key_id, share) VALUES (?, ?)", rows)

    def vouches(self, key_id: UUID, is_committed: Callable[[bytes], bool], *, number: int) -> None:
        """Check that the share kept for assignment `number` is the one that was committed to.

        Done before an access is recorded, so that a share put in another's place is found without
        marking anything as read. Raises as `release`, or Tampered `share_mismatch`.
        """
        if not is_committed(self._share(key_id, number)):
            raise other_share(number)

    def unvouched(self, checks: Mapping[UUID, Callable[[bytes], bool]]) -> dict[UUID, bool]:
        """Return the keys whose share is missing (False) or is not the one committed to (True)."""
        found: dict[UUID, bool] = {}
        with self._connection() as connection:
            connection.execute("BEGIN")
            for key_id, is_committed in checks.items():
                row = connection.execute(_SHARE, (key_id.bytes,)).fetchone()
                if row is None or not is_committed(bytes(row[0])):
                    found[key_id] = row is not None
        return found

    def release(self, key_id: UUID, request: ReadRequest, receipt: AuditReceipt) -> bytes:
        """Hand out the share, if every rule allows it and the access is on record.

        Raises what `domain.access.require_readable` raises, RuleRefused `audit_all_access`, or
        StoreUnavailable `share_missing` once the share is deleted.
        """
        require_readable(request)
        require_receipt(request, receipt)
        return self._share(key_id, request.number)

    def holds(self, key_id: UUID) -> bool:
        """Say whether a share is kept for `key_id`."""
        return bool(self.marks([key_id]))

    def marks(self, key_ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Return the `share_mark` of each of these shares that is held."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            found = (
                (key_id, connection.execute(_SHARE, (key_id.bytes,)).fetchone())
                for key_id in key_ids
            )
            return {key_id: share_mark(key_id, row[0]) for key_id, row in found if row is not None}

    def revoke(self, key_ids: Iterable[UUID], *, compact: bool = True) -> set[UUID]:
        """Delete shares for good; return those that were there.

        One transaction, or on a full disk several small ones in the room that the ballast gives
        back: those that were done stay done where a later one fails. Then the file is rebuilt, if
        there is room, so that no trace is left in it; `compact=False` leaves that to the caller.
        """
        keys = list(dict.fromkeys(key_ids))
        try:
            gone = self._delete(keys)
        except StoreUnavailable as error:
            if error.code != _FULL:
                raise
            self.free_ballast()
            pieces = (keys[at : at + _PIECE] for at in range(0, len(keys), _PIECE))
            gone = {key_id for piece in pieces for key_id in self._delete(piece)}
        if compact:
            self._compact_if_room()
        return gone

    def compact(self) -> None:
        """Rebuild the file; needs as much room as the file takes. Raises `disk_full` and others."""
        with self._connection() as connection:
            connection.execute("VACUUM")

    def unchecked(self, *, every: bool = False) -> tuple[int, list[UUID]]:
        """Return the highest row id ever given, and the key ids above the watermark, or `every`."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            (highest,) = connection.execute(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'shares'"
            ).fetchone()
            rows = connection.execute(
                "SELECT key_id FROM shares WHERE id > (SELECT checked_id * ? FROM watermark)"
                " ORDER BY id",
                (not every,),
            ).fetchall()
        return int(highest), [UUID(bytes=key_id) for (key_id,) in rows]

    def mark_checked(self, row_id: int) -> None:
        """Raise the watermark to `row_id`; it is never lowered."""
        with self._connection() as connection, _transaction(connection):
            connection.execute(
                "UPDATE watermark SET checked_id = ?1 WHERE checked_id < ?1", (row_id,)
            )

    def keep_ballast(self) -> bool:
        """Make the ballast where there is room for it; say whether it is in place."""
        return ballast.keep(ballast.beside(self.path))

    def free_ballast(self) -> bool:
        """Delete the ballast, so that its room can be used; say whether there was one."""
        return ballast.free(ballast.beside(self.path))

    def check(self) -> bool:
        """Say whether SQLite finds the file whole."""
        with self._connection() as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        return bool(verdict == "ok")

    def _is_empty(self) -> bool:
        """Say whether nothing was written yet; what was half written is undone first."""
        with self._connection() as connection:
            connection.execute("SELECT 1 FROM sqlite_master")
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
        return bool(pages == 0)

    def _delete(self, key_ids: list[UUID]) -> set[UUID]:
        delete = "DELETE FROM shares WHERE key_id = ?"
        gone: set[UUID] = set()
        try:
            with self._connection() as connection, _transaction(connection):
                gone.update(k for k in key_ids if connection.execute(delete, (k.bytes,)).rowcount)
        except StoreUnavailable:
            if not gone or self.marks(gone):  # a failed COMMIT may have deleted them: look again
                raise
            disk_error.report()
        return gone

    def _compact_if_room(self) -> None:
        """Rebuild the file; where there is no room, what is deleted is overwritten all the same."""
        for _attempt in range(2):
            try:
                self.compact()
            except StoreUnavailable as error:
                if error.code != _FULL:
                    raise
                if not self.free_ballast():
                    return
            else:
                return

    def _share(self, key_id: UUID, number: int) -> bytes:
        with self._connection() as connection:
            found = connection.execute(_SHARE, (key_id.bytes,)).fetchone()
        if found is None:
            raise share_missing(number)
        return bytes(found[0])

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(
                sqlite3.connect(
                    f"{self.path.absolute().as_uri()}?mode=rw",
                    uri=True,
                    timeout=self._busy_seconds,
                    isolation_level=None,
                )
            ) as connection:
                connection.execute("PRAGMA journal_mode=TRUNCATE")
                for setting in ("synchronous=EXTRA", "secure_delete=ON", "trusted_schema=OFF"):
                    connection.execute(f"PRAGMA {setting}")
                connection.execute("PRAGMA temp_store=MEMORY")
                yield connection
        except sqlite3.Error as error:
            raise explained(error, self.path.parent) from None


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk has already rolled back by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
