"""Why a vault cannot be used, told from what SQLite says of it.

Nothing here opens a vault.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from assigncli import ballast
from assigncli.errors import AssignError, Tampered, VaultUnavailable
from assigncli.locale import _

SHARE_MISSING: Final = "share_missing"
"""The code of the refusal of a share that is deleted."""


def explained(error: sqlite3.Error, folder: Path) -> AssignError:
    """Return our error for one of SQLite's; `folder` is where the vault is."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return VaultUnavailable(
            _("The vault is busy: another program has held it for too long."),
            _("Try again in a minute."),
            code="store_busy",
        )
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return not_ours()
    # SQLite says "full" of a failed write only: not of a quota, a sync or a journal to be made.
    maybe_full = name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN"))
    if name.startswith("SQLITE_FULL") or (maybe_full and ballast.is_full(folder)):
        return VaultUnavailable(
            _("The disk is full, so the vault could not be changed."),
            _("Free some room, then try again."),
            code="disk_full",
        )
    if name.startswith("SQLITE_READONLY"):
        return VaultUnavailable(
            _("The vault may only be read here, so it was not changed."),
            _("Check the permissions of the vault file and its folder."),
            code="store_read_only",
        )
    return out_of_reach()


def share_missing(number: int) -> VaultUnavailable:
    """Return the refusal of a share that is deleted, or is to be."""
    return VaultUnavailable(
        _("The brief of assignment {number} is deleted.").format(number=number),
        _("Ask your coordinator for a new assignment."),
        code=SHARE_MISSING,
    )


def other_share(number: int) -> Tampered:
    """Return the error for a share that is not the one committed to."""
    return Tampered(
        _("The vault holds another key for assignment {number}.").format(number=number),
        _("Tell your administrator: the vault has been changed."),
        code="share_mismatch",
    )


def not_ours() -> VaultUnavailable:
    """Return the refusal of a file that is damaged or no vault."""
    return VaultUnavailable(
        _("The vault file is damaged, or not a vault of this tool."),
        _("Check which file the profile names, or restore the vault."),
        code="vault_not_ours",
    )


def out_of_reach() -> VaultUnavailable:
    """Return the refusal of a vault that cannot be reached, for whatever reason."""
    return VaultUnavailable(
        _("The vault cannot be reached."),
        _("Check that its disk or network share is connected, and try again."),
        code="vault_out_of_reach",
    )
