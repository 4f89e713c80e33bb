"""Column types: a moment, and a word from a closed list. They refuse what they cannot keep exactly.

Also how a closed list of words and a partial index are declared, and `unindexed`, for a query that
must not use a certain index.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import CheckConstraint, ColumnElement, Dialect, Index, String, func, text
from sqlalchemy.orm import Mapped
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as fixed-width ISO 8601 text so that text order is time order."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write `value` as UTC; raises ValueError for a naive datetime."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Read an aware UTC datetime back."""
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


def moment_text(value: datetime) -> str:
    """Return `value` as the database keeps it; raises ValueError for a naive datetime."""
    if value.tzinfo is None:
        raise ValueError("a naive datetime reached the store")
    # Unlike strftime, this gives years four digits on every system; it also takes a fifth of the
    # time.
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class WordColumn(TypeDecorator[StrEnum]):
    """A member of a closed list of words, kept as the word itself."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Write the word; raises ValueError for one that is not on the list."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        """Read the word back; raises ValueError for one that is not on the list."""
        return None if value is None else self.words(value)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Return the constraint that a column holds one of the words."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def partial(name: str, *columns: str, where: str) -> Index:
    """Return an index of some rows; a query uses it only if it repeats `where` word for word."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def unindexed(column: Mapped[T]) -> ColumnElement[T]:
    """Return the column's value in a form that no index has, in every dialect."""
    return func.coalesce(column, column)
