"""The assignments' key shares: the one door to a payload.

A store of its own, kept out of ordinary backups. Nothing opens without the 32 bytes kept here, so
deleting them ends every copy of the ciphertext. `release` asks `domain.access` again, whatever its
caller has asked before, and wants the receipt of a committed audit entry. It holds no payload, no
secret half and no metadata beyond the key's id, and it never decides who is who.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.domain.access import AuditReceipt, ReadRequest, require_readable, require_receipt
from assigncli.errors import AssignError, StoreUnavailable, Tampered
from assigncli.locale import _
from assigncli.permissions import create_file, make_folder, require_private

APPLICATION_ID: Final = int.from_bytes(b"ASGV")
VERSION: Final = 1
SHARE_BYTES: Final = 32
BUSY_SECONDS: Final = 30.0
SHARE_MISSING: Final = "share_missing"
"""The code of the refusal of a share that is deleted."""

# Narrow rows of one size, and an index that holds ids only: measured, no deleted share could be
# found in the file afterwards; a wide or text-keyed table left some behind.
_SCHEMA: Final = """
CREATE TABLE shares (
  id INTEGER PRIMARY KEY,
  key_id BLOB NOT NULL CHECK (length(key_id) = 16),
  share BLOB NOT NULL CHECK (typeof(share) = 'blob' AND length(share) = 32)
);
CREATE UNIQUE INDEX shares_key_id ON shares (key_id);
CREATE TRIGGER shares_append_only BEFORE UPDATE ON shares
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
"""


class Vault:
    """An open vault file. Every method is one transaction of its own."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Take the file as it is; use `create` or `open`."""
        self.path = path
        self._busy_seconds = busy_seconds

    @classmethod
    def create(cls, path: Path) -> Vault:
        """Make a new, empty vault; raises StoreUnavailable `vault_exists` where there is one."""
        make_folder(path.parent)
        try:
            create_file(path)
        except FileExistsError:
            raise StoreUnavailable(
                _("There is already a file where the vault should be."),
                _("Choose another place for the store."),
                code="vault_exists",
            ) from None
        except OSError:
            raise _out_of_reach() from None
        vault = cls(path)
        with vault._connection() as connection:
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        return vault

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Vault:
        """Open an existing vault.

        Raises StoreUnavailable `vault_missing`, `vault_not_ours`, `store_unsafe`.
        """
        if not path.is_file():
            raise StoreUnavailable(
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
            raise _not_ours()
        return vault

    def put(self, key_id: UUID, share: bytes) -> None:
        """Keep one new share; done before the assignment's row is written."""
        self.put_all([(key_id, share)])

    def put_all(self, shares: Iterable[tuple[UUID, bytes]]) -> None:
        """Keep several new shares in one transaction."""
        rows = [(key_id.bytes, share) for key_id, share in shares]
        with self._connection() as connection, _transaction(connection):
            connection.executemany("INSERT INTO shares (key_id, share) VALUES (?, ?)", rows)

    def vouches(self, key_id: UUID, is_committed: Callable[[bytes], bool]) -> None:
        """Check that the share kept for `key_id` is the one that was committed to.

        Done before an access is recorded, so that a share put in another's place is found without
        marking anything as read. Raises as `release`, or Tampered `share_mismatch`.
        """
        if not is_committed(self._share(key_id)):
            raise Tampered(
                _("The vault holds another key for this assignment, so it cannot be opened."),
                _("Tell your administrator: the vault has been changed."),
                code="share_mismatch",
            )

    def release(self, key_id: UUID, request: ReadRequest, receipt: AuditReceipt) -> bytes:
        """Hand out the share, if every rule allows it and the access is on record.

        Raises what `domain.access.require_readable` raises, RuleRefused `audit_all_access`, or
        StoreUnavailable `share_missing` once the share is deleted.
        """
        require_readable(request)
        require_receipt(request, receipt)
        return self._share(key_id)

    def holds(self, key_id: UUID) -> bool:
        """Say whether a share is kept for `key_id`."""
        with self._connection() as connection:
            found = connection.execute(
                "SELECT 1 FROM shares WHERE key_id = ?", (key_id.bytes,)
            ).fetchone()
        return found is not None

    def revoke(self, key_ids: Iterable[UUID]) -> None:
        """Delete shares for good, then rebuild the file so that no trace of them is left in it."""
        rows = [(key_id.bytes,) for key_id in key_ids]
        with self._connection() as connection:
            with _transaction(connection):
                connection.executemany("DELETE FROM shares WHERE key_id = ?", rows)
            connection.execute("VACUUM")

    def check(self) -> bool:
        """Say whether SQLite finds the file whole."""
        with self._connection() as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        return bool(verdict == "ok")

    def _share(self, key_id: UUID) -> bytes:
        with self._connection() as connection:
            found = connection.execute(
                "SELECT share FROM shares WHERE key_id = ?", (key_id.bytes,)
            ).fetchone()
        if found is None:
            raise StoreUnavailable(
                _("The key of this assignment has been deleted, so its brief cannot be read."),
                _("Ask your coordinator for a new assignment."),
                code=SHARE_MISSING,
            )
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
                for pragma in (
                    "journal_mode=TRUNCATE",
                    "synchronous=EXTRA",
                    "secure_delete=ON",
                    "trusted_schema=OFF",
                    "temp_store=MEMORY",
                ):
                    connection.execute(f"PRAGMA {pragma}")
                yield connection
        except sqlite3.Error as error:
            raise _explained(error) from None


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


def _explained(error: sqlite3.Error) -> AssignError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreUnavailable(
            _("The vault is busy: another program has held it for too long."),
            _("Try again in a minute."),
            code="store_busy",
        )
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return _not_ours()
    if name.startswith("SQLITE_FULL"):
        return StoreUnavailable(
            _("The disk is full, so the vault could not be changed."),
            _("Free some room, then try again."),
            code="disk_full",
        )
    if name.startswith("SQLITE_READONLY"):
        return StoreUnavailable(
            _("The vault may only be read here, so nothing was changed."),
            _("Check the permissions of the vault file and its folder."),
            code="store_read_only",
        )
    return _out_of_reach()


def _not_ours() -> StoreUnavailable:
    return StoreUnavailable(
        _("The vault file is damaged, or not a vault of this tool."),
        _("Check which file the profile names, or restore the vault."),
        code="vault_not_ours",
    )


def _out_of_reach() -> StoreUnavailable:
    return StoreUnavailable(
        _("The vault cannot be reached."),
        _("Check that its disk or network share is connected, and try again."),
        code="vault_out_of_reach",
    )
