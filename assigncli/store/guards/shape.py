"""How a guard is written: a trigger that refuses, by the name of the rule it holds.

Guards use plain SQL only - no function of ours, no foreign key, no pragma - because they must hold
against any program that opens the file. They never repair or fill in anything.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own constants, never from input

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """What guards hold besides the rules of SPEC section 4."""

    ALREADY_EXISTS = "already_exists"
    APPEND_ONLY = "append_only"
    AUDIT_CHAIN = "audit_chain"
    CYCLE_STATUS = "reporting_cycle_status"
    CYCLES_OVERLAP = "reporting_cycles_overlap"
    IMPORT_KEY_EXISTS = "import_key_exists"
    KEY_WRAPS_MATCH = "key_wraps_match"
    TITLE_INVALID = "title_invalid"


@dataclass(frozen=True)
class Guard:
    """One trigger: its name, the rule whose name it raises, its whole SQL text."""

    name: str
    rule: str
    sql: str


_DIGIT: Final = "[0-9]"
_MOMENT: Final = (
    f"{_DIGIT * 4}-[01]{_DIGIT}-[0-3]{_DIGIT}T[0-2]{_DIGIT}:[0-5]{_DIGIT}:[0-5]{_DIGIT}"
    f".{_DIGIT * 6}Z"
)


def refuse(name: str, rule: StrEnum, event: str, condition: str) -> Guard:
    """Return the guard that raises `rule` when `event` meets `condition`."""
    sql = (
        f"CREATE TRIGGER {name} {event}\n"
        f"WHEN {condition}\n"
        f"BEGIN SELECT RAISE(ABORT, '{rule.value}'); END"
    )
    return Guard(name, rule.value, sql)


def is_moment(expression: str) -> str:
    """Return the test that `expression` is a UTC moment in the store's one fixed-width form."""
    return f"coalesce({expression} GLOB '{_MOMENT}', 0)"


def listed(words: Iterable[str]) -> str:
    """Return a stable SQL list of the words."""
    return ", ".join(f"'{word}'" for word in sorted(words))


def changed(*columns: str) -> str:
    """Return the test that an UPDATE gives one of the columns another value."""
    return " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)


def one_of(*tests: str) -> str:
    """Return the alternative of the tests, one a line."""
    return "(" + "\n  OR ".join(tests) + ")"


def unreplaceable(table: str, rule: StrEnum, *keys: tuple[str, ...]) -> tuple[Guard, ...]:
    """Refuse a row whose key is taken: INSERT OR REPLACE would delete without a DELETE trigger.

    The hidden rowid is a key too. It is -1 in a BEFORE trigger while SQLite has yet to choose it,
    so that no row may be kept under a number below 1.
    """
    taken = [
        f"EXISTS (SELECT 1 FROM {table} WHERE "
        + " AND ".join(f"{column} = NEW.{column}" for column in key)
        + ")"
        for key in (("rowid",), *keys)
    ]
    return (
        refuse(f"{table}_no_replace", rule, f"BEFORE INSERT ON {table}", one_of(*taken)),
        refuse(f"{table}_rowid", rule, f"AFTER INSERT ON {table}", "NEW.rowid < 1"),
    )


def fixed(table: str, rule: StrEnum, *columns: str) -> Guard:
    """Refuse that the columns, or the hidden rowid, ever change."""
    return refuse(f"{table}_fixed", rule, f"BEFORE UPDATE ON {table}", changed("rowid", *columns))


def undeletable(table: str) -> Guard:
    """Refuse every DELETE."""
    return refuse(f"{table}_no_delete", Code.APPEND_ONLY, f"BEFORE DELETE ON {table}", "1")


def append_only(table: str, *keys: tuple[str, ...]) -> tuple[Guard, ...]:
    """Refuse everything but new rows."""
    return (
        *unreplaceable(table, Code.APPEND_ONLY, *keys),
        refuse(f"{table}_no_update", Code.APPEND_ONLY, f"BEFORE UPDATE ON {table}", "1"),
        undeletable(table),
    )
