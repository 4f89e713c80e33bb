"""The record of processing names every column of a real store, and what each is kept for."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from assigncli.server import register as module
from assigncli.server.register import KeptData, register
from assigncli.server.store.stored_columns import stored_columns
from assigncli.words.register import REGISTER
from tests.office import Office


def test_every_column_of_a_store_has_one_kind_of_data(office: Office) -> None:
    with closing(sqlite3.connect(office.store)) as db:
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = ?", ("table",))
        ]
        there = {
            f"{table}.{column}"
            for table in tables
            if not table.startswith(("sqlite_", "alembic_"))
            for (column,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))
        }
    named = [field for each in register() for field in each.fields]
    assert sorted(named) == sorted(there)


def test_a_new_column_without_a_purpose_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = stored_columns()
    more = {**columns, "members": (*columns["members"], "shoe_size")}
    monkeypatch.setattr(module, "stored_columns", lambda: more)
    with pytest.raises(LookupError, match=re.escape("members.shoe_size has no purpose")):
        register()


def test_no_kind_names_a_column_that_is_not_there_or_one_twice() -> None:
    columns = stored_columns()
    named = [
        (table, column)
        for tables in module._KINDS.values()
        for table, those in tables.items()
        for column in those.split()
    ]
    assert len(set(named)) == len(named)
    assert {pair for pair in named if pair[1] not in columns.get(pair[0], ())} == set()


def test_each_kind_is_described() -> None:
    assert [each.kind for each in register()] == list(REGISTER)
    assert KeptData("brief", ("assignments.encrypted_payload",)) in register()


def test_it_is_said_without_a_profile_and_all_of_it_in_json(machine: Office) -> None:
    said = machine.ok("privacy register", profile=None).stdout
    assert "What: The brief: name, address, telephone and health\n" in said
    assert "Stored in" not in said
    full = machine.ok("privacy register --full", profile=None).stdout
    assert "Stored in: assignments: encrypted_payload\n" in full
    assert max(map(len, full.splitlines())) <= 160
    found = machine.ok("privacy register --json", profile=None).json["register"]
    assert [each["kind"] for each in found] == list(REGISTER)
    for each in found:
        assert each.keys() == {
            *("kind", "concerns", "purpose", "retention", "recipients", "fields"),
        }
        assert all(each.values())
    fields = [field for each in found for field in each["fields"]]
    assert "members.display_name" in fields
    assert len(fields) == sum(map(len, stored_columns().values()))
    assert not machine.home.exists()
