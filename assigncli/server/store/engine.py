"""Open the store, check that it is ours, and begin and end every transaction on it.

`with store.read() as tx` and `with store.write() as tx` are the only ways in. Opening checks the
file and never creates or repairs one; it does not import Alembic, as `create` and `upgrade` do.
"""

from __future__ import annotations

import os
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache
from sqlmodel import Session

from assigncli import disk_error
from assigncli.errors import InvalidInput, StoreUnavailable
from assigncli.private_files import require_private
from assigncli.server.store import commit_outcome
from assigncli.server.store.file_place import make_file, not_ours, remove_files, require_file
from assigncli.server.store.guard_refusals import column_unreadable, outcome_unknown, refusal
from assigncli.server.store.move_note import require_here
from assigncli.server.store.schema import HEAD, is_known
from assigncli.server.store.served import require_unserved

APPLICATION_ID: Final = int.from_bytes(b"ASGN", "big")
BUSY_SECONDS: Final = 30.0

_PRAGMAS: Final = (
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "secure_delete = ON",
    "synchronous = EXTRA",
    "journal_mode = TRUNCATE",
)
_WRITES: Final = "assigncli_writes"

# Statements are compiled once per process, for all stores.
_COMPILED: Final = LRUCache[Any, Any](500)


class _Dialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's SQLite dialect; all instances are equal, so compiled statements are shared."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Dialect)

    def __hash__(self) -> int:
        return hash(_Dialect)


registry.register("sqlite.assigncli", __name__, "_Dialect")


_VERSION: Final = "SELECT version_num FROM alembic_version"


