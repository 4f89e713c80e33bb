"""Why a vault cannot be used, told from what the system says of its file.

Nothing here opens a vault.
"""

from __future__ import annotations

import errno

from assigncli.errors import VaultUnavailable


def explained(error: OSError, *, writing: bool) -> VaultUnavailable:
    """Return our error for one of the system's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return VaultUnavailable("disk_full", "vault")
    if writing and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return VaultUnavailable("store_read_only", "vault")
    return out_of_reach()


def busy() -> VaultUnavailable:
    """Return the refusal to wait any longer for another writer."""
    return VaultUnavailable("store_busy", "vault")


def damaged() -> VaultUnavailable:
    """Return the refusal of a vault with a slot that is neither live nor deleted."""
    return VaultUnavailable("vault_damaged")


def not_ours() -> VaultUnavailable:
    """Return the refusal of a file that is no vault, or not known as one any more."""
    return VaultUnavailable("vault_not_ours")


def out_of_reach() -> VaultUnavailable:
    """Return the refusal of a vault that cannot be reached, for whatever reason."""
    return VaultUnavailable("vault_out_of_reach")
