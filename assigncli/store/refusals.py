"""The database's refusals, told as ours: a rule's name, or why the store is out of reach.

Nothing of the driver's text is passed on but names of constraints and triggers, which are ours.
"""

from __future__ import annotations

import re
import sqlite3
from enum import StrEnum
from typing import Final

from sqlalchemy.exc import DBAPIError

from assigncli.domain.sentences import SENTENCES
from assigncli.errors import (
    AssignError,
    OutcomeUnknown,
    PartlySaved,
    RuleRefused,
    StoreUnavailable,
    Tampered,
)
from assigncli.locale import N_, _


class Code(StrEnum):
    """What the database refuses besides the rules of SPEC section 4; each has its sentence."""

    ALREADY_EXISTS = "already_exists"
    APPEND_ONLY = "append_only"
    AUDIT_CHAIN = "audit_chain"
    CYCLE_STATUS = "reporting_cycle_status"
    CYCLES_OVERLAP = "reporting_cycles_overlap"
    IMPORT_KEY_EXISTS = "import_key_exists"
    KEY_WRAPS_MATCH = "key_wraps_match"
    TITLE_INVALID = "title_invalid"


_CHECK_FAILED: Final = re.compile(r"CHECK constraint failed: (\w+)")
_TAKEN: Final = ("UNIQUE constraint failed", "PRIMARY KEY constraint failed")

_CHECK_STORE: Final = N_("Run assign store check and tell your administrator what it says.")
_OUT_OF_REACH: Final[dict[str, tuple[str, str, str, str]]] = {
    "SQLITE_BUSY": (
        "store_busy",
        N_("The store is in use by another program."),
        N_("The store is in use by another program."),
        N_("Try again in a moment; close other programs that hold the file if it lasts."),
    ),
    "SQLITE_READONLY": (
        "store_read_only",
        N_("The store is read-only, so nothing was written."),
        N_("The store has become read-only."),
        N_("Make the store's file and folder writable for you, then try again."),
    ),
    "SQLITE_FULL": (
        "disk_full",
        N_("The disk is full, so nothing was written."),
        N_("The disk is full."),
        N_("Free some space, then run the command again."),
    ),
    "SQLITE_IOERR": (
        "store_io",
        N_("The store could not be read from or written to its disk, so nothing was changed."),
        N_("The store could not be read from or written to its disk."),
        N_("Check that the disk has space left and is connected, then run the command again."),
    ),
    "SQLITE_NOTADB": (
        "store_not_ours",
        N_("This file is not a store of this program."),
        N_("This file is not a store of this program."),
        N_("Check the path of the store in your profile."),
    ),
    "SQLITE_CORRUPT": (
        "store_damaged",
        N_("The store is damaged."),
        N_("The store is damaged."),
        N_("Stop all use, copy your last backup back in its place, and run assign store check."),
    ),
    "SQLITE_CANTOPEN": (
        "store_unreachable",
        N_("The store, or the journal beside it, could not be opened."),
        N_("The store, or the journal beside it, could not be opened."),
        N_("Check that its folder is there and writable for you, then try again."),
    ),
}
"""By SQLite's name: our code, what is wrong where the command has saved nothing yet, what is wrong
where it has, and what to do."""
_REFUSED: Final = (
    "store_refused",
    N_("The store refused what was asked of it, and nothing was changed."),
    N_("The store refused what was asked of it."),
    _CHECK_STORE,
)
_SAVED_BEFORE: Final = N_(
    "An earlier step of this command is saved. Run assign list before you try again; as a mentor, "
    "run assign inbox."
)
_UNFINISHED: Final = (
    N_("A write was interrupted and must be undone first, but the store is read-only here."),
    N_("Run any command once where the store's file and folder are writable for you."),
)
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

    `after_another` says that an earlier transaction of the same command was saved, so that it
    cannot be said that nothing was changed. A guard's or a constraint's refusal gives RuleRefused
    with the rule's name, all else StoreUnavailable, `store_refused` where nothing better is known.
    Raise it `from None`.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    rule = _rule_in(str(cause))
    if rule is not None:
        message, hint = SENTENCES[rule]
        return RuleRefused(rule, _(message), _(hint))
    return _out_of_reach(getattr(cause, "sqlite_errorname", None) or "", after_another)


def outcome_unknown(*, after_another: bool = False) -> OutcomeUnknown:
    """Return what is said where COMMIT failed and the store cannot be asked what it holds.

    `after_another` as in `refusal`.
    """
    return OutcomeUnknown(
        _("An earlier step of this command is saved. Whether the last one is, is not known.")
        if after_another
        else _("It is not known whether this was saved."),
        _("Run assign list before you try again; as a mentor, run assign inbox."),
        code="store_outcome_unknown",
    )


def _rule_in(text: str) -> str | None:
    if text.startswith(_TAKEN):
        return "already_exists"
    found = _CHECK_FAILED.match(text)
    name = found[1] if found else text
    return name if name in SENTENCES else None


def _out_of_reach(name: str, after_another: bool) -> StoreUnavailable:
    """Choose by SQLite's name of the error, its longer ones by what they begin with."""
    if name in ("SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY"):
        message, hint = _UNFINISHED
        return StoreUnavailable(_(message), _(hint), code="store_read_only")
    primary = "_".join(name.split("_")[:2])
    code, alone, later, hint = _OUT_OF_REACH.get(_OTHER_NAMES.get(primary, primary), _REFUSED)
    if after_another:
        return PartlySaved(_(later), _(_SAVED_BEFORE), code=code)
    return StoreUnavailable(_(alone), _(hint), code=code)


def column_unreadable() -> Tampered:
    """Return the refusal to go on where a column holds what no program of ours writes there."""
    return Tampered(
        _("The store holds a value that cannot be read."),
        _("Keep a copy of the store as it is, and run assign audit verify."),
        code="store_damaged",
    )
