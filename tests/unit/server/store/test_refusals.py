"""Each of SQLite's errors as one of ours."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import IntegrityError

from assigncli.domain.rules import GUARDED
from assigncli.errors import RuleRefused, StoreUnavailable
from assigncli.server.store.guard_refusals import refusal
from assigncli.words.errors import said
from assigncli.words.guards import GUARDS
from tests.quick import all_in_one


def driver_error(name: str, text: str = "secret value") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorname = name
    return error


@all_in_one(
    ("name", "code"),
    [
        ("SQLITE_BUSY", "store_busy"),
        ("SQLITE_BUSY_SNAPSHOT", "store_busy"),
        ("SQLITE_LOCKED", "store_busy"),
        ("SQLITE_READONLY_DIRECTORY", "store_read_only"),
        ("SQLITE_READONLY_ROLLBACK", "store_read_only"),
        ("SQLITE_FULL", "disk_full"),
        ("SQLITE_IOERR_WRITE", "store_io"),
        ("SQLITE_NOTADB", "store_not_ours"),
        ("SQLITE_CORRUPT_INDEX", "store_damaged"),
        ("SQLITE_CANTOPEN", "store_unreachable"),
        ("SQLITE_ERROR", "store_refused"),
        ("", "store_refused"),
    ],
)
def test_an_unreachable_store_has_its_code_and_no_value(name: str, code: str) -> None:
    ours = refusal(driver_error(name))
    assert isinstance(ours, StoreUnavailable)
    assert ours.code == code
    assert "secret" not in f"{ours} {ours.facts} {said(ours)}"


@all_in_one("rule", sorted(GUARDED))
@all_in_one("text", ["{}", "CHECK constraint failed: {}"])
def test_a_rule_is_named_by_its_code(rule: str, text: str) -> None:
    error = IntegrityError("", None, sqlite3.IntegrityError(text.format(rule)))
    ours = refusal(error)
    assert isinstance(ours, RuleRefused)
    assert (ours.code, said(ours)[0]) == (rule, GUARDS[f"{rule}.guard"][0])


def test_a_taken_name_already_exists() -> None:
    error = sqlite3.IntegrityError("UNIQUE constraint failed: members.handle")
    assert refusal(error).code == "already_exists"


def test_an_unknown_constraint_is_refused_without_its_text() -> None:
    error = sqlite3.IntegrityError("CHECK constraint failed: number_positive")
    assert refusal(error).code == "store_refused"
