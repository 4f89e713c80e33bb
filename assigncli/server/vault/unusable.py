"""The errors for a vault that cannot be used, and the system errors they stand for.

No vault is opened here.
"""

from __future__ import annotations

import errno

from assigncli.errors import VaultUnavailable


def explained(error: OSError, *, writing: bool) -> VaultUnavailable:
    """Return our error for one of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return VaultUnavailable("disk_full", "vault")
    if writing and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return VaultUnavailable("store_read_only", "vault")
    return out_of_reach()


def busy() -> VaultUnavailable:
    """Return the error for another writer that kept the vault too long."""
    return VaultUnavailable("store_busy", "vault")


def damaged() -> VaultUnavailable:
    """Return the error for a slot that is neither live nor deleted."""
    return VaultUnavailable("vault_damaged")


def not_ours() -> VaultUnavailable:
    """Return the error for a file that is not a vault of this version."""
    return VaultUnavailable("vault_not_ours")


def out_of_reach() -> VaultUnavailable:
    """Return the error for a vault that cannot be reached, for any other reason."""
    return VaultUnavailable("vault_out_of_reach")
