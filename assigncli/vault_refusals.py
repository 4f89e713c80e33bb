"""Why a vault cannot be used, told from what the system says of its file.

Nothing here opens a vault.
"""

from __future__ import annotations

import errno

from assigncli.errors import VaultUnavailable
from assigncli.locale import _


def explained(error: OSError, *, writing: bool) -> VaultUnavailable:
    """Return our error for one of the system's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return VaultUnavailable(
            _("The disk is full, so the vault could not be changed."),
            _("Free some room, then try again."),
            code="disk_full",
        )
    if writing and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return VaultUnavailable(
            _("The vault may only be read here, so it was not changed."),
            _("Check the permissions of the vault file and its folder."),
            code="store_read_only",
        )
    return out_of_reach()


def busy() -> VaultUnavailable:
    """Return the refusal to wait any longer for another writer."""
    return VaultUnavailable(
        _("The vault is busy: another program has held it for too long."),
        _("Try again in a minute."),
        code="store_busy",
    )


def damaged() -> VaultUnavailable:
    """Return the refusal of a vault with a slot that is neither live nor deleted."""
    return VaultUnavailable(
        _("The vault file is damaged."),
        _("Restore it, or ask your operator."),
        code="vault_damaged",
    )


def not_ours() -> VaultUnavailable:
    """Return the refusal of a file that is no vault, or not known as one any more."""
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