class Store:
    """An open store. One transaction at a time, from one thread."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Take the file unchecked; use `create`, `open` or `inspect` instead."""
        self.path = path
        self._busy_seconds = busy_seconds
        self._in_transaction = False
        self._file: tuple[int, int] | None = None
        self.has_saved = False
        """Whether a transaction of this object has changed the file."""
        # One connection for the life of the store: opening one runs the pragmas and reads the
        # schema with its triggers again, which costs about as much as a small transaction.
        engine = create_engine(
            "sqlite+assigncli://", creator=self._connect, poolclass=StaticPool, hide_parameters=True
        )
        event.listen(engine, "begin", _begin)
        self._reader = engine.execution_options(compiled_cache=_COMPILED)
        self._writer = self._reader.execution_options(**{_WRITES: True})

    @classmethod
    def create(cls, path: Path, *, now: datetime, busy_seconds: float = BUSY_SECONDS) -> Store:
        """Create a new store at `path`, its file 0600 in a folder 0700; `now` is aware UTC.

        An empty file is filled, because an interrupted creation leaves one. Raises StoreUnavailable
        `store_exists`, `store_unsafe`, `store_unreachable`, `disk_full`.
        """
        is_new = make_file(path)
        store = cls(path, busy_seconds=busy_seconds)
        try:
            store._fill(now)
        except BaseException:
            store.close()
            if is_new:
                remove_files(path)
            raise
        return store

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Store:
        """Open the store at `path`, which must exist, be ours, private and of this version.

        Raises StoreUnavailable `store_missing`, `store_not_ours`, `store_unsafe`, `store_newer`,
        `store_older`, `store_busy`, `store_read_only`, `store_damaged`, `store_served`.
        """
        require_unserved(path)
        store = cls.inspect(path, busy_seconds=busy_seconds)
        try:
            require_private(path.resolve())
            require_current(store.schema_version())
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def inspect(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Store:
        """Open a store without checking its version or permissions, to check or upgrade it.

        Raises StoreUnavailable `store_missing`, `store_moved`, `store_moving`, `store_not_ours`,
        `store_busy` and others.
        """
        require_here(path)
        require_file(path)
        store = cls(path, busy_seconds=busy_seconds)
        try:
            store._require_ours()
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Read one consistent state; the database refuses a write inside."""
        with self._transaction(writes=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Write exclusively: wait for the lock, commit at the end, roll back on any exception.

        Where COMMIT fails but everything was saved, that is reported to `disk_error` and the block
        ends normally. Raises RuleRefused where a guard refuses, StoreUnavailable `store_busy`,
        `store_read_only`, `disk_full`, `store_io` where nothing of it is saved, and OutcomeUnknown
        `store_outcome_unknown` where it cannot be found out.
        """
        with self._transaction(writes=True) as session:
            yield session

    def schema_version(self) -> str:
        """Return the file's schema revision, empty where it has none."""
        with self.read() as session:
            try:
                row = session.connection().exec_driver_sql(_VERSION)
            except OperationalError as error:
                if "no such table" not in str(error.orig):
                    raise
                return ""
            return str(row.scalar() or "")

    def upgrade(self) -> str:
        """Bring the file to this program's schema, in one transaction; return the revision.

        Raises StoreUnavailable `store_newer` for a file of a later program, `store_served`.
        """
        require_unserved(self.path)
        if not is_known(self.schema_version()):
            raise _newer()
        from assigncli.server.store.migrations import run

        with self.write() as session:
            run.upgrade(session.connection())
        return self.schema_version()

    def close(self) -> None:
        """Close the file; a later transaction would open it again."""
        self._reader.dispose()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Session]:
        if self._in_transaction:
            raise RuntimeError("transactions of one store do not nest")
        self._in_transaction = True
        engine = self._writer if writes else self._reader
        mark: commit_outcome.Mark | None = None
        try:
            with Session(engine, autoflush=False, expire_on_commit=False) as session:
                before = commit_outcome.changes(session.connection())
                if writes and self._is_replaced():
                    raise StoreUnavailable("store_replaced")
                yield session
                session.flush()
                if writes and commit_outcome.changes(session.connection()) > before:
                    mark = commit_outcome.leave_mark(session.connection())
                session.commit()
            self.has_saved |= mark is not None
        except (DBAPIError, sqlite3.Error) as error:
            self._settle(error, mark)
        except KeyboardInterrupt:
            # Interrupted at its COMMIT: look up whether it was saved.
            if mark is not None:
                self.close()
                self.has_saved |= commit_outcome.was_saved(mark, self._connect)
            raise
        except OverflowError:
            raise InvalidInput("number_too_large") from None
        except (ValueError, TypeError) as error:
            if not _is_of_a_column(error):
                raise
            raise column_unreadable() from None
        finally:
            self._in_transaction = False

    def _is_replaced(self) -> bool:
        """Say whether a restore has put another file in the place of the one that is open.

        It holds the old file's lock while it does that; so a writer who has the lock knows.
        """
        try:
            facts = os.stat(self.path)
        except OSError:
            return True
        return (facts.st_dev, facts.st_ino) != self._file

    def _settle(self, error: DBAPIError | sqlite3.Error, mark: commit_outcome.Mark | None) -> None:
        """Raise our error for the driver's, or return where everything was saved all the same.

        Without a mark the transaction never got as far as its COMMIT.
        """
        ours = refusal(error, after_another=self.has_saved)
        if isinstance(ours, StoreUnavailable):
            self.close()  # it may still hold a lock, or a transaction that could not be rolled back
        if mark is None:
            raise ours from None
        became = commit_outcome.after_failed_commit(error, mark, self._connect)
        if became is commit_outcome.CommitOutcome.UNKNOWN:
            raise outcome_unknown(after_another=self.has_saved) from None
        if became is commit_outcome.CommitOutcome.NOT_SAVED:
            raise ours from None
        self.has_saved = True
        disk_error.report()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
        )
        try:
            facts = os.stat(self.path)
            self._file = facts.st_dev, facts.st_ino
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _require_ours(self) -> None:
        with self.read() as session:
            ours = _is_ours(session)
        if not ours:
            raise not_ours()

    def _fill(self, now: datetime) -> None:
        from assigncli.server.store.migrations import run
        from assigncli.server.store.tables import StoreInfo

        with self.write() as session:
            if _is_ours(session):  # another process has filled it while we waited for the lock
                return
            run.upgrade(session.connection())
            session.connection().exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            session.add(StoreInfo(store_id=uuid4(), created_at=now))


def _is_ours(session: Session) -> bool:
    found = session.connection().exec_driver_sql("PRAGMA application_id").scalar()
    return bool(found == APPLICATION_ID)


def require_current(revision: str) -> None:
    """Refuse a schema that is not this program's.

    Raises StoreUnavailable `store_older`, `store_newer`, or `store_damaged` where there is none.
    """
    if revision == HEAD:
        return
    if not revision:
        raise StoreUnavailable("store_damaged", "without_version")
    if not is_known(revision):
        raise _newer()
    raise StoreUnavailable("store_older")


def _begin(connection: Connection) -> None:
    """Issue BEGIN ourselves: the driver's own comes too late for a consistent read."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _newer() -> StoreUnavailable:
    return StoreUnavailable("store_newer")


def _is_of_a_column(error: BaseException) -> bool:
    """Say whether the error came from reading a value of a row; any other is a program error."""
    frames = traceback.extract_tb(error.__traceback__)
    return any("sqlalchemy" in Path(frame.filename).parts for frame in frames)
