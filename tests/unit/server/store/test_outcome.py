"""A COMMIT that fails is not an act that failed: the store is asked, and says which it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.engine.default import DefaultDialect
from sqlmodel import select

from assigncli import disk_error
from assigncli.domain.member_names import name_key
from assigncli.errors import OutcomeUnknown, StoreUnavailable
from assigncli.server.store import commit_outcome
from assigncli.server.store.commit_outcome import CommitOutcome, Mark
from assigncli.server.store.engine import Store
from assigncli.server.store.guard_refusals import refusal
from assigncli.server.store.tables import Organization, StoreInfo
from assigncli.words.errors import said

from .conftest import NOW


def add(store: Store, name: str) -> None:
    with store.write() as tx:
        tx.add(
            Organization(
                id=uuid4(),
                name=name,
                name_salt=bytes(16),
                name_key=name_key(name),
                time_zone="Europe/Oslo",
                root_public_key=bytes(32),
                created_at=NOW,
            )
        )


def names(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.exec(select(Organization.name)))


def recent(store: Store) -> str:
    with store.read() as tx:
        return tx.exec(select(StoreInfo.recent_writes)).one()


def commit_fails(
    monkeypatch: pytest.MonkeyPatch, name: str = "SQLITE_IOERR_FSYNC", *, saved: bool
) -> None:
    """Let the next COMMIT fail, before or after SQLite's own."""

    def do_commit(_dialect: object, connection: sqlite3.Connection) -> None:
        monkeypatch.undo()
        if saved:
            connection.commit()
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = name
        raise error

    monkeypatch.setattr(DefaultDialect, "do_commit", do_commit)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr("assigncli.disk_error.report", lambda: said.append("disk"))
    return said


def test_a_commit_that_fails_behind_its_own_point_has_saved_everything(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    commit_fails(monkeypatch, saved=True)
    with disk_error.listening(lambda: said.append("disk")):
        add(store, "kept")
    assert said == ["disk"]
    assert names(store) == ["kept"]
    add(store, "next")
    assert names(store) == ["kept", "next"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SQLITE_IOERR_FSYNC", "store_io"),
        ("SQLITE_FULL", "disk_full"),
        ("SQLITE_BUSY", "store_busy"),
    ],
)
def test_a_commit_that_fails_before_has_saved_nothing_and_may_be_repeated(
    store: Store, monkeypatch: pytest.MonkeyPatch, reports: list[str], name: str, code: str
) -> None:
    commit_fails(monkeypatch, name, saved=False)
    with pytest.raises(StoreUnavailable) as caught:
        add(store, "lost")
    assert (caught.value.code, caught.value.exit_code) == (code, 7)
    assert (names(store), reports) == ([], [])
    add(store, "again")
    assert names(store) == ["again"]


@pytest.mark.parametrize("saved", [True, False])
def test_a_store_that_cannot_be_asked_leaves_it_unknown(
    store: Store, monkeypatch: pytest.MonkeyPatch, reports: list[str], saved: bool
) -> None:

    def gone(_store: Store) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    add(store, "before")
    connect = Store._connect
    commit_fails(monkeypatch, saved=saved)
    Store._connect = gone  # type: ignore[method-assign]
    try:
        with pytest.raises(OutcomeUnknown) as caught:
            add(store, "which")
    finally:
        Store._connect = connect  # type: ignore[method-assign]
    assert (caught.value.code, caught.value.exit_code) == ("store_outcome_unknown", 1)
    assert reports == []
    assert names(store) == (["before", "which"] if saved else ["before"])


@pytest.mark.parametrize("saved", [True, False])
def test_an_interruption_at_the_commit_knows_what_it_left(
    store: Store, monkeypatch: pytest.MonkeyPatch, saved: bool
) -> None:
    def do_commit(_dialect: object, connection: sqlite3.Connection) -> None:
        monkeypatch.undo()
        if saved:
            connection.commit()
        raise KeyboardInterrupt

    monkeypatch.setattr(DefaultDialect, "do_commit", do_commit)
    with pytest.raises(KeyboardInterrupt):
        add(store, "interrupted")
    assert store.has_saved is saved
    assert names(store) == ["interrupted"] * saved


def test_only_a_transaction_that_changes_something_leaves_a_mark(store: Store) -> None:
    before = recent(store)
    with store.write() as tx:
        tx.exec(select(Organization)).all()
    assert recent(store) == before
    assert not store.has_saved
    add(store, "one")
    assert recent(store)[16:].startswith(before)
    assert store.has_saved


def test_the_marks_stay_few(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_outcome, "_KEPT", 3)
    for at in range(5):
        add(store, str(at))
    assert len(recent(store)) == 3 * 16


@pytest.mark.parametrize(
    ("recent_writes", "expected"),
    [
        ("a" * 16 + "b" * 16, CommitOutcome.SAVED),
        ("c" * 16 + "a" * 16 + "b" * 16, CommitOutcome.SAVED),
        ("b" * 16, CommitOutcome.NOT_SAVED),
        ("c" * 16 + "b" * 16, CommitOutcome.NOT_SAVED),
        ("c" * 16 + "d" * 16, CommitOutcome.UNKNOWN),
        ("", CommitOutcome.NOT_SAVED),
    ],
)
def test_others_may_have_written_meanwhile(
    tmp_path: Path, recent_writes: str, expected: CommitOutcome
) -> None:
    """Where the mark before ours is pushed out as well, ours may have been there."""
    path = tmp_path / "asked.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE store_info (recent_writes)")
        db.execute("INSERT INTO store_info VALUES (?)", (recent_writes,))
    db.close()
    error = sqlite3.OperationalError("disk I/O error")
    found = commit_outcome.after_failed_commit(
        error, Mark("a" * 16, "b" * 16), lambda: sqlite3.connect(path)
    )
    assert found is expected


@pytest.mark.parametrize("name", ["SQLITE_IOERR", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_ERROR"])
def test_nothing_is_claimed_of_a_command_that_has_saved_before(name: str) -> None:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorname = name
    alone, later = refusal(error), refusal(error, after_another=True)
    assert (alone.exit_code, later.exit_code, later.code) == (7, 5, alone.code)
    assert "nothing was" in said(alone)[0]
    assert "nothing was" not in said(later)[0]
    assert "assign list" in said(later)[1]
