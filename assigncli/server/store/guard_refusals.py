"""Turn the database's errors into ours: a rule's name, or why the store is unavailable.

Nothing of the driver's text is passed on except names of constraints and triggers, which are ours.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from assigncli.domain.rules import GUARDED
from assigncli.errors import (
    AssignError,
    OutcomeUnknown,
    PartlySaved,
    RuleRefused,
    StoreUnavailable,
    Tampered,
)

_CHECK_FAILED: Final = re.compile(r"CHECK constraint failed: (\w+)")
_TAKEN: Final = ("UNIQUE constraint failed", "PRIMARY KEY constraint failed")

_OUT_OF_REACH: Final = {
    "SQLITE_BUSY": "store_busy",
    "SQLITE_READONLY": "store_read_only",
    "SQLITE_FULL": "disk_full",
    "SQLITE_IOERR": "store_io",
    "SQLITE_NOTADB": "store_not_ours",
    "SQLITE_CORRUPT": "store_damaged",
    "SQLITE_CANTOPEN": "store_unreachable",
}
"""Our code by SQLite's error name.

Each has two sentences: one where the command has saved nothing yet, and `later` where it has.
"""
_REFUSED: Final = "store_refused"
CODES: Final = frozenset((*_OUT_OF_REACH.values(), _REFUSED))
_OTHER_NAMES: Final = {
    "SQLITE_LOCKED": "SQLITE_BUSY",
    "SQLITE_PROTOCOL": "SQLITE_BUSY",
    "SQLITE_PERM": "SQLITE_READONLY",
    "SQLITE_AUTH": "SQLITE_READONLY",
    "SQLITE_NOLFS": "SQLITE_FULL",
    "SQLITE_FORMAT": "SQLITE_CORRUPT",
}


def refusal(error: DBAPIError | sqlite3.Error, *, after_another: bool = False) -> AssignError:
    """Return our error for one of the driver's, where nothing of its transaction is saved.

    `after_another` means that an earlier transaction of the same command was saved, so that the
    message must not say that nothing was changed. A guard's or a constraint's refusal gives
    RuleRefused with the rule's name, anything else StoreUnavailable, `store_refused` where nothing
    more is known. Raise it `from None`.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    rule = _rule_in(str(cause))
    if rule is not None:
        return RuleRefused(rule, "guard")
    return _out_of_reach(getattr(cause, "sqlite_errorname", None) or "", after_another)


def outcome_unknown(*, after_another: bool = False) -> OutcomeUnknown:
    """Return the error for a failed COMMIT whose outcome cannot be read from the store.

    `after_another` as in `refusal`.
    """
    if after_another:
        return OutcomeUnknown("store_outcome_unknown", "later")
    return OutcomeUnknown("store_outcome_unknown")


def _rule_in(text: str) -> str | None:
    if text.startswith(_TAKEN):
        return "already_exists"
    found = _CHECK_FAILED.match(text)
    name = found[1] if found else text
    return name if name in GUARDED else None


def _out_of_reach(name: str, after_another: bool) -> StoreUnavailable:
    """Return the error for SQLite's error name; an extended name counts by its first two words."""
    if name in ("SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY"):
        return StoreUnavailable("store_read_only", "unfinished")
    primary = "_".join(name.split("_")[:2])
    code = _OUT_OF_REACH.get(_OTHER_NAMES.get(primary, primary), _REFUSED)
    if after_another:
        return PartlySaved(code, "later")
    return StoreUnavailable(code)


def column_unreadable() -> Tampered:
    """Return the error for a column with a value that no program of ours writes."""
    return Tampered("store_damaged", "column")
