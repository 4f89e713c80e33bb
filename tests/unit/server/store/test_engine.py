"""Opening the store, its transactions, and each way it is out of reach."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from assigncli.errors import RuleRefused, StoreUnavailable
from assigncli.server.store.engine import APPLICATION_ID, Store
from assigncli.server.store.tables import Organization, StoreInfo
from assigncli.words.errors import said

from .conftest import NOW

posix = pytest.mark.skipif(os.name != "posix", reason="folder modes are POSIX only")


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(StoreUnavailable) as caught:
        yield
    assert caught.value.code == code
    assert said(caught.value)[0].endswith(".")
    assert said(caught.value)[1].endswith(".")


def organization(name: str = "Synforeningen") -> Organization:
    return Organization(
        id=uuid4(),
        name=name,
        name_salt=bytes(16),
        name_key=name,
        time_zone="Europe/Oslo",
        root_public_key=bytes(32),
        created_at=NOW,
    )


def names(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.exec(select(Organization.name)))


def interrupted(store: Store) -> None:
    with store.write() as tx:
        tx.add(organization("lost"))
        tx.flush()
        raise KeyboardInterrupt


def added_twice(store: Store, one: Organization) -> None:
    with store.write() as tx:
        tx.add(one)
        tx.flush()
        tx.expunge(one)
        tx.add(Organization(**one.model_dump()))


def pragma(store: Store, name: str) -> object:
    with store.read() as tx:
        return tx.connection().exec_driver_sql(f"PRAGMA {name}").scalar()


@posix
def test_create_makes_a_private_file_in_a_private_folder(tmp_path: Path) -> None:
    path = tmp_path / "home" / "org" / "store.db"
    with Store.create(path, now=NOW) as store:
        assert pragma(store, "application_id") == APPLICATION_ID
        with store.read() as tx:
            assert tx.exec(select(StoreInfo)).one().created_at == NOW
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert all(beside.stat().st_mode & 0o777 == 0o600 for beside in path.parent.iterdir())


def test_create_never_overwrites(store_path: Path) -> None:
    before = store_path.read_bytes()
    with refused("store_exists"):
        Store.create(store_path, now=NOW)
    assert store_path.read_bytes() == before


def test_create_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "home" / "store.db"
    with pytest.raises(Exception, match="naive"):
        Store.create(path, now=datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test
    assert list(path.parent.iterdir()) == []


@posix
def test_create_refuses_a_wide_folder(tmp_path: Path) -> None:
    folder = tmp_path / "wide"
    folder.mkdir(mode=0o755)
    with refused("store_unsafe"):
        Store.create(folder / "store.db", now=NOW)
    assert list(folder.iterdir()) == []


def test_every_connection_has_the_pragmas(store: Store) -> None:
    expected = {
        "journal_mode": "truncate",
        "synchronous": 3,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "temp_store": 2,
        "busy_timeout": 200,
    }
    assert {name: pragma(store, name) for name in expected} == expected


def test_write_commits_at_the_end_and_rolls_back_on_an_exception(store: Store) -> None:
    with store.write() as tx:
        tx.add(organization("kept"))
    with pytest.raises(KeyboardInterrupt):
        interrupted(store)
    assert names(store) == ["kept"]


def test_a_read_cannot_write(store: Store) -> None:
    with refused("store_read_only"), store.read() as tx:
        tx.add(organization())
        tx.flush()
    with store.write() as tx:
        tx.add(organization("after"))
    assert names(store) == ["after"]


def test_a_read_sees_one_state_while_another_writes(store: Store, store_path: Path) -> None:
    with Store.open(store_path, busy_seconds=0.1) as other, store.read() as tx:
        assert list(tx.exec(select(Organization.name))) == []
        with refused("store_busy"), other.write() as second:
            second.add(organization())
        assert list(tx.exec(select(Organization.name))) == []


def test_transactions_do_not_nest(store: Store) -> None:
    with store.read(), pytest.raises(RuntimeError, match="nest"), store.write():
        pass


def test_a_second_writer_waits_and_is_told(store: Store, store_path: Path) -> None:
    with Store.open(store_path, busy_seconds=0.1) as other, store.write():
        with refused("store_busy"), other.write():
            pass
        assert names(other) == []


def test_values_stay_out_of_errors(store: Store) -> None:
    with pytest.raises(RuleRefused) as caught:
        added_twice(store, organization("Hemmelig Navn"))
    assert caught.value.code == "already_exists"
    assert caught.value.__cause__ is None
    assert (
        "Hemmelig" not in f"{caught.value.facts} {said(caught.value)} {caught.value.__context__!r}"
    )


def test_open_never_creates(tmp_path: Path) -> None:
    path = tmp_path / "home" / "store.db"
    with refused("store_missing"):
        Store.open(path)
    assert list(tmp_path.iterdir()) == []


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, None, "folder"])
def test_open_refuses_what_is_not_ours(tmp_path: Path, content: bytes | str | None) -> None:
    tmp_path.chmod(0o700)
    path = tmp_path / "store.db"
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        foreign(path)
    before = sorted(tmp_path.iterdir())
    with refused("store_not_ours"):
        Store.open(path)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("revision", "code"),
    [("9999", "store_newer"), ("abcdef", "store_newer"), (None, "store_damaged")],
)
def test_open_names_another_version(
    raw: sqlite3.Connection, store_path: Path, revision: str | None, code: str
) -> None:
    if revision is None:
        raw.execute("DELETE FROM alembic_version")
    else:
        raw.execute("UPDATE alembic_version SET version_num = ?", [revision])
    with refused(code):
        Store.open(store_path)
    if code == "store_newer":
        with Store.inspect(store_path) as store, refused(code):
            store.upgrade()


def test_open_names_the_upgrade_for_an_older_store(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assigncli.server.store.engine.HEAD", "0002")
    with pytest.raises(StoreUnavailable) as caught:
        Store.open(store_path)
    assert caught.value.code == "store_older"
    assert "assign store upgrade" in said(caught.value)[1]


def test_upgrade_of_a_current_store_changes_nothing(store_path: Path) -> None:
    before = store_path.read_bytes()
    with Store.inspect(store_path) as store:
        assert store.upgrade() == store.schema_version()
    assert store_path.read_bytes()[100:] == before[100:]


def test_open_says_that_a_damaged_store_is_damaged(store_path: Path) -> None:
    content = bytearray(store_path.read_bytes())
    content[100:4096] = bytes(3996)
    store_path.write_bytes(content)
    with refused("store_damaged"):
        Store.open(store_path)


@posix
@pytest.mark.parametrize(("place", "mode"), [("folder", 0o750), ("file", 0o640), ("file", 0o604)])
def test_open_refuses_wide_permissions(store_path: Path, place: str, mode: int) -> None:
    (store_path if place == "file" else store_path.parent).chmod(mode)
    with refused("store_unsafe"):
        Store.open(store_path)
    with Store.inspect(store_path) as store:
        assert store.schema_version()


@posix
def test_open_follows_a_link_to_the_folder_it_leads_to(store_path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(store_path)
    Store.open(link).close()
    store_path.parent.chmod(0o755)
    with refused("store_unsafe"):
        Store.open(link)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_open_refuses_a_file_of_another_user(store_path: Path) -> None:
    os.chown(store_path, 12345, -1)
    with refused("store_unsafe"):
        Store.open(store_path)


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c%20 æ;" / "sto're.db"
    Store.create(path, now=NOW).close()
    with Store.open(path) as store:
        assert names(store) == []
